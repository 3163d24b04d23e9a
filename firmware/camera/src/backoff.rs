//! When to try again: soon at first, then less and less often, for ever.

use sfumato_core::time::{Micros, Moment};

/// The policy of a patient device: pure, time comes in.
///
/// The longest pause bounds how long a camera that was plugged in again stays unnoticed.
#[derive(Clone, Debug)]
pub struct Backoff {
    shortest: Micros,
    longest: Micros,
    pause: Micros,
    due: Moment,
}

impl Backoff {
    /// Pauses from `shortest` to `longest`, each twice the one before.
    pub fn new(shortest: Micros, longest: Micros) -> Self {
        Backoff {
            shortest,
            longest,
            pause: shortest,
            due: Moment(0),
        }
    }

    /// When the next attempt is due.
    pub fn due(&self) -> Moment {
        self.due
    }

    /// Notes that an attempt failed `now`.
    pub fn failed(&mut self, now: Moment) {
        self.due = now + self.pause;
        self.pause = Micros(self.pause.0.saturating_mul(2)).min(self.longest);
    }

    /// Notes that an attempt succeeded: the next pause is short again.
    pub fn succeeded(&mut self) {
        self.pause = self.shortest;
    }
}

impl Default for Backoff {
    /// A quarter of a second, doubling up to one second: a visitor who watches somebody plug the
    /// camera in sees the portrait wake within two, and an absent camera costs next to nothing.
    fn default() -> Self {
        Backoff::new(Micros::from_millis(250), Micros::from_secs(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pauses_double_and_start_again() {
        let mut backoff = Backoff::new(Micros(10), Micros(35));
        let mut pauses = Vec::new();
        for _ in 0..4 {
            backoff.failed(Moment(1_000));
            pauses.push(Moment(1_000).until(backoff.due()).0);
        }
        assert_eq!(pauses, [10, 20, 35, 35]);
        backoff.succeeded();
        backoff.failed(Moment(1_000));
        assert_eq!(backoff.due(), Moment(1_010));
    }

    proptest! {
        /// However long it fails, the next attempt is never further away than the longest pause.
        #[test]
        fn never_gives_up(times in proptest::collection::vec(0u64..10_000_000, 1..80)) {
            let mut backoff = Backoff::default();
            let mut now = Moment(0);
            for step in times {
                now = now + Micros(step);
                backoff.failed(now);
                let pause = now.until(backoff.due());
                prop_assert!(pause >= Micros::from_millis(250) && pause <= Micros::from_secs(1));
            }
        }
    }
}
