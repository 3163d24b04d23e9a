//! What cannot be a plan of floats is refused with its reason, and so are calls that do not fit.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use sfumato_engine::float::{Activation, Builder, Instructions, Order, Plan, Tensor, Weights};
use sfumato_engine::{BuildError, Geometry, RunError, Shape};

fn with_input(shape: Shape) -> (Builder, Tensor) {
    let mut builder = Builder::new();
    let input = builder.input(shape).unwrap();
    (builder, input)
}

#[test]
fn weights_that_do_not_fit() {
    let (mut builder, input) = with_input(Shape::new(4, 4, 2));
    let mut layer = |values: &[f32], bias: &[f32]| {
        builder.convolution(input, Geometry::POINT, &Weights { values, bias })
    };
    assert!(layer(&[1.0; 6], &[0.0; 3]).is_ok());
    let error = layer(&[1.0; 5], &[0.0; 3]).unwrap_err().to_string();
    assert!(
        error.contains("6 numbers are needed, 5 were given"),
        "{error}"
    );
    assert_eq!(
        layer(&[1.0, f32::INFINITY], &[0.0]),
        Err(BuildError::Weight(f32::INFINITY))
    );
    assert!(matches!(
        layer(&[1.0; 2], &[f32::NAN]),
        Err(BuildError::Weight(_))
    ));
    assert!(matches!(layer(&[], &[]), Err(BuildError::Size(_))));
}

#[test]
fn geometry_that_does_not_fit() {
    let (mut builder, input) = with_input(Shape::new(4, 4, 1));
    let weights = |kernel: usize| vec![1.0; kernel * kernel];
    for (kernel, stride, border) in [(8, 1, 0), (3, 3, 0), (3, 1, 3), (5, 1, 0)] {
        let geometry = Geometry {
            kernel,
            stride,
            padding: [border; 4],
        };
        let weights = Weights {
            values: &weights(kernel),
            bias: &[0.0],
        };
        let result = builder.depthwise(input, geometry, &weights);
        assert!(
            matches!(result, Err(BuildError::Geometry(_))),
            "{geometry:?}"
        );
    }
}

#[test]
fn other_operators_that_do_not_fit() {
    let (mut builder, input) = with_input(Shape::new(1, 4, 3));
    let slopes = builder.activation(input, Activation::Slopes(&[0.5; 2]));
    assert!(matches!(slopes, Err(BuildError::Length { .. })));
    let slopes = builder.activation(input, Activation::Slopes(&[0.5, f32::NAN, 0.5]));
    assert!(matches!(slopes, Err(BuildError::Slope(_))));
    let clamp = builder.activation(input, Activation::Clamp(1.0, 0.0));
    assert_eq!(clamp, Err(BuildError::Clamp(1.0, 0.0)));
    // Of one row no pairs can be made.
    assert!(matches!(builder.max_pool(input), Err(BuildError::Size(_))));
    assert!(builder.pad_channels(input, 2).is_err());
    assert!(builder.depth_to_space(input, 2).is_err());
    assert!(builder.depth_to_space(input, 0).is_err());
    let padded = builder.pad_channels(input, 4).unwrap();
    assert!(matches!(
        builder.add(input, padded),
        Err(BuildError::Shapes(..))
    ));
    assert_eq!(
        builder.output(&[], Order::Pixels),
        Err(BuildError::NoOutput)
    );
    let (_, foreign) = {
        let mut other = builder.clone();
        let tensor = other.upsample(input).unwrap();
        (other, tensor)
    };
    assert_eq!(builder.shape(foreign), Err(BuildError::Foreign));
    let without = builder.build(Instructions::PLAIN).map(drop);
    assert_eq!(without, Err(BuildError::NoOutput));
}

#[test]
fn calls_that_do_not_fit() {
    let (mut builder, input) = with_input(Shape::new(2, 2, 1));
    let twice = builder.upsample(input).unwrap();
    builder.output(&[twice, input], Order::Pixels).unwrap();
    let mut plan: Plan = builder.build(Instructions::best()).unwrap();
    let mut out = [0.0; 20];
    assert_eq!(plan.run(&[&[1.0; 4]], &mut [&mut out]), Ok(()));
    assert_eq!(out, [1.0; 20]);
    assert!(matches!(
        plan.run(&[], &mut [&mut out]),
        Err(RunError::Count { .. })
    ));
    assert!(matches!(
        plan.run(&[&[1.0; 4]], &mut []),
        Err(RunError::Count { .. })
    ));
    let short = plan.run(&[&[1.0; 3]], &mut [&mut out]).unwrap_err();
    assert!(
        short
            .to_string()
            .contains("4 numbers are needed, 3 were given")
    );
    let short = plan.run(&[&[1.0; 4]], &mut [&mut out[1..]]);
    assert!(matches!(
        short,
        Err(RunError::Length { what: "output", .. })
    ));
}
