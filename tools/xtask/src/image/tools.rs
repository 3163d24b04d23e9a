//! Running the tools that images are made with, quietly: what they say is shown when they fail.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// A command about to be run.
#[derive(Debug)]
pub struct Tool {
    command: Command,
    name: String,
}

impl Tool {
    /// A tool by its name, in a plain environment.
    pub fn new(name: &str) -> Tool {
        let mut command = Command::new(name);
        command
            .env("LC_ALL", "C.UTF-8")
            .env("TZ", "UTC")
            .stdin(Stdio::null());
        Tool {
            command,
            name: name.into(),
        }
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Tool {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Tool {
        self.command.args(arguments);
        self
    }

    /// A variable of its environment.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Tool {
        self.command.env(name, value);
        self
    }

    /// Takes a variable out of its environment.
    pub fn without(mut self, name: &str) -> Tool {
        self.command.env_remove(name);
        self
    }

    /// The folder it runs in.
    pub fn folder(mut self, folder: &Path) -> Tool {
        self.command.current_dir(folder);
        self
    }

    /// Runs it.
    pub fn run(self) -> Result<()> {
        self.output().map(drop)
    }

    /// Runs it and returns what it printed.
    pub fn output(mut self) -> Result<String> {
        let out = self
            .command
            .output()
            .with_context(|| format!("cannot run {}", self.name))?;
        self.said(&out)
    }

    /// Runs it with a text as its input.
    pub fn feed(mut self, text: &str) -> Result<()> {
        use std::io::Write;
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {}", self.name))?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(text.as_bytes())?;
        }
        let out = child.wait_with_output()?;
        self.said(&out).map(drop)
    }

    /// What it printed; an error with all of it where it failed.
    fn said(&self, out: &Output) -> Result<String> {
        if !out.status.success() {
            bail!(
                "`{:?}` failed:\n{}{}",
                self.command,
                String::from_utf8_lossy(&out.stdout),
                String::from_utf8_lossy(&out.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }
}

/// An empty folder in place of whatever was there.
pub fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder)
            .with_context(|| format!("cannot clear {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}

/// Copies a folder's files over another's, links as links.
pub fn overlay(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            overlay(&source, &target)?;
        } else if kind.is_symlink() {
            let _ = std::fs::remove_file(&target);
            symlink(std::fs::read_link(&source)?, &target)?;
        } else {
            std::fs::copy(&source, &target)
                .with_context(|| format!("cannot copy {}", source.display()))?;
        }
    }
    Ok(())
}

/// Gives everything in a folder one time, seconds since 1970.
pub fn set_times(folder: &Path, epoch: u64) -> Result<()> {
    Tool::new("find")
        .arg(folder)
        .args(["-exec", "touch", "--no-dereference", "--date"])
        .args([&format!("@{epoch}"), "{}", "+"])
        .run()
}
