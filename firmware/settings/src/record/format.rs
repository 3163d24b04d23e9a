//! The form of one copy. All numbers are little-endian.
//!
//! | offset | bytes | what |
//! |---|---|---|
//! | 0 | 4 | `SfSe` |
//! | 4 | 2 | version of this form: 1 |
//! | 6 | 2 | length of the entries in bytes |
//! | 8 | 8 | sequence number; the newer copy has the next, and 0 is next to the largest |
//! | 16 | | entries: length of the name (1), length of the value (2), name, value, both UTF-8 |
//! | at the end | 4 | CRC-32 (ISO-HDLC, as in zip and PNG) of everything before |

use crate::registry::{Id, IdSet};
use crate::settings::Settings;
use core::fmt::{self, Write as _};
use heapless::Vec;

/// Bytes of the longest record.
pub const RECORD: usize = 4096;

/// Bytes of entries that are kept aside for another version of the program.
pub const KEPT_ASIDE: usize = 1024;

/// Entries of settings that this version does not know, as they were found.
pub type KeptAside = Vec<u8, KEPT_ASIDE>;

const MAGIC: [u8; 4] = *b"SfSe";
const VERSION: u16 = 1;
const HEADER: usize = 16;
const CHECK: usize = 4;

/// What is wrong with a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It could not be read: look after the storage.
    Unreadable,
    /// It does not begin like a record: something else was written there.
    Foreign,
    /// It is of a newer form: a newer program wrote it; update, or save again to replace it.
    Version(u16),
    /// It is shorter than it says: a power cut during a save, if the other copy is good.
    Short,
    /// Its check sum is wrong: a power cut during a save, if the other copy is good.
    Check,
    /// Its check sum is right but its entries are not: a fault of the program that wrote it.
    Entries,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::Unreadable => f.write_str("cannot be read"),
            Damage::Foreign => f.write_str("is no record of settings"),
            Damage::Version(version) => write!(f, "has the newer form {version}"),
            Damage::Short => f.write_str("is not complete"),
            Damage::Check => f.write_str("has a wrong check sum"),
            Damage::Entries => f.write_str("has entries that make no sense"),
        }
    }
}

/// The record does not fit [`RECORD`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

/// Writes the record of all settings that differ from the defaults, with what was kept aside.
pub fn encode(
    settings: &Settings,
    defaults: &Settings,
    aside: &[u8],
    sequence: u64,
    record: &mut Vec<u8, RECORD>,
) -> Result<(), TooLong> {
    record.clear();
    let mut put = |bytes: &[u8]| record.extend_from_slice(bytes).map_err(|_| TooLong);
    put(&MAGIC)?;
    put(&VERSION.to_le_bytes())?;
    put(&[0, 0])?;
    put(&sequence.to_le_bytes())?;
    for id in settings.differences(defaults) {
        entry(settings, id, record)?;
    }
    record.extend_from_slice(aside).map_err(|_| TooLong)?;
    let length = u16::try_from(record.len() - HEADER).map_err(|_| TooLong)?;
    for (to, from) in record.iter_mut().skip(6).zip(length.to_le_bytes()) {
        *to = from;
    }
    let check = crc32fast::hash(record).to_le_bytes();
    record.extend_from_slice(&check).map_err(|_| TooLong)
}

fn entry(settings: &Settings, id: Id, record: &mut Vec<u8, RECORD>) -> Result<(), TooLong> {
    let name = id.name();
    let start = record.len();
    let name_length = u8::try_from(name.len()).map_err(|_| TooLong)?;
    (record.extend_from_slice(&[name_length, 0, 0])).map_err(|_| TooLong)?;
    write!(record, "{name}").map_err(|_| TooLong)?;
    let value_at = record.len();
    write!(record, "{}", settings.get(id).stored()).map_err(|_| TooLong)?;
    let length = u16::try_from(record.len() - value_at).map_err(|_| TooLong)?;
    for (to, from) in record.iter_mut().skip(start + 1).zip(length.to_le_bytes()) {
        *to = from;
    }
    Ok(())
}

