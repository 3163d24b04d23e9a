//! Starts in a row in which a confirmed system reached no verdict.
//!
//! A confirmed entry has no counter, so that switching the power off and on burns nothing. This is what protects
//! against a confirmed system that has gone bad: only starts that lasted longer than three minutes without a verdict
//! count, five in a row hand over to the other slot.

use crate::Slot;
use crate::notes::{line, value};
use std::fmt;

/// Seconds after which a start without a verdict counts.
pub const LONG: u64 = 180;

/// So many in a row hand over.
pub const MOST: u32 = 5;

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Starts {
    /// The slot that they were starts of.
    pub slot: Slot,
    /// Long starts in a row without a verdict.
    pub without: u32,
    /// The boot that was counted last, by the kernel's name for it.
    pub counted: String,
}

impl Starts {
    /// Nothing counted yet.
    pub fn none(slot: Slot) -> Starts {
        Starts {
            slot,
            without: 0,
            counted: String::new(),
        }
    }

    /// Reads the note of this slot's starts; that of the other one's is forgotten.
    pub fn of(slot: Slot, text: Option<&str>) -> Starts {
        text.and_then(Starts::parse)
            .filter(|starts| starts.slot == slot)
            .unwrap_or(Starts::none(slot))
    }

    fn parse(text: &str) -> Option<Starts> {
        Some(Starts {
            slot: Slot::parse(value(text, "slot")?)?,
            without: value(text, "without")?.parse().ok()?,
            counted: value(text, "counted")?.to_owned(),
        })
    }

    /// Counts a start that has lasted `seconds` without a verdict, once; says whether that is news.
    pub fn lasted(&mut self, boot: &str, seconds: u64) -> bool {
        if seconds <= LONG || self.counted == boot {
            return false;
        }
        self.without = self.without.saturating_add(1);
        boot.clone_into(&mut self.counted);
        true
    }

    /// Whether it is time for the other slot.
    pub fn too_many(&self) -> bool {
        self.without >= MOST
    }
}

impl fmt::Display for Starts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&line("slot", self.slot))?;
        f.write_str(&line("without", self.without))?;
        f.write_str(&line("counted", &self.counted))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_long_starts_count_and_each_once() {
        let mut starts = Starts::none(Slot::A);
        for boot in 0..20 {
            assert!(!starts.lasted(&format!("quick {boot}"), LONG));
        }
        for boot in 0..MOST {
            assert!(!starts.too_many());
            assert!(starts.lasted(&format!("long {boot}"), LONG + 1));
            assert!(!starts.lasted(&format!("long {boot}"), LONG + 60));
        }
        assert!(starts.too_many());
        let read = Starts::of(Slot::A, Some(&starts.to_string()));
        assert_eq!(read, starts);
        assert_eq!(Starts::of(Slot::B, Some(&starts.to_string())).without, 0);
        assert_eq!(Starts::of(Slot::A, Some("noise")).without, 0);
    }
}
