//! From 32-bit sums back to bytes: the arithmetic, defined exactly.
//!
//! A real factor becomes a [`Multiplier`], `factor / 2^shift`. Applying it to a sum multiplies in
//! 64 bits and rounds once, to the nearest, halves up:
//!
//! ```text
//! apply(sum) = floor((sum * factor + 2^(shift - 1)) / 2^shift)
//! byte       = clamp(apply(sum) + zero point, low, high)
//! ```

use crate::error::BuildError;
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// What a stored byte means: `scale * (byte - zero_point)`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantisation {
    /// The real number that one step stands for; above 0.
    pub scale: f32,
    /// The byte that stands for 0.
    pub zero_point: u8,
}

/// What happens to a value on its way out, in real numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation<'a> {
    /// Nothing but the range of a byte.
    Linear,
    /// Negative values become 0.
    Relu,
    /// Values are held between a lower and an upper limit.
    Clamp(f32, f32),
    /// Negative values are multiplied by their channel's slope (PReLU).
    Slopes(&'a [f32]),
}

/// A real factor as whole numbers: `factor / 2^shift`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Multiplier {
    pub factor: i32,
    pub shift: u32,
}

/// Shifts of factors that make bytes. From 33 on, the high half of a 64-bit product is enough.
pub(crate) const BYTE_SHIFTS: RangeInclusive<u32> = 33..=62;
/// Shifts of factors that make fixed point.
pub(crate) const FIXED_SHIFTS: RangeInclusive<u32> = 1..=62;

impl Multiplier {
    /// The nearest to `scale` (0 or above) with the most bits; none where it is too large.
    pub fn nearest(scale: f64, shifts: RangeInclusive<u32>, bits: u32) -> Option<Multiplier> {
        let limit = (1u64 << bits) as f64;
        shifts.rev().find_map(|shift| {
            let scaled = scale * (1u64 << shift) as f64 + 0.5;
            (scaled < limit).then_some(Multiplier {
                factor: scaled as i32,
                shift,
            })
        })
    }

    /// See the module's first page. The result lies within 31 bits if the shift is 33 or more.
    #[inline]
    pub fn apply(self, sum: i32) -> i64 {
        (i64::from(sum) * i64::from(self.factor) + (1i64 << (self.shift - 1))) >> self.shift
    }
}

/// How the sums of a layer become bytes.
#[derive(Clone, Debug)]
pub(crate) struct Requantise {
    /// For each channel.
    pub multipliers: Vec<Multiplier>,
    /// Factors for negative sums, with the same shifts; empty where they are the same factors.
    pub below: Vec<i32>,
    pub zero_point: u8,
    pub low: u8,
    pub high: u8,
}

impl Requantise {
    /// `steps` is what one step of a sum stands for, by channel.
    pub fn new(
        steps: impl Iterator<Item = f64>,
        activation: Activation<'_>,
        output: Quantisation,
    ) -> Result<Requantise, BuildError> {
        let scale = positive("output", output.scale)?;
        let mut multipliers = Vec::new();
        let mut below = Vec::new();
        for (channel, step) in steps.enumerate() {
            let ratio = step / scale;
            let slope = activation.slope(channel)?;
            // Both factors share a shift: the larger one decides.
            let largest = ratio * slope.abs().max(1.0);
            let Some(Multiplier { shift, .. }) = Multiplier::nearest(largest, BYTE_SHIFTS, 31)
            else {
                return Err(BuildError::Ratio {
                    channel,
                    ratio: largest,
                    limit: 0.25,
                });
            };
            let factor = |ratio: f64| nearest(ratio * (1u64 << shift) as f64) as i32;
            multipliers.push(Multiplier {
                factor: factor(ratio),
                shift,
            });
            if matches!(activation, Activation::Slopes(_)) {
                below.push(factor(ratio * slope));
            }
        }
        activation.check(multipliers.len())?;
        let (low, high) = limits(activation, output)?;
        Ok(Requantise {
            multipliers,
            below,
            zero_point: output.zero_point,
            low,
            high,
        })
    }

