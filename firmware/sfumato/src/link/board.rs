//! The board, as the conversation on the serial line asks for it.

use super::images::Updates;
use super::images::spool::Folders;
use super::vitals::{self, Rates};
use super::{diagnostics, facts, shelf};
use crate::civil;
use crate::controls::Controls;
use crate::health::{FLIPS, STEADY, State};
use crate::log::{self, say};
use crate::pulse::Pulse;
use crate::record;
use serde_json::{Map, Value};
use sfumato_camera::CameraUri;
use sfumato_core::time::{Micros, Moment};
use sfumato_link::{
    CounterGroup, Denied, Device, Files, Hash, HashKind, Images, Picture, Restart, Thread, Unstored,
};
use sfumato_pack::store::{Store, StoreError};
use sfumato_personalities::Personalities;
use sfumato_settings::{Recorder, SaveError, Settings, Snapshot};
use sfumato_wire::requests::os::Field;
use sfumato_wire::status::FilesError;
use sfumato_wire::{DateTime, Dropped};
use shelf::Named;
use std::fmt::{self, Write as _};
use std::io::{Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};

/// A bundle that nobody has read for so long is made anew.
const STALE: Micros = Micros::from_secs(15);

/// How long after an answer the program ends: the answer goes out first.
const GOODBYE: Micros = Micros::from_millis(500);

/// What a board is made of.
#[derive(Debug)]
pub struct Parts<'a> {
    /// Keeps settings.
    pub recorder: Recorder<record::Files>,
    /// Those in force.
    pub settings: Settings,
    /// Those there are.
    pub personalities: &'a Personalities,
    /// Paintings that came over the line.
    pub store: Store,
    /// Updates of the system, on a board that has them.
    pub updates: Updates<Folders>,
    /// The one that is shown; none: the installation's own.
    pub shown: Option<String>,
    /// Where the camera is.
    pub camera: &'a CameraUri,
    /// Wishes to the show.
    pub controls: &'a Controls,
    /// How it is.
    pub pulse: &'a Pulse,
    /// Ends it.
    pub stop: &'a AtomicBool,
}

/// The running program on its board.
#[derive(Debug)]
pub struct Board<'a> {
    recorder: Recorder<record::Files>,
    store: Store,
    updates: Updates<Folders>,
    shown: Option<String>,
    camera: &'a CameraUri,
    rates: Rates,
    started: Option<Moment>,
    controls: &'a Controls,
    pulse: &'a Pulse,
    stop: &'a AtomicBool,
    settings: Settings,
    personalities: &'a Personalities,
    now: Moment,
    /// When to end, once a restart was asked for.
    end_at: Option<Moment>,
    dropped: Dropped,
    openings: u64,
    saves: u64,
    panics: u64,
    /// What is being downloaded: a bundle stays as it is from its first part to its last.
    bundle: Vec<u8>,
    bundle_read: Moment,
    bundle_is_log: bool,
}

