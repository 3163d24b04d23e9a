//! Time passes without a verdict.

use super::confirm;
use crate::here::Here;
use crate::lock::Lock;
use crate::{Error, state, tool};
use sfumato_slots::{State, Timer, timer};

/// Gives a trial up when its time is over or its show ends again and again, counts long starts without a verdict; called every minute.
///
/// # Errors
/// The partitions'.
pub fn expire(here: &mut Here) -> Result<(), Error> {
    let (seconds, start) = here.since_start()?;
    let state = here.updates().boot()?.state(here.running.slot);
    let ends = match state {
        State::Trial(_) | State::Bad => tool::ends_of_show(),
        State::Confirmed | State::Empty => 0,
    };
    match timer(state, here.health(), seconds, ends) {
        Timer::Wait => Ok(()),
        Timer::Confirm => confirm(here).map(drop),
        Timer::Count => {
            let lock = Lock::wait(&here.paths)?;
            here.updates().without_verdict(&start, seconds)?;
            drop(lock);
            Ok(())
        }
        Timer::GiveUp(because) => {
            let lock = Lock::wait(&here.paths)?;
            let last = here.updates().give_up(&because.to_string())?;
            println!("version {} is given up: {}", last.version, last.reason);
            state::tell(here, None)?;
            drop(lock);
            tool::restart_board()
        }
    }
}
