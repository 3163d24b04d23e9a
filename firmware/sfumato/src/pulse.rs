//! The pulse: numbers by which the supervisor sees that everybody is alive.
//!
//! Each thread only adds; the supervisor only looks. Nobody ever waits for anybody.

use sfumato_core::health::Level;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

/// Signs of life of all threads.
#[derive(Debug, Default)]
pub struct Pulse {
    /// Camera frames that arrived.
    pub camera_frames: AtomicU64,
    /// Camera frames in which faces were looked for.
    pub perceived: AtomicU64,
    /// Faces in the newest of them.
    pub faces: AtomicU64,
    /// Rounds of the render thread, with or without a picture.
    pub rounds: AtomicU64,
    /// Pictures that became visible.
    pub flips: AtomicU64,
    /// Whether there is no camera at the moment.
    pub camera_away: AtomicBool,
    /// Whether there is no display at the moment.
    pub screen_away: AtomicBool,
    level: AtomicU8,
}

/// The pulse at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// See [`Pulse::camera_frames`].
    pub camera_frames: u64,
    /// See [`Pulse::perceived`].
    pub perceived: u64,
    /// See [`Pulse::faces`].
    pub faces: u64,
    /// See [`Pulse::rounds`].
    pub rounds: u64,
    /// See [`Pulse::flips`].
    pub flips: u64,
    /// See [`Pulse::camera_away`].
    pub camera_away: bool,
    /// See [`Pulse::screen_away`].
    pub screen_away: bool,
    /// What the painting is doing.
    pub level: Level,
}

const LEVELS: [Level; 4] = [Level::Living, Level::Idle, Level::RigOnly, Level::Still];

impl Pulse {
    /// Notes what the painting is doing.
    pub fn set_level(&self, level: Level) {
        self.level.store(level as u8, Ordering::Relaxed);
    }

    /// The pulse now.
    pub fn read(&self) -> Reading {
        let level = usize::from(self.level.load(Ordering::Relaxed));
        Reading {
            camera_frames: self.camera_frames.load(Ordering::Relaxed),
            perceived: self.perceived.load(Ordering::Relaxed),
            faces: self.faces.load(Ordering::Relaxed),
            rounds: self.rounds.load(Ordering::Relaxed),
            flips: self.flips.load(Ordering::Relaxed),
            camera_away: self.camera_away.load(Ordering::Relaxed),
            screen_away: self.screen_away.load(Ordering::Relaxed),
            level: LEVELS.get(level).copied().unwrap_or(Level::Still),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_survive_the_trip() {
        let pulse = Pulse::default();
        for level in LEVELS {
            pulse.set_level(level);
            assert_eq!(pulse.read().level, level);
        }
    }
}
