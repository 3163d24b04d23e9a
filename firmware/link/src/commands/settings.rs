//! Commands about settings.

use super::{Arguments, Outcome, Reply};
use crate::desk::Desk;
use crate::device::Device;
use crate::fault::Fault;
use crate::names::find;
use core::fmt;
use sfumato_settings::{Id, Settings, staged, text};

/// A setting and its value, as `text::line` writes it.
struct Line<'a>(Id, &'a Settings);

impl fmt::Display for Line<'_> {
    fn fmt(&self, mut f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::line(self.0, self.1, &mut f)
    }
}

/// What a setting can be set to, as `text::help` writes it.
struct Help<'a>(Id, &'a Settings);

impl fmt::Display for Help<'_> {
    fn fmt(&self, mut f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::help(self.0, self.1, &mut f)
    }
}

/// The setting that was named, or what may have been meant.
fn named(name: &str) -> Result<Id, Fault> {
    match find(name) {
        Some(id) => Ok(id),
        None => Ok(staged::find(name)?),
    }
}

/// The last line of an answer: the value in force.
pub(super) fn show<D: Device>(desk: &Desk<'_, D>, id: Id, reply: &mut Reply<'_>) {
    reply.done(format_args!("{}", Line(id, desk.settings())));
}

pub(super) fn list<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    let group = arguments.optional()?;
    let wanted = |id: &Id| {
        let (own, _) = id.setting().path();
        group
            .as_ref()
            .is_none_or(|group| own.eq_ignore_ascii_case(group))
    };
    let (settings, defaults) = (desk.settings(), desk.store.defaults());
    let mut count = 0;
    for id in Id::all().filter(wanted) {
        let changed = settings.get(id) != defaults.get(id);
        let mark = if changed { " *" } else { "" };
        reply.line(format_args!("{}{mark}", Line(id, settings)));
        count += 1;
    }
    if count == 0 {
        return Err(named(&group.unwrap_or_default())
            .err()
            .unwrap_or(Fault::Unknown));
    }
    reply.done(format_args!("{count} settings; * is not the default"));
    Ok(())
}

pub(super) fn get<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    show(desk, named(&arguments.word(0)?)?, reply);
    Ok(())
}

pub(super) fn set<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    let id = named(&arguments.word(0)?)?;
    arguments.word(1)?;
    desk.stage(id.name(), &arguments.rest(1)?)?;
    waiting(desk, id, reply);
    Ok(())
}

pub(super) fn range<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let id = named(&arguments.word(0)?)?;
    reply.done(format_args!("{}", Help(id, desk.store.defaults())));
    Ok(())
}

pub(super) fn reset<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let name = arguments.word(0)?;
    if name == "all" {
        desk.writing()?;
        desk.session.staged.reset_all(desk.store.defaults());
        reply.done(format_args!(
            "all defaults are prepared, but for the PIN; commit puts them into force"
        ));
        return Ok(());
    }
    let id = named(&name)?;
    desk.stage_default(id)?;
    waiting(desk, id, reply);
    Ok(())
}

/// The last line of an answer: what is prepared.
fn waiting<D: Device>(desk: &Desk<'_, D>, id: Id, reply: &mut Reply<'_>) {
    let after = desk.session.staged.over(desk.settings());
    reply.done(format_args!("{}, after commit", Line(id, &after)));
}

pub(super) fn staged<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    let changed = desk.session.staged.changed();
    let after = desk.session.staged.over(desk.settings());
    for id in changed.iter() {
        reply.line(format_args!("{}", Line(id, &after)));
    }
    reply.done(format_args!("{} prepared", changed.len()));
    Ok(())
}

pub(super) fn discard<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    desk.session.staged.discard();
    reply.done(format_args!("nothing is prepared"));
    Ok(())
}

pub(super) fn commit<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    let count = desk.commit()?;
    reply.done(format_args!(
        "{count} put into force; save keeps them over a restart"
    ));
    Ok(())
}

pub(super) fn save<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    desk.save()?;
    reply.done(format_args!(
        "saved; {} not at their defaults",
        desk.store.changed().count()
    ));
    Ok(())
}

pub(super) fn load<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.none()?;
    desk.load()?;
    reply.done(format_args!("what was saved is in force"));
    Ok(())
}
