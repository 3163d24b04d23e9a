//! Depthwise convolution: the kernel's places in pairs, `vpmaddwd` on two of them at a time.
//!
//! The pairs ([`order`]) are such that neighbouring outputs share interleaved inputs. For the 3x3
//! kernel at stride 1 an output interleaves two new pairs and keeps the others in registers.

use super::finish::Bytes;
use super::lanes::{load, load_words, ordered, store_bytes};
use super::rows::{Cell, Padding, Ring};
use crate::operators;
use crate::scratch::{Needs, Scratch};
use crate::shape::{LANES, Shape};
use alloc::vec::Vec;
use core::arch::x86_64::*;
use core::array::from_fn;
use core::ops::Range;

/// A depthwise convolution's weights and finish.
#[derive(Clone, Debug)]
pub struct Depthwise {
    output: Shape,
    kernel: usize,
    stride: usize,
    top: usize,
    padding: Padding,
    /// For each block of sixteen channels and pair of places.
    weights: Vec<[__m256i; 2]>,
    /// For each block, what sums start from.
    start: Vec<[__m256i; 2]>,
    finish: Bytes,
}

impl Depthwise {
    /// Whether it can compute this convolution.
    pub fn fits(depthwise: &operators::depthwise::Depthwise) -> bool {
        matches!(depthwise.geometry.kernel, 3 | 5)
    }

    #[target_feature(enable = "avx2")]
    pub fn new(depthwise: &operators::depthwise::Depthwise) -> Depthwise {
        let geometry = depthwise.geometry;
        let output = depthwise.output;
        let places = geometry.kernel.pow(2);
        let blocks = output.channels.div_ceil(LANES);
        let weight = |channel: usize, place: usize| -> i8 {
            let inside = channel < output.channels && place < places;
            let (ky, kx) = (place / geometry.kernel, place % geometry.kernel);
            if inside {
                depthwise.weight(channel, ky, kx)
            } else {
                0
            }
        };
        let mut weights = Vec::with_capacity(blocks * places.div_ceil(2));
        let mut start = Vec::with_capacity(blocks);
        for first in (0..blocks).map(|block| block * LANES) {
            for pair in 0..places.div_ceil(2) {
                let words = [0, 1].map(|place| {
                    let place = order(geometry.kernel, 2 * pair + place);
                    let words: [i16; LANES] =
                        from_fn(|lane| i16::from(weight(first + lane, place)));
                    load_words(&words)
                });
                weights.push(interleave(words));
            }
            start.push(ordered(|lane| {
                let channel = first + lane;
                let total: i32 = (0..places)
                    .map(|place| i32::from(weight(channel, place)))
                    .sum();
                let bias = depthwise.bias.get(channel).copied().unwrap_or(0);
                // Sums are taken modulo 2^32, and the whole one is known to fit.
                bias.wrapping_sub(total * i32::from(depthwise.zero_point))
            }));
        }
        Depthwise {
            output,
            kernel: geometry.kernel,
            stride: geometry.stride,
            top: geometry.padding[0],
            padding: Padding {
                input: depthwise.input,
                cell: Cell::Words,
                zero_point: depthwise.zero_point,
                signed: false,
                left: geometry.padding[1],
                // One more than the kernel covers: pairs beside each other reach so far.
                columns: (output.width - 1) * geometry.stride + geometry.kernel + 1,
                rows: geometry.kernel,
            },
            weights,
            start,
            finish: Bytes::new(&depthwise.finish, output.channels),
        }
    }

    pub fn needs(&self) -> Needs {
        Needs {
            rows: self.padding.cells(),
            ..Needs::default()
        }
    }

