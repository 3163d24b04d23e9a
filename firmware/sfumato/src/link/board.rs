//! The board, as the conversation on the serial line asks for it.

use super::{diagnostics, facts};
use crate::civil;
use crate::controls::Controls;
use crate::personalities::Personalities;
use crate::pulse::Pulse;
use crate::record;
use serde_json::{Map, Value};
use sfumato_core::time::{Micros, Moment};
use sfumato_link::{
    CounterGroup, Denied, Device, Files, Hash, HashKind, Images, Picture, Restart, Thread,
};
use sfumato_settings::{Recorder, SaveError, Settings, Snapshot};
use sfumato_wire::requests::os::Field;
use sfumato_wire::status::FilesError;
use sfumato_wire::{DateTime, Dropped};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

/// A bundle that nobody has read for so long is made anew.
const STALE: Micros = Micros::from_secs(15);

/// How long after an answer the program ends: the answer goes out first.
const GOODBYE: Micros = Micros::from_millis(500);

/// The running program on its board.
#[derive(Debug)]
pub struct Board<'a> {
    recorder: Recorder<record::Files>,
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
}

impl<'a> Board<'a> {
    /// A board whose settings are kept by `recorder`; `settings` are in force.
    pub fn new(
        recorder: Recorder<record::Files>,
        settings: Settings,
        personalities: &'a Personalities,
        controls: &'a Controls,
        pulse: &'a Pulse,
        stop: &'a AtomicBool,
    ) -> Board<'a> {
        Board {
            recorder,
            controls,
            pulse,
            stop,
            settings,
            personalities,
            now: Moment::default(),
            end_at: None,
            dropped: Dropped::NONE,
            openings: 0,
            saves: 0,
            panics: 0,
            bundle: Vec::new(),
            bundle_read: Moment::default(),
        }
    }

    /// Time passes.
    pub fn pass(&mut self, now: Moment) {
        self.now = now;
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

    fn groups(&self) -> [(&'static str, Vec<(&'static str, u64)>); 3] {
        let pulse = self.pulse.read();
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
                ],
            ),
            (
                "camera",
                vec![
                    ("frames", pulse.camera_frames),
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
                    ("panics", self.panics),
                    ("bad_check_sums", dropped.check_sum.into()),
                    ("bad_packets", broken),
                    ("long_lines", dropped.long_lines.into()),
                    ("not_text", dropped.not_text.into()),
                ],
            ),
        ]
    }

    fn words(&self) -> String {
        let pulse = self.pulse.read();
        let away = |away: bool| if away { "away" } else { "there" };
        format!(
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
        )
    }

    fn file(&mut self, name: &str) -> Result<&[u8], FilesError> {
        if name.trim_start_matches('/') != diagnostics::NAME {
            return Err(FilesError::NotFound);
        }
        if self.bundle.is_empty() || self.bundle_read.until(self.now) >= STALE {
            self.bundle = self.make_bundle();
        }
        self.bundle_read = self.now;
        Ok(&self.bundle)
    }

    fn make_bundle(&self) -> Vec<u8> {
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
        diagnostics::bundle(&self.settings, &self.words(), counters)
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
        Ok(())
    }

    fn apply(&mut self, snapshot: &Snapshot) {
        self.settings.clone_from(&snapshot.settings);
        let mut news = Box::new(snapshot.settings.clone());
        self.controls.settings.send(&mut news);
    }

    fn save(&mut self, settings: &Settings, defaults: &Settings) -> Result<(), Denied> {
        self.saves += 1;
        self.recorder.save(settings, defaults).map_err(|error| {
            eprintln!("sfumato: {error}");
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
        None
    }
}

impl Files for Board<'_> {
    fn size(&mut self, name: &str) -> Result<u64, FilesError> {
        Ok(self.file(name)?.len() as u64)
    }

    fn read(&mut self, name: &str, offset: u64, buffer: &mut [u8]) -> Result<usize, FilesError> {
        let file = self.file(name)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = file.get(from..).ok_or(FilesError::OffsetBehindEnd)?;
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }

    fn store(&mut self, _: &str, _: u64, _: &[u8], _: Option<u64>) -> Result<u64, FilesError> {
        Err(FilesError::ReadOnly)
    }

    fn hash(
        &mut self,
        name: &str,
        kind: HashKind,
        offset: u64,
        length: Option<u64>,
    ) -> Result<(Hash, u64), FilesError> {
        let file = self.file(name)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        let rest = file.get(from..).ok_or(FilesError::OffsetBehindEnd)?;
        let most = length.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        });
        let part = &rest[..rest.len().min(most)];
        let hash = match kind {
            HashKind::Crc32 => Hash::Crc32(crc32fast::hash(part)),
            HashKind::Sha256 => Hash::Sha256(Sha256::digest(part).into()),
        };
        Ok((hash, part.len() as u64))
    }

    fn close(&mut self) {
        self.bundle.clear();
    }
}
