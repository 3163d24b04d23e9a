//! The serial line from outside: what a technician types and reads.

use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// `O_NOCTTY | O_NONBLOCK` of Linux: the terminal shall not become ours, and silence is no reason to wait.
const FLAGS: i32 = 0o400 | 0o4000;

/// How long silence is slept over.
const PAUSE: Duration = Duration::from_millis(10);

/// The line. It reads only while it waits for an answer, so that other programs can use the port in between.
#[derive(Debug)]
pub struct Line {
    port: File,
    transcript: PathBuf,
}

impl Line {
    /// Opens a port; all that is said goes to the transcript, too.
    pub fn open(port: &Path, transcript: &Path) -> Result<Line> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(FLAGS)
            .open(port)
            .with_context(|| format!("cannot open {}", port.display()))?;
        Ok(Line {
            port: file,
            transcript: transcript.to_owned(),
        })
    }

    fn note(&self, text: &str) {
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.transcript);
        // A lost line of a transcript loses no check.
        let _ = file.and_then(|mut file| file.write_all(text.as_bytes()));
    }

    /// Sends a line and returns the lines of its answer, the last of which begins with `OK`.
    pub fn say(&mut self, line: &str) -> Result<Vec<String>> {
        let lines = self.hear(line, Duration::from_secs(20))?;
        match lines.last() {
            Some(last) if last.starts_with("OK") => Ok(lines),
            _ => bail!("`{line}` is answered: {}", lines.join(" / ")),
        }
    }

    /// Sends a line and returns the lines of its answer, good or bad.
    pub fn hear(&mut self, line: &str, limit: Duration) -> Result<Vec<String>> {
        let mut bytes = [0; 1024];
        // What came late of an earlier answer is nobody's.
        while self.port.read(&mut bytes).is_ok_and(|count| count > 0) {}
        self.note(&format!("> {line}\n"));
        self.port.write_all(format!("{line}\r").as_bytes())?;
        let start = Instant::now();
        let mut text = String::new();
        loop {
            match self.port.read(&mut bytes) {
                Ok(0) => bail!("the port is gone"),
                Ok(count) => {
                    let part = String::from_utf8_lossy(&bytes[..count]).into_owned();
                    self.note(&part.replace('\r', ""));
                    text.push_str(&part);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if start.elapsed() > limit {
                        bail!(
                            "`{line}` is not answered within {} s; heard {text:?}",
                            limit.as_secs()
                        );
                    }
                    std::thread::sleep(PAUSE);
                }
                Err(error) => return Err(error).context("the port is gone"),
            }
            if !text.ends_with('\n') {
                continue;
            }
            let lines: Vec<String> = text
                .lines()
                .map(|line| line.trim_end().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            if lines
                .last()
                .is_some_and(|last| last.starts_with("OK") || last.starts_with("ERR"))
            {
                return Ok(lines);
            }
        }
    }

    /// The value of a line `name: value` or `name = value` in an answer.
    pub fn value(&mut self, command: &str, name: &str) -> Result<String> {
        let lines = self.say(command)?;
        lines
            .iter()
            .find_map(|line| {
                let rest = line.strip_prefix(name)?.trim_start();
                Some(rest.strip_prefix([':', '='])?.trim().to_owned())
            })
            .with_context(|| format!("`{command}` tells no {name}: {}", lines.join(" / ")))
    }

    /// Waits until an answer pleases; how long it took.
    pub fn until(
        &mut self,
        command: &str,
        what: &str,
        limit: Duration,
        pleases: impl Fn(&[String]) -> bool,
    ) -> Result<Duration> {
        let start = Instant::now();
        let mut last = Vec::new();
        while start.elapsed() < limit {
            if let Ok(lines) = self.hear(command, Duration::from_secs(10)) {
                if pleases(&lines) {
                    return Ok(start.elapsed());
                }
                last = lines;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
        bail!(
            "{what}: not within {} s; `{command}` says: {}",
            limit.as_secs(),
            last.join(" / ")
        )
    }
}
