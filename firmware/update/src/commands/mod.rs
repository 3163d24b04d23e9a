//! What the program is started for: one command for each unit.

mod boot;
mod bootloader;
mod confirm;
mod expire;
mod install;
mod night;
mod request;
mod status;
mod usb;

pub use boot::boot;
pub use bootloader::{Ask, bootloader};
pub use confirm::confirm;
pub use expire::expire;
pub use install::{by_hand, install};
pub use night::night;
pub use request::{Wish, request};
pub use status::status;
pub use usb::usb;

use crate::here::Here;
use crate::{Error, state};
use sfumato_slots::{Deed, Last, Note, Notes as _, Outcome, Source};

/// Remembers and tells how something ended that was not done.
fn not_done(
    here: &mut Here,
    what: Deed,
    version: &str,
    from: Source,
    error: &Error,
) -> Result<(), Error> {
    let refused = error.is_refusal();
    let last = Last {
        what,
        version: version.to_owned(),
        outcome: if refused {
            Outcome::Refused
        } else {
            Outcome::Failed
        },
        reason: error.to_string(),
        from,
    };
    here.updates().notes.write(Note::Last, &last.to_string())?;
    state::tell(here, None)
}
