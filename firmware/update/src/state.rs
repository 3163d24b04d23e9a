//! `state.json`: how both slots stand, for the show, the serial line and people.

use crate::Error;
use crate::here::Here;
use crate::notes::replace;
use serde::{Deserialize, Serialize};
use sfumato_slots::{Last, Slot, State, to_hex};
use std::fs;
use std::io::{Seek as _, SeekFrom};

/// All that is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// The board's name.
    pub board: String,
    /// Letter of the slot that runs.
    pub running: String,
    /// Both slots.
    pub slots: Vec<ToldSlot>,
    /// What is being done, as in `installing 40 %`.
    pub busy: Option<String>,
    /// How the last thing ended.
    pub last: Option<ToldLast>,
}

/// One slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldSlot {
    /// Its letter.
    pub slot: String,
    /// Version in it; none if it is empty.
    pub version: Option<String>,
    /// The top of its hash tree: SHA-256 that names what is in it; none if it is empty.
    pub sha256: Option<String>,
    /// `confirmed`, `trial`, `bad` or `empty`.
    pub state: String,
    /// Starts left; none unless it is on trial.
    pub tries_left: Option<u32>,
    /// Whether it is started next.
    pub next: bool,
    /// Bytes of its partition.
    pub size: u64,
}

/// How something ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldLast {
    /// `install`, `confirm`, `test`, `erase` or `hand-over`.
    pub what: String,
    /// Version it was done with.
    pub version: String,
    /// `installed`, `refused`, `failed`, `confirmed` or `rolled-back`.
    pub outcome: String,
    /// Why, in words.
    pub reason: String,
    /// `serial`, `usb` or `hand`.
    pub from: String,
}

impl From<Last> for ToldLast {
    fn from(last: Last) -> ToldLast {
        ToldLast {
            what: last.what.to_string(),
            version: last.version,
            outcome: last.outcome.to_string(),
            reason: last.reason,
            from: last.from.to_string(),
        }
    }
}

impl Told {
    /// What is to be told of a board.
    ///
    /// # Errors
    /// The boot partition's.
    pub fn of(here: &mut Here, busy: Option<&str>) -> Result<Told, Error> {
        let boot = here.updates().boot()?;
        let last = here.updates().last().map(ToldLast::from);
        let next = boot.next().map(|found| found.name.slot);
        let slot = |slot: Slot| {
            let (entry, state) = (boot.entry(slot), boot.state(slot));
            ToldSlot {
                slot: slot.to_string(),
                version: entry.map(|entry| entry.version.clone()),
                sha256: entry.map(|entry| to_hex(&entry.image.root_hash)),
                state: state.word().to_owned(),
                tries_left: match state {
                    State::Trial(counter) => Some(counter.left),
                    _ => None,
                },
                next: next == Some(slot),
                size: size(here, slot),
            }
        };
        Ok(Told {
            board: here.name.clone(),
            running: here.running.slot.to_string(),
            slots: Slot::ALL.map(slot).into(),
            busy: busy.map(str::to_owned),
            last,
        })
    }
}

/// Bytes of a slot's partition; 0 where there is none.
fn size(here: &Here, slot: Slot) -> u64 {
    let end = |mut file: fs::File| file.seek(SeekFrom::End(0));
    fs::File::open(here.paths.partition(slot))
        .and_then(end)
        .unwrap_or(0)
}

/// Tells how the board stands.
///
/// # Errors
/// The boot partition's; [`Error::File`].
pub fn tell(here: &mut Here, busy: Option<&str>) -> Result<(), Error> {
    let told = Told::of(here, busy)?;
    let path = here.paths.state();
    let text =
        serde_json::to_string_pretty(&told).map_err(|error| Error::file(&path, error.into()))?;
    let run = here.paths.run();
    fs::create_dir_all(&run)
        .and_then(|()| replace(&path, &(text + "\n")))
        .map_err(|error| Error::file(&path, error))
}
