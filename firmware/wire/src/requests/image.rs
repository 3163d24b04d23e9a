//! Group 1: the two system images, listed, put to the test, confirmed, replaced.

use super::{Answer, each};
use crate::cbor::{Full, Writer};
use crate::status::{ImageError, Refusal, Status};

/// Length of the hash that names an image (SHA-256), in bytes.
pub const HASH: usize = 32;

/// A request to group 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Which images are there? Answered by [`States`].
    State,
    /// Start this image next; answered by [`States`].
    SetState {
        /// The image's hash; none for the one that runs, only together with `confirm`.
        hash: Option<&'a [u8; HASH]>,
        /// For good; else once, for a test.
        confirm: bool,
    },
    /// Part of an image; answered by [`Uploaded`].
    Upload(Upload<'a>),
    /// Erase a slot.
    Erase {
        /// The slot; 1, the one that does not run, if the client does not say.
        slot: u32,
    },
    /// How large are the slots? Answered by [`Slots`].
    Slots,
}

/// Part of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload<'a> {
    /// Number of the image, 0 if the client does not say.
    pub image: u32,
    /// Where in the image the data belongs, in bytes.
    pub offset: u64,
    /// The data.
    pub data: &'a [u8],
    /// Length of the whole image in bytes; always there with offset 0.
    pub length: Option<u64>,
    /// Hash of everything that will be uploaded, to go on with a broken upload and to verify.
    pub hash: Option<&'a [u8; HASH]>,
    /// Only if it is newer than what runs.
    pub upgrade: bool,
}

impl<'a> Request<'a> {
    pub(super) fn parse(what: (bool, u8), payload: &'a [u8]) -> Result<Request<'a>, Refusal> {
        Ok(match what {
            (false, 0) => Request::State,
            (true, 0) => {
                let (mut hash, mut confirm) = (None, false);
                each(payload, |key, value| {
                    match key {
                        "hash" => hash = Some(value.bytes()?),
                        "confirm" => confirm = value.flag()?,
                        _ => {}
                    }
                    Ok(())
                })?;
                let hash = hash_of(hash)?;
                if hash.is_none() && !confirm {
                    return Err(ImageError::InvalidHash.into());
                }
                Request::SetState { hash, confirm }
            }
            (true, 1) => Request::Upload(Upload::parse(payload)?),
            (true, 5) => {
                let mut slot = 1;
                each(payload, |key, value| {
                    if key == "slot" {
                        slot = value.unsigned()?;
                    }
                    Ok(())
                })?;
                Request::Erase { slot }
            }
            (false, 6) => Request::Slots,
            _ => return Err(Status::NotSupported.into()),
        })
    }
}

impl<'a> Upload<'a> {
    fn parse(payload: &'a [u8]) -> Result<Upload<'a>, Refusal> {
        let (mut image, mut upgrade) = (0, false);
        let (mut offset, mut data, mut length, mut hash) = (None, None, None, None);
        each(payload, |key, value| {
            match key {
                "image" => image = value.unsigned()?,
                "off" => offset = Some(value.unsigned()?),
                "data" => data = Some(value.bytes()?),
                "len" => length = Some(value.unsigned()?),
                "sha" => hash = Some(value.bytes()?),
                "upgrade" => upgrade = value.flag()?,
                _ => {}
            }
            Ok(())
        })?;
        let offset = offset.ok_or(ImageError::InvalidOffset)?;
        if offset == 0 && length.is_none() {
            return Err(ImageError::InvalidLength.into());
        }
        Ok(Upload {
            image,
            offset,
            data: data.ok_or(Status::InvalidValue)?,
            length,
            hash: hash_of(hash)?,
            upgrade,
        })
    }
}

/// A hash has 32 bytes or is refused; one of none is as good as no hash.
fn hash_of(bytes: Option<&[u8]>) -> Result<Option<&[u8; HASH]>, ImageError> {
    match bytes {
        None | Some([]) => Ok(None),
        Some(bytes) => {
            let hash = bytes.try_into().map_err(|_| ImageError::InvalidHash)?;
            Ok(Some(hash))
        }
    }
}

/// One image as it is told to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageState<'a> {
    /// Its slot, 0 or 1.
    pub slot: u32,
    /// Its version.
    pub version: &'a str,
    /// Its hash; none where it is not known: then it cannot be named by one.
    pub hash: Option<&'a [u8; HASH]>,
    /// It can be started.
    pub bootable: bool,
    /// It will be started next.
    pub pending: bool,
    /// It has proved itself.
    pub confirmed: bool,
    /// It runs.
    pub active: bool,
    /// It will stay after the next start.
    pub permanent: bool,
}

/// Answer to [`Request::State`] and [`Request::SetState`]: the images that are valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct States<I>(pub I);

impl<'a, I: Iterator<Item = ImageState<'a>> + Clone> Answer for States<I> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("images")?;
        writer.open_list()?;
        for state in self.0.clone() {
            writer.map(if state.hash.is_some() { 8 } else { 7 })?;
            writer.text("slot")?;
            writer.unsigned(state.slot)?;
            writer.text("version")?;
            writer.text(state.version)?;
            if let Some(hash) = state.hash {
                writer.text("hash")?;
                writer.bytes(hash)?;
            }
            for (key, value) in [
                ("bootable", state.bootable),
                ("pending", state.pending),
                ("confirmed", state.confirmed),
                ("active", state.active),
                ("permanent", state.permanent),
            ] {
                writer.text(key)?;
                writer.boolean(value)?;
            }
        }
        writer.end()
    }
}

