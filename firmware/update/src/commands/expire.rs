//! Time passes without a verdict.

use super::confirm;
use crate::here::Here;
use crate::lock::Lock;
use crate::{Error, state, tool};
use sfumato_slots::{TRIAL, Timer, timer};

/// Gives a trial up when its time is over, counts long starts without a verdict; called every minute.
///
/// # Errors
/// The partitions'.
pub fn expire(here: &mut Here) -> Result<(), Error> {
    let (seconds, start) = here.since_start()?;
    let state = here.updates().boot()?.state(here.running.slot);
    match timer(state, here.health(), seconds) {
        Timer::Wait => Ok(()),
        Timer::Confirm => confirm(here).map(drop),
        Timer::Count => {
            let lock = Lock::wait(&here.paths)?;
            here.updates().without_verdict(&start, seconds)?;
            drop(lock);
            Ok(())
        }
        Timer::GiveUp => {
            let lock = Lock::wait(&here.paths)?;
            let reason = format!("it was not healthy within {} minutes", TRIAL / 60);
            let last = here.updates().give_up(&reason)?;
            println!("version {} is given up: {}", last.version, last.reason);
            state::tell(here, None)?;
            drop(lock);
            tool::restart_board()
        }
    }
}
