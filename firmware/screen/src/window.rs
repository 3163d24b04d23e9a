//! `window:`: a desktop window.
//!
//! The window lives on a thread of its own, because it must be served by the thread that made it,
//! while a screen may be handed to another. The thread gets a picture, shows it and gives the buffer
//! back. A window has no beat that could be asked for; 60 a second are counted out. Asleep it is black.

use crate::beat::Beat;
use crate::{Counters, Flip, Mode, Power, Presented, Screen, ScreenError, SharedClock};
use minifb::{Key, ScaleMode, Window as Surface, WindowOptions};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_core::time::Micros;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Beats a second.
const HZ: u32 = 60;

/// So often the window is served while no picture comes.
const SERVICE: Duration = Duration::from_millis(20);

/// A window larger than this does not fit on ordinary desktops.
const LARGEST: (usize, usize) = (1600, 900);

struct Picture {
    pixels: Vec<Xrgb>,
    width: usize,
    height: usize,
}

/// What the window's thread says after showing a picture.
struct Shown {
    pixels: Vec<Xrgb>,
    /// The window's size now.
    size: (usize, usize),
}

/// A desktop window.
pub(crate) struct Window {
    to_thread: SyncSender<Picture>,
    from_thread: Receiver<Shown>,
    /// Empty while the thread has it.
    pixels: Vec<Xrgb>,
    /// Whether the thread has a picture that it has not given back.
    lent: bool,
    mode: Mode,
    size: (usize, usize),
    age: u32,
    asleep: bool,
    beat: Beat,
    clock: SharedClock,
    counters: Counters,
}

impl Window {
    pub(crate) fn open(
        size: (usize, usize),
        fit: bool,
        clock: SharedClock,
    ) -> Result<Self, ScreenError> {
        let (width, height) = if fit { fitted(size) } else { size };
        let (to_thread, pictures) = sync_channel::<Picture>(1);
        let (shown, from_thread) = sync_channel::<Shown>(2);
        let (opened, result) = sync_channel::<Result<(), String>>(1);
        std::thread::Builder::new()
            .name("window".into())
            .spawn(move || {
                let options = WindowOptions {
                    resize: true,
                    scale_mode: ScaleMode::AspectRatioStretch,
                    ..WindowOptions::default()
                };
                match Surface::new("Sfumato", width, height, options) {
                    Ok(surface) => {
                        let _ = opened.send(Ok(()));
                        serve(surface, &pictures, &shown);
                    }
                    Err(error) => {
                        let _ = opened.send(Err(error.to_string()));
                    }
                }
            })
            .map_err(|error| ScreenError::io("starting the window's thread", error))?;
        let reason = match result.recv() {
            Ok(Ok(())) => {
                return Ok(Window {
                    to_thread,
                    from_thread,
                    pixels: vec![0; width * height],
                    lent: false,
                    mode: Mode {
                        width,
                        height,
                        refresh_millihertz: HZ * 1000,
                    },
                    size: (width, height),
                    age: 0,
                    asleep: false,
                    beat: Beat::new(HZ),
                    clock,
                    counters: Counters::default(),
                });
            }
            Ok(Err(reason)) => reason,
            // The library panicked in its thread.
            Err(_) => "the window system failed".into(),
        };
        Err(ScreenError::NotFound {
            what: format!("a desktop to open a window on ({reason})"),
            cure: "start this on a desktop with X11 (DISPLAY set), or use frames:FOLDER".into(),
        })
    }

    /// Waits for the beat and has the picture shown; false when that is not confirmed in time.
    fn show(&mut self, wait: Micros, timeout: Duration) -> Result<bool, ScreenError> {
        let deadline = Instant::now() + timeout;
        std::thread::sleep(Duration::from_micros(wait.0).min(timeout));
        let Mode { width, height, .. } = self.mode;
        if self.lent {
            // A picture is on its way still; this one has its turn when that came back.
            let mine = std::mem::take(&mut self.pixels);
            let back = self.take_back(deadline)?;
            if !mine.is_empty() {
                self.pixels = mine;
            }
            if !back {
                return Ok(false);
            }
        }
        let picture = Picture {
            pixels: std::mem::take(&mut self.pixels),
            width,
            height,
        };
        if self.to_thread.send(picture).is_err() {
            return Err(ScreenError::Closed);
        }
        self.lent = true;
        self.take_back(deadline)
    }

