//! An image file: what it is, and its bytes in blocks.

use crate::bmap::{Bmap, BmapError};
use crate::digest::{Digest, Sum};
use crate::map::{Length, Map, Outline, Piece, blocks};
use crate::packing::Packing;
use rustix::fs::SeekFrom;
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::os::unix::fs::{FileExt, FileTypeExt};
use std::path::{Path, PathBuf};

/// Why an image cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// The file cannot be read.
    #[error("{}: {error}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the kernel said.
        error: io::Error,
    },
    /// It is no file of an image.
    #[error("{} is {what}", path.display())]
    Kind {
        /// Which file.
        path: PathBuf,
        /// What it is, and the cure.
        what: &'static str,
    },
    /// The block map is no good.
    #[error("block map {}: {error}; make it anew with bmaptool create, or go without by --no-bmap", path.display())]
    Bmap {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: BmapError,
    },
    /// The image has another length than its block map says.
    #[error(
        "it has {found} bytes, and its block map says {said}: one of them is of another image; fetch both again"
    )]
    OtherLength {
        /// What the image has.
        found: u64,
        /// What the block map says.
        said: u64,
    },
    /// A part does not sum up to what the block map says.
    #[error("bytes {} to {} are not what its block map says: it is damaged or of another version; fetch it again", range.start, range.end)]
    OtherBytes {
        /// Which part.
        range: Range<u64>,
    },
    /// It cannot be unpacked.
    #[error("it is damaged after {at} unpacked bytes ({error}); fetch it again")]
    Damaged {
        /// Unpacked bytes before.
        at: u64,
        /// What the unpacker said.
        error: io::Error,
    },
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
}

/// How an image is to be read.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Whether block maps beside the image are ignored.
    pub no_bmap: bool,
    /// This block map instead of one beside the image.
    pub bmap: Option<PathBuf>,
    /// Whether holes of a raw image without block map stay as the device has them; else they become zeros, which is what
    /// they are to every other reader of the file.
    pub leave_holes: bool,
}

/// An image file that can be flashed.
#[derive(Debug)]
pub struct Image {
    /// Its path.
    pub path: PathBuf,
    file: File,
    /// How it is packed.
    pub packing: Packing,
    /// Its length as a file, bytes.
    pub packed: u64,
    /// Its length, bytes.
    pub length: Length,
    /// Which parts matter.
    pub map: Map,
    /// The block map's path and checksum, where there is one.
    pub bmap: Option<(PathBuf, Digest)>,
}

/// A block's bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// As they are.
    Bytes(Vec<u8>),
    /// So many zeros.
    Zeros(u64),
}

/// A block of an image, not empty.
#[derive(Debug, PartialEq, Eq)]
pub struct Block {
    /// Its offset, bytes.
    pub at: u64,
    /// What it holds.
    pub content: Content,
}

impl Block {
    /// Where it lies.
    pub fn range(&self) -> Range<u64> {
        let length = match &self.content {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Zeros(count) => *count,
        };
        self.at..self.at + length
    }
}

impl Image {
    /// Opens an image and the block map beside it: `IMAGE.bmap`, or `NAME.img.bmap` for `NAME.img.zst`, and also
    /// `NAME.bmap` for `NAME.img`.
    pub fn open(path: &Path, reading: &Reading) -> Result<Image, ImageError> {
        let fail = |error| ImageError::File {
            path: path.to_owned(),
            error,
        };
        let file = File::open(path).map_err(fail)?;
        let about = file.metadata().map_err(fail)?;
        let kind = |what| ImageError::Kind {
            path: path.to_owned(),
            what,
        };
        if about.is_dir() || about.file_type().is_fifo() || about.file_type().is_char_device() {
            return Err(kind("no file; name an image file"));
        }
        if about.file_type().is_block_device() {
            return Err(kind("a device; the image comes first, devices after it"));
        }
        let packed = about.len();
        if packed == 0 {
            return Err(ImageError::Empty);
        }
        let mut first = [0; 8];
        let came = file.read_at(&mut first, 0).map_err(fail)?;
        let packing = Packing::of(&first[..came]).map_err(kind)?;
        let mut length = packing.length(&file, packed).map_err(fail)?;
        let mut map = Map::Everything;
        let mut used = None;
        if let Some(beside) = find_bmap(path, reading) {
            let text = std::fs::read_to_string(&beside).map_err(|error| ImageError::File {
                path: beside.clone(),
                error,
            })?;
            let bmap = Bmap::parse(&text).map_err(|error| ImageError::Bmap {
                path: beside.clone(),
                error,
            })?;
            if length.least() > bmap.size || length.exact().is_some_and(|bytes| bytes != bmap.size)
            {
                return Err(ImageError::OtherLength {
                    found: length.least(),
                    said: bmap.size,
                });
            }
            length = Length::Exactly(bmap.size);
            map = Map::Pieces(bmap.pieces);
            used = Some((beside, bmap.sha256));
        } else if reading.leave_holes && packing == Packing::Raw {
            map = Map::Pieces(data_pieces(&file, packed).map_err(fail)?);
        }
        Ok(Image {
            path: path.to_owned(),
            file,
            packing,
            packed,
            length,
            map,
            bmap: used,
        })
    }

