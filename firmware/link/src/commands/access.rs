//! Commands about who may write, and about the terminal.

use super::{Arguments, Effect, Outcome, Reply};
use crate::desk::Desk;
use crate::device::Device;
use crate::fault::Fault;

pub(super) fn unlock<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    if arguments.len() == 1 {
        desk.unlock(&arguments.word(0)?)?;
        reply.done(format_args!("unlocked"));
        return Ok(());
    }
    match desk.challenge()? {
        Some(challenge) => reply.done(format_args!("challenge {challenge}")),
        None => reply.done(format_args!("{}", desk.access())),
    }
    Ok(())
}

pub(super) fn lock<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    desk.session.lock();
    reply.done(format_args!("{}", desk.access()));
    Ok(())
}

pub(super) fn pin<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let word = arguments.word(0)?;
    let pin = (word != "none").then_some(word.as_str());
    desk.change_pin(pin)?;
    let told = if pin.is_some() {
        "the PIN is set"
    } else {
        "no PIN is set"
    };
    reply.done(format_args!("{told}"));
    Ok(())
}

pub(super) fn terminal<D: Device>(
    _: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let word = arguments.word(0)?;
    let on = match word.as_str() {
        "on" => true,
        "off" => false,
        _ => return Err(Fault::Usage(arguments.usage)),
    };
    reply.done(format_args!("terminal {word}"));
    reply.effect = Effect::Terminal(on);
    Ok(())
}

pub(super) fn quit<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    lock(desk, arguments, reply)?;
    reply.effect = Effect::Terminal(false);
    Ok(())
}
