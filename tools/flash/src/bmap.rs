//! Block maps as `bmaptool` makes them (version 2.0): which blocks of an image matter.
//!
//! An XML file with the image's size, the size of a block, and ranges of blocks, each with the SHA-256 of its bytes. The
//! file has a checksum of itself, taken with that checksum's own digits as zeros.
//! Source: <https://github.com/yoctoproject/bmaptool>, `BmapCreate.py` and `BmapCopy.py`.

use crate::digest::Digest;
use crate::map::Piece;
use std::fmt::Write as _;

/// Why a block map cannot be used. Cure for all: make it anew with `bmaptool create IMAGE -o IMAGE.bmap`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BmapError {
    /// Not an XML file of the expected kind.
    #[error("it is not a block map: {0}")]
    NotABmap(String),
    /// A version that this program does not read.
    #[error("its version is {0}, and only 2.x is read; make it with bmaptool 3 or later")]
    Version(String),
    /// Checksums of another kind.
    #[error("its checksums are {0}, and only sha256 is read")]
    Checksums(String),
    /// The file does not have its own checksum: it was changed or cut.
    #[error("it was changed or damaged: its checksum is {found}, and it says {said}")]
    Damaged {
        /// What the file says.
        said: Digest,
        /// What it is.
        found: Digest,
    },
    /// Numbers that contradict each other.
    #[error("it contradicts itself: {0}")]
    Contradiction(String),
}

/// A block map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bmap {
    /// The unpacked image's length, bytes.
    pub size: u64,
    /// Bytes of a block.
    pub block: u64,
    /// The parts that matter, in bytes, sorted; each with its checksum.
    pub pieces: Vec<Piece>,
    /// The checksum of the block map itself.
    pub sha256: Digest,
}

impl Bmap {
    /// Reads a block map and checks it against itself.
    pub fn parse(text: &str) -> Result<Bmap, BmapError> {
        let document = roxmltree::Document::parse(text)
            .map_err(|error| BmapError::NotABmap(error.to_string()))?;
        let root = document.root_element();
        if root.tag_name().name() != "bmap" {
            let name = root.tag_name().name();
            return Err(BmapError::NotABmap(format!("it begins with <{name}>")));
        }
        let version = root.attribute("version").unwrap_or("missing");
        if version != "2" && !version.starts_with("2.") {
            return Err(BmapError::Version(version.to_owned()));
        }
        let field = |name: &str| {
            root.children()
                .find(|child| child.has_tag_name(name))
                .and_then(|child| child.text())
                .map(str::trim)
                .ok_or_else(|| BmapError::NotABmap(format!("<{name}> is missing")))
        };
        let number = |name: &str| {
            let text = field(name)?;
            text.parse::<u64>()
                .map_err(|_| BmapError::NotABmap(format!("<{name}> is {text:?}, not a number")))
        };
        let kind = field("ChecksumType")?;
        if kind != "sha256" {
            return Err(BmapError::Checksums(kind.to_owned()));
        }
        let said = field("BmapFileChecksum")?;
        let sha256 = Digest::parse(said)
            .ok_or_else(|| BmapError::NotABmap("<BmapFileChecksum> is no SHA-256".to_owned()))?;
        let found = Digest::of(text.replacen(said, &"0".repeat(64), 1).as_bytes());
        if found != sha256 {
            return Err(BmapError::Damaged {
                said: sha256,
                found,
            });
        }
        let (size, block) = (number("ImageSize")?, number("BlockSize")?);
        let (blocks, mapped) = (number("BlocksCount")?, number("MappedBlocksCount")?);
        if block == 0 || size.div_ceil(block) != blocks {
            return Err(BmapError::Contradiction(format!(
                "{size} bytes in blocks of {block} are not {blocks} blocks"
            )));
        }
        let map = root
            .children()
            .find(|child| child.has_tag_name("BlockMap"))
            .ok_or_else(|| BmapError::NotABmap("<BlockMap> is missing".to_owned()))?;
        let mut pieces = Vec::new();
        let mut next = 0;
        let mut count = 0_u64;
        for range in map.children().filter(|child| child.has_tag_name("Range")) {
            let words = range.text().unwrap_or("").trim();
            let (first, last) = range_of(words)
                .ok_or_else(|| BmapError::NotABmap(format!("<Range> is {words:?}")))?;
            if first < next || last < first || last >= blocks {
                return Err(BmapError::Contradiction(format!(
                    "range {words} is out of order or beyond block {blocks}"
                )));
            }
            let sha256 = range
                .attribute("chksum")
                .and_then(Digest::parse)
                .ok_or_else(|| BmapError::NotABmap(format!("range {words} has no checksum")))?;
            // Neither overflows: last is below `blocks`, and `blocks - 1` blocks fit into `size`.
            let end = (last * block).saturating_add(block).min(size);
            pieces.push(Piece {
                range: first * block..end,
                sha256: Some(sha256),
            });
            next = last + 1;
            count += last - first + 1;
        }
        if count != mapped {
            return Err(BmapError::Contradiction(format!(
                "its ranges have {count} blocks, and it says {mapped}"
            )));
        }
        Ok(Bmap {
            size,
            block,
            pieces,
            sha256,
        })
    }

    /// A block map as text, with its own checksum: what [`Bmap::parse`] and `bmaptool` read.
    ///
    /// Pieces begin at multiples of `block` and end at one or at `size`; each needs its checksum.
    pub fn write(size: u64, block: u64, pieces: &[Piece]) -> String {
        let block = block.max(1);
        let blocks_of =
            |piece: &Piece| (piece.range.start / block, piece.range.end.div_ceil(block));
        let mapped: u64 = pieces
            .iter()
            .map(blocks_of)
            .map(|(first, after)| after - first)
            .sum();
        let mut text = format!(
            "<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\">\n    <ImageSize> {size} </ImageSize>\n    \
             <BlockSize> {block} </BlockSize>\n    <BlocksCount> {} </BlocksCount>\n    \
             <MappedBlocksCount> {mapped} </MappedBlocksCount>\n    <ChecksumType> sha256 </ChecksumType>\n    \
             <BmapFileChecksum> {} </BmapFileChecksum>\n    <BlockMap>\n",
            size.div_ceil(block),
            "0".repeat(64),
        );
        for piece in pieces {
            let (first, after) = blocks_of(piece);
            let words = match after - first {
                1 => first.to_string(),
                _ => format!("{first}-{}", after - 1),
            };
            let sum = piece.sha256.map(|sum| sum.to_string()).unwrap_or_default();
            // A String takes everything.
            let _ = writeln!(text, "        <Range chksum=\"{sum}\"> {words} </Range>");
        }
        text.push_str("    </BlockMap>\n</bmap>\n");
        let sum = Digest::of(text.as_bytes()).to_string();
        text.replacen(&"0".repeat(64), &sum, 1)
    }
}

/// Reads `7` or `7-9`.
fn range_of(words: &str) -> Option<(u64, u64)> {
    match words.split_once('-') {
        Some((first, last)) => Some((first.trim().parse().ok()?, last.trim().parse().ok()?)),
        None => words.parse().ok().map(|block| (block, block)),
    }
}
