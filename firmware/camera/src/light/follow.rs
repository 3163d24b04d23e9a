//! The slow way of the screen's level to where the light is.
//!
//! A dead band around the place where it came to rest keeps it there: small changes of the light,
//! among them those that the screen itself throws back from a visitor's face, move nothing. Beyond
//! the band it goes all the way, so that it does not rest at a band's edge. The way is so slow that
//! the eye adapts along with it.

use super::{FULL_LEVEL, INTERVAL};
use sfumato_core::time::{Micros, Moment};

/// Time for the whole way from 0 to [`FULL_LEVEL`]: half a percent of it a second.
const WHOLE_WAY: Micros = Micros::from_secs(200);

/// Parts of a level: one is gone in 0.2 ms.
const PARTS: u32 = 1000;

/// Microseconds in which one part is gone.
const MICROS_PER_PART: u64 = WHOLE_WAY.0 / (FULL_LEVEL as u64 * PARTS as u64);

/// So far off at rest, in levels, and it sets out: a quarter more light, or a fifth less.
const DEAD_BAND: u16 = 50;

/// A longer time since the last step counts as this: after a pause nothing jumps.
const LONGEST: Micros = Micros(2 * INTERVAL.0);

/// A level on its way.
#[derive(Clone, Debug)]
pub(crate) struct Follow {
    /// Of `FULL_LEVEL * PARTS`.
    parts: u32,
    moving: bool,
    last: Option<Moment>,
}

impl Default for Follow {
    fn default() -> Self {
        Follow {
            parts: u32::from(FULL_LEVEL) * PARTS,
            moving: false,
            last: None,
        }
    }
}

impl Follow {
    /// Goes towards `target`, a level, for the time since the last call.
    pub(crate) fn go(&mut self, target: u16, now: Moment) {
        let target = u32::from(target.min(FULL_LEVEL)) * PARTS;
        let since = self.last.map_or(Micros(0), |last| last.until(now));
        self.last = Some(now);
        if self.parts.abs_diff(target) > u32::from(DEAD_BAND) * PARTS {
            self.moving = true;
        }
        if !self.moving {
            return;
        }
        let most = since.min(LONGEST).0 / MICROS_PER_PART;
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let least = self.parts.saturating_sub(most);
        self.parts = target.clamp(least, self.parts.saturating_add(most));
        self.moving = self.parts != target;
    }

    pub(crate) fn level(&self) -> u16 {
        ((self.parts + PARTS / 2) / PARTS) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn after(follow: &mut Follow, target: u16, seconds: u64) -> u16 {
        let start = follow.last.unwrap_or_default();
        for half in 1..=2 * seconds {
            follow.go(target, start + Micros(half * INTERVAL.0));
        }
        follow.level()
    }

    #[test]
    fn half_a_percent_a_second() {
        let mut follow = Follow::default();
        follow.go(1000, Moment(0));
        assert_eq!(after(&mut follow, 0, 100), 500);
        assert_eq!(after(&mut follow, 0, 100), 0);
        assert_eq!(after(&mut follow, 1000, 20), 100);
    }

    #[test]
    fn the_dead_band_holds_and_beyond_it_all_the_way_is_gone() {
        let mut follow = Follow::default();
        follow.go(1000, Moment(0));
        assert_eq!(after(&mut follow, 950, 100), 1000);
        assert_eq!(after(&mut follow, 949, 100), 949);
        assert_eq!(after(&mut follow, 999, 100), 949);
    }

    #[test]
    fn a_pause_is_no_jump() {
        let mut follow = Follow::default();
        follow.go(0, Moment(0));
        follow.go(0, Moment(0) + Micros::from_secs(100_000));
        assert_eq!(follow.level(), 995);
    }

    proptest! {
        /// Whatever is asked, and in whatever rhythm: bounded, slow, and never past the target.
        #[test]
        fn slow_and_bounded(steps in proptest::collection::vec((0u16..2000, 0u64..5_000_000), 1..200)) {
            let mut follow = Follow::default();
            let mut now = Moment(5);
            follow.go(1000, now);
            for (target, step) in steps {
                let before = follow.level();
                now = now + Micros(step);
                follow.go(target, now);
                let level = follow.level();
                prop_assert!(level <= FULL_LEVEL);
                prop_assert!(f64::from(level.abs_diff(before)) <= step as f64 / 200_000.0 + 1.0);
                let target = target.min(FULL_LEVEL);
                prop_assert!(level.abs_diff(target) <= before.abs_diff(target));
            }
        }
    }
}
