//! Places one at a time: `smlal` on words.

use super::Depthwise;
use crate::shape::LANES;
use crate::simd::neon::elementwise::add_products;
use crate::simd::neon::lanes::{load_words, store_bytes};
use core::arch::aarch64::*;
use core::array::from_fn;

/// One place's weights of sixteen channels.
#[target_feature(enable = "neon")]
pub fn weights(weight: impl Fn(usize) -> i8) -> [int16x8_t; 2] {
    let word = |lane: usize| i32::from(i16::from(weight(lane)) as u16);
    let pair = |at: usize| word(2 * at) | word(2 * at + 1) << 16;
    [
        load_words(&from_fn(pair)),
        load_words(&from_fn(|at| pair(4 + at))),
    ]
}

impl Depthwise {
    /// One row of output.
    #[inline]
    #[target_feature(enable = "neon")]
    pub(super) fn row_of_words(
        &self,
        weights: &[[int16x8_t; 2]],
        rows: &[&[i32]],
        out: &mut [[u8; LANES]],
    ) {
        match self.kernel {
            3 => self.words::<3>(weights, rows, out),
            _ => self.words::<5>(weights, rows, out),
        }
    }

    /// One row of output, for a kernel of side `KERNEL`.
    #[inline]
    #[target_feature(enable = "neon")]
    fn words<const KERNEL: usize>(
        &self,
        weights: &[[int16x8_t; 2]],
        rows: &[&[i32]],
        out: &mut [[u8; LANES]],
    ) {
        let blocks = self.start.len();
        // Four cells are eight words; a block has two of these.
        let mut cells: [&[[[i32; 4]; 2]]; KERNEL] = [&[]; KERNEL];
        for (cells, row) in cells.iter_mut().zip(rows) {
            *cells = row.as_chunks().0.as_chunks().0;
        }
        let (kernels, _) = weights.as_chunks::<KERNEL>().0.as_chunks::<KERNEL>();
        for (block, (kernel, &start)) in kernels.iter().zip(&self.start).enumerate() {
            let finish = self.finish.block(block);
            for (x, out) in out[block..].iter_mut().step_by(blocks).enumerate() {
                let first = x * self.stride * blocks + block;
                let mut sums = start;
                for row in 0..KERNEL {
                    for column in 0..KERNEL {
                        let inputs = &cells[row][first + column * blocks];
                        let inputs = [load_words(&inputs[0]), load_words(&inputs[1])];
                        sums = add_products(sums, inputs, kernel[row][column]);
                    }
                }
                store_bytes(out, finish.bytes(sums));
            }
        }
    }
}
