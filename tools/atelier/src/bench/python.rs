//! Engines that live in Python: an environment to install them into, a process that answers.

use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A Python process that takes a line and gives lines. It ends when it is dropped: scripts end
/// where their input does.
pub struct Process {
    child: Child,
    told: Option<ChildStdin>,
    said: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a command; what it complains of is kept for [`Process::complaint`].
    pub fn start(command: &mut Command) -> Result<Process> {
        let program = command.get_program().to_string_lossy().into_owned();
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("{program} does not run"))?;
        let (Some(told), Some(said)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("{program} has no input or output");
        };
        Ok(Process {
            child,
            told: Some(told),
            said: BufReader::new(said),
        })
    }

    /// Tells it a line.
    pub fn tell(&mut self, line: &str) -> Result<()> {
        let told = self.told.as_mut().context("the process has ended")?;
        writeln!(told, "{line}")?;
        Ok(told.flush()?)
    }

    /// The next line it says; none at the end.
    pub fn line(&mut self) -> Result<Option<String>> {
        let mut line = String::new();
        Ok((self.said.read_line(&mut line)? > 0).then_some(line))
    }

    /// The last line that it complained with before it ended.
    pub fn complaint(&mut self) -> String {
        self.told = None;
        let errors = self.child.stderr.take();
        let text = errors.map(std::io::read_to_string);
        let text = text.and_then(Result::ok).unwrap_or_default();
        last_line(&text).to_owned()
    }

    /// From here on nobody reads what it complains of.
    pub fn ignore_complaints(&mut self) {
        if let Some(mut errors) = self.child.stderr.take() {
            std::thread::spawn(move || std::io::copy(&mut errors, &mut std::io::sink()));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.told = None;
        // One that is gone already leaves nothing to wait for.
        let _ = self.child.wait();
    }
}

/// The Python of a scratch environment, made on first use.
///
/// `packages` are installed each alone, words of one line together: one that is not to be had leaves
/// the others, and its engine is named as missing.
pub fn environment(name: &str, python: &Path, packages: &[&str]) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!("atelier-bench-{name}-environment"));
    let inside = folder.join("bin/python");
    if !inside.exists() {
        run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
    }
    for packages in packages {
        let mut pip = Command::new(&inside);
        pip.args(["-m", "pip", "install", "--quiet"]);
        pip.arg("--disable-pip-version-check");
        if let Err(error) = run(pip.args(packages.split(' '))) {
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
    bail!("{}", last_line(&said))
}

fn last_line(text: &str) -> &str {
    text.trim().lines().last().unwrap_or("it ended")
}
