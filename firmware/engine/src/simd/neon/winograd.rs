//! 3x3 convolution in tiles of four outputs; see [`crate::simd::transforms`].

use super::finish::Finish;
use super::lanes::{load, load_words, ordered, store};
use super::strip::{Multiply, Strip};
use crate::operators::Destination;
use crate::operators::convolution::Convolution;
use crate::scratch::{Needs, Scratch, Sums};
use crate::shape::{LANES, Shape};
use crate::simd::lines::{Ends, Lines};
use crate::simd::packing::{start, words_cell};
use crate::simd::rows::{Padding, Ring};
use crate::simd::transforms::{CHUNK, ONCE, PLACES, padding, transformed};
use alloc::vec::Vec;
use core::arch::aarch64::*;
use core::array::from_fn;
use core::ops::Range;

/// A convolution's transformed weights and finish.
#[derive(Clone, Debug)]
pub struct Winograd {
    output: Shape,
    top: usize,
    padding: Padding,
    /// For each block of sixteen output channels, place of the 4x4 and cell.
    weights: Vec<[int8x16_t; 4]>,
    /// For each block, what four times the sums start from.
    start: Vec<[int32x4_t; 4]>,
    finish: Finish,
}

impl Winograd {
    #[target_feature(enable = "neon")]
    pub fn new(convolution: &Convolution) -> Winograd {
        let output = convolution.output;
        let padding = padding(convolution);
        let blocks = output.channels.div_ceil(LANES);
        let mut weights = Vec::with_capacity(blocks * PLACES * padding.pixel());
        for block in 0..blocks {
            for place in 0..PLACES {
                for cell in 0..padding.pixel() {
                    weights.push(Multiply::Words.pack(|lane| {
                        let channel = block * LANES + lane;
                        words_cell(from_fn(|word| {
                            transformed(convolution, channel, 2 * cell + word, place)
                        }))
                    }));
                }
            }
        }
        let start = (0..blocks)
            .map(|block| {
                ordered(|lane| start(convolution, padding, block * LANES + lane).wrapping_mul(4))
            })
            .collect();
        Winograd {
            output,
            top: convolution.geometry.padding[0],
            padding,
            weights,
            start,
            finish: Finish::new(&convolution.finish, output.channels, 4),
        }
    }

    pub fn needs(&self) -> Needs {
        Needs {
            rows: self.padding.cells(),
            transformed: PLACES * CHUNK * self.padding.pixel(),
            sums: PLACES * CHUNK + 2 * self.finish.line_sums(self.output),
        }
    }

    /// See [`Convolution::run`].
    #[target_feature(enable = "neon")]
    pub fn run(
        &self,
        input: &[u8],
        rows: Range<usize>,
        out: Destination<'_>,
        scratch: &mut Scratch,
    ) {
        let first_row = |y: usize| y as isize - self.top as isize;
        let mut ring = Ring::new(self.padding, &mut scratch.rows, first_row(rows.start));
        let (products, sums) = scratch.sums.split_at_mut(PLACES * CHUNK);
        let mut lines = Lines::new(self.output, &self.finish, out, sums);
        for y in rows.clone().step_by(2) {
            let inputs = ring.rows(input, first_row(y));
            let there = y..rows.end.min(y + 2);
            for start in (0..self.output.width.div_ceil(2)).step_by(CHUNK) {
                let chunk = start..self.output.width.div_ceil(2).min(start + CHUNK);
                let cells = PLACES * chunk.len() * self.padding.pixel();
                let transformed = &mut scratch.transformed[..cells];
                self.transform(
                    [inputs[0], inputs[1], inputs[2], inputs[3]],
                    &chunk,
                    transformed,
                );
                for block in 0..self.start.len() {
                    self.multiply(block, transformed, &mut products[..PLACES * chunk.len()]);
                    let mut planes: [&[Sums]; PLACES] = [&[]; PLACES];
                    let places = products.chunks_exact(chunk.len());
                    for (plane, place) in planes.iter_mut().zip(places) {
                        *plane = place;
                    }
                    let mut pair = lines.pair(y - rows.start);
                    for (index, tile) in chunk.clone().enumerate() {
                        let sums = Self::gather(&planes, index);
                        let count = self.output.width.min(2 * tile + 2) - 2 * tile;
                        for (line, sums) in pair.iter_mut().zip(&sums).take(there.len()) {
                            let at = (2 * tile, block);
                            self.finish.put(line, self.start.len(), at, &sums[..count]);
                        }
                    }
                }
            }
            for (slot, row) in there.enumerate() {
                lines.end(row - rows.start, slot, row);
            }
        }
    }

