//! AVX2 with FMA, and AVX-512.
//!
//! Where channels are no multiple of sixteen, AVX-512's thirty-two registers are used in halves: that
//! wastes no lane, and many processors multiply two halves in the time of a whole.

use super::{Lanes, Work};
use core::arch::x86_64::*;

/// The processor has AVX2 and FMA: only [`Avx2::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx2(());

/// The processor has AVX-512's F, VL and DQ as well: only [`Avx512::detect`] makes one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Avx512(());

/// [`Avx512`] with vectors of eight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Halves(Avx512);

impl Avx2 {
    /// Asks the processor.
    pub fn detect() -> Option<Avx2> {
        let found = std::is_x86_feature_detected!("avx2") && std::is_x86_feature_detected!("fma");
        found.then_some(Avx2(()))
    }
}

impl Avx512 {
    /// Asks the processor.
    pub fn detect() -> Option<Avx512> {
        Avx2::detect()?;
        let found = std::is_x86_feature_detected!("avx512f")
            && std::is_x86_feature_detected!("avx512vl")
            && std::is_x86_feature_detected!("avx512dq");
        found.then_some(Avx512(()))
    }

    /// The same registers, half of each.
    pub fn halves(self) -> Halves {
        Halves(self)
    }
}

/// Implements [`Lanes`] with the given instructions.
macro_rules! lanes {
    (
        $type:ty, $features:literal, $vector:ty, $count:literal, $tiles:expr,
        $load:ident $store:ident $splat:ident $mul_add:ident $mul:ident $add:ident $max:ident $min:ident,
        $slope:expr
    ) => {
        impl Lanes for $type {
            type Vector = $vector;
            type Array = [f32; $count];
            const COUNT: usize = $count;
            const TILES: [usize; 2] = $tiles;

            #[inline(always)]
            fn chunks(self, numbers: &[f32]) -> &[Self::Array] {
                numbers.as_chunks().0
            }

            #[inline(always)]
            fn chunks_mut(self, numbers: &mut [f32]) -> &mut [Self::Array] {
                numbers.as_chunks_mut().0
            }

            #[inline(always)]
            fn load(self, from: &Self::Array) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof; the
                // array is readable in whole and any address will do.
                unsafe { $load(from.as_ptr()) }
            }

            #[inline(always)]
            fn store(self, to: &mut Self::Array, vector: $vector) {
                // SAFETY: the processor has the instruction, of which `self` is the proof; the
                // array is writable in whole and any address will do.
                unsafe { $store(to.as_mut_ptr(), vector) }
            }

            #[inline(always)]
            fn splat(self, number: f32) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof.
                unsafe { $splat(number) }
            }

            #[inline(always)]
            fn mul_add(self, a: $vector, b: $vector, c: $vector) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof.
                unsafe { $mul_add(a, b, c) }
            }

            #[inline(always)]
            fn mul(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof.
                unsafe { $mul(a, b) }
            }

            #[inline(always)]
            fn add(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof.
                unsafe { $add(a, b) }
            }

            #[inline(always)]
            fn max(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof.
                unsafe { $max(a, b) }
            }

            #[inline(always)]
            fn min(self, a: $vector, b: $vector) -> $vector {
                // SAFETY: the processor has the instruction, of which `self` is the proof.
                unsafe { $min(a, b) }
            }

            #[inline(always)]
            fn slope(self, a: $vector, slopes: $vector) -> $vector {
                // SAFETY: the processor has the instructions, of which `self` is the proof.
                unsafe { $slope(a, slopes) }
            }

            #[inline(always)]
            fn vectorise<W: Work>(self, work: W) {
                #[inline(never)]
                #[target_feature(enable = $features)]
                fn with_instructions<W: Work>(work: W) {
                    work.run();
                }
                // SAFETY: the processor has the instructions, of which `self` is the proof.
                unsafe { with_instructions(work) }
            }
        }
    };
}

#[inline]
#[target_feature(enable = "avx2,fma")]
fn slope_256(a: __m256, slopes: __m256) -> __m256 {
    _mm256_blendv_ps(a, _mm256_mul_ps(a, slopes), a)
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn slope_512(a: __m512, slopes: __m512) -> __m512 {
    let negative = _mm512_movepi32_mask(_mm512_castps_si512(a));
    _mm512_mask_mul_ps(a, negative, a, slopes)
}

lanes!(
    Avx2, "avx2,fma", __m256, 8, [6, 4],
    _mm256_loadu_ps _mm256_storeu_ps _mm256_set1_ps _mm256_fmadd_ps _mm256_mul_ps _mm256_add_ps
    _mm256_max_ps _mm256_min_ps,
    slope_256
);

lanes!(
    Halves, "avx2,fma,avx512f,avx512vl,avx512dq", __m256, 8, [12, 8],
    _mm256_loadu_ps _mm256_storeu_ps _mm256_set1_ps _mm256_fmadd_ps _mm256_mul_ps _mm256_add_ps
    _mm256_max_ps _mm256_min_ps,
    slope_256
);

lanes!(
    Avx512, "avx2,fma,avx512f,avx512vl,avx512dq", __m512, 16, [12, 8],
    _mm512_loadu_ps _mm512_storeu_ps _mm512_set1_ps _mm512_fmadd_ps _mm512_mul_ps _mm512_add_ps
    _mm512_max_ps _mm512_min_ps,
    slope_512
);
