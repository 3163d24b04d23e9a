//! From an answer to a packet.

use crate::cbor::{Full, Writer};
use crate::header::{Header, Version};
use crate::status::{Refusal, Status};

/// Something that can be the payload of a reply.
pub trait Answer {
    /// Writes the payload, one map.
    ///
    /// # Errors
    /// [`Full`] if it does not fit.
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full>;
}

/// It was done, and there is nothing else to say: an empty map.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done;

impl Answer for Done {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(0)
    }
}

/// The packet that answers `request`, ready for [`frame::lines`](crate::frame::lines).
///
/// An answer that does not fit the buffer becomes the refusal [`Status::TooLarge`], so there is
/// always a packet to send; only a buffer under 14 bytes leaves it empty.
pub fn reply<'b>(request: &Header, answer: &impl Answer, buffer: &'b mut [u8]) -> &'b [u8] {
    let length = match packet(request, answer, buffer) {
        Ok(length) => length,
        Err(Full) => {
            let refused = Refused {
                version: request.version,
                refusal: Status::TooLarge.into(),
                reason: "",
            };
            packet(request, &refused, buffer).unwrap_or(0)
        }
    };
    buffer.get(..length).unwrap_or_default()
}

/// The packet that refuses `request`.
///
/// `reason` says in words what would have been right, such as a range; empty for none. Only
/// refusals of the form `{"rc": n}` have room for it, as `rsn`.
pub fn refuse<'b>(
    request: &Header,
    refusal: impl Into<Refusal>,
    reason: &str,
    buffer: &'b mut [u8],
) -> &'b [u8] {
    let refused = Refused {
        version: request.version,
        refusal: refusal.into(),
        reason,
    };
    reply(request, &refused, buffer)
}

struct Refused<'a> {
    version: Version,
    refusal: Refusal,
    reason: &'a str,
}

impl Answer for Refused<'_> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        if let (Version::Two, Some((group, code))) = (self.version, self.refusal.group()) {
            writer.map(1)?;
            writer.text("err")?;
            writer.map(2)?;
            writer.text("group")?;
            writer.unsigned(group)?;
            writer.text("rc")?;
            return writer.unsigned(code);
        }
        writer.map(if self.reason.is_empty() { 1 } else { 2 })?;
        writer.text("rc")?;
        writer.unsigned(self.refusal.status() as u16)?;
        if !self.reason.is_empty() {
            writer.text("rsn")?;
            writer.text(self.reason)?;
        }
        Ok(())
    }
}

/// Writes header and payload; says how long they are together.
fn packet(request: &Header, answer: &impl Answer, buffer: &mut [u8]) -> Result<usize, Full> {
    let (header, rest) = buffer
        .split_first_chunk_mut::<{ Header::SIZE }>()
        .ok_or(Full)?;
    let mut writer = Writer::new(rest);
    answer.write(&mut writer)?;
    let length = writer.written().len();
    let stated = u16::try_from(length).map_err(|_| Full)?;
    *header = request.reply(stated).to_bytes();
    Ok(Header::SIZE + length)
}

#[cfg(test)]
mod tests {
    use super::super::tests::header;
    use super::*;
    use crate::header::Operation;
    use crate::status::{ImageError, SettingsError};

    #[test]
    fn both_forms_of_refusal() {
        let mut buffer = [0; 64];
        let two = header(Operation::Write, 3, 0);
        let one = Header {
            version: Version::One,
            ..two
        };
        assert_eq!(
            refuse(&two, SettingsError::KeyNotFound, "", &mut buffer),
            b"\x0b\0\0\x11\0\x03\x05\0\xa1\x63err\xa2\x65group\x03\x62rc\x03"
        );
        assert_eq!(
            refuse(&one, SettingsError::KeyNotFound, "", &mut buffer),
            b"\x03\0\0\x05\0\x03\x05\0\xa1\x62rc\x05"
        );
        // An error of the protocol itself looks the same in both, and may say why.
        assert_eq!(
            refuse(&two, Status::InvalidValue, "0 to 100", &mut buffer),
            b"\x0b\0\0\x12\0\x03\x05\0\xa2\x62rc\x03\x63rsn\x680 to 100"
        );
    }

    #[test]
    fn too_large_an_answer_says_so() {
        struct Endless;
        impl Answer for Endless {
            fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
                writer.open_list()?;
                loop {
                    writer.text("and so on")?;
                }
            }
        }
        let request = header(Operation::Read, 2, 1);
        let refused = b"\x09\0\0\x05\0\x02\x05\x01\xa1\x62rc\x07";
        assert_eq!(reply(&request, &Endless, &mut [0; 2048]), refused);
        // More than the 16-bit length can say is too large as well.
        assert_eq!(
            reply(&request, &Endless, &mut std::vec![0; 80_000]),
            refused
        );
        assert_eq!(reply(&request, &Endless, &mut [0; 13]), refused);
        assert_eq!(reply(&request, &Endless, &mut [0; 12]), b"");
        assert_eq!(reply(&request, &Endless, &mut []), b"");
    }

    #[test]
    fn version_one_is_told_what_zephyr_tells() {
        let mut buffer = [0; 64];
        let one = Header {
            version: Version::One,
            ..header(Operation::Write, 1, 1)
        };
        let packet = refuse(&one, ImageError::AlreadyPending, "", &mut buffer);
        assert_eq!(packet[8..], *b"\xa1\x62rc\x06");
    }
}
