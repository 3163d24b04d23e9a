//! What can go wrong with a screen, and the cure.

use std::io;

/// Why a screen could not be opened or does not show.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScreenError {
    /// The address is not one a screen can have.
    #[error("screen address {uri:?}: {cause}")]
    Address {
        /// The address as given.
        uri: String,
        /// What is wrong with it and what would be right.
        cause: String,
    },
    /// There is no such device, or no desktop to open a window on.
    #[error("{what}; {cure}")]
    NotFound {
        /// What was looked for.
        what: String,
        /// What to do about it.
        cure: String,
    },
    /// No display is connected now; [`Screen::reprobe`](crate::Screen::reprobe) finds it when it is.
    #[error("no display is connected; plug one in, it will be found by itself")]
    Disconnected,
    /// Another program holds the display.
    #[error(
        "another program holds the display; stop it, or switch the console to this one ({source})"
    )]
    Busy {
        /// The system's reason.
        source: io::Error,
    },
    /// The user closed the window.
    #[error("the window was closed")]
    Closed,
    /// The system refused an operation.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done.
        doing: String,
        /// The system's reason.
        source: io::Error,
    },
}

impl ScreenError {
    /// Whether [`Screen::reprobe`](crate::Screen::reprobe) may find the display again.
    pub fn may_recover(&self) -> bool {
        match self {
            ScreenError::Disconnected | ScreenError::Busy { .. } | ScreenError::Io { .. } => true,
            ScreenError::Address { .. } | ScreenError::NotFound { .. } | ScreenError::Closed => {
                false
            }
        }
    }

    pub(crate) fn io(doing: impl Into<String>, source: io::Error) -> Self {
        ScreenError::Io {
            doing: doing.into(),
            source,
        }
    }
}
