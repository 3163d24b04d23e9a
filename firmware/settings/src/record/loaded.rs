//! What loading found.

use super::format::{Damage, LeftOut};
use super::storage::Twin;
use crate::registry::IdSet;
use crate::settings::Settings;
use core::fmt;

/// Where the loaded settings come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the defaults: nothing was ever saved.
    FirstStart,
    /// From a copy, the newest good one.
    Copy(Twin),
    /// From the defaults, because no copy is good: what was saved is lost.
    Defaults,
}

/// How a copy was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyState {
    /// Never written: no bytes, or all of them as erased storage has them.
    Empty,
    /// Good, with its sequence number.
    Good(u64),
    /// Damaged.
    Damaged(Damage),
}

/// Loaded settings, and everything that should be said about them.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings: all of the record's values that this version takes, defaults for the rest.
    pub settings: Settings,
    /// Where they come from.
    pub source: Source,
    /// How the copies were found, [`Twin::A`] first.
    pub copies: [CopyState; 2],
    /// What was not taken from the record.
    pub left_out: LeftOut,
    /// Settings that went back to their defaults, because the saved values broke a rule; a change of
    /// the installation's defaults can do that.
    pub put_back: IdSet,
}

impl Loaded {
    /// Whether there is anything to tell the technician.
    pub fn is_clean(&self) -> bool {
        let damaged = |copy: &CopyState| matches!(copy, CopyState::Damaged(_));
        !self.copies.iter().any(damaged)
            && self.left_out == LeftOut::default()
            && self.put_back.is_empty()
    }
}

/// One sentence for the log.
impl fmt::Display for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source {
            Source::FirstStart => f.write_str("settings: nothing saved yet, defaults")?,
            Source::Copy(copy) => write!(f, "settings: from copy {copy:?}")?,
            Source::Defaults => f.write_str("settings: LOST, no copy is good, defaults")?,
        }
        for (copy, state) in Twin::BOTH.iter().zip(self.copies) {
            if let CopyState::Damaged(damage) = state {
                write!(f, "; copy {copy:?} {damage}")?;
            }
        }
        let LeftOut {
            unknown,
            dropped,
            refused,
            ..
        } = &self.left_out;
        if *unknown > 0 {
            write!(f, "; {unknown} of another version kept aside")?;
        }
        if *dropped > 0 {
            write!(f, "; {dropped} of another version dropped")?;
        }
        for id in refused.iter() {
            write!(
                f,
                "; {} has its default, its value is not taken any more",
                id.name()
            )?;
        }
        for id in self.put_back.iter() {
            write!(f, "; {} has its default, its value broke a rule", id.name())?;
        }
        Ok(())
    }
}
