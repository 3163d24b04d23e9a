//! The settings of a portrait, in one place.
//!
//! ```text
//! config file --defaults--+
//!                         v
//! record -----load----> Store --Snapshot--> the picture, picked up between two frames
//!   ^                     ^
//!   +------save-----------+--commit-- Staged <--text-- serial line
//! ```
//!
//! - [`registry`] is one table of all settings: name, kind, range, default, help.
//! - [`Kind::parse`] makes a [`Value`] of text, or says what would be accepted.
//! - [`Settings`] is a value for each; reading one cannot fail. [`Staged`] holds changes until
//!   [`Store::commit`] puts them into force together, if they keep the [`rules`].
//! - [`record`] keeps them on storage so that a power cut leaves the old or the new ones.
//! - [`text`] makes help, lists, the config file's template and the manual's page of the registry.
//! - [`hours`] says when the museum is open and when that next changes.
//!
//! Everything here is pure: no I/O, no clock, no allocation. With the feature `toml` there is one part
//! that allocates, `config`: an installation's own defaults, read from a config file.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(any(test, feature = "toml"))]
extern crate std;

pub mod calendar;
pub mod choices;
#[cfg(feature = "toml")]
pub mod config;
pub mod decimal;
pub mod hours;
pub mod kind;
pub mod pin;
pub mod record;
pub mod refusal;
pub mod registry;
pub mod rules;
pub mod settings;
pub mod short_text;
pub mod staged;
pub mod store;
pub mod text;
pub mod value;

pub use kind::{Kind, Reason};
pub use record::{Loaded, Recorder, SaveError, Storage};
pub use refusal::Refusal;
pub use registry::{Id, IdSet, SETTINGS, Setting};
pub use settings::Settings;
pub use staged::{StageError, Staged};
pub use store::{Snapshot, Store};
pub use value::Value;
