//! PRelu: negative values are multiplied by a factor for each channel.
//!
//! tract spells it as a multiplication, a comparison and a choice, three passes with a fresh tensor
//! each, which is more than half of the landmark network's time. This is one pass over the
//! tensor it is given; the bits are the same.

use super::{Own, Shape, fixed, four, values};
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct PRelu {
    slopes: Arc<Tensor>,
}

impl Own for PRelu {
    const KIND: &'static str = "PRelu";

    fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Option<Self>> {
        let slopes = fixed(context, node, 1).filter(|slopes| matches!(slopes.shape(), [_, 1, 1]));
        Ok(slopes.map(|slopes| PRelu {
            slopes: Arc::new(slopes),
        }))
    }

    fn shape(&self, input: Shape) -> TractResult<Shape> {
        let factors = self.slopes.len();
        ensure!(
            factors == input[1],
            "{factors} factors for {} channels",
            input[1]
        );
        Ok(input)
    }

    fn run(&self, input: TValue) -> TractResult<Tensor> {
        let mut tensor = input.into_tensor();
        let [_, _, height, width] = four(tensor.shape())?;
        let slopes = values(&self.slopes)?;
        let mut view = tensor.try_as_plain_ram_mut()?;
        let planes = view.as_slice_mut::<f32>()?;
        for (plane, slope) in planes
            .chunks_exact_mut((height * width).max(1))
            .zip(slopes.iter().cycle())
        {
            for value in plane {
                // Written so that it becomes a multiplication and a blend, without a branch.
                let scaled = *value * slope;
                *value = if *value < 0.0 { scaled } else { *value };
            }
        }
        Ok(tensor)
    }
}
