//! The supervisor: feeds the watchdog on evidence of a picture, and waits for nobody.
//!
//! The judgement is a pure function of the pulse and the time ([`Judge`]); the thread around it
//! ([`watch`]) only looks, sleeps and tells systemd. What it may conclude:
//!
//! - Pictures become visible, or the display is known to be away and the render thread goes on
//!   looking for it, or the display sleeps outside opening hours: all is well, the watchdog is fed. A missing camera is no reason to restart.
//! - Rounds go on but no picture becomes visible on a display that is there: the watchdog is not
//!   fed. Whoever set its time decides how long that may last.
//! - The render thread makes no round for [`STUCK`]: the process ends so that systemd starts it
//!   anew, since a stuck thread cannot be cured from inside.
//!
//! The same readings tell whether this version of the program may stay on the board: [`crate::health`].

use crate::health::Herald;
use crate::log::say;
use crate::pulse::{Pulse, Reading};
use crate::watchdog::Watchdog;
use sfumato_core::time::{Clock, Micros, Moment};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the render thread may be silent. Longer than any bounded wait in it, many times.
pub const STUCK: Micros = Micros::from_secs(10);

/// The exit code of a process that gave itself up, so that a log tells it from a crash.
pub const STUCK_EXIT_CODE: i32 = 75;

/// How often the pulse is taken: several times within the shortest sensible watchdog time.
const BEAT: Duration = Duration::from_millis(250);

/// What the pulse means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is a picture, or all is done that can be.
    Fine,
    /// There is no new picture.
    NoPicture,
    /// The render thread does nothing any more.
    Stuck,
}

/// Judges one reading of the pulse after the other.
#[derive(Debug)]
pub struct Judge {
    last: Reading,
    last_round: Moment,
}

impl Judge {
    /// A judge who first looks at `now`.
    pub fn new(now: Moment) -> Self {
        Judge {
            last: Reading::default(),
            last_round: now,
        }
    }

    /// What the pulse means at `now`.
    pub fn judge(&mut self, reading: Reading, now: Moment) -> Verdict {
        let last = std::mem::replace(&mut self.last, reading);
        if reading.rounds != last.rounds {
            self.last_round = now;
        } else if self.last_round.until(now) >= STUCK {
            return Verdict::Stuck;
        }
        let picture = reading.flips != last.flips;
        // No picture is expected on a display that is away or asleep, but somebody who goes on.
        let dark = reading.screen_away || reading.screen_asleep;
        let going_on = dark && reading.rounds != last.rounds;
        if picture || going_on {
            Verdict::Fine
        } else {
            Verdict::NoPicture
        }
    }
}

/// Watches until `over`. Calls `stuck` when the render thread makes no round any more.
///
/// Feeds systemd's watchdog, and the board's own where there is one; `herald` tells the version's health.
pub fn watch(
    pulse: &Pulse,
    clock: &dyn Clock,
    over: &AtomicBool,
    watchdog: Option<&Watchdog>,
    herald: &mut Herald,
    stuck: impl Fn(),
) {
    let mut judge = Judge::new(clock.now());
    let mut ready = false;
    let mut told = Reading::default();
    let mut last_status = clock.now();
    let mut status_from = pulse.read();
    while !over.load(Ordering::Relaxed) {
        std::thread::park_timeout(BEAT);
        let reading = pulse.read();
        let now = clock.now();
        herald.look(pulse, reading, now);
        match judge.judge(reading, now) {
            Verdict::Fine => {
                if !ready {
                    tell(&[sd_notify::NotifyState::Ready]);
                    ready = true;
                }
                tell(&[sd_notify::NotifyState::Watchdog]);
                if let Some(watchdog) = watchdog {
                    watchdog.feed();
                }
            }
            Verdict::NoPicture => {}
            Verdict::Stuck => {
                say!("the render thread is stuck; ending so that it is started anew");
                stuck();
                return;
            }
        }
        say_changes(told, reading);
        told = reading;
        let since = last_status.until(now);
        if since >= Micros::from_secs(5) {
            tell(&[sd_notify::NotifyState::Status(&status(
                status_from,
                reading,
                since,
            ))]);
            status_from = reading;
            last_status = now;
        }
    }
    if let Some(watchdog) = watchdog {
        watchdog.release();
    }
    tell(&[sd_notify::NotifyState::Stopping]);
}

