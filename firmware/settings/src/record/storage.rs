//! The two places in which the record is kept.

/// Bytes written at once, at most.
pub const WRITE: usize = 256;

/// One of the two copies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Twin {
    /// The first.
    A,
    /// The second.
    B,
}

impl Twin {
    /// Both.
    pub const BOTH: [Twin; 2] = [Twin::A, Twin::B];

    /// The other one.
    pub const fn other(self) -> Twin {
        match self {
            Twin::A => Twin::B,
            Twin::B => Twin::A,
        }
    }
}

/// Where the two copies lie: two files, or two erasable blocks.
///
/// The copies must lie apart: whatever a power cut makes of a write to one of them must leave the other
/// as it is. Nothing else is asked of storage; before [`Storage::sync`] returns, a cut may have done
/// any of the writes since the last one, in any order, whole or in part.
pub trait Storage {
    /// What can go wrong with it.
    type Error: core::fmt::Debug;

    /// Bytes of a copy that can be read; 0 for a file that does not exist yet.
    fn size(&mut self, copy: Twin) -> Result<usize, Self::Error>;

    /// Fills `buffer` with a copy's bytes from `offset` on; asked for within its size only.
    fn read(&mut self, copy: Twin, offset: usize, buffer: &mut [u8]) -> Result<(), Self::Error>;

    /// Writes at most [`WRITE`] bytes into a copy from `offset` on. A save writes from offset 0
    /// upwards without gaps, so that flash can be erased at 0 and a file grow.
    fn write(&mut self, copy: Twin, offset: usize, bytes: &[u8]) -> Result<(), Self::Error>;

    /// Returns when everything written to a copy will survive a power cut; of a new file that is also its
    /// entry in the folder.
    fn sync(&mut self, copy: Twin) -> Result<(), Self::Error>;
}
