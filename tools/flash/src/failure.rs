//! Why a device was not flashed, and what to do.

use rustix::io::Errno;
use std::io;

/// What was being done when it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Writing.
    Writing,
    /// Waiting until the device has stored what was written.
    Storing,
    /// Reading back.
    Reading,
}

impl Doing {
    fn word(self) -> &'static str {
        match self {
            Doing::Writing => "writing",
            Doing::Storing => "storing",
            Doing::Reading => "reading back",
        }
    }
}

/// Why a device was not flashed. The text is the meaning and the cure.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The device is no longer there.
    #[error("it was pulled out, or its reader lost it, at {}; plug it in firmly and run the same command again: it goes on from there", crate::show::bytes(*at))]
    Gone {
        /// Byte offset.
        at: u64,
    },
    /// No room where there should be some.
    #[error("it is full at {}, though it says that it is bigger; use another device", crate::show::bytes(*at))]
    Full {
        /// Byte offset.
        at: u64,
    },
    /// The image turned out to be bigger than the device.
    #[error("the image is bigger than its {}; use a bigger device", crate::show::bytes(*size))]
    TooSmall {
        /// The device's size, bytes.
        size: u64,
    },
    /// The device takes no writes.
    #[error("it is write-protected; move the card's lock slider, or use another device")]
    Protected,
    /// The device reported an error.
    #[error("{} failed at {}: {source}; try another reader or port, then another device", doing.word(), crate::show::bytes(*at))]
    Io {
        /// Byte offset.
        at: u64,
        /// What was being done.
        doing: Doing,
        /// What the kernel said.
        source: io::Error,
    },
    /// The device gives back something other than what was written.
    #[error(
        "it does not give back what was written, between {} and {}; it is worn out or not as big as it claims: throw it away",
        crate::show::bytes(*from), crate::show::bytes(*to)
    )]
    Differs {
        /// First byte offset of the part that differs.
        from: u64,
        /// Byte offset after it.
        to: u64,
    },
    /// The image could not be read to its end.
    #[error("the image cannot be used: {0}")]
    Image(String),
    /// The device did nothing for too long.
    #[error(
        "it has not moved for {seconds} s and was given up; unplug it, then try another port or device"
    )]
    Stalled {
        /// For how long, seconds.
        seconds: u64,
    },
    /// The writer's thread ended without a word.
    #[error("its writer broke down; this is an error of this program, please report it")]
    Broken,
}

impl Failure {
    /// Sorts what the kernel said, at a byte offset.
    pub fn of(error: io::Error, at: u64, doing: Doing) -> Failure {
        match Errno::from_io_error(&error) {
            Some(Errno::NODEV | Errno::NXIO | Errno::NOMEDIUM) => Failure::Gone { at },
            Some(Errno::NOSPC) => Failure::Full { at },
            Some(Errno::ROFS | Errno::PERM | Errno::ACCESS) => Failure::Protected,
            _ => Failure::Io {
                at,
                doing,
                source: error,
            },
        }
    }

    /// Whether running the same command again may go on from where it stopped.
    pub fn can_go_on(&self) -> bool {
        matches!(
            self,
            Failure::Gone { .. } | Failure::Io { .. } | Failure::Stalled { .. } | Failure::Image(_)
        )
    }
}
