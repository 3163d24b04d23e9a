//! A hand inside the virtual kiosk: what a person would do there, done by a shell behind a virtual port.
//!
//! The other end is `board/qemu-common/rig/run`, which comes on a disk of its own and only virtual boards start.

use anyhow::{Context, Result, bail};
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::{Duration, Instant};

/// End of an answer, before the exit status and the end of the line.
const END: u8 = 4;

/// The hand.
#[derive(Debug)]
pub struct Hand {
    stream: UnixStream,
}

impl Hand {
    /// Takes the hand at a socket of the emulator.
    pub fn take(socket: &Path) -> Result<Hand> {
        let stream = UnixStream::connect(socket).context("the emulator does not listen")?;
        Ok(Hand { stream })
    }

    /// Waits until somebody answers at the other end.
    pub fn wait(&mut self, limit: Duration) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < limit {
            if self.answer("true", Duration::from_secs(3)).is_ok() {
                return Ok(());
            }
        }
        bail!(
            "the hand in the kiosk was not there after {} s",
            limit.as_secs()
        )
    }

    /// Runs a shell command there; its output, an error where it fails.
    pub fn run(&mut self, command: &str) -> Result<String> {
        let (output, status) = self.answer(command, Duration::from_secs(90))?;
        if status != 0 {
            bail!("in the kiosk `{command}` ends with {status}: {output}");
        }
        Ok(output)
    }

    /// Runs one of which the end may be bad, or that leaves nothing to say.
    pub fn try_run(&mut self, command: &str) -> Result<(String, i32)> {
        self.answer(command, Duration::from_secs(90))
    }

    fn answer(&mut self, command: &str, limit: Duration) -> Result<(String, i32)> {
        self.stream
            .set_read_timeout(Some(Duration::from_millis(200)))?;
        // What came late of an earlier answer is nobody's.
        let mut byte = [0; 4096];
        self.stream.set_nonblocking(true)?;
        while matches!(self.stream.read(&mut byte), Ok(count) if count > 0) {}
        self.stream.set_nonblocking(false)?;
        self.stream
            .write_all(format!("{}\n", command.replace('\n', " ")).as_bytes())
            .context("the emulator has ended")?;
        let start = Instant::now();
        let mut heard = Vec::new();
        while start.elapsed() < limit {
            match self.stream.read(&mut byte) {
                Ok(0) => bail!("the emulator has ended"),
                Ok(count) => heard.extend_from_slice(&byte[..count]),
                Err(_) => continue,
            }
            if heard.last() == Some(&b'\n')
                && let Some(at) = heard.iter().rposition(|byte| *byte == END)
            {
                let output = String::from_utf8_lossy(&heard[..at]).trim().to_owned();
                let status = String::from_utf8_lossy(&heard[at + 1..]);
                let status = status.trim().parse().context("no exit status came back")?;
                return Ok((output, status));
            }
        }
        bail!("no answer to `{command}` within {} s", limit.as_secs())
    }
}
