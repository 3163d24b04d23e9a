//! What is written to: a device's bytes.
//!
//! [`disk`] is a real block device or file, [`memory`] a simulated disk whose power can be cut, and [`scripted`] puts
//! faults on top of any other. One suite of tests holds for all of them (`tests/conformance.rs`).

pub mod disk;
pub mod memory;
pub mod scripted;

use std::io;

/// How reading avoids being told what was written from the host's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bypass {
    /// Reads go to the device itself (`O_DIRECT`).
    Direct,
    /// The device cannot be read so; what the host holds in memory is dropped before reading.
    Dropped,
}

impl Bypass {
    /// For people.
    pub fn words(self) -> &'static str {
        match self {
            Bypass::Direct => "read back past the cache",
            Bypass::Dropped => "read back after dropping the cache, as it cannot be read past it",
        }
    }
}

/// A device's bytes. Offsets and lengths are in bytes, and multiples of [`Target::alignment`].
pub trait Target: Send {
    /// How many bytes it has.
    fn size(&self) -> u64;

    /// What offsets and lengths are multiples of: a power of two, at most 64 KiB.
    fn alignment(&self) -> u64;

    /// Writes from an offset on and answers how many bytes were taken: at least one, perhaps fewer than given.
    fn write(&mut self, at: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Makes a range zeros in a way that is faster than writing them. `Unsupported`: it knows none.
    fn zero(&mut self, at: u64, length: u64) -> io::Result<()> {
        let _ = (at, length);
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Waits until all that was written will outlive a loss of power.
    fn sync(&mut self) -> io::Result<()>;

    /// Reads from an offset on, from the device and not from the host's memory, what was synced. Answers how many
    /// bytes came; zero at the end.
    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<usize>;

    /// How [`Target::read`] avoids the host's memory.
    fn bypass(&self) -> Bypass;

    /// Called once all is right: lets the kernel see the new partitions. Answers what a person should know.
    fn finish(&mut self) -> Option<String>;
}
