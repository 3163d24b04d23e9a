//! The verdict on this version of the program: may it stay on the board?
//!
//! The judgement is a pure function of the pulse and the time ([`Judge`]). A version is healthy when, in one row,
//!
//! - at least [`FLIPS`] pictures became visible over at least [`STEADY`], and the picture never stood still for [`GAP`];
//!   no rate is asked for: a slow machine takes longer to show as many,
//! - everything drew as it should: neither a level below living and idle, nor a fault of compositor or render thread,
//! - frames of the camera came and were looked at, or the camera is known to be away and the portrait lives by itself,
//!
//! and when no saved setting was lost at the start. While the display is away or asleep there is nothing to judge.
//!
//! [`Herald`] tells it to whoever decides about versions, in a file of lines `name = value` in the folder that systemd
//! made for the service (`RUNTIME_DIRECTORY`); it vanishes with the service. Without such a folder nothing is written.
//!
//! ```text
//! state = healthy      starting, waiting or healthy
//! flips = 301          pictures of the row that became visible
//! seconds = 21         how long the row lasts
//! version = 0.2.0      of the program
//! camera = seen        seen or idle
//! ```

use crate::log::say;
use crate::pulse::{Pulse, Reading};
use sfumato_core::health::Level;
use sfumato_core::time::{Micros, Moment};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Pictures that a healthy version has shown in a row.
pub const FLIPS: u64 = 300;

/// How long that row lasts at least.
pub const STEADY: Micros = Micros::from_secs(20);

/// How long a picture may stand still within it. Machines that show two a second are among those that are asked.
pub const GAP: Micros = Micros::from_secs(5);

/// The file's name in the service's folder.
const NAME: &str = "health";

/// What is known of this version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Too little yet.
    #[default]
    Starting,
    /// There is no display that could show it.
    Waiting,
    /// It has proved itself.
    Healthy,
}

impl State {
    /// All of them.
    pub const ALL: [State; 3] = [State::Starting, State::Waiting, State::Healthy];

    /// The word in the file.
    pub const fn name(self) -> &'static str {
        match self {
            State::Starting => "starting",
            State::Waiting => "waiting",
            State::Healthy => "healthy",
        }
    }
}

/// What became of the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Seeing {
    /// It does not say yet.
    #[default]
    Unknown,
    /// Its frames are looked at.
    Seen,
    /// It is away, and the portrait lives by itself.
    Idle,
}

/// The verdict, and what it rests on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Finding {
    /// The verdict.
    pub state: State,
    /// Pictures of the row.
    pub flips: u64,
    /// How long it lasts, in seconds.
    pub seconds: u64,
    /// What the camera does.
    pub camera: Seeing,
}

/// As it stands in the file; the camera is left out as long as nothing is known of it.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.name();
        writeln!(f, "state = {state}\nflips = {}", self.flips)?;
        let version = env!("CARGO_PKG_VERSION");
        writeln!(f, "seconds = {}\nversion = {version}", self.seconds)?;
        match self.camera {
            Seeing::Unknown => Ok(()),
            Seeing::Seen => writeln!(f, "camera = seen"),
            Seeing::Idle => writeln!(f, "camera = idle"),
        }
    }
}

/// Pictures without a fault between them.
#[derive(Clone, Copy, Debug)]
struct Row {
    /// When its first picture was seen.
    began: Moment,
    /// Pictures before it.
    flips: u64,
    /// Frames looked at before it.
    perceived: u64,
}

/// Judges one reading of the pulse after the other.
#[derive(Debug)]
pub struct Judge {
    settings: bool,
    last: Reading,
    last_flip: Moment,
    row: Option<Row>,
}

impl Judge {
    /// A judge who begins at `now`. `settings`: nothing that was saved has got lost.
    pub fn new(settings: bool, now: Moment) -> Judge {
        Judge {
            settings,
            last: Reading::default(),
            last_flip: now,
            row: None,
        }
    }

    /// What the pulse at `now` says of this version.
    pub fn judge(&mut self, reading: Reading, now: Moment) -> Finding {
        let last = std::mem::replace(&mut self.last, reading);
        let shown = reading.flips != last.flips;
        if shown {
            self.last_flip = now;
        }
        if reading.screen_away || reading.screen_asleep {
            self.row = None;
            return Finding {
                state: State::Waiting,
                ..Finding::default()
            };
        }
        let stands = self.last_flip.until(now) >= GAP;
        let fallen = reading.level > Level::Idle;
        if stands || fallen || reading.faults != last.faults {
            self.row = None;
        } else if self.row.is_none() && shown {
            self.row = Some(Row {
                began: now,
                flips: last.flips,
                perceived: reading.perceived,
            });
        }
        self.row.map_or_else(Finding::default, |row| {
            let camera = match reading.camera_away {
                true if reading.level == Level::Idle => Seeing::Idle,
                false if reading.perceived > row.perceived => Seeing::Seen,
                _ => Seeing::Unknown,
            };
            let (flips, lasts) = (
                reading.flips.saturating_sub(row.flips),
                row.began.until(now),
            );
            let proved = flips >= FLIPS && lasts >= STEADY;
            let state = if proved && self.settings && camera != Seeing::Unknown {
                State::Healthy
            } else {
                State::Starting
            };
            Finding {
                state,
                flips,
                seconds: lasts.0 / 1_000_000,
                camera,
            }
        })
    }
}

