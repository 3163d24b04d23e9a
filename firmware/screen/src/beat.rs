//! A steady beat for screens that have none of their own.

use sfumato_core::time::{Micros, Moment};

/// Counts out the beats of a display: pure, time comes in.
#[derive(Clone, Debug)]
pub(crate) struct Beat {
    period: Micros,
    next: Option<Moment>,
}

impl Beat {
    pub(crate) fn new(hz: u32) -> Self {
        Beat {
            period: Micros(1_000_000 / u64::from(hz.max(1))),
            next: None,
        }
    }

    /// The first beat from `now` on, and how many have passed unused since the last one taken.
    pub(crate) fn upcoming(&self, now: Moment) -> (Moment, u64) {
        match self.next {
            None => (now, 0),
            Some(next) if next >= now => (next, 0),
            Some(next) => {
                let missed = next.until(now).0.div_ceil(self.period.0);
                (next + Micros(missed * self.period.0), missed)
            }
        }
    }

    /// Notes that the beat at `moment` was used.
    pub(crate) fn taken(&mut self, moment: Moment) {
        self.next = Some(moment + self.period);
    }

    /// Forgets the last beat: none was missed while nothing was to be shown.
    pub(crate) fn rest(&mut self) {
        self.next = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beats_are_steady_and_missed_ones_are_counted() {
        let mut beat = Beat::new(100);
        assert_eq!(beat.upcoming(Moment(7)), (Moment(7), 0));
        beat.taken(Moment(7));
        assert_eq!(beat.upcoming(Moment(5_000)), (Moment(10_007), 0));
        assert_eq!(beat.upcoming(Moment(10_007)), (Moment(10_007), 0));
        assert_eq!(beat.upcoming(Moment(10_008)), (Moment(20_007), 1));
        assert_eq!(beat.upcoming(Moment(39_000)), (Moment(40_007), 3));
        beat.rest();
        assert_eq!(beat.upcoming(Moment(99_000)), (Moment(99_000), 0));
    }
}
