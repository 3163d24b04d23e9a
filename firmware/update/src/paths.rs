//! Where everything lies.

use sfumato_slots::Slot;
use std::path::{Path, PathBuf};

/// All paths, below a root folder: `/` on a board.
#[derive(Clone, Debug)]
pub struct Paths {
    root: PathBuf,
}

macro_rules! paths {
    ($($(#[$about:meta])* $name:ident = $path:literal;)*) => {
        $($(#[$about])* pub fn $name(&self) -> PathBuf { self.root.join($path) })*
    };
}

impl Paths {
    /// Everything below this folder.
    pub fn below(root: &Path) -> Paths {
        Paths {
            root: root.to_owned(),
        }
    }

    paths! {
        /// The boot partition.
        esp = "efi";
        /// What is remembered.
        notes = "data/update";
        /// The bundle that came over the serial line.
        incoming = "var/lib/sfumato/update/incoming.raucb";
        /// The wish of the show.
        request = "var/lib/sfumato/update/request";
        /// How the show does.
        health = "run/sfumato/health";
        /// Our folder in memory.
        run = "run/sfumato-update";
        /// How both slots stand.
        state = "run/sfumato-update/state.json";
        /// Why the bootloader's backend failed: RAUC only says that it did.
        complaint = "run/sfumato-update/complaint";
        /// Where slots and sticks are mounted, in a name space of our own.
        mounts = "run/sfumato-update/mount";
        /// What the board is.
        board = "usr/lib/sfumato/board.toml";
        /// What the system is.
        os_release = "usr/lib/os-release";
        /// The keys that bundles are signed by.
        keyring = "etc/rauc/keyring.pem";
        /// RAUC's own settings.
        system_conf = "etc/rauc/system.conf";
        /// The kernel's command line.
        command_line = "proc/cmdline";
        /// Seconds since the start.
        uptime = "proc/uptime";
        /// The kernel's name for this start.
        boot_id = "proc/sys/kernel/random/boot_id";
    }

    /// A slot's partition.
    pub fn partition(&self, slot: Slot) -> PathBuf {
        self.root
            .join("dev/disk/by-partlabel")
            .join(slot.partition())
    }
}
