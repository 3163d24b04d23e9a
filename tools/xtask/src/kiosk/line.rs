//! The serial line from outside: what a technician types and reads.

use anyhow::{Context, Result, bail};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// `O_NOCTTY` of Linux: the terminal shall not become ours.
const NO_CONTROL: i32 = 0o400;

/// The line.
#[derive(Debug)]
pub struct Line {
    port: File,
    heard: Receiver<Vec<u8>>,
    transcript: PathBuf,
}

impl Line {
    /// Opens a port; all that is said goes to the transcript, too.
    pub fn open(port: &Path, transcript: &Path) -> Result<Line> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(NO_CONTROL)
            .open(port)
            .with_context(|| format!("cannot open {}", port.display()))?;
        let mut reader = file.try_clone()?;
        let (say, heard) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 1024];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || say.send(buffer[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        Ok(Line {
            port: file,
            heard,
            transcript: transcript.to_owned(),
        })
    }

    fn note(&self, text: &str) {
        let file = OpenOptions::new().create(true).append(true).open(&self.transcript);
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
        while self.heard.try_recv().is_ok() {}
        self.note(&format!("> {line}\n"));
        self.port.write_all(format!("{line}\r").as_bytes())?;
        let start = Instant::now();
        let mut text = String::new();
        loop {
            let left = limit.saturating_sub(start.elapsed());
            match self.heard.recv_timeout(left) {
                Ok(bytes) => {
                    let part = String::from_utf8_lossy(&bytes).into_owned();
                    self.note(&part.replace('\r', ""));
                    text.push_str(&part);
                }
                Err(RecvTimeoutError::Timeout) => {
                    bail!("`{line}` is not answered within {} s; heard {text:?}", limit.as_secs())
                }
                Err(RecvTimeoutError::Disconnected) => bail!("the port is gone"),
            }
            if !text.ends_with('\n') {
                continue;
            }
            let lines: Vec<String> = text
                .lines()
                .map(|line| line.trim_end().to_owned())
                .filter(|line| !line.is_empty())
                .collect();
            if lines.last().is_some_and(|last| last.starts_with("OK") || last.starts_with("ERR")) {
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
