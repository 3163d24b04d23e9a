//! Convolution and fully connected layers: the definition.
//!
//! ```text
//! sum(y, x, o) = bias[o] + sum over ky, kx, c of
//!                weight[o][ky][kx][c] * (input[y*stride + ky - top][x*stride + kx - left][c] - zero point)
//! ```
//!
//! Outside the input, terms are 0. That the largest sum fits 32 bits is proven when the layer is
//! made ([`reach`]), so every way of computing it modulo 2^32 gives the same number.

use super::{Destination, Finish};
use crate::error::BuildError;
use crate::requantise::length;
use crate::shape::{Geometry, Layout, Shape};
use alloc::vec::Vec;
use core::ops::Range;

/// Parameters of a layer, by output channel.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// Output channel, kernel row, kernel column, input channel; depthwise without the last.
    pub values: &'a [i8],
    /// What one step of a weight stands for; above 0.
    pub scales: &'a [f32],
    /// In steps of input scale times weight scale.
    pub bias: &'a [i32],
}

/// A convolution over all input channels.
#[derive(Clone, Debug)]
pub(crate) struct Convolution {
    pub input: Layout,
    /// Height, width and channels of the sums.
    pub output: Shape,
    pub geometry: Geometry,
    /// What a zero of the input is stored as.
    pub zero_point: u8,
    /// Output channel, kernel row, kernel column, input channel.
    pub weights: Vec<i8>,
    pub bias: Vec<i32>,
    /// The largest magnitude of a sum; for choosing kernels.
    #[cfg_attr(
        not(all(any(target_arch = "x86_64", target_arch = "aarch64"), feature = "std")),
        expect(dead_code)
    )]
    pub reach: i64,
    pub finish: Finish,
}

impl Convolution {
    /// The weights of one output channel at one place of the kernel, for all input channels.
    pub fn weights_at(&self, channel: usize, ky: usize, kx: usize) -> &[i8] {
        let (kernel, inputs) = (self.geometry.kernel, self.input.shape.channels);
        &self.weights[((channel * kernel + ky) * kernel + kx) * inputs..][..inputs]
    }

    /// See the module's first page.
    fn sum(&self, input: &[u8], y: usize, x: usize, channel: usize) -> i32 {
        let mut sum = self.bias[channel];
        for (ky, kx, row, column) in self.geometry.places(self.input.shape, y, x) {
            let pixel = self.input.pixel(input, row, column);
            for (&byte, &weight) in pixel.iter().zip(self.weights_at(channel, ky, kx)) {
                sum += (i32::from(byte) - i32::from(self.zero_point)) * i32::from(weight);
            }
        }
        sum
    }

    /// Computes `rows` of the output; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, mut out: Destination<'_>) {
        for (line, y) in rows.enumerate() {
            for x in 0..self.output.width {
                for channel in 0..self.output.channels {
                    let sum = self.sum(input, y, x, channel);
                    self.finish
                        .put(self.output, (y, line, x, channel), sum, &mut out);
                }
            }
        }
    }
}

/// Checks the lists of a layer: `terms` weights for each of `channels` outputs.
pub(crate) fn check(
    weights: &Weights<'_>,
    channels: usize,
    terms: usize,
) -> Result<(), BuildError> {
    length(
        "weights",
        channels.saturating_mul(terms),
        weights.values.len(),
    )?;
    length("weight scales", channels, weights.scales.len())?;
    length("bias", channels, weights.bias.len())
}

/// The largest magnitude of each channel's sum; refused where it leaves 32 bits.
///
/// `inputs` are the least and the largest number that can be multiplied, 0 between them.
/// Every order of adding up stays within the same bound: a partial sum is a sum too, with the
/// other inputs at zero.
pub(crate) fn reach(
    weights: &Weights<'_>,
    terms: usize,
    inputs: [i64; 2],
) -> Result<Vec<i64>, BuildError> {
    let [least, most] = inputs;
    let channels = weights.values.chunks(terms).zip(weights.bias).enumerate();
    let reach = |(channel, (row, &bias)): (usize, (&[i8], &i32))| {
        let total = |sign: i64| -> i64 {
            row.iter()
                .map(|&weight| (i64::from(weight) * sign).max(0))
                .sum()
        };
        let (positive, negative) = (total(1), total(-1));
        let up = positive * most - negative * least;
        let down = positive * least - negative * most;
        let reach = (i64::from(bias) + up)
            .abs()
            .max((i64::from(bias) + down).abs());
        if reach > i64::from(i32::MAX) {
            return Err(BuildError::Overflow { channel, reach });
        }
        Ok(reach)
    };
    channels.map(reach).collect()
}

/// What bytes with a zero point can be, for [`reach`].
pub(crate) fn bytes(zero_point: u8) -> [i64; 2] {
    [-i64::from(zero_point), 255 - i64::from(zero_point)]
}

impl Geometry {
    /// Kernel row and column, input row and column, for each place that is inside the input.
    pub(crate) fn places(
        self,
        input: Shape,
        y: usize,
        x: usize,
    ) -> impl Iterator<Item = (usize, usize, usize, usize)> {
        let [top, left, ..] = self.padding;
        (0..self.kernel).flat_map(move |ky| {
            (0..self.kernel).filter_map(move |kx| {
                let row = (y * self.stride + ky).checked_sub(top)?;
                let column = (x * self.stride + kx).checked_sub(left)?;
                (row < input.height && column < input.width).then_some((ky, kx, row, column))
            })
        })
    }
}
