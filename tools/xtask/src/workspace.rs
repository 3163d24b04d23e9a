//! What Cargo says about this workspace.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::path::PathBuf;
use std::process::Command;

/// The part of `cargo metadata` that is used here.
#[derive(Debug, Deserialize)]
pub struct Workspace {
    /// Every package that was asked for.
    pub packages: Vec<Package>,
    /// Folder of the root manifest.
    pub workspace_root: PathBuf,
    /// Where Cargo puts what it builds.
    pub target_directory: PathBuf,
}

/// One package.
#[derive(Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its licence as an SPDX expression, when it states one.
    pub license: Option<String>,
    /// Its licence file, when it ships its own text.
    pub license_file: Option<String>,
    /// Where it comes from; none for packages of this workspace.
    pub source: Option<String>,
    /// Its own manifest.
    #[serde(default)]
    pub manifest_path: PathBuf,
    /// What it asks for.
    pub dependencies: Vec<Dependency>,
}

/// One dependency as declared.
#[derive(Debug, Deserialize)]
pub struct Dependency {
    /// Name of the package asked for.
    pub name: String,
    /// `dev` or `build`; none for an ordinary one.
    pub kind: Option<String>,
}

impl Workspace {
    /// Packages of this workspace alone.
    pub fn members() -> Result<Self> {
        Self::ask(&["--no-deps"])
    }

    /// Packages of this workspace and all they are built from.
    pub fn with_dependencies() -> Result<Self> {
        Self::ask(&[])
    }

    fn ask(extra: &[&str]) -> Result<Self> {
        let output = Command::new(cargo())
            .args(["metadata", "--format-version", "1"])
            .args(extra)
            .output()
            .context("cannot run cargo: is Rust installed and on the PATH?")?;
        if !output.status.success() {
            bail!(
                "cargo metadata failed:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        serde_json::from_slice(&output.stdout)
            .context("cargo metadata printed something unexpected")
    }

    /// The workspace's own packages.
    pub fn own(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|p| p.source.is_none())
    }
}

/// The cargo that runs us, so that a chosen toolchain stays chosen.
pub fn cargo() -> String {
    std::env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}
