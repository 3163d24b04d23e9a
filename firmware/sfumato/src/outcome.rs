//! How a show is bounded and what is left of it when it ends.

use crate::ledger::{Ledger, Times};
use crate::report::{Diary, Faults, FrameCounts};
use sfumato_camera::CameraError;
use sfumato_screen::ScreenError;

/// When a show ends by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// After so many shown frames.
    pub frames: Option<u64>,
    /// After so many seconds.
    pub seconds: Option<f64>,
}

impl Limits {
    /// Whether it is over after `frames` frames and `micros` microseconds.
    pub fn reached(&self, frames: u64, micros: u64) -> bool {
        self.frames.is_some_and(|most| frames >= most)
            || self.seconds.is_some_and(|most| micros as f64 >= most * 1e6)
    }
}

/// What a show leaves behind.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Frames in, out and dropped.
    pub frames: FrameCounts,
    /// What went wrong and was survived.
    pub faults: Faults,
    /// What each stage took.
    pub ledger: Ledger,
    /// From a frame's capture to the moment it was seen to act.
    pub latency: Times,
    /// Frame by frame.
    pub diary: Diary,
    /// Wall-clock length in seconds.
    pub seconds: f64,
}

/// Why a show could not begin or go on.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The camera will not come back by itself.
    #[error("camera: {0}")]
    Camera(#[from] CameraError),
    /// The screen will not come back by itself.
    #[error("screen: {0}")]
    Screen(#[from] ScreenError),
    /// A frame of a clip could not be looked at; a measurement must not go on without it.
    #[error("perception: {0}")]
    Perceive(#[from] crate::perceive::PerceiveError),
    /// A part of the program panicked where a measurement must not go on.
    #[error(transparent)]
    Panicked(#[from] crate::fence::Panicked),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_limit_ends_it() {
        let none = Limits::default();
        assert!(!none.reached(u64::MAX, u64::MAX));
        let both = Limits {
            frames: Some(10),
            seconds: Some(2.0),
        };
        assert!(!both.reached(9, 1_999_999));
        assert!(both.reached(10, 0));
        assert!(both.reached(0, 2_000_000));
    }
}
