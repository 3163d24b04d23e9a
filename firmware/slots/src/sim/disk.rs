//! A FAT partition in memory that the power can be cut on.

use super::power::{Fate, Power};
use crate::esp::{Esp, EspError};
use std::collections::{BTreeMap, BTreeSet};

/// What a cut makes of what was not synced, and of the operation that it hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Everything since the last sync is lost.
    Lost,
    /// What was not synced is there, the last operation is not.
    Before,
    /// The last one is there too.
    After,
    /// The last one is there by half: a file of half its length, both names of a rename, a removed file still named.
    Half,
    /// By the other half: a file of no length, neither name, a removed file gone.
    OtherHalf,
    /// Only the last one is there: the disk took them in another order.
    Alone,
    /// All names are there, but files that were not synced have half their length.
    Torn,
    /// All names are there, but files that were not synced are empty.
    Blank,
    /// Some are there, some are not, some by half, as the number decides.
    Mixed(u64),
}

impl Cut {
    /// All kinds; of the mixed ones some.
    pub const ALL: [Cut; 12] = [
        Cut::Lost,
        Cut::Before,
        Cut::After,
        Cut::Half,
        Cut::OtherHalf,
        Cut::Alone,
        Cut::Torn,
        Cut::Blank,
        Cut::Mixed(1),
        Cut::Mixed(2),
        Cut::Mixed(3),
        Cut::Mixed(4),
    ];
}

#[derive(Clone, Debug)]
enum Operation {
    Write(String, Vec<u8>),
    Rename(String, String),
    Remove(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    All,
    Half,
    OtherHalf,
}

/// Names lead to clusters. Freed clusters are used again first, whoever else still leads there: the worst that a
/// driver can do.
#[derive(Clone, Debug, Default)]
struct Tree {
    names: BTreeMap<String, u32>,
    clusters: BTreeMap<u32, Vec<u8>>,
    freed: BTreeSet<u32>,
    next: u32,
}

impl Tree {
    fn allocate(&mut self, bytes: &[u8]) -> u32 {
        let id = self.freed.pop_first().unwrap_or_else(|| {
            self.next += 1;
            self.next
        });
        self.clusters.insert(id, bytes.to_vec());
        id
    }

    fn read(&self, path: &str) -> Option<&Vec<u8>> {
        self.clusters.get(self.names.get(path)?)
    }

    fn used(&self) -> usize {
        self.names
            .keys()
            .filter_map(|name| self.read(name))
            .map(Vec::len)
            .sum()
    }

    fn apply(&mut self, operation: &Operation, extent: Extent) {
        match operation {
            Operation::Write(path, bytes) => {
                let length = match extent {
                    Extent::All => bytes.len(),
                    Extent::Half => bytes.len() / 2,
                    Extent::OtherHalf => 0,
                };
                if let Some(old) = self.names.get(path) {
                    self.freed.insert(*old);
                }
                let id = self.allocate(bytes.get(..length).unwrap_or_default());
                self.names.insert(path.clone(), id);
            }
            Operation::Rename(from, to) => {
                let Some(id) = self.names.get(from).copied() else {
                    return;
                };
                if extent != Extent::Half {
                    self.names.remove(from);
                }
                if extent != Extent::OtherHalf {
                    self.names.insert(to.clone(), id);
                }
            }
            Operation::Remove(path) => {
                let Some(id) = self.names.get(path).copied() else {
                    return;
                };
                self.freed.insert(id);
                if extent != Extent::Half {
                    self.names.remove(path);
                }
            }
        }
    }
}

/// The partition.
#[derive(Clone, Debug)]
pub struct Disk {
    power: Power,
    /// Bytes that fit.
    room: usize,
    durable: Tree,
    live: Tree,
    unsynced: Vec<Operation>,
    /// What the cut hit.
    hit: Option<Operation>,
}

impl Disk {
    /// An empty partition with room for so many bytes.
    pub fn new(power: Power, room: usize) -> Disk {
        Disk {
            power,
            room,
            durable: Tree::default(),
            live: Tree::default(),
            unsynced: Vec::new(),
            hit: None,
        }
    }

