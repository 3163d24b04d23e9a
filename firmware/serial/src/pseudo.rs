//! A pseudo-terminal: a port for programs on the same machine, and for tests.

use crate::raw::{Raw, make_raw};
use crate::{Port, PortError};
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Our end of a pseudo-terminal.
#[derive(Debug)]
pub struct PseudoTerminal {
    raw: Raw,
    /// The other end, kept open: programs may come and go without our end being hung up.
    _other: OwnedFd,
    path: PathBuf,
    link: Option<PathBuf>,
}

impl PseudoTerminal {
    /// Makes one, in raw mode; `link` becomes a symbolic link to it, in place of an earlier link.
    pub fn open(link: Option<&Path>) -> Result<PseudoTerminal, PortError> {
        let system = |error: Errno| PortError::system("making a pseudo-terminal", error);
        let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
        let fd = openpt(flags).map_err(system)?;
        grantpt(&fd).map_err(system)?;
        unlockpt(&fd).map_err(system)?;
        rustix::io::ioctl_fionbio(&fd, true).map_err(system)?;
        let name = ptsname(&fd, Vec::new()).map_err(system)?;
        let path = PathBuf::from(OsStr::from_bytes(name.to_bytes()));
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let other = rustix::fs::open(&path, flags, Mode::empty()).map_err(system)?;
        make_raw(&other, None).map_err(system)?;
        if let Some(link) = link {
            let failed = |error: std::io::Error| PortError::System {
                what: format!("linking {}", link.display()),
                cause: error.to_string(),
            };
            // Only a link of earlier: a file of somebody's stays.
            if std::fs::symlink_metadata(link).is_ok_and(|about| about.is_symlink()) {
                std::fs::remove_file(link).map_err(failed)?;
            }
            std::os::unix::fs::symlink(&path, link).map_err(failed)?;
        }
        Ok(PseudoTerminal {
            raw: Raw::new(fd, path.display().to_string()),
            _other: other,
            path,
            link: link.map(Path::to_owned),
        })
    }

    /// Where other programs find it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Port for PseudoTerminal {
    fn read(&mut self, buffer: &mut [u8], patience: Duration) -> Result<usize, PortError> {
        self.raw.read(buffer, patience)
    }

    fn write(&mut self, bytes: &[u8], patience: Duration) -> Result<(), PortError> {
        self.raw.write(bytes, patience)
    }

    fn description(&self) -> String {
        format!("pseudo-terminal {}", self.raw.name())
    }
}

impl Drop for PseudoTerminal {
    fn drop(&mut self) {
        if let Some(link) = &self.link {
            // A link that is gone already is no loss.
            let _ = std::fs::remove_file(link);
        }
    }
}
