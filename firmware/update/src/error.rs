//! What can go wrong, with the cure.

use sfumato_slots::{EspError, NotesError, Refusal, Slot, UpdateError};
use std::io;
use std::path::{Path, PathBuf};

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The board does not take the bundle; nothing was written.
    #[error("{0}")]
    Refused(String),
    /// The bundle could not be written.
    #[error("{0}")]
    Failed(String),
    /// The policy says no, or a partition failed.
    #[error("{0}")]
    Update(#[from] UpdateError),
    /// The kernel was not told which slot runs.
    #[error(
        "the kernel's command line does not say which slot runs (sfumato.slot=); this system was not started from a \
         slot, updates are off"
    )]
    NoSlot,
    /// The boot partition is not there.
    #[error("{0} is no boot partition; is it mounted? systemctl status efi.mount")]
    NoEsp(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The board's own file is not understood.
    #[error("{path}: {reason}; install the board's package again")]
    Board {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: String,
    },
    /// A program cannot be started or failed.
    #[error("{name} failed: {reason}")]
    Tool {
        /// The program.
        name: String,
        /// What it said.
        reason: String,
    },
    /// What a slot holds is not what was written.
    #[error(
        "slot {slot} holds no system: {reason}; install again, and if it comes again replace the disk"
    )]
    Slot {
        /// The slot.
        slot: Slot,
        /// What is wrong.
        reason: String,
    },
    /// The wish is not understood.
    #[error("{0}; wishes are: install [at-once|by-hand|at-night], confirm, test HASH, erase a|b")]
    Wish(String),
}

impl Error {
    /// An error of a file.
    pub fn file(path: &Path, error: io::Error) -> Error {
        Error::File {
            path: path.to_owned(),
            error,
        }
    }

    /// Whether nothing was written because something was not allowed.
    pub fn is_refusal(&self) -> bool {
        match self {
            Error::Refused(_) | Error::Wish(_) => true,
            Error::Update(error) => matches!(
                error,
                UpdateError::Running(_)
                    | UpdateError::Fallback(_)
                    | UpdateError::Empty(_)
                    | UpdateError::NoFallback(_)
                    | UpdateError::Version(_)
            ),
            _ => false,
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Error {
        Error::Refused(refusal.to_string())
    }
}

impl From<EspError> for Error {
    fn from(error: EspError) -> Error {
        UpdateError::from(error).into()
    }
}

impl From<NotesError> for Error {
    fn from(error: NotesError) -> Error {
        UpdateError::from(error).into()
    }
}