    /// Takes back the lent buffer, waiting at most until `deadline`.
    fn take_back(&mut self, deadline: Instant) -> Result<bool, ScreenError> {
        let left = deadline.saturating_duration_since(Instant::now());
        match self.from_thread.recv_timeout(left) {
            Ok(shown) => {
                self.lent = false;
                self.pixels = shown.pixels;
                self.size = shown.size;
                Ok(true)
            }
            Err(RecvTimeoutError::Timeout) => Ok(false),
            Err(RecvTimeoutError::Disconnected) => Err(ScreenError::Closed),
        }
    }
}

/// The largest size of the same shape that fits on a desktop.
fn fitted((width, height): (usize, usize)) -> (usize, usize) {
    let scale = (LARGEST.0 as f64 / width.max(1) as f64)
        .min(LARGEST.1 as f64 / height.max(1) as f64)
        .min(1.0);
    let side = |side: usize| ((side as f64 * scale).round() as usize).max(1);
    (side(width), side(height))
}

/// The window's thread: shows pictures until the window or the channel closes.
fn serve(mut surface: Surface, pictures: &Receiver<Picture>, shown: &SyncSender<Shown>) {
    surface.set_target_fps(0);
    while surface.is_open() && !surface.is_key_down(Key::Escape) {
        match pictures.recv_timeout(SERVICE) {
            Ok(picture) => {
                let updated =
                    surface.update_with_buffer(&picture.pixels, picture.width, picture.height);
                let answer = Shown {
                    pixels: picture.pixels,
                    size: surface.get_size(),
                };
                if updated.is_err() || shown.send(answer).is_err() {
                    return;
                }
            }
            Err(RecvTimeoutError::Timeout) => surface.update(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl Screen for Window {
    fn mode(&self) -> Mode {
        self.mode
    }

    fn draw(&mut self, paint: &mut dyn FnMut(PixelsMut<'_, Xrgb>, u32)) -> Result<(), ScreenError> {
        let Mode { width, height, .. } = self.mode;
        let mut age = std::mem::take(&mut self.age);
        if self.lent && !self.take_back(Instant::now())? {
            // The window is slow: paint on a new sheet.
            self.pixels = vec![0; width * height];
            age = 0;
        }
        if self.pixels.len() != width * height {
            self.pixels.clear();
            self.pixels.resize(width * height, 0);
            age = 0;
        }
        if let Ok(pixels) = PixelsMut::new(&mut self.pixels, width, height, width) {
            paint(pixels, age);
        }
        Ok(())
    }

    fn present(&mut self, timeout: Duration) -> Result<Presented, ScreenError> {
        let now = self.clock.now();
        let (beat, missed) = self.beat.upcoming(now);
        if self.asleep {
            self.pixels.fill(0);
            self.age = 0;
        }
        let shown = self.show(now.until(beat), timeout)?;
        if shown {
            self.beat.taken(beat);
        }
        if self.asleep {
            return Ok(Presented::Asleep(self.clock.now()));
        }
        if !shown {
            self.counters.timeouts += 1;
            return Ok(Presented::TimedOut);
        }
        self.age = 1;
        self.counters.missed += missed;
        let sequence = self.counters.flips;
        self.counters.flips += 1;
        Ok(Presented::Flipped(Flip {
            at: self.clock.now(),
            sequence,
        }))
    }

    /// Adopts the size that the user gave the window.
    fn reprobe(&mut self) -> Result<bool, ScreenError> {
        let (width, height) = self.size;
        if (width, height) == (self.mode.width, self.mode.height) || width < 16 || height < 16 {
            return Ok(false);
        }
        self.mode.width = width;
        self.mode.height = height;
        self.age = 0;
        self.counters.found += 1;
        Ok(true)
    }

    fn set_power(&mut self, on: bool) -> Result<Power, ScreenError> {
        if self.asleep == on {
            self.asleep = !on;
            self.age = 0;
            self.beat.rest();
        }
        Ok(if on { Power::Awake } else { Power::Asleep })
    }

    fn description(&self) -> String {
        format!("window, {} x {}", self.mode.width, self.mode.height)
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_paintings_are_fitted_to_the_desktop() {
        assert_eq!(fitted((800, 600)), (800, 600));
        assert_eq!(fitted((1342, 2000)), (604, 900));
        assert_eq!(fitted((3200, 900)), (1600, 450));
    }
}
