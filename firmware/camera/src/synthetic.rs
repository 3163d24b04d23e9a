//! `synthetic:`: a test pattern that moves.

use crate::pace::{Due, Pace};
use crate::{
    Camera, CameraError, Counters, Description, Frame, Next, SharedClock, SyntheticAddress,
};
use std::time::Duration;

/// The rendered camera.
pub(crate) struct Synthetic {
    address: SyntheticAddress,
    clock: SharedClock,
    pace: Pace,
    index: u64,
    counters: Counters,
}

impl Synthetic {
    pub(crate) fn open(address: &SyntheticAddress, clock: SharedClock) -> Self {
        Synthetic {
            pace: Pace::new(address.fps, address.paced),
            address: address.clone(),
            clock,
            index: 0,
            counters: Counters::default(),
        }
    }
}

impl Camera for Synthetic {
    fn next(&mut self, frame: &mut Frame, timeout: Duration) -> Result<Next, CameraError> {
        let deadline = self.clock.now() + sfumato_core::time::Micros(timeout.as_micros() as u64);
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
                    let (width, height) = self.address.size;
                    frame.resize(width as usize, height as usize);
                    let phase = self.index as usize;
                    for (i, byte) in frame.bytes_mut().iter_mut().enumerate() {
                        *byte = (i / 3 + phase) as u8;
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
            name: "synthetic visitor".into(),
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
