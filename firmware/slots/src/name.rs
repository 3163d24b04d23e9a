//! Names of boot entries, in which systemd-boot keeps count of tries.
//!
//! | file | means |
//! |---|---|
//! | `sfumato-a.conf` | confirmed: no counter, so that no start burns anything |
//! | `sfumato-a+3.conf` | on trial, three tries left |
//! | `sfumato-a+2-1.conf` | the same after one start |
//! | `sfumato-a+0-3.conf` | bad: no tries left; started only where nothing else can be |
//! | `sfumato-a.conf.0` | set aside; the loader does not look at it |

use crate::Slot;
use std::fmt;

/// Starts that a new system gets to prove itself.
pub const TRIES: u32 = 3;

/// Folder of the entries on the ESP.
pub const ENTRIES: &str = "loader/entries";

/// Numbers in names have at most so many digits.
const DIGITS: usize = 9;

/// How often a system on trial may be started yet, and how often it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// Starts left; at 0 the entry is bad.
    pub left: u32,
    /// Starts done.
    pub done: u32,
}

/// Name of an entry's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EntryName {
    /// Whose entry it is.
    pub slot: Slot,
    /// None in a confirmed one.
    pub counter: Option<Counter>,
}

impl EntryName {
    /// Reads a file's name; none if it is no entry of ours.
    ///
    /// Zeros in front and `-0` are read as systemd-boot does, though nobody writes them.
    pub fn parse(file: &str) -> Option<EntryName> {
        let name = file.strip_prefix("sfumato-")?.strip_suffix(".conf")?;
        let (slot, counter) = match name.split_once('+') {
            None => (name, None),
            Some((slot, counter)) => (slot, Some(parse_counter(counter)?)),
        };
        Some(EntryName {
            slot: Slot::parse(slot)?,
            counter,
        })
    }

    /// The name without a counter.
    pub const fn confirmed(slot: Slot) -> EntryName {
        EntryName {
            slot,
            counter: None,
        }
    }

    /// The name with which a trial begins.
    pub const fn trial(slot: Slot) -> EntryName {
        let counter = Some(Counter {
            left: TRIES,
            done: 0,
        });
        EntryName { slot, counter }
    }

    /// The name of an entry that is given up after so many starts.
    pub const fn bad(slot: Slot, done: u32) -> EntryName {
        let counter = Some(Counter { left: 0, done });
        EntryName { slot, counter }
    }
}

fn parse_counter(text: &str) -> Option<Counter> {
    let (left, done) = match text.split_once('-') {
        Some((left, done)) => (left, number(done)?),
        None => (text, 0),
    };
    let left = number(left)?;
    Some(Counter { left, done })
}

fn number(text: &str) -> Option<u32> {
    let digits = (1..=DIGITS).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

impl fmt::Display for EntryName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sfumato-{}", self.slot)?;
        match self.counter {
            None => {}
            Some(Counter { left, done: 0 }) => write!(f, "+{left}")?,
            Some(Counter { left, done }) => write!(f, "+{left}-{done}")?,
        }
        f.write_str(".conf")
    }
}

/// Whose entry was set aside under this name; none if it is no such name.
pub fn aside(file: &str) -> Option<Slot> {
    let (entry, number) = file.rsplit_once('.')?;
    let entry = EntryName::parse(entry)?;
    (entry.counter.is_none() && self::number(number).is_some()).then_some(entry.slot)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_say_what_the_table_says() {
        let name = |file| EntryName::parse(file).unwrap();
        assert_eq!(name("sfumato-a.conf"), EntryName::confirmed(Slot::A));
        assert_eq!(name("sfumato-b+3.conf"), EntryName::trial(Slot::B));
        let counter = name("sfumato-a+2-1.conf").counter;
        assert_eq!(counter, Some(Counter { left: 2, done: 1 }));
        assert_eq!(name("sfumato-a+0-3.conf"), EntryName::bad(Slot::A, 3));
        assert_eq!(name("sfumato-a+03-0.conf"), EntryName::trial(Slot::A));
    }

    #[test]
    fn other_names_are_nobodys() {
        for file in [
            "",
            "sfumato-.conf",
            "sfumato-c.conf",
            "sfumato-a+.conf",
            "sfumato-a+3-.conf",
            "sfumato-a+-1.conf",
            "sfumato-a+3-1-1.conf",
            "sfumato-a+3+1.conf",
            "sfumato-a+9999999999.conf",
            "sfumato-a.conf.0",
            "sfumato-a.confx",
            "Sfumato-a.conf",
            "debian.conf",
        ] {
            assert_eq!(EntryName::parse(file), None, "{file}");
        }
    }

    #[test]
    fn names_set_aside_are_no_entries() {
        assert_eq!(aside("sfumato-b.conf.12"), Some(Slot::B));
        for file in [
            "sfumato-b.conf",
            "sfumato-b.conf.",
            "sfumato-b+3.conf.0",
            "x.conf.0",
        ] {
            assert_eq!(aside(file), None, "{file}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(b: bool, counter: Option<(u32, u32)>) {
            let limit = 10u32.pow(DIGITS as u32);
            let counter = counter.map(|(left, done)| Counter { left: left % limit, done: done % limit });
            let name = EntryName { slot: if b { Slot::B } else { Slot::A }, counter };
            prop_assert_eq!(EntryName::parse(&name.to_string()), Some(name));
        }

        #[test]
        fn whatever_is_read_means_the_same_when_written(file in "sfumato-[abc](\\+[0-9]{1,10}(-[0-9]{0,10})?)?\\.conf") {
            if let Some(name) = EntryName::parse(&file) {
                prop_assert_eq!(EntryName::parse(&name.to_string()), Some(name));
            }
        }

        #[test]
        fn noise_is_read_without_harm(file in "\\PC*") {
            let _ = EntryName::parse(&file);
            let _ = aside(&file);
        }
    }
}
