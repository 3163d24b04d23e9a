//! Boards as data: what is built for which computer.
//!
//! `board/NAME/board.toml` says what a board is, in [`Board`]; `board/common/image.toml` what all images have in
//! common, in [`Common`]. Small files that need no computing lie as they are in the `root/` folders of the
//! board and of its layers. Everything else is generated from this data and pinned by the tests' golden copies.

mod common;
mod data;
pub mod debian;
pub mod elf;
pub mod files;
pub mod hardening;
pub mod jetson;
pub mod notices;
pub mod packages;
pub mod page;
mod tree;
mod uri;

pub use common::Common;
pub use data::{Architecture, Board, Devices, Image, Kind, Proof, Proved, TensorRt};
pub use tree::{Entry, Tree};
pub use uri::serial_device;

use anyhow::{Context, Result, bail};
use serde::de::DeserializeOwned;
use std::path::Path;

/// Reads a TOML file; mistakes come with its path, the line and the key.
fn read<T: DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is wrong", path.display()))
}

/// All mistakes at once, each with its key.
fn refuse(path: &Path, mistakes: &[String]) -> Result<()> {
    if mistakes.is_empty() {
        return Ok(());
    }
    bail!("{} is wrong:\n  {}", path.display(), mistakes.join("\n  "));
}
