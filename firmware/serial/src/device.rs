//! A serial device of the system.

use crate::raw::{Raw, make_raw};
use crate::{Port, PortError, holder};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::termios::{QueueSelector, ioctl_tiocexcl, tcflush};
use std::path::Path;
use std::time::Duration;

/// An open serial device. Nobody else can open it meanwhile, unless it is a pseudo-terminal.
#[derive(Debug)]
pub struct Device {
    raw: Raw,
    baud: u32,
}

impl Device {
    /// Opens a device at so many bits a second, 8 bits, no parity, no handshake. What was received before is
    /// thrown away. Of pseudo-terminals others may have the same end open.
    pub fn open(path: &Path, baud: u32) -> Result<Device, PortError> {
        let pseudo = is_pseudo_terminal(path);
        if let Some(holder) = holder::of(path).filter(|_| !pseudo) {
            return Err(PortError::Held {
                path: path.to_owned(),
                holder,
            });
        }
        // Without waiting: an open call may otherwise wait for a carrier that never comes.
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let fd = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|error| PortError::opening(path, error))?;
        make_raw(&fd, Some(baud)).map_err(|error| match error {
            Errno::INVAL => PortError::Rate {
                path: path.to_owned(),
                baud,
            },
            error => PortError::opening(path, error),
        })?;
        if !pseudo {
            ioctl_tiocexcl(&fd).map_err(|error| PortError::opening(path, error))?;
        }
        tcflush(&fd, QueueSelector::IOFlush).map_err(|error| PortError::opening(path, error))?;
        Ok(Device {
            raw: Raw::new(fd, path.display().to_string()),
            baud,
        })
    }
}

/// Whoever made a pseudo-terminal keeps its other end open, for one visitor after another.
fn is_pseudo_terminal(path: &Path) -> bool {
    std::fs::canonicalize(path).is_ok_and(|path| path.starts_with("/dev/pts"))
}

impl Port for Device {
    fn read(&mut self, buffer: &mut [u8], patience: Duration) -> Result<usize, PortError> {
        self.raw.read(buffer, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), PortError> {
        self.raw.write(bytes, patience)
    }

    fn description(&self) -> String {
        format!("{} at {} bits a second", self.raw.name(), self.baud)
    }
}
