//! Places four at a time: their bytes, channel by channel, and `sdot` on them.
//!
//! The four are the first places of a column of the kernel; the 3x3 kernel's have an empty one below. At
//! stride 1 an output of the 3x3 kernel interleaves one new column and keeps two in registers. The 5x5 kernel's last row makes two
//! more fours.

use super::Depthwise;
use crate::shape::LANES;
use crate::simd::neon::lanes::{dot, load_bytes, store_bytes};
use core::arch::aarch64::*;
use core::array::from_fn;

/// How many times four places a kernel takes.
pub fn fours(kernel: usize) -> usize {
    kernel.pow(2).div_ceil(4)
}

/// Four places of a kernel, row and column; those outside it are empty.
pub fn places(kernel: usize, four: usize) -> [(usize, usize); 4] {
    from_fn(|at| match four.checked_sub(kernel) {
        None => (at, four),
        Some(four) => (4, 4 * four + at),
    })
}

/// Four places' weights of sixteen channels.
#[target_feature(enable = "neon")]
pub fn weights(weight: impl Fn(usize, usize) -> i8) -> [int8x16_t; 4] {
    let mut vectors = [vdupq_n_s8(0); 4];
    for (index, vector) in vectors.iter_mut().enumerate() {
        let cell = |lane: usize| from_fn(|place| weight(4 * index + lane, place) as u8);
        *vector = load_bytes(&from_fn(|lane| i32::from_le_bytes(cell(lane))));
    }
    vectors
}

/// Bytes of four places, channel by channel.
#[inline]
#[target_feature(enable = "neon")]
fn interleave([a, b, c, d]: [int8x16_t; 4]) -> [int8x16_t; 4] {
    let pairs = [
        [vzip1q_s8(a, b), vzip1q_s8(c, d)],
        [vzip2q_s8(a, b), vzip2q_s8(c, d)],
    ];
    let [low, high] = pairs.map(|pair| pair.map(|bytes| vreinterpretq_s16_s8(bytes)));
    [
        vreinterpretq_s8_s16(vzip1q_s16(low[0], low[1])),
        vreinterpretq_s8_s16(vzip2q_s16(low[0], low[1])),
        vreinterpretq_s8_s16(vzip1q_s16(high[0], high[1])),
        vreinterpretq_s8_s16(vzip2q_s16(high[0], high[1])),
    ]
}

/// Adds the products of four places.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn add(sums: [int32x4_t; 4], inputs: &[int8x16_t; 4], weights: &[int8x16_t; 4]) -> [int32x4_t; 4] {
    [
        dot(sums[0], inputs[0], weights[0]),
        dot(sums[1], inputs[1], weights[1]),
        dot(sums[2], inputs[2], weights[2]),
        dot(sums[3], inputs[3], weights[3]),
    ]
}

impl Depthwise {
    /// One row of output.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    pub(super) fn row_of_dots(
        &self,
        weights: &[[int8x16_t; 4]],
        rows: &[&[i32]],
        out: &mut [[u8; LANES]],
    ) {
        let blocks = self.start.len();
        let rows = |row: usize| rows[row].as_chunks::<4>().0;
        if self.kernel == 3 {
            let (weights, _) = weights.as_chunks::<3>();
            let rows = [rows(0), rows(1), rows(2)];
            for (block, weights) in weights.iter().enumerate() {
                let out = out[block..].iter_mut().step_by(blocks);
                match self.stride {
                    1 => self.three(block, weights, rows, out),
                    _ => self.three_apart(block, weights, rows, out),
                }
            }
        } else {
            let (weights, _) = weights.as_chunks::<7>();
            let rows = [rows(0), rows(1), rows(2), rows(3), rows(4)];
            for (block, weights) in weights.iter().enumerate() {
                let out = out[block..].iter_mut().step_by(blocks);
                self.five(block, weights, rows, out);
            }
        }
    }

    /// A block's row of output, for the 3x3 kernel at stride 1.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    fn three<'a>(
        &self,
        block: usize,
        weights: &[[int8x16_t; 4]; 3],
        rows: [&[[i32; 4]]; 3],
        out: impl Iterator<Item = &'a mut [u8; LANES]>,
    ) {
        let (blocks, start) = (self.start.len(), self.start[block]);
        let finish = self.finish.block(block);
        let column = |x: usize| {
            let [a, b, c] = rows.map(|row| load_bytes(&row[x * blocks + block]));
            interleave([a, b, c, vdupq_n_s8(0)])
        };
        let (mut left, mut middle) = (column(0), column(1));
        for (x, out) in out.enumerate() {
            let right = column(x + 2);
            let sums = add(start, &left, &weights[0]);
            let sums = add(sums, &middle, &weights[1]);
            let sums = add(sums, &right, &weights[2]);
            store_bytes(out, finish.bytes(sums));
            (left, middle) = (middle, right);
        }
    }

    /// A block's row of output, for the 3x3 kernel at stride 2.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    fn three_apart<'a>(
        &self,
        block: usize,
        weights: &[[int8x16_t; 4]; 3],
        rows: [&[[i32; 4]]; 3],
        out: impl Iterator<Item = &'a mut [u8; LANES]>,
    ) {
        let (blocks, start) = (self.start.len(), self.start[block]);
        let finish = self.finish.block(block);
        for (x, out) in out.enumerate() {
            let mut sums = start;
            for (column, weights) in weights.iter().enumerate() {
                let at = (x * self.stride + column) * blocks + block;
                let [a, b, c] = rows.map(|row| load_bytes(&row[at]));
                sums = add(sums, &interleave([a, b, c, vdupq_n_s8(0)]), weights);
            }
            store_bytes(out, finish.bytes(sums));
        }
    }

    /// A block's row of output, for the 5x5 kernel.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    fn five<'a>(
        &self,
        block: usize,
        weights: &[[int8x16_t; 4]; 7],
        [a, b, c, d, last]: [&[[i32; 4]]; 5],
        out: impl Iterator<Item = &'a mut [u8; LANES]>,
    ) {
        let (blocks, start) = (self.start.len(), self.start[block]);
        let finish = self.finish.block(block);
        let empty = vdupq_n_s8(0);
        for (x, out) in out.enumerate() {
            let first = x * self.stride * blocks + block;
            let mut sums = start;
            let mut below = [empty; 5];
            for column in 0..5 {
                let at = first + column * blocks;
                let four = [a, b, c, d].map(|row| load_bytes(&row[at]));
                sums = add(sums, &interleave(four), &weights[column]);
                below[column] = load_bytes(&last[at]);
            }
            let [e, f, g, h, i] = below;
            let sums = add(sums, &interleave([e, f, g, h]), &weights[5]);
            let sums = add(sums, &interleave([i, empty, empty, empty]), &weights[6]);
            store_bytes(out, finish.bytes(sums));
        }
    }
}