    /// What is there after a cut.
    pub fn after(&mut self, cut: Cut) {
        let hit = self.hit.take();
        let mut tree = self.durable.clone();
        let mut random = match cut {
            Cut::Mixed(seed) => seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            _ => 1,
        };
        let kept = !matches!(cut, Cut::Lost | Cut::Alone);
        for operation in self.unsynced.drain(..) {
            if let Cut::Mixed(_) = cut {
                apply_some(&mut tree, &operation, &mut random);
            } else if kept {
                tree.apply(&operation, torn(&operation, cut));
            }
        }
        if let Some(operation) = hit {
            match cut {
                Cut::Lost | Cut::Before => {}
                Cut::After | Cut::Alone => tree.apply(&operation, Extent::All),
                Cut::Torn | Cut::Blank => tree.apply(&operation, torn(&operation, cut)),
                Cut::Half => tree.apply(&operation, Extent::Half),
                Cut::OtherHalf => tree.apply(&operation, Extent::OtherHalf),
                Cut::Mixed(_) => apply_some(&mut tree, &operation, &mut random),
            }
        }
        self.live = tree.clone();
        self.durable = tree;
    }

    /// Whether the power can be cut in more than one way: something was not synced.
    pub fn is_open(&self) -> bool {
        self.hit.is_some() || !self.unsynced.is_empty()
    }

    fn do_it(&mut self, operation: Operation) -> Result<(), EspError> {
        match self.power.spend() {
            Fate::Done => {
                self.live.apply(&operation, Extent::All);
                self.unsynced.push(operation);
                Ok(())
            }
            Fate::Cut => {
                self.hit = Some(operation);
                Err(off())
            }
            Fate::Off => Err(off()),
        }
    }
}

/// How much of an operation is there where names came to the disk before what is in the files.
fn torn(operation: &Operation, cut: Cut) -> Extent {
    match (operation, cut) {
        (Operation::Write(..), Cut::Torn) => Extent::Half,
        (Operation::Write(..), Cut::Blank) => Extent::OtherHalf,
        _ => Extent::All,
    }
}

/// Applies an operation whole, by half, or not, by the next of some numbers (xorshift).
fn apply_some(tree: &mut Tree, operation: &Operation, random: &mut u64) {
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    match *random % 5 {
        0 | 1 => tree.apply(operation, Extent::All),
        2 => tree.apply(operation, Extent::Half),
        3 => tree.apply(operation, Extent::OtherHalf),
        _ => {}
    }
}

fn off() -> EspError {
    EspError::Failing("the power is off".to_owned())
}

impl Esp for Disk {
    fn list(&mut self, folder: &str) -> Result<Vec<String>, EspError> {
        let within = |name: &String| {
            let file = name.strip_prefix(folder)?.strip_prefix('/')?;
            (!file.contains('/')).then(|| file.to_owned())
        };
        Ok(self.live.names.keys().filter_map(within).collect())
    }

    fn read(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, EspError> {
        let bytes = self.live.read(path);
        let bytes = bytes.ok_or_else(|| EspError::Missing(path.to_owned()))?;
        if bytes.len() > limit {
            return Err(EspError::TooLong(path.to_owned()));
        }
        Ok(bytes.clone())
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), EspError> {
        if self.live.used() + bytes.len() > self.room {
            return Err(EspError::Full);
        }
        self.do_it(Operation::Write(path.to_owned(), bytes.to_vec()))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), EspError> {
        if !self.live.names.contains_key(from) {
            return Err(EspError::Missing(from.to_owned()));
        }
        if self.live.names.contains_key(to) {
            return Err(EspError::Exists(to.to_owned()));
        }
        self.do_it(Operation::Rename(from.to_owned(), to.to_owned()))
    }

    fn remove(&mut self, path: &str) -> Result<(), EspError> {
        if !self.live.names.contains_key(path) {
            return Ok(());
        }
        self.do_it(Operation::Remove(path.to_owned()))
    }

    fn sync(&mut self) -> Result<(), EspError> {
        match self.power.spend() {
            Fate::Done => {
                self.durable = self.live.clone();
                self.unsynced.clear();
                Ok(())
            }
            Fate::Cut | Fate::Off => Err(off()),
        }
    }

    fn free(&mut self) -> Result<u64, EspError> {
        let free = self.room.saturating_sub(self.live.used());
        Ok(u64::try_from(free).unwrap_or(u64::MAX))
    }
}
