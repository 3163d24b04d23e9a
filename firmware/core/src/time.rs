//! Time as a number: microseconds since an arbitrary start, handed in by the caller.
//!
//! Nothing in the pure crates reads a clock. Whoever calls them says what time it is, so a test
//! can run a day of visitors in a second, and a recorded clip replays to the same bytes.

use core::ops::{Add, Sub};

/// A moment: microseconds since the start of the clock that made it. Never runs backwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

/// A stretch of time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Micros(pub u64);

impl Micros {
    /// So many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Micros(millis * 1_000)
    }

    /// So many seconds.
    pub const fn from_secs(seconds: u64) -> Self {
        Micros(seconds * 1_000_000)
    }

    /// The length in seconds.
    pub fn as_secs_f32(self) -> f32 {
        self.0 as f32 / 1e6
    }
}

impl Moment {
    /// How long before `later` this moment was; zero when it was not before it.
    pub fn until(self, later: Moment) -> Micros {
        Micros(later.0.saturating_sub(self.0))
    }
}

impl Add<Micros> for Moment {
    type Output = Moment;
    fn add(self, length: Micros) -> Moment {
        Moment(self.0.saturating_add(length.0))
    }
}

impl Sub<Micros> for Moment {
    type Output = Moment;
    fn sub(self, length: Micros) -> Moment {
        Moment(self.0.saturating_sub(length.0))
    }
}

/// Something that knows what time it is: the system's clock, a clip's own pace, or a test.
pub trait Clock {
    /// The present moment.
    fn now(&self) -> Moment;
}
