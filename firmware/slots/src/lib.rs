//! The update policy: two slots, their boot entries, and what may be done to them when.
//!
//! Pure: no clock, and files only through two traits, [`Esp`] (the boot partition) and [`Notes`] (the data partition).
//! `sfumato-update` is the program around it, RAUC checks and writes, systemd-boot starts and counts.
//!
//! # What holds at every moment
//!
//! - The running slot is never written, nor the one that the board would fall back to.
//! - A slot with an entry is whole: the entry goes before the first byte is written, and comes after the last was
//!   synced and read back.
//! - A confirmed entry has no counter, so no number of quick starts wears it out; the newest confirmed one is started.
//! - A system on trial that does not prove itself is given up after ten minutes, ten ends of its program or three starts.
//! - Everything can be cut at any operation and done again.
//!
//! # Where to look
//!
//! | module | idea |
//! |---|---|
//! | [`Slot`], [`EntryName`], [`Entry`] | names and texts, as systemd-boot reads them |
//! | [`Boot`] | what the boot partition says: how each slot stands, which is next |
//! | [`Updates`] | the state machine: begin, publish, confirm, give up, test, erase, at start |
//! | [`judge`], [`worth_it`] | which bundle is taken: board, version, downgrade |
//! | [`timer`], [`Starts`] | what is done without a verdict |
//! | [`sim`] | a boot partition that can be cut anywhere, one that fails by script, a loader that counts |
//!
//! # How it is tested
//!
//! `tests/cuts.rs` plays whole updates on the simulated board, cuts the power at every single operation, in each way of
//! [`sim::Cut`] (not done, done, file short, both names on the same clusters, neither name, names without their content,
//! unsynced writes lost, reordered, or lost in some combinations), lets the loader start what it finds, and demands a whole
//! system each time. Then it cuts the recovery, in fewer ways. It is a model: what it does not know of FAT, it does not find.

#![forbid(unsafe_code)]

mod boot;
mod bundle;
mod entries;
mod entry;
mod esp;
mod name;
mod notes;
mod pending;
pub mod sim;
mod slot;
mod starts;
mod updates;
mod verdict;

pub use boot::{Boot, Found, State};
pub use bundle::{Bundle, Refusal, Rules, compare, judge};
pub use entry::{Entry, Identity, RootHash, from_hex, is_version, options_for, to_hex};
pub use esp::{Esp, EspError};
pub use name::{Counter, ENTRIES, EntryName, TRIES};
pub use notes::{Note, Notes, NotesError};
pub use pending::{Deed, Last, Outcome, Pending, Restart, Source, Stage};
pub use slot::Slot;
pub use starts::{LONG, MOST, Starts};
pub use updates::{Image, Noticed, Running, UpdateError, Updates, worth_it};
pub use verdict::{Because, ENDS, Health, TRIAL, Timer, timer};