/// Answer to [`Request::Upload`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uploaded {
    /// Where to go on, in bytes; the whole length when it is done.
    pub offset: u64,
    /// When it is done: whether it matches the hash that was announced.
    pub matches: Option<bool>,
}

impl Answer for Uploaded {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(if self.matches.is_some() { 2 } else { 1 })?;
        writer.text("off")?;
        writer.unsigned(self.offset)?;
        if let Some(matches) = self.matches {
            writer.text("match")?;
            writer.boolean(matches)?;
        }
        Ok(())
    }
}

/// Answer to [`Request::Slots`]: number and size in bytes of each slot of our one image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots<I> {
    /// The slots.
    pub slots: I,
    /// The largest image that can be uploaded, in bytes.
    pub largest_image: u64,
}

impl<I: Iterator<Item = (u32, u64)> + Clone> Answer for Slots<I> {
    fn write(&self, writer: &mut Writer<'_>) -> Result<(), Full> {
        writer.map(1)?;
        writer.text("images")?;
        writer.open_list()?;
        writer.map(3)?;
        writer.text("image")?;
        writer.unsigned(0u32)?;
        writer.text("slots")?;
        writer.open_list()?;
        for (slot, size) in self.slots.clone() {
            writer.map(2)?;
            writer.text("slot")?;
            writer.unsigned(slot)?;
            writer.text("size")?;
            writer.unsigned(size)?;
        }
        writer.end()?;
        writer.text("max_image_size")?;
        writer.unsigned(self.largest_image)?;
        writer.end()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Request::Image;
    use super::super::tests::{payload, read, write};
    use super::*;
    use std::vec::Vec;

    #[test]
    fn states() {
        assert!(matches!(read(1, 0, b"\xa0"), Ok(Image(Request::State))));
        assert!(matches!(read(1, 6, b"\xa0"), Ok(Image(Request::Slots))));
        let mut test = b"\xa2\x64hash\x58\x20".to_vec();
        test.extend([7; 32]);
        test.extend(b"\x67confirm\xf4");
        let Ok(Image(Request::SetState { hash, confirm })) = write(1, 0, &test) else {
            panic!("not taken");
        };
        assert_eq!((hash, confirm), (Some(&[7; 32]), false));
        // The Go client says null for "the one that runs".
        let confirm_running = write(1, 0, b"\xa2\x64hash\xf6\x67confirm\xf5");
        let expected = Request::SetState {
            hash: None,
            confirm: true,
        };
        assert!(matches!(confirm_running, Ok(Image(request)) if request == expected));
    }

    #[test]
    fn hashes_have_32_bytes() {
        for wrong in [
            &b""[..],
            b"\xa1\x67confirm\xf4",
            b"\xa2\x64hash\x42\x01\x02\x67confirm\xf5",
        ] {
            let refusal = write(1, 0, wrong).unwrap_err();
            assert_eq!(refusal, ImageError::InvalidHash.into());
        }
    }

    #[test]
    fn uploads() {
        let first = b"\xa4\x63off\0\x63len\x1a\0\x01\0\0\x64data\x42xy\x67upgrade\xf5";
        let Ok(Image(Request::Upload(upload))) = write(1, 1, first) else {
            panic!("not taken");
        };
        let expected = Upload {
            image: 0,
            offset: 0,
            data: b"xy",
            length: Some(65_536),
            hash: None,
            upgrade: true,
        };
        assert_eq!(upload, expected);
        let later = b"\xa2\x63off\x02\x64data\x40";
        assert!(matches!(write(1, 1, later), Ok(Image(Request::Upload(u))) if u.offset == 2));
        let refusal = |payload| write(1, 1, payload).unwrap_err();
        assert_eq!(
            refusal(b"\xa1\x64data\x40"),
            ImageError::InvalidOffset.into()
        );
        assert_eq!(
            refusal(b"\xa2\x63off\0\x64data\x40"),
            ImageError::InvalidLength.into()
        );
        assert_eq!(refusal(b"\xa1\x63off\x01"), Status::InvalidValue.into());
    }

    #[test]
    fn erasing_takes_the_other_slot() {
        assert!(matches!(
            write(1, 5, b""),
            Ok(Image(Request::Erase { slot: 1 }))
        ));
        let chosen = write(1, 5, b"\xa1\x64slot\0");
        assert!(matches!(chosen, Ok(Image(Request::Erase { slot: 0 }))));
    }

    #[test]
    fn answers() {
        let state = ImageState {
            slot: 1,
            version: "1.2.0",
            hash: Some(&[9; 32]),
            bootable: true,
            pending: false,
            confirmed: true,
            active: false,
            permanent: false,
        };
        let mut expected: Vec<u8> =
            b"\xa1\x66images\x9f\xa8\x64slot\x01\x67version\x651.2.0\x64hash\x58\x20".to_vec();
        expected.extend([9; 32]);
        expected.extend(b"\x68bootable\xf5\x67pending\xf4\x69confirmed\xf5\x66active\xf4");
        expected.extend(b"\x69permanent\xf4\xff");
        assert_eq!(payload(&States([state].into_iter())), expected);
        let unnamed = payload(&States(
            [ImageState {
                hash: None,
                ..state
            }]
            .into_iter(),
        ));
        assert!(
            unnamed
                .starts_with(b"\xa1\x66images\x9f\xa7\x64slot\x01\x67version\x651.2.0\x68bootable")
        );

        let going = Uploaded {
            offset: 512,
            matches: None,
        };
        assert_eq!(payload(&going), b"\xa1\x63off\x19\x02\0");
        let done = Uploaded {
            matches: Some(true),
            ..going
        };
        assert_eq!(payload(&done), b"\xa2\x63off\x19\x02\0\x65match\xf5");

        let slots = Slots {
            slots: [(0, 5), (1, 6)].into_iter(),
            largest_image: 4,
        };
        assert_eq!(
            payload(&slots),
            b"\xa1\x66images\x9f\xa3\x65image\0\x65slots\x9f\xa2\x64slot\0\x64size\x05\
              \xa2\x64slot\x01\x64size\x06\xff\x6emax_image_size\x04\xff"
        );
    }
}
