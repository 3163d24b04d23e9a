//! `atelier evaluate`.

use anyhow::bail;
use std::path::PathBuf;

/// What `atelier evaluate` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The file to work on.
    pub input: PathBuf,
}

/// Runs `atelier evaluate`.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    bail!("{}: this version cannot do that yet", arguments.input.display())
}
