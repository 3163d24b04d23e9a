//! What the virtual kiosk is put through. Each check says what it saw; its name is a row of `docs/proved.md`.

mod cuts;
mod faults;
mod keeping;
mod start;
mod updates;

use super::machine::Machine;
use super::scene::Scene;
use anyhow::Result;

/// One check: what must hold, and the doing that returns what was seen.
pub struct Check {
    /// Short name, for choosing and for folders.
    pub name: &'static str,
    /// What must hold, a row's title.
    pub claim: &'static str,
    /// Whether it takes a minute at most, so that every change is put through it.
    pub is_short: bool,
    /// Does it. The kiosk is as the check before left it: switched on and well.
    pub run: fn(&mut Machine, &Scene) -> Result<String>,
}

/// In the order in which one kiosk goes through them.
pub const CHECKS: &[Check] = &[
    Check {
        name: "start",
        claim: "Flashed by `atelier flash`, from power-on to the living portrait without a hand; the screen shows the painting",
        is_short: true,
        run: start::from_power_on,
    },
    Check {
        name: "visitor",
        claim: "A visitor is seen through the kernel's camera, and the portrait changes when the visitor laughs",
        is_short: true,
        run: start::visitor,
    },
    Check {
        name: "clients",
        claim: "Other people's programs (smpmgr, mcumgrctl) read and change settings on the serial line",
        is_short: true,
        run: keeping::clients,
    },
    Check {
        name: "settings",
        claim: "Settings saved over the serial line survive a power cut",
        is_short: true,
        run: keeping::settings,
    },
    Check {
        name: "writes",
        claim: "Nothing but what is expected is written on the data partition; the root cannot be written",
        is_short: true,
        run: keeping::writes,
    },
    Check {
        name: "network",
        claim: "No network: no driver, no interface but the inner one, and none for the program at all",
        is_short: true,
        run: keeping::network,
    },
    Check {
        name: "camera",
        claim: "Dropped and damaged buffers, EIO, disconnection, driver unbound and bound: a life of its own, then the visitor again",
        is_short: true,
        run: faults::camera,
    },
    Check {
        name: "screen",
        claim: "The screen goes and comes back: the same process shows the portrait again",
        is_short: true,
        run: faults::screen,
    },
    Check {
        name: "screen-late",
        claim: "Switched on without a screen it answers on the serial line, and shows the portrait when the screen is there",
        is_short: true,
        run: faults::screen_at_start,
    },
    Check {
        name: "killed",
        claim: "The service is killed: it comes back by itself",
        is_short: true,
        run: faults::killed,
    },
    Check {
        name: "hung",
        claim: "The service hangs (SIGSTOP): the watchdog starts it anew",
        is_short: true,
        run: faults::hung,
    },
    Check {
        name: "tampered",
        claim: "A tampered update, one for another board and an older one are refused with the reason",
        is_short: true,
        run: updates::refused,
    },
    Check {
        name: "serial-update",
        claim: "An update over the serial line goes to the other slot; where it does not start, the boot loader counts and goes back",
        is_short: false,
        run: updates::over_serial,
    },
    Check {
        name: "update",
        claim: "An update from a USB stick goes to the other slot, is tried, and is confirmed by the portrait's own health",
        is_short: false,
        run: updates::second_version,
    },
    Check {
        name: "menu",
        claim: "What a key in the boot loader's menu chose for good is forgotten at the next start",
        is_short: false,
        run: updates::menu,
    },
    Check {
        name: "corrupt",
        claim: "A slot with a changed byte is not started: the other slot is",
        is_short: false,
        run: updates::corrupt_slot,
    },
    Check {
        name: "cuts",
        claim: "Power cut at random moments during saves, uploads and updates: every start is well, with the old or the new",
        is_short: false,
        run: cuts::at_random,
    },
    Check {
        name: "roll-back",
        claim: "An update whose program does not run is rolled back by itself",
        is_short: false,
        run: updates::broken_version,
    },
    Check {
        name: "data-damaged",
        claim: "The data partition's beginning is overwritten: it is repaired at the next start, and settings are there",
        is_short: false,
        run: keeping::data_damaged,
    },
    Check {
        name: "data-lost",
        claim: "The data partition is lost: the portrait all the same, and `save` says that nothing is kept",
        is_short: false,
        run: keeping::data_lost,
    },
];
