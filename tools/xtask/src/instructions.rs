//! The integer engine's instructions: counted, and compared with the record.
//!
//! Unlike time, a count is the same on a busy machine and on an idle one. Valgrind counts; it knows no AVX-512, so
//! what is counted is the AVX2 kernels. A compiler makes its own machine code: counts of another one are
//! shown and not judged.

use crate::steps::{cargo, step};
use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::prerequisites;
use xtask::workspace::Workspace;

/// The package that is counted, and the example in it that runs networks.
pub const PACKAGE: &str = "sfumato-engine";
pub const PROGRAM: &str = "count";
/// What is on record.
const RECORD: &str = "firmware/engine/instructions.toml";
/// The kernels that are counted.
const INSTRUCTIONS: &str = "avx2";

/// The networks that are counted, and what their last counts were.
#[derive(Debug, Deserialize)]
pub struct Record {
    /// The compiler they were counted with, as `rustc --version` says it.
    compiler: String,
    /// How far a count may be off, in either direction, in percent.
    tolerance: f64,
    /// By name, as the program knows them.
    pub networks: Vec<Network>,
}

/// One of them.
#[derive(Debug, Deserialize)]
pub struct Network {
    name: String,
    /// Instructions of one run.
    count: u64,
    /// What the program must print for its output, on every processor.
    check_sum: String,
}

/// Reads what is on record.
pub fn read() -> Result<Record> {
    let text = std::fs::read_to_string(RECORD).with_context(|| format!("cannot read {RECORD}"))?;
    toml::from_str(&text).with_context(|| format!("{RECORD} is not as it should be"))
}

/// Compares with the record. Skips aloud where this machine cannot count.
pub fn check() -> Result<()> {
    step("instructions", || {
        let record = read()?;
        let Some(counter) = Counter::new()? else {
            return Ok(());
        };
        let compiler = compiler()?;
        let judged = compiler == record.compiler;
        let mut objections = Vec::new();
        for network in &record.networks {
            let count = counter.count(network)?;
            let change = change(network.count, count);
            println!("   {}: {count}, {change:+.2} %", network.name);
            if change.abs() > record.tolerance {
                objections.push(format!(
                    "{}: {} became {count}",
                    network.name, network.count
                ));
            }
        }
        if !judged {
            println!(
                "   not judged: the record is {}'s, this compiler is {compiler}",
                record.compiler
            );
        } else if !objections.is_empty() {
            bail!(
                "more than {} % off:\n  {}\nIf this is meant (fewer is recorded too), run \
                 `cargo xtask instructions` and commit {RECORD}",
                record.tolerance,
                objections.join("\n  ")
            );
        }
        Ok(())
    })
}

/// Counts and puts on record.
pub fn record() -> Result<()> {
    step("instructions", || {
        let record = read()?;
        let Some(counter) = Counter::new()? else {
            bail!("this machine cannot count; nothing was recorded");
        };
        let text = std::fs::read_to_string(RECORD)?;
        let mut text = replaced(&text, &record.compiler, &compiler()?)?;
        for network in &record.networks {
            let count = counter.count(network)?;
            let change = change(network.count, count);
            println!("   {}: {count}, {change:+.2} %", network.name);
            text = replaced(&text, &network.count.to_string(), &count.to_string())?;
        }
        std::fs::write(RECORD, text).with_context(|| format!("cannot write {RECORD}"))
    })
}

/// The text with its only occurrence of a word replaced.
fn replaced(text: &str, old: &str, new: &str) -> Result<String> {
    ensure!(
        text.matches(old).count() == 1,
        "{RECORD} must hold `{old}` exactly once"
    );
    Ok(text.replacen(old, new, 1))
}

/// From one count to another, in percent.
fn change(from: u64, to: u64) -> f64 {
    (to as f64 / from as f64 - 1.0) * 100.0
}

fn compiler() -> Result<String> {
    let output = Command::new("rustc").arg("--version").output();
    let output = output.context("cannot run rustc")?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

impl Network {
    /// Runs it once, by way of another program where there is one.
    ///
    /// Its output must be as ever.
    pub fn run(&self, by: &[&str], program: &Path, instructions: &str) -> Result<()> {
        let mut words = by.iter().map(AsRef::as_ref).chain([program.as_os_str()]);
        let first = words.next().unwrap_or(program.as_os_str());
        let output = Command::new(first)
            .args(words)
            .args([&self.name, instructions, "1"])
            .output()
            .with_context(|| format!("cannot run {}", first.display()))?;
        let said = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "`{PROGRAM}` failed for {}: {}",
            self.name,
            String::from_utf8_lossy(&output.stderr)
        );
        ensure!(
            said.contains(&self.check_sum),
            "{} with {instructions} must end in check sum {} and says: {said}\
             If the example's networks are others now, write the new sum into {RECORD}",
            self.name,
            self.check_sum
        );
        Ok(())
    }
}

/// Runs networks under valgrind.
struct Counter {
    program: PathBuf,
    /// Where valgrind writes.
    out: PathBuf,
}

impl Counter {
    /// Builds the program; none where this machine cannot count.
    fn new() -> Result<Option<Counter>> {
        if !has_instructions() {
            println!("   skipped: this processor has no {INSTRUCTIONS}");
            return Ok(None);
        }
        if !prerequisites::available(prerequisites::COUNTING)? {
            println!("   skipped: nothing was counted");
            return Ok(None);
        }
        let build = ["build", "--release", "--locked", "--package", PACKAGE];
        cargo(&[&build[..], &["--example", PROGRAM]].concat())?;
        let target = Workspace::members()?.target_directory;
        Ok(Some(Counter {
            program: target.join("release/examples").join(PROGRAM),
            out: target.join("callgrind.out"),
        }))
    }

    /// The instructions of one run.
    fn count(&self, network: &Network) -> Result<u64> {
        let out = format!("--callgrind-out-file={}", self.out.display());
        let valgrind = [
            "valgrind",
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=*counted*",
            &out,
        ];
        network.run(&valgrind, &self.program, INSTRUCTIONS)?;
        let text = std::fs::read_to_string(&self.out)
            .with_context(|| format!("valgrind left no {}", self.out.display()))?;
        total(&text).with_context(|| format!("{} has no total", self.out.display()))
    }
}

/// The total in what callgrind writes; none where nothing was counted.
fn total(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("totals:"))?;
    line.trim().parse().ok().filter(|&count| count > 0)
}

#[cfg(target_arch = "x86_64")]
fn has_instructions() -> bool {
    std::is_x86_feature_detected!("avx2")
}

#[cfg(not(target_arch = "x86_64"))]
fn has_instructions() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_go_both_ways() {
        assert!((change(100, 97) + 3.0).abs() < 1e-9);
        assert!((change(100, 103) - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_total_is_found_and_nothing_is_no_total() {
        assert_eq!(total("events: Ir\nsummary: 7\ntotals: 42\n"), Some(42));
        assert_eq!(total("totals: 0\n"), None);
        assert_eq!(total("summary: 7\n"), None);
    }

    #[test]
    fn only_a_single_place_is_replaced() {
        assert!(replaced("count = 1", "1", "2").is_ok_and(|text| text == "count = 2"));
        assert!(replaced("1 1", "1", "2").is_err());
        assert!(replaced("", "1", "2").is_err());
    }
}
