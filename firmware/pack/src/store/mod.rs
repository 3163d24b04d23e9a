//! The packs on a board: they arrive in parts, and are kept when somebody trusted has signed them.
//!
//! ```text
//! packs/girl/painting.pack                kept; the stock tool can check it where it lies:
//! packs/girl/painting.pack.minisig        minisign -Vm painting.pack -p museum.pub
//! packs/.arriving/lady/painting.pack      has come so far
//! ```
//!
//! One pack arrives at a time. What has come survives a restart, and whoever sends it again from the beginning is
//! told where to go on. A pack becomes one of the board's in a single step, when it is whole, signed by a trusted
//! key, and readable; what fails is deleted, with the reason. Before that nothing of it can be shown.

mod address;
mod folders;

pub use address::{Address, MAX_NAME, Piece, is_name};

use crate::archive::MAX_PACK;
use crate::trust::{MAX_SIGNATURE, Trust, TrustError};
use crate::{Pack, PackError};
use folders::Folders;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Bytes of the disk that packs leave free.
const SPARE: u64 = 16 << 20;

/// Why a part was not taken, or a pack not kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The board trusts nobody.
    #[error(
        "no key is trusted here; name the museum's public key in the config file: trusted_keys"
    )]
    NoKeys,
    /// The first part does not say how long the whole is.
    #[error("the first part must tell the file's length")]
    NoLength,
    /// It cannot be that long.
    #[error("{length} bytes are more than a pack or a signature has, or nothing at all")]
    Length {
        /// Bytes announced.
        length: u64,
    },
    /// A part without the one before it.
    #[error("nothing has arrived up to there; begin at offset 0, the answer says where to go on")]
    Offset,
    /// The disk is too full.
    #[error("the board has no room for {length} bytes; remove a pack")]
    NoRoom {
        /// Bytes announced.
        length: u64,
    },
    /// There is no such pack.
    #[error("there is no such pack on the board; packs lists them")]
    Unknown,
    /// Not signed, or not by somebody trusted.
    #[error("{0}")]
    Trust(#[from] TrustError),
    /// Signed, but no pack that this program can show.
    #[error("{0}")]
    Pack(#[from] PackError),
    /// The disk said no.
    #[error("the packs' folder cannot be written or read: {0}; is it full, is it read-only?")]
    Disk(#[from] io::Error),
}

/// A pack on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What it is called.
    pub name: String,
    /// Bytes that are there.
    pub arrived: u64,
    /// Bytes in all; none if that has not been said since the start.
    pub length: Option<u64>,
}

/// What was said of the pack on the way.
#[derive(Debug)]
struct Announced {
    name: String,
    length: u64,
    /// The sender was told to go on from the middle and has not done so yet.
    offered: bool,
}

/// The packs on a board; see the module text.
#[derive(Debug)]
pub struct Store {
    folders: Folders,
    trust: Trust,
    announced: Option<Announced>,
    /// Length of the signature on the way.
    signature: u64,
    taken: u64,
}

impl Store {
    /// The packs in `folder`, which is made with the first one. Takes what a key of `trust` has signed.
    pub fn new(folder: PathBuf, trust: Trust) -> Store {
        Store {
            folders: Folders::new(folder),
            trust,
            announced: None,
            signature: 0,
            taken: 0,
        }
    }

    /// How many packs have come and been kept since this was made.
    pub fn taken(&self) -> u64 {
        self.taken
    }

    /// Names and sizes in bytes of the packs that are kept, by name.
    pub fn kept(&self) -> Vec<(String, u64)> {
        self.folders.kept()
    }

    /// The pack on the way, if there is one.
    pub fn arriving(&self) -> Option<Arrival> {
        let name = self.folders.arriving()?;
        let arrived = size(&self.folders.arriving_file(&name, Piece::Pack));
        let announced = self.announced.as_ref().filter(|said| said.name == name);
        Some(Arrival {
            arrived,
            length: announced.map(|said| said.length),
            name,
        })
    }

    /// A pack's file after its signature has been checked once more: disks can be written elsewhere.
    pub fn trusted(&self, name: &str) -> Result<PathBuf, StoreError> {
        if !is_name(name) {
            return Err(StoreError::Unknown);
        }
        let pack = self.folders.kept_file(name, Piece::Pack);
        if !pack.is_file() {
            return Err(StoreError::Unknown);
        }
        self.check(&pack, &self.folders.kept_file(name, Piece::Signature))?;
        Ok(pack)
    }

    /// The file at an address: of the pack on the way, if it is that one, else of the one that is kept.
    pub fn file(&self, address: Address<'_>) -> Option<PathBuf> {
        let places = [
            self.folders.arriving_file(address.name, address.piece),
            self.folders.kept_file(address.name, address.piece),
        ];
        places.into_iter().find(|file| file.is_file())
    }

    /// Takes a part, and says where to go on; at the end of the pack, whether it is kept.
    ///
    /// `length` is the whole file's; needed at offset 0. Where the beginning is that of a pack that has come
    /// in part, the answer is the offset behind that part; beginning once more starts anew.
    pub fn store(
        &mut self,
        address: Address<'_>,
        offset: u64,
        data: &[u8],
        length: Option<u64>,
    ) -> Result<u64, StoreError> {
        if self.trust.is_empty() {
            return Err(StoreError::NoKeys);
        }
        match address.piece {
            Piece::Pack => self.store_pack(address.name, offset, data, length),
            Piece::Signature => self.store_signature(address.name, offset, data, length),
        }
    }

    /// Removes a pack, whether it is kept or on the way.
    pub fn remove(&mut self, name: &str) -> Result<(), StoreError> {
        let arriving = self.folders.arriving().is_some_and(|there| there == name);
        if arriving {
            self.forget_arriving()?;
        }
        let kept = is_name(name) && self.folders.remove(name)?;
        if kept || arriving {
            Ok(())
        } else {
            Err(StoreError::Unknown)
        }
    }

    fn store_pack(
        &mut self,
        name: &str,
        offset: u64,
        data: &[u8],
        length: Option<u64>,
    ) -> Result<u64, StoreError> {
        let file = self.folders.arriving_file(name, Piece::Pack);
        if offset == 0 {
            let length = length.ok_or(StoreError::NoLength)?;
            if length == 0 || length > MAX_PACK || data.len() as u64 > length {
                return Err(StoreError::Length { length });
            }
            self.make_way_for(name)?;
            if let Some(arrived) = self.resumed(name, &file, data, length)? {
                return self.arrived(name, arrived);
            }
            self.folders.make_arriving(name)?;
            if length.saturating_add(SPARE) > self.folders.room()? {
                return Err(StoreError::NoRoom { length });
            }
            folders::append(&file, 0, data)?;
            self.announce(name, length, false);
            return self.arrived(name, data.len() as u64);
        }
        let said = self.announced.as_mut().filter(|said| said.name == name);
        let said = said.ok_or(StoreError::Offset)?;
        said.offered = false;
        let arrived = size(&file);
        if offset != arrived {
            // Heard twice, or something is missing: here we are.
            return Ok(arrived);
        }
        let length = said.length;
        if offset.saturating_add(data.len() as u64) > length {
            return Err(StoreError::Length { length });
        }
        folders::append(&file, offset, data)?;
        self.arrived(name, offset + data.len() as u64)
    }

    /// How much of this pack is there, if it can go on from there.
    fn resumed(
        &mut self,
        name: &str,
        file: &Path,
        data: &[u8],
        length: u64,
    ) -> Result<Option<u64>, StoreError> {
        let arrived = size(file);
        let refused = self.announced.as_ref().is_some_and(|said| said.offered);
        let can = arrived >= data.len() as u64 && arrived > 0 && arrived <= length && !refused;
        if !can || !folders::begins_with(file, data)? {
            return Ok(None);
        }
        self.announce(name, length, arrived > data.len() as u64);
        Ok(Some(arrived))
    }

    fn announce(&mut self, name: &str, length: u64, offered: bool) {
        self.announced = Some(Announced {
            name: name.to_owned(),
            length,
            offered,
        });
    }

    fn store_signature(
        &mut self,
        name: &str,
        offset: u64,
        data: &[u8],
        length: Option<u64>,
    ) -> Result<u64, StoreError> {
        let file = self.folders.arriving_file(name, Piece::Signature);
        let end = offset.saturating_add(data.len() as u64);
        if offset == 0 {
            let length = length.ok_or(StoreError::NoLength)?;
            if length == 0 || length > MAX_SIGNATURE || end > length {
                return Err(StoreError::Length { length });
            }
            self.make_way_for(name)?;
            self.folders.make_arriving(name)?;
            self.signature = length;
        } else if !file.is_file() {
            return Err(StoreError::Offset);
        } else if size(&file) != offset {
            return Ok(size(&file));
        } else if end > self.signature {
            return Err(StoreError::Length {
                length: self.signature,
            });
        }
        folders::append(&file, offset, data)?;
        if end == self.signature {
            self.keep_if_whole(name)?;
        }
        Ok(end)
    }

    /// Only one pack arrives at a time: another one's beginning ends the one before.
    fn make_way_for(&mut self, name: &str) -> Result<(), StoreError> {
        if self.folders.arriving().is_some_and(|other| other != name) {
            self.forget_arriving()?;
        }
        Ok(())
    }

    fn forget_arriving(&mut self) -> Result<(), StoreError> {
        self.announced = None;
        self.signature = 0;
        Ok(self.folders.forget_arriving()?)
    }

    fn arrived(&mut self, name: &str, count: u64) -> Result<u64, StoreError> {
        self.keep_if_whole(name)?;
        Ok(count)
    }

    /// Takes the pack on the way among those that are kept, once it is whole and its signature is there.
    fn keep_if_whole(&mut self, name: &str) -> Result<(), StoreError> {
        let pack = self.folders.arriving_file(name, Piece::Pack);
        let signature = self.folders.arriving_file(name, Piece::Signature);
        let said = self.announced.as_ref().filter(|said| said.name == name);
        let whole = said.is_some_and(|said| said.length == size(&pack));
        // A signature without its end is no signature yet; after a restart its length is as it is.
        let signed = size(&signature) > 0 && size(&signature) >= self.signature;
        if !whole || !signed {
            return Ok(());
        }
        let good = self
            .check(&pack, &signature)
            .and_then(|()| Ok(Pack::read(&pack).map(drop)?));
        if let Err(error) = good {
            self.forget_arriving()?;
            return Err(error);
        }
        self.folders.keep(name)?;
        self.taken += 1;
        self.announced = None;
        self.signature = 0;
        Ok(())
    }

    fn check(&self, pack: &Path, signature: &Path) -> Result<(), StoreError> {
        let long = size(signature) > MAX_SIGNATURE;
        let signature = if long {
            Vec::new()
        } else {
            fs::read(signature).unwrap_or_default()
        };
        let signature = String::from_utf8(signature).map_err(|_| TrustError::Form)?;
        Ok(self.trust.check(&mut File::open(pack)?, &signature)?)
    }
}

/// Bytes of a file; nothing where there is none.
fn size(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |about| about.len())
}
