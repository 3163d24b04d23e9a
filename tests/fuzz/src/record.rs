//! Any bytes in the two copies of the saved settings: something loads, and saves, and loads the same.
//!
//! | byte | is |
//! |---|---|
//! | 0 | bits: the first, the second copy gets head and check sum; an installation's own defaults |
//! | 1, 2 | bytes of the first copy |
//! | 3 … | the first copy; the second |
//!
//! A copy that gets head and check sum is a sequence number (8 bytes), then entries.

use crate::script::Script;
use sfumato_settings::record::{CopyState, RECORD, Recorder, Source, Storage, Twin, WRITE};
use sfumato_settings::{Settings, Staged, rules};
use std::convert::Infallible;

/// Two copies in memory.
#[derive(Debug)]
struct Memory([Vec<u8>; 2]);

impl Storage for Memory {
    type Error = Infallible;

    fn size(&mut self, copy: Twin) -> Result<usize, Infallible> {
        Ok(self.0[copy as usize].len())
    }

    fn read(&mut self, copy: Twin, offset: usize, buffer: &mut [u8]) -> Result<(), Infallible> {
        // Panics beyond the size: a recorder must not ask for that.
        buffer.copy_from_slice(&self.0[copy as usize][offset..offset + buffer.len()]);
        Ok(())
    }

    fn write(&mut self, copy: Twin, offset: usize, bytes: &[u8]) -> Result<(), Infallible> {
        assert!(bytes.len() <= WRITE);
        let to = &mut self.0[copy as usize];
        to.resize(to.len().max(offset + bytes.len()), 0xff);
        to[offset..offset + bytes.len()].copy_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self, _: Twin) -> Result<(), Infallible> {
        Ok(())
    }
}

/// With head and check sum, as the form is documented.
fn completed(bytes: &[u8]) -> Vec<u8> {
    let mut script = Script(bytes);
    let sequence = [(); 8].map(|()| script.byte());
    let entries = script.take(RECORD);
    let length = (entries.len() as u16).to_le_bytes();
    let mut record = [b"SfSe\x01\0", &length[..], &sequence, entries].concat();
    record.extend(crc32fast::hash(&record).to_le_bytes());
    record
}

fn with(changes: &[(&str, &str)], settings: &Settings) -> Settings {
    let mut staged = Staged::default();
    for (name, text) in changes {
        staged.set(name, text).unwrap();
    }
    staged.over(settings)
}

pub fn run(bytes: &[u8]) {
    let mut script = Script(bytes);
    let bits = script.byte();
    let length = script.short();
    let copies = [script.take(length), script.take(usize::MAX)];
    let copy = |index: usize| match bits >> index & 1 {
        0 => copies[index].to_vec(),
        _ => completed(copies[index]),
    };
    let mut defaults = Settings::default();
    if bits & 4 != 0 {
        let own = [("display.brightness_max", "60"), ("name", "Saal 3")];
        let within = [
            ("display.brightness", "55"),
            ("display.night_brightness", "0"),
        ];
        defaults = with(&[own, within].concat(), &defaults);
    }

    let (mut recorder, loaded) = Recorder::open(Memory([copy(0), copy(1)]), &defaults);
    assert!(!loaded.to_string().contains(char::is_control));
    let good = |state: &CopyState| matches!(state, CopyState::Good(_));
    let from_copy = matches!(loaded.source, Source::Copy(_));
    assert_eq!(from_copy, loaded.copies.iter().any(good));
    assert!(rules::check(&loaded.settings).is_ok());

    recorder.save(&loaded.settings, &defaults).unwrap();
    let (mut recorder, again) = Recorder::open(recorder.into_storage(), &defaults);
    assert!(again.settings == loaded.settings, "{loaded}; {again}");
    assert_eq!(again.left_out.aside, loaded.left_out.aside);
    assert_eq!(again.left_out.unknown, loaded.left_out.unknown);
    assert!(again.left_out.dropped == 0 && again.left_out.refused.is_empty());
    assert!(again.put_back.is_empty());

    // And once more, over the other copy.
    let next = with(
        &[("room.mains", "60"), ("wall", "#102030")],
        &again.settings,
    );
    recorder.save(&next, &defaults).unwrap();
    let (_, last) = Recorder::open(recorder.into_storage(), &defaults);
    assert!(last.settings == next, "{again}; {last}");
    assert_eq!(last.copies.iter().filter(|state| good(state)).count(), 2);
}