/// Tells systemd; without systemd, or when it does not listen, nothing happens.
fn tell(states: &[sd_notify::NotifyState<'_>]) {
    let _ = sd_notify::notify(states);
}

/// One line for `systemctl status`.
fn status(before: Reading, now: Reading, since: Micros) -> String {
    let rate = |now: u64, before: u64| (now - before) as f32 / since.as_secs_f32();
    format!(
        "{}, {:.0} pictures/s, camera {:.0}/s, {} faces",
        now.level.name(),
        rate(now.flips, before.flips),
        rate(now.camera_frames, before.camera_frames),
        now.faces
    )
}

/// Logs what came and went, once each time.
fn say_changes(before: Reading, now: Reading) {
    if before.camera_away != now.camera_away {
        say!(
            "the camera is {}",
            if now.camera_away { "away" } else { "back" }
        );
    }
    if before.screen_away != now.screen_away {
        say!(
            "the screen is {}",
            if now.screen_away { "away" } else { "back" }
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Moment {
        Moment(0) + Micros::from_secs(seconds)
    }

    #[test]
    fn pictures_are_the_evidence() {
        let mut judge = Judge::new(at(0));
        let mut reading = Reading {
            rounds: 1,
            flips: 1,
            ..Reading::default()
        };
        assert_eq!(judge.judge(reading, at(1)), Verdict::Fine);
        reading.rounds = 2;
        assert_eq!(judge.judge(reading, at(2)), Verdict::NoPicture);
        reading.flips = 2;
        reading.camera_away = true;
        assert_eq!(judge.judge(reading, at(3)), Verdict::Fine);
    }

    #[test]
    fn a_display_that_sleeps_is_no_fault() {
        let mut judge = Judge::new(at(0));
        let mut reading = Reading {
            rounds: 1,
            screen_asleep: true,
            ..Reading::default()
        };
        assert_eq!(judge.judge(reading, at(1)), Verdict::Fine);
        assert_eq!(judge.judge(reading, at(2)), Verdict::NoPicture);
        reading.rounds = 2;
        assert_eq!(judge.judge(reading, at(3)), Verdict::Fine);
        assert_eq!(judge.judge(reading, at(13)), Verdict::Stuck);
    }

    #[test]
    fn a_display_that_is_away_is_no_fault_while_it_is_looked_for() {
        let mut judge = Judge::new(at(0));
        let mut reading = Reading {
            screen_away: true,
            rounds: 1,
            ..Reading::default()
        };
        for second in 1..60 {
            reading.rounds += 1;
            assert_eq!(judge.judge(reading, at(second)), Verdict::Fine);
        }
        assert_eq!(judge.judge(reading, at(60)), Verdict::NoPicture);
        assert_eq!(judge.judge(reading, at(70)), Verdict::Stuck);
    }

    #[test]
    fn a_thread_that_makes_no_round_is_stuck_after_a_while_only() {
        let mut judge = Judge::new(at(0));
        let reading = Reading {
            rounds: 5,
            ..Reading::default()
        };
        assert_eq!(judge.judge(reading, at(1)), Verdict::NoPicture);
        assert_eq!(judge.judge(reading, at(10)), Verdict::NoPicture);
        assert_eq!(judge.judge(reading, at(11)), Verdict::Stuck);
    }

    #[test]
    fn the_status_line_has_rates() {
        let before = Reading::default();
        let now = Reading {
            flips: 300,
            camera_frames: 150,
            faces: 2,
            ..Reading::default()
        };
        let line = status(before, now, Micros::from_secs(5));
        assert!(
            line.contains("60 pictures/s") && line.contains("camera 30/s"),
            "{line}"
        );
    }
}