/// A record whose check sum is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The newer copy has the next, and 0 is next to the largest.
    pub sequence: u64,
    entries: &'a [u8],
}

/// What was not taken from a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Entries of settings that this version does not know, for the next save.
    pub aside: KeptAside,
    /// How many entries are kept aside.
    pub unknown: usize,
    /// How many more there were for which there is no room; they are lost with the next save.
    pub dropped: usize,
    /// Settings whose value this version does not take; they have their defaults.
    pub refused: IdSet,
}

impl<'a> Record<'a> {
    /// Checks a copy; bytes behind the record do not matter.
    pub fn parse(bytes: &'a [u8]) -> Result<Record<'a>, Damage> {
        let (header, rest) = bytes.split_first_chunk::<HEADER>().ok_or(Damage::Short)?;
        let [m0, m1, m2, m3, v0, v1, l0, l1, sequence @ ..] = *header;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(Damage::Foreign);
        }
        let version = u16::from_le_bytes([v0, v1]);
        if version != VERSION {
            return Err(Damage::Version(version));
        }
        let length = usize::from(u16::from_le_bytes([l0, l1]));
        let (entries, rest) = rest.split_at_checked(length).ok_or(Damage::Short)?;
        let check = rest.first_chunk::<CHECK>().ok_or(Damage::Short)?;
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(header);
        hasher.update(entries);
        if hasher.finalize() != u32::from_le_bytes(*check) {
            return Err(Damage::Check);
        }
        let record = Record {
            sequence: u64::from_le_bytes(sequence),
            entries,
        };
        // An entry that makes no sense condemns the record: better the other copy than half of this.
        match record.entries().find(|entry| entry.is_none()) {
            None => Ok(record),
            Some(_) => Err(Damage::Entries),
        }
    }

    /// Puts the record's values over the settings.
    pub fn apply(&self, settings: &mut Settings) -> LeftOut {
        let mut left_out = LeftOut::default();
        for entry in self.entries().flatten() {
            match Id::by_name(entry.name) {
                Some(id) => match id.setting().kind.parse(entry.value) {
                    Ok(value) => settings.put(id, value),
                    Err(_) => left_out.refused.insert(id),
                },
                None if left_out.aside.extend_from_slice(entry.bytes).is_ok() => {
                    left_out.unknown += 1;
                }
                None => left_out.dropped += 1,
            }
        }
        left_out
    }

    /// The entries; `None` in place of the first that makes no sense, and nothing after it.
    fn entries(&self) -> impl Iterator<Item = Option<Entry<'a>>> {
        let mut rest = self.entries;
        core::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let entry = Entry::split(rest);
            rest = entry.as_ref().map_or(&[], |(_, after)| after);
            Some(entry.map(|(entry, _)| entry))
        })
    }
}

struct Entry<'a> {
    bytes: &'a [u8],
    name: &'a str,
    value: &'a str,
}

