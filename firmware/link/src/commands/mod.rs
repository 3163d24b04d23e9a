//! Text commands: for people at a terminal, for AV controllers, and for SMP's shell group.
//!
//! ```text
//! brightness 70               OK display.brightness = 70 %
//! brightness 170              ERR 21 display.brightness: 0 to 100 %, not 170
//! ```
//!
//! The last line of every answer begins with `OK` or with `ERR` and a [number](crate::fault); lines before it are
//! what was asked for. The name of a setting alone asks for its value, with a value after it changes it at
//! once; `set` only prepares a change, and `commit` puts all prepared ones into force together.
//! Names may leave out their group where only one setting has that name.

mod access;
mod board;
mod packs;
mod settings;
mod update;

use crate::conversation::LINE;
use crate::desk::Desk;
use crate::device::Device;
use crate::fault::Fault;
use crate::names::find;
use core::fmt::{self, Write};
use heapless::String;
use sfumato_wire::text::{Word, words};

/// Most words of a line.
pub const WORDS: usize = 48;

/// Longest text that words are joined to, in bytes: all that a line has room for.
const JOINED: usize = LINE;

/// What the port itself has to do after a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// Nothing.
    #[default]
    None,
    /// Switch echo and line editing on or off.
    Terminal(bool),
}

/// A command's answer, line by line; a lost end of it is nobody's fault here.
pub(crate) struct Reply<'a> {
    out: &'a mut dyn Write,
    /// What the port itself has to do.
    effect: Effect,
}

/// How a command ends.
type Outcome = Result<(), Fault>;

impl<'a> Reply<'a> {
    fn new(out: &'a mut dyn Write) -> Reply<'a> {
        Reply {
            out,
            effect: Effect::None,
        }
    }

    /// A line of what was asked for.
    fn line(&mut self, line: fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(line);
        let _ = self.out.write_char('\n');
    }

    /// The last line of an answer that went well.
    fn done(&mut self, words: fmt::Arguments<'_>) {
        let space = if words.as_str() == Some("") { "" } else { " " };
        self.line(format_args!("OK{space}{words}"));
    }

    /// The last line of one that did not.
    fn fault(&mut self, fault: &Fault) {
        self.line(format_args!("ERR {} {fault}", fault.number()));
    }
}

/// A command.
struct Command<D> {
    name: &'static str,
    /// How it is written.
    usage: &'static str,
    /// What it does, in a few words.
    help: &'static str,
    run: Run<D>,
}

type Run<D> = for<'a> fn(&mut Desk<'a, D>, &Arguments<'_>, &mut Reply<'_>) -> Outcome;

/// The words behind a command.
pub(crate) struct Arguments<'a> {
    words: &'a [Word<'a>],
    usage: &'static str,
}

impl Arguments<'_> {
    /// How many there are.
    fn len(&self) -> usize {
        self.words.len()
    }

    /// One of them; without it the command is written otherwise.
    fn word(&self, index: usize) -> Result<String<JOINED>, Fault> {
        let word = self.words.get(index).and_then(|word| word.copy());
        word.ok_or(Fault::Usage(self.usage))
    }

    /// The only one, if there is one.
    fn optional(&self) -> Result<Option<String<JOINED>>, Fault> {
        self.most(1)?;
        self.words.first().map(|_| self.word(0)).transpose()
    }

    /// All from one on, with a space between them.
    fn rest(&self, from: usize) -> Result<String<JOINED>, Fault> {
        let mut joined = String::new();
        for (index, word) in self.words.iter().skip(from).enumerate() {
            let space = if index > 0 { " " } else { "" };
            let characters = space.chars().chain(word.characters());
            for character in characters {
                joined
                    .push(character)
                    .map_err(|_| Fault::Usage(self.usage))?;
            }
        }
        Ok(joined)
    }

    /// Nothing, or the command is written otherwise.
    fn none(&self) -> Result<(), Fault> {
        self.most(0)
    }

    /// So many at most, or the command is written otherwise.
    fn most(&self, count: usize) -> Result<(), Fault> {
        if self.words.len() > count {
            return Err(Fault::Usage(self.usage));
        }
        Ok(())
    }
}

