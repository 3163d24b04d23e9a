//! Kernels with AVX2, 16 words at a time.
//!
//! [`Avx2`] is the proof that the processor has the instructions, [`Dots`] that it has more; whoever holds a [`Kernel`] has been
//! given it. `lanes` moves vectors from and to memory; `finish`
//! makes bytes of sums and `fixed` fixed point; the others are the operators.

mod depthwise;
mod direct;
mod elementwise;
mod finish;
mod fixed;
mod lanes;
mod strip;
mod wide;
mod winograd;

use super::rows::{self, Cell};
use super::transforms;
use crate::operators::{Destination, Finish, Operator};
use crate::scratch::{Needs, Scratch};
use core::ops::Range;

/// The processor has AVX2: only [`Avx2::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Avx2 {
    dots: Option<Dots>,
}

/// The processor has dot products of bytes on vectors of this size, too: `vpdpbusd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dots(Encoding);

/// The instruction came twice: with AVX-512 (VNNI and VL), and for processors without that (AVX-VNNI).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Encoding {
    Avx512,
    AvxVnni,
}

impl Avx2 {
    /// Asks the processor.
    pub fn detect() -> Option<Avx2> {
        std::is_x86_feature_detected!("avx2").then_some(Avx2 { dots: None })
    }

    /// The same with the dot products of processors without AVX-512, where this one has them.
    pub fn with_avx_vnni(self) -> Option<Avx2> {
        std::is_x86_feature_detected!("avxvnni").then_some(Avx2 {
            dots: Some(Dots(Encoding::AvxVnni)),
        })
    }

    /// The same with AVX-512's dot products, where the processor has them.
    pub fn with_avx512_vnni(self) -> Option<Avx2> {
        let found = std::is_x86_feature_detected!("avx512vl")
            && std::is_x86_feature_detected!("avx512vnni");
        found.then_some(Avx2 {
            dots: Some(Dots(Encoding::Avx512)),
        })
    }

    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self.dots {
            None => "avx2",
            Some(Dots(Encoding::AvxVnni)) => "avx2 with avx-vnni",
            Some(Dots(Encoding::Avx512)) => "avx2 with avx512-vnni",
        }
    }
}

/// An operator made ready. Exists only where the processor has AVX2.
#[derive(Clone, Debug)]
pub struct Kernel(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Direct(direct::Direct<2>),
    /// A head of up to eight channels.
    Narrow(direct::Direct<1>),
    Winograd(winograd::Winograd),
    Wide(wide::Wide),
    Depthwise(depthwise::Depthwise),
    Add(elementwise::Add),
    Rescale(elementwise::Rescale),
}

impl Kernel {
    /// The fastest kernel for an operator; none for those that only move bytes.
    pub fn prepare(proof: Avx2, operator: &Operator) -> Option<Kernel> {
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
fn prepare(operator: &Operator, dots: Option<Dots>) -> Option<Kind> {
    Some(match operator {
        Operator::Convolution(convolution) => {
            let cell = if dots.is_some() || direct::fits_bytes(convolution) {
                Cell::Bytes
            } else {
                Cell::Words
            };
            let head = matches!(convolution.finish, Finish::Fixed(_));
            // With dot products, multiplying is so cheap that transforms do not pay.
            if dots.is_none() && transforms::fits(convolution) {
                Kind::Winograd(winograd::Winograd::new(convolution))
            } else if head && convolution.output.channels <= 8 {
                Kind::Narrow(direct::Direct::new(convolution, cell, dots))
            } else {
                Kind::Direct(direct::Direct::new(convolution, cell, dots))
            }
        }
        Operator::Wide(layer) => Kind::Wide(wide::Wide::new(layer)),
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
