//! Where an update arrives, and where wishes to the update service are left.
//!
//! ```text
//! /run/sfumato-update/state.json               what the service last said
//! /var/lib/sfumato/update/incoming.raucb.part  has come so far
//! /var/lib/sfumato/update/incoming.raucb.about what was announced of it
//! /var/lib/sfumato/update/incoming.raucb       whole
//! /var/lib/sfumato/update/request              a wish, one line; the service removes it when it takes it
//! ```

use super::super::shelf;
use sfumato_link::{Hash, HashKind};
use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// Longest text that is read, in bytes.
const MOST: u64 = 64 << 10;

/// A file of an update's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// The bundle so far.
    Part,
    /// What was announced of it.
    About,
    /// The bundle, whole.
    Bundle,
    /// A wish.
    Request,
    /// One of the others while it is written.
    New,
}

impl Item {
    const fn name(self) -> &'static str {
        match self {
            Item::Part => "incoming.raucb.part",
            Item::About => "incoming.raucb.about",
            Item::Bundle => "incoming.raucb",
            Item::Request => "request",
            Item::New => "new",
        }
    }
}

/// Files of an update, each step of which may fail, or be the last before a power cut.
pub trait Spool: fmt::Debug {
    /// What the service last said; none on a board without one.
    fn state(&mut self) -> io::Result<Option<Vec<u8>>>;

    /// Length in bytes; none where there is no such file.
    fn size(&mut self, item: Item) -> io::Result<Option<u64>>;

    /// A short file's bytes; none where there is no such file.
    fn read(&mut self, item: Item) -> io::Result<Option<Vec<u8>>>;

    /// SHA-256 of all of it.
    fn hash(&mut self, item: Item) -> io::Result<[u8; 32]>;

    /// Writes at an offset; at 0 the file begins anew.
    fn write(&mut self, item: Item, offset: u64, data: &[u8]) -> io::Result<()>;

    /// Comes back when the file's bytes are on the disk.
    fn sync(&mut self, item: Item) -> io::Result<()>;

    /// Gives a file another name, in place of the one that has it, in one step; comes back when that is on the disk.
    fn rename(&mut self, from: Item, to: Item) -> io::Result<()>;

    /// Removes a file, if it is there.
    fn remove(&mut self, item: Item) -> io::Result<()>;

    /// Bytes that may be written to this disk.
    fn room(&mut self) -> io::Result<u64>;
}

/// Two folders of a board; see the module text.
#[derive(Debug)]
pub struct Folders {
    told: PathBuf,
    place: PathBuf,
}

impl Folders {
    /// What the service says in the folder `told`, and `place`, which is made with the first file.
    pub fn new(told: PathBuf, place: PathBuf) -> Folders {
        Folders { told, place }
    }

    fn path(&self, item: Item) -> PathBuf {
        self.place.join(item.name())
    }
}

impl Spool for Folders {
    fn state(&mut self) -> io::Result<Option<Vec<u8>>> {
        short(self.told.join("state.json"))
    }

    fn size(&mut self, item: Item) -> io::Result<Option<u64>> {
        there(fs::metadata(self.path(item)).map(|about| about.len()))
    }

    fn read(&mut self, item: Item) -> io::Result<Option<Vec<u8>>> {
        short(self.path(item))
    }

    fn hash(&mut self, item: Item) -> io::Result<[u8; 32]> {
        let file = fs::File::open(self.path(item))?;
        match shelf::hash(file, HashKind::Sha256, u64::MAX) {
            Ok((Hash::Sha256(hash), _)) => Ok(hash),
            _ => Err(io::Error::other("it cannot be read to its end")),
        }
    }

    fn write(&mut self, item: Item, offset: u64, data: &[u8]) -> io::Result<()> {
        if offset == 0 {
            fs::create_dir_all(&self.place)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create(offset == 0)
            .truncate(offset == 0)
            .open(self.path(item))?;
        file.write_all_at(data, offset)
    }

    fn sync(&mut self, item: Item) -> io::Result<()> {
        fs::File::open(self.path(item))?.sync_all()
    }

    fn rename(&mut self, from: Item, to: Item) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))?;
        fs::File::open(&self.place)?.sync_all()
    }

    fn remove(&mut self, item: Item) -> io::Result<()> {
        there(fs::remove_file(self.path(item))).map(drop)
    }

    fn room(&mut self) -> io::Result<u64> {
        fs::create_dir_all(&self.place)?;
        let about = rustix::fs::statvfs(&self.place)?;
        Ok(about.f_bavail.saturating_mul(about.f_frsize))
    }
}

/// What is not there is none, and no error.
fn there<T>(outcome: io::Result<T>) -> io::Result<Option<T>> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A file of a few lines.
fn short(path: PathBuf) -> io::Result<Option<Vec<u8>>> {
    let Some(file) = there(fs::File::open(path))? else {
        return Ok(None);
    };
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other("it is far too long"));
    }
    Ok(Some(bytes))
}
