//! `null:`: pictures are counted and thrown away; for measuring.

use crate::{Counters, Flip, Mode, Presented, Screen, ScreenError, SharedClock};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_core::time::{Micros, Moment};
use std::time::Duration;

/// A screen nobody sees: one buffer, and a beat if wanted.
pub(crate) struct Null {
    buffer: Vec<Xrgb>,
    mode: Mode,
    clock: SharedClock,
    age: u32,
    next_beat: Option<Moment>,
    counters: Counters,
}

impl Null {
    pub(crate) fn open(
        (width, height): (usize, usize),
        hz: Option<u32>,
        clock: SharedClock,
    ) -> Self {
        Null {
            buffer: vec![0; width * height],
            mode: Mode {
                width,
                height,
                refresh_millihertz: hz.unwrap_or(0) * 1000,
            },
            clock,
            age: 0,
            next_beat: None,
            counters: Counters::default(),
        }
    }

    /// Sleeps to the next beat; false when it lies beyond `timeout`.
    fn wait_for_beat(&mut self, timeout: Duration) -> bool {
        if self.mode.refresh_millihertz == 0 {
            return true;
        }
        let period = Micros(1_000_000_000 / u64::from(self.mode.refresh_millihertz));
        let now = self.clock.now();
        let mut beat = self.next_beat.unwrap_or(now);
        if beat < now {
            let behind = beat.until(now).0.div_ceil(period.0);
            self.counters.missed += behind.saturating_sub(1);
            beat = beat + Micros(behind * period.0);
        }
        let wait = Duration::from_micros(now.until(beat).0);
        if wait > timeout {
            std::thread::sleep(timeout);
            return false;
        }
        std::thread::sleep(wait);
        self.next_beat = Some(beat + period);
        true
    }
}

impl Screen for Null {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        let Mode { width, height, .. } = self.mode;
        let age = std::mem::take(&mut self.age);
        if let Ok(pixels) = PixelsMut::new(&mut self.buffer, width, height, width) {
            paint(pixels, age);
        }
        Ok(())
    }

    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
        if !self.wait_for_beat(timeout) {
            self.counters.timeouts += 1;
            return Ok(Presented::TimedOut);
        }
        self.age = 1;
        let sequence = self.counters.flips;
        self.counters.flips += 1;
        Ok(Presented::Flipped(Flip {
            at: self.clock.now(),
            sequence,
        }))
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        Ok(false)
    }

    fn description(&self) -> String {
        format!("nowhere, {} x {}", self.mode.width, self.mode.height)
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}
