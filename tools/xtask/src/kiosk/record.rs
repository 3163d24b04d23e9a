//! `docs/proved.md`: what the last recorded run of the virtual kiosk saw.

use super::prepare::Prepared;
use super::{Finding, Options};
use anyhow::{Context, Result};
use std::fmt::Write as _;

const PAGE: &str = "docs/proved.md";

/// Writes the page.
pub fn write(findings: &[Finding], prepared: &Prepared, options: &Options) -> Result<()> {
    std::fs::write(PAGE, page(findings, prepared, options))
        .with_context(|| format!("cannot write {PAGE}"))
}

fn page(findings: &[Finding], prepared: &Prepared, options: &Options) -> String {
    let mut text = String::from(
        "# What the virtual kiosk proved\n\n\
         The real image of the board `qemu-x86_64` in an emulated PC: its firmware, boot loader, kernel, camera driver (vivid),\n\
         display driver (virtio-gpu) and serial port are real, its processor is emulated. Function is judged, not speed: times\n\
         here are an emulator's, many times a real board's. Written by\n\n\
         ```sh\ncargo xtask kiosk-test --record\n```\n\n",
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "Image of version {}, {:.0} MB compressed; {} cuts, seed {}.\n",
        prepared.scene.version, prepared.compressed_megabytes, options.cuts, options.seed
    );
    text.push_str("| what must hold | held | what was seen |\n|---|---|---|\n");
    for finding in findings {
        let (held, seen) = match &finding.outcome {
            Ok(seen) => ("yes", seen),
            Err(error) => ("**no**", error),
        };
        let seen = seen.replace('|', "/").replace('\n', " ");
        let _ = writeln!(
            text,
            "| {} | {held} | {seen} ({} s) |",
            finding.claim, finding.seconds
        );
    }
    text
}
