//! Commands about who may write, and about the terminal.

use super::{Arguments, Effect, Reply};
use crate::desk::{Challenge, Desk};
use crate::device::Device;
use crate::fault::Fault;
use core::fmt;

type Outcome = Result<Effect, Fault>;

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

pub(super) fn unlock<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    if arguments.len() == 1 {
        desk.unlock(&arguments.word(0)?)?;
        reply.done(format_args!("unlocked"));
        return Ok(Effect::None);
    }
    match desk.challenge()? {
        Some(Challenge { salt, number }) => {
            reply.done(format_args!("challenge {}:{}", Hex(&salt), Hex(&number)));
        }
        None => reply.done(format_args!("open, no PIN is set")),
    }
    Ok(Effect::None)
}

pub(super) fn lock<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    desk.session.lock();
    reply.done(format_args!("{}", locked(desk)));
    Ok(Effect::None)
}

fn locked<D: Device>(desk: &Desk<'_, D>) -> &'static str {
    match desk.settings().pin() {
        Some(_) => "locked",
        None => "open, no PIN is set",
    }
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
    reply.done(format_args!(
        "{}",
        if pin.is_some() {
            "the PIN is set"
        } else {
            "no PIN is set"
        }
    ));
    Ok(Effect::None)
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
    Ok(Effect::Terminal(on))
}

pub(super) fn quit<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    desk.session.lock();
    reply.done(format_args!("{}", locked(desk)));
    Ok(Effect::Terminal(false))
}
