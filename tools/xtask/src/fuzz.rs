//! Fuzz targets: all of them for about a minute, from committed seeds and a corpus that is kept.
//!
//! The stable compiler can count what code runs, and libFuzzer comes as a package: no other toolchain
//! and no tool is installed. The crates forbid unsafe code, so counting is enough; there is no
//! address sanitizer.
//!
//! The corpus lies in the cache, `fuzz/TARGET`, and inputs that break a promise in `fuzz/findings`: they are tried
//! again until they are mended. Offline with nothing fetched the step is skipped aloud; where `CI` is set
//! it fails instead.

use crate::steps::{cargo_with, step};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use xtask::workspace::{Workspace, cargo as cargo_program};
use xtask::{cache, prerequisites};

/// The package, and its only program.
const PACKAGE: &str = "sfumato-fuzz";
/// A folder for each target.
const SEEDS: &str = "tests/fuzz/seeds";

/// Seconds that all targets take together, and that each takes at least.
const ALL: u64 = 60;
const LEAST: u64 = 5;

/// Bytes of the longest input.
const LONGEST: usize = 4096;
/// Inputs kept of a target; with more, only those are kept that reach what no other does.
const KEPT: usize = 3000;

/// What `cargo fuzz` gives the compiler, without a sanitizer.
const COUNTED: &str = "-Cpasses=sancov-module \
    -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Builds the targets and runs each for its share of the minute.
pub fn run() -> Result<()> {
    step("fuzz", || {
        let host = host()?;
        if !prerequisites::available(prerequisites::FUZZING)? {
            println!("   SKIPPED: libFuzzer cannot be built");
            return Ok(());
        }
        if !fetched(&host) {
            let why = "libFuzzer is not here yet and cannot be fetched; go online";
            if prerequisites::continuous_integration() {
                bail!("{why}");
            }
            println!("   SKIPPED: {why}");
            return Ok(());
        }
        let program = build(&host)?;
        let targets = targets()?;
        let seconds = (ALL / targets.len() as u64).max(LEAST);
        let mut found: Vec<Finding> = Vec::new();
        for name in &targets {
            let target = Target::new(&program, name)?;
            found.extend(target.known_findings()?);
            target.thin_out()?;
            let new = target.fuzz(seconds)?;
            // libFuzzer names inputs by their content.
            found.extend(new.filter(|new| found.iter().all(|known| known.input != new.input)));
        }
        ensure!(found.is_empty(), "{}", told(&found));
        Ok(())
    })
}

/// The names of all targets.
fn targets() -> Result<Vec<String>> {
    let folders = files(Path::new(SEEDS))?;
    let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.to_owned());
    let names: Vec<String> = folders.iter().filter_map(name).collect();
    ensure!(!names.is_empty(), "there is no target in {SEEDS}");
    Ok(names)
}

/// What the compiler calls this machine.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output();
    let output = output.context("cannot run rustc")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc does not say its host")?.to_owned())
}

/// Whether all packages are here, fetched by now if need be.
fn fetched(host: &str) -> bool {
    let feature = format!("{PACKAGE}/libfuzzer");
    prerequisites::runs(
        &cargo_program(),
        &[
            "metadata",
            "--locked",
            "--format-version=1",
            "--filter-platform",
            host,
            "--features",
            &feature,
        ],
    )
}

/// The program with all targets.
fn build(host: &str) -> Result<PathBuf> {
    cargo_with(
        &[
            "build",
            "--locked",
            "--package",
            PACKAGE,
            "--features",
            "libfuzzer",
            // Named, so that programs that run while it is built do not count.
            "--target",
            host,
        ],
        &[("RUSTFLAGS", COUNTED)],
    )?;
    let target = Workspace::members()?.target_directory;
    Ok(target.join(host).join("debug").join(PACKAGE))
}

/// A target and its folders.
struct Target<'a> {
    program: &'a Path,
    name: &'a str,
    seeds: PathBuf,
    corpus: PathBuf,
    findings: PathBuf,
}

/// An input that breaks a promise.
struct Finding {
    target: String,
    input: PathBuf,
}

