//! Convolution as it is written: for each pixel and each sixteen output channels, a sum over the kernel.
//!
//! A tile of neighbouring pixels by sixteen channels is summed in registers. Two versions share
//! everything but the multiplying instruction:
//!
//! - [`Cell::Words`]: `vpmaddwd`, any weights;
//! - [`Cell::Bytes`]: `vpmaddubsw`, which multiplies bytes, adds two products and saturates at 16 bits. It
//!   is exact where no two neighbouring weights can reach that ([`Direct::fits_bytes`]), as with weights of 7 bits.

use super::finish::{Finish, Line, Lines};
use super::lanes::ordered;
use super::rows::{Cell, Padding, Ring};
use crate::operators::Destination;
use crate::operators::convolution::Convolution;
use crate::scratch::{Needs, Scratch};
use crate::shape::{LANES, Shape};
use alloc::vec::Vec;
use core::arch::x86_64::*;
use core::array::from_fn;
use core::ops::Range;

/// A convolution's weights and finish.
#[derive(Clone, Debug)]
pub struct Direct {
    output: Shape,
    kernel: usize,
    stride: usize,
    top: usize,
    padding: Padding,
    /// For each block of sixteen output channels, kernel row, and cell of a row of the kernel.
    weights: Vec<[__m256i; 2]>,
    /// For each block, what sums start from.
    start: Vec<[__m256i; 2]>,
    finish: Finish,
}

impl Direct {
    /// Whether products of neighbouring channels always add up within 16 bits.
    pub fn fits_bytes(convolution: &Convolution) -> bool {
        let pixels = convolution.weights.chunks(convolution.input.shape.channels);
        pixels.flat_map(|pixel| pixel.chunks(2)).all(|pair| {
            let sum = |sign: i32| -> i32 {
                let part = |&weight: &i8| (i32::from(weight) * sign).max(0);
                pair.iter().map(part).sum()
            };
            // 255 * 128 is below 2^15.
            sum(1) <= 128 && sum(-1) <= 128
        })
    }

    #[target_feature(enable = "avx2")]
    pub fn new(convolution: &Convolution, cell: Cell) -> Direct {
        let geometry = convolution.geometry;
        let output = convolution.output;
        let padding = Padding {
            input: convolution.input,
            cell,
            zero_point: convolution.zero_point,
            left: geometry.padding[1],
            columns: (output.width - 1) * geometry.stride + geometry.kernel,
            rows: geometry.kernel,
        };
        let blocks = output.channels.div_ceil(LANES);
        let mut weights = Vec::with_capacity(blocks * geometry.kernel.pow(2) * padding.pixel());
        for block in 0..blocks {
            for place in 0..geometry.kernel.pow(2) {
                for cell in 0..padding.pixel() {
                    weights.push(ordered(|lane| {
                        let (ky, kx) = (place / geometry.kernel, place % geometry.kernel);
                        weights_cell(convolution, padding, block * LANES + lane, (ky, kx), cell)
                    }));
                }
            }
        }
        let start = (0..blocks)
            .map(|block| ordered(|lane| start(convolution, block * LANES + lane)))
            .collect();
        Direct {
            output,
            kernel: geometry.kernel,
            stride: geometry.stride,
            top: geometry.padding[0],
            padding,
            weights,
            start,
            finish: Finish::new(&convolution.finish, output.channels),
        }
    }

    pub fn needs(&self) -> Needs {
        Needs {
            rows: self.padding.cells(),
            sums: self.finish.line_sums(self.output),
            ..Needs::default()
        }
    }

    pub fn name(&self) -> &'static str {
        match self.padding.cell {
            Cell::Words => "direct words",
            Cell::Bytes => "direct bytes",
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
        let first_row = |y: usize| (y * self.stride) as isize - self.top as isize;
        let mut ring = Ring::new(self.padding, &mut scratch.rows, first_row(rows.start));
        let mut lines = Lines::new(self.output, &self.finish, out, &mut scratch.sums);
        for (index, y) in rows.enumerate() {
            let rows = ring.rows(input, first_row(y));
            let mut line = lines.line(index, 0);
            self.row(&rows[..self.kernel], &mut line);
            lines.end(index, 0, y);
        }
    }

    /// One row of output.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn row(&self, rows: &[&[i32]], line: &mut Line<'_>) {
        let blocks = self.start.len();
        let weights = self.weights.chunks_exact(self.weights.len() / blocks);
        for (block, (weights, &start)) in weights.zip(&self.start).enumerate() {
            let strip = Strip {
                rows,
                step: self.stride * self.padding.pixel(),
                length: self.kernel * self.padding.pixel(),
                weights,
                start,
            };
            let put = |first: usize, sums: &[[__m256i; 2]]| {
                self.finish.put(line, blocks, (first, block), sums);
            };
            match self.padding.cell {
                Cell::Words => strip.words(self.output.width, put),
                Cell::Bytes => strip.bytes(self.output.width, put),
            }
        }
    }
}

