//! What the boot partition says: which slot can be started, and which will be.

use crate::entry::Entry;
use crate::esp::{Esp, EspError};
use crate::name::{Counter, ENTRIES, EntryName, aside};
use crate::{Slot, TRIES};
use std::cmp::Reverse;

/// Bytes of the longest entry that is read.
const LONGEST: usize = 64 << 10;

/// An entry's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file's name.
    pub file: String,
    /// What it says.
    pub name: EntryName,
    /// What stands in it; none if it cannot be read or is none of ours.
    pub entry: Option<Entry>,
}

/// How a slot stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing to start: erased, or being written.
    Empty,
    /// To be tried.
    Trial(Counter),
    /// Was tried and did not prove itself.
    Bad,
    /// Has proved itself.
    Confirmed,
}

impl State {
    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            State::Empty => "empty",
            State::Trial(_) => "trial",
            State::Bad => "bad",
            State::Confirmed => "confirmed",
        }
    }
}

/// All entries of ours, in the loader's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    found: Vec<Found>,
    aside: Vec<(Slot, String)>,
}

impl Boot {
    /// Looks at what is there.
    ///
    /// # Errors
    /// [`EspError`], if the folder cannot be listed or the disk fails.
    pub fn read(esp: &mut dyn Esp) -> Result<Boot, EspError> {
        let mut boot = Boot {
            found: Vec::new(),
            aside: Vec::new(),
        };
        for file in esp.list(ENTRIES)? {
            if let Some(name) = EntryName::parse(&file) {
                let text = match esp.read(&path(&file), LONGEST) {
                    Ok(text) => String::from_utf8(text).ok(),
                    Err(EspError::TooLong(_) | EspError::Missing(_)) => None,
                    Err(error) => return Err(error),
                };
                let entry = text.and_then(|text| Entry::parse(name.slot, &text));
                boot.found.push(Found { file, name, entry });
            } else if let Some(slot) = aside(&file) {
                boot.aside.push((slot, file));
            }
        }
        boot.found.sort_by_key(order);
        Ok(boot)
    }

    /// What the loader starts next, if nobody chooses otherwise.
    pub fn next(&self) -> Option<&Found> {
        self.found.first()
    }

    /// A slot's entries, the one that counts first.
    pub fn entries(&self, slot: Slot) -> impl Iterator<Item = &Found> {
        self.found
            .iter()
            .filter(move |found| found.name.slot == slot)
    }

    /// The entry by which a slot is started.
    pub fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.entries(slot).find_map(|found| found.entry.as_ref())
    }

    /// Files of a slot that were set aside.
    pub fn aside(&self, slot: Slot) -> impl Iterator<Item = &str> {
        self.aside
            .iter()
            .filter(move |(whose, _)| *whose == slot)
            .map(|(_, file)| file.as_str())
    }

    /// How a slot stands.
    pub fn state(&self, slot: Slot) -> State {
        match self.entries(slot).find(|found| found.entry.is_some()) {
            Some(found) => match found.name.counter {
                None => State::Confirmed,
                Some(Counter { left: 0, .. }) => State::Bad,
                Some(counter) => State::Trial(counter),
            },
            None if self.entries(slot).next().is_some() => State::Bad,
            None => State::Empty,
        }
    }

    /// An install number that is larger than all before.
    pub fn new_number(&self) -> u64 {
        let numbers = self.found.iter().filter_map(|found| found.entry.as_ref());
        let largest = numbers.map(|entry| entry.number).max().unwrap_or(0);
        largest.saturating_add(1)
    }

    /// A name that nothing has, under which the loader does not look.
    pub(crate) fn free_name(&self, slot: Slot) -> String {
        let confirmed = EntryName::confirmed(slot);
        let mut number = 0u32;
        loop {
            let name = format!("{confirmed}.{number}");
            if !self.aside(slot).any(|there| there == name) {
                return name;
            }
            number += 1;
        }
    }
}

/// Path of an entry's file.
pub(crate) fn path(file: &str) -> String {
    format!("{ENTRIES}/{file}")
}

/// The loader's order (`boot_entry_compare` in systemd-boot 252): the bad ones last, then the largest version
/// first, then the largest name, then the most tries left, then the fewest done.
///
/// Where two entries differ only in that one has a counter, the loader leaves the order open; here the confirmed one
/// comes first. They lead to the same system.
fn order(found: &Found) -> impl Ord + use<> {
    let counter = found.name.counter;
    let number = found.entry.as_ref().map(|entry| entry.number);
    let left = counter.map_or(TRIES.saturating_add(1), |counter| counter.left);
    (
        counter.is_some_and(|counter| counter.left == 0),
        Reverse(number),
        Reverse(found.name.slot),
        counter.is_some(),
        Reverse(left),
        counter.map_or(0, |counter| counter.done),
    )
}
