//! A port that does what a script says: for tests of those who use ports.

use crate::{Port, PortError};
use std::collections::VecDeque;
use std::sync::mpsc::Sender;
use std::time::Duration;

/// What happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// These bytes come.
    Bytes(Vec<u8>),
    /// Nothing comes.
    Silence,
    /// The next call fails.
    Fail(PortError),
}

/// A port with a script. After its end nothing comes any more.
#[derive(Debug)]
pub struct Scripted {
    script: VecDeque<Step>,
    written: Option<Sender<Vec<u8>>>,
}

impl Scripted {
    /// Follows a script; what is written goes to `written`, if anybody wants it.
    pub fn new(
        script: impl IntoIterator<Item = Step>,
        written: Option<Sender<Vec<u8>>>,
    ) -> Scripted {
        Scripted {
            script: script.into_iter().collect(),
            written,
        }
    }

    fn failure(&mut self) -> Option<PortError> {
        match self.script.front() {
            Some(Step::Fail(error)) => {
                let error = error.clone();
                self.script.pop_front();
                Some(error)
            }
            _ => None,
        }
    }
}

impl Port for Scripted {
    fn read(&mut self, buffer: &mut [u8], patience: Duration) -> Result<usize, PortError> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        match self.script.pop_front() {
            Some(Step::Bytes(mut bytes)) => {
                let count = bytes.len().min(buffer.len());
                let rest = bytes.split_off(count);
                if let Some(room) = buffer.get_mut(..count) {
                    room.copy_from_slice(&bytes);
                }
                if !rest.is_empty() {
                    self.script.push_front(Step::Bytes(rest));
                }
                Ok(count)
            }
            _ => {
                std::thread::sleep(patience.min(Duration::from_millis(1)));
                Ok(0)
            }
        }
    }

    fn write(&mut self, bytes: &[u8], _: Duration) -> Result<(), PortError> {
        if let Some(error) = self.failure() {
            return Err(error);
        }
        if let Some(written) = &self.written {
            // Nobody listens any more: then nobody misses it.
            let _ = written.send(bytes.to_vec());
        }
        Ok(())
    }

    fn description(&self) -> String {
        "a script".to_owned()
    }
}
