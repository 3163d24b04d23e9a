//! The activation of the landmark network, as one operator.
//!
//! PRelu multiplies negative values by a factor for each channel. tract spells it as a
//! multiplication, a comparison and a choice, three passes with a fresh tensor each, which is
//! almost half of the landmark network's time. This operator does it in one pass over the tensor
//! it is given. The arithmetic is the same to the bit.
//!
//! It is taken for factors that are fixed, one for each channel of a `[batch, channels, height,
//! width]` tensor of 32-bit floats; anything else is left to tract.

use tract_onnx::Onnx;
use tract_onnx::tract_hir::internal::*;

/// Puts the operator in the place of tract's own.
pub(crate) fn register(onnx: &mut Onnx) {
    let Some(usual) = onnx.op_register.0.get("PRelu").cloned() else {
        return;
    };
    // Held apart under a name of its own, for the cases left to tract.
    onnx.op_register.0.insert(USUAL.to_owned(), usual);
    onnx.op_register.insert("PRelu", |context, node| {
        let fixed = node.input.get(1).and_then(|name| {
            let graph = context.model.graph.as_ref()?;
            let proto = graph
                .initializer
                .iter()
                .find(|tensor| tensor.name == *name)?;
            context.load_tensor(proto).ok()
        });
        match fixed {
            Some(slopes)
                if slopes.datum_type() == f32::datum_type()
                    && matches!(slopes.shape(), [_, 1, 1]) =>
            {
                Ok((expand(WithSlopes(Arc::new(slopes))), vec![]))
            }
            _ => {
                let usual = context.framework.op_register.0.get(USUAL);
                let usual = usual.context("tract's own PRelu is gone")?;
                usual(context, node)
            }
        }
    });
}

const USUAL: &str = "sfumato.UsualPRelu";

/// The operator before its input's shape is known. Its second input, the factors, is not used.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct WithSlopes(Arc<Tensor>);

impl Expansion for WithSlopes {
    fn name(&self) -> StaticName {
        "PRelu".into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_output_arity(outputs, 1)?;
        solver.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        solver.equals(&inputs[0].shape, &outputs[0].shape)?;
        Ok(())
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        let op = PRelu {
            slopes: self.0.clone(),
        };
        model.wire_node(prefix, op, &inputs[..1])
    }
}

/// The operator.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct PRelu {
    slopes: Arc<Tensor>,
}

impl Op for PRelu {
    fn name(&self) -> StaticName {
        "PRelu".into()
    }

    op_as_typed_op!();
}

impl EvalOp for PRelu {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let mut tensor = args_1!(inputs).into_tensor();
        let &[_, channels, height, width] = tensor.shape() else {
            bail!("PRelu of shape {:?}", tensor.shape());
        };
        let slopes = self.slopes.try_as_plain_ram()?;
        let slopes = slopes.as_slice::<f32>()?;
        ensure!(
            slopes.len() == channels,
            "PRelu with {} factors for {channels} channels",
            slopes.len()
        );
        let plane = (height * width).max(1);
        let mut view = tensor.try_as_plain_ram_mut()?;
        let values = view.as_slice_mut::<f32>()?;
        for (plane, slope) in values.chunks_exact_mut(plane).zip(slopes.iter().cycle()) {
            for value in plane {
                // Written so that it becomes two multiplications and a blend, without a branch.
                let scaled = *value * slope;
                *value = if *value < 0.0 { scaled } else { *value };
            }
        }
        Ok(tvec!(tensor.into_tvalue()))
    }
}

impl TypedOp for PRelu {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let fact = inputs[0].without_value();
        ensure!(
            fact.rank() == 4 && fact.datum_type == f32::datum_type(),
            "PRelu of {fact:?}"
        );
        Ok(tvec!(fact))
    }
}
