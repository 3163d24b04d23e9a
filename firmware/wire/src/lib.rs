//! Bytes on the serial line: SMP packets and text lines on one port.
//!
//! ```text
//! received bytes --Demultiplexer--> packet --Header, Request--> the caller --reply()--> packet
//!                         |                                                    |
//!                         |                                         frame::lines --> bytes to send
//!                         '-------> line --text::words--> the caller --> text to send
//! ```
//!
//! SMP is the management protocol of Zephyr and MCUboot: a *packet* is a header of eight bytes and a
//! map in CBOR, and stock clients speak it. A *line* is text that a person or an AV controller
//! sends. Both doors lead to the same settings; this crate knows neither what a setting is nor what
//! any command does.
//!
//! - [`demux`] tells packets from lines, [`frame`] turns packets into bytes again.
//! - [`header`] and [`requests`] say what a packet asks and how to answer, [`status`] how to refuse.
//! - [`repeats`] recognises a request that was sent again because the answer was lost.
//! - [`text`] splits a line into words; [`editor`] edits lines for somebody at a terminal.
//!
//! No I/O, no clock, no allocation; whatever comes over the line, nothing panics.

#![no_std]
#![forbid(unsafe_code)]
// A test that cannot go on shall panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

#[cfg(test)]
extern crate std;

pub mod base64;
pub mod cbor;
pub mod crc;
pub mod datetime;
pub mod demux;
pub mod editor;
pub mod frame;
pub mod header;
mod packets;
pub mod repeats;
pub mod requests;
pub mod status;
pub mod text;

pub use datetime::DateTime;
pub use demux::{Demultiplexer, Event};
pub use header::Header;
pub use packets::Dropped;
pub use repeats::Repeats;
pub use requests::{Request, refuse, reply};
pub use status::{Refusal, Status};