/// All commands, in the order in which `help` lists them.
fn commands<D: Device>() -> [Command<D>; 29] {
    fn command<D>(
        name: &'static str,
        usage: &'static str,
        help: &'static str,
        run: Run<D>,
    ) -> Command<D> {
        Command {
            name,
            usage,
            help,
            run,
        }
    }
    [
        command(
            "help",
            "help [NAME]",
            "this list, or what a command or setting does",
            help,
        ),
        command(
            "list",
            "list [GROUP]",
            "settings and their values",
            settings::list,
        ),
        command("get", "get NAME", "a setting's value", settings::get),
        command("set", "set NAME VALUE", "prepares a change", settings::set),
        command(
            "range",
            "range NAME",
            "what a setting can be set to",
            settings::range,
        ),
        command(
            "reset",
            "reset NAME|all",
            "prepares the way back to defaults",
            settings::reset,
        ),
        command(
            "staged",
            "staged",
            "changes that are prepared",
            settings::staged,
        ),
        command(
            "discard",
            "discard",
            "forgets prepared changes",
            settings::discard,
        ),
        command(
            "commit",
            "commit",
            "puts prepared changes into force, all or none",
            settings::commit,
        ),
        command(
            "save",
            "save",
            "keeps what is in force over a restart",
            settings::save,
        ),
        command("load", "load", "returns to what is saved", settings::load),
        command("status", "status", "how the portrait does", board::status),
        command(
            "counters",
            "counters [GROUP]",
            "what has been counted",
            board::counters,
        ),
        command(
            "vitals",
            "vitals",
            "what changes from second to second",
            board::vitals,
        ),
        command(
            "log",
            "log [LINES]",
            "what the program has said last",
            board::log,
        ),
        command("packs", "packs", "paintings on the board", packs::packs),
        command(
            "remove",
            "remove PACK",
            "removes a painting from the board",
            packs::remove,
        ),
        command(
            "update",
            "update [confirm|back]",
            "versions on the board; keeps this one, starts the other",
            update::update,
        ),
        command("about", "about", "what runs here", board::about),
        command(
            "time",
            "time [YYYY-MM-DDTHH:MM:SS]",
            "shows or sets the clock",
            board::time,
        ),
        command(
            "show",
            "show test-pattern|portrait",
            "what the screen shows",
            board::show,
        ),
        command(
            "restart",
            "restart",
            "starts the program anew",
            board::restart,
        ),
        command("reboot", "reboot", "starts the board anew", board::reboot),
        command(
            "unlock",
            "unlock [RESPONSE]",
            "a challenge, or the answer to it",
            access::unlock,
        ),
        command("lock", "lock", "asks for the PIN again", access::lock),
        command(
            "pin",
            "pin DIGITS|none",
            "sets or removes the PIN, and saves",
            access::pin,
        ),
        command(
            "terminal",
            "terminal on|off",
            "echo and line editing",
            access::terminal,
        ),
        command("echo", "echo TEXT", "says it again", board::echo),
        command(
            "quit",
            "quit",
            "locks, and ends echo and line editing",
            access::quit,
        ),
    ]
}

/// Carries out a line and writes the answer.
pub(crate) fn run<D: Device>(
    desk: &mut Desk<'_, D>,
    line: &str,
    out: &mut dyn Write,
) -> (Effect, u8) {
    let mut reply = Reply::new(out);
    match carry_out(desk, line, &mut reply) {
        Ok(()) => (reply.effect, 0),
        Err(fault) => {
            reply.fault(&fault);
            (Effect::None, fault.number())
        }
    }
}

/// Answers a line that could not be read.
pub(crate) fn refuse(fault: &Fault, out: &mut dyn Write) {
    Reply::new(out).fault(fault);
}

fn carry_out<D: Device>(desk: &mut Desk<'_, D>, line: &str, reply: &mut Reply<'_>) -> Outcome {
    let words = words::<WORDS>(line)?;
    let Some((first, rest)) = words.split_first() else {
        reply.done(format_args!(""));
        return Ok(());
    };
    let known = commands::<D>();
    if let Some(command) = known.iter().find(|command| *first == command.name) {
        let arguments = Arguments {
            words: rest,
            usage: command.usage,
        };
        return (command.run)(desk, &arguments, reply);
    }
    let name: String<JOINED> = first.copy().ok_or(Fault::Unknown)?;
    let id = find(&name).ok_or(Fault::Unknown)?;
    let arguments = Arguments {
        words: rest,
        usage: "NAME VALUE",
    };
    if arguments.len() > 0 {
        desk.change(id, &arguments.rest(0)?)?;
    }
    settings::show(desk, id, reply);
    Ok(())
}

fn help<D: Device>(
    desk: &mut Desk<'_, D>,
    arguments: &Arguments<'_>,
    reply: &mut Reply<'_>,
) -> Outcome {
    arguments.most(1)?;
    let known = commands::<D>();
    if arguments.len() == 1 {
        let name = arguments.word(0)?;
        if let Some(command) = known.iter().find(|command| *command.name == *name) {
            reply.done(format_args!("{}: {}", command.usage, command.help));
            return Ok(());
        }
        return settings::range(desk, arguments, reply);
    }
    for command in &known {
        reply.line(format_args!("{:<28} {}", command.usage, command.help));
    }
    reply.line(format_args!("{:<28} a setting's value", "NAME"));
    reply.line(format_args!(
        "{:<28} changes a setting at once",
        "NAME VALUE"
    ));
    reply.done(format_args!(
        "{} commands; list shows the settings",
        known.len()
    ));
    Ok(())
}