    /// `B' d B` of a chunk of tiles: for each place the tiles' cells.
    #[inline]
    #[target_feature(enable = "neon")]
    fn transform(&self, rows: [&[i32]; 4], chunk: &Range<usize>, transformed: &mut [i32]) {
        let pixel = self.padding.pixel();
        let groups = pixel / 4;
        let (transformed, _) = transformed.as_chunks_mut::<4>();
        let mut planes: [&mut [[i32; 4]]; PLACES] = Default::default();
        let places = transformed.chunks_exact_mut(chunk.len() * groups);
        for (plane, place) in planes.iter_mut().zip(places) {
            *plane = place;
        }
        for (index, tile) in chunk.clone().enumerate() {
            let mut inputs: [[&[[i32; 4]]; 4]; 4] = [[&[]; 4]; 4];
            for (inputs, row) in inputs.iter_mut().zip(rows) {
                for (column, input) in inputs.iter_mut().enumerate() {
                    let cells = &row[(2 * tile + column) * pixel..][..pixel];
                    *input = &cells.as_chunks().0[..groups];
                }
            }
            let mut outputs: [&mut [[i32; 4]]; PLACES] = Default::default();
            for (output, plane) in outputs.iter_mut().zip(&mut planes) {
                *output = &mut plane[index * groups..][..groups];
            }
            for group in 0..groups {
                let mut down = [[vdupq_n_s16(0); 4]; 4];
                for column in 0..4 {
                    let results = difference([
                        load_words(&inputs[0][column][group]),
                        load_words(&inputs[1][column][group]),
                        load_words(&inputs[2][column][group]),
                        load_words(&inputs[3][column][group]),
                    ]);
                    for row in 0..4 {
                        down[row][column] = results[row];
                    }
                }
                for row in 0..4 {
                    let results = difference(down[row]);
                    for column in 0..4 {
                        let cells = vreinterpretq_s32_s16(results[column]);
                        store(&mut outputs[4 * row + column][group], cells);
                    }
                }
            }
        }
    }

    /// The sums over input channels of one block: for each place the tiles' sums.
    #[inline]
    #[target_feature(enable = "neon")]
    fn multiply(&self, block: usize, transformed: &[i32], products: &mut [Sums]) {
        let pixel = self.padding.pixel();
        let weights = &self.weights[block * PLACES * pixel..][..PLACES * pixel];
        let count = products.len() / PLACES;
        let planes = transformed.chunks_exact(count * pixel);
        let places = planes
            .zip(products.chunks_exact_mut(count))
            .zip(weights.chunks_exact(pixel));
        for (place, ((plane, products), weights)) in places.enumerate() {
            let start = if place == ONCE {
                self.start[block]
            } else {
                [vdupq_n_s32(0); 4]
            };
            let strip = Strip {
                rows: &[plane],
                step: pixel,
                length: pixel,
                weights,
                start,
            };
            strip.sum(Multiply::Words, count, |first, sums| {
                for (product, &sums) in products[first..].iter_mut().zip(sums) {
                    product.put(sums);
                }
            });
        }
    }

    /// `A' M A` of one tile, a quarter of it: the sums of two rows of two pixels.
    #[inline]
    #[target_feature(enable = "neon")]
    fn gather(products: &[&[Sums]; PLACES], tile: usize) -> [[[int32x4_t; 4]; 2]; 2] {
        let mut results = [[[vdupq_n_s32(0); 4]; 2]; 2];
        for quarter in 0..4 {
            let mut down = [[vdupq_n_s32(0); 4]; 2];
            for column in 0..4 {
                let mut across = [vdupq_n_s32(0); 4];
                for (row, across) in across.iter_mut().enumerate() {
                    let (quarters, _) = products[4 * row + column][tile].0.as_chunks::<4>();
                    *across = load(&quarters[quarter]);
                }
                [down[0][column], down[1][column]] = sums_of(across);
            }
            for row in 0..2 {
                let [left, right] = sums_of(down[row]);
                results[row][0][quarter] = vshrq_n_s32::<2>(left);
                results[row][1][quarter] = vshrq_n_s32::<2>(right);
            }
        }
        results
    }
}

/// `B' d` for one column, in words.
#[inline]
#[target_feature(enable = "neon")]
fn difference([a, b, c, d]: [int16x8_t; 4]) -> [int16x8_t; 4] {
    [
        vsubq_s16(a, c),
        vaddq_s16(b, c),
        vsubq_s16(c, b),
        vsubq_s16(b, d),
    ]
}

/// `A' m` for one column.
#[inline]
#[target_feature(enable = "neon")]
fn sums_of([a, b, c, d]: [int32x4_t; 4]) -> [int32x4_t; 2] {
    [vaddq_s32(vaddq_s32(a, b), c), vsubq_s32(vsubq_s32(b, c), d)]
}
