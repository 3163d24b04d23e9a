//! Whole-system tests: the closed loop, replays of recorded visitors, the dependency table.
//!
//! This library holds what several of them need: the built-in painting as a small pack, a run
//! of the device program, and figures on series of numbers.

#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use clap::Parser as _;
use serde_json::Value;
use sfumato::options::{Command, CommandLine};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

/// The built-in painting, painted small and prepared, kept for as long as its code is the same.
///
/// `scratch` is a folder to keep it in. Needs the face models.
pub fn built_in_pack(scratch: &Path) -> Result<PathBuf> {
    // Tests of one program run at the same time: one paints, the others wait.
    static PAINTING: Mutex<()> = Mutex::new(());
    let _painting = PAINTING.lock().unwrap_or_else(PoisonError::into_inner);
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let made_by =
        ["firmware", "tools/prepare/src", "tools/atelier/src"].map(|part| root.join(part));
    let made_by: Vec<&Path> = made_by.iter().map(PathBuf::as_path).collect();
    let key = xtask::cache::key(&made_by)?;
    let pack = scratch.join(format!("small-{key}.pack"));
    if pack.exists() {
        return Ok(pack);
    }
    let painting = scratch.join(format!("small-{key}.png"));
    let text = |path: &Path| path.to_str().map(str::to_owned).context("not UTF-8");
    // Written under another name first: several test programs may be at it.
    let unfinished = scratch.join(format!("small-{key}-{}.pack", std::process::id()));
    atelier(&["paint", "--size", "600x800", "-o", &text(&painting)?])?;
    atelier(&["prepare", &text(&painting)?, "-o", &text(&unfinished)?])?;
    std::fs::rename(&unfinished, &pack)?;
    Ok(pack)
}

/// Runs the host tool in this process.
pub fn atelier(arguments: &[&str]) -> Result<()> {
    let line = ["atelier"].iter().chain(arguments);
    atelier::run(atelier::Arguments::try_parse_from(line)?)
}

/// Runs the device program in this process and returns its report.
pub fn sfumato(arguments: &[&str], report: &Path) -> Result<Value> {
    let report_text = report.to_str().context("not UTF-8")?;
    let line = ["sfumato", "run", "--report", report_text];
    let line = line.iter().chain(arguments);
    let Command::Run(options) = CommandLine::try_parse_from(line)?.command else {
        unreachable!("run was asked for");
    };
    sfumato::run::run(&options, &AtomicBool::new(false))?;
    Ok(serde_json::from_slice(&std::fs::read(report)?)?)
}

/// The device program's file, built if need be.
///
/// Built together with its sister programs, as `cargo xtask` does, so that nothing is compiled twice.
pub fn sfumato_program() -> Result<PathBuf> {
    let packages = ["sfumato", "atelier", "sfumato-models"];
    let status = std::process::Command::new(xtask::workspace::cargo())
        .args(["build", "--quiet", "--locked"])
        .args(packages.iter().flat_map(|package| ["--package", package]))
        .status()?;
    anyhow::ensure!(status.success(), "cargo build failed");
    let target = xtask::workspace::Workspace::members()?.target_directory;
    Ok(target.join("debug/sfumato"))
}

/// The folder of recorded visitors; where it is absent, or ffmpeg is, this says so.
pub fn recordings() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/media");
    if !folder.join("reference.json").exists() {
        println!("skipped: no recordings in {}", folder.display());
        return None;
    }
    let ffmpeg = std::process::Command::new("ffmpeg")
        .arg("-version")
        .output();
    if ffmpeg.is_err() {
        println!("skipped: ffmpeg is not installed, so films cannot be read");
        return None;
    }
    Some(folder)
}

/// One number of the motion of every shown frame.
pub fn track(report: &Value, name: &str) -> Result<Vec<f64>> {
    let frames = report["motion"].as_array().context("no motion")?;
    let number = |frame: &Value| frame[name].as_f64().with_context(|| name.to_owned());
    frames.iter().map(number).collect()
}

/// Pearson's correlation; zero where either series does not move.
pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let count = a.len().min(b.len()) as f64;
    let mean = |series: &[f64]| series.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - mean_a) * (y - mean_b);
        aa += (x - mean_a).powi(2);
        bb += (y - mean_b).powi(2);
    }
    if aa <= 0.0 || bb <= 0.0 {
        return 0.0;
    }
    ab / (aa * bb).sqrt()
}

/// The best correlation with `answer` up to `most` frames late, and how late it is.
pub fn best_lag(truth: &[f64], answer: &[f64], most: usize) -> (f64, usize) {
    (0..=most.min(truth.len().saturating_sub(1)))
        .map(|lag| {
            (
                correlation(&truth[..truth.len() - lag], &answer[lag..]),
                lag,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((0.0, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn correlation_knows_alike_from_opposite() {
        let a = [1.0, 2.0, 3.0, 2.0];
        let opposite: Vec<f64> = a.iter().map(|x| -2.0 * x).collect();
        assert!((correlation(&a, &a) - 1.0).abs() < 1e-12);
        assert!((correlation(&a, &opposite) + 1.0).abs() < 1e-12);
        assert_eq!(correlation(&a, &[5.0; 4]), 0.0);
    }

    #[test]
    fn a_late_answer_is_found_out() {
        let truth: Vec<f64> = (0..100).map(|i| f64::from(i * i % 37)).collect();
        let mut answer = vec![0.0; 3];
        answer.extend(&truth[..97]);
        assert_eq!(best_lag(&truth, &answer, 5).1, 3);
    }
}
