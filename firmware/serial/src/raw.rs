//! Reading, writing and raw mode, the same for devices and pseudo-terminals.

use crate::PortError;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::termios::{ControlModes, OptionalActions, tcgetattr, tcsetattr};
use std::time::{Duration, Instant};

/// An open descriptor that never blocks, with its name for errors.
#[derive(Debug)]
pub struct Raw {
    fd: OwnedFd,
    name: String,
}

impl Raw {
    /// A descriptor that was opened without blocking.
    pub fn new(fd: OwnedFd, name: String) -> Raw {
        Raw { fd, name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Waits for bytes and reads them; 0: none came.
    pub fn read(&self, buffer: &mut [u8], patience: Duration) -> Result<usize, PortError> {
        let deadline = Instant::now() + patience;
        loop {
            match rustix::io::read(&self.fd, &mut *buffer) {
                Ok(0) => return Err(PortError::Lost(self.name.clone())),
                Ok(count) => return Ok(count),
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(self.lost(error)),
            }
            if !self.wait(PollFlags::IN, deadline)? {
                return Ok(0);
            }
        }
    }

    /// Writes all of it.
    pub fn write(&self, mut bytes: &[u8], patience: Duration) -> Result<(), PortError> {
        let deadline = Instant::now() + patience;
        while !bytes.is_empty() {
            match rustix::io::write(&self.fd, bytes) {
                Ok(count) => {
                    bytes = bytes.get(count..).unwrap_or_default();
                    continue;
                }
                Err(Errno::AGAIN | Errno::INTR) => {}
                Err(error) => return Err(self.lost(error)),
            }
            if !self.wait(PollFlags::OUT, deadline)? {
                return Err(PortError::Unread(self.name.clone()));
            }
        }
        Ok(())
    }

    /// Waits until the descriptor is ready; false when the time is over. A hang-up counts as ready: what comes
    /// next says what it was.
    fn wait(&self, flags: PollFlags, deadline: Instant) -> Result<bool, PortError> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        let timeout = Timespec {
            tv_sec: left.as_secs() as i64,
            tv_nsec: left.subsec_nanos().into(),
        };
        let mut descriptors = [PollFd::new(&self.fd, flags)];
        match poll(&mut descriptors, Some(&timeout)) {
            Ok(0) => Ok(false),
            Ok(_) => Ok(true),
            Err(Errno::INTR) => Ok(true),
            Err(error) => Err(self.lost(error)),
        }
    }

    fn lost(&self, error: Errno) -> PortError {
        match error {
            Errno::IO | Errno::NODEV | Errno::NXIO | Errno::PIPE => {
                PortError::Lost(self.name.clone())
            }
            other => PortError::system(&self.name, other),
        }
    }
}

/// Bytes as they come: no line discipline, no echo, no signals; 8 bits, no parity, one stop bit, no
/// handshake, modem lines ignored.
pub fn make_raw(fd: impl AsFd, baud: Option<u32>) -> Result<(), Errno> {
    let mut modes = tcgetattr(&fd)?;
    modes.make_raw();
    modes.control_modes |= ControlModes::CLOCAL | ControlModes::CREAD;
    modes.control_modes -= ControlModes::CRTSCTS | ControlModes::CSTOPB;
    if let Some(baud) = baud {
        modes.set_speed(baud)?;
    }
    tcsetattr(&fd, OptionalActions::Now, &modes)
}