    /// What the image is known by: its block map's checksum, else the SHA-256 of its file, which is read whole.
    pub fn identity(&self) -> Result<Digest, ImageError> {
        if let Some((_, sha256)) = &self.bmap {
            return Ok(*sha256);
        }
        let fail = |error| ImageError::File {
            path: self.path.clone(),
            error,
        };
        let mut sum = Sum::default();
        let mut room = vec![0; 1 << 20];
        let mut at = 0;
        while at < self.packed {
            let some = (self.packed - at).min(room.len() as u64);
            if hole(&self.file, &(at..at + some)) {
                sum.add_zeros(some);
            } else {
                self.file
                    .read_exact_at(&mut room[..some as usize], at)
                    .map_err(fail)?;
                sum.add(&room[..some as usize]);
            }
            at += some;
        }
        Ok(sum.finish())
    }

    /// Which device holds the image: major and minor.
    pub fn device(&self) -> io::Result<(u32, u32)> {
        let number = rustix::fs::fstat(&self.file)?.st_dev;
        Ok((rustix::fs::major(number), rustix::fs::minor(number)))
    }

    /// Whether a path leads to this very file.
    pub fn is(&self, path: &Path) -> bool {
        let own = rustix::fs::fstat(&self.file);
        let other = rustix::fs::stat(path);
        matches!((own, other), (Ok(own), Ok(other)) if (own.st_dev, own.st_ino) == (other.st_dev, other.st_ino))
    }

    /// Unpacks the image and hands out what matters of it, block by block, in order, until `take` says no. Checks it
    /// against the block map on the way. Nothing: `take` said no.
    pub fn read(&self, mut take: impl FnMut(Block) -> bool) -> Result<Option<Outline>, ImageError> {
        let mut at = 0;
        let file = self.file.try_clone().map_err(|error| ImageError::File {
            path: self.path.clone(),
            error,
        })?;
        let mut bytes: Bytes<'_> = match self.packing {
            Packing::Raw => Bytes::Raw(&self.file, self.packed),
            _ => Bytes::Packed {
                reader: self
                    .packing
                    .unpack(file)
                    .map_err(|error| ImageError::Damaged { at: 0, error })?,
                at: 0,
            },
        };
        let mut checks = Vec::new();
        let all = [Piece {
            range: 0..self.length.exact().unwrap_or(u64::MAX),
            sha256: None,
        }];
        let pieces = match &self.map {
            Map::Everything => &all[..],
            Map::Pieces(pieces) => pieces,
        };
        let mut length = None;
        'pieces: for piece in pieces {
            let mut sum = Sum::default();
            for range in blocks(piece.range.clone()) {
                let wanted = range.end - range.start;
                let block = bytes
                    .block(range)
                    .map_err(|error| ImageError::Damaged { at, error })?;
                let range = block.range();
                at = range.end;
                if range.start < range.end {
                    let mut own = Sum::default();
                    for sum in match piece.sha256 {
                        Some(_) => [Some(&mut sum), None],
                        None => [None, Some(&mut own)],
                    }
                    .into_iter()
                    .flatten()
                    {
                        match &block.content {
                            Content::Bytes(bytes) => sum.add(bytes),
                            Content::Zeros(count) => sum.add_zeros(*count),
                        }
                    }
                    if piece.sha256.is_none() {
                        checks.push((range.clone(), own.finish()));
                    }
                    if !take(block) {
                        return Ok(None);
                    }
                }
                if range.end - range.start < wanted {
                    length = Some(range.end);
                    break 'pieces;
                }
            }
            if let Some(said) = piece.sha256 {
                if sum.finish() != said {
                    return Err(ImageError::OtherBytes {
                        range: piece.range.clone(),
                    });
                }
                checks.push((piece.range.clone(), said));
            }
        }
        // To the very end: what follows counts for the length, and unpackers check sums there.
        let found = match length {
            Some(length) => length,
            None => bytes
                .rest()
                .map_err(|error| ImageError::Damaged { at, error })?,
        };
        match self.length {
            Length::Exactly(said) if said != found => Err(ImageError::OtherLength { found, said }),
            _ if found == 0 => Err(ImageError::Empty),
            _ => Ok(Some(Outline {
                length: found,
                checks,
            })),
        }
    }
}

