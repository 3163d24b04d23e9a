//! The integer engine on arm64: cross-compiled, and run by an emulator.
//!
//! Twice: as a processor that has dot products of bytes and as one that has none. The engine's tests are told
//! which instructions must be found, so that they cannot pass by running something simpler.

use crate::instructions;
use crate::steps::{cargo_with, step};
use anyhow::Result;
use std::path::Path;
use xtask::prerequisites;
use xtask::workspace::Workspace;

/// What is emulated.
const TARGET: &str = "aarch64-unknown-linux-gnu";
/// Debian's cross linker, and where its packages put the target's libraries.
const LINKER: &str = "aarch64-linux-gnu-gcc";
const LIBRARIES: &str = "/usr/aarch64-linux-gnu";
const EMULATOR: &str = "qemu-aarch64-static";
/// Networks that each property is tried on: an emulator takes its time.
const CASES: &str = "12";

/// Processors by the emulator's names, and what the engine must choose there.
const PROCESSORS: [(&str, &str); 2] = [("max", "neon with dot products"), ("cortex-a53", "neon")];

/// Lints the engine for arm64 and runs all its tests.
///
/// Skips aloud where the machine cannot.
pub fn run() -> Result<()> {
    step("arm64", || {
        let tools = prerequisites::available(prerequisites::ARM64)?;
        if !tools || !prerequisites::rust_target(TARGET)? {
            println!("   skipped: nothing was run on arm64");
            return Ok(());
        }
        let linker = ("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", LINKER);
        let package = [
            "--locked",
            "--package",
            instructions::PACKAGE,
            "--target",
            TARGET,
        ];
        // No other lint sees the kernels for arm64.
        let lint = [
            &["clippy", "--all-targets"],
            &package[..],
            &["--", "-D", "warnings"],
        ];
        cargo_with(&lint.concat(), &[linker])?;
        let program = Workspace::members()?
            .target_directory
            .join(TARGET)
            .join("debug/examples")
            .join(instructions::PROGRAM);
        for (processor, instructions) in PROCESSORS {
            println!("   as {processor}, which must give: {instructions}");
            let emulator = [EMULATOR, "-cpu", processor, "-L", LIBRARIES];
            cargo_with(
                &[&["test", "--quiet"], &package[..]].concat(),
                &[
                    linker,
                    (
                        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER",
                        &emulator.join(" "),
                    ),
                    ("SFUMATO_INSTRUCTIONS", instructions),
                    ("PROPTEST_CASES", CASES),
                ],
            )?;
            whole_networks(&emulator, &program, instructions)?;
        }
        Ok(())
    })
}

/// Whole networks give the numbers that they give on every other processor.
fn whole_networks(emulator: &[&str], program: &Path, instructions: &str) -> Result<()> {
    let networks = instructions::read()?.networks;
    for network in &networks {
        network.run(emulator, program, instructions)?;
    }
    println!(
        "   {} whole networks end in their check sums",
        networks.len()
    );
    Ok(())
}
