//! What can happen to a port.

use rustix::io::Errno;
use std::path::{Path, PathBuf};

/// Why a port cannot be opened, or is lost. All of these may get better by themselves or by somebody's hand.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// There is no such device.
    #[error("{} is not there: is the adapter plugged in, is the name right?", .0.display())]
    Absent(PathBuf),
    /// It may not be opened.
    #[error("{} may not be opened: add the program's user to the group that owns it (often dialout)", .0.display())]
    Denied(PathBuf),
    /// Somebody else has it.
    #[error("{} is held by {holder}", path.display())]
    Held {
        /// The device.
        path: PathBuf,
        /// Who, and what would help.
        holder: String,
    },
    /// It is no serial port.
    #[error("{} is no serial port", .0.display())]
    NoPort(PathBuf),
    /// It does not do this rate.
    #[error("{} does not do {baud} bits a second", path.display())]
    Rate {
        /// The device.
        path: PathBuf,
        /// The rate.
        baud: u32,
    },
    /// It was there and is no more.
    #[error("{0} is gone: was it unplugged?")]
    Lost(String),
    /// Nobody reads at the other end.
    #[error("nobody reads at {0}")]
    Unread(String),
    /// The system says something else.
    #[error("{what}: {cause}")]
    System {
        /// What was tried.
        what: String,
        /// What it said.
        cause: String,
    },
}

impl PortError {
    /// Why a device could not be opened.
    pub(crate) fn opening(path: &Path, error: Errno) -> PortError {
        match error {
            Errno::NOENT | Errno::NODEV | Errno::NXIO => PortError::Absent(path.to_owned()),
            Errno::ACCESS | Errno::PERM => PortError::Denied(path.to_owned()),
            Errno::BUSY => PortError::Held {
                path: path.to_owned(),
                holder: "another program".to_owned(),
            },
            Errno::NOTTY | Errno::INVAL => PortError::NoPort(path.to_owned()),
            other => PortError::system(&format!("opening {}", path.display()), other),
        }
    }

    /// What the system says about something else.
    pub(crate) fn system(what: &str, error: Errno) -> PortError {
        PortError::System {
            what: what.to_owned(),
            cause: std::io::Error::from(error).to_string(),
        }
    }
}
