//! The two places a system can lie in.

use std::fmt;

/// One of the two systems on a board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The first.
    A,
    /// The second.
    B,
}

impl Slot {
    /// Both.
    pub const ALL: [Slot; 2] = [Slot::A, Slot::B];

    /// The one that this is not.
    pub const fn other(self) -> Slot {
        match self {
            Slot::A => Slot::B,
            Slot::B => Slot::A,
        }
    }

    /// Its letter, as in every name: `a` or `b`.
    pub const fn letter(self) -> &'static str {
        match self {
            Slot::A => "a",
            Slot::B => "b",
        }
    }

    /// Its place where something is kept for each slot: 0 or 1.
    pub const fn index(self) -> usize {
        match self {
            Slot::A => 0,
            Slot::B => 1,
        }
    }

    /// Label of its partition.
    pub const fn partition(self) -> &'static str {
        match self {
            Slot::A => "root-a",
            Slot::B => "root-b",
        }
    }

    /// Its folder on the ESP, without a slash at the front.
    pub const fn folder(self) -> &'static str {
        match self {
            Slot::A => "sfumato/a",
            Slot::B => "sfumato/b",
        }
    }

    /// Where its kernel lies on the ESP, without a slash at the front.
    pub const fn kernel(self) -> &'static str {
        match self {
            Slot::A => "sfumato/a/linux",
            Slot::B => "sfumato/b/linux",
        }
    }

    /// Where its initial RAM disk lies on the ESP.
    pub const fn initrd(self) -> &'static str {
        match self {
            Slot::A => "sfumato/a/initrd",
            Slot::B => "sfumato/b/initrd",
        }
    }

    /// The slot of this letter; none if it is no slot's.
    pub fn parse(letter: &str) -> Option<Slot> {
        Slot::ALL.into_iter().find(|slot| slot.letter() == letter)
    }

    /// The slot that runs, from the kernel's command line; none if it does not say so, or twice.
    ///
    /// ```
    /// # use sfumato_slots::Slot;
    /// assert_eq!(Slot::running("quiet sfumato.slot=b\n"), Some(Slot::B));
    /// assert_eq!(Slot::running("quiet"), None);
    /// ```
    pub fn running(command_line: &str) -> Option<Slot> {
        let mut words = command_line
            .split_ascii_whitespace()
            .filter_map(|word| word.strip_prefix("sfumato.slot="));
        let slot = Slot::parse(words.next()?)?;
        words.next().is_none().then_some(slot)
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.letter())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_running_slot_is_a_word_of_its_own() {
        assert_eq!(
            Slot::running("a sfumato.slot=a sfumato.verity=4"),
            Some(Slot::A)
        );
        for line in [
            "",
            "xsfumato.slot=a",
            "sfumato.slot=c",
            "sfumato.slot=ab",
            "sfumato.slot=a sfumato.slot=b",
        ] {
            assert_eq!(Slot::running(line), None, "{line}");
        }
    }
}