/// What a cell of weights holds; zeros past the last channels.
pub fn weights_cell(
    convolution: &Convolution,
    padding: Padding,
    output: usize,
    (ky, kx): (usize, usize),
    cell: usize,
) -> i32 {
    let weight = |channel: usize| -> i8 {
        if output >= convolution.output.channels {
            return 0;
        }
        let weights = convolution.weights_at(output, ky, kx);
        weights.get(channel).copied().unwrap_or(0)
    };
    match padding.cell {
        Cell::Words => words_cell(from_fn(|word| i16::from(weight(2 * cell + word)))),
        Cell::Bytes => i32::from_le_bytes(from_fn(|byte| weight(4 * cell + byte) as u8)),
    }
}

/// Two words in a cell.
pub fn words_cell([low, high]: [i16; 2]) -> i32 {
    i32::from(low as u16) | i32::from(high) << 16
}

/// The bias with the zero point taken out of all products: kernels multiply raw bytes.
pub fn start(convolution: &Convolution, output: usize) -> i32 {
    let Some(&bias) = convolution.bias.get(output) else {
        return 0;
    };
    let terms = convolution.weights.len() / convolution.output.channels;
    let weights = &convolution.weights[output * terms..][..terms];
    let total: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
    // Sums are taken modulo 2^32, and the whole one is known to fit.
    bias.wrapping_sub(total.wrapping_mul(i32::from(convolution.zero_point)))
}

/// One block of output channels along a row: what is multiplied with what.
#[derive(Clone, Copy)]
pub struct Strip<'a> {
    /// The input rows under the kernel.
    pub rows: &'a [&'a [i32]],
    /// Cells from one pixel's first cell to the next one's.
    pub step: usize,
    /// Cells of a kernel row.
    pub length: usize,
    /// For each kernel row and cell of it.
    pub weights: &'a [[__m256i; 2]],
    /// What sums start from.
    pub start: [__m256i; 2],
}

/// Sums along a strip, tile by tile, with one multiplying instruction.
macro_rules! strip {
    ($strip:ident, $tile:ident, $multiply_add:ident, $most:literal: $($size:literal)*) => {
        impl Strip<'_> {
            /// Hands `put` the sums of pixels 0 to `count`: a tile's first pixel and all its sums.
            ///
            /// Pixels are cut into tiles of nearly equal size, the larger ones first.
            #[inline]
            #[target_feature(enable = "avx2")]
            pub fn $strip(&self, count: usize, mut put: impl FnMut(usize, &[[__m256i; 2]])) {
                let tiles = count.div_ceil($most).max(1);
                let (size, larger) = (count / tiles, count % tiles);
                let mut sums = [[_mm256_setzero_si256(); 2]; $most];
                let mut first = 0;
                for tile in 0..tiles {
                    let size = size + usize::from(tile < larger);
                    let sums = &mut sums[..size];
                    match size {
                        $($size => {
                            if let Some(sums) = sums.first_chunk_mut::<$size>() {
                                $tile(self, first, sums);
                            }
                        })*
                        _ => {}
                    }
                    put(first, sums);
                    first += size;
                }
            }
        }

        /// The sums of a tile of `PIXELS` pixels.
        ///
        /// A function of its own in the machine code too: among other loops, the sums would not
        /// keep their registers.
        #[inline(never)]
        #[target_feature(enable = "avx2")]
        fn $tile<const PIXELS: usize>(
            strip: &Strip<'_>,
            first: usize,
            out: &mut [[__m256i; 2]; PIXELS],
        ) {
            let mut sums = [strip.start; PIXELS];
            let rows = strip.rows.iter().zip(strip.weights.chunks_exact(strip.length));
            for (row, weights) in rows {
                let mut pixels: [&[i32]; PIXELS] = [&[]; PIXELS];
                for (pixel, cells) in pixels.iter_mut().enumerate() {
                    *cells = &row[(first + pixel) * strip.step..][..strip.length];
                }
                let weights = weights.iter().enumerate().take(strip.length);
                for (cell, &[low, high]) in weights {
                    for pixel in 0..PIXELS {
                        let input = _mm256_set1_epi32(pixels[pixel][cell]);
                        sums[pixel][0] = $multiply_add(sums[pixel][0], input, low);
                        sums[pixel][1] = $multiply_add(sums[pixel][1], input, high);
                    }
                }
            }
            *out = sums;
        }
    };
}

// With two vectors of sums a pixel, and weights and inputs, these fill the sixteen registers.
strip!(words, tile_of_words, add_words, 5: 1 2 3 4 5);
strip!(bytes, tile_of_bytes, add_bytes, 5: 1 2 3 4 5);

/// Adds two products of words to each lane.
#[inline]
#[target_feature(enable = "avx2")]
fn add_words(sums: __m256i, input: __m256i, weights: __m256i) -> __m256i {
    _mm256_add_epi32(sums, _mm256_madd_epi16(input, weights))
}

/// Adds four products of bytes to each lane; see [`Direct::fits_bytes`].
#[inline]
#[target_feature(enable = "avx2")]
fn add_bytes(sums: __m256i, input: __m256i, weights: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(input, weights);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}
