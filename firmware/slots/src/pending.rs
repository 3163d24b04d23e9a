//! The record of an update under way, and of how the last one ended.

use crate::notes::{line, value};
use crate::{Slot, entry};
use std::fmt;

/// Makes an enum of words.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$meaning:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$meaning])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// The word for it.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// What the word is for; none if it is for nothing.
            pub fn parse(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|one| one.word() == word)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}

words! {
    /// Which way a bundle came.
    Source {
        /// Over the serial line.
        Serial = "serial",
        /// On a USB stick.
        Usb = "usb",
        /// Somebody at the board called the program.
        Hand = "hand",
    }
}

words! {
    /// How far an update is.
    Stage {
        /// The slot is being written; it has no entry.
        Writing = "writing",
        /// The same, but the power was cut meanwhile.
        Interrupted = "interrupted",
        /// It has an entry and waits for its trial, or is on trial.
        Ready = "ready",
    }
}

words! {
    /// When the board restarts into what was installed.
    Restart {
        /// As soon as it is installed.
        AtOnce = "at-once",
        /// When somebody restarts it.
        ByHand = "by-hand",
        /// In the night that follows.
        AtNight = "at-night",
    }
}

words! {
    /// How something ended.
    Outcome {
        /// It waits for its trial.
        Installed = "installed",
        /// It was not taken; nothing was written.
        Refused = "refused",
        /// It could not be written; the running system is as it was.
        Failed = "failed",
        /// It has proved itself.
        Confirmed = "confirmed",
        /// It has not, and the board is back at the one before.
        RolledBack = "rolled-back",
    }
}

words! {
    /// What was done.
    Deed {
        /// A bundle was installed.
        Install = "install",
        /// The running version was confirmed.
        Confirm = "confirm",
        /// The other slot was put on trial.
        Test = "test",
        /// A slot was erased.
        Erase = "erase",
        /// A confirmed version reached no verdict, start after start.
        HandOver = "hand-over",
    }
}

/// The update under way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Where it goes.
    pub slot: Slot,
    /// Its version.
    pub version: String,
    /// Which way it came.
    pub from: Source,
    /// How far it is.
    pub stage: Stage,
    /// How often writing was begun.
    pub attempts: u32,
    /// When the board restarts into it.
    pub restart: Restart,
}

impl Pending {
    /// Reads the note; none if it says nothing that can be used.
    pub fn parse(text: &str) -> Option<Pending> {
        let value = |name| value(text, name);
        let version = value("version")?;
        Some(Pending {
            slot: Slot::parse(value("slot")?)?,
            version: entry::is_version(version).then(|| version.to_owned())?,
            from: Source::parse(value("from")?)?,
            stage: Stage::parse(value("stage")?)?,
            attempts: value("attempts")?.parse().ok()?,
            restart: Restart::parse(value("restart")?)?,
        })
    }
}

impl fmt::Display for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line("slot", self.slot))?;
        f.write_str(&line("version", &self.version))?;
        f.write_str(&line("from", self.from))?;
        f.write_str(&line("stage", self.stage))?;
        f.write_str(&line("attempts", self.attempts))?;
        f.write_str(&line("restart", self.restart))
    }
}

/// How the last thing ended that was done to a slot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// What was done.
    pub what: Deed,
    /// Version it was done with; empty where none is known.
    pub version: String,
    /// How it ended.
    pub outcome: Outcome,
    /// Why, in words; empty where there is nothing to say.
    pub reason: String,
    /// Which way the wish came.
    pub from: Source,
}

impl Last {
    /// Reads the note; none if it says nothing that can be used.
    pub fn parse(text: &str) -> Option<Last> {
        let value = |name| value(text, name);
        Some(Last {
            what: Deed::parse(value("what")?)?,
            version: value("version")?.to_owned(),
            outcome: Outcome::parse(value("outcome")?)?,
            reason: value("reason")?.to_owned(),
            from: Source::parse(value("from")?)?,
        })
    }
}

impl fmt::Display for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line("what", self.what))?;
        f.write_str(&line("version", &self.version))?;
        f.write_str(&line("outcome", self.outcome))?;
        f.write_str(&line("reason", &self.reason))?;
        f.write_str(&line("from", self.from))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one<T: Copy + fmt::Debug>(of: &'static [T]) -> impl Strategy<Value = T> {
        (0..of.len()).prop_map(move |at| of[at])
    }

    proptest! {
        #[test]
        fn pending_comes_back(
            b: bool,
            version in "[!-~]{1,64}",
            from in one(Source::ALL),
            stage in one(Stage::ALL),
            attempts: u32,
            restart in one(Restart::ALL),
        ) {
            let slot = if b { Slot::B } else { Slot::A };
            let pending = Pending { slot, version, from, stage, attempts, restart };
            prop_assert_eq!(Pending::parse(&pending.to_string()), Some(pending));
        }

        #[test]
        fn last_comes_back_on_lines_of_its_own(
            what in one(Deed::ALL),
            outcome in one(Outcome::ALL),
            from in one(Source::ALL),
            reason in "\\PC{0,40}\n?\\PC{0,40}",
        ) {
            let last = Last { what, version: String::new(), outcome, reason, from };
            let read = Last::parse(&last.to_string()).unwrap();
            prop_assert_eq!((read.what, read.outcome, read.from), (what, outcome, from));
            let reason = last.reason.replace(char::is_control, " ");
            prop_assert_eq!(read.reason.trim(), reason.trim());
        }

        #[test]
        fn notes_cut_off_are_none_or_less(length in 0usize..90) {
            let pending = Pending {
                slot: Slot::A, version: "1.0.0".into(), from: Source::Usb, stage: Stage::Ready, attempts: 1,
                restart: Restart::AtNight,
            };
            let text = pending.to_string();
            let length = length.min(text.len());
            let read = Pending::parse(&text[..length]);
            prop_assert!(read.is_none() || length + 1 >= text.len(), "{:?}", read);
        }

        #[test]
        fn noise_is_read_without_harm(text in "\\PC*") {
            let _ = (Pending::parse(&text), Last::parse(&text));
        }
    }
}
