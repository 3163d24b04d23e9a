//! A monitor that misbehaves by script, for tests of whoever controls one.

use super::packet::{self, Answer, Command};
use super::{Bus, BusError, Monitor};
use std::collections::VecDeque;
use std::time::Duration;

/// One thing that happens; a count of [`u32::MAX`] is for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// So many transfers go well.
    Fine(u32),
    /// So many transfers are not acknowledged, as by a bridge that has no DDC/CI.
    Refuses(u32),
    /// So many commands that set something are taken and not followed.
    Ignores(u32),
    /// So many answers have a wrong bit.
    Damages(u32),
    /// So many answers are empty.
    Busy(u32),
    /// The next answer is these bytes.
    Says(Vec<u8>),
    /// The bus is gone for so many transfers.
    Unplugged(u32),
}

/// A monitor that follows a script, and works once that is at its end.
#[derive(Debug)]
pub struct Faulty {
    inner: Monitor,
    troubles: VecDeque<Trouble>,
}

impl Faulty {
    /// `monitor`, to which `troubles` happen.
    pub fn new(monitor: Monitor, troubles: Vec<Trouble>) -> Self {
        Faulty {
            inner: monitor,
            troubles: troubles.into(),
        }
    }

    /// Takes one off the trouble at the front.
    fn count_down(&mut self) {
        use Trouble::*;
        match self.troubles.front_mut() {
            Some(
                Fine(left) | Refuses(left) | Ignores(left) | Damages(left) | Busy(left)
                | Unplugged(left),
            ) if *left > 1 => {
                if *left < u32::MAX {
                    *left -= 1;
                }
            }
            _ => {
                self.troubles.pop_front();
            }
        }
    }
}

impl Bus for Faulty {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BusError> {
        match self.troubles.front() {
            Some(Trouble::Fine(_)) => self.count_down(),
            Some(Trouble::Refuses(_)) => {
                self.count_down();
                return Err(BusError::NoAnswer);
            }
            Some(Trouble::Unplugged(_)) => {
                self.count_down();
                return Err(BusError::Gone);
            }
            Some(Trouble::Ignores(_)) => {
                if let Some(Command::Set(..)) = packet::command(bytes) {
                    self.count_down();
                    return Ok(());
                }
            }
            Some(Trouble::Damages(_) | Trouble::Busy(_) | Trouble::Says(_)) | None => {}
        }
        self.inner.write(bytes)
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), BusError> {
        let trouble = self.troubles.front().cloned();
        match trouble {
            Some(Trouble::Ignores(_)) | None => return self.inner.read(bytes),
            Some(_) => self.count_down(),
        }
        match trouble {
            Some(Trouble::Refuses(_)) => return Err(BusError::NoAnswer),
            Some(Trouble::Unplugged(_)) => return Err(BusError::Gone),
            _ => self.inner.read(bytes)?,
        }
        match trouble {
            Some(Trouble::Damages(_)) => {
                if let Some(byte) = bytes.get_mut(4) {
                    *byte ^= 1;
                }
            }
            Some(Trouble::Busy(_)) => {
                let null = packet::encode(Answer::Null);
                bytes.iter_mut().zip(null).for_each(|(to, from)| *to = from);
            }
            Some(Trouble::Says(said)) => {
                bytes.iter_mut().zip(said).for_each(|(to, from)| *to = from);
            }
            _ => {}
        }
        Ok(())
    }

    fn wait(&mut self, length: Duration) {
        self.inner.wait(length);
    }

    fn description(&self) -> String {
        "scripted monitor".into()
    }
}
