//! Depthwise convolution: each channel by its own kernel. The definition.
//!
//! ```text
//! sum(y, x, c) = bias[c] + sum over ky, kx of
//!                weight[c][ky][kx] * (input[y*stride + ky - top][x*stride + kx - left][c] - zero point)
//! ```

use super::{Destination, Finish};
use crate::shape::{Geometry, Layout, Shape};
use alloc::vec::Vec;
use core::ops::Range;

/// A convolution of each channel alone.
#[derive(Clone, Debug)]
pub(crate) struct Depthwise {
    pub input: Layout,
    pub output: Shape,
    pub geometry: Geometry,
    /// What a zero of the input is stored as.
    pub zero_point: u8,
    /// Channel, kernel row, kernel column.
    pub weights: Vec<i8>,
    pub bias: Vec<i32>,
    pub finish: Finish,
}

impl Depthwise {
    /// Channel `channel`'s weight at one place of the kernel.
    pub fn weight(&self, channel: usize, ky: usize, kx: usize) -> i8 {
        let kernel = self.geometry.kernel;
        self.weights[(channel * kernel + ky) * kernel + kx]
    }

    /// Computes `rows` of the output; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, mut out: Destination<'_>) {
        for (line, y) in rows.enumerate() {
            for x in 0..self.output.width {
                for channel in 0..self.output.channels {
                    let mut sum = self.bias[channel];
                    for (ky, kx, row, column) in self.geometry.places(self.input.shape, y, x) {
                        let byte = self.input.pixel(input, row, column)[channel];
                        sum += (i32::from(byte) - i32::from(self.zero_point))
                            * i32::from(self.weight(channel, ky, kx));
                    }
                    self.finish
                        .put(self.output, (y, line, x, channel), sum, &mut out);
                }
            }
        }
    }
}
