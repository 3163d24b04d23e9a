//! Group 3: settings by name. Their values are bytes; ours are plain text in UTF-8.

use super::{Answer, each, optional_text_of, text_of};
use crate::cbor::{Full, Writer};
use crate::status::{Refusal, Status};

/// A request to group 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// What is the value? Answered by [`Setting`].
    Read {
        /// Name of the setting.
        name: &'a str,
        /// The most bytes of value that the client can take.
        max_size: Option<u32>,
    },
    /// Change a value.
    Write {
        /// Name of the setting.
        name: &'a str,
        /// The new value. Clients send it as bytes or as text; here they are the same.
        value: &'a [u8],
        /// Save at once too; the Go client says so where others send [`Request::Save`].
        save: bool,
    },
    /// Back to the default.
    Delete {
        /// Name of the setting.
        name: &'a str,
    },
    /// Apply what was written.
    Commit,
    /// Return to what is saved.
    Load,
    /// Save what is applied.
    Save {
        /// The beginning of the names to save; none for all.
        name: Option<&'a str>,
    },
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        Ok(match what {
            (false, 0) => {
                let (mut name, mut max_size) = (None, None);
                each(payload, |key, value| {
                    match key {
                        "name" => name = Some(value.text()?),
                        "max_size" => max_size = Some(value.unsigned()?),
                        _ => {}
                    }
                    Ok(())
                })?;
                let name = name.ok_or(Status::InvalidValue)?;
                Request::Read { name, max_size }
            }
            (true, 0) => {
                let (mut name, mut new, mut save) = (None, None, false);
                each(payload, |key, value| {
                    match key {
                        "name" => name = Some(value.text()?),
                        "val" => new = Some(value.bytes()?),
                        "save" => save = value.flag()?,
                        _ => {}
                    }
                    Ok(())
                })?;
                match (name, new) {
                    (Some(name), Some(value)) => Request::Write { name, value, save },
                    _ => return Err(Status::InvalidValue.into()),
                }
            }
            (true, 1) => Request::Delete {
                name: text_of(payload, "name")?,
            },
            (true, 2) => Request::Commit,
            (false, 3) => Request::Load,
            (true, 3) => Request::Save {
                name: optional_text_of(payload, "name")?,
            },
            _ => return Err(Status::NotSupported.into()),
        })
    }
}

/// Answer to [`Request::Read`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting<'a> {
    /// The value.
    pub value: &'a [u8],
    /// The longest value there is, if the client could take more than that, in bytes.
    pub max_size: Option<u32>,
}

impl Answer for Setting<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(if self.max_size.is_some() { 2 } else { 1 })?;
        writer.text("val")?;
        writer.bytes(self.value)?;
        if let Some(max_size) = self.max_size {
            writer.text("max_size")?;
            writer.unsigned(max_size)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request as Any;
    use super::super::tests::{payload, read, write};
    use super::super::{Done, Request::Settings};
    use super::*;

    fn settings<'a>(parsed: Result<Any<'a>, Refusal>) -> Request<'a> {
        match parsed {
            Ok(Settings(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_as_bytes_and_as_text() {
        let expected = Request::Write {
            name: "a/b",
            value: b"70",
            save: false,
        };
        // mcumgrctl sends bytes, the Go client text and `save`.
        assert_eq!(
            settings(write(3, 0, b"\xa2\x64name\x63a/b\x63val\x4270")),
            expected
        );
        assert_eq!(
            settings(write(3, 0, b"\xbf\x63val\x6270\x64name\x63a/b\xff")),
            expected
        );
        let saved = settings(write(3, 0, b"\xa3\x64name\x63a/b\x63val\x6270\x64save\xf5"));
        assert!(matches!(saved, Request::Write { save: true, .. }));
        // The name is text, and both must be there.
        for wrong in [
            &b"\xa1\x64name\x63a/b"[..],
            b"\xa1\x63val\x4270",
            b"\xa2\x64name\x43a/b\x63val\x4270",
        ] {
            assert_eq!(write(3, 0, wrong).unwrap_err(), Status::InvalidValue.into());
        }
    }

    #[test]
    fn all_the_others() {
        let plain = Request::Read {
            name: "a",
            max_size: None,
        };
        assert_eq!(settings(read(3, 0, b"\xa1\x64name\x61a")), plain);
        let bounded = Request::Read {
            name: "a",
            max_size: Some(256),
        };
        let payload = b"\xa2\x64name\x61a\x68max_size\x19\x01\0";
        assert_eq!(settings(read(3, 0, payload)), bounded);
        let delete = Request::Delete { name: "a" };
        assert_eq!(settings(write(3, 1, b"\xa1\x64name\x61a")), delete);
        assert_eq!(write(3, 1, b"").unwrap_err(), Status::InvalidValue.into());
        assert_eq!(settings(write(3, 2, b"\xa0")), Request::Commit);
        assert_eq!(settings(read(3, 3, b"\xa0")), Request::Load);
        assert_eq!(settings(write(3, 3, b"")), Request::Save { name: None });
        let subtree = Request::Save { name: Some("a") };
        assert_eq!(settings(write(3, 3, b"\xa1\x64name\x61a")), subtree);
    }

    #[test]
    fn answers() {
        let whole = Setting {
            value: b"70",
            max_size: None,
        };
        assert_eq!(payload(&whole), b"\xa1\x63val\x4270");
        let bounded = Setting {
            max_size: Some(64),
            ..whole
        };
        assert_eq!(payload(&bounded), b"\xa2\x63val\x4270\x68max_size\x18\x40");
        assert_eq!(payload(&Done), b"\xa0");
    }
}
