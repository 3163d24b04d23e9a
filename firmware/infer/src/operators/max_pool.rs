//! Pooling: the largest of each 2 x 2 values, without overlap or padding.

use super::{Own, Shape, four, values};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct MaxPool;

impl Own for MaxPool {
    const KIND: &'static str = "MaxPool";

    fn read(_context: &ParsingContext, node: &NodeProto) -> TractResult<Option<Self>> {
        let attribute = |name| node.get_attr_opt_vec::<usize>(name);
        let known = attribute("kernel_shape")?.is_some_and(|window| window == [2, 2])
            && attribute("strides")?.is_some_and(|strides| strides == [2, 2])
            && attribute("pads")?.is_none_or(|pads| pads == [0; 4])
            && attribute("dilations")?.is_none_or(|dilations| dilations == [1, 1])
            && node.get_attr_opt::<i64>("ceil_mode")?.unwrap_or(0) == 0
            && node
                .get_attr_opt::<&str>("auto_pad")?
                .is_none_or(|pad| pad == "NOTSET")
            && node.output.len() == 1;
        Ok(known.then_some(MaxPool))
    }

    fn shape(&self, input: Shape) -> TractResult<Shape> {
        let [batch, channels, height, width] = input;
        Ok([batch, channels, height / 2, width / 2])
    }

    fn run(&self, input: TValue) -> TractResult<Tensor> {
        let [batch, channels, height, width] = four(input.shape())?;
        let (tall, wide) = (height / 2, width / 2);
        let mut tensor = Tensor::zero::<f32>(&[batch, channels, tall, wide])?;
        let mut view = tensor.try_as_plain_ram_mut()?;
        let outputs = view.as_slice_mut::<f32>()?;
        let inputs = values(&input)?;
        for (input, output) in inputs
            .chunks_exact((height * width).max(1))
            .zip(outputs.chunks_exact_mut((tall * wide).max(1)))
        {
            let pairs = input.chunks_exact((2 * width).max(1));
            for (rows, output) in pairs.zip(output.chunks_exact_mut(wide.max(1))) {
                let (upper, lower) = rows.split_at(width);
                let columns = upper.chunks_exact(2).zip(lower.chunks_exact(2));
                for (out, (upper, lower)) in output.iter_mut().zip(columns) {
                    *out = larger(larger(upper[0], upper[1]), larger(lower[0], lower[1]));
                }
            }
        }
        Ok(tensor)
    }
}

/// One instruction, unlike `f32::max`, which cares for numbers that are none.
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
