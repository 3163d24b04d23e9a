//! Gaze: eyes rest, then leap.
//!
//! Eyes do not slide: they fixate and make *saccades*, quick movements of a tenth of a second.
//! A saccade is planned when it starts and is not steered on the way. Pursuit of a walking
//! visitor becomes a row of small saccades.

use crate::curve::{ease, mix};
use sfumato_core::motion::{Gaze, Real};
use sfumato_core::time::{Micros, Moment};

/// A target nearer than this to the fixation is not worth a saccade, in degrees.
const WORTH: Real = Real::lit("0.15");

/// Duration of the smallest saccade, and what each degree adds.
const SHORTEST: u64 = 45_000;
const A_DEGREE: u64 = 3_000;
const LONGEST: u64 = 130_000;

/// Where the eyes look and where they are going.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Fixation {
    from: Gaze,
    to: Gaze,
    started: Moment,
    length: Micros,
}

impl Fixation {
    /// Looks at `target` without getting there first.
    pub fn start(target: Gaze) -> Fixation {
        Fixation {
            from: target,
            to: target,
            ..Fixation::default()
        }
    }

    /// Where the eyes look at `now`, when `target` is what they want to see.
    pub fn look(&mut self, target: Gaze, now: Moment) -> Gaze {
        let moving = self.started.until(now) < self.length;
        let away = |gaze: Gaze| {
            (target.yaw - gaze.yaw)
                .abs()
                .max((target.pitch - gaze.pitch).abs())
        };
        if !moving && away(self.to) > WORTH {
            let degrees = away(self.to).min(Real::const_from_int(60)).to_num::<i32>() as u64;
            *self = Fixation {
                from: self.to,
                to: target,
                started: now,
                length: Micros((SHORTEST + A_DEGREE * degrees).min(LONGEST)),
            };
        }
        let share = ease(self.started.until(now), self.length);
        Gaze {
            yaw: mix(self.from.yaw, self.to.yaw, share),
            pitch: mix(self.from.pitch, self.to.pitch, share),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_takes_a_tenth_of_a_second_and_does_not_overshoot() {
        let mut eyes = Fixation::start(Gaze::default());
        let target = Gaze {
            yaw: Real::from_num(10),
            pitch: Real::from_num(-4),
        };
        let mut before = Real::ZERO;
        for frame in 0..10u64 {
            let gaze = eyes.look(target, Moment(1_000_000 + frame * 16_667));
            assert!(gaze.yaw >= before && gaze.yaw <= 10);
            before = gaze.yaw;
        }
        assert_eq!(eyes.look(target, Moment(1_200_000)), target);
    }
}
