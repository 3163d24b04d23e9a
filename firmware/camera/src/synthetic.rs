//! `synthetic:`: the built-in visitor, filmed.
//!
//! What the sitter does is written in its script, so a test knows what the far end of the
//! pipeline must show; see `sfumato-sitter`. Frame times are the script's times, so a frame of
//! number n always shows the same picture, paced or not.

use crate::pace::{Due, Pace};
use crate::{
    Camera, CameraError, Counters, Description, Frame, Next, SharedClock, SyntheticAddress,
};
use sfumato_core::time::{Micros, Moment};
use sfumato_sitter::{Script, Sitter};
use std::time::Duration;

/// The rendered camera.
pub(crate) struct Synthetic {
    address: SyntheticAddress,
    sitter: Sitter,
    script: Script,
    clock: SharedClock,
    pace: Pace,
    index: u64,
    counters: Counters,
}

impl Synthetic {
    /// A camera that films the sitter acting `script`.
    pub(crate) fn open(address: &SyntheticAddress, script: Script, clock: SharedClock) -> Self {
        let (width, height) = address.size;
        Synthetic {
            pace: Pace::new(address.fps, address.paced),
            sitter: Sitter::new(width as usize, height as usize),
            script,
            address: address.clone(),
            clock,
            index: 0,
            counters: Counters::default(),
        }
    }
}

impl Camera for Synthetic {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        let timeout = Micros(u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX));
        let deadline = self.clock.now() + timeout;
        loop {
            let now = self.clock.now();
            match self.pace.due(self.index, now) {
                Due::In(wait) => {
                    let left = Duration::from_micros(now.until(deadline).0);
                    if left.is_zero() {
                        self.counters.timeouts += 1;
                        return Ok(Next::TimedOut);
                    }
                    std::thread::sleep(wait.min(left));
                }
                Due::Skip => {
                    self.index += 1;
                    self.counters.skipped += 1;
                }
                Due::Now(captured) => {
                    frame.resize(self.sitter.width(), self.sitter.height());
                    let acted = Moment(0) + self.pace.own_time(self.index);
                    if let Ok(pixels) = frame.pixels_mut() {
                        self.sitter.render(&self.script.at(acted), pixels);
                    }
                    frame.captured = captured;
                    frame.sequence = self.index;
                    self.index += 1;
                    self.counters.frames += 1;
                    return Ok(Next::Frame);
                }
            }
        }
    }

    fn description(&self) -> Description {
        Description {
            name: "built-in visitor".into(),
            format: "rendered".into(),
            width: self.address.size.0,
            height: self.address.size.1,
            fps: self.address.fps,
            live: self.address.paced,
            frames: None,
        }
    }

    fn counters(&self) -> Counters {
        self.counters
    }
}
