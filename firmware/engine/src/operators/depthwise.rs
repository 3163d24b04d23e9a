//! Depthwise convolution: each channel by its own kernel. The definition.
//!
//! ```text
//! sum(y, x, c) = bias[c] + sum over ky, kx of
//!                weight[c][ky][kx] * (input[y*stride + ky - top][x*stride + kx - left][c] - zero point)
//! ```

use crate::requantise::Requantise;
use crate::shape::{Geometry, LANES, Layout, Shape};
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
    pub finish: Requantise,
}

impl Depthwise {
    /// Channel `channel`'s weight at one place of the kernel.
    pub fn weight(&self, channel: usize, ky: usize, kx: usize) -> i8 {
        let kernel = self.geometry.kernel;
        self.weights[(channel * kernel + ky) * kernel + kx]
    }

    /// Computes `rows` of the output; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let stride = self.output.channels.next_multiple_of(LANES);
        let places = rows.flat_map(|y| (0..self.output.width).map(move |x| (y, x)));
        for ((y, x), out) in places.zip(out.chunks_exact_mut(stride)) {
            for (channel, out) in out.iter_mut().enumerate().take(self.output.channels) {
                let mut sum = self.bias[channel];
                for (ky, kx, row, column) in self.geometry.places(self.input.shape, y, x) {
                    let byte = self.input.pixel(input, row, column)[channel];
                    sum += (i32::from(byte) - i32::from(self.zero_point))
                        * i32::from(self.weight(channel, ky, kx));
                }
                *out = self.finish.byte(channel, sum);
            }
        }
    }
}