    /// The byte for a channel's sum.
    #[inline]
    pub fn byte(&self, channel: usize, sum: i32) -> u8 {
        let mut multiplier = self.multipliers[channel];
        if sum < 0 && !self.below.is_empty() {
            multiplier.factor = self.below[channel];
        }
        clamp(
            multiplier.apply(sum) + i64::from(self.zero_point),
            self.low,
            self.high,
        )
    }
}

/// A value held between two bytes.
#[inline]
pub(crate) fn clamp(value: i64, low: u8, high: u8) -> u8 {
    value.clamp(i64::from(low), i64::from(high)) as u8
}

impl Activation<'_> {
    /// What negative values of a channel are multiplied by; 1 where there are no slopes.
    pub(crate) fn slope(&self, channel: usize) -> Result<f64, BuildError> {
        match self {
            Activation::Slopes(slopes) => match slopes.get(channel) {
                Some(slope) if slope.is_finite() => Ok(f64::from(*slope)),
                Some(&slope) => Err(BuildError::Slope(slope)),
                // [`Activation::check`] says it better.
                None => Ok(1.0),
            },
            _ => Ok(1.0),
        }
    }

    /// There are as many slopes as channels, if there are any.
    pub(crate) fn check(&self, channels: usize) -> Result<(), BuildError> {
        match self {
            Activation::Slopes(slopes) => length("slopes", channels, slopes.len()),
            _ => Ok(()),
        }
    }
}

/// The bytes that an activation keeps to.
pub(crate) fn limits(
    activation: Activation<'_>,
    output: Quantisation,
) -> Result<(u8, u8), BuildError> {
    let byte = |value: f32| {
        let steps = nearest(f64::from(value) / f64::from(output.scale));
        clamp(steps.saturating_add(i64::from(output.zero_point)), 0, 255)
    };
    match activation {
        Activation::Linear | Activation::Slopes(_) => Ok((0, 255)),
        Activation::Relu => Ok((output.zero_point, 255)),
        Activation::Clamp(low, high) if low <= high => Ok((byte(low), byte(high))),
        Activation::Clamp(low, high) => Err(BuildError::Clamp(low, high)),
    }
}

/// The nearest whole number, halves away from zero; saturates.
pub(crate) fn nearest(value: f64) -> i64 {
    (value + if value < 0.0 { -0.5 } else { 0.5 }) as i64
}

/// A scale that can be divided by.
pub(crate) fn positive(what: &'static str, value: f32) -> Result<f64, BuildError> {
    if value.is_finite() && value > 0.0 {
        Ok(f64::from(value))
    } else {
        Err(BuildError::Scale { what, value })
    }
}

/// A list is as long as it must be.
pub(crate) fn length(what: &'static str, expected: usize, found: usize) -> Result<(), BuildError> {
    if expected == found {
        Ok(())
    } else {
        Err(BuildError::Length {
            what,
            expected,
            found,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_up() {
        let half = Multiplier::nearest(0.5, FIXED_SHIFTS, 31).unwrap();
        assert_eq!([-3, -1, 1, 3].map(|sum| half.apply(sum)), [-1, 0, 1, 2]);
    }

    #[test]
    fn factors_use_their_bits() {
        let multiplier = Multiplier::nearest(0.2, BYTE_SHIFTS, 31).unwrap();
        assert_eq!((multiplier.factor, multiplier.shift), (1717986918, 33));
        assert_eq!(Multiplier::nearest(0.25, BYTE_SHIFTS, 31), None);
        assert_eq!(Multiplier::nearest(0.0, BYTE_SHIFTS, 31).unwrap().factor, 0);
    }

    #[test]
    fn limits_are_rounded_to_steps() {
        let output = Quantisation {
            scale: 0.1,
            zero_point: 20,
        };
        assert_eq!(limits(Activation::Relu, output), Ok((20, 255)));
        assert_eq!(limits(Activation::Clamp(-1.0, 6.0), output), Ok((10, 80)));
        assert!(limits(Activation::Clamp(1.0, f32::NAN), output).is_err());
    }
}
