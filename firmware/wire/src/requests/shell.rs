//! Group 9: text commands, already split into words by the client.

use super::{Answer, each};
use crate::cbor::{Full, List, Writer};
use crate::status::{Refusal, ShellError, Status};

/// A request to group 9.
#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// Run a command; answered by [`Executed`].
    Execute(Arguments<'a>),
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        let (true, 0) = what else {
            return Err(Status::NotSupported.into());
        };
        let mut words = None;
        each(payload, |key, value| {
            if key == "argv" {
                let list = value.list()?;
                list.clone().try_for_each(|word| word.text().map(|_| ()))?;
                words = Some(list);
            }
            Ok(())
        })?;
        let words = words.ok_or(Status::InvalidValue)?;
        if words.clone().next().is_none() {
            return Err(ShellError::Empty.into());
        }
        Ok(Request::Execute(Arguments(words)))
    }
}

/// The command and its arguments, at least one word.
///
/// Some clients send one word for each argument, some the whole line as one word.
#[derive(Clone, Debug)]
pub struct Arguments<'a>(List<'a>);

impl<'a> Iterator for Arguments<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        // All of them were looked at before: they are text.
        self.0.next()?.text().ok()
    }
}

/// Answer to [`Request::Execute`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Executed<'a> {
    /// What the command says.
    pub output: &'a str,
    /// 0 if it went well.
    pub code: i32,
}

impl Answer for Executed<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(2)?;
        writer.text("o")?;
        writer.text(self.output)?;
        writer.text("ret")?;
        writer.integer(self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request::Shell;
    use super::super::tests::{payload, write};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn words() {
        for argv in [
            &b"\xa1\x64argv\x82\x63set\x61x"[..],
            b"\xbf\x64argv\x9f\x63set\x61x\xff\xff",
        ] {
            let Ok(Shell(Request::Execute(words))) = write(9, 0, argv) else {
                panic!("not taken");
            };
            assert_eq!(words.collect::<Vec<_>>(), ["set", "x"]);
        }
        assert_eq!(
            write(9, 0, b"\xa1\x64argv\x80").unwrap_err(),
            ShellError::Empty.into()
        );
        for wrong in [
            &b""[..],
            b"\xa1\x64argv\x63set",
            b"\xa1\x64argv\x82\x63set\x01",
        ] {
            assert_eq!(write(9, 0, wrong).unwrap_err(), Status::InvalidValue.into());
        }
    }

    #[test]
    fn answers() {
        let executed = Executed {
            output: "70\n",
            code: -22,
        };
        assert_eq!(payload(&executed), b"\xa2\x61o\x6370\n\x63ret\x35");
    }
}
