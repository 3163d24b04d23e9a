//! The plain definitions mean what real numbers say, to within one rounding.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod common;

use common::{Chance, Spread};
use proptest::prelude::*;
use sfumato_engine::{
    Activation, Builder, FixedPoint, Geometry, Instructions, Output, Quantisation, Shape, Tensor,
    Weights,
};

/// Runs a network of one operator on bytes; the inputs are made by chance.
fn run(
    chance: &mut Chance,
    inputs: &[(Shape, Quantisation)],
    grow: impl FnOnce(&mut Chance, &mut Builder, &[Tensor]) -> Tensor,
) -> (Vec<Vec<f64>>, Vec<u8>) {
    let mut builder = Builder::new();
    let tensors: Vec<Tensor> = inputs
        .iter()
        .map(|&(shape, stored)| builder.input(shape, stored).unwrap())
        .collect();
    let output = grow(chance, &mut builder, &tensors);
    builder.output(output).unwrap();
    let mut plan = builder.build(Instructions::PLAIN).unwrap();
    let bytes: Vec<Vec<u8>> = inputs
        .iter()
        .map(|(shape, _)| chance.bytes(shape.len()))
        .collect();
    let views: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
    let mut out = vec![0; plan.outputs().next().unwrap().len()];
    plan.run(&views, &mut [Output::Bytes(&mut out)]).unwrap();
    let real = bytes
        .iter()
        .zip(inputs)
        .map(|(bytes, &(_, stored))| bytes.iter().map(|&byte| value(byte, stored)).collect());
    (real.collect(), out)
}

fn value(byte: u8, stored: Quantisation) -> f64 {
    f64::from(stored.scale) * (f64::from(byte) - f64::from(stored.zero_point))
}

/// The stored number is the nearest byte to the real one, give or take the factor's own rounding.
fn close(byte: u8, real: f64, stored: Quantisation) -> bool {
    within(0.03, byte, real, stored)
}

/// The stored number is the nearest byte to the real one, give or take so much of a step.
fn within(slack: f64, byte: u8, real: f64, stored: Quantisation) -> bool {
    let steps = real / f64::from(stored.scale) + f64::from(stored.zero_point);
    (f64::from(byte) - steps.clamp(0.0, 255.0)).abs() < 0.5 + slack
}

/// Half a unit of factors that are words over a common power of two, the largest with the most bits: each step of an
/// input may be off by so much of an output's.
fn half_a_unit(largest: f64) -> f64 {
    let fits = |shift: &i32| largest * 2f64.powi(*shift) < f64::from(i16::MAX);
    0.5 / 2f64.powi((0..=22).rev().find(fits).unwrap_or(0))
}

proptest! {
    #[test]
    fn convolution(
        seed: u64, kernel in 1usize..6, stride in 1usize..3,
        (height, width) in (1usize..8, 1usize..8), (from, to) in (1usize..6, 1usize..6),
        depthwise: bool, slopes: bool,
    ) {
        let mut chance = Chance(seed, Spread::Even);
        let shape = Shape::new(height, width, from);
        let (source, stored) = (chance.quantisation(), chance.quantisation());
        let geometry = chance.geometry(kernel, stride, shape);
        let to = if depthwise { from } else { to };
        let terms = if depthwise { 1 } else { from };
        let layer = chance.layer(to, kernel * kernel * terms);
        let slope = chance.slopes(to);
        let activation = if slopes { Activation::Slopes(&slope) } else { Activation::Relu };
        let mut size = shape;
        let (inputs, out) = run(&mut chance, &[(shape, source)], |_, builder, tensors| {
            let weights = layer.view();
            let output = if depthwise {
                builder.depthwise(tensors[0], geometry, &weights, activation, stored).unwrap()
            } else {
                builder.convolution(tensors[0], geometry, &weights, activation, stored).unwrap()
            };
            size = builder.shape(output).unwrap();
            output
        });
        let [top, left, bottom, right] = geometry.padding;
        prop_assert_eq!(size.height, (height + top + bottom - kernel) / stride + 1);
        prop_assert_eq!(size.width, (width + left + right - kernel) / stride + 1);
        for (index, &byte) in out.iter().enumerate() {
            let (channel, x, y) = (index % to, index / to % size.width, index / to / size.width);
            let step = f64::from(layer.scales[channel]);
            let mut sum = f64::from(source.scale) * step * f64::from(layer.bias[channel]);
            for (ky, kx) in (0..kernel * kernel).map(|place| (place / kernel, place % kernel)) {
                let (row, column) = (y * stride + ky, x * stride + kx);
                let inside = (top..top + height).contains(&row) && (left..left + width).contains(&column);
                for c in (0..terms).filter(|_| inside) {
                    let weight = layer.values[((channel * kernel + ky) * kernel + kx) * terms + c];
                    let c = if depthwise { channel } else { c };
                    let input = inputs[0][((row - top) * width + column - left) * from + c];
                    sum += step * f64::from(weight) * input;
                }
            }
            if sum < 0.0 {
                sum *= if slopes { f64::from(slope[channel]) } else { 0.0 };
            }
            prop_assert!(close(byte, sum, stored), "{byte} for {sum} at {y} {x} {channel}");
        }
    }

    #[test]
    fn add_and_rescale(seed: u64, channels in 1usize..40) {
        let mut chance = Chance(seed, Spread::Even);
        let shape = Shape::new(2, 3, channels);
        let [a, b, sum, scaled] = [0; 4].map(|_| chance.quantisation());
        let slopes = chance.slopes(channels);
        let limits = Activation::Clamp(-4.0, 4.0);
        let (inputs, out) = run(&mut chance, &[(shape, a), (shape, b)], |_, builder, tensors| {
            builder.add([tensors[0], tensors[1]], limits, sum).unwrap()
        });
        for (at, &byte) in out.iter().enumerate() {
            let real = (inputs[0][at] + inputs[1][at]).clamp(-4.0, 4.0);
            let steps = inputs[0][at].abs() / f64::from(a.scale) + inputs[1][at].abs() / f64::from(b.scale);
            let largest = f64::from(a.scale.max(b.scale)) / f64::from(sum.scale);
            let slack = 1e-3 + steps * half_a_unit(largest);
            prop_assert!(within(slack, byte, real, sum), "{byte} for {real}");
        }
        let (inputs, out) = run(&mut chance, &[(shape, a)], |_, builder, tensors| {
            builder.rescale(tensors[0], Activation::Slopes(&slopes), scaled).unwrap()
        });
        for (at, &byte) in out.iter().enumerate() {
            let input = inputs[0][at];
            let slope = if input < 0.0 { f64::from(slopes[at % channels]) } else { 1.0 };
            let steepest = slopes.iter().fold(1.0f32, |most, slope| most.max(slope.abs()));
            let largest = f64::from(a.scale) * f64::from(steepest) / f64::from(scaled.scale);
            let slack = 1e-3 + input.abs() / f64::from(a.scale) * half_a_unit(largest);
            prop_assert!(within(slack, byte, input * slope, scaled), "{byte} for {input}");
        }
    }
}

