//! What every test of a screen needs.

#![allow(dead_code)] // Each test file uses its own part.

use sfumato_core::time::{Clock, Moment};
use sfumato_screen::{Screen, ScreenError, SharedClock};
use std::sync::Arc;
use std::time::Instant;

struct SystemClock(Instant);

impl Clock for SystemClock {
    fn now(&self) -> Moment {
        Moment(self.0.elapsed().as_micros() as u64)
    }
}

pub fn clock() -> SharedClock {
    Arc::new(SystemClock(Instant::now()))
}

pub fn open(uri: &str, default_size: (usize, usize)) -> Result<Box<dyn Screen>, ScreenError> {
    sfumato_screen::open(&uri.parse()?, default_size, clock())
}
