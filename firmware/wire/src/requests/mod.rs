//! What clients ask, group by group, and how they are answered.
//!
//! ```text
//! packet --Header::of_request--> header, payload --Request::parse--> Request --caller-->
//!        <--reply() or refuse()-- answer of the group's module, or a Refusal
//! ```
//!
//! Requests borrow their texts and bytes from the packet. What is missing or of the wrong type is
//! refused here, with the number that Zephyr gives; whether a name exists or a value is in range is
//! for the caller to say. Keys that are not known are ignored. If a key comes twice, the last counts.
//!
//! Source: Zephyr, `doc/services/device_mgmt/smp_groups/smp_group_….rst`, one page a group.

pub mod enumeration;
pub mod files;
pub mod image;
pub mod os;
pub mod settings;
pub mod shell;
pub mod statistics;

mod answer;

pub use answer::{Answer, Done, refuse, reply};

use crate::cbor::{Malformed, Map, Value};
use crate::header::{Header, Operation, group};
use crate::status::{Refusal, Status};

/// A request of any group that we serve.
#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// Group 0: echo, tasks, clock, reset, versions.
    Os(os::Request<'a>),
    /// Group 1: the two system images.
    Image(image::Request<'a>),
    /// Group 2: counters.
    Statistics(statistics::Request<'a>),
    /// Group 3: settings.
    Settings(settings::Request<'a>),
    /// Group 8: files.
    Files(files::Request<'a>),
    /// Group 9: text commands.
    Shell(shell::Request<'a>),
    /// Group 10: which groups there are.
    Enumeration(enumeration::Request<'a>),
}

impl<'a> Request<'a> {
    /// Reads the payload of a request.
    ///
    /// # Errors
    /// What to answer instead: [`Status::NotSupported`] if there is no such group or command, or not
    /// for this operation; [`Status::InvalidValue`] if the payload is malformed, or something in it
    /// missing or of the wrong type; an error of the group where it has one that says more.
    pub fn parse(header: &Header, payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        let write = match header.operation {
            Operation::Read => false,
            Operation::Write => true,
            Operation::ReadReply | Operation::WriteReply => return Err(Status::NotSupported.into()),
        };
        let what = (write, header.command);
        match header.group {
            group::OS => os::Request::parse(what, payload).map(Request::Os),
            group::IMAGE => image::Request::parse(what, payload).map(Request::Image),
            group::STATISTICS => statistics::Request::parse(what, payload).map(Request::Statistics),
            group::SETTINGS => settings::Request::parse(what, payload).map(Request::Settings),
            group::FILES => files::Request::parse(what, payload).map(Request::Files),
            group::SHELL => shell::Request::parse(what, payload).map(Request::Shell),
            group::ENUMERATION => {
                enumeration::Request::parse(what, payload).map(Request::Enumeration)
            }
            _ => Err(Status::NotSupported.into()),
        }
    }
}

impl From<Malformed> for Refusal {
    fn from(_: Malformed) -> Refusal {
        Status::InvalidValue.into()
    }
}

/// Gives every key and value of a payload to `take`.
fn each<'a>(
    payload: &'a [u8],
    mut take: impl FnMut(&'a str, Value<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    let mut map = Map::new(payload)?;
    while let Some((key, value)) = map.next_entry()? {
        take(key, value)?;
    }
    Ok(())
}

/// The one key that a payload must have, as text.
fn text_of<'a>(payload: &'a [u8], wanted: &str) -> Result<&'a str, Refusal> {
    optional_text_of(payload, wanted)?.ok_or(Status::InvalidValue.into())
}

/// The one key that a payload may have, as text.
fn optional_text_of<'a>(payload: &'a [u8], wanted: &str) -> Result<Option<&'a str>, Malformed> {
    let mut found = None;
    each(payload, |key, value| {
        if key == wanted {
            found = Some(value.text()?);
        }
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::header::Version;
    use std::vec::Vec;

    /// The header of a request, in version two.
    pub fn header(operation: Operation, group: u16, command: u8) -> Header {
        Header {
            version: Version::Two,
            operation,
            flags: 0,
            length: 0,
            group,
            sequence: 5,
            command,
        }
    }

    pub fn read(group: u16, command: u8, payload: &[u8]) -> Result<Request<'_>, Refusal> {
        Request::parse(&header(Operation::Read, group, command), payload)
    }

    pub fn write(group: u16, command: u8, payload: &[u8]) -> Result<Request<'_>, Refusal> {
        Request::parse(&header(Operation::Write, group, command), payload)
    }

    /// The payload of an answer.
    pub fn payload(answer: &impl Answer) -> Vec<u8> {
        let mut buffer = [0; 2048];
        let request = header(Operation::Read, 0, 0);
        let packet = reply(&request, answer, &mut buffer);
        let (_, payload) = Header::read(packet).unwrap();
        payload.to_vec()
    }

    #[test]
    fn what_is_not_served_is_not_supported() {
        let served = [
            (false, group::OS, &[0, 2, 4, 6, 7, 8][..]),
            (true, group::OS, &[0, 4, 5]),
            (false, group::IMAGE, &[0, 6]),
            (true, group::IMAGE, &[0, 1, 5]),
            (false, group::STATISTICS, &[0, 1]),
            (true, group::STATISTICS, &[]),
            (false, group::SETTINGS, &[0, 3]),
            (true, group::SETTINGS, &[0, 1, 2, 3]),
            (false, group::FILES, &[0, 1, 2, 3]),
            (true, group::FILES, &[0, 4]),
            (false, group::SHELL, &[]),
            (true, group::SHELL, &[0]),
            (false, group::ENUMERATION, &[0, 1, 2, 3]),
            (true, group::ENUMERATION, &[]),
        ];
        for number in 0..70 {
            for command in 0..=255 {
                for writes in [false, true] {
                    let ours = (served.iter())
                        .any(|&(w, g, c)| (w, g) == (writes, number) && c.contains(&command));
                    let operation = if writes {
                        Operation::Write
                    } else {
                        Operation::Read
                    };
                    let parsed = Request::parse(&header(operation, number, command), b"");
                    let refused = matches!(parsed, Err(Refusal::Status(Status::NotSupported)));
                    assert_eq!(refused, !ours, "{writes} {number} {command}");
                }
            }
        }
    }

    #[test]
    fn garbage_is_an_invalid_value() {
        for (writes, number, command) in [
            (false, 0, 0),
            (true, 1, 0),
            (false, 2, 0),
            (true, 3, 0),
            (false, 8, 2),
            (true, 9, 0),
        ] {
            let operation = if writes {
                Operation::Write
            } else {
                Operation::Read
            };
            for payload in [
                &b"\x01"[..],
                b"\xa1",
                b"\xa1\x61d",
                b"\xbf",
                b"\xa1\x61d\x7f\xff",
            ] {
                let parsed = Request::parse(&header(operation, number, command), payload);
                let refusal = parsed.map(|_| ()).unwrap_err();
                assert_eq!(refusal.status(), Status::InvalidValue, "{number} {command}");
            }
        }
    }
}