impl<'a> Board<'a> {
    /// A board made of these parts.
    pub fn new(parts: Parts<'a>) -> Board<'a> {
        Board {
            recorder: parts.recorder,
            store: parts.store,
            updates: parts.updates,
            shown: parts.shown,
            camera: parts.camera,
            rates: Rates::default(),
            started: None,
            controls: parts.controls,
            pulse: parts.pulse,
            stop: parts.stop,
            settings: parts.settings,
            personalities: parts.personalities,
            now: Moment::default(),
            end_at: None,
            dropped: Dropped::NONE,
            openings: 0,
            saves: 0,
            panics: 0,
            bundle: Vec::new(),
            bundle_read: Moment::default(),
            bundle_is_log: false,
        }
    }

    /// Time passes.
    pub fn pass(&mut self, now: Moment) {
        self.now = now;
        self.started.get_or_insert(now);
        self.rates.look(now, self.pulse);
        if self.end_at.is_some_and(|end| now >= end) {
            self.stop.store(true, Ordering::Relaxed);
        }
    }

    /// Notes what was heard and could not be used.
    pub fn note(&mut self, dropped: Dropped) {
        self.dropped = dropped;
    }

    /// Counts a try to open the port.
    pub fn count_opening(&mut self) {
        self.openings += 1;
    }

    /// Counts a panic that was caught.
    pub fn count_panic(&mut self) {
        self.panics += 1;
    }

    fn groups(&self) -> [(&'static str, Vec<(&'static str, u64)>); 4] {
        let (pulse, faults) = (self.pulse.read(), self.pulse.faults());
        let lost = self.pulse.camera_lost.load(Ordering::Relaxed);
        let dropped = self.dropped;
        let broken = [
            dropped.length,
            dropped.too_big,
            dropped.not_base64,
            dropped.unfinished,
            dropped.orphans,
        ];
        let broken = broken.into_iter().map(u64::from).sum();
        [
            (
                "picture",
                vec![
                    ("rounds", pulse.rounds),
                    ("shown", pulse.flips),
                    ("screen_away", pulse.screen_away.into()),
                    ("screen_asleep", pulse.screen_asleep.into()),
                ],
            ),
            (
                "faults",
                vec![
                    ("camera", faults.camera),
                    ("perception", faults.perception),
                    ("generator", faults.generator),
                    ("compositor", faults.compositor),
                    ("screen", faults.screen),
                    ("panics", faults.panics),
                ],
            ),
            (
                "camera",
                vec![
                    ("frames", pulse.camera_frames),
                    ("passed_over", lost),
                    ("looked_at", pulse.perceived),
                    ("faces_now", pulse.faces),
                    ("away", pulse.camera_away.into()),
                ],
            ),
            (
                "serial",
                vec![
                    ("openings", self.openings),
                    ("saves", self.saves),
                    ("packs", self.store.taken()),
                    ("panics", self.panics),
                    ("bad_check_sums", dropped.check_sum.into()),
                    ("bad_packets", broken),
                    ("long_lines", dropped.long_lines.into()),
                    ("not_text", dropped.not_text.into()),
                ],
            ),
        ]
    }

    fn words(&mut self) -> String {
        let pulse = self.pulse.read();
        let away = |away: bool| if away { "away" } else { "there" };
        let mut words = format!(
            "portrait: {}\npicture: {} shown, display {}\ncamera: {} frames, {}, {} faces now\n\
             personality: {}, of {}\n",
            pulse.level.name(),
            pulse.flips,
            away(pulse.screen_away),
            pulse.camera_frames,
            away(pulse.camera_away),
            pulse.faces,
            self.settings.personality(),
            self.personalities.names(),
        );
        let health = self.pulse.health();
        let row = match health.state {
            State::Starting => format!(
                ", {} of {FLIPS} pictures, {} of {} s",
                health.flips.min(FLIPS),
                health.seconds.min(STEADY.0 / 1_000_000),
                STEADY.0 / 1_000_000
            ),
            State::Waiting => ", for the display".to_owned(),
            State::Healthy => String::new(),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(words, "health: {}{row}", health.state.name());
        if let Some((_, news)) = self.updates.news() {
            let _ = writeln!(words, "update: {news}");
        }
        words
    }

    /// A file that is made when it is asked for.
    fn made(&mut self, what: &Named<'_>) -> &[u8] {
        let stale = self.bundle_read.until(self.now) >= STALE;
        let is_log = matches!(what, Named::Log);
        if self.bundle.is_empty() || stale || self.bundle_is_log != is_log {
            self.bundle = if is_log {
                shelf::log_file()
            } else {
                self.make_bundle()
            };
            self.bundle_is_log = is_log;
        }
        self.bundle_read = self.now;
        &self.bundle
    }

    fn write_vitals(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        let times = [self.started.unwrap_or(self.now), self.now];
        let personality = self.settings.personality();
        vitals::write(self.pulse, &self.rates, personality, times, out)?;
        match self.updates.news() {
            Some((word, _)) => writeln!(out, "update = {word}"),
            None => Ok(()),
        }
    }

    fn make_bundle(&mut self) -> Vec<u8> {
        let mut vitals = String::new();
        // Writing to a string cannot fail.
        let _ = self.write_vitals(&mut vitals);
        let counters: Map<String, Value> = self
            .groups()
            .into_iter()
            .map(|(name, counters)| {
                let counters = counters
                    .into_iter()
                    .map(|(name, count)| (name.to_owned(), count.into()));
                (name.to_owned(), Value::Object(counters.collect()))
            })
            .collect();
        let words = self.words();
        diagnostics::bundle(&self.settings, &words, &vitals, counters)
    }
}

impl Device for Board<'_> {
    fn clock(&mut self) -> Option<DateTime> {
        civil::told(&civil::now(self.settings.time_zone())?)
    }