    /// See [`operators::depthwise::Depthwise::run`].
    #[target_feature(enable = "avx2")]
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8], scratch: &mut Scratch) {
        let first_row = |y: usize| (y * self.stride) as isize - self.top as isize;
        let mut ring = Ring::new(self.padding, &mut scratch.rows, first_row(rows.start));
        let row = self.output.width * self.start.len();
        let (places, _) = out.as_chunks_mut::<LANES>();
        for (out, y) in places.chunks_exact_mut(row).zip(rows) {
            let rows = &ring.rows(input, first_row(y))[..self.kernel];
            match (self.kernel, self.stride) {
                (3, 1) => self.row_of_three([rows[0], rows[1], rows[2]], out),
                (3, _) => self.row::<3, 5>(rows, out),
                _ => self.row::<5, 13>(rows, out),
            }
        }
    }

    /// One row of output, for the 3x3 kernel at stride 1.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn row_of_three(&self, rows: [&[i32]; 3], out: &mut [[u8; LANES]]) {
        let blocks = self.start.len();
        let [upper, middle, lower] = rows.map(|row| row.as_chunks::<8>().0);
        let (weights, _) = self.weights.as_chunks::<5>();
        for (block, (weights, &start)) in weights.iter().zip(&self.start).enumerate() {
            let above = |column: usize| {
                let at = column * blocks + block;
                interleave([load(&upper[at]), load(&middle[at])])
            };
            let below = |column: usize| load(&lower[column * blocks + block]);
            let (mut first, mut second) = (above(0), above(1));
            let mut newest = below(2);
            let mut left = interleave([below(0), below(1)]);
            let mut middle = interleave([below(1), newest]);
            for (x, out) in out[block..].iter_mut().step_by(blocks).enumerate() {
                let third = above(x + 2);
                let next = below(x + 3);
                let right = interleave([newest, next]);
                let mut sums = start;
                for half in 0..2 {
                    let inputs = [
                        first[half],
                        second[half],
                        third[half],
                        left[half],
                        right[half],
                    ];
                    for pair in 0..5 {
                        let products = _mm256_madd_epi16(inputs[pair], weights[pair][half]);
                        sums[half] = _mm256_add_epi32(sums[half], products);
                    }
                }
                store_bytes(out, self.finish.bytes(block, sums));
                (first, second, newest) = (second, third, next);
                (left, middle) = (middle, right);
            }
        }
    }

    /// One row of output, for a kernel of side `KERNEL`, which takes `PAIRS` pairs.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn row<const KERNEL: usize, const PAIRS: usize>(
        &self,
        rows: &[&[i32]],
        out: &mut [[u8; LANES]],
    ) {
        let blocks = self.start.len();
        let mut cells: [&[[i32; 8]]; KERNEL] = [&[]; KERNEL];
        for (cells, row) in cells.iter_mut().zip(rows) {
            *cells = row.as_chunks().0;
        }
        let (weights, _) = self.weights.as_chunks::<PAIRS>();
        for (block, (weights, &start)) in weights.iter().zip(&self.start).enumerate() {
            for (x, out) in out[block..].iter_mut().step_by(blocks).enumerate() {
                let first = x * self.stride * blocks + block;
                let mut sums = start;
                for (pair, weights) in weights.iter().enumerate() {
                    let inputs = if pair < KERNEL / 2 * KERNEL {
                        let (row, at) = (pair / KERNEL * 2, first + pair % KERNEL * blocks);
                        [load(&cells[row][at]), load(&cells[row + 1][at])]
                    } else {
                        let column = 2 * (pair - KERNEL / 2 * KERNEL);
                        let at = first + column * blocks;
                        let last = cells[KERNEL - 1];
                        // Past the last place is a column that a row of cells still has.
                        [load(&last[at]), load(&last[at + blocks])]
                    };
                    let inputs = interleave(inputs);
                    for half in 0..2 {
                        let products = _mm256_madd_epi16(inputs[half], weights[half]);
                        sums[half] = _mm256_add_epi32(sums[half], products);
                    }
                }
                store_bytes(out, self.finish.bytes(block, sums));
            }
        }
    }
}

/// The place of a kernel that comes at `at` in the order of [`Depthwise::weights`].
///
/// Pairs above each other in rows 0 and 1, in rows 2 and 3, and so on; then pairs beside each
/// other in the last row, whose second one may be past the last place.
fn order(kernel: usize, at: usize) -> usize {
    let above = (kernel - 1) * kernel;
    if at < above {
        let (pair, second) = (at / 2, at % 2);
        (pair / kernel * 2 + second) * kernel + pair % kernel
    } else {
        at
    }
}

/// Words of two vectors in turn: sixteen pairs, in the lanes' [`super::lanes::ORDER`].
#[inline]
#[target_feature(enable = "avx2")]
pub fn interleave([first, second]: [__m256i; 2]) -> [__m256i; 2] {
    [
        _mm256_unpacklo_epi16(first, second),
        _mm256_unpackhi_epi16(first, second),
    ]
}
