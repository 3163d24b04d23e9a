//! The resting face of one visitor, learned on the fly.
//!
//! Nobody holds still for a calibration. Each channel's rest is a running quantile of what the
//! visitor shows: the middle for pose and brows, a high one for open eyes, a low one for the
//! mouth's opening. It starts between the first measurement and what is usual among people
//! (someone who arrives laughing is not taken for a person with a wide mouth), moves fast in
//! the first two seconds, then so slowly that a smile held for half a minute stays a smile.
//! It never leaves the range of human faces.
//!
//! A running quantile steps up by `quantile` and down by `1 - quantile` of a fixed rate,
//! whatever the distance (Robbins and Monro 1951): a yawn counts no more than a parted lip.
//! While a face is still nothing is learned, so a still picture gives a still portrait.

use crate::curve::mix;
use sfumato_core::motion::Real;

/// What is known of a channel before the visitor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Usual {
    /// The rest of most people.
    pub value: Real,
    /// Lowest rest of any face.
    pub low: Real,
    /// Highest rest of any face.
    pub high: Real,
    /// How much the first measurement counts against `value`, in [0, 1].
    pub first_impression: Real,
    /// Which quantile of the channel is its rest.
    pub quantile: Real,
    /// Units a second while getting acquainted.
    pub fast: Real,
    /// Units a second later.
    pub slow: Real,
}

/// Seconds of getting acquainted.
const ACQUAINTED: Real = Real::lit("2");

/// One channel's rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Baseline {
    /// The present estimate.
    pub rest: Real,
    /// Seconds for which the visitor has been known.
    known: Real,
}

impl Baseline {
    /// The first guess, from the first measurement.
    pub fn start(x: Real, usual: &Usual) -> Baseline {
        Baseline {
            rest: mix(usual.value, x, usual.first_impression).clamp(usual.low, usual.high),
            known: Real::ZERO,
        }
    }

    /// Lets `dt` seconds pass, in which `x` was shown; learns from it if asked to.
    pub fn learn(&mut self, x: Real, dt: Real, usual: &Usual, stirred: bool) {
        let eager = (Real::ONE - self.known / ACQUAINTED).max(Real::ZERO);
        self.known = (self.known + dt).min(ACQUAINTED);
        if !stirred {
            return;
        }
        let step = mix(usual.slow, usual.fast, eager) * dt;
        let away = x - self.rest;
        // Never step past what was seen.
        let step = if away > 0 {
            (step * usual.quantile).min(away)
        } else {
            -(step * (Real::ONE - usual.quantile)).min(-away)
        };
        self.rest = (self.rest + step).clamp(usual.low, usual.high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn usual(quantile: f32) -> Usual {
        Usual {
            value: Real::from_num(0.5),
            low: Real::ZERO,
            high: Real::ONE,
            first_impression: Real::from_num(0.5),
            quantile: Real::from_num(quantile),
            fast: Real::from_num(0.5),
            slow: Real::from_num(0.05),
        }
    }

    proptest! {
        #[test]
        fn finds_the_quantile(quantile in 0.1f32..0.9, seed in any::<u32>()) {
            let usual = usual(quantile);
            let mut state = seed;
            let mut baseline = Baseline::start(Real::ZERO, &usual);
            for _ in 0..60 * 30 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let x = Real::from_num((state >> 8) as f32 / (1 << 24) as f32);
                baseline.learn(x, Real::from_num(1.0 / 30.0), &usual, true);
            }
            let rest = baseline.rest.to_num::<f32>();
            prop_assert!((rest - quantile).abs() < 0.12, "{} for {}", rest, quantile);
        }

        #[test]
        fn stays_among_faces(xs in prop::collection::vec(-100f32..100.0, 1..200)) {
            let usual = usual(0.5);
            let mut baseline = Baseline::start(Real::from_num(xs[0]), &usual);
            for x in xs {
                baseline.learn(Real::from_num(x), Real::from_num(0.1), &usual, true);
                prop_assert!(baseline.rest >= usual.low && baseline.rest <= usual.high);
            }
        }
    }
}
