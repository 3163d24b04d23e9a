//! The middle of what was seen in the last minute.
//!
//! A median, not a mean: whoever stands before the camera for less than half a minute does not
//! move it at all, however much of the picture is coat.

use sfumato_core::time::{Micros, Moment};

/// Older than this is forgotten.
const WINDOW: Micros = Micros::from_secs(60);

/// As many as come in a minute.
const MOST: usize = (WINDOW.0 / super::INTERVAL.0) as usize;

/// Nothing is said about less than this.
const LEAST: Micros = Micros::from_secs(10);

/// Nor about fewer values than these.
const FEWEST: usize = 8;

/// Values of the last minute, at most [`MOST`].
#[derive(Clone, Debug)]
pub(crate) struct Median {
    /// A ring: `next` is the oldest once it is full.
    values: [(Moment, f32); MOST],
    count: usize,
    next: usize,
    middle: Option<f32>,
}

impl Default for Median {
    fn default() -> Self {
        Median {
            values: [(Moment(0), 0.0); MOST],
            count: 0,
            next: 0,
            middle: None,
        }
    }
}

impl Median {
    /// Forgets all values; the middle stays known until there are new ones.
    pub(crate) fn clear(&mut self) {
        self.count = 0;
        self.next = 0;
    }

    /// Adds a value; says the new middle, if there is enough to tell it from.
    pub(crate) fn add(&mut self, value: f32, now: Moment) -> Option<f32> {
        if let Some(place) = self.values.get_mut(self.next) {
            *place = (now, value);
        }
        self.next = (self.next + 1) % MOST;
        self.count = (self.count + 1).min(MOST);
        let mut recent = [0.0; MOST];
        let mut count = 0;
        let mut oldest = now;
        let young = |moment: Moment| moment <= now && moment.until(now) < WINDOW;
        let seen = self.values.iter().take(self.count);
        for ((moment, value), place) in seen.filter(|(moment, _)| young(*moment)).zip(&mut recent) {
            *place = *value;
            oldest = oldest.min(*moment);
            count += 1;
        }
        if count < FEWEST || oldest.until(now) < LEAST {
            return None;
        }
        let recent = recent.get_mut(..count)?;
        recent.sort_unstable_by(f32::total_cmp);
        self.middle = Some(*recent.get(count / 2)?);
        self.middle
    }

    /// The last middle that was told; none before ten seconds were seen.
    pub(crate) fn middle(&self) -> Option<f32> {
        self.middle
    }
}

#[cfg(test)]
mod tests {
    use super::super::INTERVAL;
    use super::*;
    use proptest::prelude::*;

    fn at(index: u64) -> Moment {
        Moment(index * INTERVAL.0)
    }

    #[test]
    fn says_nothing_for_ten_seconds() {
        let mut median = Median::default();
        for index in 0..20 {
            median.add(1.0, at(index));
            assert_eq!(median.middle(), None);
        }
        median.add(1.0, at(20));
        assert_eq!(median.middle(), Some(1.0));
    }

    #[test]
    fn half_a_minute_of_something_else_changes_nothing() {
        let mut median = Median::default();
        for index in 0..200 {
            median.add(1.0, at(index));
        }
        for index in 200..259 {
            median.add(-4.0, at(index));
            assert_eq!(median.middle(), Some(1.0));
        }
        median.add(-4.0, at(259));
        assert_eq!(median.add(-4.0, at(260)), Some(-4.0));
    }

    proptest! {
        /// The middle lies among the values of the last minute, as many above as below.
        #[test]
        fn the_middle_is_one_of_the_last_minute(
            values in proptest::collection::vec((-9.0f32..9.0, 500_000u64..3_000_000), 1..300),
        ) {
            let mut median = Median::default();
            let mut now = Moment(77);
            let mut all = Vec::new();
            for (value, step) in values {
                now = now + Micros(step);
                let middle = median.add(value, now);
                all.push((now, value));
                let mut recent: Vec<f32> = all.iter()
                    .filter(|(moment, _)| moment.until(now) < WINDOW)
                    .map(|(_, value)| *value)
                    .collect();
                recent.sort_by(f32::total_cmp);
                if recent.len() >= 30 || middle.is_some() {
                    prop_assert_eq!(middle, Some(recent[recent.len() / 2]));
                }
            }
        }
    }
}
