//! Files that the serial line can fetch and store: diagnostics, the log, and packs.

use super::diagnostics;
use crate::log;
use sfumato_link::{Denied, Hash, HashKind, Unstored};
use sfumato_pack::store::{Address, Store, StoreError};
use sfumato_pack::trust::TrustError;
use sfumato_wire::status::FilesError;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;

/// The log's name on the serial line.
pub const LOG: &str = "log.txt";

/// What a name on the serial line stands for.
pub enum Named<'a> {
    /// The diagnostics bundle.
    Diagnostics,
    /// The log.
    Log,
    /// A pack's file.
    Pack(Address<'a>),
}

/// What a name stands for; the first slash may be left out.
pub fn named(name: &str) -> Result<Named<'_>, FilesError> {
    match name.trim_start_matches('/') {
        diagnostics::NAME => Ok(Named::Diagnostics),
        LOG => Ok(Named::Log),
        _ => Address::parse(name)
            .map(Named::Pack)
            .ok_or(FilesError::NotFound),
    }
}

/// All that is kept of the log.
pub fn log_file() -> Vec<u8> {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = log::write(usize::MAX, &mut text);
    text.into_bytes()
}

/// An open pack.
pub fn open(store: &Store, address: Address<'_>) -> Result<(File, u64), FilesError> {
    let path = store.file(address).ok_or(FilesError::NotFound)?;
    let file = File::open(path).map_err(|_| FilesError::OpenFailed)?;
    let about = file.metadata().map_err(|_| FilesError::ReadFailed)?;
    Ok((file, about.len()))
}

/// Reads as much as there is at an offset.
pub fn read(file: &File, offset: u64, buffer: &mut [u8]) -> Result<usize, FilesError> {
    file.read_at(buffer, offset)
        .map_err(|_| FilesError::ReadFailed)
}

/// Hashes what comes, at most `most` bytes; says how many there were.
pub fn hash(from: impl Read, kind: HashKind, most: u64) -> Result<(Hash, u64), FilesError> {
    let mut from = from.take(most);
    let (mut crc32, mut sha256) = (crc32fast::Hasher::new(), Sha256::new());
    let (mut piece, mut count) = (vec![0; 64 << 10], 0);
    loop {
        let read = from.read(&mut piece).map_err(|_| FilesError::ReadFailed)?;
        if read == 0 {
            break;
        }
        let bytes = piece.get(..read).unwrap_or_default();
        match kind {
            HashKind::Crc32 => crc32.update(bytes),
            HashKind::Sha256 => sha256.update(bytes),
        }
        count += read as u64;
    }
    let hash = match kind {
        HashKind::Crc32 => Hash::Crc32(crc32.finalize()),
        HashKind::Sha256 => Hash::Sha256(sha256.finalize().into()),
    };
    Ok((hash, count))
}

/// What the other end is told of a part that was not taken.
pub fn unstored(error: &StoreError) -> Unstored {
    let denied = |words| Unstored::Denied(Denied(words));
    match error {
        StoreError::NoKeys => denied("no key is trusted here: trusted_keys in the config file"),
        StoreError::NoRoom { .. } => denied("the board has no room for it; remove a pack"),
        StoreError::NoLength | StoreError::Offset => Unstored::Error(FilesError::InvalidOffset),
        StoreError::Length { .. } => denied("longer than announced, or than any pack"),
        StoreError::Unknown => Unstored::Error(FilesError::NotFound),
        StoreError::Disk(_) => Unstored::Error(FilesError::WriteFailed),
        StoreError::Pack(_) => denied("signed, but no pack that this program can show; see log"),
        StoreError::Trust(error) => denied(match error {
            TrustError::Stranger => "signed by a key that this board does not trust",
            TrustError::Mismatch => "the pack is not what was signed; it is deleted",
            TrustError::Legacy => "signed in the legacy form; sign with minisign 0.8 or newer",
            _ => "this is no minisign signature",
        }),
    }
}

/// A line for each pack.
pub fn list(store: &Store, shown: Option<&str>, out: &mut dyn Write) -> fmt::Result {
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    let is_shown = |is: bool| if is { ", shown" } else { "" };
    writeln!(
        out,
        "installed: came with the installation{}",
        is_shown(shown.is_none())
    )?;
    for (name, size) in store.kept() {
        let shown = is_shown(shown == Some(&*name));
        writeln!(out, "{name}: {:.1} MB{shown}", megabytes(size))?;
    }
    let Some(arrival) = store.arriving() else {
        return Ok(());
    };
    write!(
        out,
        "{}: {:.1} MB",
        arrival.name,
        megabytes(arrival.arrived)
    )?;
    match arrival.length {
        Some(length) if length == arrival.arrived => writeln!(out, ", waits for its signature"),
        Some(length) => writeln!(out, " of {:.1} MB have come", megabytes(length)),
        None => writeln!(out, " have come"),
    }
}
