//! The system's clock as a [`Clock`], for programs and tests that run in real time.

use sfumato_core::time::{Clock, Moment};
use std::sync::Arc;
use std::time::Instant;

/// The clock that stamps frames; shared with whoever compares ages.
pub type SharedClock = Arc<dyn Clock + Send + Sync>;

/// Microseconds since this clock was made; never runs backwards.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that starts at zero now.
    pub fn new() -> Self {
        SystemClock {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment(u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX))
    }
}