/// An image's unpacked bytes.
enum Bytes<'a> {
    Raw(&'a File, u64),
    Packed { reader: Box<dyn Read + 'a>, at: u64 },
}

impl Bytes<'_> {
    /// The next block; ranges only go forward. Shorter than asked for at the end.
    fn block(&mut self, range: Range<u64>) -> io::Result<Block> {
        let at = range.start;
        let bytes = match self {
            Bytes::Raw(file, length) => {
                let range = range.start.min(*length)..range.end.min(*length);
                if hole(file, &range) {
                    let content = Content::Zeros(range.end - range.start);
                    return Ok(Block { at, content });
                }
                let mut bytes = vec![0; (range.end - range.start) as usize];
                file.read_exact_at(&mut bytes, range.start)?;
                bytes
            }
            Bytes::Packed {
                reader,
                at: position,
            } => {
                let skip = range.start.saturating_sub(*position);
                let skipped = io::copy(&mut reader.by_ref().take(skip), &mut io::sink())?;
                *position += skipped;
                let mut bytes = Vec::new();
                if skipped == skip {
                    let wanted = range.end - range.start;
                    bytes.reserve_exact(wanted as usize);
                    reader.by_ref().take(wanted).read_to_end(&mut bytes)?;
                    *position += bytes.len() as u64;
                }
                bytes
            }
        };
        let content = match bytes.iter().all(|&byte| byte == 0) {
            true => Content::Zeros(bytes.len() as u64),
            false => Content::Bytes(bytes),
        };
        Ok(Block { at, content })
    }

    /// Reads what is left and answers the whole length.
    fn rest(&mut self) -> io::Result<u64> {
        match self {
            Bytes::Raw(_, length) => Ok(*length),
            Bytes::Packed { reader, at } => Ok(*at + io::copy(reader, &mut io::sink())?),
        }
    }
}

/// Whether a file has nothing but a hole in a range. A file system that does not know has none.
fn hole(file: &File, range: &Range<u64>) -> bool {
    match rustix::fs::seek(file, SeekFrom::Data(range.start)) {
        Ok(data) => data >= range.end,
        Err(error) => error == Errno::NXIO,
    }
}

/// The parts of a file that are no holes.
fn data_pieces(file: &File, length: u64) -> io::Result<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut at = 0;
    while at < length {
        let start = match rustix::fs::seek(file, SeekFrom::Data(at)) {
            Ok(start) => start,
            Err(Errno::NXIO) => break,
            Err(error) => return Err(error.into()),
        };
        let end = rustix::fs::seek(file, SeekFrom::Hole(start))?.min(length);
        if end <= start {
            break;
        }
        pieces.push(Piece {
            range: start..end,
            sha256: None,
        });
        at = end;
    }
    Ok(pieces)
}

/// The block map to use, where there is one.
fn find_bmap(image: &Path, reading: &Reading) -> Option<PathBuf> {
    if reading.bmap.is_some() {
        return reading.bmap.clone();
    }
    if reading.no_bmap {
        return None;
    }
    let name = image.file_name()?.to_str()?;
    let mut names = vec![format!("{name}.bmap")];
    let mut stem = name;
    while let Some((before, _)) = stem.rsplit_once('.') {
        names.push(format!("{before}.bmap"));
        stem = before;
        if names.len() == 3 {
            break;
        }
    }
    names
        .into_iter()
        .map(|name| image.with_file_name(name))
        .find(|path| path.is_file() && path != image)
}
