//! Kernels with AVX2, 16 words at a time. The only `unsafe` of the crate.
//!
//! [`Avx2`] is the proof that the processor has the instructions; whoever holds a [`Kernel`] has been
//! given it. `lanes` moves vectors from and to memory; `rows` pads and widens input rows; `finish`
//! makes bytes of sums; the others are the operators.

mod depthwise;
mod direct;
mod elementwise;
mod finish;
mod lanes;
mod rows;
mod winograd;

use crate::operators::{Destination, Operator};
use crate::scratch::{Needs, Scratch};
use core::ops::Range;
use rows::Cell;

/// The processor has AVX2: only [`Avx2::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2(());

impl Avx2 {
    /// Asks the processor.
    pub fn detect() -> Option<Avx2> {
        std::is_x86_feature_detected!("avx2").then_some(Avx2(()))
    }
}

/// An operator made ready. Exists only where the processor has AVX2.
#[derive(Clone, Debug)]
pub struct Kernel(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Direct(direct::Direct),
    Winograd(winograd::Winograd),
    Depthwise(depthwise::Depthwise),
    Add(elementwise::Add),
    Rescale(elementwise::Rescale),
}

impl Kernel {
    /// The fastest kernel for an operator; none for those that only move bytes.
    pub fn prepare(_proof: Avx2, operator: &Operator) -> Option<Kernel> {
        // SAFETY: the proof says that the processor has the instructions.
        unsafe { prepare(operator) }.map(Kernel)
    }

    pub fn needs(&self) -> Needs {
        match &self.0 {
            Kind::Direct(kernel) => kernel.needs(),
            Kind::Winograd(kernel) => kernel.needs(),
            Kind::Depthwise(kernel) => kernel.needs(),
            Kind::Add(_) | Kind::Rescale(_) => Needs::default(),
        }
    }

    pub fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Direct(kernel) => kernel.name(),
            Kind::Winograd(_) => "winograd",
            Kind::Depthwise(_) => "depthwise",
            Kind::Add(_) => "add",
            Kind::Rescale(_) => "rescale",
        }
    }

    /// Computes `rows` of the output; `out` is these rows alone.
    pub fn run(
        &self,
        inputs: [&[u8]; 2],
        rows: Range<usize>,
        out: Destination<'_>,
        scratch: &mut Scratch,
    ) {
        // SAFETY: a kernel was prepared with the proof that the processor has the instructions.
        unsafe { run(&self.0, inputs, rows, out, scratch) }
    }
}

#[target_feature(enable = "avx2")]
fn prepare(operator: &Operator) -> Option<Kind> {
    Some(match operator {
        Operator::Convolution(convolution) => {
            if winograd::Winograd::fits(convolution) {
                Kind::Winograd(winograd::Winograd::new(convolution))
            } else if direct::Direct::fits_bytes(convolution) {
                Kind::Direct(direct::Direct::new(convolution, Cell::Bytes))
            } else {
                Kind::Direct(direct::Direct::new(convolution, Cell::Words))
            }
        }
        Operator::Depthwise(convolution) if depthwise::Depthwise::fits(convolution) => {
            Kind::Depthwise(depthwise::Depthwise::new(convolution))
        }
        Operator::Add(add) => Kind::Add(elementwise::Add::new(add)),
        Operator::Rescale(rescale) => Kind::Rescale(elementwise::Rescale::new(rescale)),
        _ => return None,
    })
}

#[target_feature(enable = "avx2")]
fn run(
    kind: &Kind,
    [first, second]: [&[u8]; 2],
    rows: Range<usize>,
    out: Destination<'_>,
    scratch: &mut Scratch,
) {
    match (kind, out) {
        (Kind::Direct(kernel), out) => kernel.run(first, rows, out, scratch),
        (Kind::Winograd(kernel), out) => kernel.run(first, rows, out, scratch),
        (Kind::Depthwise(kernel), out) => kernel.run(first, rows, out, scratch),
        (Kind::Add(kernel), Destination::Bytes(out)) => kernel.run(first, second, rows, out),
        (Kind::Rescale(kernel), Destination::Bytes(out)) => kernel.run(first, rows, out),
        // Only layers with weights may be heads; see `Builder`.
        (Kind::Add(_) | Kind::Rescale(_), Destination::Fixed(_)) => {}
    }
}