    fn set_clock(&mut self, time: DateTime) -> Result<(), Denied> {
        let second = civil::meant(&time, self.settings.time_zone())
            .ok_or(Denied("the clock cannot be set to that time"))?;
        let time = rustix::time::Timespec {
            tv_sec: second,
            tv_nsec: 0,
        };
        rustix::time::clock_settime(rustix::time::ClockId::Realtime, time)
            .map_err(|_| Denied("the program may not set the clock; it needs CAP_SYS_TIME"))
    }

    fn restart(&mut self, what: Restart) -> Result<(), Denied> {
        self.controls.set_restart(what);
        self.end_at = Some(self.now + GOODBYE);
        Ok(())
    }

    fn fact(&mut self, field: Field, out: &mut dyn fmt::Write) -> fmt::Result {
        facts::write(field, self.settings.name(), out)
    }

    fn status(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str(&self.words())
    }

    fn vitals(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        self.write_vitals(out)
    }

    fn log(&mut self, most: usize, out: &mut dyn fmt::Write) -> fmt::Result {
        log::write(most, out)
    }

    fn packs(&mut self, out: &mut dyn fmt::Write) -> fmt::Result {
        shelf::list(&self.store, self.shown.as_deref(), out)
    }

    fn remove_pack(&mut self, name: &str) -> Result<(), Denied> {
        if self.settings.painting() == Some(name) {
            return Err(Denied(
                "it is the one to be shown; set painting to another first",
            ));
        }
        self.store.remove(name).map_err(|error| {
            say!("{name} is not removed: {error}");
            Denied(match error {
                StoreError::Unknown => "there is no such painting; packs lists them",
                _ => "the packs' folder cannot be written; see log",
            })
        })
    }

