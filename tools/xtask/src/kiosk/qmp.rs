//! Words with the emulator: QMP, its JSON protocol over a socket (QEMU's docs/interop/qmp-spec.txt).

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A conversation with an emulator.
#[derive(Debug)]
pub struct Qmp {
    reader: BufReader<UnixStream>,
    writer: UnixStream,
}

impl Qmp {
    /// Greets the emulator at a socket.
    pub fn open(socket: &Path) -> Result<Qmp> {
        let writer = UnixStream::connect(socket).context("the emulator does not listen")?;
        writer.set_read_timeout(Some(Duration::from_secs(60)))?;
        let reader = BufReader::new(writer.try_clone()?);
        let mut qmp = Qmp { reader, writer };
        qmp.line()?;
        qmp.ask("qmp_capabilities", json!({}))?;
        Ok(qmp)
    }

    fn line(&mut self) -> Result<Value> {
        let mut line = String::new();
        let count = self.reader.read_line(&mut line);
        if count.context("the emulator does not answer")? == 0 {
            bail!("the emulator has ended");
        }
        serde_json::from_str(&line).context("the emulator says no JSON")
    }

    /// One command and its answer; events between are passed over.
    pub fn ask(&mut self, command: &str, arguments: Value) -> Result<Value> {
        let request = json!({"execute": command, "arguments": arguments});
        writeln!(self.writer, "{request}").context("the emulator has ended")?;
        loop {
            let mut answer = self.line()?;
            if let Some(error) = answer.get("error") {
                bail!("the emulator refuses {command}: {error}");
            }
            if let Some(value) = answer.get_mut("return") {
                return Ok(value.take());
            }
        }
    }

    /// Writes what the screen shows as a PNG file.
    pub fn screenshot(&mut self, file: &Path) -> Result<()> {
        let arguments = json!({"filename": file, "format": "png"});
        self.ask("screendump", arguments).map(drop)
    }
}