/// Tells the verdict when it changes: in the file, in the pulse and in the log.
#[derive(Debug)]
pub struct Herald {
    judge: Judge,
    path: Option<PathBuf>,
    told: Option<State>,
    failed: bool,
}

impl Herald {
    /// One who writes to the folder that systemd made for the service, if there is one.
    pub fn of_service(judge: Judge) -> Herald {
        // Of several folders, divided by colons, the first.
        let named = std::env::var("RUNTIME_DIRECTORY").unwrap_or_default();
        let folder = named.split(':').next().filter(|folder| !folder.is_empty());
        Herald::new(judge, folder.map(Path::new))
    }

    /// One who writes to `folder`, or nowhere.
    pub fn new(judge: Judge, folder: Option<&Path>) -> Herald {
        Herald {
            judge,
            path: folder.map(|folder| folder.join(NAME)),
            told: None,
            failed: false,
        }
    }

    /// Takes a reading in.
    pub fn look(&mut self, pulse: &Pulse, reading: Reading, now: Moment) {
        let finding = self.judge.judge(reading, now);
        pulse.set_health(&finding);
        self.tell(&finding);
    }

    /// The folder lies in memory: writing there waits for no disk. What fails is said once and stops nothing.
    fn tell(&mut self, finding: &Finding) {
        if self.told == Some(finding.state) {
            return;
        }
        if finding.state == State::Healthy {
            say!(
                "this version is healthy: {} pictures in {} s",
                finding.flips,
                finding.seconds
            );
        }
        self.told = Some(finding.state);
        let Some(path) = &self.path else {
            return;
        };
        if let Err(error) = write(path, &finding.to_string())
            && !self.failed
        {
            say!(
                "{} cannot be written: {error}; nobody will confirm a new version",
                path.display()
            );
            self.failed = true;
        }
    }
}

