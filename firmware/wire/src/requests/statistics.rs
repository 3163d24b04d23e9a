//! Group 2: counters by name.

use super::{Answer, text_of};
use crate::cbor::{Full, Writer};
use crate::status::{Refusal, Status};

/// A request to group 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// The counters of one group; answered by [`Counters`].
    Data {
        /// Name of the group of counters.
        name: &'a str,
    },
    /// Which groups of counters are there? Answered by [`Names`].
    List,
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        Ok(match what {
            (false, 0) => Request::Data {
                name: text_of(payload, "name")?,
            },
            (false, 1) => Request::List,
            _ => return Err(Status::NotSupported.into()),
        })
    }
}

/// Answer to [`Request::Data`]: counters with their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counters<'a, I> {
    /// Name of the group of counters, as it was asked for.
    pub name: &'a str,
    /// The counters.
    pub counters: I,
}

impl<'a, I: Iterator<Item = (&'a str, u64)> + Clone> Answer for Counters<'_, I> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(2)?;
        writer.text("name")?;
        writer.text(self.name)?;
        writer.text("fields")?;
        writer.open_map()?;
        for (name, count) in self.counters.clone() {
            writer.text(name)?;
            writer.unsigned(count)?;
        }
        writer.end()
    }
}

/// Answer to [`Request::List`]: the names of the groups of counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Names<I>(pub I);

impl<'a, I: Iterator<Item = &'a str> + Clone> Answer for Names<I> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("stat_list")?;
        writer.open_list()?;
        for name in self.0.clone() {
            writer.text(name)?;
        }
        writer.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request::Statistics;
    use super::super::tests::{payload, read};
    use super::*;

    #[test]
    fn asked_and_answered() {
        let asked = read(2, 0, b"\xa1\x64name\x66frames");
        assert!(matches!(
            asked,
            Ok(Statistics(Request::Data { name: "frames" }))
        ));
        assert!(matches!(read(2, 1, b""), Ok(Statistics(Request::List))));
        let answer = Counters {
            name: "frames",
            counters: [("shown", 1 << 32), ("dropped", 0)].into_iter(),
        };
        assert_eq!(
            payload(&answer),
            b"\xa2\x64name\x66frames\x66fields\xbf\x65shown\x1b\0\0\0\x01\0\0\0\0\
              \x67dropped\0\xff"
        );
        let names = Names(["frames", "faults"].into_iter());
        assert_eq!(
            payload(&names),
            b"\xa1\x69stat_list\x9f\x66frames\x66faults\xff"
        );
    }
}
