//! `docs/proved.md`: what the last recorded run of the virtual kiosk saw.

use super::checks::CHECKS;
use super::prepare::Prepared;
use super::{Finding, Options};
use anyhow::{Context, Result};
use std::fmt::Write as _;

const PAGE: &str = "docs/proved.md";

/// Writes the page; what did not run keeps the row of its last recorded run.
pub fn write(findings: &[Finding], prepared: &Prepared, options: &Options) -> Result<()> {
    let before = std::fs::read_to_string(PAGE).unwrap_or_default();
    let page = page(findings, &before, prepared, options);
    std::fs::write(PAGE, page).with_context(|| format!("cannot write {PAGE}"))
}

fn page(findings: &[Finding], before: &str, prepared: &Prepared, options: &Options) -> String {
    let mut text = String::from(
        "# What the virtual kiosk proved\n\n\
         The real image of the board `qemu-x86_64` in an emulated PC: its firmware, boot loader, kernel, camera driver (vivid),\n\
         display driver (virtio-gpu) and serial port are real, its processor is emulated. Function is judged, not speed: times\n\
         here are an emulator's, many times a real board's. Written by\n\n\
         ```sh\ncargo xtask kiosk-test --record\n```\n\n\
         which runs every check, or those that are named and leaves the others' rows.\n\n",
    );
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "The image takes {:.0} MB compressed. Power cuts fall at random moments of seed {}.\n",
        prepared.compressed_megabytes, options.seed
    );
    text.push_str("| what must hold | held | what was seen |\n|---|---|---|\n");
    for check in CHECKS {
        let row = match findings.iter().find(|finding| finding.claim == check.claim) {
            Some(finding) => row(finding),
            None => {
                let beginning = format!("| {} |", check.claim);
                let kept = before.lines().find(|line| line.starts_with(&beginning));
                kept.map_or_else(|| format!("{beginning} not run | |"), str::to_owned)
            }
        };
        let _ = writeln!(text, "{row}");
    }
    text
}

fn row(finding: &Finding) -> String {
    let (held, seen) = match &finding.outcome {
        Ok(seen) => ("yes", seen),
        Err(error) => ("**no**", error),
    };
    let seen = seen.replace('|', "/").replace('\n', " ");
    format!(
        "| {} | {held} | {seen} ({} s) |",
        finding.claim, finding.seconds
    )
}
