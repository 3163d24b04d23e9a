//! Every processor gives the bytes of the plain definition.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{Answer, Chance, Spread, random_head, random_inputs, random_network, room, views};
use proptest::prelude::*;
use sfumato_engine::{
    Activation, Builder, FixedPoint, Geometry, Input, Instructions, Plan, Quantisation, Shape,
    Weights, Workers,
};

/// [`same`] for a network whose inputs are bytes.
fn check(builder: Builder, chance: &mut Chance, heads: usize) -> Vec<&'static str> {
    let plan = builder.clone().build(Instructions::PLAIN).unwrap();
    let inputs: Vec<Vec<u8>> = plan
        .inputs()
        .map(|shape| chance.bytes(shape.len()))
        .collect();
    let inputs: Vec<Input<'_>> = inputs.iter().map(Input::from).collect();
    same(builder, &inputs, heads)
}

/// Runs a network with all instructions there are, on one worker and on two.
///
/// The answer names the kernels that vectors without dot products use, where the processor has any.
fn same(builder: Builder, inputs: &[Input<'_>], heads: usize) -> Vec<&'static str> {
    let run = |instructions: Instructions, workers: bool| -> Vec<Answer> {
        let mut plan = builder.clone().build(instructions).unwrap();
        let mut answers = room(&plan, heads);
        if workers {
            plan.run_on(&Backwards, inputs, &mut views(&mut answers))
                .unwrap();
        } else {
            plan.run(inputs, &mut views(&mut answers)).unwrap();
        }
        answers
    };
    let plan = builder
        .clone()
        .build(vectors().unwrap_or(Instructions::PLAIN))
        .unwrap();
    let expected = run(Instructions::PLAIN, false);
    for instructions in Instructions::all() {
        assert_eq!(run(instructions, false), expected, "{instructions:?}");
        assert_eq!(run(instructions, true), expected, "{instructions:?}");
    }
    plan.kernels().map(|(name, _)| name).collect()
}

/// AVX2 or NEON and nothing more.
fn vectors() -> Option<Instructions> {
    named("avx2").or(named("neon"))
}

fn named(name: &str) -> Option<Instructions> {
    Instructions::all().find(|instructions| instructions.name() == name)
}

/// `PROPTEST_CASES` networks for each property, 300 where it says nothing.
fn cases() -> u32 {
    let cases = std::env::var("PROPTEST_CASES").ok();
    cases.and_then(|text| text.parse().ok()).unwrap_or(300)
}

/// Two workers in the order that hides nothing: the second half first.
struct Backwards;

impl Workers for Backwards {
    const COUNT: usize = 2;

    fn join(&self, first: impl FnOnce() + Send, second: impl FnOnce() + Send) {
        second();
        first();
    }
}

fn spread() -> impl Strategy<Value = Spread> {
    prop_oneof![
        Just(Spread::Even),
        Just(Spread::Extremes),
        Just(Spread::Small)
    ]
}

fn shape(channels: std::ops::Range<usize>) -> impl Strategy<Value = Shape> {
    (1usize..12, 1usize..30, channels)
        .prop_map(|(height, width, channels)| Shape::new(height, width, channels))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn convolution(
        seed: u64, spread in spread(), shape in shape(1..70),
        kernel in 1usize..8, stride in 1usize..3, channels in 1usize..40, head: bool,
    ) {
        let mut chance = Chance(seed, spread);
        let mut builder = Builder::new();
        let stored = chance.quantisation();
        let input = builder.input(shape, stored).unwrap();
        if head {
            random_head(&mut chance, &mut builder, input).unwrap();
        } else {
            let geometry = chance.geometry(kernel, stride, shape);
            let layer = chance.layer(channels, kernel * kernel * shape.channels);
            let slopes = chance.slopes(channels);
            let activation = [Activation::Linear, Activation::Slopes(&slopes)][chance.below(2)];
            let stored = chance.quantisation();
            let output = builder
                .convolution(input, geometry, &layer.view(), activation, stored)
                .unwrap();
            builder.output(output).unwrap();
        }
        check(builder, &mut chance, usize::from(head));
    }

    #[test]
    fn winograd(
        seed: u64, spread in spread(), shape in shape(32..100), channels in 9usize..40,
        head: bool,
    ) {
        let mut chance = Chance(seed, spread);
        let mut builder = Builder::new();
        let stored = chance.quantisation();
        let input = builder.input(shape, stored).unwrap();
        let geometry = chance.geometry(3, 1, shape);
        let layer = chance.layer(channels, 9 * shape.channels);
        if head {
            let form = FixedPoint { fraction_bits: 8, rest: None };
            builder.convolution_head(input, geometry, &layer.view(), form).unwrap();
        } else {
            let stored = chance.quantisation();
            let output = builder
                .convolution(input, geometry, &layer.view(), Activation::Relu, stored)
                .unwrap();
            builder.output(output).unwrap();
        }
        let names = check(builder, &mut chance, usize::from(head));
        if vectors().is_some() {
            prop_assert_eq!(names, ["winograd"]);
        }
    }

    #[test]
    fn depthwise(
        seed: u64, spread in spread(), shape in shape(1..70),
        kernel in prop_oneof![Just(3usize), Just(5), 1usize..8], stride in 1usize..3,
    ) {
        let mut chance = Chance(seed, spread);
        let mut builder = Builder::new();
        let stored = chance.quantisation();
        let input = builder.input(shape, stored).unwrap();
        let geometry = chance.geometry(kernel, stride, shape);
        let layer = chance.layer(shape.channels, kernel * kernel);
        let slopes = chance.slopes(shape.channels);
        let activation = [Activation::Relu, Activation::Slopes(&slopes)][chance.below(2)];
        let stored = chance.quantisation();
        let output = builder
            .depthwise(input, geometry, &layer.view(), activation, stored)
            .unwrap();
        builder.output(output).unwrap();
        check(builder, &mut chance, 0);
    }

    #[test]
    fn fully_connected(seed: u64, spread in spread(), shape in shape(1..40), outputs in 1usize..90) {
        let mut chance = Chance(seed, spread);
        let mut builder = Builder::new();
        let stored = chance.quantisation();
        let input = builder.input(shape, stored).unwrap();
        let out = if outputs % 2 == 0 { Shape::new(3, 5, 32) } else { Shape::vector(outputs) };
        let layer = chance.layer(out.len(), shape.len());
        let stored = chance.quantisation();
        let seed = builder
            .fully_connected(input, out, &layer.view(), Activation::Relu, stored)
            .unwrap();
        builder.output(seed).unwrap();
        check(builder, &mut chance, 0);
    }

    #[test]
    fn wide(
        seed: u64, spread in spread(), numbers in 1usize..140, outputs in 1usize..90,
        finish in 0usize..3,
    ) {
        let mut chance = Chance(seed, spread);
        let mut builder = Builder::new();
        let given = numbers + [0, chance.below(9)][chance.below(2)];
        let input = builder.wide_input(given, 1.0 / 8192.0).unwrap().first(numbers);
        if finish == 0 {
            let layer = chance.layer(outputs, numbers);
            let rest: Vec<i32> = (0..outputs).map(|_| chance.below(1 << 20) as i32).collect();
            let form = FixedPoint { fraction_bits: 16, rest: Some(&rest) };
            builder.wide_fully_connected_head(input, &layer.view(), form).unwrap();
        } else {
            let out = [Shape::vector(outputs), Shape::new(3, 5, 32)][finish - 1];
            let layer = chance.layer(out.len(), numbers);
            let slopes = chance.slopes(out.len());
            let activation = [Activation::Relu, Activation::Slopes(&slopes)][chance.below(2)];
            let stored = chance.quantisation();
            let output = builder
                .wide_fully_connected(input, out, &layer.view(), activation, stored)
                .unwrap();
            builder.output(output).unwrap();
        }
        let words = chance.words(given);
        let names = same(builder, &[Input::Words(&words)], usize::from(finish == 0));
        if vectors().is_some() {
            prop_assert_eq!(names, ["wide"]);
        }
    }

    #[test]
    fn add_and_rescale(seed: u64, spread in spread(), shape in shape(1..70), wide in 0usize..3) {
        let mut chance = Chance(seed, spread);
        let mut builder = Builder::new();
        let mut stored = || {
            let mut stored = chance.quantisation();
            stored.scale *= [1.0, 1e-3, 300.0][wide];
            stored
        };
        let inputs = [stored(), stored()].map(|stored| builder.input(shape, stored).unwrap());
        let sum = builder.add(inputs, Activation::Clamp(-2.0, 2.5), stored()).unwrap();
        let output = stored();
        let slopes = chance.slopes(shape.channels);
        let scaled = builder.rescale(sum, Activation::Slopes(&slopes), output).unwrap();
        builder.output(sum).unwrap();
        builder.output(scaled).unwrap();
        check(builder, &mut chance, 0);
    }

    #[test]
    fn whole_plans(seed: u64, spread in spread(), steps in 1usize..14) {
        let mut chance = Chance(seed, spread);
        let builder = random_network(&mut chance, steps).unwrap();
        let plan: Plan = builder.clone().build(Instructions::PLAIN).unwrap();
        let (bytes, words) = random_inputs(&mut chance, &plan);
        same(builder, &[Input::Bytes(&bytes), Input::Words(&words)], 1);
    }
}

#[test]
fn a_kernel_larger_than_its_input_sees_mostly_zeros() {
    let mut chance = Chance(7, Spread::Even);
    let mut builder = Builder::new();
    let stored = chance.quantisation();
    let input = builder.input(Shape::new(1, 1, 33), stored).unwrap();
    let layer = chance.layer(5, 49 * 33);
    let stored = chance.quantisation();
    let output = builder
        .convolution(
            input,
            Geometry::centred(7, 1),
            &layer.view(),
            Activation::Linear,
            stored,
        )
        .unwrap();
    builder.output(output).unwrap();
    check(builder, &mut chance, 0);
}

#[test]
fn neighbouring_weights_around_the_limit_of_a_word() {
    // 255 * 128 is the last sum of two products below 2^15; -255 * 128 is above -2^15, too.
    for pair in 120..=140i32 {
        for sign in [1, -1] {
            let mut chance = Chance(pair as u64, Spread::Extremes);
            let mut builder = Builder::new();
            let stored = Quantisation {
                scale: 1.0,
                zero_point: 0,
            };
            let input = builder.input(Shape::new(2, 7, 20), stored).unwrap();
            let weight = |at: usize| (sign * (pair / 2 + pair % 2 * (at as i32 % 2))) as i8;
            let values: Vec<i8> = (0..18 * 20).map(weight).collect();
            let weights = Weights {
                values: &values,
                scales: &[1.0; 18],
                bias: &[0; 18],
            };
            let form = FixedPoint {
                fraction_bits: 0,
                rest: None,
            };
            builder
                .convolution_head(input, Geometry::POINT, &weights, form)
                .unwrap();
            let names = check(builder, &mut chance, 1);
            if named("avx2").is_some() {
                let expected = ["direct words", "direct bytes"][usize::from(pair <= 128)];
                assert_eq!(names, [expected]);
            }
        }
    }
}

#[test]
fn the_smallest_weight_with_the_smallest_byte() {
    // As signed bytes, -128 times -128 twice is 2^15: one too many for a word.
    for (least, expected) in [(-127, "direct bytes"), (-128, "direct words")] {
        let mut chance = Chance(11, Spread::Extremes);
        let mut builder = Builder::new();
        let stored = Quantisation {
            scale: 1.0,
            zero_point: 0,
        };
        let input = builder.input(Shape::new(3, 9, 20), stored).unwrap();
        let weights = Weights {
            values: &[least; 18 * 20],
            scales: &[1.0; 18],
            bias: &[0; 18],
        };
        let form = FixedPoint {
            fraction_bits: 0,
            rest: None,
        };
        builder
            .convolution_head(input, Geometry::POINT, &weights, form)
            .unwrap();
        let names = check(builder, &mut chance, 1);
        if named("neon").is_some() {
            assert_eq!(names, [expected]);
        }
    }
}

#[test]
fn pictures_of_few_channels() {
    // Their pixels are one cell of bytes or two of words, so that a kernel's row can be of any length.
    for channels in 1..=4 {
        for kernel in 1..=7 {
            for spread in [Spread::Extremes, Spread::Small] {
                let mut chance = Chance(kernel as u64, spread);
                let mut builder = Builder::new();
                let shape = Shape::new(kernel, 9 + kernel, channels);
                let stored = chance.quantisation();
                let input = builder.input(shape, stored).unwrap();
                for stride in [1, 2] {
                    let geometry = chance.geometry(kernel, stride, shape);
                    let layer = chance.layer(7 + 4 * stride, kernel * kernel * channels);
                    let stored = chance.quantisation();
                    let output = builder
                        .convolution(input, geometry, &layer.view(), Activation::Linear, stored)
                        .unwrap();
                    builder.output(output).unwrap();
                }
                check(builder, &mut chance, 0);
            }
        }
    }
}
