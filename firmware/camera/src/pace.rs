//! When a frame of a recording is due: pure arithmetic on moments.
//!
//! A paced recording behaves like a camera: its frames appear in real time whether or not anybody
//! looks, and whoever comes late gets the newest. A recording that is not paced hands out every
//! frame with the time stamp the recording itself has.

use sfumato_core::time::{Micros, Moment};
use std::time::Duration;

/// The time table of a recording.
#[derive(Clone, Debug)]
pub(crate) struct Pace {
    micros_per_frame: f64,
    /// A frame and when it is due in real time; none until the first was asked for.
    start: Option<(u64, Moment)>,
    paced: bool,
}

/// What to do about the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Hand out this frame, as taken at this moment.
    Now(Moment),
    /// It is not due for so long.
    In(Duration),
    /// It is overdue and so is the one after it: pass it over.
    Skip,
}

impl Pace {
    pub(crate) fn new(fps: f64, paced: bool) -> Self {
        Pace {
            micros_per_frame: 1e6 / fps,
            start: None,
            paced,
        }
    }

    /// When frame `index` is due by the recording's own time, from zero.
    pub(crate) fn own_time(&self, index: u64) -> Micros {
        Micros((index as f64 * self.micros_per_frame).round() as u64)
    }

    /// Makes frame `index` due `now`, and the following ones after it.
    pub(crate) fn start_over(&mut self, index: u64, now: Moment) {
        self.start = Some((index, now));
    }

    /// What to do about frame `index` when it is `now`.
    pub(crate) fn due(&mut self, index: u64, now: Moment) -> Due {
        if !self.paced {
            return Due::Now(Moment(0) + self.own_time(index));
        }
        let (first, start) = *self.start.get_or_insert((index, now));
        let after = |index| start + Micros(self.own_time(index).0 - self.own_time(first).0);
        let due = after(index.max(first));
        if due > now {
            Due::In(Duration::from_micros(now.until(due).0))
        } else if after(index.max(first) + 1) <= now {
            Due::Skip
        } else {
            Due::Now(due)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn unpaced_time_is_the_recordings_own() {
        let mut pace = Pace::new(25.0, false);
        assert_eq!(pace.due(0, Moment(5_000)), Due::Now(Moment(0)));
        assert_eq!(pace.due(50, Moment(9_000)), Due::Now(Moment(2_000_000)));
    }

    #[test]
    fn paced_frames_wait_and_late_ones_are_skipped() {
        let mut pace = Pace::new(10.0, true);
        let start = Moment(1_000_000);
        assert_eq!(pace.due(0, start), Due::Now(start));
        assert_eq!(
            pace.due(1, start + Micros(30_000)),
            Due::In(Duration::from_millis(70))
        );
        assert_eq!(pace.due(1, start + Micros(200_000)), Due::Skip);
        assert_eq!(
            pace.due(2, start + Micros(200_000)),
            Due::Now(start + Micros(200_000))
        );
    }

    #[test]
    fn a_slow_recording_starts_over() {
        let mut pace = Pace::new(10.0, true);
        assert_eq!(pace.due(5, Moment(7)), Due::Now(Moment(7)));
        assert_eq!(pace.due(6, Moment(5_000_000)), Due::Skip);
        pace.start_over(6, Moment(5_000_000));
        assert_eq!(pace.due(6, Moment(5_000_000)), Due::Now(Moment(5_000_000)));
        assert_eq!(
            pace.due(7, Moment(5_000_000)),
            Due::In(Duration::from_millis(100))
        );
    }

    proptest! {
        /// Whatever the caller's rhythm, frames come in order, never before they are due and
        /// never more than one period late.
        #[test]
        fn frames_are_fresh(fps in 1.0f64..120.0, steps in proptest::collection::vec(0u64..100_000, 1..60)) {
            let mut pace = Pace::new(fps, true);
            let (mut now, mut index) = (Moment(123), 0);
            for step in steps {
                now = now + Micros(step);
                loop {
                    match pace.due(index, now) {
                        Due::Now(taken) => {
                            prop_assert!(taken <= now);
                            prop_assert!(taken.until(now).0 as f64 <= 1e6 / fps + 1.0);
                            index += 1;
                        }
                        Due::Skip => index += 1,
                        Due::In(wait) => {
                            prop_assert!(wait.as_micros() as f64 <= 1e6 / fps + 1.0);
                            break;
                        }
                    }
                }
            }
        }
    }
}
