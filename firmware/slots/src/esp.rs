//! The boot partition, as far as updates touch it.

/// What can go wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EspError {
    /// There is no such file.
    #[error("{0} is not on the boot partition; install again")]
    Missing(String),
    /// Something has the new name already.
    #[error("{0} is on the boot partition already; restart the board and try again")]
    Exists(String),
    /// More than may be read.
    #[error("{0} on the boot partition is too long; install again")]
    TooLong(String),
    /// No room.
    #[error("the boot partition is full; remove what is not Sfumato's from it")]
    Full,
    /// It cannot be written.
    #[error(
        "the boot partition is read-only: the kernel found it damaged; restart the board, check it with fsck.fat, \
         or flash the board anew"
    )]
    ReadOnly,
    /// It cannot be read or written.
    #[error(
        "the boot partition fails: {0}; if a restart does not help, the disk is dying: replace it"
    )]
    Failing(String),
}

/// The boot partition: FAT, so that nothing on it is atomic under a power cut.
///
/// Paths are without a slash at the front: `loader/entries/sfumato-a.conf`. What was done since the last
/// [`Esp::sync`] may be lost in part, in any order, when the power is cut; the files have to be named and their
/// clusters freed with that in mind.
pub trait Esp {
    /// Names of the files in a folder; nothing where there is no such folder.
    ///
    /// # Errors
    /// [`EspError::Failing`].
    fn list(&mut self, folder: &str) -> Result<Vec<String>, EspError>;

    /// A whole file of at most `limit` bytes.
    ///
    /// # Errors
    /// [`EspError::Missing`], [`EspError::TooLong`], [`EspError::Failing`].
    fn read(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, EspError>;

    /// Puts a file there, with the folders it needs; replaces what it held.
    ///
    /// # Errors
    /// [`EspError::Full`], [`EspError::ReadOnly`], [`EspError::Failing`].
    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), EspError>;

    /// Gives a file another name that nothing has.
    ///
    /// # Errors
    /// [`EspError::Missing`], [`EspError::Exists`], [`EspError::ReadOnly`], [`EspError::Failing`].
    fn rename(&mut self, from: &str, to: &str) -> Result<(), EspError>;

    /// Removes a file; one that is not there need not go.
    ///
    /// # Errors
    /// [`EspError::ReadOnly`], [`EspError::Failing`].
    fn remove(&mut self, path: &str) -> Result<(), EspError>;

    /// Comes back when all that was done is on the disk.
    ///
    /// # Errors
    /// [`EspError::Failing`], [`EspError::Full`].
    fn sync(&mut self) -> Result<(), EspError>;

    /// Bytes that may yet be written.
    ///
    /// # Errors
    /// [`EspError::Failing`].
    fn free(&mut self) -> Result<u64, EspError>;
}
