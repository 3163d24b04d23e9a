//! `null:`: pictures are counted and thrown away; for measuring.

use crate::beat::Beat;
use crate::{Counters, Flip, Mode, Power, Presented, Screen, ScreenError, SharedClock};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use std::time::Duration;

/// A screen nobody sees: one buffer, and a beat if wanted.
pub(crate) struct Null {
    buffer: Vec<Xrgb>,
    mode: Mode,
    clock: SharedClock,
    age: u32,
    beat: Option<Beat>,
    asleep: bool,
    counters: Counters,
}

impl Null {
    pub(crate) fn open(
        (width, height): (usize, usize),
        hz: Option<u32>,
        clock: SharedClock,
    ) -> Self {
        Null {
            buffer: vec![0; width.saturating_mul(height)],
            mode: Mode {
                width,
                height,
                refresh_millihertz: hz.unwrap_or(0) * 1000,
            },
            clock,
            age: 0,
            beat: hz.map(Beat::new),
            asleep: false,
            counters: Counters::default(),
        }
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
        if let Some(beat) = &mut self.beat {
            let now = self.clock.now();
            let (next, missed) = beat.upcoming(now);
            let wait = Duration::from_micros(now.until(next).0);
            std::thread::sleep(wait.min(timeout));
            if wait <= timeout {
                beat.taken(next);
            }
            if !self.asleep {
                if wait > timeout {
                    self.counters.timeouts += 1;
                    return Ok(Presented::TimedOut);
                }
                self.counters.missed += missed;
            }
        }
        if self.asleep {
            return Ok(Presented::Asleep(self.clock.now()));
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

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        if self.asleep == on {
            self.asleep = !on;
            self.age = 0;
            if let Some(beat) = &mut self.beat {
                beat.rest();
            }
        }
        Ok(if on { Power::Awake } else { Power::Asleep })
    }

    fn description(&self) -> String {
        format!("nowhere, {} x {}", self.mode.width, self.mode.height)
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}
