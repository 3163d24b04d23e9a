//! The show says that it is well.

use crate::here::Here;
use crate::lock::Lock;
use crate::{Error, state};
use sfumato_slots::Health;

/// Confirms what runs, if it is healthy; says whether that is news.
///
/// # Errors
/// The partitions'.
pub fn confirm(here: &mut Here) -> Result<bool, Error> {
    if here.health() != Health::Healthy {
        return Ok(false);
    }
    let lock = Lock::wait(&here.paths)?;
    let news = here.updates().confirm()?;
    if news {
        println!(
            "version {} is confirmed in slot {}",
            here.version()?,
            here.running.slot
        );
        state::tell(here, None)?;
    }
    drop(lock);
    Ok(news)
}