/// Replaces the file in one step.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    fs::write(&beside, text)?;
    fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Half seconds since the start.
    fn at(halves: u64) -> Moment {
        Moment(0) + Micros::from_millis(500 * halves)
    }

    /// A machine that runs, and its judge.
    struct Machine {
        judge: Judge,
        reading: Reading,
        halves: u64,
    }

    impl Machine {
        fn new() -> Machine {
            Machine {
                judge: Judge::new(true, at(0)),
                reading: Reading::default(),
                halves: 0,
            }
        }

        /// Half a second with so many pictures and looks.
        fn step(&mut self, flips: u64, looks: u64) -> Finding {
            self.halves += 1;
            self.reading.rounds += 1;
            self.reading.flips += flips;
            self.reading.perceived += looks;
            self.judge.judge(self.reading, at(self.halves))
        }

        /// Half seconds until it is healthy, at most `most`.
        fn until_healthy(&mut self, flips: u64, most: u64) -> Option<u64> {
            (1..=most).find(|_| self.step(flips, 1).state == State::Healthy)
        }
    }

    #[test]
    fn enough_pictures_for_long_enough() {
        // Sixty a second: the time decides. It runs from the first half second on.
        assert_eq!(Machine::new().until_healthy(30, 1000), Some(41));
        // Two a second, as on an emulated machine: the number does.
        assert_eq!(Machine::new().until_healthy(1, 1000), Some(300));
    }

    #[test]
    fn slower_than_two_a_second_is_slow_and_no_fault() {
        let mut machine = Machine::new();
        let healthy = (0..4000).find(|half| {
            let flips = u64::from(half % 4 == 0);
            machine.step(flips, 1).state == State::Healthy
        });
        assert_eq!(healthy, Some(4 * 299));
    }

    #[test]
    fn a_fault_of_the_picture_begins_a_new_row() {
        for spoil in [
            |machine: &mut Machine| {
                for _ in 0..10 {
                    machine.step(0, 1);
                }
            },
            |machine: &mut Machine| {
                machine.reading.level = Level::RigOnly;
                machine.step(30, 1);
                machine.reading.level = Level::Living;
            },
            |machine: &mut Machine| {
                machine.reading.level = Level::Still;
                machine.step(30, 1);
                machine.reading.level = Level::Idle;
            },
            |machine: &mut Machine| {
                machine.reading.faults += 1;
                machine.step(30, 1);
            },
            |machine: &mut Machine| {
                machine.reading.screen_away = true;
                assert_eq!(machine.step(0, 1).state, State::Waiting);
                machine.reading.screen_away = false;
            },
        ] {
            let mut machine = Machine::new();
            for _ in 0..40 {
                assert_eq!(machine.step(30, 1).state, State::Starting);
            }
            spoil(&mut machine);
            assert_eq!(machine.until_healthy(30, 1000), Some(41));
            // Somebody who was healthy may fall ill.
            spoil(&mut machine);
            assert_eq!(machine.step(30, 1).state, State::Starting);
        }
    }

    #[test]
    fn a_short_pause_is_no_fault() {
        let mut machine = Machine::new();
        for _ in 0..30 {
            machine.step(30, 1);
        }
        for _ in 0..9 {
            machine.step(0, 1);
        }
        assert_eq!(machine.until_healthy(30, 1000), Some(2));
    }

    #[test]
    fn the_camera_delivers_or_is_known_to_be_away() {
        let mut machine = Machine::new();
        for _ in 0..200 {
            // It is there, and nothing comes of it.
            assert_eq!(machine.step(30, 0).state, State::Starting);
        }
        assert_eq!(machine.step(30, 1).camera, Seeing::Seen);
        machine.reading.camera_away = true;
        let away = machine.step(30, 0);
        assert_eq!((away.state, away.camera), (State::Healthy, Seeing::Idle));
        // Nobody decided to live by itself yet: the last visitor is still answered.
        machine.reading.level = Level::Living;
        assert_eq!(machine.step(30, 0).camera, Seeing::Unknown);
    }

    #[test]
    fn lost_settings_are_no_health() {
        let mut machine = Machine::new();
        machine.judge = Judge::new(false, at(0));
        assert_eq!(machine.until_healthy(30, 500), None);
    }

    #[test]
    fn a_dark_display_is_waited_for() {
        let mut machine = Machine::new();
        machine.reading.screen_asleep = true;
        for _ in 0..500 {
            assert_eq!(machine.step(0, 1).state, State::Waiting);
        }
        machine.reading.screen_asleep = false;
        assert_eq!(machine.step(0, 1).state, State::Starting);
        assert_eq!(machine.until_healthy(30, 500), Some(41));
    }

    #[test]
    fn the_file_says_what_changed_and_only_then() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("health");
        let read = || fs::read_to_string(&path).unwrap();
        let pulse = Pulse::default();
        let judge = Judge::new(true, at(0));
        let mut herald = Herald::new(judge, Some(folder.path()));
        let mut reading = Reading {
            screen_away: true,
            ..Reading::default()
        };
        herald.look(&pulse, reading, at(0));
        assert!(read().starts_with("state = waiting\n"));
        reading.screen_away = false;
        let mut states = vec![read()];
        for half in 1..100 {
            reading.flips += 30;
            reading.perceived += 1;
            herald.look(&pulse, reading, at(half));
            let now = read();
            if states.last() != Some(&now) {
                states.push(now);
            }
        }
        let version = env!("CARGO_PKG_VERSION");
        let healthy = format!(
            "state = healthy\nflips = 1230\nseconds = 20\nversion = {version}\ncamera = seen\n"
        );
        assert_eq!(states.len(), 3, "{states:?}");
        assert!(states[1].starts_with("state = starting\nflips = "));
        assert_eq!(states[2], healthy);
        assert_eq!(pulse.health().state, State::Healthy);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn without_a_folder_nothing_is_written_and_nothing_fails() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for place in [None, Some(file.as_path())] {
            let mut herald = Herald::new(Judge::new(true, at(0)), place);
            herald.look(&Pulse::default(), Reading::default(), at(1));
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    proptest! {
        /// Whatever happens, health has its evidence in the readings since the last fault.
        #[test]
        fn health_is_never_without_evidence(
            steps in prop::collection::vec((0u64..40, 0u64..2, 0u8..16, any::<bool>()), 0..300)
        ) {
            let mut machine = Machine::new();
            // Since the last fault, display or fall: pictures and half seconds.
            let (mut flips, mut halves, mut still) = (0, 0, 0);
            for (shown, looks, event, away) in steps {
                machine.reading.screen_away = event == 1;
                machine.reading.level = if event == 2 { Level::RigOnly } else { Level::Idle };
                machine.reading.faults += u64::from(event == 3);
                machine.reading.camera_away = away;
                let finding = machine.step(shown, looks);
                still = if shown > 0 { 0 } else { still + 1 };
                if matches!(event, 1..=3) || still >= 10 {
                    (flips, halves) = (0, 0);
                } else if halves > 0 || shown > 0 {
                    flips += shown;
                    halves += 1;
                }
                prop_assert_eq!(finding.state == State::Waiting, event == 1);
                if finding.state == State::Healthy {
                    prop_assert!(flips >= FLIPS && halves > 40, "{flips} {halves}");
                }
                prop_assert_eq!(finding.flips, flips);
            }
        }
    }
}
