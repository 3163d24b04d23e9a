//! Other engines, run by a Python process that answers questions.

use anyhow::{Context, bail};
use serde_json::{Map, Value};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What loads and times the engines.
const SCRIPT: &str = include_str!("../faces.py");

/// What is installed into a scratch environment, one after the other: the failure of one leaves the others.
const PACKAGES: [&[&str]; 3] = [
    &["numpy", "onnxruntime"],
    &["ai-edge-litert"],
    &["--no-deps", "mediapipe==0.10.14"],
];

/// The process with what it said about itself; without one there are no engines.
pub struct Peers {
    process: Option<Process>,
    about: Value,
    missing: Map<String, Value>,
}

struct Process {
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
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
            environment(python)?
        } else {
            python.to_owned()
        };
        let mut child = Command::new(&python)
            .args(["-c", SCRIPT])
            .arg(folder)
            .args(names)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} does not run", python.display()))?;
        let (questions, answers) = (child.stdin.take(), child.stdout.take());
        let (Some(questions), Some(answers)) = (questions, answers) else {
            bail!("{} has no pipes", python.display());
        };
        let mut process = Process {
            child,
            questions,
            answers: BufReader::new(answers),
        };
        let about: Value = serde_json::from_str(&process.line()?)
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
        writeln!(process.questions, "{model}\t{engine}\t{runs}")?;
        process.questions.flush()?;
        let answer = process.line()?;
        answer
            .trim()
            .parse()
            .with_context(|| format!("{engine} on {model} answered {answer:?}"))
    }
}

impl Process {
    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            bail!("the Python process has ended; does its Python have numpy?");
        }
        Ok(line)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It only waits for questions. If it is gone already there is nothing to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of a scratch environment that has the engines; made on first use.
fn environment(python: &Path) -> anyhow::Result<PathBuf> {
    let folder = std::env::temp_dir().join("sfumato-bench-faces");
    let inside = folder.join("bin/python");
    if !inside.exists() {
        run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    }
    for packages in PACKAGES {
        let mut pip = Command::new(&inside);
        pip.args(["-m", "pip", "install", "--quiet"]).args(packages);
        if let Err(error) = run(&mut pip) {
            eprintln!("{error:#}");
        }
    }
    Ok(inside)
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} does not run"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    bail!("{command:?}: {}", text.lines().last().unwrap_or_default())
}
