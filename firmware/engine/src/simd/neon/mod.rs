//! Kernels with NEON, and with its dot products of bytes where there are any.
//!
//! [`Neon`] is the proof that the processor has the instructions, [`Dots`] that it has more; whoever holds a
//! [`Kernel`] has been given it. `lanes` moves vectors from and to memory and multiplies; `finish` makes bytes of sums
//! and `fixed` fixed point; the others are the operators. Lanes hold channels in their own order.

mod depthwise;
mod direct;
mod elementwise;
mod finish;
mod fixed;
mod lanes;
mod strip;
mod wide;
mod winograd;

use super::transforms;
use crate::operators::{Destination, Finish, Operator};
use crate::scratch::{Needs, Scratch};
use core::ops::Range;
use strip::Multiply;

/// The processor has NEON: only [`Neon::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Neon {
    dots: Option<Dots>,
}

/// The processor has dot products of bytes (FEAT_DotProd, from ARMv8.2 on), too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dots(());

impl Neon {
    /// Asks the processor.
    pub fn detect() -> Option<Neon> {
        // Cells are made of bytes and taken apart by lanes: both must count from the same end.
        let found =
            cfg!(target_endian = "little") && std::arch::is_aarch64_feature_detected!("neon");
        found.then_some(Neon { dots: None })
    }

    /// The same with dot products, where the processor has them.
    pub fn with_dots(self) -> Option<Neon> {
        std::arch::is_aarch64_feature_detected!("dotprod").then_some(Neon {
            dots: Some(Dots(())),
        })
    }

    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self.dots {
            None => "neon",
            Some(_) => "neon with dot products",
        }
    }
}

/// An operator made ready. Exists only where the processor has NEON.
#[derive(Clone, Debug)]
pub struct Kernel(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Direct(direct::Direct<4>),
    /// A head of up to eight channels.
    Narrow(direct::Direct<2>),
    Winograd(winograd::Winograd),
    Wide(wide::Wide),
    Depthwise(depthwise::Depthwise),
    Add(elementwise::Add),
    Rescale(elementwise::Rescale),
}

impl Kernel {
    /// The fastest kernel for an operator; none for those that only move bytes.
    pub fn prepare(proof: Neon, operator: &Operator) -> Option<Kernel> {
        // SAFETY: the proof says that the processor has the instructions.
        unsafe { prepare(operator, proof.dots) }.map(Kernel)
    }

    pub fn needs(&self) -> Needs {
        match &self.0 {
            Kind::Direct(kernel) => kernel.needs(),
            Kind::Narrow(kernel) => kernel.needs(),
            Kind::Winograd(kernel) => kernel.needs(),
            Kind::Wide(kernel) => kernel.needs(),
            Kind::Depthwise(kernel) => kernel.needs(),
            Kind::Add(_) | Kind::Rescale(_) => Needs::default(),
        }
    }

    pub fn name(&self) -> &'static str {
        match &self.0 {
            Kind::Direct(kernel) => kernel.name(),
            Kind::Narrow(kernel) => kernel.name(),
            Kind::Winograd(_) => "winograd",
            Kind::Wide(_) => "wide",
            Kind::Depthwise(kernel) => kernel.name(),
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

#[target_feature(enable = "neon")]
fn prepare(operator: &Operator, dots: Option<Dots>) -> Option<Kind> {
    Some(match operator {
        Operator::Convolution(convolution) => {
            let multiply = match dots {
                Some(dots) => Multiply::Dots(dots),
                None if direct::fits_bytes(convolution) => Multiply::Bytes,
                None => Multiply::Words,
            };
            let head = matches!(convolution.finish, Finish::Fixed(_));
            // With dot products, multiplying is so cheap that transforms do not pay.
            if dots.is_none() && transforms::fits(convolution) {
                Kind::Winograd(winograd::Winograd::new(convolution))
            } else if head && convolution.output.channels <= 8 {
                Kind::Narrow(direct::Direct::new(convolution, multiply))
            } else {
                Kind::Direct(direct::Direct::new(convolution, multiply))
            }
        }
        Operator::Wide(layer) => Kind::Wide(wide::Wide::new(layer)),
        Operator::Depthwise(convolution) if depthwise::Depthwise::fits(convolution) => {
            Kind::Depthwise(depthwise::Depthwise::new(convolution, dots))
        }
        Operator::Add(add) => Kind::Add(elementwise::Add::new(add)),
        Operator::Rescale(rescale) => Kind::Rescale(elementwise::Rescale::new(rescale)),
        _ => return None,
    })
}

#[target_feature(enable = "neon")]
fn run(
    kind: &Kind,
    [first, second]: [&[u8]; 2],
    rows: Range<usize>,
    out: Destination<'_>,
    scratch: &mut Scratch,
) {
    match (kind, out) {
        (Kind::Direct(kernel), out) => kernel.run(first, rows, out, scratch),
        (Kind::Narrow(kernel), out) => kernel.run(first, rows, out, scratch),
        (Kind::Winograd(kernel), out) => kernel.run(first, rows, out, scratch),
        // Its output is one pixel, which is never divided.
        (Kind::Wide(kernel), out) => kernel.run(first, out, scratch),
        (Kind::Depthwise(kernel), Destination::Bytes(out)) => {
            kernel.run(first, rows, out, scratch);
        }
        (Kind::Add(kernel), Destination::Bytes(out)) => kernel.run(first, second, rows, out),
        (Kind::Rescale(kernel), Destination::Bytes(out)) => kernel.run(first, rows, out),
        // Only those may be heads; see `Builder::head`.
        (_, Destination::Fixed(_)) => {}
    }
}