impl Target<'_> {
    fn new<'a>(program: &'a Path, name: &'a str) -> Result<Target<'a>> {
        let folder = cache::folder().join("fuzz");
        let target = Target {
            program,
            name,
            seeds: Path::new(SEEDS).join(name),
            corpus: folder.join(name),
            findings: folder.join("findings"),
        };
        for folder in [&target.corpus, &target.findings] {
            fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        Ok(target)
    }

    fn finding(&self, input: PathBuf) -> Finding {
        Finding {
            target: self.name.to_owned(),
            input,
        }
    }

    /// Runs the program; whether it ended well, and what it said.
    fn command(&self, arguments: &[&str], paths: &[&Path]) -> Result<(bool, String)> {
        let output = Command::new(self.program)
            .env("SFUMATO_FUZZ", self.name)
            .args(arguments)
            .args(["-timeout=10", "-rss_limit_mb=2048"])
            .arg(format!("-max_len={LONGEST}"))
            .args(paths)
            .output()
            .with_context(|| format!("cannot run {}", self.program.display()))?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((output.status.success(), said))
    }

    /// Inputs that were found before and still break a promise; the others join the corpus.
    fn known_findings(&self) -> Result<Vec<Finding>> {
        let mut still = Vec::new();
        for input in self.all_findings()? {
            let (good, said) = self.command(&[], &[&input])?;
            if good {
                let name = input.file_name().unwrap_or_default();
                fs::rename(&input, self.corpus.join(name))?;
                println!("   {}: {} is mended", self.name, input.display());
            } else {
                println!("{}", tail(&said));
                still.push(self.finding(input));
            }
        }
        Ok(still)
    }

    fn all_findings(&self) -> Result<Vec<PathBuf>> {
        let mut inputs = files(&self.findings)?;
        let prefix = format!("{}-", self.name);
        inputs.retain(|path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with(&prefix)
        });
        Ok(inputs)
    }

    /// Makes a corpus small that has grown large.
    fn thin_out(&self) -> Result<()> {
        let before = files(&self.corpus)?.len();
        if before <= KEPT {
            return Ok(());
        }
        let thin = self.corpus.with_extension("thin");
        // Left behind where this was interrupted.
        let _ = fs::remove_dir_all(&thin);
        fs::create_dir_all(&thin)?;
        let (good, said) = self.command(&["-merge=1"], &[&thin, &self.corpus])?;
        if !good {
            // Its inputs are only worth minutes of a processor.
            println!(
                "   {}: the corpus cannot be merged and is begun anew\n{}",
                self.name,
                tail(&said)
            );
        }
        fs::remove_dir_all(&self.corpus)?;
        fs::rename(&thin, &self.corpus)?;
        let mut kept = files(&self.corpus)?;
        kept.sort_by_key(|path| path.metadata().map_or(0, |data| data.len()));
        for longest in kept.split_off(kept.len().min(KEPT / 2)) {
            fs::remove_file(longest)?;
        }
        println!(
            "   {}: {before} inputs thinned out to {}",
            self.name,
            kept.len()
        );
        Ok(())
    }

    /// Lets libFuzzer try; what it finds is in the folder of findings.
    fn fuzz(&self, seconds: u64) -> Result<Option<Finding>> {
        let prefix = self.findings.join(format!("{}-", self.name));
        let (good, said) = self.command(
            &[
                "-print_final_stats=1",
                &format!("-max_total_time={seconds}"),
                &format!("-artifact_prefix={}", prefix.display()),
            ],
            &[&self.corpus, &self.seeds],
        )?;
        let kept = files(&self.corpus)?.len();
        let tried = statistic(&said, "number_of_executed_units").unwrap_or(0);
        println!("   {}: {tried} inputs tried, {kept} kept", self.name);
        if good {
            // A program that counts nothing would learn nothing, and look well.
            ensure!(
                kept > 1,
                "{}: nothing was learned:\n{}",
                self.name,
                tail(&said)
            );
            return Ok(None);
        }
        println!("{}", tail(&said));
        match written(&said) {
            Some(input) => Ok(Some(self.finding(input))),
            None => bail!("{}: libFuzzer failed and left no input", self.name),
        }
    }
}

/// What to do about findings.
fn told(findings: &[Finding]) -> String {
    let mut text = String::from("inputs that break a promise; to see one again:");
    for Finding { target, input } in findings {
        text += &format!(
            "\n    cargo run -p {PACKAGE} -- {target} '{}'",
            input.display()
        );
    }
    text + "\nThey are tried with every run until they are mended; then put a short one into the target's seeds"
}

/// The files, or folders, in a folder, by name.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .collect::<Result<Vec<_>, _>>()?
        .iter()
        .map(|entry| entry.path())
        .collect();
    paths.sort();
    Ok(paths)
}

/// The number that libFuzzer gives at its end.
fn statistic(said: &str, name: &str) -> Option<u64> {
    let line = said
        .lines()
        .find_map(|line| line.strip_prefix("stat::")?.strip_prefix(name))?;
    line.trim_start_matches(':').trim().parse().ok()
}

/// Where libFuzzer says that it has put what it found.
fn written(said: &str) -> Option<PathBuf> {
    let (_, path) = said.rsplit_once("Test unit written to ")?;
    path.lines().next().map(PathBuf::from)
}

/// The last lines, in which a panic and its input are told.
fn tail(said: &str) -> String {
    const LINES: usize = 60;
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_found_by_their_whole_name() {
        let said =
            "noise\nstat::number_of_executed_units: 1234\nstat::new_units_added:          7\n";
        assert_eq!(statistic(said, "number_of_executed_units"), Some(1234));
        assert_eq!(statistic(said, "new_units_added"), Some(7));
        assert_eq!(statistic(said, "number"), None);
        assert_eq!(statistic("", "number_of_executed_units"), None);
    }

    #[test]
    fn the_command_to_see_a_finding_again_is_told() {
        let finding = Finding {
            target: "pack".to_owned(),
            input: PathBuf::from("/cache/fuzz/findings/pack-crash-1"),
        };
        let text = told(&[finding]);
        assert!(
            text.contains("cargo run -p sfumato-fuzz -- pack '/cache/fuzz/findings/pack-crash-1'"),
            "{text}"
        );
    }

    #[test]
    fn what_was_found_is_where_libfuzzer_says() {
        let said =
            "x\nartifact_prefix='/c/pack-'; Test unit written to /c/pack-crash-1\nBase64: AA==\n";
        assert_eq!(written(said), Some(PathBuf::from("/c/pack-crash-1")));
        assert_eq!(written("==1== ERROR: libFuzzer: deadly signal"), None);
    }

    #[test]
    fn the_tail_is_the_end() {
        let said: String = (0..100).map(|line| format!("{line}\n")).collect();
        let tail = tail(&said);
        assert!(tail.starts_with("40\n") && tail.ends_with("\n99"), "{tail}");
    }
}
