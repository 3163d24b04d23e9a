//! `cargo xtask kiosk-test`: the real image in an emulator, put through what happens to a portrait in a museum.
//!
//! - [`machine`]: the kiosk; [`qmp`], [`line`], [`hand`]: the emulator, the serial line, a hand inside.
//! - [`scene`]: images, updates, sticks, visitors. [`picture`]: what screens show.
//! - [`checks`]: what must hold. Each leaves its screenshots, console logs and the serial transcript in `target/kiosk/BOARD/run`.

mod checks;
mod hand;
mod line;
mod machine;
mod picture;
mod prepare;
mod qmp;
mod record;
mod scene;

use crate::steps::step;
use anyhow::{Result, bail};
use checks::CHECKS;
use machine::Machine;
use std::time::Instant;
use xtask::prerequisites;

/// What the user asked for.
#[derive(Debug)]
pub struct Options {
    /// Whose image; it must be one of the emulator's boards.
    pub board: String,
    /// Checks by name; all of them when none is named.
    pub names: Vec<String>,
    /// How many power cuts.
    pub cuts: u32,
    /// Random moments of the cuts.
    pub seed: u64,
    /// Write `docs/proved.md`.
    pub record: bool,
    /// Ready packages instead of building them.
    pub packages: Option<std::path::PathBuf>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            board: "qemu-x86_64".into(),
            names: Vec::new(),
            cuts: 20,
            seed: 2024,
            record: false,
            packages: None,
        }
    }
}

/// The kiosk as it is tried before a change lands: the checks that take a minute at most.
///
/// Skips aloud where the machine cannot.
pub fn test() -> Result<()> {
    if !root_user() {
        println!("   skipped: an image's files can be given their owners by root alone");
        return Ok(());
    }
    if !prerequisites::runs("unshare", &["--mount", "true"]) {
        println!("   skipped: nothing may be mounted here, as is done to set Debian's packages up");
        return Ok(());
    }
    for list in [prerequisites::IMAGES, prerequisites::EMULATION] {
        if !prerequisites::available(list)? {
            println!("   skipped: no virtual kiosk was started");
            return Ok(());
        }
    }
    run(&Options {
        names: CHECKS
            .iter()
            .filter(|check| check.is_short)
            .map(|check| check.name.to_owned())
            .collect(),
        ..Options::default()
    })
}

fn root_user() -> bool {
    std::process::Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// What a check ended with.
#[derive(Debug)]
pub struct Finding {
    /// What must hold.
    pub claim: &'static str,
    /// What was seen, or what went wrong.
    pub outcome: Result<String, String>,
    /// Seconds it took.
    pub seconds: u64,
}

/// Runs the checks on one kiosk, one after the other.
pub fn run(options: &Options) -> Result<()> {
    for name in &options.names {
        if !CHECKS.iter().any(|check| check.name == name) {
            let known: Vec<&str> = CHECKS.iter().map(|check| check.name).collect();
            bail!(
                "there is no check {name:?}; there are: {}",
                known.join(", ")
            );
        }
    }
    let prepared = prepare::prepare(options)?;
    let folder = prepared.folder.join("run");
    crate::image::tools::clear(&folder)?;
    let mut machine = Machine::new(prepared.platform, &prepared.disk, &prepared.rig, &folder)?;
    let mut findings = Vec::new();
    let chosen = |name: &str| {
        // Every other check needs a kiosk that has started.
        name == "start"
            || options.names.is_empty()
            || options.names.iter().any(|wanted| wanted == name)
    };
    for check in CHECKS.iter().filter(|check| chosen(check.name)) {
        let start = Instant::now();
        let outcome = step(&format!("{}: {}", check.name, check.claim), || {
            let outcome = (check.run)(&mut machine, &prepared.scene);
            match &outcome {
                Ok(seen) => println!("   {seen}"),
                Err(error) => println!("   FAILED: {error:#}"),
            }
            Ok(outcome)
        })?;
        if outcome.is_err() {
            // What helps to find out why.
            let _ = machine.screenshot(&format!("failed-{}", check.name));
            if let Ok(hand) = machine.hand() {
                let journal = hand.try_run("journalctl -b --no-pager | tail -n 400; systemctl --failed --no-pager; cat /run/sfumato-update/state.json");
                if let Ok((text, _)) = journal {
                    std::fs::write(folder.join(format!("failed-{}.journal", check.name)), text)?;
                }
            }
        }
        let failed = outcome.is_err();
        findings.push(Finding {
            claim: check.claim,
            outcome: outcome.map_err(|error| format!("{error:#}")),
            seconds: start.elapsed().as_secs(),
        });
        if failed {
            if check.name == "start" {
                break;
            }
            // The next one finds a kiosk that has just started.
            machine.power_cut()?;
            if let Err(error) = prepared.scene.wait_for_pictures(&mut machine, scene::START) {
                println!("   it does not come back: {error:#}");
                break;
            }
        }
    }
    machine.power_off();
    let failed = findings
        .iter()
        .filter(|finding| finding.outcome.is_err())
        .count();
    if options.record {
        record::write(&findings, &prepared, options)?;
    }
    if failed > 0 {
        bail!(
            "{failed} of {} checks failed; logs and screenshots: {}",
            findings.len(),
            folder.display()
        );
    }
    println!(
        "── {} checks passed; screenshots and logs: {}",
        findings.len(),
        folder.display()
    );
    Ok(())
}
