//! The command about the versions of the program on the board.

use super::{Arguments, Outcome, Reply};
use crate::desk::Desk;
use crate::device::{Denied, Device, Untouched};
use crate::fault::Fault;

pub(super) fn update<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    let word = arguments.optional()?;
    let word = word.as_deref();
    if !matches!(word, None | Some("confirm" | "back")) {
        return Err(Fault::Usage(arguments.usage));
    }
    if word.is_some() {
        desk.writing()?;
    }
    let images = desk.device.images().ok_or(Denied(
        "this board has no updates; a new version is a new image",
    ))?;
    let told = match word {
        Some("confirm") => images.mark(None, true),
        Some(_) => images.back(),
        None => images.tell(reply.out),
    };
    told.map_err(Untouched::words)?;
    match word {
        Some("confirm") => reply.done(format_args!("asked for; update tells")),
        Some(_) => reply.done(format_args!("asked for; the board starts anew")),
        None => reply.done(format_args!("")),
    }
    Ok(())
}
