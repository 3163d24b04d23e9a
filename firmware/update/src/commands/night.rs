//! The museum sleeps.

use crate::here::Here;
use crate::{Error, tool};
use sfumato_slots::{Restart, Stage};

/// Restarts the board into what was installed to be tried at night.
///
/// # Errors
/// The boot partition's.
pub fn night(here: &mut Here) -> Result<(), Error> {
    let slot = here.running.slot;
    let waits = here.updates().pending().is_some_and(|pending| {
        pending.slot != slot && pending.stage == Stage::Ready && pending.restart == Restart::AtNight
    });
    let boot = here.updates().boot()?;
    let next = boot.next().is_some_and(|found| found.name.slot != slot);
    if waits && next {
        return tool::restart_board();
    }
    Ok(())
}
