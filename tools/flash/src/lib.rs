//! Writes an image to cards and disks, and proves by reading back that it is there.
//!
//! An image is raw or packed by zstd or xz. A block map beside it says which parts matter, with their checksums; without
//! one everything is written. It is unpacked once, and each device has a thread of its own. The order of a device:
//!
//! 1. Both ends of the device (1 MiB each) become zeros: whatever it held before boots no more.
//! 2. Everything but the ends is written, with checkpoints that a host-side record remembers.
//! 3. Everything is read back past the cache and compared with checksums.
//! 4. Last come the ends, the first block at the very end: a device that was left half-written never boots.
//!
//! Decisions are pure: [`devices`] refuses, [`map`] and [`bmap`] plan, [`spans`] remembers, [`meter`] reckons. The edges are
//! [`survey`] (what the kernel says of a device), [`target`] (bytes in and out) and [`command`] (a person at a terminal).

pub mod access;
pub mod bmap;
pub mod command;
pub mod crew;
pub mod devices;
pub mod digest;
pub mod failure;
pub mod image;
mod kernel;
pub mod lane;
pub mod map;
pub mod meter;
pub mod packing;
pub mod record;
pub mod show;
pub mod spans;
pub mod survey;
pub mod target;
pub mod writer;
