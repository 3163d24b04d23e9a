//! The kernels for the processor at hand.
//!
//! [`crate::operators`] defines every operator in plain Rust. A processor with better instructions
//! gets kernels of its own for the operators that cost time; they give the same bytes, and tests hold them to it.
//! A further processor is one more module here and one more variant in [`Set`] and [`Kernel`]. What processors
//! share: `rows` pads input rows, `packing` orders weights, `lines` puts results in their places, `transforms` are Winograd's.

use crate::operators::{Destination, Operator};
use crate::scratch::{Needs, Scratch};
use core::ops::Range;

#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[allow(unsafe_code)]
mod avx2;
#[cfg(all(target_arch = "aarch64", feature = "std"))]
#[allow(unsafe_code)]
mod neon;

// What the processors' modules share.
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std"))]
mod lines;
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std"))]
mod packing;
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std"))]
mod rows;
#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std"))]
mod transforms;

#[cfg(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std"))]
use alloc::boxed::Box;

/// The instructions to use. Only [`Instructions::all`] hands out more than plain ones, and only
/// those that the processor has: having a value is the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Plain,
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    Avx2(avx2::Avx2),
    #[cfg(all(target_arch = "aarch64", feature = "std"))]
    Neon(neon::Neon),
}

impl Instructions {
    /// What every processor has.
    pub const PLAIN: Instructions = Instructions(Set::Plain);

    /// The fastest this processor has.
    pub fn best() -> Instructions {
        Instructions::all().last().unwrap_or(Instructions::PLAIN)
    }

    /// All that this processor has, the fastest last.
    pub fn all() -> impl Iterator<Item = Instructions> {
        #[cfg(all(target_arch = "x86_64", feature = "std"))]
        let more = {
            let avx2 = avx2::Avx2::detect();
            let short = avx2.and_then(avx2::Avx2::with_avx_vnni);
            let dots = avx2.and_then(avx2::Avx2::with_avx512_vnni);
            [avx2, short, dots]
                .into_iter()
                .flatten()
                .map(|proof| Instructions(Set::Avx2(proof)))
        };
        #[cfg(all(target_arch = "aarch64", feature = "std"))]
        let more = {
            let neon = neon::Neon::detect();
            let dots = neon.and_then(neon::Neon::with_dots);
            [neon, dots]
                .into_iter()
                .flatten()
                .map(|proof| Instructions(Set::Neon(proof)))
        };
        #[cfg(not(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std")))]
        let more = core::iter::empty();
        core::iter::once(Instructions::PLAIN).chain(more)
    }

    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Plain => "plain",
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Set::Avx2(proof) => proof.name(),
            #[cfg(all(target_arch = "aarch64", feature = "std"))]
            Set::Neon(proof) => proof.name(),
        }
    }
}

/// How one step is computed: weights in the order the instructions want them.
#[derive(Clone, Debug)]
pub(crate) enum Kernel {
    Plain,
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    Avx2(Box<avx2::Kernel>),
    #[cfg(all(target_arch = "aarch64", feature = "std"))]
    Neon(Box<neon::Kernel>),
}

impl Kernel {
    /// The best kernel for an operator; the plain one where there is none.
    #[cfg_attr(
        not(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std")),
        expect(unused_variables)
    )]
    pub fn prepare(instructions: Instructions, operator: &Operator) -> Kernel {
        match instructions.0 {
            Set::Plain => Kernel::Plain,
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Set::Avx2(proof) => match avx2::Kernel::prepare(proof, operator) {
                Some(kernel) => Kernel::Avx2(Box::new(kernel)),
                None => Kernel::Plain,
            },
            #[cfg(all(target_arch = "aarch64", feature = "std"))]
            Set::Neon(proof) => match neon::Kernel::prepare(proof, operator) {
                Some(kernel) => Kernel::Neon(Box::new(kernel)),
                None => Kernel::Plain,
            },
        }
    }

    /// The scratch memory it uses.
    pub fn needs(&self) -> Needs {
        match self {
            Kernel::Plain => Needs::default(),
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Kernel::Avx2(kernel) => kernel.needs(),
            #[cfg(all(target_arch = "aarch64", feature = "std"))]
            Kernel::Neon(kernel) => kernel.needs(),
        }
    }

    /// The name for reports.
    pub fn name(&self) -> &'static str {
        match self {
            Kernel::Plain => "plain",
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Kernel::Avx2(kernel) => kernel.name(),
            #[cfg(all(target_arch = "aarch64", feature = "std"))]
            Kernel::Neon(kernel) => kernel.name(),
        }
    }

    /// Computes `rows` of the operator's output; `out` is these rows alone.
    #[cfg_attr(
        not(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std")),
        expect(unused_variables)
    )]
    pub fn run(
        &self,
        operator: &Operator,
        inputs: [&[u8]; 2],
        rows: Range<usize>,
        out: Destination<'_>,
        scratch: &mut Scratch,
    ) {
        match self {
            Kernel::Plain => operator.run(inputs, rows, out),
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Kernel::Avx2(kernel) => kernel.run(inputs, rows, out, scratch),
            #[cfg(all(target_arch = "aarch64", feature = "std"))]
            Kernel::Neon(kernel) => kernel.run(inputs, rows, out, scratch),
        }
    }
}
