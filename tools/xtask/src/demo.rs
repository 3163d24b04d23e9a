//! `cargo xtask demo`: a painting answers a visitor, with one command.

use anyhow::Result;
use std::path::PathBuf;

/// What the user asked for.
#[derive(Debug, Default)]
pub struct Options {
    /// An image of a painting; the built-in one when absent.
    pub painting: Option<PathBuf>,
    /// A camera; the built-in visitor when absent.
    pub camera: Option<String>,
    /// How the portrait behaves.
    pub personality: Option<String>,
    /// Make a film even where there is a display.
    pub clip: bool,
}

/// Shows the painting.
pub fn run(_options: &Options) -> Result<()> {
    anyhow::bail!("not yet")
}

/// The demo as CI runs it.
pub fn without_display() -> Result<()> {
    run(&Options {
        clip: true,
        ..Options::default()
    })
}

/// Paints the pictures of the documentation.
pub fn pictures() -> Result<()> {
    anyhow::bail!("not yet")
}
