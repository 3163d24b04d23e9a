//! What stands in a boot entry.
//!
//! ```text
//! title Sfumato 0.2.0 (slot a)
//! sort-key sfumato
//! version 17
//! linux /sfumato/a/linux
//! initrd /sfumato/a/initrd
//! options sfumato.slot=a sfumato.roothash=HEX sfumato.verity=OFFSET quiet
//! ```
//!
//! `version` is an install number that only grows: the loader starts the largest first. The words of `options` that name
//! the slot and what is in it are replaced by an update, all others are inherited from the system that runs.

use crate::Slot;
use std::fmt;

/// SHA-256 at the top of a slot's hash tree: the name of what is in it.
pub type RootHash = [u8; 32];

/// The text of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose entry it is.
    pub slot: Slot,
    /// Version of the system, as its bundle said.
    pub version: String,
    /// The install number.
    pub number: u64,
    /// What is in the slot.
    pub image: Identity,
    /// Words for the kernel, all of them.
    pub options: String,
}

/// How the kernel recognises the content of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// SHA-256 at the top of the hash tree.
    pub root_hash: RootHash,
    /// Where in the partition the hash tree's superblock lies, in bytes.
    pub verity: u64,
}

impl Entry {
    /// Reads an entry; none if it is cut off, unreadable, or leads elsewhere than to this slot.
    pub fn parse(slot: Slot, text: &str) -> Option<Entry> {
        if !text.ends_with('\n') {
            return None;
        }
        let value = |key: &str| {
            text.lines()
                .filter_map(|line| line.split_once([' ', '\t']))
                .find_map(|(name, value)| (name == key).then_some(value.trim()))
        };
        let title = value("title")?.strip_prefix("Sfumato ")?;
        let version = title.strip_suffix(&format!(" (slot {slot})"))?;
        let options = value("options")?;
        let same =
            |key: &str, path: &str| value(key).is_some_and(|v| v.strip_prefix('/') == Some(path));
        let leads_here = same("linux", slot.kernel()) && same("initrd", slot.initrd());
        if !leads_here || Slot::running(options) != Some(slot) || !is_version(version) {
            return None;
        }
        Some(Entry {
            slot,
            version: version.to_owned(),
            number: value("version")?.parse().ok()?,
            image: Identity::of(options)?,
            options: options.to_owned(),
        })
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let slot = self.slot;
        writeln!(f, "title Sfumato {} (slot {slot})", self.version)?;
        writeln!(f, "sort-key sfumato")?;
        writeln!(f, "version {}", self.number)?;
        writeln!(f, "linux /{}", slot.kernel())?;
        writeln!(f, "initrd /{}", slot.initrd())?;
        writeln!(f, "options {}", self.options)
    }
}

impl Identity {
    /// Reads it from words for the kernel.
    pub(crate) fn of(options: &str) -> Option<Identity> {
        let value = |key: &str| {
            options
                .split_ascii_whitespace()
                .find_map(|word| word.strip_prefix(key))
        };
        Some(Identity {
            root_hash: from_hex(value("sfumato.roothash=")?)?,
            verity: value("sfumato.verity=")?.parse().ok()?,
        })
    }
}

/// Words for the kernel that lead to this slot; what else was said of the running one stays.
///
/// RAUC 1.8 asks no bootloader which slot runs, it reads `rauc.slot`.
pub fn options_for(running: &str, slot: Slot, image: &Identity) -> String {
    const OURS: [&str; 4] = [
        "sfumato.slot=",
        "rauc.slot=",
        "sfumato.roothash=",
        "sfumato.verity=",
    ];
    let mut options = format!(
        "sfumato.slot={slot} rauc.slot={slot} sfumato.roothash={} sfumato.verity={}",
        to_hex(&image.root_hash),
        image.verity
    );
    for word in running.split_ascii_whitespace() {
        if !OURS.iter().any(|ours| word.starts_with(ours)) {
            options.push(' ');
            options.push_str(word);
        }
    }
    options
}

/// Whether this can stand in a title: one word, no control characters.
pub fn is_version(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// A hash as people see it: 64 hexadecimal digits.
pub fn to_hex(hash: &RootHash) -> String {
    use fmt::Write as _;
    let mut text = String::with_capacity(64);
    for byte in hash {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// Reads 64 hexadecimal digits; none if they are not.
pub fn from_hex(text: &str) -> Option<RootHash> {
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        for digit in pair {
            let digit = char::from(*digit).to_digit(16)?;
            *byte = (*byte << 4) | u8::try_from(digit).ok()?;
        }
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry() -> Entry {
        let image = Identity {
            root_hash: [0xa5; 32],
            verity: 81_920,
        };
        Entry {
            slot: Slot::B,
            version: "0.2.0-rc.1".into(),
            number: 17,
            image,
            options: options_for("sfumato.slot=a quiet console=ttyS0", Slot::B, &image),
        }
    }

    #[test]
    fn an_entry_is_what_the_loader_reads() {
        let text = entry().to_string();
        let hash = "a5".repeat(32);
        let expected = format!(
            "title Sfumato 0.2.0-rc.1 (slot b)\nsort-key sfumato\nversion 17\nlinux /sfumato/b/linux\n\
             initrd /sfumato/b/initrd\noptions sfumato.slot=b rauc.slot=b sfumato.roothash={hash} \
             sfumato.verity=81920 quiet console=ttyS0\n"
        );
        assert_eq!(text, expected);
        assert_eq!(Entry::parse(Slot::B, &text), Some(entry()));
        assert_eq!(Entry::parse(Slot::A, &text), None);
    }

    #[test]
    fn an_entry_cut_off_anywhere_is_none() {
        let text = entry().to_string();
        for length in 0..text.len() {
            assert_eq!(Entry::parse(Slot::B, &text[..length]), None, "{length}");
        }
    }

    #[test]
    fn options_are_replaced_not_repeated() {
        let image = entry().image;
        let once = options_for("quiet sfumato.verity=1 rauc.slot=a x=y", Slot::B, &image);
        assert_eq!(options_for(&once, Slot::B, &image), once);
        assert!(once.ends_with(" quiet x=y"), "{once}");
    }

    proptest! {
        #[test]
        fn hashes_come_back(hash: [u8; 32]) {
            prop_assert_eq!(from_hex(&to_hex(&hash)), Some(hash));
        }

        #[test]
        fn noise_is_no_entry(text in "\\PC*", b: bool) {
            let slot = if b { Slot::B } else { Slot::A };
            prop_assert_eq!(Entry::parse(slot, &text), None);
            let _ = from_hex(&text);
        }

        #[test]
        fn lines_in_any_order_do_no_harm(
            lines in proptest::collection::vec("(title|version|linux|initrd|options|x) [ -~]{0,40}\n", 0..9)
        ) {
            let _ = Entry::parse(Slot::A, &lines.concat());
        }
    }
}
