//! Other people's programs at our serial line: they are fetched, and the test talks through them.
//!
//! Pinned versions, each in a folder of its own in the cache. Offline the step is skipped aloud; where `CI` is
//! set it fails instead.

use crate::steps::{cargo_with, command, step};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use xtask::cache;
use xtask::workspace::cargo as cargo_program;

/// Python's client programs: a command line, and the library beneath it.
const PYTHON: [&str; 2] = ["smpmgr==0.19.1", "smpclient==7.3.0"];

/// Rust's.
const RUST: [&str; 2] = ["mcumgrctl", "0.20.0"];

/// Fetches the clients where they are missing, and runs the test.
pub fn test() -> Result<()> {
    step("serial clients", || {
        let folder = match fetched() {
            Ok(folder) => folder,
            Err(error) if std::env::var_os("CI").is_none() => {
                println!("   SKIPPED: {error:#}");
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let folder = folder.to_str().context("the cache's path is not UTF-8")?;
        cargo_with(
            &[
                "test",
                "--workspace",
                "--locked",
                "--test",
                "serial",
                "--",
                "--nocapture",
            ],
            &[("SFUMATO_CLIENTS", folder)],
        )
    })
}

/// The folder whose `bin` has the clients.
pub fn fetched() -> Result<PathBuf> {
    let name = format!("clients-{}-{}-{}", PYTHON[0], PYTHON[1], RUST[1]).replace('=', "");
    let folder = cache::folder().join(name);
    if folder.is_dir() {
        return Ok(folder);
    }
    // Where it stays: what is installed knows its own path.
    let result = install(&folder);
    if result.is_err() {
        // Half of it would be taken for all the next time.
        let _ = fs::remove_dir_all(&folder);
    }
    result.map(|()| folder)
}

fn install(folder: &Path) -> Result<()> {
    let path = folder.to_str().context("the cache's path is not UTF-8")?;
    command("python3", &["-m", "venv", path]).context("cannot make a Python environment")?;
    let python = format!("{path}/bin/python");
    let quiet = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    command(python, &[&quiet[..], &PYTHON].concat()).context("cannot fetch smpmgr with pip")?;
    let [name, version] = RUST;
    let install = [
        "install",
        name,
        "--version",
        version,
        "--locked",
        "--no-default-features",
        "--quiet",
        "--root",
        path,
    ];
    command(cargo_program(), &install).context("cannot fetch mcumgrctl with cargo")
}
