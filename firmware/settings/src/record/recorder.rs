//! Loads the newest good copy, saves over the other one.

use super::format::{Damage, KeptAside, LeftOut, RECORD, Record, encode};
use super::loaded::{CopyState, Loaded, Source};
use super::storage::{Storage, Twin, WRITE};
use crate::registry::IdSet;
use crate::rules;
use crate::settings::Settings;
use core::fmt;
use heapless::Vec;

/// Why settings were not saved. What was saved before is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaveError<E> {
    /// The storage failed: look whether it is full, worn out or mounted read-only.
    Storage(E),
    /// The storage took everything and has something else now: replace it.
    NotKept,
    /// The record is too long: settings of other versions are kept aside; reset some settings.
    TooLong,
}

impl<E: fmt::Debug> fmt::Display for SaveError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SaveError::Storage(error) => write!(f, "settings are not saved: {error:?}"),
            SaveError::NotKept => f.write_str("settings are not saved: the storage forgets"),
            SaveError::TooLong => f.write_str("settings are not saved: they are too long"),
        }
    }
}

impl<E: fmt::Debug> core::error::Error for SaveError<E> {}

/// Keeps settings in two copies.
#[derive(Debug)]
pub struct Recorder<S> {
    storage: S,
    newest: Option<(Twin, u64)>,
    aside: KeptAside,
    // Holds one copy while it is read or written.
    buffer: Vec<u8, RECORD>,
}

impl<S: Storage> Recorder<S> {
    /// Reads both copies and loads the newest good one over the defaults.
    pub fn open(storage: S, defaults: &Settings) -> (Recorder<S>, Loaded) {
        let mut recorder = Recorder {
            storage,
            newest: None,
            aside: KeptAside::new(),
            buffer: Vec::new(),
        };
        let mut copies = Twin::BOTH.map(|copy| recorder.state(copy));
        let (settings, left_out) = loop {
            let Some((copy, sequence)) = newest(&copies) else {
                break (defaults.clone(), LeftOut::default());
            };
            match recorder.load(copy, defaults) {
                Ok(loaded) => {
                    recorder.newest = Some((copy, sequence));
                    break loaded;
                }
                // It was good a moment ago: the storage is failing. The other copy may do.
                Err(damage) => copies[copy as usize] = CopyState::Damaged(damage),
            }
        };
        recorder.aside = left_out.aside.clone();
        let mut loaded = Loaded {
            settings,
            source: match recorder.newest {
                Some((copy, _)) => Source::Copy(copy),
                None if copies == [CopyState::Empty; 2] => Source::FirstStart,
                None => Source::Defaults,
            },
            copies,
            left_out,
            put_back: IdSet::default(),
        };
        keep_rules(&mut loaded, defaults);
        (recorder, loaded)
    }

    /// Saves all settings that differ from the defaults. When it returns well, they survive a power cut;
    /// when it does not, or never returns, the ones saved before do.
    pub fn save(
        &mut self,
        settings: &Settings,
        defaults: &Settings,
    ) -> Result<(), SaveError<S::Error>> {
        let (copy, sequence) = match self.newest {
            None => (Twin::A, 1),
            Some((newest, sequence)) => (newest.other(), sequence.wrapping_add(1)),
        };
        let buffer = &mut self.buffer;
        encode(settings, defaults, &self.aside, sequence, buffer)
            .map_err(|_| SaveError::TooLong)?;
        for (index, piece) in buffer.chunks(WRITE).enumerate() {
            self.storage
                .write(copy, index * WRITE, piece)
                .map_err(SaveError::Storage)?;
        }
        self.storage.sync(copy).map_err(SaveError::Storage)?;
        self.compare(copy)?;
        self.newest = Some((copy, sequence));
        Ok(())
    }

    /// The storage, for whoever wants to look at it.
    pub fn storage(&self) -> &S {
        &self.storage
    }

    #[cfg(test)]
    pub(super) fn storage_mut(&mut self) -> &mut S {
        &mut self.storage
    }

    #[cfg(test)]
    pub(super) fn keep_aside(&mut self, entries: &[u8]) {
        self.aside = KeptAside::from_slice(entries).unwrap_or_default();
    }

    /// Gives the storage back.
    pub fn into_storage(self) -> S {
        self.storage
    }

    /// Reads a copy again and compares it with what was written: some storage takes everything and
    /// keeps nothing.
    fn compare(&mut self, copy: Twin) -> Result<(), SaveError<S::Error>> {
        for (index, piece) in self.buffer.chunks(WRITE).enumerate() {
            let mut kept = [0; WRITE];
            let kept = kept.get_mut(..piece.len()).unwrap_or_default();
            self.storage
                .read(copy, index * WRITE, kept)
                .map_err(SaveError::Storage)?;
            if kept != piece {
                return Err(SaveError::NotKept);
            }
        }
        Ok(())
    }

    /// Reads a copy into the buffer, as much of it as a record can be long.
    fn fetch(&mut self, copy: Twin) -> Result<(), S::Error> {
        let size = self.storage.size(copy)?.min(RECORD);
        self.buffer.clear();
        // Within its capacity by the line before the last.
        let _ = self.buffer.resize(size, 0);
        self.storage.read(copy, 0, &mut self.buffer)
    }

    fn state(&mut self, copy: Twin) -> CopyState {
        if self.fetch(copy).is_err() {
            return CopyState::Damaged(Damage::Unreadable);
        }
        let all = |erased: u8| self.buffer.iter().all(|byte| *byte == erased);
        if all(0x00) || all(0xff) {
            return CopyState::Empty;
        }
        match Record::parse(&self.buffer) {
            Ok(record) => CopyState::Good(record.sequence),
            Err(damage) => CopyState::Damaged(damage),
        }
    }

    fn load(&mut self, copy: Twin, defaults: &Settings) -> Result<(Settings, LeftOut), Damage> {
        self.fetch(copy).map_err(|_| Damage::Unreadable)?;
        let record = Record::parse(&self.buffer)?;
        let mut settings = defaults.clone();
        let left_out = record.apply(&mut settings);
        Ok((settings, left_out))
    }
}

/// The good copy whose sequence number comes after the other's.
///
/// Numbers go round: 0 comes after the largest. So the next save is always the newest, even where
/// something else has written the largest number there is.
fn newest(copies: &[CopyState; 2]) -> Option<(Twin, u64)> {
    match *copies {
        [CopyState::Good(a), CopyState::Good(b)] if b.wrapping_sub(a) as i64 > 0 => {
            Some((Twin::B, b))
        }
        [CopyState::Good(a), _] => Some((Twin::A, a)),
        [_, CopyState::Good(b)] => Some((Twin::B, b)),
        _ => None,
    }
}

/// Where the loaded values break a rule, its settings go back to their defaults. The defaults keep all
/// rules, so each round puts back at least one setting, and there is an end.
fn keep_rules(loaded: &mut Loaded, defaults: &Settings) {
    while let Err(broken) = rules::check(&loaded.settings) {
        let before = loaded.put_back.len();
        for id in broken.rule.settings {
            if loaded.settings.get(*id) != defaults.get(*id) {
                loaded.settings.put(*id, *defaults.get(*id));
                loaded.put_back.insert(*id);
            }
        }
        if loaded.put_back.len() == before {
            break;
        }
    }
}
