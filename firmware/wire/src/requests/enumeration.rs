//! Group 10: which groups there are.

use super::{Answer, each};
use crate::cbor::{Full, List, Writer};
use crate::status::{Refusal, Status};

/// A request to group 10.
#[derive(Clone, Debug)]
pub enum Request<'a> {
    /// How many groups are there? Answered by [`Count`].
    Count,
    /// Which? Answered by [`Groups`].
    List,
    /// Which is the one at this place? Answered by [`Single`].
    Single {
        /// The place, from 0.
        index: u16,
    },
    /// Names and sizes of groups; answered by [`Details`].
    Details {
        /// The groups asked for; none for all.
        groups: Option<Wanted<'a>>,
    },
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        Ok(match what {
            (false, 0) => Request::Count,
            (false, 1) => Request::List,
            (false, 2) => {
                let mut index = 0;
                each(payload, |key, value| {
                    if key == "index" {
                        index = value.unsigned()?;
                    }
                    Ok(())
                })?;
                Request::Single { index }
            }
            (false, 3) => {
                let mut groups = None;
                each(payload, |key, value| {
                    if key == "groups" {
                        let list = value.list()?;
                        list.clone()
                            .try_for_each(|group| group.unsigned::<u16>().map(|_| ()))?;
                        groups = Some(Wanted(list));
                    }
                    Ok(())
                })?;
                Request::Details { groups }
            }
            _ => return Err(Status::NotSupported.into()),
        })
    }
}

/// The numbers of the groups that were asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'a>(List<'a>);

impl Iterator for Wanted<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        // All of them were looked at before: they are numbers.
        self.0.next()?.unsigned().ok()
    }
}

/// Answer to [`Request::Count`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count(pub u16);

impl Answer for Count {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("count")?;
        writer.unsigned(self.0)
    }
}

/// Answer to [`Request::List`]: the numbers of all groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Groups<'a>(pub &'a [u16]);

impl Answer for Groups<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("groups")?;
        writer.open_list()?;
        for group in self.0 {
            writer.unsigned(*group)?;
        }
        writer.end()
    }
}

/// Answer to [`Request::Single`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Single {
    /// Number of the group.
    pub group: u16,
    /// It is the last.
    pub end: bool,
}

impl Answer for Single {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(if self.end { 2 } else { 1 })?;
        writer.text("group")?;
        writer.unsigned(self.group)?;
        if self.end {
            writer.text("end")?;
            writer.boolean(true)?;
        }
        Ok(())
    }
}

/// Number, name and number of commands of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Detail<'a> {
    /// Number of the group.
    pub group: u16,
    /// Its name.
    pub name: &'a str,
    /// How many commands it has.
    pub handlers: u8,
}

/// Answer to [`Request::Details`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Details<I>(pub I);

impl<'a, I: Iterator<Item = Detail<'a>> + Clone> Answer for Details<I> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("groups")?;
        writer.open_list()?;
        for detail in self.0.clone() {
            writer.map(3)?;
            writer.text("group")?;
            writer.unsigned(detail.group)?;
            writer.text("name")?;
            writer.text(detail.name)?;
            writer.text("handlers")?;
            writer.unsigned(detail.handlers)?;
        }
        writer.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request::Enumeration;
    use super::super::tests::{payload, read};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn asked() {
        assert!(matches!(
            read(10, 0, b"\xa0"),
            Ok(Enumeration(Request::Count))
        ));
        assert!(matches!(
            read(10, 1, b"\xa0"),
            Ok(Enumeration(Request::List))
        ));
        let first = read(10, 2, b"\xa0");
        assert!(matches!(
            first,
            Ok(Enumeration(Request::Single { index: 0 }))
        ));
        let second = read(10, 2, b"\xa1\x65index\x01");
        assert!(matches!(
            second,
            Ok(Enumeration(Request::Single { index: 1 }))
        ));
        let all = read(10, 3, b"\xa0");
        assert!(matches!(
            all,
            Ok(Enumeration(Request::Details { groups: None }))
        ));
        let some = read(10, 3, b"\xa1\x66groups\x82\0\x18\x40");
        let Ok(Enumeration(Request::Details {
            groups: Some(groups),
        })) = some
        else {
            panic!("not taken");
        };
        assert_eq!(groups.collect::<Vec<_>>(), [0, 64]);
        for (command, wrong) in [
            (2, &b"\xa1\x65index\x1a\0\x01\0\0"[..]),
            (3, b"\xa1\x66groups\x81\x20"),
            (3, b"\xa1\x66groups\x01"),
        ] {
            assert_eq!(
                read(10, command, wrong).unwrap_err(),
                Status::InvalidValue.into()
            );
        }
    }

    #[test]
    fn answers() {
        assert_eq!(payload(&Count(7)), b"\xa1\x65count\x07");
        assert_eq!(
            payload(&Groups(&[0, 64])),
            b"\xa1\x66groups\x9f\0\x18\x40\xff"
        );
        let single = Single {
            group: 3,
            end: false,
        };
        assert_eq!(payload(&single), b"\xa1\x65group\x03");
        let last = Single {
            end: true,
            ..single
        };
        assert_eq!(payload(&last), b"\xa2\x65group\x03\x63end\xf5");
        let detail = Detail {
            group: 3,
            name: "settings",
            handlers: 4,
        };
        assert_eq!(
            payload(&Details([detail].into_iter())),
            b"\xa1\x66groups\x9f\xa3\x65group\x03\x64name\x68settings\x68handlers\x04\xff"
        );
    }
}
