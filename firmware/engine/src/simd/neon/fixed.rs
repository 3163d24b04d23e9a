//! What becomes of a head's sums: fixed point, in products of 64 bits.

use super::lanes::ordered;
use crate::operators;
use crate::simd::lines::Ending;
use alloc::vec::Vec;
use core::arch::aarch64::*;
use core::array::from_fn;

/// Sums to fixed point.
#[derive(Clone, Debug)]
pub struct Fixed {
    /// For each block and vector of it.
    vectors: Vec<Vector>,
    pub ending: Ending,
}

/// Parameters of four channels.
#[derive(Clone, Copy, Debug)]
struct Vector {
    factor: int32x4_t,
    /// To the left, so below 0: of the first two channels and of the others.
    shift: [int64x2_t; 2],
}

impl Fixed {
    #[target_feature(enable = "neon")]
    pub fn new(fixed: &operators::Fixed, channels: usize, vectors: usize) -> Fixed {
        let count = channels.div_ceil(4 * vectors) * vectors;
        Fixed {
            vectors: (0..count).map(|at| Vector::new(fixed, 4 * at)).collect(),
            ending: Ending {
                positions: from_fn(|channel| channel),
                rest: fixed.rest.clone(),
            },
        }
    }

    /// The values of a block's sums.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn values<const VECTORS: usize>(
        &self,
        block: usize,
        mut sums: [int32x4_t; VECTORS],
    ) -> [int32x4_t; VECTORS] {
        let vectors = &self.vectors[block * VECTORS..][..VECTORS];
        for (sums, vector) in sums.iter_mut().zip(vectors) {
            *sums = vector.values(*sums);
        }
        sums
    }
}

impl Vector {
    /// The parameters of four channels; factors past the last are zero.
    #[target_feature(enable = "neon")]
    fn new(fixed: &operators::Fixed, first: usize) -> Vector {
        let multiplier = |channel: usize| fixed.multipliers.get(first + channel);
        let [factor] = ordered(|channel| multiplier(channel).map_or(0, |m| m.factor));
        let [shift] = ordered(|channel| multiplier(channel).map_or(0, |m| -(m.shift as i32)));
        Vector {
            factor,
            shift: [vmovl_s32(vget_low_s32(shift)), vmovl_high_s32(shift)],
        }
    }

    /// Products, shifted with halves rounded up; the low halves of what is left.
    #[inline]
    #[target_feature(enable = "neon")]
    fn values(&self, sums: int32x4_t) -> int32x4_t {
        let first = vmull_s32(vget_low_s32(sums), vget_low_s32(self.factor));
        let second = vmull_high_s32(sums, self.factor);
        let first = vmovn_s64(vrshlq_s64(first, self.shift[0]));
        vmovn_high_s64(first, vrshlq_s64(second, self.shift[1]))
    }
}
