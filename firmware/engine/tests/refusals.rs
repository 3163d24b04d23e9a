//! What cannot be computed exactly, or at all, is refused with its reason.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use sfumato_engine::{
    Activation, BuildError, Builder, FixedPoint, Geometry, Instructions, Output, Quantisation,
    RunError, Shape, Tensor, Weights,
};

const STORED: Quantisation = Quantisation {
    scale: 0.1,
    zero_point: 10,
};

fn with_input(shape: Shape) -> (Builder, Tensor) {
    let mut builder = Builder::new();
    let input = builder.input(shape, STORED).unwrap();
    (builder, input)
}

fn layer(values: &[i8], scale: f32, bias: i32, channels: usize) -> Result<Tensor, BuildError> {
    let (mut builder, input) = with_input(Shape::new(3, 3, channels));
    let weights = Weights {
        values,
        scales: &[scale],
        bias: &[bias],
    };
    builder.convolution(input, Geometry::POINT, &weights, Activation::Linear, STORED)
}

#[test]
fn sums_that_could_overflow() {
    // With zero point 10 the largest input is 245: 245 * 127 * 2 = 62230.
    let most = i32::MAX - 62_230;
    assert!(layer(&[127, 127], 0.01, most, 2).is_ok());
    assert_eq!(
        layer(&[127, 127], 0.01, most + 1, 2),
        Err(BuildError::Overflow {
            channel: 0,
            reach: i64::from(i32::MAX) + 1
        })
    );
    assert!(layer(&[-128, 0], 0.01, i32::MIN, 2).is_err());
}

#[test]
fn heads_that_could_overflow() {
    let (mut builder, input) = with_input(Shape::new(1, 1, 1));
    let weights = Weights {
        values: &[127],
        scales: &[1.0],
        bias: &[1 << 20],
    };
    let mut head = |fraction_bits, rest| {
        let form = FixedPoint {
            fraction_bits,
            rest,
        };
        builder.convolution_head(input, Geometry::POINT, &weights, form)
    };
    assert_eq!(head(12, None), Ok(()));
    assert!(matches!(head(14, None), Err(BuildError::Overflow { .. })));
    assert!(matches!(head(31, None), Err(BuildError::Geometry(_))));
    assert_eq!(head(0, Some(&[i32::MIN])), Err(BuildError::Rest(0)));
    assert!(matches!(
        head(0, Some(&[1, 2])),
        Err(BuildError::Length { .. })
    ));
}

#[test]
fn scales_and_lists_that_do_not_fit() {
    let refused = |result: Result<Tensor, BuildError>| result.unwrap_err().to_string();
    assert!(refused(layer(&[1, 2], 0.25, 0, 2)).contains("must be below 0.25"));
    assert!(refused(layer(&[1, 2], f32::NAN, 0, 2)).contains("finite"));
    assert!(refused(layer(&[1, 2, 3], 0.1, 0, 2)).contains("2 numbers are needed, 3 were given"));
    let (mut builder, input) = with_input(Shape::new(1, 1, 1));
    let slopes = builder.rescale(input, Activation::Slopes(&[f32::INFINITY]), STORED);
    assert_eq!(slopes, Err(BuildError::Slope(f32::INFINITY)));
    let slopes = builder.rescale(input, Activation::Slopes(&[0.5, 0.5]), STORED);
    assert!(matches!(slopes, Err(BuildError::Length { .. })));
    let clamp = builder.rescale(input, Activation::Clamp(1.0, 0.0), STORED);
    assert_eq!(clamp, Err(BuildError::Clamp(1.0, 0.0)));
}

