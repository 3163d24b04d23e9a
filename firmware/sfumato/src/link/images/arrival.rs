//! A bundle on its way onto the board, part by part.
//!
//! The rules of offsets are SMP's: an upload begins at 0 with the whole length, and, where the client can tell it, the
//! whole's SHA-256; a part at another offset than the next one is not taken, and the answer is where to go on.
//! Who begins again with the same hash goes on where it was, over a power cut too; any other beginning begins
//! anew. At the end length and hash are checked, the bundle gets its name in one step, and the service is asked to
//! install it. Whether it is signed and fit for this board is for the service to find out.
//!
//! A power cut at any moment leaves no bundle, or the whole of one; and no wish without a bundle.

use super::spool::{Item, Spool};
use super::state::Sha256;
use sfumato_wire::requests::image::{HASH, Upload, Uploaded};
use std::io;

/// Bytes of the disk that an update leaves free.
const SPARE: u64 = 16 << 20;

/// Why a part was not taken.
#[derive(Debug, thiserror::Error)]
pub enum ArrivalError {
    /// Nothing has been announced.
    #[error("nothing is arriving; begin at offset 0")]
    NotBegun,
    /// The whole length is missing, or nothing at all.
    #[error("the first part must tell the bundle's length")]
    Length,
    /// It is larger than what it is for.
    #[error("{length} bytes are more than a slot has: {most}")]
    TooLarge {
        /// Bytes announced.
        length: u64,
        /// Bytes of a slot.
        most: u64,
    },
    /// More came than was announced.
    #[error("more came than the {length} bytes that were announced; begin again")]
    Overrun {
        /// Bytes announced.
        length: u64,
    },
    /// The disk is too full.
    #[error("the board has no room for {length} bytes; remove a pack")]
    NoRoom {
        /// Bytes announced.
        length: u64,
    },
    /// The disk said no.
    #[error("the update's folder cannot be written or read: {0}; is it full, is it read-only?")]
    Disk(#[from] io::Error),
}

/// What was said of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Announced {
    length: u64,
    hash: Option<[u8; HASH]>,
}

impl Announced {
    fn line(&self) -> Option<String> {
        let hash = Sha256(self.hash?);
        Some(format!("{hash} {}\n", self.length))
    }

    /// None if it is damaged.
    fn parse(bytes: &[u8]) -> Option<Announced> {
        let line = str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
        let (hash, length) = line.split_once(' ')?;
        Some(Announced {
            length: length.parse().ok()?,
            hash: Some(Sha256::parse(hash)?.0),
        })
    }
}

/// What arrives; see the module text.
#[derive(Debug, Default)]
pub struct Arrival {
    said: Option<Announced>,
}

impl Arrival {
    /// Takes a part, of a bundle of `most` bytes at most.
    pub fn take(
        &mut self,
        spool: &mut dyn Spool,
        part: &Upload<'_>,
        most: u64,
    ) -> Result<Uploaded, ArrivalError> {
        if part.offset == 0 {
            return self.begin(spool, part, most);
        }
        let said = self.announced(spool)?.ok_or(ArrivalError::NotBegun)?;
        let arrived = spool.size(Item::Part)?.unwrap_or(0);
        if part.offset != arrived {
            // Heard twice, or something is missing: here we are.
            return Ok(going_on(arrived));
        }
        let end = arrived.saturating_add(part.data.len() as u64);
        if end > said.length {
            return Err(ArrivalError::Overrun {
                length: said.length,
            });
        }
        spool.write(Item::Part, arrived, part.data)?;
        self.arrived(spool, said, end)
    }

    /// Bytes that are there and bytes in all, of a bundle on the way.
    pub fn progress(&mut self, spool: &mut dyn Spool) -> Option<(u64, u64)> {
        let said = self.announced(spool).ok()??;
        let arrived = spool.size(Item::Part).ok()??;
        Some((arrived, said.length))
    }

