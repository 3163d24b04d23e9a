//! Convolution as it is written: for each pixel and each block of output channels, a sum over the kernel.
//!
//! A block is sixteen channels, or eight for heads of so few. Cells of words serve any weights. Cells
//! of bytes are faster: `vpmaddubsw` multiplies bytes and adds two products, but saturates at 16
//! bits. It is exact where no two neighbouring weights can reach that ([`fits_bytes`]), as with
//! weights of 7 bits. Dot products of bytes have no such limit.

use super::Dots;
use super::finish::{Ends, Finish, Line, Lines};
use super::lanes::ordered;
use super::rows::{Cell, Padding, Ring};
use super::strip::Strip;
use crate::operators::Destination;
use crate::operators::convolution::Convolution;
use crate::scratch::{Needs, Scratch};
use crate::shape::Shape;
use crate::simd::packing::{start, weights_cell};
use alloc::vec::Vec;
use core::arch::x86_64::*;
use core::ops::Range;

/// A convolution's weights and finish.
#[derive(Clone, Debug)]
pub struct Direct<const VECTORS: usize> {
    output: Shape,
    kernel: usize,
    stride: usize,
    top: usize,
    padding: Padding,
    dots: Option<Dots>,
    /// For each block of sixteen output channels, kernel row, and cell of a row of the kernel.
    weights: Vec<[__m256i; VECTORS]>,
    /// For each block, what sums start from.
    start: Vec<[__m256i; VECTORS]>,
    finish: Finish,
}

impl<const VECTORS: usize> Direct<VECTORS> {
    #[target_feature(enable = "avx2")]
    pub fn new(convolution: &Convolution, cell: Cell, dots: Option<Dots>) -> Direct<VECTORS> {
        let geometry = convolution.geometry;
        let output = convolution.output;
        let padding = Padding {
            input: convolution.input,
            cell,
            zero_point: convolution.zero_point,
            signed: false,
            left: geometry.padding[1],
            columns: (output.width - 1) * geometry.stride + geometry.kernel,
            rows: geometry.kernel,
        };
        let blocks = output.channels.div_ceil(8 * VECTORS);
        let mut weights = Vec::with_capacity(blocks * geometry.kernel.pow(2) * padding.pixel());
        for block in 0..blocks {
            for place in 0..geometry.kernel.pow(2) {
                for cell in 0..padding.pixel() {
                    weights.push(ordered(|lane| {
                        let (ky, kx) = (place / geometry.kernel, place % geometry.kernel);
                        weights_cell(
                            convolution,
                            padding,
                            block * 8 * VECTORS + lane,
                            (ky, kx),
                            cell,
                        )
                    }));
                }
            }
        }
        let start = (0..blocks)
            .map(|block| ordered(|lane| start(convolution, padding, block * 8 * VECTORS + lane)))
            .collect();
        Direct {
            output,
            kernel: geometry.kernel,
            stride: geometry.stride,
            top: geometry.padding[0],
            padding,
            dots,
            weights,
            start,
            finish: Finish::new(&convolution.finish, output.channels, VECTORS),
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
        match (self.padding.cell, self.dots) {
            (Cell::Words, None) => "direct words",
            (Cell::Bytes, None) => "direct bytes",
            (_, Some(_)) => "direct dots",
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
            let mut line = lines.line(index);
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
                dots: self.dots,
            };
            let put = |first: usize, sums: &[[__m256i; VECTORS]]| {
                self.finish.put(line, blocks, (first, block), sums);
            };
            strip.sum(self.padding.cell, self.output.width, put);
        }
    }
}

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
