//! Commands about the paintings on the board.

use super::{Arguments, Outcome, Reply};
use crate::desk::Desk;
use crate::device::Device;

pub(super) fn packs<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    let _ = desk.device.packs(reply.out);
    reply.done(format_args!("the setting painting says which is shown"));
    Ok(())
}

pub(super) fn remove<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let name = arguments.word(0)?;
    desk.writing()?;
    desk.device.remove_pack(&name)?;
    reply.done(format_args!("{name} is removed"));
    Ok(())
}
