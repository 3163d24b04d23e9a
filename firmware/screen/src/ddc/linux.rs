//! The real bus: `/dev/i2c-N` of the kernel's i2c-dev.
//!
//! Plain reads and writes after naming the display's address once; of the kernel's two ways, it is
//! the one that every graphics driver understands (builds of NVIDIA's refuse the other).
#![allow(unsafe_code)]

use super::find::bus_of;
use super::packet::ADDRESS;
use super::{Bus, BusError};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::{IntegerSetter, Opcode, ioctl};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names the address that reads and writes go to (`I2C_SLAVE` of the kernel's `linux/i2c-dev.h`).
const I2C_SLAVE: Opcode = 0x0703;

/// An open bus with the display's address named.
struct Wires {
    fd: OwnedFd,
    path: PathBuf,
}

/// Opens the bus of the display on `connector`, as [`Screen::connector`](crate::Screen::connector) names it.
pub fn open(connector: &str) -> Result<Box<dyn Bus>, BusError> {
    let number =
        bus_of(Path::new("/sys/class/drm"), connector).ok_or_else(|| BusError::NotFound {
            what: format!("the bus of the display on {connector}, which the driver does not name"),
            cure: "choose display.power dpms".into(),
        })?;
    open_device(Path::new(&format!("/dev/i2c-{number}")))
}

/// Opens the bus at `path`, such as `/dev/i2c-4`. It must be a display's: see [`open`].
pub fn open_device(path: &Path) -> Result<Box<dyn Bus>, BusError> {
    let not_found = |what: String, cure: &str| BusError::NotFound {
        what,
        cure: cure.to_owned(),
    };
    let flags = OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOCTTY | OFlags::NONBLOCK;
    let fd = rustix::fs::open(path, flags, Mode::empty()).map_err(|errno| match errno {
        Errno::NOENT | Errno::NODEV | Errno::NXIO => not_found(
            format!("there is no bus {}", path.display()),
            "load the kernel's i2c-dev: modprobe i2c-dev",
        ),
        Errno::ACCESS | Errno::PERM => not_found(
            format!("the right to use {} is missing", path.display()),
            "add the user to the group i2c (usermod -aG i2c USER), or give the group the device by a udev rule",
        ),
        errno => BusError::Io {
            doing: format!("opening {}", path.display()),
            source: errno.into(),
        },
    })?;
    // SAFETY: this request takes an integer, a seven-bit address, and the kernel touches no memory of
    // ours for it. Other devices refuse it: its number is i2c-dev's own.
    let named = unsafe {
        ioctl(
            &fd,
            IntegerSetter::<I2C_SLAVE>::new_usize(usize::from(ADDRESS)),
        )
    };
    named.map_err(|errno| match errno {
        Errno::BUSY => not_found(
            format!(
                "another driver holds the display's address on {}",
                path.display()
            ),
            "unload it: modprobe -r ddcci",
        ),
        Errno::NOTTY | Errno::INVAL => not_found(
            format!("{} is no display's bus", path.display()),
            "look what there is with: ls /dev/i2c-*",
        ),
        errno => BusError::Io {
            doing: format!("naming the display on {}", path.display()),
            source: errno.into(),
        },
    })?;
    let path = path.to_owned();
    Ok(Box::new(Wires { fd, path }))
}

impl Wires {
    /// Judges one transfer: all of it, or why not.
    fn judge(
        &self,
        doing: &str,
        wanted: usize,
        moved: rustix::io::Result<usize>,
    ) -> Result<(), BusError> {
        let source = match moved {
            Ok(moved) if moved == wanted => return Ok(()),
            Ok(_) => std::io::ErrorKind::UnexpectedEof.into(),
            // Drivers have several ways to say that nobody acknowledged.
            Err(Errno::NXIO | Errno::REMOTEIO | Errno::IO | Errno::TIMEDOUT | Errno::AGAIN) => {
                return Err(BusError::NoAnswer);
            }
            Err(Errno::NODEV | Errno::SHUTDOWN) => return Err(BusError::Gone),
            Err(errno) => errno.into(),
        };
        Err(BusError::Io {
            doing: format!("{doing} the display at {}", self.path.display()),
            source,
        })
    }
}

impl Bus for Wires {
    fn write(&mut self, bytes: &[u8]) -> Result<(), BusError> {
        let moved = rustix::io::write(&self.fd, bytes);
        self.judge("telling", bytes.len(), moved)
    }

    fn read(&mut self, bytes: &mut [u8]) -> Result<(), BusError> {
        let wanted = bytes.len();
        let moved = rustix::io::read(&self.fd, bytes);
        self.judge("asking", wanted, moved)
    }

    fn wait(&mut self, length: Duration) {
        std::thread::sleep(length);
    }

    fn description(&self) -> String {
        format!("DDC/CI on {}", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bus_is_refused_with_a_cure() {
        for (path, word) in [
            ("/dev/null", "no display's bus"),
            ("/dev/i2c-9999", "modprobe i2c-dev"),
        ] {
            let error = open_device(Path::new(path)).err().unwrap().to_string();
            assert!(error.contains(word), "{error}");
        }
        let error = open("card9-HDMI-A-9").err().unwrap().to_string();
        assert!(
            error.contains("card9-HDMI-A-9") && error.contains("dpms"),
            "{error}"
        );
    }
}