#[test]
fn wide_layers_multiply_words() {
    let mut builder = Builder::new();
    let input = builder.wide_input(3, 0.5).unwrap();
    let weights = Weights {
        values: &[127, -128, 1, -1, 0, 2],
        scales: &[0.25, 1.0],
        bias: &[7, -9],
    };
    let form = FixedPoint {
        fraction_bits: 3,
        rest: Some(&[1, 2]),
    };
    builder
        .wide_fully_connected_head(input, &weights, form)
        .unwrap();
    let mut out = [0; 2];
    let sums = [
        7 + 127 * 32_767 - 128 * -32_768 - 1,
        -9 - 32_767 - 2, // the middle one counts nothing
    ];
    for instructions in Instructions::all() {
        let mut plan = builder.clone().build(instructions).unwrap();
        plan.run(
            &[&[32_767_i16, -32_768, -1]],
            &mut [Output::Fixed(&mut out)],
        )
        .unwrap();
        // Steps of 0.125 and 0.5, in eighths, less the rest.
        assert_eq!(out, [sums[0] - 1, 4 * sums[1] - 2]);
    }
}

#[test]
fn a_head_at_rest_gives_zero() {
    let mut chance = Chance(3, Spread::Even);
    let layer = chance.layer(7, 9 * 20);
    let head = |rest: Option<&[i32]>| {
        let mut builder = Builder::new();
        let stored = Quantisation {
            scale: 0.02,
            zero_point: 9,
        };
        let input = builder.input(Shape::new(5, 6, 20), stored).unwrap();
        let form = FixedPoint {
            fraction_bits: 16,
            rest,
        };
        builder
            .convolution_head(input, Geometry::centred(3, 1), &layer.view(), form)
            .unwrap();
        builder.build(Instructions::best()).unwrap()
    };
    let motion = Chance(5, Spread::Even).bytes(5 * 6 * 20);
    let mut rest = vec![0; 5 * 6 * 7];
    head(None)
        .run(&[&motion], &mut [Output::Fixed(&mut rest)])
        .unwrap();
    assert!(rest.iter().any(|&value| value != 0));
    let mut out = vec![1; rest.len()];
    head(Some(&rest))
        .run(&[&motion], &mut [Output::Fixed(&mut out)])
        .unwrap();
    assert!(out.iter().all(|&value| value == 0));
}

#[test]
fn copies_put_numbers_where_they_belong() {
    let stored = Quantisation {
        scale: 1.0,
        zero_point: 9,
    };
    let mut builder = Builder::new();
    let input = builder.input(Shape::new(2, 2, 1), stored).unwrap();
    let large = builder.upsample(input).unwrap();
    let padded = builder.pad(input, [1, 0, 0, 1], 1).unwrap();
    let small = builder.max_pool(padded).unwrap();
    let both = builder.concat([input, input]).unwrap();
    for tensor in [large, padded, small, both] {
        builder.output(tensor).unwrap();
    }
    let mut plan = builder.build(Instructions::best()).unwrap();
    let mut out = [vec![0; 16], vec![0; 18], vec![0; 2], vec![0; 8]];
    let [a, b, c, d] = &mut out;
    let mut outputs = [a, b, c, d].map(|out| Output::Bytes(out));
    plan.run(&[&[1_u8, 2, 3, 40]], &mut outputs).unwrap();
    assert_eq!(out[0], [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 40, 40, 3, 3, 40, 40]);
    assert_eq!(
        out[1],
        [9, 9, 9, 9, 9, 9, 1, 9, 2, 9, 9, 9, 3, 9, 40, 9, 9, 9]
    );
    assert_eq!(out[2], [9, 9]);
    assert_eq!(out[3], [1, 1, 2, 2, 3, 3, 40, 40]);
}
