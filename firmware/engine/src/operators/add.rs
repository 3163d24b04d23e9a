//! The sum of two tensors of different scales: the definition.
//!
//! ```text
//! byte = clamp(floor((a * factor_a + b * factor_b + offset) / 2^shift), low, high)
//! ```
//!
//! Factors fit 16 bits and are a common power of two times the input scales over the output scale. `offset`
//! holds the three zero points and the half that makes it round to the nearest, halves up.

use crate::error::BuildError;
use crate::requantise::{Activation, Quantisation, clamp, limits, positive};
use crate::shape::{Layout, Shape};
use core::ops::Range;

/// Adds two tensors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Add {
    pub shape: Shape,
    pub factors: [i16; 2],
    pub offset: i32,
    pub shift: u32,
    pub low: u8,
    pub high: u8,
}

impl Add {
    pub fn new(
        shape: Shape,
        inputs: [Quantisation; 2],
        activation: Activation<'_>,
        output: Quantisation,
    ) -> Result<Add, BuildError> {
        let scale = positive("output", output.scale)?;
        let ratios = inputs.map(|input| f64::from(input.scale) / scale);
        let (shift, factors) = words(ratios)?;
        let zero: i32 = (0..2)
            .map(|i| i32::from(factors[i]) * i32::from(inputs[i].zero_point))
            .sum();
        let (low, high) = limits(activation, output)?;
        Ok(Add {
            shape,
            factors,
            offset: (i32::from(output.zero_point) << shift) + (1 << shift >> 1) - zero,
            shift,
            low,
            high,
        })
    }

    /// Computes `rows`; `out` is these rows alone.
    pub fn run(&self, first: &[u8], second: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let row = Layout::new(self.shape).row();
        let bytes = rows.start * row..rows.end * row;
        let pairs = first[bytes.clone()].iter().zip(&second[bytes]);
        for (out, (&a, &b)) in out.iter_mut().zip(pairs) {
            let [factor_a, factor_b] = self.factors.map(i32::from);
            let sum = i32::from(a) * factor_a + i32::from(b) * factor_b + self.offset;
            *out = clamp(i64::from(sum >> self.shift), self.low, self.high);
        }
    }
}

/// Largest shift for which the zero point still fits: `255 * 2^22` is below 2^30.
const MOST_SHIFT: u32 = 22;

/// Two real factors as words over a common power of two, with the most bits.
pub(crate) fn words(ratios: [f64; 2]) -> Result<(u32, [i16; 2]), BuildError> {
    let limit = f64::from(i16::MAX) + 0.5;
    (0..=MOST_SHIFT)
        .rev()
        .find_map(|shift| {
            let scaled = ratios.map(|ratio| ratio * f64::from(1u32 << shift) + 0.5);
            scaled
                .iter()
                .all(|&value| value < limit)
                .then(|| (shift, scaled.map(|value| value as i16)))
        })
        .ok_or(BuildError::Ratio {
            channel: 0,
            ratio: ratios[0].max(ratios[1]),
            limit: f64::from(i16::MAX),
        })
}
