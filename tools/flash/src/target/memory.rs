//! A simulated disk: what was written and not synced is lost, wholly or in part, when its power is cut.

use super::{Bypass, Target};
use rustix::io::Errno;
use std::io;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes of a sector: what is written whole or not at all.
pub const SECTOR: u64 = 512;

#[derive(Debug, Default)]
struct Medium {
    stored: Vec<u8>,
    pending: Vec<(u64, Vec<u8>)>,
    finished: bool,
}

/// A simulated disk. Clones are the same disk.
#[derive(Clone, Debug)]
pub struct Memory(Arc<Mutex<Medium>>);

impl Memory {
    /// A disk that holds these bytes, cut to whole sectors.
    pub fn new(mut bytes: Vec<u8>) -> Memory {
        bytes.truncate(bytes.len() / SECTOR as usize * SECTOR as usize);
        Memory(Arc::new(Mutex::new(Medium {
            stored: bytes,
            ..Medium::default()
        })))
    }

    fn medium(&self) -> MutexGuard<'_, Medium> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What would be there after the power was cut now and every cached sector was lost.
    pub fn stored(&self) -> Vec<u8> {
        self.medium().stored.clone()
    }

    /// Whether [`Target::finish`] was called.
    pub fn finished(&self) -> bool {
        self.medium().finished
    }

    /// Cuts the power: of the cached sectors those reach the medium for which `survives` says so.
    pub fn cut(&self, mut survives: impl FnMut() -> bool) {
        let mut medium = self.medium();
        for (at, bytes) in std::mem::take(&mut medium.pending) {
            for (index, sector) in bytes.chunks(SECTOR as usize).enumerate() {
                if survives() {
                    store(&mut medium.stored, at + index as u64 * SECTOR, sector);
                }
            }
        }
    }
}

fn store(stored: &mut [u8], at: u64, bytes: &[u8]) {
    let at = at as usize;
    if let Some(room) = stored.get_mut(at..at + bytes.len()) {
        room.copy_from_slice(bytes);
    }
}

fn range(at: u64, length: usize) -> io::Result<Range<usize>> {
    if !at.is_multiple_of(SECTOR) || !(length as u64).is_multiple_of(SECTOR) {
        return Err(Errno::INVAL.into());
    }
    Ok(at as usize..at as usize + length)
}

impl Target for Memory {
    fn size(&self) -> u64 {
        self.medium().stored.len() as u64
    }

    fn alignment(&self) -> u64 {
        SECTOR
    }

    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<usize> {
        let range = range(at, bytes.len())?;
        let mut medium = self.medium();
        let room = medium.stored.len().saturating_sub(range.start);
        if room == 0 && !bytes.is_empty() {
            return Err(Errno::NOSPC.into());
        }
        let taken = bytes.len().min(room);
        medium.pending.push((at, bytes[..taken].to_vec()));
        Ok(taken)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.cut(|| true);
        Ok(())
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<usize> {
        let range = range(at, bytes.len())?;
        // As a disk answers: from its own cache first.
        self.cut(|| true);
        let medium = self.medium();
        let there = medium.stored.get(range.start..).unwrap_or(&[]);
        let came = bytes.len().min(there.len());
        bytes[..came].copy_from_slice(&there[..came]);
        Ok(came)
    }

    fn bypass(&self) -> Bypass {
        Bypass::Direct
    }

    fn finish(&mut self) -> Option<String> {
        self.medium().finished = true;
        None
    }
}
