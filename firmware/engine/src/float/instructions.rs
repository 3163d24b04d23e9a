//! Which instructions a plan uses.

use super::lanes::Plain;
#[cfg(all(target_arch = "x86_64", feature = "std"))]
use super::lanes::x86::{Avx2, Avx512, Halves};

/// The instructions to use. Only [`Instructions::all`] hands out more than plain ones, and only
/// those that the processor has: having a value is the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Processor);

/// The types of vectors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Processor {
    Plain(Plain),
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    Avx2(Avx2),
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    Avx512(Avx512),
    /// AVX-512 with vectors of eight; never a plan's, only a step's.
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    Halves(Halves),
}

impl Instructions {
    /// What every processor has.
    pub const PLAIN: Instructions = Instructions(Processor::Plain(Plain));

    /// The fastest this processor has.
    pub fn best() -> Instructions {
        Instructions::all().last().unwrap_or(Instructions::PLAIN)
    }

    /// All that this processor has, the fastest last.
    pub fn all() -> impl Iterator<Item = Instructions> {
        #[cfg(all(target_arch = "x86_64", feature = "std"))]
        let more = [
            Avx2::detect().map(Processor::Avx2),
            Avx512::detect().map(Processor::Avx512),
        ]
        .into_iter()
        .flatten()
        .map(Instructions);
        #[cfg(not(all(target_arch = "x86_64", feature = "std")))]
        let more = core::iter::empty();
        core::iter::once(Instructions::PLAIN).chain(more)
    }

    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self.0 {
            Processor::Plain(_) => "plain",
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Processor::Avx2(_) => "avx2",
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Processor::Avx512(_) | Processor::Halves(_) => "avx-512",
        }
    }

    /// Whether they multiply and add in one instruction; where they do not, plans are very slow.
    pub fn are_fused(self) -> bool {
        match self.0 {
            // Every 64-bit ARM has it, and most others do not.
            Processor::Plain(_) => cfg!(any(target_arch = "aarch64", target_feature = "fma")),
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            _ => true,
        }
    }

    pub(crate) fn processor(self) -> Processor {
        self.0
    }
}

impl Processor {
    /// For a step whose tensors all have channels in multiples of sixteen, or not.
    #[cfg_attr(
        not(all(target_arch = "x86_64", feature = "std")),
        expect(unused_variables)
    )]
    pub fn for_channels(self, sixteens: bool) -> Processor {
        match self {
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Processor::Avx512(lanes) if !sixteens => Processor::Halves(lanes.halves()),
            other => other,
        }
    }
}
