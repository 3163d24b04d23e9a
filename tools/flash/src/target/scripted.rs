//! Faults by script, on top of any target.

use super::{Bypass, Target};
use rustix::io::Errno;
use std::io;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What goes wrong. Offsets are in bytes.
#[derive(Clone, Debug)]
pub enum Fault {
    /// Writing the sector at this offset fails: `EIO`.
    WriteError(u64),
    /// Reading the sector at this offset fails: `EIO`.
    ReadError(u64),
    /// Never takes more than so many bytes at once.
    ShortWrites(usize),
    /// Never gives more than so many bytes at once.
    ShortReads(usize),
    /// Says that it took what is written at this offset and after, and keeps what it had.
    Lies(u64),
    /// Has so many bytes, claims more, and begins again at its start: a counterfeit card.
    Wraps(u64),
    /// Is pulled out once so many bytes were written: `ENODEV` for ever.
    GoneAfter(u64),
    /// Has no room from this offset on: `ENOSPC`.
    FullAt(u64),
    /// Loses its cache each time it is asked to keep it: `sync` fails with `EIO`.
    SyncError,
    /// Takes no writes: `EROFS`.
    Protected,
    /// Takes so long for each write.
    Slow(Duration),
    /// Hangs in the write that reaches this offset, until the sender is dropped.
    HangsAt(u64, Arc<Mutex<Receiver<()>>>),
}

/// A target with faults.
#[derive(Debug)]
pub struct Scripted<T> {
    target: T,
    faults: Vec<Fault>,
    written: u64,
}

impl<T: Target> Scripted<T> {
    /// Puts faults on top of a target. With none it behaves as the target does.
    pub fn new(target: T, faults: Vec<Fault>) -> Scripted<T> {
        Scripted {
            target,
            faults,
            written: 0,
        }
    }

    fn gone(&self) -> io::Result<()> {
        let gone =
            |fault: &Fault| matches!(fault, Fault::GoneAfter(bytes) if self.written >= *bytes);
        match self.faults.iter().any(gone) {
            true => Err(Errno::NODEV.into()),
            false => Ok(()),
        }
    }

    /// Where an offset really lies, and how many bytes follow there at most.
    fn real(&self, at: u64) -> (u64, usize) {
        let wraps = self.faults.iter().find_map(|fault| match fault {
            Fault::Wraps(bytes) => Some(*bytes),
            _ => None,
        });
        match wraps {
            Some(bytes) if bytes > 0 => (at % bytes, (bytes - at % bytes) as usize),
            _ => (at, usize::MAX),
        }
    }

    fn down(&self, bytes: u64) -> u64 {
        bytes / self.target.alignment() * self.target.alignment()
    }
}

impl<T: Target> Target for Scripted<T> {
    fn size(&self) -> u64 {
        self.target.size()
    }

    fn alignment(&self) -> u64 {
        self.target.alignment()
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<usize> {
        self.gone()?;
        let end = at + bytes.len() as u64;
        let (real, most) = self.real(at);
        let mut take = bytes.len().min(most) as u64;
        let mut kept = take;
        for fault in &self.faults {
            match fault {
                Fault::Protected => return Err(Errno::ROFS.into()),
                Fault::WriteError(bad) if (at..end).contains(bad) => {
                    take = take.min(self.down(bad - at));
                    if take == 0 {
                        return Err(Errno::IO.into());
                    }
                }
                Fault::FullAt(full) if end > *full => {
                    take = take.min(self.down(full.saturating_sub(at)));
                    if take == 0 {
                        return Err(Errno::NOSPC.into());
                    }
                }
                Fault::GoneAfter(limit) => {
                    take = take.min(self.down(limit - self.written).max(self.target.alignment()));
                }
                Fault::ShortWrites(most) => {
                    take = take.min(self.down(*most as u64).max(self.target.alignment()));
                }
                Fault::Lies(from) => kept = kept.min(from.saturating_sub(at)),
                Fault::Slow(time) => std::thread::sleep(*time),
                Fault::HangsAt(from, held) if end > *from => {
                    // Ends when the sender is dropped.
                    let _ = held.lock().unwrap_or_else(PoisonError::into_inner).recv();
                }
                _ => {}
            }
        }
        let kept = self.down(kept.min(take)) as usize;
        if kept > 0 {
            let mut done = 0;
            while done < kept {
                done += self.target.write(real + done as u64, &bytes[done..kept])?;
            }
        }
        self.written += take;
        Ok(take as usize)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.gone()?;
        if self
            .faults
            .iter()
            .any(|fault| matches!(fault, Fault::SyncError))
        {
            return Err(Errno::IO.into());
        }
        self.target.sync()
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.gone()?;
        let end = at + bytes.len() as u64;
        let (real, most) = self.real(at);
        let mut take = bytes.len().min(most) as u64;
        for fault in &self.faults {
            match fault {
                Fault::ReadError(bad) if (at..end).contains(bad) => {
                    take = take.min(self.down(bad - at));
                    if take == 0 {
                        return Err(Errno::IO.into());
                    }
                }
                Fault::ShortReads(most) => {
                    take = take.min(self.down(*most as u64).max(self.target.alignment()));
                }
                _ => {}
            }
        }
        self.target.read(real, &mut bytes[..take as usize])
    }

    fn bypass(&self) -> Bypass {
        self.target.bypass()
    }

    fn finish(&mut self) -> Option<String> {
        self.target.finish()
    }
}
