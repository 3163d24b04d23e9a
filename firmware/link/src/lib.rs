//! The conversation on the serial line: what comes in is understood, done and answered.
//!
//! ```text
//! bytes --wire--> packet --groups----+
//!                 line ----commands--+--> Session: locked? staged changes --> Store: in force
//!                                    +--> Device: clock, files, counters, restart …
//! bytes <-------- answer <-----------+
//! ```
//!
//! Programs send packets (SMP), people and AV controllers lines; both come to the same settings and
//! the same [`Device`]. [`Conversation`] is all that a port needs: bytes go in, bytes come out.
//!
//! - [`device`] says what a board must be able to do, and [`files`](Files) and [`images`](Images)
//!   what it may.
//! - [`session`] knows who may write: with a PIN set, whoever answers a challenge.
//! - [`vitals`] says what a dashboard is told.
//! - `groups` answers packets, [`commands`] lines. [`fault`] numbers what can go wrong in a line.
//!
//! No I/O, no clock, no allocation; whatever comes over the line, nothing panics.

#![no_std]
#![forbid(unsafe_code)]
// A test that cannot go on shall panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(test)]
extern crate std;

pub mod commands;
mod conversation;
mod desk;
pub mod device;
pub mod fault;
mod groups;
mod names;
pub mod session;
pub mod vitals;

pub use conversation::{Conversation, LINE, PACKET};
pub use device::{
    CounterGroup, Denied, Device, Files, Hash, HashKind, Images, Picture, Restart, Thread,
    Unstored, Untouched,
};
pub use fault::Fault;
pub use session::Session;
