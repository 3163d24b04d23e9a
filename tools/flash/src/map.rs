//! What of an image is to be written, and in which blocks.

use crate::digest::Digest;
use std::ops::Range;

/// Bytes of a block: what is written at once. Blocks begin at multiples of it.
pub const BLOCK: u64 = 4 << 20;

/// How long an image is, in bytes, as far as that is known before it is unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    /// Just so long.
    Exactly(u64),
    /// Known when it has been unpacked; not shorter than this.
    AtLeast(u64),
}

impl Length {
    /// The least room that it needs, bytes.
    pub fn least(self) -> u64 {
        match self {
            Length::Exactly(bytes) | Length::AtLeast(bytes) => bytes,
        }
    }

    /// The length, where it is known.
    pub fn exact(self) -> Option<u64> {
        match self {
            Length::Exactly(bytes) => Some(bytes),
            Length::AtLeast(_) => None,
        }
    }
}

/// A part of the image that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Where, in bytes of the unpacked image.
    pub range: Range<u64>,
    /// What its bytes must sum up to, where the image's maker said so.
    pub sha256: Option<Digest>,
}

/// Which parts of an image matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Map {
    /// All of it.
    Everything,
    /// These alone, sorted, without overlap; the rest of the device may stay as it is.
    Pieces(Vec<Piece>),
}

impl Map {
    /// How many bytes will be written; nothing where the image's length is not known yet.
    pub fn bytes(&self, length: Length) -> Option<u64> {
        match self {
            Map::Everything => length.exact(),
            Map::Pieces(pieces) => Some(
                pieces
                    .iter()
                    .map(|piece| piece.range.end - piece.range.start)
                    .sum(),
            ),
        }
    }
}

/// Cuts a range at multiples of [`BLOCK`].
pub fn blocks(range: Range<u64>) -> impl Iterator<Item = Range<u64>> {
    let mut at = range.start;
    std::iter::from_fn(move || {
        if at >= range.end {
            return None;
        }
        let end = (at / BLOCK)
            .saturating_add(1)
            .saturating_mul(BLOCK)
            .min(range.end);
        let block = at..end;
        at = end;
        Some(block)
    })
}

/// What an image turned out to be once it has been read to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// Its length, bytes.
    pub length: u64,
    /// What the device must give back: sorted parts with their checksums.
    pub checks: Vec<(Range<u64>, Digest)>,
}
