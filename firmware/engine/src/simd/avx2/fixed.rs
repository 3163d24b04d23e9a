//! What becomes of a head's sums: fixed point, eight channels at a time.
//!
//! Products are shifted as 64 bits. There is no shift of 64 bits that keeps signs, but of the result
//! only the low half counts: with 2^63 added before and `2^(63 - shift)` taken away after, a shift of
//! unsigned numbers gives it.

use super::finish::{Ending, Factor};
use super::lanes::{POSITION, ordered};
use crate::operators;
use alloc::vec::Vec;
use core::arch::x86_64::*;

/// Sums to fixed point.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// For each block and vector of it.
    vectors: Vec<Vector>,
    pub ending: Ending,
}

/// Parameters of eight channels. Those in pairs are for even and odd lanes, 64 bits each.
#[derive(Clone, Copy, Debug)]
struct Vector {
    factor: Factor,
    /// Half a step, and 2^63.
    half: [__m256i; 2],
    shift: [__m256i; 2],
    /// The low half of what 2^63 has become.
    excess: __m256i,
}

impl Fixed {
    #[target_feature(enable = "avx2")]
    pub fn new(fixed: &operators::Fixed, channels: usize, vectors: usize) -> Fixed {
        let narrow = core::array::from_fn(|channel| channel);
        let mut all = Vec::new();
        for first in (0..channels).step_by(8 * vectors) {
            if vectors == 1 {
                all.extend(Vector::new::<1>(fixed, first));
            } else {
                all.extend(Vector::new::<2>(fixed, first));
            }
        }
        Fixed {
            vectors: all,
            ending: Ending {
                positions: if vectors == 1 { narrow } else { POSITION },
                rest: fixed.rest.clone(),
            },
        }
    }

    /// The values of a block's sums, in the lanes' order.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn values<const VECTORS: usize>(
        &self,
        block: usize,
        mut sums: [__m256i; VECTORS],
    ) -> [__m256i; VECTORS] {
        let vectors = &self.vectors[block * VECTORS..][..VECTORS];
        for (sums, vector) in sums.iter_mut().zip(vectors) {
            *sums = vector.values(*sums);
        }
        sums
    }
}

impl Vector {
    #[target_feature(enable = "avx2")]
    fn new<const VECTORS: usize>(fixed: &operators::Fixed, first: usize) -> [Vector; VECTORS] {
        let multiplier = |channel: usize| fixed.multipliers.get(first + channel);
        let factor = ordered::<VECTORS>(|channel| multiplier(channel).map_or(0, |m| m.factor));
        let shift = |channel| multiplier(channel).map_or(1, |m| m.shift);
        let shifts = ordered::<VECTORS>(|channel| shift(channel) as i32);
        let excess = ordered::<VECTORS>(|channel| (1u64 << (63 - shift(channel))) as i32);
        let mut vectors = [Vector {
            factor: Factor::new(_mm256_setzero_si256()),
            half: [_mm256_setzero_si256(); 2],
            shift: [_mm256_setzero_si256(); 2],
            excess: _mm256_setzero_si256(),
        }; VECTORS];
        let low = _mm256_set1_epi64x(0xffff_ffff);
        for (index, vector) in vectors.iter_mut().enumerate() {
            vector.factor = Factor::new(factor[index]);
            vector.shift = [
                _mm256_and_si256(shifts[index], low),
                _mm256_srli_epi64::<32>(shifts[index]),
            ];
            for (half, &shift) in vector.half.iter_mut().zip(&vector.shift) {
                let below = _mm256_sub_epi64(shift, _mm256_set1_epi64x(1));
                let step = _mm256_sllv_epi64(_mm256_set1_epi64x(1), below);
                *half = _mm256_add_epi64(step, _mm256_set1_epi64x(i64::MIN));
            }
            vector.excess = excess[index];
        }
        vectors
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn values(&self, sums: __m256i) -> __m256i {
        let even = _mm256_mul_epi32(sums, self.factor.even);
        let odd = _mm256_mul_epi32(_mm256_srli_epi64::<32>(sums), self.factor.odd);
        let even = _mm256_srlv_epi64(_mm256_add_epi64(even, self.half[0]), self.shift[0]);
        let odd = _mm256_srlv_epi64(_mm256_add_epi64(odd, self.half[1]), self.shift[1]);
        let together = _mm256_blend_epi32::<0b1010_1010>(even, _mm256_slli_epi64::<32>(odd));
        _mm256_sub_epi32(together, self.excess)
    }
}
