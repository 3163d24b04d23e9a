//! A screen that misbehaves by script, for tests of whoever uses screens.

use crate::null::Null;
use crate::{Counters, Mode, Power, Presented, Screen, ScreenError, SharedClock};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use std::collections::VecDeque;
use std::io;
use std::time::Duration;

/// One thing that happens. Flips, time-outs and refusals are used up by presenting while awake, the
/// acts of power by switching it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// So many pictures become visible.
    Flips(u32),
    /// So many presents are not confirmed in time.
    TimeOuts(u32),
    /// The system refuses one present with this error number.
    Io(i32),
    /// The display is unplugged until it was looked for so many times in vain.
    Unplugged(u32),
    /// From here on the display has this size; seen by the next look, or on coming back.
    Size(usize, usize),
    /// The system refuses to switch the power once, with this error number.
    PowerIo(i32),
    /// The power cannot be switched, so many times.
    PowerFixed(u32),
}

/// A screen that follows a script, and works once that is at its end.
pub struct Faulty {
    inner: Null,
    acts: VecDeque<Act>,
    clock: SharedClock,
    unplugged: Option<u32>,
    asleep: bool,
    counters: Counters,
}

impl Faulty {
    /// A screen of this size to which `acts` happen.
    pub fn new(acts: Vec<Act>, size: (usize, usize), clock: SharedClock) -> Self {
        Faulty {
            inner: Null::open(size, None, clock.clone()),
            acts: acts.into(),
            clock,
            unplugged: None,
            asleep: false,
            counters: Counters::default(),
        }
    }

    /// Applies what is due now and needs no present.
    fn meet_fate(&mut self) {
        if let (None, Some(Act::Unplugged(looks))) = (self.unplugged, self.acts.front()) {
            self.unplugged = Some(*looks);
            self.acts.pop_front();
            self.counters.lost += 1;
        }
    }

    /// Takes one of the act at the front off the script.
    fn count_down(&mut self) {
        match self.acts.front_mut() {
            Some(Act::Flips(left) | Act::TimeOuts(left) | Act::PowerFixed(left)) if *left > 1 => {
                *left -= 1
            }
            _ => {
                self.acts.pop_front();
            }
        }
    }

    /// Adopts a new size, if the script has one next.
    fn resize(&mut self) -> bool {
        let Some(Act::Size(width, height)) = self.acts.front().copied() else {
            return false;
        };
        self.acts.pop_front();
        self.replace((width, height));
        true
    }

    /// Puts another display in the place of the one there was; it is as awake as that.
    fn replace(&mut self, size: (usize, usize)) {
        self.inner = Null::open(size, None, self.clock.clone());
        if self.asleep {
            let _ = self.inner.set_power(false);
        }
    }
}

impl Screen for Faulty {
    fn mode(&self) -> Mode {
        self.inner.mode()
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        self.meet_fate();
        match self.unplugged {
            Some(_) => Err(ScreenError::Disconnected),
            None => self.inner.draw(paint),
        }
    }

    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
        self.meet_fate();
        if self.unplugged.is_some() {
            return Err(ScreenError::Disconnected);
        }
        if self.asleep {
            return self.inner.present(timeout);
        }
        match self.acts.front().copied() {
            Some(Act::TimeOuts(_)) => {
                self.count_down();
                std::thread::sleep(timeout);
                self.counters.timeouts += 1;
                return Ok(Presented::TimedOut);
            }
            Some(Act::Io(number)) => {
                self.count_down();
                return Err(ScreenError::io(
                    "presenting a picture",
                    io::Error::from_raw_os_error(number),
                ));
            }
            Some(Act::Flips(_)) => self.count_down(),
            Some(Act::Unplugged(_) | Act::Size(..) | Act::PowerIo(_) | Act::PowerFixed(_))
            | None => {}
        }
        let presented = self.inner.present(timeout)?;
        match presented {
            Presented::Flipped(mut flip) => {
                flip.sequence = self.counters.flips;
                self.counters.flips += 1;
                Ok(Presented::Flipped(flip))
            }
            Presented::TimedOut | Presented::Asleep(_) => Ok(presented),
        }
    }

    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        match self.unplugged {
            Some(0) => {
                self.unplugged = None;
                self.counters.found += 1;
                if !self.resize() {
                    let Mode { width, height, .. } = self.mode();
                    self.replace((width, height));
                }
                Ok(true)
            }
            Some(looks) => {
                self.unplugged = Some(looks - 1);
                Err(ScreenError::Disconnected)
            }
            None => {
                let changed = self.resize();
                self.counters.found += u64::from(changed);
                Ok(changed)
            }
        }
    }

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        self.meet_fate();
        match self.acts.front().copied() {
            Some(Act::PowerIo(number)) => {
                self.count_down();
                return Err(ScreenError::io(
                    "switching the display's power",
                    io::Error::from_raw_os_error(number),
                ));
            }
            Some(Act::PowerFixed(_)) => {
                self.count_down();
                return Ok(Power::Fixed);
            }
            _ => {}
        }
        self.asleep = !on;
        self.inner.set_power(on)
    }

    fn description(&self) -> String {
        "scripted screen".into()
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}

impl std::fmt::Debug for Faulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Faulty")
            .field("acts", &self.acts)
            .field("unplugged", &self.unplugged)
            .field("asleep", &self.asleep)
            .finish_non_exhaustive()
    }
}
