//! The archive: named byte strings in a zip file, read with bounds.

use crate::PackError;
use sha2::{Digest, Sha256};
use std::cell::Cell;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::rc::Rc;
use zip::read::{ArchiveOffset, Config};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Bytes of the largest pack.
pub const MAX_PACK: u64 = 1 << 30;
/// Bytes of the largest entry, uncompressed.
pub const MAX_ENTRY: u64 = 512 << 20;
/// Bytes of the largest manifest.
pub const MAX_MANIFEST: u64 = 1 << 20;
/// Entries of the largest pack.
pub const MAX_ENTRIES: usize = 64;
/// Bytes that are read for the directory, which takes several times their size in memory.
const MAX_DIRECTORY: u64 = 1 << 20;

/// sha256 in lower-case hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// An opened archive.
pub struct Archive<'a> {
    zip: ZipArchive<Limited<'a>>,
}

/// Bytes of which only so many are read.
struct Limited<'a> {
    bytes: Cursor<&'a [u8]>,
    /// How many more.
    left: Rc<Cell<u64>>,
}

impl Read for Limited<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read(buffer)?;
        let left = self.left.get().checked_sub(count as u64);
        self.left.set(left.unwrap_or(0));
        match left {
            Some(_) => Ok(count),
            None => Err(io::Error::other("more to read than allowed")),
        }
    }
}

impl Seek for Limited<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

impl<'a> Archive<'a> {
    /// Opens an archive; reads its directory alone.
    pub fn open(bytes: &'a [u8]) -> Result<Self, PackError> {
        if bytes.len() as u64 > MAX_PACK {
            return Err(PackError::TooLarge(format!("{} bytes", bytes.len())));
        }
        let left = Rc::new(Cell::new(MAX_DIRECTORY));
        let limited = Limited {
            bytes: Cursor::new(bytes),
            left: left.clone(),
        };
        // Without a search for what may stand before an archive.
        let config = Config {
            archive_offset: ArchiveOffset::Known(0),
        };
        let zip = ZipArchive::with_config(config, limited).map_err(|error| match left.get() {
            0 => PackError::TooLarge("its directory".to_owned()),
            _ => damaged(error),
        })?;
        left.set(u64::MAX);
        if zip.len() > MAX_ENTRIES {
            return Err(PackError::TooLarge(format!("{} entries", zip.len())));
        }
        Ok(Archive { zip })
    }

    /// The names of all entries.
    pub fn names(&self) -> Result<Vec<String>, PackError> {
        let names = self.zip.file_names();
        names
            .map(|name| name.map(|name| name.into_owned()).map_err(damaged))
            .collect()
    }

    /// Reads one entry whole; fails beyond `limit` bytes, whatever the directory claims.
    pub fn read(&mut self, name: &str, limit: u64) -> Result<Vec<u8>, PackError> {
        let entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::FileNotFound) => {
                return Err(PackError::Missing(name.to_owned()));
            }
            Err(error) => return Err(damaged(error)),
        };
        let mut bytes = Vec::new();
        entry
            .take(limit + 1)
            .read_to_end(&mut bytes)
            .map_err(damaged)?;
        if bytes.len() as u64 > limit {
            return Err(PackError::TooLarge(format!("`{name}`")));
        }
        Ok(bytes)
    }
}

/// Writes an archive: `(name, bytes, whether to deflate)`. The same entries give the same bytes.
pub fn write(entries: &[(String, Vec<u8>, bool)]) -> Result<Vec<u8>, PackError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, deflate) in entries {
        let method = if *deflate {
            CompressionMethod::Deflated
        } else {
            CompressionMethod::Stored
        };
        let options = SimpleFileOptions::default().compression_method(method);
        zip.start_file(name.as_str(), options).map_err(damaged)?;
        zip.write_all(bytes).map_err(damaged)?;
    }
    Ok(zip.finish().map_err(damaged)?.into_inner())
}

fn damaged(error: impl std::fmt::Display) -> PackError {
    PackError::Archive(error.to_string())
}
