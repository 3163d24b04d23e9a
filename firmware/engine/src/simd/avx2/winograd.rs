//! 3x3 convolution in tiles of four outputs; see [`crate::simd::transforms`].

use super::finish::{Ends, Finish, Lines};
use super::lanes::{load, ordered, store};
use super::rows::{Cell, Padding, Ring};
use super::strip::Strip;
use crate::operators::Destination;
use crate::operators::convolution::Convolution;
use crate::scratch::{Needs, Scratch, Sums};
use crate::shape::{LANES, Shape};
use crate::simd::packing::{start, words_cell};
use crate::simd::transforms::{CHUNK, ONCE, PLACES, padding, transformed};
use alloc::vec::Vec;
use core::arch::x86_64::*;
use core::array::from_fn;
use core::ops::Range;

/// A convolution's transformed weights and finish.
#[derive(Clone, Debug)]
pub struct Winograd {
    output: Shape,
    top: usize,
    padding: Padding,
    /// For each block of sixteen output channels, place of the 4x4 and cell.
    weights: Vec<[__m256i; 2]>,
    /// For each block, what four times the sums start from.
    start: Vec<[__m256i; 2]>,
    finish: Finish,
}

impl Winograd {
    #[target_feature(enable = "avx2")]
    pub fn new(convolution: &Convolution) -> Winograd {
        let output = convolution.output;
        let padding = padding(convolution);
        let blocks = output.channels.div_ceil(LANES);
        let mut weights = Vec::with_capacity(blocks * PLACES * padding.pixel());
        for block in 0..blocks {
            for place in 0..PLACES {
                for cell in 0..padding.pixel() {
                    weights.push(ordered(|lane| {
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
            finish: Finish::new(&convolution.finish, output.channels, 2),
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
    #[target_feature(enable = "avx2")]
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
    #[target_feature(enable = "avx2")]
    fn transform(&self, rows: [&[i32]; 4], chunk: &Range<usize>, transformed: &mut [i32]) {
        let pixel = self.padding.pixel();
        let groups = pixel / 8;
        let (transformed, _) = transformed.as_chunks_mut::<8>();
        let mut planes: [&mut [[i32; 8]]; PLACES] = Default::default();
        let places = transformed.chunks_exact_mut(chunk.len() * groups);
        for (plane, place) in planes.iter_mut().zip(places) {
            *plane = place;
        }
        for (index, tile) in chunk.clone().enumerate() {
            let mut inputs: [[&[[i32; 8]]; 4]; 4] = [[&[]; 4]; 4];
            for (inputs, row) in inputs.iter_mut().zip(rows) {
                for (column, input) in inputs.iter_mut().enumerate() {
                    let cells = &row[(2 * tile + column) * pixel..][..pixel];
                    *input = &cells.as_chunks().0[..groups];
                }
            }
            let mut outputs: [&mut [[i32; 8]]; PLACES] = Default::default();
            for (output, plane) in outputs.iter_mut().zip(&mut planes) {
                *output = &mut plane[index * groups..][..groups];
            }
            for group in 0..groups {
                let mut down = [[_mm256_setzero_si256(); 4]; 4];
                for column in 0..4 {
                    let results = difference([
                        load(&inputs[0][column][group]),
                        load(&inputs[1][column][group]),
                        load(&inputs[2][column][group]),
                        load(&inputs[3][column][group]),
                    ]);
                    for row in 0..4 {
                        down[row][column] = results[row];
                    }
                }
                for row in 0..4 {
                    let results = difference(down[row]);
                    for column in 0..4 {
                        store(&mut outputs[4 * row + column][group], results[column]);
                    }
                }
            }
        }
    }

    /// The sums over input channels of one block: for each place the tiles' sums.
    #[inline]
    #[target_feature(enable = "avx2")]
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
                [_mm256_setzero_si256(); 2]
            };
            let strip = Strip {
                rows: &[plane],
                step: pixel,
                length: pixel,
                weights,
                start,
                dots: None,
            };
            strip.sum(Cell::Words, count, |first, sums| {
                for (product, &sums) in products[first..].iter_mut().zip(sums) {
                    product.put(sums);
                }
            });
        }
    }

    /// `A' M A` of one tile, a quarter of it: the sums of two rows of two pixels.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn gather(products: &[&[Sums]; PLACES], tile: usize) -> [[[__m256i; 2]; 2]; 2] {
        let mut results = [[[_mm256_setzero_si256(); 2]; 2]; 2];
        for half in 0..2 {
            let mut down = [[_mm256_setzero_si256(); 4]; 2];
            for column in 0..4 {
                let mut across = [_mm256_setzero_si256(); 4];
                for (row, across) in across.iter_mut().enumerate() {
                    let (halves, _) = products[4 * row + column][tile].0.as_chunks::<8>();
                    *across = load(&halves[half]);
                }
                [down[0][column], down[1][column]] = sums_of(across);
            }
            for row in 0..2 {
                let [left, right] = sums_of(down[row]);
                results[row][0][half] = _mm256_srai_epi32::<2>(left);
                results[row][1][half] = _mm256_srai_epi32::<2>(right);
            }
        }
        results
    }
}

/// `B' d` for one column, in words.
#[inline]
#[target_feature(enable = "avx2")]
fn difference([a, b, c, d]: [__m256i; 4]) -> [__m256i; 4] {
    [
        _mm256_sub_epi16(a, c),
        _mm256_add_epi16(b, c),
        _mm256_sub_epi16(c, b),
        _mm256_sub_epi16(b, d),
    ]
}

/// `A' m` for one column.
#[inline]
#[target_feature(enable = "avx2")]
fn sums_of([a, b, c, d]: [__m256i; 4]) -> [__m256i; 2] {
    [
        _mm256_add_epi32(_mm256_add_epi32(a, b), c),
        _mm256_sub_epi32(_mm256_sub_epi32(b, c), d),
    ]
}
