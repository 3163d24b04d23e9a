//! The project's programs, built together.
//!
//! Cargo joins the features of what it builds at the same time. Built one by one, the programs would
//! each want their own variant of some library, and with it of everything above: the network
//! engine would be compiled again for minutes. So they are always built together, which happens
//! to be what the tests are built from too.

use crate::steps::{cargo, step};
use anyhow::Result;
use std::path::PathBuf;
use xtask::workspace::Workspace;

/// Where the programs are.
#[derive(Debug)]
pub struct Programs {
    /// The device program.
    pub sfumato: PathBuf,
    /// The host tool.
    pub atelier: PathBuf,
    /// Fetches the face models.
    pub models: PathBuf,
    /// Cargo's own folder for what it builds.
    pub target: PathBuf,
}

impl Programs {
    /// Builds all of them.
    pub fn build() -> Result<Programs> {
        let target = Workspace::members()?.target_directory;
        step("building (some minutes the first time)", || {
            cargo(&[
                "build",
                "--locked",
                "--package",
                "sfumato",
                "--package",
                "sfumato-update",
                "--package",
                "atelier",
                "--package",
                "sfumato-models",
            ])
        })?;
        let folder = target.join("debug");
        Ok(Programs {
            sfumato: folder.join("sfumato"),
            atelier: folder.join("atelier"),
            models: folder.join("sfumato-models"),
            target,
        })
    }
}
