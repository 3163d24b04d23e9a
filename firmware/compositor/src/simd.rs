//! The inner loops, for the processor at hand.
//!
//! Each loop exists once in plain Rust, whole numbers only; that is the reference and what runs
//! on processors without a version of their own. Loops over rows are compiled a second time with
//! AVX2 allowed (the compiler does the rest); reading between pixels is written out with AVX2
//! instructions in [`avx2`]. All versions give the same bytes: tests hold them to it.

use crate::blend;
use crate::cubic;
use crate::nodes;
use crate::source::Source;
use sfumato_core::drawing::Amount;
use sfumato_core::pixels::Xrgb;

#[cfg(all(target_arch = "x86_64", feature = "std"))]
#[allow(unsafe_code)]
mod avx2;

/// The instructions to use. Only [`Instructions::best`] hands out more than plain ones, and only
/// when the processor has them: having a value is the proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instructions(Set);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Set {
    Plain,
    #[cfg(all(target_arch = "x86_64", feature = "std"))]
    Avx2,
}

impl Instructions {
    /// What every processor has.
    pub const PLAIN: Instructions = Instructions(Set::Plain);

    /// The fastest this processor has.
    pub fn best() -> Instructions {
        #[cfg(all(target_arch = "x86_64", feature = "std"))]
        if std::is_x86_feature_detected!("avx2") {
            return Instructions(Set::Avx2);
        }
        Instructions::PLAIN
    }

    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self.0 {
            Set::Plain => "plain",
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Set::Avx2 => "avx2",
        }
    }
}

macro_rules! dispatch {
    ($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),* $(,)?) = $plain:path) => {
        $(#[$doc])*
        #[allow(unsafe_code)]
        pub fn $name(instructions: Instructions, $($argument: $kind),*) {
            match instructions.0 {
                Set::Plain => $plain($($argument),*),
                #[cfg(all(target_arch = "x86_64", feature = "std"))]
                // SAFETY: this value exists only where the processor was found to have AVX2.
                Set::Avx2 => unsafe { avx2::$name($($argument),*) },
            }
        }
    };
}

dispatch! {
    /// See [`cubic::warp_row`].
    warp_row(
        source: &Source,
        x: i32,
        y: i32,
        flow_x: &[i32],
        flow_y: &[i32],
        out: &mut [Xrgb],
    ) = cubic::warp_row
}
dispatch! {
    /// See [`blend::between`].
    between(above: &[i32], below: &[i32], weight: i32, out: &mut [i32]) = blend::between
}
dispatch! {
    /// See [`blend::add_residual`].
    add_residual(residual: [&[i32]; 3], line: &mut [Xrgb]) = blend::add_residual
}
dispatch! {
    /// See [`blend::mix`].
    mix(over: &[Xrgb], share: &[i32], line: &mut [Xrgb]) = blend::mix
}
dispatch! {
    /// See [`blend::stay_behind`].
    stay_behind(
        here: &[Xrgb],
        there: &[Xrgb],
        share: &[i32],
        line: &mut [Xrgb],
    ) = blend::stay_behind
}
dispatch! {
    /// See [`nodes::scaled`].
    scaled(
        amounts: &[Amount],
        unit: i32,
        limits: (i32, i32),
        out: &mut [i32],
    ) = nodes::scaled
}
