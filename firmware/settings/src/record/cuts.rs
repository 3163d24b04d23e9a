//! Power cuts at every moment of a save, and storage that fails.

use super::format::{Damage, KeptAside};
use super::loaded::{CopyState, Loaded, Source};
use super::recorder::{Recorder, SaveError};
use super::storage::{Storage, Twin, WRITE};
use crate::registry::Id;
use crate::settings::Settings;
use crate::staged::Staged;
use std::string::ToString;
use std::vec::Vec;

/// Two copies in memory, with a script of what goes wrong.
#[derive(Clone, Debug, Default)]
struct Memory {
    copies: [Vec<u8>; 2],
    /// Whether a write at 0 erases the whole copy first, as on flash.
    erases: bool,
    /// Operations so far; reading, writing and asking for the size are one each.
    operations: usize,
    /// Pieces written so far: copy, offset, bytes.
    written: Vec<(Twin, usize, Vec<u8>)>,
    trouble: Trouble,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Trouble {
    #[default]
    None,
    /// The power is cut when so many bytes of the piece of that number are written. Nothing works after.
    Torn { piece: usize, bytes: usize },
    /// The power is cut in the piece of that number, and its sector is left as garbage.
    Garbage { piece: usize, garbage: u8 },
    /// The operation of that number fails; the next ones work.
    Fails { operation: usize },
    /// Writes are taken and forgotten.
    Forgets,
}

/// Smallest stretch that storage of this test writes at once.
const SECTOR: usize = 512;

#[derive(Debug, PartialEq, Eq)]
struct Failed;

impl Memory {
    fn operation(&mut self) -> Result<(), Failed> {
        self.operations += 1;
        let failing = Trouble::Fails {
            operation: self.operations,
        };
        let cut = match self.trouble {
            Trouble::Torn { piece, .. } | Trouble::Garbage { piece, .. } => {
                self.written.len() > piece
            }
            _ => false,
        };
        if cut || self.trouble == failing {
            return Err(Failed);
        }
        Ok(())
    }

    fn put(&mut self, copy: Twin, offset: usize, bytes: &[u8]) {
        let to = &mut self.copies[copy as usize];
        if self.erases && offset == 0 {
            to.fill(0xff);
        }
        if to.len() < offset + bytes.len() {
            to.resize(offset + bytes.len(), 0xff);
        }
        to[offset..offset + bytes.len()].copy_from_slice(bytes);
    }

    /// The same storage after the power has come back.
    fn powered(&self) -> Memory {
        Memory {
            copies: self.copies.clone(),
            erases: self.erases,
            ..Memory::default()
        }
    }

    fn with(&self, trouble: Trouble) -> Memory {
        Memory {
            trouble,
            ..self.powered()
        }
    }
}

impl Storage for Memory {
    type Error = Failed;

    fn size(&mut self, copy: Twin) -> Result<usize, Failed> {
        self.operation()?;
        Ok(self.copies[copy as usize].len())
    }

    fn read(&mut self, copy: Twin, offset: usize, buffer: &mut [u8]) -> Result<(), Failed> {
        self.operation()?;
        // Panics beyond the size: a recorder must not ask for that.
        buffer.copy_from_slice(&self.copies[copy as usize][offset..offset + buffer.len()]);
        Ok(())
    }

    fn write(&mut self, copy: Twin, offset: usize, bytes: &[u8]) -> Result<(), Failed> {
        assert!(bytes.len() <= WRITE);
        self.operation()?;
        let number = self.written.len();
        self.written.push((copy, offset, bytes.to_vec()));
        match self.trouble {
            Trouble::Torn { piece, bytes: done } if piece == number => {
                self.put(copy, offset, &bytes[..done]);
                return Err(Failed);
            }
            Trouble::Garbage { piece, garbage } if piece == number => {
                // The whole sector, also what an earlier piece has written into it.
                let start = offset / SECTOR * SECTOR;
                let noise = |index: usize| garbage.wrapping_mul(index as u8 | 1) ^ garbage;
                let sector: Vec<u8> = (0..SECTOR).map(noise).collect();
                self.put(copy, start, &sector);
                return Err(Failed);
            }
            Trouble::Forgets => {
                let size = offset + bytes.len();
                let to = &mut self.copies[copy as usize];
                to.resize(to.len().max(size), 0);
            }
            _ => self.put(copy, offset, bytes),
        }
        Ok(())
    }

