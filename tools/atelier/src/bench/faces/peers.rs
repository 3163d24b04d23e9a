//! Other engines, run by a Python process that answers questions.

use crate::bench::python::{Process, environment};
use anyhow::{Context, bail};
use serde_json::{Map, Value};
use std::path::Path;
use std::process::Command;

/// What loads and times the engines.
const SCRIPT: &str = include_str!("../faces.py");

/// The versions that are installed.
const PACKAGES: &[&str] = &[
    "numpy==2.4.6 onnxruntime==1.32.0",
    "ai-edge-litert==2.3.0",
    "--no-deps mediapipe==0.10.14",
];

/// The process with what it said about itself; without one there are no engines.
pub struct Peers {
    process: Option<Process>,
    about: Value,
    missing: Map<String, Value>,
}

impl Peers {
    /// No other engines were asked for.
    pub fn none() -> Peers {
        let reason = "not asked for; see --python and --install";
        let names = ["onnxruntime", "LiteRT (XNNPACK)"];
        let missing = names.map(|name| (name.to_owned(), reason.into()));
        Peers {
            process: None,
            about: Value::Null,
            missing: missing.into_iter().collect(),
        }
    }

    /// Starts the process for the models `names` in `folder`.
    pub fn start(
        python: Option<&Path>,
        install: bool,
        folder: &Path,
        names: &[&str],
    ) -> anyhow::Result<Peers> {
        let python = python.unwrap_or(Path::new("python3"));
        let python = if install {
            environment("faces", python, PACKAGES)?
        } else {
            python.to_owned()
        };
        let mut command = Command::new(&python);
        let mut process = Process::start(command.args(["-c", SCRIPT]).arg(folder).args(names))?;
        let Some(line) = process.line()? else {
            bail!("{}: {}", python.display(), process.complaint());
        };
        process.ignore_complaints();
        let about: Value = serde_json::from_str(&line)
            .with_context(|| format!("{} gave an unreadable answer", python.display()))?;
        let missing = about["missing"].as_object().cloned().unwrap_or_default();
        Ok(Peers {
            process: Some(process),
            about,
            missing,
        })
    }

    /// Engines that are not there, and why.
    pub fn missing(&self) -> &Map<String, Value> {
        &self.missing
    }

    /// Engines that have loaded a model, with their versions.
    pub fn engines(&self, model: &str) -> Vec<(String, String)> {
        let engines = self.about["engines"][model].as_object();
        let engines = engines.into_iter().flatten();
        engines
            .map(|(name, version)| {
                let version = version.as_str().unwrap_or_default();
                (name.clone(), version.to_owned())
            })
            .collect()
    }

    /// CPU milliseconds of a run, over `runs` of them.
    pub fn time(&mut self, model: &str, engine: &str, runs: usize) -> anyhow::Result<f64> {
        let process = self.process.as_mut().context("no process to ask")?;
        process.tell(&format!("{model}\t{engine}\t{runs}"))?;
        let answer = process
            .line()?
            .context("the Python process has ended; does its Python have numpy?")?;
        answer
            .trim()
            .parse()
            .with_context(|| format!("{engine} on {model} answered {answer:?}"))
    }
}
