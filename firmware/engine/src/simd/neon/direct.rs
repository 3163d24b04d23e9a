//! Convolution as it is written: for each pixel a sum over the kernel.
//!
//! A block is sixteen channels, or eight for heads of so few. Bytes are multiplied as signed ones: the
//! input less 128, which the start of the sums makes good.

use super::finish::Finish;
use super::lanes::ordered;
use super::strip::{Multiply, Strip};
use crate::operators::Destination;
use crate::operators::convolution::Convolution;
use crate::scratch::{Needs, Scratch};
use crate::shape::Shape;
use crate::simd::lines::{Ends, Line, Lines};
use crate::simd::packing::{start, weights_cell};
use crate::simd::rows::{Cell, Padding, Ring};
use alloc::vec::Vec;
use core::arch::aarch64::*;
use core::ops::Range;

/// A convolution's weights and finish.
#[derive(Clone, Debug)]
pub struct Direct<const VECTORS: usize> {
    output: Shape,
    kernel: usize,
    stride: usize,
    top: usize,
    padding: Padding,
    multiply: Multiply,
    /// For each block of output channels, kernel row, and cell of a row of the kernel.
    weights: Vec<[int8x16_t; VECTORS]>,
    /// For each block, what sums start from.
    start: Vec<[int32x4_t; VECTORS]>,
    finish: Finish,
}

impl<const VECTORS: usize> Direct<VECTORS> {
    /// Output channels of a block.
    const BLOCK: usize = 4 * VECTORS;

    #[target_feature(enable = "neon")]
    pub fn new(convolution: &Convolution, multiply: Multiply) -> Direct<VECTORS> {
        let geometry = convolution.geometry;
        let output = convolution.output;
        let padding = Padding {
            input: convolution.input,
            cell: multiply.cell(),
            zero_point: convolution.zero_point,
            signed: multiply.cell() == Cell::Bytes,
            left: geometry.padding[1],
            columns: (output.width - 1) * geometry.stride + geometry.kernel,
            rows: geometry.kernel,
        };
        let blocks = output.channels.div_ceil(Self::BLOCK);
        let mut weights = Vec::with_capacity(blocks * geometry.kernel.pow(2) * padding.pixel());
        for first in (0..blocks).map(|block| block * Self::BLOCK) {
            for place in 0..geometry.kernel.pow(2) {
                let place = (place / geometry.kernel, place % geometry.kernel);
                for cell in 0..padding.pixel() {
                    weights.push(multiply.pack(|channel| {
                        weights_cell(convolution, padding, first + channel, place, cell)
                    }));
                }
            }
        }
        let start = (0..blocks)
            .map(|block| ordered(|lane| start(convolution, padding, block * Self::BLOCK + lane)))
            .collect();
        Direct {
            output,
            kernel: geometry.kernel,
            stride: geometry.stride,
            top: geometry.padding[0],
            padding,
            multiply,
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
        match self.multiply {
            Multiply::Words => "direct words",
            Multiply::Bytes => "direct bytes",
            Multiply::Dots(_) => "direct dots",
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
    #[target_feature(enable = "neon")]
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
            let put = |first: usize, sums: &[[int32x4_t; VECTORS]]| {
                self.finish.put(line, blocks, (first, block), sums);
            };
            strip.sum(self.multiply, self.output.width, put);
        }
    }
}

/// Whether two products of signed bytes always add up within 16 bits.
///
/// They reach 2^15 only as twice -128 times -128.
pub fn fits_bytes(convolution: &Convolution) -> bool {
    !convolution.weights.contains(&i8::MIN)
}
