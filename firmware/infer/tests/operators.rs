//! Operators against their definitions, over many shapes, strides and paddings: in our engine, and those
//! that are ours inside tract.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

mod common;

use common::{ints, model, node, value, weight};
use proptest::prelude::*;
use sfumato_infer::onnx::{AttributeProto, AttributeType, TensorProto};
use sfumato_infer::{Contract, Network};

fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto {
        name: name.to_owned(),
        r#type: AttributeType::String as i32,
        s: value.as_bytes().to_vec(),
        ..AttributeProto::default()
    }
}

/// A network of one operator, run once by our engine and once by tract.
fn run(
    kind: &str,
    attributes: Vec<AttributeProto>,
    fixed: Vec<TensorProto>,
    names: &[&str],
    shapes: [&[usize]; 2],
    input: &[f32],
) -> [Vec<f32>; 2] {
    let mut operator = node(kind, names, "y");
    operator.attribute = attributes;
    let bytes = model(
        value("x", shapes[0]),
        vec![value("y", shapes[1])],
        vec![operator],
        fixed,
    );
    let count = shapes[1].iter().product();
    let contract = Contract {
        name: "test",
        input: shapes[0],
        outputs: &[count],
    };
    let ours = Network::load(&bytes, &contract).unwrap();
    assert!(ours.engine().starts_with("sfumato"), "{}", ours.engine());
    let tracts = Network::load_reference(&bytes, &contract).unwrap();
    [ours, tracts].map(|mut network| {
        let mut output = vec![0.0; count];
        network.run(input, &mut [&mut output]).unwrap();
        output
    })
}

/// Numbers without a pattern that a mistake could share.
fn noise(count: usize, seed: u32) -> Vec<f32> {
    (0..count)
        .map(|index| {
            let x = (index as u32)
                .wrapping_mul(2_654_435_761)
                .wrapping_add(seed);
            (x ^ (x >> 15)) as f32 / u32::MAX as f32 * 2.0 - 1.0
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn depthwise_convolution_is_its_sum(
        channels in 2usize..5,
        (height, width) in (3usize..12, 3usize..12),
        stride in 1usize..3,
        pads in proptest::array::uniform4(0usize..3),
        with_bias in any::<bool>(),
        seed in any::<u32>(),
    ) {
        let [top, left, bottom, right] = pads;
        let tall = (height + top + bottom - 3) / stride + 1;
        let wide = (width + left + right - 3) / stride + 1;
        let input = noise(channels * height * width, seed);
        let weights = noise(9 * channels, seed ^ 1);
        let bias = noise(channels, seed ^ 2);
        let mut fixed = vec![weight("w", &[channels, 1, 3, 3], &weights)];
        let mut names = vec!["x", "w"];
        if with_bias {
            fixed.push(weight("b", &[channels], &bias));
            names.push("b");
        }
        let mut group = ints("group", &[]);
        group.r#type = AttributeType::Int as i32;
        group.i = channels as i64;
        let outputs = run(
            "Conv",
            vec![group, ints("pads", &pads), ints("strides", &[stride, stride])],
            fixed,
            &names,
            [&[1, channels, height, width], &[1, channels, tall, wide]],
            &input,
        );
        for (index, got) in outputs.iter().flat_map(|output| output.iter().enumerate()) {
            let (c, y, x) = (index / (tall * wide), index / wide % tall, index % wide);
            let mut sum = if with_bias { f64::from(bias[c]) } else { 0.0 };
            for dy in 0..3 {
                for dx in 0..3 {
                    let (v, u) = ((y * stride + dy).wrapping_sub(top), (x * stride + dx).wrapping_sub(left));
                    if v < height && u < width {
                        sum += f64::from(input[(c * height + v) * width + u])
                            * f64::from(weights[9 * c + 3 * dy + dx]);
                    }
                }
            }
            prop_assert!((f64::from(*got) - sum).abs() < 1e-5, "{index}: {got} {sum}");
        }
    }

    #[test]
    fn pooling_takes_the_largest(
        channels in 1usize..4,
        (height, width) in (2usize..11, 2usize..11),
        seed in any::<u32>(),
    ) {
        let input = noise(channels * height * width, seed);
        let (tall, wide) = (height / 2, width / 2);
        let outputs = run(
            "MaxPool",
            vec![ints("kernel_shape", &[2, 2]), ints("strides", &[2, 2])],
            vec![],
            &["x"],
            [&[1, channels, height, width], &[1, channels, tall, wide]],
            &input,
        );
        for (index, got) in outputs.iter().flat_map(|output| output.iter().enumerate()) {
            let (c, y, x) = (index / (tall * wide), index / wide % tall, index % wide);
            let at = |dy: usize, dx: usize| input[(c * height + 2 * y + dy) * width + 2 * x + dx];
            let most = at(0, 0).max(at(0, 1)).max(at(1, 0)).max(at(1, 1));
            prop_assert_eq!(*got, most);
        }
    }

    #[test]
    fn enlarging_interpolates_between_centres(
        channels in 1usize..4,
        (height, width) in (1usize..9, 1usize..9),
        seed in any::<u32>(),
    ) {
        let input = noise(channels * height * width, seed);
        let (tall, wide) = (2 * height, 2 * width);
        let outputs = run(
            "Resize",
            vec![text("mode", "linear"), text("coordinate_transformation_mode", "half_pixel")],
            vec![weight("s", &[4], &[1.0, 1.0, 2.0, 2.0])],
            &["x", "", "s"],
            [&[1, channels, height, width], &[1, channels, tall, wide]],
            &input,
        );
        for (index, got) in outputs.iter().flat_map(|output| output.iter().enumerate()) {
            let (c, y, x) = (index / (tall * wide), index / wide % tall, index % wide);
            let place = |index: usize, size: usize| {
                let at = ((index as f64 + 0.5) / 2.0 - 0.5).clamp(0.0, (size - 1) as f64);
                (at as usize, (at as usize + 1).min(size - 1), at.fract())
            };
            let ((v0, v1, fv), (u0, u1, fu)) = (place(y, height), place(x, width));
            let at = |v: usize, u: usize| f64::from(input[(c * height + v) * width + u]);
            let expected = (1.0 - fv) * ((1.0 - fu) * at(v0, u0) + fu * at(v0, u1))
                + fv * ((1.0 - fu) * at(v1, u0) + fu * at(v1, u1));
            prop_assert!((f64::from(*got) - expected).abs() < 1e-5, "{index}: {got} {expected}");
        }
    }
}
