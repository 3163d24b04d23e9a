//! Group 8: files, fetched and stored in parts.

use super::{Answer, each, text_of};
use crate::cbor::{Full, Writer};
use crate::header::Header;
use crate::status::{Refusal, Status};

/// A request to group 8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Part of a file; answered by [`Part`].
    Download {
        /// Path of the file.
        name: &'a str,
        /// Where the part begins, in bytes.
        offset: u64,
    },
    /// Store part of a file; answered by [`Stored`].
    Upload {
        /// Path of the file.
        name: &'a str,
        /// Where the part begins, in bytes.
        offset: u64,
        /// The part.
        data: &'a [u8],
        /// Length of the whole file in bytes; always there with offset 0.
        length: Option<u64>,
    },
    /// How long is the file? Answered by [`FileStatus`].
    Status {
        /// Path of the file.
        name: &'a str,
    },
    /// The hash of a file; answered by [`FileHash`].
    Hash {
        /// Path of the file.
        name: &'a str,
        /// Which hash, `crc32` or `sha256`; none for the default.
        kind: Option<&'a str>,
        /// Where to begin, in bytes.
        offset: u64,
        /// The most bytes to take in; none for all.
        length: Option<u64>,
    },
    /// Which hashes are there? Answered by [`HashKinds`].
    HashKinds,
    /// Forget the file that is open.
    Close,
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        match what {
            (false, 0..=3) | (true, 0 | 4) => {}
            _ => return Err(Status::NotSupported.into()),
        }
        match what.1 {
            1 => {
                let name = text_of(payload, "name")?;
                return Ok(Request::Status { name });
            }
            3 => return Ok(Request::HashKinds),
            4 => return Ok(Request::Close),
            _ => {}
        }
        let (mut name, mut kind, mut data) = (None, None, None);
        let (mut offset, mut length) = (None, None);
        each(payload, |key, value| {
            match key {
                "name" => name = Some(value.text()?),
                "type" => kind = Some(value.text()?),
                "data" => data = Some(value.bytes()?),
                "off" => offset = Some(value.unsigned()?),
                "len" => length = Some(value.unsigned()?),
                _ => {}
            }
            Ok(())
        })?;
        let name = name.ok_or(Status::InvalidValue)?;
        if what.1 == 2 {
            return Ok(Request::Hash {
                name,
                kind,
                offset: offset.unwrap_or(0),
                length,
            });
        }
        let offset = offset.ok_or(Status::InvalidValue)?;
        match what.0 {
            false => Ok(Request::Download { name, offset }),
            true if offset == 0 && length.is_none() => Err(Status::InvalidValue.into()),
            true => Ok(Request::Upload {
                name,
                offset,
                data: data.ok_or(Status::InvalidValue)?,
                length,
            }),
        }
    }
}

/// Answer to [`Request::Download`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// Where it begins, as it was asked for.
    pub offset: u64,
    /// The part; empty at the end of the file.
    pub data: &'a [u8],
    /// Length of the whole file in bytes; must be there with offset 0.
    pub length: Option<u64>,
}

impl Part<'_> {
    /// How many bytes of data fit a reply in a buffer of `size` bytes at any offset.
    pub const fn room(size: usize) -> usize {
        // The map; keys with one byte each of length; two numbers of nine bytes; the data's length.
        let around = Header::SIZE + 1 + (1 + 3) + 9 + (1 + 3) + 9 + (1 + 4) + 3;
        size.saturating_sub(around)
    }
}

impl Answer for Part<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(if self.length.is_some() { 3 } else { 2 })?;
        writer.text("off")?;
        writer.unsigned(self.offset)?;
        writer.text("data")?;
        writer.bytes(self.data)?;
        if let Some(length) = self.length {
            writer.text("len")?;
            writer.unsigned(length)?;
        }
        Ok(())
    }
}

/// Answer to [`Request::Upload`]: where to go on, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stored(pub u64);

impl Answer for Stored {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("off")?;
        writer.unsigned(self.0)
    }
}

/// Answer to [`Request::Status`]: the length of the file in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStatus(pub u64);

impl Answer for FileStatus {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("len")?;
        writer.unsigned(self.0)
    }
}

/// The value of a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output<'a> {
    /// `crc32`: the check sum of IEEE 802.3.
    Crc32(u32),
    /// `sha256`.
    Sha256(&'a [u8; 32]),
}

/// Answer to [`Request::Hash`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileHash<'a> {
    /// Where it began, in bytes.
    pub offset: u64,
    /// How many bytes it took in.
    pub length: u64,
    /// What came out.
    pub output: Output<'a>,
}

impl Answer for FileHash<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(if self.offset == 0 { 3 } else { 4 })?;
        writer.text("type")?;
        writer.text(match self.output {
            Output::Crc32(_) => "crc32",
            Output::Sha256(_) => "sha256",
        })?;
        if self.offset != 0 {
            writer.text("off")?;
            writer.unsigned(self.offset)?;
        }
        writer.text("len")?;
        writer.unsigned(self.length)?;
        writer.text("output")?;
        match self.output {
            Output::Crc32(value) => writer.unsigned(value),
            Output::Sha256(value) => writer.bytes(value),
        }
    }
}

/// Answer to [`Request::HashKinds`]: the hashes of [`Output`] that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashKinds {
    /// `crc32`: a number of 4 bytes.
    pub crc32: bool,
    /// `sha256`: 32 bytes.
    pub sha256: bool,
}

