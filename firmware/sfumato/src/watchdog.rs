//! The board's own watchdog: who does not feed it is started anew by the hardware.
//!
//! Linux shows it as a file (Documentation/watchdog/watchdog-api.rst): opening it starts it, any byte feeds it, a `V`
//! before it is closed lets it go. Only where the config file names it; systemd's watchdog guards the
//! program without it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// A watchdog that has been started.
#[derive(Debug)]
pub struct Watchdog {
    file: File,
}

impl Watchdog {
    /// Starts the watchdog at `path`, such as `/dev/watchdog`.
    pub fn start(path: &Path) -> io::Result<Watchdog> {
        let file = OpenOptions::new().write(true).open(path)?;
        Ok(Watchdog { file })
    }

    /// Says that all is well.
    pub fn feed(&self) {
        // A watchdog that cannot be fed does what it is there for.
        let _ = (&self.file).write_all(b".");
    }

    /// Lets it go at an orderly end.
    pub fn release(&self) {
        let _ = (&self.file).write_all(b"V");
    }
}

/// Whether the board was last started by its watchdog, as far as its driver tells.
pub fn has_bitten() -> bool {
    has_bitten_by(Path::new("/sys/class/watchdog"))
}

/// `WDIOF_CARDRESET` of linux/watchdog.h.
const CARD_RESET: u32 = 0x20;

fn has_bitten_by(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut status = entries.filter_map(|entry| {
        let text = std::fs::read_to_string(entry.path().join("bootstatus")).ok()?;
        text.trim().parse::<u32>().ok()
    });
    status.any(|status| status & CARD_RESET != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_fed_and_let_go() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("watchdog");
        assert!(Watchdog::start(&path).is_err(), "a file is never made");
        std::fs::write(&path, "").unwrap();
        let watchdog = Watchdog::start(&path).unwrap();
        watchdog.feed();
        watchdog.feed();
        watchdog.release();
        assert_eq!(std::fs::read(path).unwrap(), b"..V");
    }

    #[test]
    fn a_bite_is_known_afterwards() {
        let folder = tempfile::tempdir().unwrap();
        assert!(!has_bitten_by(folder.path()));
        for (name, status) in [("watchdog0", "0\n"), ("watchdog1", "33\n")] {
            assert!(!has_bitten_by(folder.path()));
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("bootstatus"), status).unwrap();
        }
        assert!(has_bitten_by(folder.path()));
    }
}
