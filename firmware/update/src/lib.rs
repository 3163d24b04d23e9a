//! The root side of updates: checks bundles, has RAUC write them, keeps the boot entries.
//!
//! What is allowed when, is decided in `sfumato-slots`; this is the thin edge around it. systemd starts the
//! program for one thing at a time, it never stays.
//!
//! | module | idea |
//! |---|---|
//! | [`paths`] | where everything lies, below a root folder, so that tests have boards of their own |
//! | [`esp`], [`notes`] | the real boot and data partitions |
//! | [`here`] | the board as it is: its own file, what runs, the partitions |
//! | [`rauc`], [`payload`] | a bundle is looked at: signature, board, version, every byte |
//! | [`verity`], [`image`] | a slot is looked at: its hash tree, its kernel |
//! | [`state`] | `/run/sfumato-update/state.json`, for everybody to read |
//! | [`commands`] | one for each unit |
//!
//! # A bundle's way
//!
//! `rauc info` checks the signature and tells board and version; the policy judges; the payload is compared with the hash
//! tree whose root is signed, so that a damaged bundle is refused before a slot is touched; the target's entry goes;
//! `rauc install` writes and asks `sfumato-update bootloader set-primary` to make the slot startable: that reads the slot back
//! past the cache, compares it with its own hash tree, copies the kernel, and writes the entry.
//!
//! RAUC 1.8 asks a custom bootloader four things, with these words and answers on standard output:
//! `get-primary` → `a` or `b`; `set-primary NAME`; `get-state NAME` → `good` or `bad`; `set-state NAME good|bad`. Newer
//! ones also `get-current` → `a` or `b`. Any exit status but 0 is a failure.

#![forbid(unsafe_code)]

pub mod commands;
mod error;
pub mod esp;
pub mod here;
pub mod image;
mod lock;
pub mod notes;
pub mod paths;
pub mod payload;
pub mod rauc;
pub mod state;
mod tool;
pub mod verity;

pub use error::Error;
