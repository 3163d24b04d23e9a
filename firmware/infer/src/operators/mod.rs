//! Operators of our own inside tract: the few that the face models spend their time in.
//!
//! tract runs every operator, but some only by way of others (PRelu) or element by element
//! (depthwise convolution, pooling, enlarging). For the cases that the face models use there is a
//! plain loop here that a compiler turns into vector instructions; every other case is left to
//! tract. What they compute is what the ONNX standard says, in 32-bit floats; sums may be taken in
//! another order.
//!
//! All work on one `[batch, channels, height, width]` tensor; what else they need is fixed.

mod depthwise;
mod max_pool;
mod prelu;
mod upsample;

use std::fmt;
use tract_onnx::Onnx;
use tract_onnx::model::ParsingContext;
use tract_onnx::pb::NodeProto;
use tract_onnx::tract_hir::internal::*;

/// Puts the operators in the place of tract's own where they can take it.
pub(crate) fn register(onnx: &mut Onnx) {
    take_over::<prelu::PRelu>(onnx);
    take_over::<depthwise::Depthwise>(onnx);
    take_over::<max_pool::MaxPool>(onnx);
    take_over::<upsample::Upsample>(onnx);
}

/// An operator with one input that changes.
trait Own: Clone + fmt::Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// Its name in ONNX.
    const KIND: &'static str;

    /// The operator for a node; none if this is not one of the cases it knows.
    fn read(context: &ParsingContext, node: &NodeProto) -> TractResult<Option<Self>>;

    /// The shape of its result; an error if the input's does not fit.
    fn shape(&self, input: Shape) -> TractResult<Shape>;

    /// Computes the result.
    fn run(&self, input: TValue) -> TractResult<Tensor>;
}

/// Batch, channels, height, width.
type Shape = [usize; 4];

fn take_over<O: Own>(onnx: &mut Onnx) {
    let Some(usual) = onnx.op_register.0.get(O::KIND).copied() else {
        return;
    };
    onnx.op_register.0.insert(usual_name(O::KIND), usual);
    onnx.op_register.insert(O::KIND, |context, node| {
        if let Some(own) = O::read(context, node)? {
            return Ok((expand(Untyped(own)), vec![]));
        }
        let usual = context.framework.op_register.0.get(&usual_name(O::KIND));
        usual.context("tract's own operator is gone")?(context, node)
    });
}

/// Where tract's own operator of a kind is kept, for the cases left to it.
fn usual_name(kind: &str) -> String {
    format!("sfumato.usual.{kind}")
}

/// The fixed 32-bit floats that a node's input `index` names.
fn fixed(context: &ParsingContext, node: &NodeProto, index: usize) -> Option<Tensor> {
    let name = node.input.get(index)?;
    let graph = context.model.graph.as_ref()?;
    let proto = graph
        .initializer
        .iter()
        .find(|tensor| tensor.name == *name)?;
    let tensor = context.load_tensor(proto).ok()?;
    (tensor.datum_type() == f32::datum_type()).then_some(tensor)
}

/// The values of a tensor of 32-bit floats.
fn values(tensor: &Tensor) -> TractResult<&[f32]> {
    tensor.try_as_plain_ram()?.as_slice::<f32>()
}

fn four(shape: &[usize]) -> TractResult<Shape> {
    shape
        .try_into()
        .map_err(|_| format_err!("a tensor of shape {shape:?} where a picture is needed"))
}

/// An operator before its input's shape is known. Its further inputs are fixed and not wired.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Untyped<O>(O);

impl<O: Own> Expansion for Untyped<O> {
    fn name(&self) -> StaticName {
        O::KIND.into()
    }

    fn rules<'r, 'p: 'r, 's: 'r>(
        &'s self,
        solver: &mut Solver<'r>,
        inputs: &'p [TensorProxy],
        outputs: &'p [TensorProxy],
    ) -> InferenceResult {
        check_output_arity(outputs, 1)?;
        solver.equals(&inputs[0].datum_type, &outputs[0].datum_type)?;
        solver.given(&inputs[0].shape, move |solver, shape| {
            let shape: TVec<usize> = shape
                .iter()
                .map(|size| Ok(size.to_usize()?))
                .collect::<TractResult<_>>()?;
            let result = self.0.shape(four(&shape)?)?;
            let result: TVec<TDim> = result.iter().map(|size| size.to_dim()).collect();
            solver.equals(&outputs[0].shape, result)
        })
    }

    fn wire(
        &self,
        prefix: &str,
        model: &mut TypedModel,
        inputs: &[OutletId],
    ) -> TractResult<TVec<OutletId>> {
        model.wire_node(prefix, Typed(self.0.clone()), &inputs[..1])
    }
}

/// The operator as tract runs it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Typed<O>(O);

impl<O: Own> Op for Typed<O> {
    fn name(&self) -> StaticName {
        format!("Own{}", O::KIND).into()
    }

    op_as_typed_op!();
}

impl<O: Own> EvalOp for Typed<O> {
    op_out_of_plan!();

    fn eval(&self, _context: &EvalContext, inputs: TVec<TValue>) -> TractResult<TVec<TValue>> {
        let result = self.0.run(args_1!(inputs))?;
        Ok(tvec!(result.into_tvalue()))
    }
}

impl<O: Own> TypedOp for Typed<O> {
    as_op!();

    fn output_facts(&self, inputs: &[&TypedFact]) -> TractResult<TVec<TypedFact>> {
        let input = inputs[0];
        ensure!(
            input.datum_type == f32::datum_type(),
            "{} of {input:?}",
            O::KIND
        );
        let shape = input
            .shape
            .as_concrete()
            .context("a shape that is not fixed")?;
        let shape = self.0.shape(four(shape)?)?;
        Ok(tvec!(f32::fact(shape)))
    }
}