#[test]
fn shapes_that_do_not_fit() {
    let mut builder = Builder::new();
    assert!(builder.input(Shape::new(0, 4, 4), STORED).is_err());
    assert!(
        builder
            .input(Shape::new(1 << 20, 1 << 20, 1 << 20), STORED)
            .is_err()
    );
    let a = builder.input(Shape::new(4, 4, 8), STORED).unwrap();
    let b = builder.input(Shape::new(4, 4, 9), STORED).unwrap();
    let other = Quantisation {
        zero_point: 0,
        ..STORED
    };
    let c = builder.input(Shape::new(4, 4, 8), other).unwrap();
    assert!(matches!(
        builder.add([a, b], Activation::Linear, STORED),
        Err(BuildError::Shapes(..))
    ));
    assert_eq!(builder.concat([a, c]), Err(BuildError::Quantisation));
    let vector = builder.input(Shape::vector(3), STORED).unwrap();
    assert!(builder.max_pool(vector).is_err());
    let weights = Weights {
        values: &[0; 3 * 8],
        scales: &[0.01; 8],
        bias: &[0; 8],
    };
    let map = Shape::new(2, 2, 2);
    assert!(
        builder
            .fully_connected(vector, map, &weights, Activation::Linear, STORED)
            .is_err()
    );
    assert_eq!(Builder::new().output(a), Err(BuildError::Foreign));
    assert_eq!(
        builder.build(Instructions::PLAIN).err(),
        Some(BuildError::NoOutput)
    );
}

#[test]
fn wide_layers_that_do_not_fit() {
    let mut builder = Builder::new();
    assert!(builder.wide_input(0, 1.0).is_err());
    assert!(builder.wide_input(2, 0.0).is_err());
    let input = builder.wide_input(2, 1e-6).unwrap();
    let layer = |values: &[i8], bias: i32| {
        let weights = Weights {
            values,
            scales: &[0.01],
            bias: &[bias],
        };
        let one = Shape::vector(1);
        let mut builder = builder.clone();
        builder.wide_fully_connected(input, one, &weights, Activation::Relu, STORED)
    };
    // The largest word is 32767, the least -32768.
    let most = i32::MAX - 32_767 * 127 - 32_768;
    assert!(layer(&[127, -1], most).is_ok());
    assert!(matches!(
        layer(&[127, -1], most + 1),
        Err(BuildError::Overflow { channel: 0, .. })
    ));
    assert!(matches!(layer(&[1; 3], 0), Err(BuildError::Length { .. })));
    // Another network's handle is no input of words here.
    let (mut other, bytes) = with_input(Shape::vector(2));
    let weights = Weights {
        values: &[1, 1],
        scales: &[0.01],
        bias: &[0],
    };
    let form = FixedPoint {
        fraction_bits: 8,
        rest: None,
    };
    assert_eq!(
        other.wide_fully_connected_head(input, &weights, form),
        Err(BuildError::Foreign)
    );
    assert_eq!(builder.upsample(bytes), Err(BuildError::Foreign));
    builder
        .wide_fully_connected_head(input, &weights, form)
        .unwrap();
    let mut plan = builder.build(Instructions::best()).unwrap();
    let mut out = [0];
    assert_eq!(
        plan.run(&[&[1_u8, 2]], &mut [Output::Fixed(&mut out)]),
        Err(RunError::InputKind(0))
    );
    assert!(matches!(
        plan.run(&[&[1_i16]], &mut [Output::Fixed(&mut out)]),
        Err(RunError::Length { .. })
    ));
}

#[test]
fn calls_that_do_not_fit() {
    let (mut builder, input) = with_input(Shape::new(2, 2, 3));
    builder.output(input).unwrap();
    let mut plan = builder.build(Instructions::best()).unwrap();
    let (mut bytes, mut fixed) = ([0; 12], [0; 12]);
    let picture: &[u8] = &[7; 12];
    assert!(matches!(
        plan.run::<&[u8]>(&[], &mut []),
        Err(RunError::Count { .. })
    ));
    assert!(matches!(
        plan.run(&[&picture[1..]], &mut [Output::Bytes(&mut bytes)]),
        Err(RunError::Length { .. })
    ));
    assert_eq!(
        plan.run(&[picture], &mut [Output::Fixed(&mut fixed)]),
        Err(RunError::Kind(0))
    );
    plan.run(&[picture], &mut [Output::Bytes(&mut bytes)])
        .unwrap();
    assert_eq!(bytes, [7; 12]);
}

#[test]
fn plans_go_to_other_threads() {
    fn goes<T: Send + Sync>() {}
    goes::<sfumato_engine::Plan>();
}