    fn sync(&mut self, _: Twin) -> Result<(), Failed> {
        self.operation()
    }
}

fn load(storage: &Memory) -> (Recorder<Memory>, Loaded) {
    Recorder::open(storage.powered(), &Settings::default())
}

fn with(changes: &[(&str, &str)]) -> Settings {
    let mut staged = Staged::default();
    for (name, text) in changes {
        staged.set(name, text).unwrap();
    }
    staged.over(&Settings::default())
}

/// Settings that are saved one after the other: records of one piece and of many, longer and shorter
/// than the one they are written over.
fn history() -> Vec<Settings> {
    let holidays = ["2027-08-02/2027-08-13 10:00-18:00"; 20].join(", ");
    let notice = "n".repeat(160);
    let long = [
        ("opening.holidays", holidays.as_str()),
        ("visitors.notice_text", &notice),
        (
            "opening.hours",
            "Mo,We,Fr 10:00-12:00, 14:00-18:00, Sa-Su 10:00-02:00",
        ),
        ("name", "Saal 3"),
        ("opening.time_zone", "America/Argentina/ComodRivadavia"),
    ];
    let mut longer = long.to_vec();
    longer.extend([
        ("wall", "#102030"),
        ("personality", "curious"),
        ("room.mains", "60"),
    ]);
    std::vec![
        with(&[("display.brightness", "70")]),
        with(&long[2..]),
        with(&[("display.brightness", "71")]),
        with(&long),
        with(&longer),
        Settings::default(),
        with(&long[1..]),
        with(&long[..1]),
        with(&[("display.brightness", "72")]),
        with(&longer),
    ]
}

/// Storage before each save of the history, with the settings before and after it.
fn saves(erases: bool) -> Vec<(Memory, Settings, Settings)> {
    let defaults = Settings::default();
    let mut storage = Memory {
        erases,
        ..Memory::default()
    };
    let mut before = defaults.clone();
    let mut saves = Vec::new();
    for after in history() {
        saves.push((storage.clone(), before, after.clone()));
        let (mut recorder, _) = load(&storage);
        recorder.save(&after, &defaults).unwrap();
        storage = recorder.into_storage().powered();
        before = after;
    }
    saves
}

/// Saves with trouble; the storage as it is when the power comes back, and how the save ended.
fn save(
    storage: &Memory,
    trouble: Trouble,
    settings: &Settings,
) -> (Memory, Result<(), SaveError<Failed>>) {
    // Trouble counts from the save on.
    let (mut recorder, _) = Recorder::open(storage.powered(), &Settings::default());
    recorder.storage_mut().operations = 0;
    recorder.storage_mut().trouble = trouble;
    let result = recorder.save(settings, &Settings::default());
    (recorder.into_storage(), result)
}

fn pieces(storage: &Memory, settings: &Settings) -> Vec<(Twin, usize, Vec<u8>)> {
    let (after, result) = save(storage, Trouble::None, settings);
    result.unwrap();
    after.written
}

/// After a cut: the old or the new settings, and the next save works.
fn old_or_new(storage: &Memory, old: &Settings, new: &Settings, told: &str) -> bool {
    let (mut recorder, loaded) = load(storage);
    let is_new = loaded.settings == *new;
    assert!(
        is_new || loaded.settings == *old,
        "a mixture: {told}: {loaded}"
    );
    let next = with(&[("display.brightness", "13"), ("name", "afterwards")]);
    recorder.save(&next, &Settings::default()).unwrap();
    let (_, loaded) = load(recorder.storage());
    assert!(
        loaded.settings == next,
        "the next save is lost: {told}: {loaded}"
    );
    is_new
}

#[test]
fn a_cut_at_any_byte_of_any_write_leaves_old_or_new() {
    let mut cuts = 0;
    for erases in [false, true] {
        for (storage, old, new) in saves(erases) {
            let pieces = pieces(&storage, &new);
            let last = pieces.len() - 1;
            for (piece, (_, _, bytes)) in pieces.iter().enumerate() {
                for done in 0..=bytes.len() {
                    let trouble = Trouble::Torn { piece, bytes: done };
                    let (cut, result) = save(&storage, trouble, &new);
                    assert_eq!(result, Err(SaveError::Storage(Failed)));
                    let is_new = old_or_new(&cut, &old, &new, &std::format!("{trouble:?}"));
                    if piece == last && done == bytes.len() {
                        assert!(is_new, "everything was written: {trouble:?}");
                    }
                    cuts += 1;
                }
            }
        }
    }
    std::println!("{cuts} cuts");
    assert!(cuts > 9_000, "{cuts}");
}

#[test]
fn a_sector_of_garbage_leaves_old_or_new() {
    let mut cuts = 0;
    for (storage, old, new) in saves(false) {
        for piece in 0..pieces(&storage, &new).len() {
            for garbage in [0x00, 0xff, 0x5a, 0x93] {
                let trouble = Trouble::Garbage { piece, garbage };
                let (cut, _) = save(&storage, trouble, &new);
                old_or_new(&cut, &old, &new, &std::format!("{trouble:?}"));
                cuts += 1;
            }
        }
    }
    std::println!("{cuts} cuts");
    assert!(cuts > 90, "{cuts}");
}

#[test]
fn writes_that_a_cut_leaves_in_any_order_leave_old_or_new() {
    let mut cuts = 0;
    for (storage, old, new) in saves(false) {
        let pieces = pieces(&storage, &new);
        // Each piece done, not done, or done by half.
        for mut choice in 0..3usize.pow(pieces.len() as u32) {
            let told = std::format!("{choice}");
            let mut cut = storage.powered();
            for (copy, offset, bytes) in &pieces {
                match choice % 3 {
                    0 => {}
                    1 => cut.put(*copy, *offset, bytes),
                    _ => cut.put(*copy, *offset, &bytes[..bytes.len() / 2]),
                }
                choice /= 3;
            }
            old_or_new(&cut, &old, &new, &told);
            cuts += 1;
        }
    }
    std::println!("{cuts} cuts");
    assert!(cuts > 700, "{cuts}");
}

#[test]
fn a_cut_after_a_cut_leaves_old_or_new() {
    let ends = |length: usize| (0..length).step_by(23).chain([length - 1, length]);
    let mut cuts = 0;
    for (storage, old, new) in saves(true) {
        for (piece, (_, _, bytes)) in pieces(&storage, &new).iter().enumerate() {
            for done in ends(bytes.len()) {
                let (cut, _) = save(&storage, Trouble::Torn { piece, bytes: done }, &new);
                let first = load(&cut).1.settings;
                assert!(first == old || first == new);
                let newer = with(&[
                    ("wall", "#ffffff"),
                    ("visitors.notice_text", &"m".repeat(160)),
                ]);
                for (piece, (_, _, bytes)) in pieces(&cut, &newer).iter().enumerate() {
                    for done in ends(bytes.len()) {
                        let (again, _) = save(&cut, Trouble::Torn { piece, bytes: done }, &newer);
                        old_or_new(&again, &first, &newer, "second cut");
                        cuts += 1;
                    }
                }
            }
        }
    }
    std::println!("{cuts} second cuts");
    assert!(cuts > 3_000, "{cuts}");
}

#[test]
fn an_operation_that_fails_is_said_and_loses_nothing() {
    for (storage, old, new) in saves(false) {
        let (after, _) = save(&storage, Trouble::None, &new);
        for operation in 1..=after.operations {
            let trouble = Trouble::Fails { operation };
            let (failed, result) = save(&storage, trouble, &new);
            assert_eq!(result, Err(SaveError::Storage(Failed)), "{trouble:?}");
            old_or_new(&failed, &old, &new, &std::format!("{trouble:?}"));
        }
    }
}

#[test]
fn the_same_recorder_saves_again_after_a_failure() {
    let defaults = Settings::default();
    let (storage, old, new) = saves(false).swap_remove(4);
    let (mut recorder, _) = load(&storage);
    let operations = recorder.storage().operations;
    recorder.storage_mut().trouble = Trouble::Fails {
        operation: operations + 2,
    };
    assert!(recorder.save(&new, &defaults).is_err());
    assert!(
        load(recorder.storage()).1.settings == old,
        "the good copy is not touched"
    );
    recorder.save(&new, &defaults).unwrap();
    assert!(load(recorder.storage()).1.settings == new);
}

#[test]
fn storage_that_forgets_is_found_out() {
    let (storage, old, new) = saves(false).swap_remove(4);
    let (after, result) = save(&storage, Trouble::Forgets, &new);
    assert_eq!(result, Err(SaveError::NotKept));
    assert!(load(&after).1.settings == old);
}

#[test]
fn loading_says_what_it_found() {
    let defaults = Settings::default();
    let first = load(&Memory::default()).1;
    assert_eq!(first.source, Source::FirstStart);
    assert!(first.is_clean());
    assert_eq!(first.to_string(), "settings: nothing saved yet, defaults");
    // Erased flash is as good as no file.
    let erased = Memory {
        copies: [std::vec![0xff; 4096], std::vec![0; 4096]],
        ..Memory::default()
    };
    assert_eq!(load(&erased).1.source, Source::FirstStart);

    // A first save that a cut interrupts.
    let settings = with(&[("display.brightness", "70")]);
    let (cut, _) = save(
        &Memory::default(),
        Trouble::Torn {
            piece: 0,
            bytes: 20,
        },
        &settings,
    );
    let loaded = load(&cut).1;
    assert_eq!(loaded.source, Source::Defaults);
    assert_eq!(
        loaded.copies,
        [CopyState::Damaged(Damage::Short), CopyState::Empty]
    );

    // Two saves; then the newer copy is damaged, then both.
    let (mut recorder, _) = load(&Memory::default());
    recorder.save(&settings, &defaults).unwrap();
    recorder
        .save(&with(&[("display.brightness", "71")]), &defaults)
        .unwrap();
    let mut storage = recorder.into_storage().powered();
    let loaded = load(&storage).1;
    assert_eq!(
        (loaded.source, loaded.settings.brightness()),
        (Source::Copy(Twin::B), 71)
    );
    assert_eq!(loaded.copies, [CopyState::Good(1), CopyState::Good(2)]);
    assert!(loaded.is_clean());
    storage.copies[1][20] ^= 1;
    let loaded = load(&storage).1;
    assert_eq!(
        (loaded.source, loaded.settings.brightness()),
        (Source::Copy(Twin::A), 70)
    );
    assert!(!loaded.is_clean());
    assert_eq!(
        loaded.to_string(),
        "settings: from copy A; copy B has a wrong check sum"
    );
    storage.copies[0] = b"hello, this is no record".to_vec();
    let loaded = load(&storage).1;
    assert_eq!(
        (loaded.source, loaded.settings),
        (Source::Defaults, defaults)
    );
    assert_eq!(
        loaded.copies,
        [
            CopyState::Damaged(Damage::Foreign),
            CopyState::Damaged(Damage::Check)
        ]
    );
}

#[test]
fn a_copy_that_cannot_be_read_any_more_gives_way_to_the_other() {
    let (storage, _, _) = saves(false).swap_remove(2);
    let good = load(&storage);
    let operations = good.0.storage().operations;
    for operation in 1..=operations {
        let storage = storage.with(Trouble::Fails { operation });
        let (_, loaded) = Recorder::open(storage, &Settings::default());
        let known = history();
        assert!(known[..2].contains(&loaded.settings), "{loaded}");
        assert_ne!(loaded.source, Source::Defaults);
        assert!(
            loaded
                .copies
                .contains(&CopyState::Damaged(Damage::Unreadable))
        );
    }
}

#[test]
fn what_another_version_saved_survives_our_saves_and_cuts() {
    let defaults = Settings::default();
    let later = b"\x09\x01\x00later.one1";
    let (mut recorder, _) = load(&Memory::default());
    recorder.keep_aside(later);
    let old = with(&[("name", "old")]);
    recorder.save(&old, &defaults).unwrap();
    let storage = recorder.into_storage().powered();
    let new = with(&[("name", "new")]);
    let bytes = pieces(&storage, &new)[0].2.len();
    for done in 0..=bytes {
        let (cut, _) = save(
            &storage,
            Trouble::Torn {
                piece: 0,
                bytes: done,
            },
            &new,
        );
        let loaded = load(&cut).1;
        assert_eq!(loaded.left_out.unknown, 1, "{done}");
        assert_eq!(loaded.left_out.aside, KeptAside::from_slice(later).unwrap());
        assert!(
            loaded.settings
                == if done == bytes {
                    new.clone()
                } else {
                    old.clone()
                }
        );
    }
}

#[test]
fn saved_values_that_break_a_rule_under_new_defaults_go_back() {
    let (mut recorder, _) = load(&Memory::default());
    recorder
        .save(
            &with(&[("display.brightness", "90"), ("name", "Saal 3")]),
            &Settings::default(),
        )
        .unwrap();
    // The installation's new defaults cap the brightness at 80.
    let capped = with(&[
        ("display.brightness_max", "80"),
        ("display.brightness", "75"),
    ]);
    let (_, loaded) = Recorder::open(recorder.into_storage().powered(), &capped);
    assert_eq!(loaded.settings.brightness(), 75);
    assert_eq!(loaded.settings.name(), "Saal 3");
    assert_eq!(loaded.put_back.iter().collect::<Vec<_>>(), [Id::Brightness]);
    assert!(!loaded.is_clean());
    assert!(
        loaded
            .to_string()
            .contains("display.brightness has its default")
    );
}

#[test]
fn the_next_save_is_the_newest_whatever_number_was_there() {
    let defaults = Settings::default();
    let record = |name: &str, sequence: u64| {
        let settings = with(&[("name", name)]);
        let mut record = heapless::Vec::new();
        super::format::encode(&settings, &defaults, &[], sequence, &mut record).unwrap();
        record.to_vec()
    };
    // What a fuzzer found: the largest number there is, after which every save was lost.
    let far = u64::MAX / 2 + 1;
    for [a, b] in [
        [u64::MAX, u64::MAX],
        [u64::MAX, 1],
        [1, u64::MAX],
        [u64::MAX - 1, u64::MAX],
        [0, far],
        [far, 0],
        [3, 3],
    ] {
        let mut storage = Memory {
            copies: [record("a", a), record("b", b)],
            ..Memory::default()
        };
        for round in 0..3 {
            let new = with(&[("name", &std::format!("round {round}"))]);
            let (mut recorder, _) = load(&storage);
            recorder.save(&new, &defaults).unwrap();
            storage = recorder.into_storage().powered();
            let loaded = load(&storage).1;
            assert!(loaded.settings == new, "{a} {b}: {loaded}");
        }
    }
}