impl Answer for HashKinds {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("types")?;
        writer.open_map()?;
        // The format is 0 for a number and 1 for bytes.
        let kinds = [
            ("crc32", self.crc32, 0u8, 4u8),
            ("sha256", self.sha256, 1, 32),
        ];
        for (name, _, format, size) in kinds.into_iter().filter(|(_, served, ..)| *served) {
            writer.text(name)?;
            writer.map(2)?;
            writer.text("format")?;
            writer.unsigned(format)?;
            writer.text("size")?;
            writer.unsigned(size)?;
        }
        writer.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request as Any;
    use super::super::Request::Files;
    use super::super::reply;
    use super::super::tests::{header, payload, read, write};
    use super::*;
    use crate::header::Operation;

    fn files<'a>(parsed: Result<Any<'a>, Refusal>) -> Request<'a> {
        match parsed {
            Ok(Files(request)) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn fetching_and_storing() {
        let download = Request::Download {
            name: "/log",
            offset: 512,
        };
        assert_eq!(
            files(read(8, 0, b"\xa2\x63off\x19\x02\0\x64name\x64/log")),
            download
        );
        let first = Request::Upload {
            name: "/log",
            offset: 0,
            data: b"xy",
            length: Some(4),
        };
        let payload = b"\xa4\x64name\x64/log\x63off\0\x63len\x04\x64data\x42xy";
        assert_eq!(files(write(8, 0, payload)), first);
        let later = Request::Upload {
            name: "/log",
            offset: 2,
            data: b"zz",
            length: None,
        };
        assert_eq!(
            files(write(
                8,
                0,
                b"\xa3\x63off\x02\x64data\x62zz\x64name\x64/log"
            )),
            later
        );
        for (writes, wrong) in [
            (false, &b"\xa1\x63off\0"[..]),
            (false, b"\xa1\x64name\x61a"),
            (true, b"\xa3\x63off\0\x64data\x40\x64name\x61a"),
            (true, b"\xa2\x63off\x01\x64name\x61a"),
        ] {
            let parsed = if writes {
                write(8, 0, wrong)
            } else {
                read(8, 0, wrong)
            };
            assert_eq!(parsed.unwrap_err(), Status::InvalidValue.into());
        }
    }

    #[test]
    fn status_hashes_and_closing() {
        let status = Request::Status { name: "/log" };
        assert_eq!(files(read(8, 1, b"\xa1\x64name\x64/log")), status);
        let default = Request::Hash {
            name: "a",
            kind: None,
            offset: 0,
            length: None,
        };
        assert_eq!(files(read(8, 2, b"\xa1\x64name\x61a")), default);
        let chosen = Request::Hash {
            name: "a",
            kind: Some("sha256"),
            offset: 1,
            length: Some(2),
        };
        let payload = b"\xa4\x64name\x61a\x64type\x66sha256\x63off\x01\x63len\x02";
        assert_eq!(files(read(8, 2, payload)), chosen);
        assert_eq!(files(read(8, 3, b"\xa0")), Request::HashKinds);
        assert_eq!(files(write(8, 4, b"\xa0")), Request::Close);
    }

    #[test]
    fn answers() {
        let part = Part {
            offset: 0,
            data: b"xy",
            length: Some(2),
        };
        assert_eq!(payload(&part), b"\xa3\x63off\0\x64data\x42xy\x63len\x02");
        assert_eq!(payload(&Stored(7)), b"\xa1\x63off\x07");
        assert_eq!(payload(&FileStatus(7)), b"\xa1\x63len\x07");
        let hash = FileHash {
            offset: 0,
            length: 9,
            output: Output::Crc32(0xcbf4_3926),
        };
        assert_eq!(
            payload(&hash),
            b"\xa3\x64type\x65crc32\x63len\x09\x66output\x1a\xcb\xf4\x39\x26"
        );
        let hash = FileHash {
            offset: 1,
            output: Output::Sha256(&[3; 32]),
            ..hash
        };
        let expected = b"\xa4\x64type\x66sha256\x63off\x01\x63len\x09\x66output\x58\x20";
        assert_eq!(payload(&hash), [&expected[..], &[3; 32]].concat());
        let kinds = HashKinds {
            crc32: true,
            sha256: true,
        };
        assert_eq!(
            payload(&kinds),
            b"\xa1\x65types\xbf\x65crc32\xa2\x66format\0\x64size\x04\
              \x66sha256\xa2\x66format\x01\x64size\x18\x20\xff"
        );
        let none = HashKinds {
            crc32: false,
            sha256: false,
        };
        assert_eq!(payload(&none), b"\xa1\x65types\xbf\xff");
    }

    #[test]
    fn a_part_fits_the_room_it_has() {
        let request = header(Operation::Read, 8, 0);
        let data = [0; 4096];
        for size in [64, 256, 300, 1024, 2048] {
            let mut buffer = std::vec![0; size];
            let part = Part {
                offset: u64::MAX,
                data: &data[..Part::room(size)],
                length: Some(u64::MAX),
            };
            let packet = reply(&request, &part, &mut buffer);
            assert!(packet.len() > Part::room(size), "{size}");
            // No more than the data's own length may be lost.
            assert!(packet.len() + 2 >= size, "{size}");
        }
        assert_eq!(Part::room(10), 0);
    }
}
