//! A scratch environment with the other engines.

use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The versions that are installed. Each alone: one that is not to be had leaves the others.
const PACKAGES: &[&str] = &[
    "numpy==2.4.6 onnx==1.23.2",
    "onnxruntime==1.32.0",
    "openvino==2026.4.1",
    "ncnn==1.0.20261020",
    "ai-edge-litert==2.3.0",
];

/// Makes the environment, or takes the one of before; answers with its Python.
pub fn environment(python: &Path) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join("atelier-bench-generator-environment");
    let inside = folder.join("bin/python");
    if !inside.exists() {
        run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    }
    for packages in PACKAGES {
        let mut command = Command::new(&inside);
        command.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ]);
        if let Err(error) = run(command.args(packages.split(' '))) {
            // The engine will be named as missing.
            eprintln!("{packages}: {error:#}");
        }
    }
    Ok(inside)
}

fn run(command: &mut Command) -> Result<()> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("{program} does not run"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    bail!(
        "{}",
        said.trim().lines().last().unwrap_or("failed").to_owned()
    )
}
