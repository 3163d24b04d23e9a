//! From one scale to another, with an activation: the definition. PReLU on its own is this.
//!
//! ```text
//! value  = byte - input zero point
//! factor = value < 0 ? below[channel] : above
//! byte   = clamp(floor((value * factor + offset) / 2^shift), low, high)
//! ```
//!
//! Factors fit 16 bits; `offset` holds the output's zero point and the half that makes it round to
//! the nearest, halves up.

use super::add::words;
use crate::error::BuildError;
use crate::requantise::{Activation, Quantisation, clamp, limits, nearest, positive};
use crate::shape::{Layout, Shape};
use alloc::vec::Vec;
use core::ops::Range;

/// Rescales a tensor.
#[derive(Clone, Debug)]
pub(crate) struct Rescale {
    pub shape: Shape,
    pub zero_point: u8,
    pub above: i16,
    /// For each channel.
    pub below: Vec<i16>,
    pub offset: i32,
    pub shift: u32,
    pub low: u8,
    pub high: u8,
}

impl Rescale {
    pub fn new(
        shape: Shape,
        input: Quantisation,
        activation: Activation<'_>,
        output: Quantisation,
    ) -> Result<Rescale, BuildError> {
        let ratio = f64::from(input.scale) / positive("output", output.scale)?;
        activation.check(shape.channels)?;
        let slopes = (0..shape.channels)
            .map(|channel| activation.slope(channel))
            .collect::<Result<Vec<f64>, _>>()?;
        let steepest = slopes
            .iter()
            .fold(1.0, |most: f64, slope| most.max(slope.abs()));
        // All factors share a shift: the largest one decides.
        let (shift, _) = words([ratio, ratio * steepest])?;
        let factor = |slope: f64| nearest(ratio * slope * f64::from(1u32 << shift)) as i16;
        let (above, below) = (factor(1.0), slopes.into_iter().map(factor).collect());
        let (low, high) = limits(activation, output)?;
        Ok(Rescale {
            shape,
            zero_point: input.zero_point,
            above,
            below,
            offset: (i32::from(output.zero_point) << shift) + (1 << shift >> 1),
            shift,
            low,
            high,
        })
    }

    /// Computes `rows`; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let layout = Layout::new(self.shape);
        let bytes = &input[rows.start * layout.row()..rows.end * layout.row()];
        let pixels = bytes.chunks_exact(layout.stride);
        for (out, pixel) in out.chunks_exact_mut(layout.stride).zip(pixels) {
            for ((out, &byte), &below) in out.iter_mut().zip(pixel).zip(&self.below) {
                let value = i32::from(byte) - i32::from(self.zero_point);
                let factor = if value < 0 { below } else { self.above };
                let scaled = (value * i32::from(factor) + self.offset) >> self.shift;
                *out = clamp(i64::from(scaled), self.low, self.high);
            }
        }
    }
}
