//! What can go wrong with a camera, and the cure.

use std::io;
use std::path::PathBuf;

/// Why a camera could not be opened or stopped delivering.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CameraError {
    /// The address is not one a camera can have.
    #[error("camera address {uri:?}: {cause}")]
    Address {
        /// The address as given.
        uri: String,
        /// What is wrong with it and what would be right.
        cause: String,
    },
    /// There is no such file, folder or device.
    #[error("{what} is not there; {cure}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// The device was unplugged or its driver let go of it; opening it again may work.
    #[error("the camera is gone; plug it in again, it will be found by itself")]
    Gone,
    /// Another program uses the camera; opening it again works once that has stopped.
    #[error("another program uses the camera; find it with: fuser -v /dev/video* ({source})")]
    Busy {
        /// The system's reason.
        source: io::Error,
    },
    /// The user may not use the camera.
    #[error(
        "no right to use the camera; add the user to the group video: usermod -aG video USER ({source})"
    )]
    Denied {
        /// The system's reason.
        source: io::Error,
    },
    /// Frames stopped or the driver reported an error; opening the device again may work.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The device offers nothing this program understands.
    #[error("{what}; {cure}")]
    Unsupported {
        /// What is not supported.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// A recorded clip cannot be decoded.
    #[error("{}: {cause}", path.display())]
    Clip {
        /// The file.
        path: PathBuf,
        /// What is wrong with it and the cure.
        cause: String,
    },
}

impl CameraError {
    /// Whether closing and opening again may help, as for a cable that comes loose.
    pub fn may_recover(&self) -> bool {
        match self {
            CameraError::Gone
            | CameraError::Io { .. }
            | CameraError::NotFound { .. }
            | CameraError::Busy { .. }
            | CameraError::Denied { .. } => true,
            CameraError::Address { .. }
            | CameraError::Unsupported { .. }
            | CameraError::Clip { .. } => false,
        }
    }

    pub(crate) fn io(doing: impl Into<String>, source: io::Error) -> Self {
        CameraError::Io {
            doing: doing.into(),
            source,
        }
    }
}
