//! Plans of floats against the definitions: bit for bit, with all instructions of this processor.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod float_common;

use float_common::{Chance, Sketch, Spread};
use proptest::prelude::*;
use sfumato_engine::float::{Instructions, Order, Plan};
use sfumato_engine::{Geometry, OneThread, Shape, Workers};

/// Two threads, started for each job: slow, but really side by side.
struct TwoThreads;

impl Workers for TwoThreads {
    const COUNT: usize = 2;

    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        std::thread::scope(|scope| {
            scope.spawn(second);
            first();
        });
    }
}

fn run<W: Workers>(plan: &mut Plan, workers: &W, input: &[f32]) -> Vec<Vec<f32>> {
    let mut outputs: Vec<Vec<f32>> = plan.outputs().map(|count| vec![9.0; count]).collect();
    let mut views: Vec<&mut [f32]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
    plan.run_on(workers, &[input], &mut views).unwrap();
    outputs
}

/// Compares bits; zeros of different sign are different.
fn assert_same(sketch: &Sketch, chance: &mut Chance) {
    let inputs: Vec<Vec<f32>> = (0..2).map(|_| sketch.random_input(chance)).collect();
    let expected: Vec<_> = inputs.iter().map(|input| sketch.outputs(input)).collect();
    let bits = |outputs: &[Vec<f32>]| -> Vec<Vec<u32>> {
        let bits = |output: &Vec<f32>| output.iter().map(|number| number.to_bits()).collect();
        outputs.iter().map(bits).collect()
    };
    for instructions in Instructions::all() {
        let mut plan = sketch.builder().build(instructions).unwrap();
        // The second run must not see anything of the first.
        for (input, expected) in inputs.iter().zip(&expected) {
            let found = run(&mut plan, &OneThread, input);
            let name = instructions.name();
            assert!(bits(&found) == bits(expected), "{name}: {sketch:?}");
            let found = run(&mut plan, &TwoThreads, input);
            assert!(bits(&found) == bits(expected), "{name}, two: {sketch:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, ..ProptestConfig::default() })]

    #[test]
    fn random_networks(seed in any::<u64>(), length in 1usize..12) {
        let mut chance = Chance(seed, Spread::Even);
        let sketch = Sketch::random(&mut chance, length);
        assert_same(&sketch, &mut chance);
    }

    #[test]
    fn first_layers_of_pictures(
        seed in any::<u64>(),
        (height, width) in (5usize..40, 5usize..60),
        (colours, channels) in (1usize..5, 1usize..50),
        kernel in 1usize..6,
        stride in 1usize..3,
        padding in proptest::array::uniform4(0usize..5),
    ) {
        let mut chance = Chance(seed, Spread::Even);
        let mut sketch = Sketch::new(Shape::new(height, width, colours));
        let padding = padding.map(|border| border.min(kernel - 1));
        let layer = sketch.convolution(
            &mut chance, 0, Geometry { kernel, stride, padding }, channels,
        );
        let block = sketch.block(&mut chance, layer, 1, 3);
        sketch.outputs = vec![(vec![layer], Order::Planes), (vec![block], Order::Pixels)];
        assert_same(&sketch, &mut chance);
    }

    #[test]
    fn every_size_of_tile_and_group(
        seed in any::<u64>(),
        (height, width) in (1usize..9, 1usize..30),
        (inputs, outputs) in (1usize..70, 1usize..200),
    ) {
        let mut chance = Chance(seed, Spread::Even);
        let mut sketch = Sketch::new(Shape::new(height, width, inputs));
        let layer = sketch.convolution(&mut chance, 0, Geometry::POINT, outputs);
        sketch.outputs = vec![(vec![layer], Order::Pixels)];
        assert_same(&sketch, &mut chance);
    }
}

#[test]
fn a_block_is_one_step() {
    let mut chance = Chance(1, Spread::Even);
    let mut sketch = Sketch::new(Shape::new(16, 16, 3));
    let layer = sketch.convolution(&mut chance, 0, Geometry::centred(3, 1), 16);
    let block = sketch.block(&mut chance, layer, 2, 16);
    let block = sketch.block(&mut chance, block, 1, 0);
    sketch.outputs = vec![(vec![block], Order::Pixels)];
    let plan = sketch.builder().build(Instructions::best()).unwrap();
    let names: Vec<&str> = plan.steps().map(|(name, ..)| name).collect();
    assert_eq!(names, ["planar", "separable", "separable"]);
    // Five tensors live one after the other: at most two at a time, with their borders.
    let largest = 18 * 18 * 16 * 4;
    assert!(plan.arena_bytes() < 2 * largest, "{}", plan.arena_bytes());
}
