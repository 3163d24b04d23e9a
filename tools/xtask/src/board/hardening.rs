//! How much of the system a service could reach, by systemd's own measure.

use crate::prerequisites::runs;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Services of ours must stay below this, of 10.
pub const LIMIT: f64 = 2.0;

/// Whether the measure can be taken here (systemd 250 or later).
pub fn measurable() -> bool {
    runs("systemd-analyze", &["security", "--help"])
        && Command::new("systemd-analyze")
            .args(["security", "--help"])
            .output()
            .is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("--offline"))
}

/// systemd's exposure level of `unit`, 0 to 10, less is better, as it and its drop-ins lie under `root`.
pub fn exposure(root: &Path, unit: &str) -> Result<f64> {
    let output = Command::new("systemd-analyze")
        .args(["security", "--offline=yes", "--no-pager", "--root"])
        .arg(root)
        .arg(unit)
        .env("LC_ALL", "C")
        .current_dir("/")
        .output()
        .context("cannot run systemd-analyze")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let level = text.lines().rev().find_map(|line| {
        let (_, behind) = line.split_once(&format!("exposure level for {unit}: "))?;
        behind.split_whitespace().next()?.parse().ok()
    });
    match level {
        Some(level) if output.status.success() => Ok(level),
        _ => bail!(
            "systemd-analyze tells nothing of {unit}:\n{text}{}",
            String::from_utf8_lossy(&output.stderr)
        ),
    }
}
