//! At the start: what did the one before leave?

use crate::here::Here;
use crate::lock::Lock;
use crate::notes::replace;
use crate::{Error, state, tool};
use sfumato_slots::{Noticed, Source};

/// Attempts at a bundle that came over the serial line, when the power is cut again and again.
const ATTEMPTS: u32 = 3;

/// Notices a roll-back or a cut, hands over if it is time, goes on with a bundle that is still there, and tells how the
/// board stands.
///
/// # Errors
/// The partitions'.
pub fn boot(here: &mut Here) -> Result<(), Error> {
    let lock = Lock::wait(&here.paths)?;
    match here.updates().at_start()? {
        Noticed::Nothing => {}
        Noticed::Ended(last) => println!(
            "{} {}: {} {}",
            last.what, last.version, last.outcome, last.reason
        ),
        Noticed::HandOver(last) => {
            println!("slot {} hands over: {}", here.running.slot, last.reason);
            state::tell(here, None)?;
            return tool::restart_board();
        }
        Noticed::Interrupted(pending) => {
            println!(
                "the power was cut while version {} was written",
                pending.version
            );
            // A stick is looked at again by itself.
            let there = here.paths.incoming().is_file();
            if pending.from == Source::Serial && there && pending.attempts < ATTEMPTS {
                let request = here.paths.request();
                replace(&request, "install\n").map_err(|error| Error::file(&request, error))?;
            }
        }
    }
    state::tell(here, None)?;
    drop(lock);
    Ok(())
}
