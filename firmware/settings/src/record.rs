//! Settings on storage, such that a power cut at any moment leaves the old or the new ones.
//!
//! There are two copies. A save writes the older one, from its first byte to its last, and waits until it
//! is kept; the newer one is not touched. The check sum over everything tells a copy that was written
//! to its end from one that was not, whatever a cut made of it: half of it, some of its pieces in any
//! order, or garbage. Loading takes the newest copy whose check sum is right.
//!
//! Values are kept as text under their names, so that another version of the program reads
//! what it knows: a setting it does not find has its default, and one it does not know is kept aside and
//! written again with the next save, for the version that wrote it. Only values that differ from the
//! defaults are kept.
//!
//! [`format`] is the form of one copy, [`Storage`] the two places, [`Recorder`] what loads and saves.

pub mod format;
mod loaded;
mod recorder;
mod storage;

#[cfg(test)]
mod cuts;

pub use format::{Damage, KEPT_ASIDE, KeptAside, RECORD};
pub use loaded::{CopyState, Loaded, Source};
pub use recorder::{Recorder, SaveError};
pub use storage::{Storage, Twin, WRITE};
