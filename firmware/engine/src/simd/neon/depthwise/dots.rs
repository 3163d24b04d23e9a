//! Places four at a time: their bytes, channel by channel, and `sdot` on them.
//!
//! For the 3x3 kernel at stride 1 the four places are a column of the kernel and an empty one: an output
//! interleaves one new column and keeps two in registers. Elsewhere they follow each other.

use super::Depthwise;
use crate::shape::{Geometry, LANES};
use crate::simd::neon::lanes::{dot, load_bytes, store_bytes};
use core::arch::aarch64::*;
use core::array::from_fn;

/// How many times four places a kernel takes.
pub fn fours(geometry: Geometry) -> usize {
    geometry.kernel.pow(2).div_ceil(4)
}

/// Whether its columns are kept from one output to the next.
fn in_columns(kernel: usize, stride: usize) -> bool {
    (kernel, stride) == (3, 1)
}

/// Four places of a kernel, row and column; those outside it are empty.
pub fn places(geometry: Geometry, four: usize) -> [(usize, usize); 4] {
    let Geometry { kernel, stride, .. } = geometry;
    from_fn(|at| {
        if in_columns(kernel, stride) {
            (at, four)
        } else {
            ((4 * four + at) / kernel, (4 * four + at) % kernel)
        }
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
        match (self.kernel, rows) {
            (3, &[upper, middle, lower]) if in_columns(3, self.stride) => {
                self.columns(weights, [upper, middle, lower], out);
            }
            (3, _) => self.dots::<3, 3>(weights, rows, out),
            _ => self.dots::<5, 7>(weights, rows, out),
        }
    }

    /// One row of output, for the 3x3 kernel at stride 1.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    fn columns(&self, weights: &[[int8x16_t; 4]], rows: [&[i32]; 3], out: &mut [[u8; LANES]]) {
        let blocks = self.start.len();
        let rows = rows.map(|row| row.as_chunks::<4>().0);
        let (weights, _) = weights.as_chunks::<3>();
        for (block, (weights, &start)) in weights.iter().zip(&self.start).enumerate() {
            let column = |x: usize| {
                let [a, b, c] = rows.map(|row| load_bytes(&row[x * blocks + block]));
                interleave([a, b, c, vdupq_n_s8(0)])
            };
            let (mut left, mut middle) = (column(0), column(1));
            for (x, out) in out[block..].iter_mut().step_by(blocks).enumerate() {
                let right = column(x + 2);
                let sums = add(start, &left, &weights[0]);
                let sums = add(sums, &middle, &weights[1]);
                let sums = add(sums, &right, &weights[2]);
                store_bytes(out, self.finish.bytes(block, sums));
                (left, middle) = (middle, right);
            }
        }
    }

    /// One row of output, for a kernel of side `KERNEL`, which takes `FOURS` times four places.
    #[inline]
    #[target_feature(enable = "neon,dotprod")]
    fn dots<const KERNEL: usize, const FOURS: usize>(
        &self,
        weights: &[[int8x16_t; 4]],
        rows: &[&[i32]],
        out: &mut [[u8; LANES]],
    ) {
        let blocks = self.start.len();
        let mut cells: [&[[i32; 4]]; KERNEL] = [&[]; KERNEL];
        for (cells, row) in cells.iter_mut().zip(rows) {
            *cells = row.as_chunks().0;
        }
        let (weights, _) = weights.as_chunks::<FOURS>();
        for (block, (weights, &start)) in weights.iter().zip(&self.start).enumerate() {
            for (x, out) in out[block..].iter_mut().step_by(blocks).enumerate() {
                let mut sums = start;
                for (four, weights) in weights.iter().enumerate() {
                    let mut inputs = [vdupq_n_s8(0); 4];
                    for (at, input) in inputs.iter_mut().enumerate() {
                        let place = 4 * four + at;
                        if place < KERNEL * KERNEL {
                            let column = x * self.stride + place % KERNEL;
                            *input = load_bytes(&cells[place / KERNEL][column * blocks + block]);
                        }
                    }
                    sums = add(sums, &interleave(inputs), weights);
                }
                store_bytes(out, self.finish.bytes(block, sums));
            }
        }
    }
}