    fn counters(&mut self, take: &mut dyn FnMut(&[CounterGroup<'_>])) {
        let groups = self.groups();
        let told: Vec<CounterGroup<'_>> = groups
            .iter()
            .map(|(name, counters)| CounterGroup { name, counters })
            .collect();
        take(&told);
    }

    fn threads(&mut self, take: &mut dyn FnMut(&[Thread<'_>])) {
        let threads = facts::threads();
        let told: Vec<Thread<'_>> = threads
            .iter()
            .map(|(name, task)| Thread { name, task: *task })
            .collect();
        take(&told);
    }

    fn random(&mut self, bytes: &mut [u8]) -> bool {
        let wanted = bytes.len();
        rustix::rand::getrandom(bytes, rustix::rand::GetRandomFlags::empty()) == Ok(wanted)
    }

    fn check(&mut self, settings: &Settings) -> Result<(), Denied> {
        if self.personalities.by_name(settings.personality()).is_none() {
            return Err(Denied("there is no such personality; status lists them"));
        }
        if !civil::is_known(settings.time_zone()) {
            return Err(Denied("the board knows no such time zone"));
        }
        // One that has got lost since must not stand in the way of other changes.
        let is_new = settings.painting() != self.settings.painting();
        let kept = |name: &str| self.store.kept().iter().any(|(kept, _)| kept == name);
        if is_new && !settings.painting().is_none_or(kept) {
            return Err(Denied("there is no such painting; packs lists them"));
        }
        Ok(())
    }

    fn apply(&mut self, snapshot: &Snapshot) {
        self.settings.clone_from(&snapshot.settings);
        self.controls.set_camera(&self.settings, self.camera);
        let mut news = Box::new(snapshot.settings.clone());
        self.controls.settings.send(&mut news);
    }

    fn save(&mut self, settings: &Settings, defaults: &Settings) -> Result<(), Denied> {
        self.saves += 1;
        self.recorder.save(settings, defaults).map_err(|error| {
            say!("{error}");
            Denied(match error {
                SaveError::Storage(_) => {
                    "the state folder cannot be written; is it there, is it full, is it read-only?"
                }
                SaveError::NotKept => "the storage forgets; replace it",
                SaveError::TooLong => "they are too long; reset some",
            })
        })
    }

    fn show(&mut self, picture: Picture) -> Result<(), Denied> {
        let pattern = picture == Picture::TestPattern;
        self.controls.test_pattern.store(pattern, Ordering::Relaxed);
        Ok(())
    }

    fn images(&mut self) -> Option<&mut dyn Images> {
        let updates = self.updates.there()?;
        Some(updates)
    }
}

impl Files for Board<'_> {
    fn size(&mut self, name: &str) -> Result<u64, FilesError> {
        match shelf::named(name)? {
            Named::Pack(address) => Ok(shelf::open(&self.store, address)?.1),
            made => Ok(self.made(&made).len() as u64),
        }
    }

    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, FilesError> {
        match shelf::named(name)? {
            Named::Pack(address) => {
                shelf::read(&shelf::open(&self.store, address)?.0, offset, buffer)
            }
            made => {
                let part = rest(self.made(&made), offset)?;
                let count = part.len().min(buffer.len());
                buffer[..count].copy_from_slice(&part[..count]);
                Ok(count)
            }
        }
    }

    fn store(
        &mut self,
        name: &str,
        offset: u64,
        data: &[u8],
        length: Option<u64>,
    ) -> Result<u64, Unstored> {
        let Named::Pack(address) = shelf::named(name).map_err(Unstored::Error)? else {
            return Err(Unstored::Error(FilesError::ReadOnly));
        };
        let before = self.store.taken();
        let stored = self.store.store(address, offset, data, length);
        if let Err(error) = &stored {
            say!("{name}: {error}");
        } else if self.store.taken() != before {
            say!("{} has come, and is signed by a trusted key", address.name);
        }
        stored.map_err(|error| shelf::unstored(&error))
    }

    fn hash(
        &mut self,
        name: &str,
        kind: HashKind,
        offset: u64,
        length: Option<u64>,
    ) -> Result<(Hash, u64), FilesError> {
        let most = length.unwrap_or(u64::MAX);
        match shelf::named(name)? {
            Named::Pack(address) => {
                let (mut file, size) = shelf::open(&self.store, address)?;
                if offset > size {
                    return Err(FilesError::OffsetBehindEnd);
                }
                file.seek(SeekFrom::Start(offset))
                    .map_err(|_| FilesError::SeekFailed)?;
                shelf::hash(file, kind, most)
            }
            made => shelf::hash(rest(self.made(&made), offset)?, kind, most),
        }
    }

    fn close(&mut self) {
        self.bundle.clear();
    }
}

/// What a file has from an offset on.
fn rest(file: &[u8], offset: u64) -> Result<&[u8], FilesError> {
    let from = usize::try_from(offset).unwrap_or(usize::MAX);
    file.get(from..).ok_or(FilesError::OffsetBehindEnd)
}
