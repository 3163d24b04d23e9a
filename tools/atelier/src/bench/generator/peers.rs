//! The other engines: a Python process that takes turns when told.

use crate::bench::python::Process;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the process runs; a file of its own so that anybody can run it.
const SCRIPT: &str = include_str!("peers.py");

/// The versions that are installed.
pub const PACKAGES: &[&str] = &[
    "numpy==2.4.6 onnx==1.23.2",
    "onnxruntime==1.32.0",
    "openvino==2026.4.1",
    "ncnn==1.0.20261020",
    "ai-edge-litert==2.3.0",
];

/// How far an engine may be from ours, in parts of the outputs' size: what eight bits cost a
/// network with weights by chance is a twentieth, what a wrong conversion costs is all.
const FAR: f64 = 0.25;

/// The engines that are there, and why others are not.
pub struct Peers {
    process: Option<Process>,
    /// Their numbers in the process, and their names with versions.
    ready: Vec<(usize, String)>,
    missing: Vec<(String, String)>,
    folder: PathBuf,
}

impl Peers {
    /// Starts the process on a network quantised and in floats; whatever fails is noted as missing.
    pub fn start(python: &Path, files: [&[u8]; 2], input: &[f32]) -> Peers {
        let folder = std::env::temp_dir().join(format!("atelier-bench-{}", std::process::id()));
        let mut peers = Peers {
            process: None,
            ready: Vec::new(),
            missing: Vec::new(),
            folder,
        };
        if let Err(error) = peers.open(python, files, input) {
            let cause = format!("{error:#}; `--install` makes an environment that has them");
            peers.missing.push(("all in Python".to_owned(), cause));
        }
        peers
    }

    fn open(&mut self, python: &Path, files: [&[u8]; 2], input: &[f32]) -> Result<()> {
        std::fs::create_dir_all(&self.folder)
            .with_context(|| format!("{} cannot be made", self.folder.display()))?;
        let input: Vec<u8> = input.iter().flat_map(|value| value.to_le_bytes()).collect();
        let names = ["integer.onnx", "float.onnx", "input.f32"].map(|name| self.folder.join(name));
        for (name, bytes) in names.iter().zip([files[0], files[1], &input]) {
            std::fs::write(name, bytes)
                .with_context(|| format!("{} cannot be written", name.display()))?;
        }
        let mut command = Command::new(python);
        command.args(["-c", SCRIPT]).args(&names).arg(&self.folder);
        let mut process = Process::start(command.env("OMP_NUM_THREADS", "1"))?;
        let mut number = 0;
        loop {
            let Some(line) = process.line()? else {
                bail!("{}", process.complaint());
            };
            // Engines print lines of their own.
            let Ok(line) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            if line["ready"] == true {
                break;
            }
            let name = line["engine"].as_str().unwrap_or_default().to_owned();
            if let Some(cause) = line["missing"].as_str() {
                self.missing.push((name, cause.to_owned()));
            } else {
                let version = line["version"].as_str().unwrap_or_default();
                // Without what some add of where they were built.
                let version = version.split('-').next().unwrap_or_default();
                self.ready.push((number, format!("{name} {version}")));
                number += 1;
            }
        }
        process.ignore_complaints();
        self.process = Some(process);
        Ok(())
    }

    /// Leaves out the engines whose outputs are not those expected.
    pub fn agree(&mut self, expected: &[f32]) {
        let mut agreed = Vec::new();
        for (number, name) in self.ready.drain(..) {
            match far(&self.folder.join(format!("{number}.f32")), expected) {
                Ok(far) if far < FAR => agreed.push((number, name)),
                Ok(far) => self.missing.push((
                    name,
                    format!("computes something else ({far:.2} of the outputs' size)"),
                )),
                Err(error) => self.missing.push((name, format!("{error:#}"))),
            }
        }
        self.ready = agreed;
    }

    /// The engines that take turns.
    pub fn names(&self) -> Vec<String> {
        self.ready.iter().map(|(_, name)| name.clone()).collect()
    }

    /// The engines that are not measured, and why.
    pub fn missing(&self) -> Vec<(String, String)> {
        self.missing.clone()
    }

    /// CPU milliseconds of one of `turns` runs of an engine, by its place among the names.
    pub fn turn(&mut self, place: usize, turns: u32) -> Result<f64> {
        let (number, name) = &self.ready[place];
        let process = self.process.as_mut().context("no engine is there")?;
        process.tell(&format!("{number} {turns}"))?;
        loop {
            let line = process
                .line()?
                .with_context(|| format!("{name} has ended the process"))?;
            if let Ok(milliseconds) = line.trim().parse() {
                return Ok(milliseconds);
            }
        }
    }
}

impl Drop for Peers {
    fn drop(&mut self) {
        // It may still read what lies there.
        self.process = None;
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The root of the mean square of the differences, in parts of what is expected.
fn far(file: &Path, expected: &[f32]) -> Result<f64> {
    let bytes =
        std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let (found, _) = bytes.as_chunks();
    if found.len() != expected.len() {
        bail!(
            "gives {} numbers instead of {}",
            found.len(),
            expected.len()
        );
    }
    let (mut noise, mut signal) = (0.0, f64::MIN_POSITIVE);
    for (&found, &expected) in found.iter().zip(expected) {
        noise += (f64::from(f32::from_le_bytes(found)) - f64::from(expected)).powi(2);
        signal += f64::from(expected).powi(2);
    }
    Ok((noise / signal).sqrt())
}
