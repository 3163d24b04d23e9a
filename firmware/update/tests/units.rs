//! The units of updates are understood by systemd, and locked in.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Exposure above which a unit is not accepted, in tenths; 0 is none, 100 is all.
const EXPOSURE: &str = "19";

fn units() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../board/common/units");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut units: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    // The show's own unit is looked at elsewhere.
    let ours = ["boot", "update", "confirm", "trial", "night", "usb"];
    units.retain(|unit| {
        let name = unit.file_name().unwrap().to_str().unwrap();
        let name = name.strip_prefix("sfumato-").unwrap_or_default();
        ours.iter().any(|ours| name.starts_with(ours))
    });
    units.sort();
    units
}

/// What systemd's own judge says; none where it is not installed.
fn analyze(arguments: &[&str], units: &[PathBuf]) -> Option<Output> {
    let output = Command::new("systemd-analyze")
        .args(arguments)
        .args(units)
        .output();
    if output.is_err() {
        println!("skipped: systemd-analyze is not installed (apt install systemd)");
    }
    output.ok()
}

fn text(output: &Output) -> String {
    let said = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&said).into_owned()
}

#[test]
fn every_service_is_locked_in() {
    let services = units()
        .into_iter()
        .filter(|unit| unit.extension().is_some_and(|kind| kind == "service"));
    let services: Vec<PathBuf> = services.collect();
    assert_eq!(services.len(), 6);
    for service in services {
        let threshold = format!("--threshold={EXPOSURE}");
        let arguments = ["security", "--offline=yes", "--no-pager", &threshold];
        let Some(output) = analyze(&arguments, std::slice::from_ref(&service)) else {
            return;
        };
        let said = text(&output);
        assert!(output.status.success(), "{}: {said}", service.display());
        println!("{}", said.lines().last().unwrap_or_default());
    }
}

#[test]
fn every_unit_is_understood() {
    let units = units();
    assert_eq!(units.len(), 10);
    let Some(output) = analyze(&["verify", "--man=no", "--recursive-errors=no"], &units) else {
        return;
    };
    // The program is not installed where tests run.
    let said = text(&output);
    let odd: Vec<&str> = said
        .lines()
        .filter(|line| {
            line.contains("sfumato") && !line.contains("/usr/bin/sfumato-update is not executable")
        })
        .collect();
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}