impl<'a> Entry<'a> {
    /// Takes the first entry off.
    fn split(bytes: &'a [u8]) -> Option<(Entry<'a>, &'a [u8])> {
        let ([name_length, l0, l1], _) = bytes.split_first_chunk()?;
        let name_length = usize::from(*name_length);
        let length = 3 + name_length + usize::from(u16::from_le_bytes([*l0, *l1]));
        let (bytes, after) = bytes.split_at_checked(length)?;
        let (name, value) = bytes.get(3..)?.split_at_checked(name_length)?;
        let entry = Entry {
            bytes,
            name: core::str::from_utf8(name).ok()?,
            value: core::str::from_utf8(value).ok()?,
        };
        Some((entry, after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hours::{MAX_HOLIDAYS, MAX_RULES};
    use crate::kind::Kind;
    use crate::pin::Verifier;
    use crate::registry::SETTINGS;
    use crate::value::Value;
    use proptest::prelude::*;
    use std::format;
    use std::string::{String, ToString};

    fn encoded(settings: &Settings, aside: &[u8], sequence: u64) -> Vec<u8, RECORD> {
        let mut record = Vec::new();
        encode(settings, &Settings::default(), aside, sequence, &mut record).unwrap();
        record
    }

    fn decoded(bytes: &[u8]) -> (u64, Settings, LeftOut) {
        let record = Record::parse(bytes).unwrap();
        let mut settings = Settings::default();
        let left_out = record.apply(&mut settings);
        (record.sequence, settings, left_out)
    }

    fn raw_entry(name: &str, value: &str) -> std::vec::Vec<u8> {
        let mut bytes = std::vec![name.len() as u8];
        bytes.extend((value.len() as u16).to_le_bytes());
        bytes.extend(name.bytes().chain(value.bytes()));
        bytes
    }

    /// Every setting with the longest text it can have.
    fn longest() -> Settings {
        let mut settings = Settings::default();
        for setting in &SETTINGS {
            let texts: std::vec::Vec<String> = match setting.kind {
                Kind::Whole { min, max, .. } => [min, max].map(|end| end.to_string()).to_vec(),
                Kind::Decimal {
                    min, max, places, ..
                } => [min, max]
                    .map(|scaled| crate::decimal::Decimal { scaled, places }.to_string())
                    .to_vec(),
                Kind::Switch => [String::from("on"), String::from("off")].to_vec(),
                Kind::Choice(names) => names.iter().map(|name| name.to_string()).collect(),
                Kind::Name { most, .. } => [String::from("x").repeat(most)].to_vec(),
                Kind::Text { most } => [String::from("x").repeat(most)].to_vec(),
                Kind::Zone => [String::from("x").repeat(32)].to_vec(),
                Kind::Time => [String::from("23:59")].to_vec(),
                Kind::Hours => {
                    let days = ["Mo,We,Fr,Su", "Tu,Th,Sa-Su"];
                    let rules =
                        (0..MAX_RULES).map(|rule| format!("{} 10:00-18:00", days[rule % 2]));
                    [rules.collect::<std::vec::Vec<_>>().join(", ")].to_vec()
                }
                Kind::Dates => {
                    [["2027-08-02/2027-08-13 10:00-18:00"; MAX_HOLIDAYS].join(", ")].to_vec()
                }
                Kind::Colour => [String::from("#ffffff")].to_vec(),
                Kind::Pin => {
                    let verifier = Verifier::new("4711", [1; 16]).unwrap();
                    [Value::Pin(Some(verifier)).stored().to_string()].to_vec()
                }
            };
            let not_default = texts.into_iter().filter_map(|text| {
                let value = setting.kind.parse(&text).unwrap();
                (value != setting.default).then_some((text.len(), value))
            });
            let (_, value) = not_default.max_by_key(|(length, _)| *length).unwrap();
            settings.put(setting.id, value);
        }
        settings
    }

    #[test]
    fn the_longest_record_fits_with_all_that_can_be_kept_aside() {
        let settings = longest();
        assert_eq!(
            settings.differences(&Settings::default()).count(),
            SETTINGS.len()
        );
        let aside = raw_entry("later.setting", &"x".repeat(KEPT_ASIDE - 16));
        assert_eq!(aside.len(), KEPT_ASIDE);
        let record = encoded(&settings, &aside, u64::MAX);
        let (sequence, read, left_out) = decoded(&record);
        assert_eq!((sequence, &read), (u64::MAX, &settings));
        assert_eq!((left_out.unknown, left_out.dropped), (1, 0));
        assert_eq!(left_out.aside.as_slice(), aside);
        // More than that is refused, not cut.
        let mut record = Vec::new();
        let error = encode(
            &settings,
            &Settings::default(),
            &[0; RECORD - 600],
            1,
            &mut record,
        );
        assert_eq!(error, Err(TooLong));
    }

    #[test]
    fn the_form_is_the_documented_one() {
        let mut settings = Settings::default();
        settings.put(Id::Brightness, Value::Whole(70));
        let record = encoded(&settings, &[], 0x0102);
        let mut expected =
            b"SfSe\x01\x00\x17\x00\x02\x01\0\0\0\0\0\0\x12\x02\x00display.brightness70".to_vec();
        // Python: zlib.crc32 of the above.
        expected.extend(0xcaa952b2_u32.to_le_bytes());
        assert_eq!(record.as_slice(), expected);
    }

    #[test]
    fn another_versions_entries_are_kept_aside_or_dropped_aloud() {
        let mut aside = raw_entry("later.one", "1");
        aside.extend(raw_entry("later.two", "zwei"));
        let record = encoded(&Settings::default(), &aside, 1);
        let (_, settings, left_out) = decoded(&record);
        assert_eq!(settings, Settings::default());
        assert_eq!((left_out.unknown, left_out.dropped), (2, 0));
        // And once more through this version.
        let (_, _, again) = decoded(&encoded(&settings, &left_out.aside, 2));
        assert_eq!(again, left_out);

        let mut many = raw_entry("later.long", &"x".repeat(KEPT_ASIDE));
        many.extend(raw_entry("later.one", "1"));
        let (_, _, left_out) = decoded(&encoded(&settings, &many, 3));
        assert_eq!((left_out.unknown, left_out.dropped), (1, 1));
    }

    #[test]
    fn a_value_that_is_no_longer_taken_gives_way_to_the_default() {
        let mut entries = raw_entry("display.brightness", "170");
        entries.extend(raw_entry("display.rotation", "90"));
        let (_, settings, left_out) = decoded(&encoded(&Settings::default(), &entries, 1));
        assert_eq!(settings.brightness(), 100);
        assert_eq!(settings.rotation(), 90);
        assert_eq!(
            left_out.refused.iter().collect::<std::vec::Vec<_>>(),
            [Id::Brightness]
        );
        assert!(left_out.aside.is_empty());
    }

    #[test]
    fn entries_that_make_no_sense_condemn_the_record() {
        for entries in [
            &[5u8][..],
            &[1, 0, 0],
            &[1, 2, 0, b'a', b'1'],
            &[1, 0, 0, 0xff],
        ] {
            let record = encoded(&Settings::default(), entries, 1);
            assert_eq!(Record::parse(&record), Err(Damage::Entries), "{entries:?}");
        }
    }

    #[test]
    fn every_prefix_and_every_flipped_bit_is_refused() {
        let record = encoded(&longest(), b"\x01\x01\x00zz", 42);
        for length in 0..record.len() {
            assert!(Record::parse(&record[..length]).is_err(), "{length}");
        }
        for bit in 0..8 * record.len() {
            let mut flipped = record.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(Record::parse(&flipped).is_err(), "bit {bit}");
        }
    }

    proptest! {
        #[test]
        fn byte_soup_is_refused(soup in prop::collection::vec(any::<u8>(), 0..600)) {
            prop_assert!(Record::parse(&soup).is_err());
            let mut begun = MAGIC.to_vec();
            begun.extend(VERSION.to_le_bytes());
            begun.extend(&soup);
            prop_assert!(Record::parse(&begun).is_err());
        }

        #[test]
        fn soup_with_a_right_check_sum_is_survived(soup in prop::collection::vec(any::<u8>(), 0..600)) {
            let record = encoded(&Settings::default(), &soup, 1);
            if let Ok(record) = Record::parse(&record) {
                let mut settings = Settings::default();
                record.apply(&mut settings);
            }
        }

        #[test]
        fn overwritten_stretches_are_refused_or_change_nothing(
            start in 0usize..400, garbage in prop::collection::vec(any::<u8>(), 1..64),
        ) {
            let record = encoded(&longest(), &[], 7);
            let mut damaged = record.clone();
            for (to, from) in damaged.iter_mut().skip(start).zip(&garbage) {
                *to = *from;
            }
            if let Ok(read) = Record::parse(&damaged) {
                prop_assert_eq!(read, Record::parse(&record).unwrap());
            }
        }
    }
}
