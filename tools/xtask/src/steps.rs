//! Running commands so that a person sees what happens and how long it took.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The project's root folder.
pub fn root() -> Result<PathBuf> {
    // Told by Cargo when it runs us; the compiled-in path serves a binary started by hand.
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .context("the project's folder is gone")
}

/// Announces a step, runs it, says how long it took.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("── {title}");
    let start = Instant::now();
    let result = work()?;
    println!("   done in {:.1} s", start.elapsed().as_secs_f32());
    Ok(result)
}

/// Runs a command in the project's root; its failure is ours.
pub fn command(program: impl AsRef<Path>, arguments: &[&str]) -> Result<()> {
    with_environment(program, arguments, &[])
}

/// Runs a command with more environment.
pub fn with_environment(
    program: impl AsRef<Path>,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> Result<()> {
    let program = program.as_ref();
    let shown = program.file_name().unwrap_or(program.as_os_str());
    println!("   $ {} {}", shown.to_string_lossy(), arguments.join(" "));
    let status = own_environment(Command::new(program))
        .args(arguments)
        .envs(environment.iter().copied())
        .status()
        .with_context(|| format!("cannot run {}", program.display()))?;
    if !status.success() {
        bail!(
            "`{} {}` failed",
            shown.to_string_lossy(),
            arguments.join(" ")
        );
    }
    Ok(())
}

/// Takes away what Cargo set for us alone, so that nothing is built again because of it.
fn own_environment(mut command: Command) -> Command {
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_")
            || text == "CARGO_MANIFEST_DIR"
            || text == "CARGO_MANIFEST_PATH"
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs cargo.
pub fn cargo(arguments: &[&str]) -> Result<()> {
    command(xtask::workspace::cargo(), arguments)
}

/// Runs cargo with more environment.
pub fn cargo_with(arguments: &[&str], environment: &[(&str, &str)]) -> Result<()> {
    with_environment(xtask::workspace::cargo(), arguments, environment)
}
