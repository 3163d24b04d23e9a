//! The store's folders, and what is done to files in them.

use super::address::{Piece, is_name};
use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Where the pack on the way lies. A point is no part of a pack's name.
const ARRIVING: &str = ".arriving";

/// Where a pack lies that is just being removed or replaced.
const LEAVING: &str = ".leaving";

#[derive(Debug)]
pub struct Folders {
    packs: PathBuf,
}

impl Folders {
    pub fn new(packs: PathBuf) -> Folders {
        Folders { packs }
    }

    pub fn kept_file(&self, name: &str, piece: Piece) -> PathBuf {
        self.packs.join(name).join(piece.file())
    }

    pub fn arriving_file(&self, name: &str, piece: Piece) -> PathBuf {
        self.packs.join(ARRIVING).join(name).join(piece.file())
    }

    /// Names and sizes of what is kept, by name.
    pub fn kept(&self) -> Vec<(String, u64)> {
        let mut kept: Vec<(String, u64)> = names(&self.packs)
            .filter_map(|name| {
                let about = fs::metadata(self.kept_file(&name, Piece::Pack)).ok()?;
                Some((name, about.len()))
            })
            .collect();
        kept.sort();
        kept
    }

    /// The name of the pack on the way.
    pub fn arriving(&self) -> Option<String> {
        names(&self.packs.join(ARRIVING)).next()
    }

    pub fn make_arriving(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.packs.join(ARRIVING).join(name))
    }

    pub fn forget_arriving(&self) -> io::Result<()> {
        gone(fs::remove_dir_all(self.packs.join(ARRIVING))).map(drop)
    }

    /// Bytes that may be written to this disk.
    pub fn room(&self) -> io::Result<u64> {
        let about = rustix::fs::statvfs(&self.packs)?;
        Ok(about.f_bavail.saturating_mul(about.f_frsize))
    }

    /// Makes the pack on the way one of those that are kept, in place of one of the same name.
    ///
    /// Its files are on the disk before its folder gets the name, in one step: a power cut leaves the old pack
    /// or the new one.
    pub fn keep(&self, name: &str) -> io::Result<()> {
        let (from, to) = (self.packs.join(ARRIVING).join(name), self.packs.join(name));
        for piece in [Piece::Pack, Piece::Signature] {
            File::open(from.join(piece.file()))?.sync_all()?;
        }
        File::open(&from)?.sync_all()?;
        match rustix::fs::renameat_with(CWD, &from, CWD, &to, RenameFlags::EXCHANGE) {
            Ok(()) => {}
            Err(Errno::NOENT) => fs::rename(&from, &to)?,
            // A file system that cannot exchange: the old one goes first.
            Err(Errno::INVAL | Errno::NOSYS) => {
                self.remove(name)?;
                fs::rename(&from, &to)?;
            }
            Err(error) => return Err(error.into()),
        }
        File::open(&self.packs)?.sync_all()?;
        self.forget_arriving()
    }

    /// Removes a pack that is kept; says whether there was one.
    pub fn remove(&self, name: &str) -> io::Result<bool> {
        let leaving = self.packs.join(LEAVING);
        gone(fs::remove_dir_all(&leaving))?;
        let there = gone(fs::rename(self.packs.join(name), &leaving))?;
        gone(fs::remove_dir_all(&leaving))?;
        Ok(there)
    }
}

/// What is not there need not go: whether it was there.
fn gone(outcome: io::Result<()>) -> io::Result<bool> {
    match outcome {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Names of packs among what lies in a folder.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| is_name(name))
}

/// Writes at the end, which is at `offset`; offset 0 begins anew.
pub fn append(file: &Path, offset: u64, data: &[u8]) -> io::Result<()> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(offset == 0)
        .open(file)?;
    file.write_all_at(data, offset)
}

/// Whether the file's first bytes are these.
pub fn begins_with(file: &Path, data: &[u8]) -> io::Result<bool> {
    let mut there = Vec::with_capacity(data.len());
    File::open(file)?
        .take(data.len() as u64)
        .read_to_end(&mut there)?;
    Ok(there == data)
}
