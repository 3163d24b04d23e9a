//! What becomes of a layer's sums, checked.

use crate::error::BuildError;
use crate::operators::convolution::Weights;
use crate::operators::{Finish, Fixed};
use crate::requantise::{Activation, FIXED_SHIFTS, Multiplier, Quantisation, Requantise, positive};
use alloc::vec::Vec;

/// How a layer's numbers leave a network: `value * 2^fraction_bits - rest`, rounded, as `i32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FixedPoint<'a> {
    /// Binary places, 0 to 30.
    pub fraction_bits: u32,
    /// What is subtracted, in the order of the output; each within +-2^30. None subtracts nothing.
    pub rest: Option<&'a [i32]>,
}

/// Fixed-point numbers stay below 2^30, and so does what is subtracted from them.
const FIXED_BITS: u32 = 30;

/// The steps of a layer's sums, by output channel, for an input scale; checks that scales can be used.
pub(super) fn steps<'a>(
    input: f32,
    weights: &'a Weights<'_>,
) -> Result<impl Iterator<Item = f64> + use<'a>, BuildError> {
    let scale = positive("input", input)?;
    for &scale in weights.scales {
        positive("weights", scale)?;
    }
    Ok(weights
        .scales
        .iter()
        .map(move |&step| scale * f64::from(step)))
}

/// The finish of a layer that makes bytes.
pub(super) fn bytes(
    input: f32,
    weights: &Weights<'_>,
    activation: Activation<'_>,
    stored: Quantisation,
) -> Result<Finish, BuildError> {
    Requantise::new(steps(input, weights)?, activation, stored).map(Finish::Bytes)
}

/// The finish of a layer that ends a head.
pub(super) fn fixed(
    input: f32,
    weights: &Weights<'_>,
    form: FixedPoint<'_>,
) -> Result<Finish, BuildError> {
    if form.fraction_bits > FIXED_BITS {
        return Err(BuildError::Geometry(
            "fixed point has 0 to 30 binary places",
        ));
    }
    let one = f64::from(1u32 << form.fraction_bits);
    let multipliers = steps(input, weights)?
        .enumerate()
        .map(|(channel, step)| {
            let ratio = step * one;
            Multiplier::nearest(ratio, FIXED_SHIFTS, 31).ok_or(BuildError::Ratio {
                channel,
                ratio,
                limit: f64::from(1 << FIXED_BITS),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    let rest = form.rest.unwrap_or_default();
    let limit = 1u32 << FIXED_BITS;
    if let Some(at) = rest.iter().position(|value| value.unsigned_abs() > limit) {
        return Err(BuildError::Rest(at));
    }
    Ok(Finish::Fixed(Fixed {
        multipliers,
        rest: rest.to_vec(),
    }))
}

/// Refuses a head whose largest sums leave the range of fixed point.
pub(super) fn within(finish: &Finish, reach: &[i64]) -> Result<(), BuildError> {
    let Finish::Fixed(fixed) = finish else {
        return Ok(());
    };
    for (channel, (&reach, multiplier)) in reach.iter().zip(&fixed.multipliers).enumerate() {
        // The factor is positive and `reach` within 31 bits: this cannot overflow.
        let reach = (reach * i64::from(multiplier.factor)) >> multiplier.shift;
        if reach >= 1 << FIXED_BITS {
            return Err(BuildError::Overflow { channel, reach });
        }
    }
    Ok(())
}
