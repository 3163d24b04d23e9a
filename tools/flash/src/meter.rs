//! How fast it goes, and how long it will still take.

use std::collections::VecDeque;
use std::time::Duration;

/// Over how long the rate is taken: long enough to be steady, short enough to notice a card that slows down.
const WINDOW: Duration = Duration::from_secs(10);

/// The least time that a rate is taken over.
const LEAST: Duration = Duration::from_millis(500);

/// A meter for one device.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    seen: VecDeque<(Duration, u64)>,
}

impl Meter {
    /// Notes that by `now`, since any beginning, `done` bytes were done. A count that falls begins anew.
    pub fn note(&mut self, now: Duration, done: u64) {
        if self.seen.back().is_some_and(|&(_, before)| done < before) {
            self.seen.clear();
        }
        self.seen.push_back((now, done));
        while self.seen.len() > 2 && self.seen[1].0 + WINDOW <= now {
            self.seen.pop_front();
        }
    }

    /// Bytes a second over the last ten; nothing until half a second has been seen.
    pub fn rate(&self) -> Option<f64> {
        let (&(from, before), &(to, after)) = (self.seen.front()?, self.seen.back()?);
        let time = to.saturating_sub(from);
        (time >= LEAST).then(|| after.saturating_sub(before) as f64 / time.as_secs_f64())
    }

    /// How long so many more bytes will take at that rate; nothing while it stands still.
    pub fn left(&self, bytes: u64) -> Option<Duration> {
        let rate = self.rate().filter(|rate| *rate > 0.0)?;
        Duration::try_from_secs_f64(bytes as f64 / rate).ok()
    }
}
