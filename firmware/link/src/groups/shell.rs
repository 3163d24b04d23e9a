//! Group 9: the text commands, asked for in packets.

use super::{Envelope, Written};
use crate::commands;
use crate::conversation::{LINE, PACKET};
use crate::desk::Desk;
use crate::device::Device;
use core::fmt::{self, Write};
use heapless::String;
use sfumato_wire::requests::shell::{Arguments, Executed, Request};
use sfumato_wire::status::ShellError;
use sfumato_wire::text::Quoted;

/// Longest output, in bytes: what fits an answer beside its keys.
const OUTPUT: usize = PACKET - 48;

/// Stands where more output would have been.
const CUT: &str = "…\n";

pub fn answer<D: Device>(
    desk: &mut Desk<'_, D>,
    request: Request<'_>,
    envelope: &mut Envelope<'_>,
) -> Written {
    let Request::Execute(words) = request;
    let Some(line) = line(words) else {
        return envelope.refuse(ShellError::TooLong);
    };
    let mut output = Output(String::new());
    // A terminal is for lines.
    let (_, code) = commands::run(desk, &line, &mut output);
    envelope.answer(&Executed {
        output: &output.0,
        code: code.into(),
    })
}

/// One line of the words. A single word is a whole line already: some clients do not split it.
fn line(mut words: Arguments<'_>) -> Option<String<LINE>> {
    let mut line = String::new();
    let first = words.next()?;
    let Some(second) = words.next() else {
        line.push_str(first).ok()?;
        return Some(line);
    };
    write!(line, "{}", Quoted(first)).ok()?;
    for word in core::iter::once(second).chain(words) {
        write!(line, " {}", Quoted(word)).ok()?;
    }
    Some(line)
}

/// Output of a command, cut off where it gets too long.
struct Output(String<OUTPUT>);

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for character in text.chars() {
            if self.0.len() + character.len_utf8() + CUT.len() > OUTPUT {
                if !self.0.ends_with(CUT) {
                    let _ = self.0.push_str(CUT);
                }
                return Err(fmt::Error);
            }
            let _ = self.0.push(character);
        }
        Ok(())
    }
}
