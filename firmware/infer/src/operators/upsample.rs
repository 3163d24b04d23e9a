//! Enlarging to twice the size, linearly, pixel centres at halves.
//!
//! Every new pixel lies a quarter of the way between two old ones: three parts of the nearer one and
//! one part of the other, first downwards, then across. Beyond the edge the last pixel goes on.

use super::{Own, Shape, fixed, four, values};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Upsample;

impl Own for Upsample {
    const KIND: &'static str = "Resize";

    fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Option<Self>> {
        let twice = match fixed(context, node, 2) {
            Some(scales) => values(&scales)? == [1.0, 1.0, 2.0, 2.0],
            None => false,
        };
        let known = twice
            && node.input.len() == 3
            && context.onnx_operator_set_version == 13
            && node.get_attr_opt::<&str>("mode")? == Some("linear")
            && node
                .get_attr_opt::<&str>("coordinate_transformation_mode")?
                .is_none_or(|mode| mode == "half_pixel")
            && node.get_attr_opt::<i64>("exclude_outside")?.unwrap_or(0) == 0;
        Ok(known.then_some(Upsample))
    }

    fn shape(&self, input: Shape) -> TractResult<Shape> {
        let [batch, channels, height, width] = input;
        ensure!(height > 0 && width > 0, "enlarging {input:?}");
        Ok([batch, channels, 2 * height, 2 * width])
    }

    fn run(&self, input: TValue) -> TractResult<Tensor> {
        let shape = four(input.shape())?;
        let [_, _, height, width] = shape;
        let result = self.shape(shape)?;
        let mut tensor = Tensor::zero::<f32>(&result)?;
        let mut view = tensor.try_as_plain_ram_mut()?;
        let outputs = view.as_slice_mut::<f32>()?;
        let inputs = values(&input)?;
        let mut mixed = vec![0.0; width];
        for (input, output) in inputs
            .chunks_exact(height * width)
            .zip(outputs.chunks_exact_mut(4 * height * width))
        {
            let row = |y: usize| &input[y * width..(y + 1) * width];
            for (y, output) in output.chunks_exact_mut(2 * width).enumerate() {
                let near = y / 2;
                let far = if y.is_multiple_of(2) {
                    near.saturating_sub(1)
                } else {
                    (near + 1).min(height - 1)
                };
                for ((mixed, near), far) in mixed.iter_mut().zip(row(near)).zip(row(far)) {
                    *mixed = 0.75 * near + 0.25 * far;
                }
                across(&mixed, output);
            }
        }
        Ok(tensor)
    }
}

/// Enlarges a row; `output` is twice as long.
fn across(input: &[f32], output: &mut [f32]) {
    let (Some(first), Some(last)) = (input.first(), input.last()) else {
        return;
    };
    if let [start, middle @ .., end] = output {
        (*start, *end) = (*first, *last);
        // What lies between two old pixels.
        for (pair, between) in input.windows(2).zip(middle.chunks_exact_mut(2)) {
            between[0] = 0.75 * pair[0] + 0.25 * pair[1];
            between[1] = 0.25 * pair[0] + 0.75 * pair[1];
        }
    }
}
