//! Somebody at the portrait's serial line: a line goes out, an answer comes back.

use anyhow::{Result, bail, ensure};
use sfumato_serial::Port;
use sfumato_settings::pin::Challenge;
use std::time::{Duration, Instant};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// One wait for bytes.
const WAIT: Duration = Duration::from_millis(50);

/// How long a whole answer may take.
///
/// A board's longest are a few kilobytes, and the slowest line carries one a second. Other devices talk without an end.
const LONGEST: Duration = Duration::from_secs(20);

/// Tries to get an answer at all: the first may fall into somebody else's half line.
const TRIES: u32 = 3;

/// The board answered with `ERR`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{words}")]
pub struct Refused {
    /// What went wrong, by number: see the page about the serial line.
    pub number: u16,
    /// The same in words.
    pub words: String,
}

/// The line.
pub struct Line {
    port: Box<dyn Port>,
    /// What came and was not looked at yet.
    rest: Vec<u8>,
    sequence: u8,
}

impl Line {
    /// A line over a port.
    pub fn new(port: impl Port + 'static) -> Line {
        Line {
            port: Box::new(port),
            rest: Vec::new(),
            sequence: 0,
        }
    }

    /// Finds out whether a portrait is at the other end. Ends whatever stood in the line before.
    pub fn find(&mut self) -> Result<()> {
        let token = format!("echo {:08x}", std::process::id());
        for _ in 0..TRIES {
            self.send(b"\r")?;
            self.drain()?;
            self.send(format!("{token}\r").as_bytes())?;
            let wanted = token.replace("echo ", "OK ");
            if self
                .answer(PATIENCE)
                .is_ok_and(|lines| lines.last() == Some(&wanted))
            {
                return Ok(());
            }
        }
        bail!("nothing that a portrait says")
    }

    /// Sends a line; what it is answered with, without the `OK`.
    ///
    /// # Errors
    /// [`Refused`] where the board answers with `ERR`; anything else means that the line is of no more use.
    pub fn ask(&mut self, line: &str) -> Result<Vec<String>> {
        self.send(format!("{line}\r").as_bytes())?;
        let mut lines = self.answer(LONGEST)?;
        let last = lines.pop().unwrap_or_default();
        if let Some(error) = last.strip_prefix("ERR ") {
            let (number, words) = error.split_once(' ').unwrap_or((error, ""));
            let number = number.parse().unwrap_or(0);
            let words = if words.is_empty() { error } else { words };
            let words = words.to_owned();
            return Err(Refused { number, words }.into());
        }
        let said = last.strip_prefix("OK").unwrap_or_default().trim();
        // Behind lines it only sums them up.
        if lines.is_empty() && !said.is_empty() {
            lines.push(said.to_owned());
        }
        Ok(lines)
    }

    /// Answers the challenge where a PIN is set.
    pub fn unlock(&mut self, digits: &str) -> Result<()> {
        let said = self.ask("unlock")?;
        let challenge = said
            .first()
            .and_then(|line| line.strip_prefix("challenge "));
        let Some(challenge) = challenge else {
            return Ok(());
        };
        let Some(challenge) = Challenge::parse(challenge) else {
            bail!("the challenge cannot be read: {challenge}");
        };
        let response = challenge.answer(digits);
        self.ask(&format!("unlock {response}"))?;
        Ok(())
    }

    /// A number for the next packet.
    pub fn next_sequence(&mut self) -> u8 {
        self.sequence = self.sequence.wrapping_add(1);
        self.sequence
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.port.write(bytes, PATIENCE)?)
    }

    /// The next line that comes, its end left out; bytes that are no text are shown as such.
    pub fn next(&mut self) -> Result<Vec<u8>> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
                let mut line: Vec<u8> = self.rest.drain(..=end).collect();
                while line
                    .last()
                    .is_some_and(|byte| matches!(byte, b'\r' | b'\n'))
                {
                    line.pop();
                }
                return Ok(line);
            }
            ensure!(Instant::now() < deadline, "no answer in time");
            let mut buffer = [0; 1024];
            let count = self.port.read(&mut buffer, WAIT)?;
            self.rest.extend_from_slice(&buffer[..count]);
        }
    }

    /// Lines up to the one that ends an answer.
    fn answer(&mut self, patience: Duration) -> Result<Vec<String>> {
        let deadline = Instant::now() + patience;
        let mut lines = Vec::new();
        loop {
            ensure!(
                Instant::now() < deadline,
                "an answer without an end; is it the portrait's port?"
            );
            let line = String::from_utf8_lossy(&self.next()?).into_owned();
            let last = line == "OK" || line.starts_with("OK ") || line.starts_with("ERR ");
            lines.push(line);
            if last {
                return Ok(lines);
            }
        }
    }

    /// Throws away what comes until nothing does.
    fn drain(&mut self) -> Result<()> {
        self.rest.clear();
        let deadline = Instant::now() + PATIENCE;
        while self.port.read(&mut [0; 1024], WAIT)? > 0 {
            ensure!(Instant::now() < deadline, "the line does not fall silent");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_serial::{Scripted, Step};

    fn line(answers: &[&str]) -> Line {
        let steps = answers
            .iter()
            .map(|text| Step::Bytes(text.as_bytes().to_vec()));
        Line::new(Scripted::new(steps, None))
    }

    #[test]
    fn answers_end_with_ok_or_with_an_error() {
        let mut line = line(&[
            "a = 1\r\nb",
            " = 2\r\nOK 2 settings\r\n",
            "OK c = 3\r\n",
            "OK\r\n",
        ]);
        assert_eq!(line.ask("list").unwrap(), ["a = 1", "b = 2"]);
        assert_eq!(line.ask("c").unwrap(), ["c = 3"]);
        assert!(line.ask("discard").unwrap().is_empty());
        let mut line = self::line(&["ERR 21 display.brightness: 0 to 100 %, not 170\r\n"]);
        let error = line.ask("brightness 170").unwrap_err();
        let refused = Refused {
            number: 21,
            words: "display.brightness: 0 to 100 %, not 170".to_owned(),
        };
        assert_eq!(error.to_string(), refused.words);
        assert_eq!(error.downcast_ref(), Some(&refused));
    }

    #[test]
    fn a_silent_line_is_an_error() {
        assert!(line(&[]).find().is_err());
    }

    /// A receiver for satellites says something every second, for ever.
    #[test]
    fn what_talks_by_itself_is_no_portrait() {
        let sentence = [Step::Bytes(b"$GPGGA,1,2,3\r\n".to_vec())];
        let pause = std::iter::repeat_n(Step::Silence, 60);
        let steps: Vec<Step> = pause.chain(sentence).collect();
        let steps = std::iter::repeat_n(steps, 600).flatten();
        let begin = Instant::now();
        assert!(Line::new(Scripted::new(steps, None)).find().is_err());
        // All of it would take longer than half a minute.
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
}
