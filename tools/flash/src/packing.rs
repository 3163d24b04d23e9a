//! How an image is packed: told by its first bytes, never by its name.

use crate::map::Length;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;

/// First bytes of a zstd frame (RFC 8878, 3.1.1), and of one to be skipped (3.1.2; the low digit varies).
const ZSTD: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
const ZSTD_SKIPPABLE: [u8; 3] = [0x2A, 0x4D, 0x18];

/// First and last bytes of an xz stream ("The .xz File Format", 2.1.1.1 and 2.1.2.4).
const XZ: [u8; 6] = [0xFD, b'7', b'z', b'X', b'Z', 0];
const XZ_END: [u8; 2] = *b"YZ";

/// The largest window that a zstd image may ask for, as a power of two: what `zstd --long=31` needs at most.
const WINDOW: u32 = 31;

/// How an image is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Raw,
    /// By zstd.
    Zstd,
    /// By xz.
    Xz,
}

impl Packing {
    /// By an image's first bytes. What is neither zstd nor xz is raw; what is known to be something else is an
    /// error that names it.
    pub fn of(first: &[u8]) -> Result<Packing, &'static str> {
        if first.starts_with(&ZSTD)
            || (first.get(1..4) == Some(&ZSTD_SKIPPABLE) && first[0] & 0xF0 == 0x50)
        {
            return Ok(Packing::Zstd);
        }
        if first.starts_with(&XZ) {
            return Ok(Packing::Xz);
        }
        const OTHERS: [(&[u8], &str); 5] = [
            (&[0x1F, 0x8B], "packed by gzip; unpack it with gunzip"),
            (b"BZh", "packed by bzip2; unpack it with bunzip2"),
            (b"PK\x03\x04", "a zip file; unpack it"),
            (
                b"QFI\xFB",
                "a QEMU disk; convert it with qemu-img convert -O raw",
            ),
            (b"<?xml", "a text file, perhaps the block map of an image"),
        ];
        match OTHERS.iter().find(|(magic, _)| first.starts_with(magic)) {
            Some((_, what)) => Err(what),
            None => Ok(Packing::Raw),
        }
    }

    /// For people.
    pub fn word(self) -> &'static str {
        match self {
            Packing::Raw => "raw",
            Packing::Zstd => "zstd",
            Packing::Xz => "xz",
        }
    }

    /// How long the image will be, unpacked, as far as its file says. `file` has `bytes` bytes.
    pub fn length(self, file: &File, bytes: u64) -> io::Result<Length> {
        Ok(match self {
            Packing::Raw => Length::Exactly(bytes),
            Packing::Zstd => zstd_length(file)?,
            Packing::Xz => xz_length(file, bytes)?.map_or(Length::AtLeast(0), Length::Exactly),
        })
    }

    /// The unpacked bytes of `file`, from its beginning.
    pub fn unpack<'a>(
        self,
        mut file: impl Read + Seek + Send + 'a,
    ) -> io::Result<Box<dyn Read + 'a>> {
        file.seek(SeekFrom::Start(0))?;
        Ok(match self {
            Packing::Raw => Box::new(file),
            Packing::Zstd => {
                let mut decoder = zstd::Decoder::new(file)?;
                decoder.window_log_max(WINDOW)?;
                Box::new(decoder)
            }
            Packing::Xz => {
                let file = io::BufReader::with_capacity(1 << 18, file);
                Box::new(lzma_rust2::XzReader::new(file, true))
            }
        })
    }
}

/// A zstd frame may say how much it holds; others may follow it.
fn zstd_length(file: &File) -> io::Result<Length> {
    let mut header = [0; 18];
    let came = file.read_at(&mut header, 0)?;
    match zstd::zstd_safe::get_frame_content_size(&header[..came]) {
        Ok(Some(bytes)) => Ok(Length::AtLeast(bytes)),
        _ => Ok(Length::AtLeast(0)),
    }
}

/// An xz stream ends with an index of its blocks. Nothing where there are several streams, or none that is whole.
fn xz_length(file: &File, bytes: u64) -> io::Result<Option<u64>> {
    let mut footer = [0; 12];
    let Some(at) = bytes.checked_sub(12 + 12) else {
        return Ok(None);
    };
    file.read_exact_at(&mut footer, at + 12)?;
    if footer[10..] != XZ_END {
        return Ok(None);
    }
    let words = u32::from_le_bytes([footer[4], footer[5], footer[6], footer[7]]);
    let index = (u64::from(words) + 1) * 4;
    // An index of a real image is small.
    if index > 16 << 20 || index > at {
        return Ok(None);
    }
    let mut records = vec![0; index as usize];
    file.read_exact_at(&mut records, at + 12 - index)?;
    Ok(index_sums(&records).and_then(|(packed, unpacked)| {
        // Header, blocks, index and footer are the whole file: one stream.
        let all = packed.checked_add(12 + index + 12)?;
        (all == bytes).then_some(unpacked)
    }))
}

/// Bytes of all blocks, packed and unpacked, by an xz index ("The .xz File Format", 4).
fn index_sums(index: &[u8]) -> Option<(u64, u64)> {
    let (&0, mut rest) = index.split_first()? else {
        return None;
    };
    let mut number = || -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..63).step_by(7) {
            let (&byte, after) = rest.split_first()?;
            rest = after;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    };
    let records = number()?;
    let (mut packed, mut unpacked) = (0_u64, 0_u64);
    for _ in 0..records {
        packed = packed.checked_add(number()?.checked_next_multiple_of(4)?)?;
        unpacked = unpacked.checked_add(number()?)?;
    }
    Some((packed, unpacked))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_index_is_read_without_panic(index in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = index_sums(&index);
        }

        #[test]
        fn any_first_bytes_are_sorted(first in proptest::collection::vec(any::<u8>(), 0..8)) {
            let raw = Packing::of(&first) == Ok(Packing::Raw);
            prop_assert!(!(raw && (first.starts_with(&ZSTD) || first.starts_with(&XZ))));
        }
    }
}