    /// What was announced, before the last start as well.
    fn announced(&mut self, spool: &mut dyn Spool) -> io::Result<Option<Announced>> {
        if self.said.is_none() {
            let about = spool.read(Item::About)?;
            self.said = about.and_then(|bytes| Announced::parse(&bytes));
        }
        Ok(self.said)
    }

    fn begin(
        &mut self,
        spool: &mut dyn Spool,
        part: &Upload<'_>,
        most: u64,
    ) -> Result<Uploaded, ArrivalError> {
        let length = part.length.filter(|length| *length > 0);
        let length = length.ok_or(ArrivalError::Length)?;
        if length > most {
            return Err(ArrivalError::TooLarge { length, most });
        }
        let count = part.data.len() as u64;
        if count > length {
            return Err(ArrivalError::Overrun { length });
        }
        let said = Announced {
            length,
            hash: part.hash.copied(),
        };
        if said.hash.is_some()
            && self.announced(spool)? == Some(said)
            && let Some(answer) = self.go_on(spool, said)?
        {
            return Ok(answer);
        }
        self.forget(spool)?;
        if length.saturating_add(SPARE) > spool.room()? {
            return Err(ArrivalError::NoRoom { length });
        }
        if let Some(line) = said.line() {
            replace(spool, Item::About, &line)?;
        }
        self.said = Some(said);
        spool.write(Item::Part, 0, part.data)?;
        self.arrived(spool, said, count)
    }

    /// Goes on with the same bundle; none if there is nothing to go on with.
    fn go_on(
        &mut self,
        spool: &mut dyn Spool,
        said: Announced,
    ) -> Result<Option<Uploaded>, ArrivalError> {
        match spool.size(Item::Part)? {
            Some(arrived) if 0 < arrived && arrived <= said.length => {
                self.arrived(spool, said, arrived).map(Some)
            }
            Some(_) => Ok(None),
            // It has its name already, but maybe nobody was asked to install it.
            None if spool.size(Item::Bundle)? == Some(said.length)
                && said.hash == Some(spool.hash(Item::Bundle)?) =>
            {
                self.hand_over(spool, said).map(Some)
            }
            None => Ok(None),
        }
    }

    /// So many bytes are there; maybe that is all.
    fn arrived(
        &mut self,
        spool: &mut dyn Spool,
        said: Announced,
        count: u64,
    ) -> Result<Uploaded, ArrivalError> {
        if count < said.length {
            return Ok(going_on(count));
        }
        if let Some(hash) = said.hash
            && spool.hash(Item::Part)? != hash
        {
            self.forget(spool)?;
            return Ok(Uploaded {
                offset: said.length,
                matches: Some(false),
            });
        }
        spool.sync(Item::Part)?;
        spool.rename(Item::Part, Item::Bundle)?;
        self.hand_over(spool, said)
    }

    /// The bundle is whole: asks the service to install it.
    fn hand_over(
        &mut self,
        spool: &mut dyn Spool,
        said: Announced,
    ) -> Result<Uploaded, ArrivalError> {
        request(spool, "install")?;
        self.said = None;
        spool.remove(Item::About)?;
        Ok(Uploaded {
            offset: said.length,
            matches: said.hash.map(|_| true),
        })
    }

    fn forget(&mut self, spool: &mut dyn Spool) -> io::Result<()> {
        self.said = None;
        spool.remove(Item::Part)?;
        spool.remove(Item::About)
    }
}

fn going_on(offset: u64) -> Uploaded {
    Uploaded {
        offset,
        matches: None,
    }
}

/// Leaves a wish for the service.
pub fn request(spool: &mut dyn Spool, wish: &str) -> io::Result<()> {
    replace(spool, Item::Request, &format!("{wish}\n"))
}

/// Replaces a short file in one step.
fn replace(spool: &mut dyn Spool, item: Item, text: &str) -> io::Result<()> {
    spool.write(Item::New, 0, text.as_bytes())?;
    spool.sync(Item::New)?;
    spool.rename(Item::New, item)
}
