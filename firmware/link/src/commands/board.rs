//! Commands about the board.

use super::{Arguments, Outcome, Reply};
use crate::desk::Desk;
use crate::device::{Denied, Device, Picture, Restart};
use crate::fault::Fault;
use heapless::String;
use sfumato_wire::DateTime;
use sfumato_wire::requests::os::Field;

/// Lines of the log that are shown where nobody says how many.
const LOG_LINES: usize = 20;

pub(super) fn status<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    let _ = desk.device.status(reply.out);
    let unsaved = desk.store.unsaved().count();
    let staged = desk.session.staged.changed().len();
    reply.line(format_args!(
        "settings: {unsaved} not saved, {staged} prepared"
    ));
    reply.line(format_args!("access: {}", desk.access()));
    reply.done(format_args!(""));
    Ok(())
}

pub(super) fn counters<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    let wanted = arguments.optional()?;
    let mut count = 0;
    desk.device.counters(&mut |groups| {
        let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| *wanted == name);
        for group in groups.iter().filter(|group| is_wanted(group.name)) {
            for (name, value) in group.counters {
                reply.line(format_args!("{}.{name} = {value}", group.name));
                count += 1;
            }
        }
    });
    if count == 0 {
        return Err(Denied("there is no such group of counters; counters lists all").into());
    }
    reply.done(format_args!("{count} counters"));
    Ok(())
}

pub(super) fn vitals<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    let _ = desk.device.vitals(reply.out);
    reply.done(format_args!(""));
    Ok(())
}

pub(super) fn log<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    let most = match arguments.optional()? {
        Some(text) => text.parse().map_err(|_| Fault::Usage(arguments.usage))?,
        None => LOG_LINES,
    };
    let _ = desk.device.log(most, reply.out);
    reply.done(format_args!(""));
    Ok(())
}

pub(super) fn about<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    for (name, field) in [
        ("name", Field::NodeName),
        ("board", Field::Platform),
        ("version", Field::KernelVersion),
        ("system", Field::OperatingSystem),
        ("kernel", Field::KernelRelease),
        ("machine", Field::Machine),
    ] {
        let mut fact = String::<64>::new();
        // What does not fit is not told, nor what is not known.
        let _ = desk.device.fact(field, &mut fact);
        if !fact.is_empty() {
            reply.line(format_args!("{name}: {fact}"));
        }
    }
    reply.done(format_args!(""));
    Ok(())
}

pub(super) fn time<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(2)?;
    if arguments.len() > 0 {
        desk.writing()?;
        let text = arguments.rest(0)?;
        let time = DateTime::parse(&text).map_err(|_| Fault::Usage(arguments.usage))?;
        desk.device.set_clock(time)?;
    }
    match desk.device.clock() {
        Some(time) => reply.done(format_args!("{time}")),
        None => return Err(Denied("the clock has not been set; time sets it").into()),
    }
    Ok(())
}

pub(super) fn show<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let name = arguments.word(0)?;
    let picture = Picture::ALL
        .into_iter()
        .find(|picture| *picture.name() == *name);
    let picture = picture.ok_or(Fault::Usage(arguments.usage))?;
    desk.writing()?;
    desk.device.show(picture)?;
    reply.done(format_args!("{}", picture.name()));
    Ok(())
}

pub(super) fn restart<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    start_anew(desk, arguments, reply, Restart::Program)
}

pub(super) fn reboot<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    start_anew(desk, arguments, reply, Restart::Board)
}

fn start_anew<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
    what: Restart,
) -> Outcome {
    arguments.none()?;
    desk.writing()?;
    desk.device.restart(what)?;
    reply.done(format_args!("in a moment"));
    Ok(())
}

pub(super) fn echo<D: Device>(
    _: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    let text = arguments.rest(0)?;
    reply.done(format_args!("{text}"));
    Ok(())
}
