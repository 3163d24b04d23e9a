//! The pack: one file with everything a board needs to show one painting.
//!
//! A pack is a zip archive (entries stored or deflated, nothing else) that any archive tool
//! opens:
//!
//! | entry | holds |
//! |---|---|
//! | `manifest.json` | what the pack is, where things lie, sha256 of every other entry |
//! | `painting.png` | the full-resolution painting |
//! | `layers/plate.png` | background behind the sitter, over the region (optional) |
//! | `layers/eye-right-sclera.png`, `…-iris.png`, `layers/eye-left-…` | the eyes' layers |
//! | `layers/grain.png` | the paint's texture (optional) |
//! | `rig.bin` | the generator's rig, opaque here |
//! | `network.onnx` | the generator's network, opaque here (optional) |
//! | `signature` | reserved: a detached signature over `manifest.json` |
//!
//! Reading trusts nothing: sizes and counts are bounded before anything is allocated, so that even a pack
//! made to fill the memory takes a gibibyte beside its own size and what decoding one picture takes; every
//! entry must be named in the manifest and match its hash, and each error names its cure.

#![forbid(unsafe_code)]

mod archive;
mod error;
mod manifest;
mod pack;
mod picture;
pub mod store;
pub mod trust;

pub use error::PackError;
pub use manifest::{FORMAT, Manifest};
pub use pack::Pack;
pub use picture::MAX_PIXELS;
