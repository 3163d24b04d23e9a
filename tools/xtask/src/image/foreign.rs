//! Another processor's programs, run here by an emulator that the kernel calls: Debian's packages for arm64 are set up by
//! their own scripts.
//!
//! Where systemd runs it has told the kernel already; a container has to do it itself (Linux, `admin-guide/binfmt-misc`).

use crate::package;
use anyhow::{Context, Result};
use std::path::Path;
use std::process::Command;
use xtask::board::Architecture;
use xtask::prerequisites;

/// Where the kernel is told.
const FOLDER: &str = "/proc/sys/fs/binfmt_misc";
/// How Debian's package describes the programs.
const DESCRIPTION: &str = "/usr/lib/binfmt.d/qemu-aarch64.conf";

/// Sees to it that programs of a board's architecture run here.
///
/// # Errors
/// The emulator is missing, or the kernel may not be told.
pub fn allow(architecture: Architecture) -> Result<()> {
    if architecture == package::here() {
        return Ok(());
    }
    anyhow::ensure!(
        architecture == Architecture::Arm64,
        "images for amd64 are made on amd64"
    );
    prerequisites::ensure(&[prerequisites::IMAGES_ARM64])?;
    let told = || Path::new(FOLDER).join("qemu-aarch64").exists();
    if told() {
        return Ok(());
    }
    let cure = "run as root on a machine of your own: mount -t binfmt_misc none /proc/sys/fs/binfmt_misc; \
                systemctl restart systemd-binfmt";
    let register = Path::new(FOLDER).join("register");
    if !register.exists() {
        let mounted = Command::new("mount")
            .args(["-t", "binfmt_misc", "none", FOLDER])
            .status();
        anyhow::ensure!(
            mounted.is_ok_and(|status| status.success()),
            "the kernel cannot be told how to run programs for arm64; {cure}"
        );
    }
    if told() {
        return Ok(());
    }
    let text = std::fs::read_to_string(DESCRIPTION)
        .with_context(|| format!("cannot read {DESCRIPTION}; install qemu-user-static"))?;
    let line = text.lines().find(|line| line.starts_with(':'));
    let line = line.with_context(|| format!("{DESCRIPTION} describes nothing"))?;
    std::fs::write(&register, line)
        .with_context(|| format!("the kernel refuses how to run programs for arm64; {cure}"))
}
