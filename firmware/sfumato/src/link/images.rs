//! The board's two slots, as SMP's image group and the command `update` have them.
//!
//! The program may change nothing of the system. It reads what the update service says, takes a bundle that
//! comes over the line, and leaves wishes; the service decides and acts.
//!
//! ```text
//! packets, lines --> Updates --Spool--> incoming.raucb, request --> update service
//!                       ^------------------- state.json <-----------------+
//! ```
//!
//! - [`state`] reads what the service says, [`arrival`] takes the bundle, [`spool`] is where both lie.
//! - Slot a is number 0 on the line, slot b number 1, whichever runs. A slot's hash names the
//!   system in it; the bundle that it came in has another.

pub mod arrival;
pub mod spool;
pub mod state;

#[cfg(test)]
mod tests;

use crate::log::say;
use arrival::{Arrival, ArrivalError};
use sfumato_link::{Denied, Images, Untouched};
use sfumato_wire::requests::image::{HASH, ImageState, Upload, Uploaded};
use sfumato_wire::status::ImageError;
use spool::Spool;
use state::{Name, Slot, Standing, State};
use std::fmt::{self, Write};
use std::io;

/// Updates of a board; see the module text.
#[derive(Debug)]
pub struct Updates<S> {
    spool: S,
    arrival: Arrival,
    /// What was last said about a service that cannot be understood.
    complaint: String,
}

impl<S: Spool> Updates<S> {
    /// Updates by these files.
    pub fn new(spool: S) -> Updates<S> {
        Updates {
            spool,
            arrival: Arrival::default(),
            complaint: String::new(),
        }
    }

    /// Itself on a board that has updates: where the service has said something.
    pub fn there(&mut self) -> Option<&mut Updates<S>> {
        match self.spool.state() {
            Ok(None) => None,
            Ok(Some(_)) | Err(_) => Some(self),
        }
    }

    /// What is out of the ordinary: a trial, or a version that was rolled back. A word, and more of them.
    pub fn news(&mut self) -> Option<(&'static str, String)> {
        let state = self.there()?.state().ok()?;
        if state.is_on_trial() {
            let left = state.slot(state.running).and_then(|slot| slot.tries_left);
            let left = left.map_or(String::new(), |left| format!(", {}", tries(left)));
            return Some(("trial", format!("on trial{left}")));
        }
        let last = state.last.filter(state::Last::is_rolled_back)?;
        Some(("rolled-back", last.to_string()))
    }

    fn state(&mut self) -> Result<State, Untouched> {
        let read = match self.spool.state() {
            Ok(Some(bytes)) => State::read(&bytes).map_err(|error| error.to_string()),
            Ok(None) => Err("it has gone".to_owned()),
            Err(error) => Err(error.to_string()),
        };
        read.map_err(|error| {
            if self.complaint != error {
                say!(
                    "what the update service says cannot be read: {error}; is sfumato-update of this version?"
                );
                self.complaint = error;
            }
            let words = Denied("what the update service says cannot be read; see log");
            Untouched::Error(ImageError::LayoutFailed, words)
        })
    }

    /// What it says while nothing is under way.
    fn idle(&mut self) -> Result<State, Untouched> {
        let state = self.state()?;
        if state.busy.is_some() {
            return Err(Untouched::Denied(Denied(
                "an update is being installed; update tells how far it is",
            )));
        }
        Ok(state)
    }

    fn ask(&mut self, wish: fmt::Arguments<'_>) -> Result<(), Untouched> {
        say!("the update service is asked: {wish}");
        arrival::request(&mut self.spool, &wish.to_string()).map_err(|error| disk(&error))
    }

    /// Starts a slot next that does not run.
    fn test(&mut self, slot: &Slot) -> Result<(), Untouched> {
        match (slot.standing, slot.sha256) {
            (Standing::Empty, _) => Err(Untouched::Error(
                ImageError::NoImage,
                Denied("the other slot is empty; install a version first"),
            )),
            (Standing::Bad, _) => Err(Untouched::Denied(Denied(
                "that version did not prove itself; install it anew to try it again",
            ))),
            (Standing::Confirmed | Standing::Trial, Some(hash)) => {
                self.ask(format_args!("test {hash}"))
            }
            (Standing::Confirmed | Standing::Trial, None) => Err(Untouched::Denied(Denied(
                "the update service does not say what is in that slot; see update",
            ))),
        }
    }
}

fn tries(left: u32) -> String {
    let word = if left == 1 { "try" } else { "tries" };
    format!("{left} {word} left")
}

fn disk(error: &io::Error) -> Untouched {
    say!("the update's folder cannot be written: {error}");
    let words =
        Denied("the update's folder cannot be written; is it full, is it read-only? see log");
    Untouched::Error(ImageError::WriteFailed, words)
}

fn untaken(error: &ArrivalError) -> Untouched {
    say!("update: {error}");
    let by = |number, words| Untouched::Error(number, Denied(words));
    match error {
        ArrivalError::NotBegun => by(
            ImageError::NotOpen,
            "nothing is arriving; begin at offset 0",
        ),
        ArrivalError::Length => by(ImageError::InvalidLength, "its length must be told"),
        ArrivalError::TooLarge { .. } => by(ImageError::TooLarge, "it is larger than a slot"),
        ArrivalError::Overrun { .. } => by(
            ImageError::Overrun,
            "more came than was announced; begin again",
        ),
        ArrivalError::NoRoom { .. } => {
            Untouched::Denied(Denied("the board has no room for it; remove a pack"))
        }
        ArrivalError::Disk(error) => disk(error),
    }
}

impl<S: Spool> Images for Updates<S> {
    fn states(&mut self, take: &mut dyn FnMut(&[ImageState<'_>])) -> Result<(), Untouched> {
        let state = self.state()?;
        let told: Vec<ImageState<'_>> = state
            .slots()
            .filter(|slot| slot.standing != Standing::Empty)
            .map(|slot| {
                let active = slot.slot == state.running;
                let confirmed = slot.standing == Standing::Confirmed;
                let pending = slot.next && !active;
                ImageState {
                    slot: slot.slot.number(),
                    version: slot.version(),
                    hash: slot.sha256.as_ref().map(|hash| &hash.0),
                    bootable: slot.standing != Standing::Bad,
                    pending,
                    confirmed,
                    active,
                    permanent: pending && confirmed,
                }
            })
            .collect();
        take(&told);
        Ok(())
    }

    fn slots(&mut self) -> Result<[u64; 2], Untouched> {
        let state = self.state()?;
        Ok(Name::BOTH.map(|name| state.slot(name).map_or(0, |slot| slot.size)))
    }

    fn mark(&mut self, hash: Option<&[u8; HASH]>, confirm: bool) -> Result<(), Untouched> {
        let state = self.idle()?;
        let Some(hash) = hash else {
            return self.ask(format_args!("confirm"));
        };
        let has = |name| {
            let slot = state.slot(name)?;
            let is = slot.sha256.is_some_and(|own| own.0 == *hash);
            is.then_some(slot)
        };
        let (runs, other) = (has(state.running), has(state.running.other()));
        match (runs, other, confirm) {
            (Some(_), _, true) => self.ask(format_args!("confirm")),
            // Of two that are the same, the one that can be tested.
            (_, Some(other), false) => self.test(other),
            (None, Some(_), true) => Err(Untouched::Error(
                ImageError::ConfirmDenied,
                Denied("a version is confirmed while it runs; test it first"),
            )),
            (Some(_), None, false) => Err(Untouched::Error(
                ImageError::TestOfRunningDenied,
                Denied("it runs already"),
            )),
            (None, None, _) => Err(Untouched::Error(
                ImageError::HashNotFound,
                Denied("no slot has that hash; update lists them"),
            )),
        }
    }

    fn back(&mut self) -> Result<(), Untouched> {
        let state = self.idle()?;
        match state.slot(state.running.other()) {
            Some(other) => self.test(other),
            None => Err(Untouched::Error(
                ImageError::NoImage,
                Denied("there is no other slot"),
            )),
        }
    }

    fn upload(&mut self, part: &Upload<'_>) -> Result<Uploaded, Untouched> {
        let mut most = u64::MAX;
        if part.offset == 0 {
            let state = self.idle()?;
            if part.image != 0 {
                let words = Denied("there is one image, number 0");
                return Err(Untouched::Error(ImageError::InvalidSlot, words));
            }
            if state.is_on_trial() {
                return Err(Untouched::Error(
                    ImageError::NoFreeSlot,
                    Denied(
                        "what runs is on trial, the other slot is its way back; wait until it is confirmed",
                    ),
                ));
            }
            let other = state.slot(state.running.other());
            most = other.map_or(0, |slot| slot.size);
        }
        let taken = self.arrival.take(&mut self.spool, part, most);
        match &taken {
            Ok(Uploaded {
                matches: Some(false),
                ..
            }) => say!("update: what came is not what was announced; it is deleted, send it again"),
            Ok(Uploaded {
                matches: Some(true),
                offset,
            }) => say!(
                "update: a bundle of {offset} bytes has come; it is handed to the update service"
            ),
            _ => {}
        }
        taken.map_err(|error| untaken(&error))
    }

    fn erase(&mut self, slot: u32) -> Result<(), Untouched> {
        let state = self.idle()?;
        let name = Name::BOTH.into_iter().find(|name| name.number() == slot);
        let name = name.ok_or(Untouched::Error(
            ImageError::InvalidSlot,
            Denied("there are slots 0 and 1"),
        ))?;
        if name == state.running {
            return Err(Untouched::Error(
                ImageError::NoFreeSlot,
                Denied("that slot runs; the other one can be erased"),
            ));
        }
        if state.is_on_trial() {
            return Err(Untouched::Denied(Denied(
                "what runs is on trial, that slot is its way back; wait until it is confirmed",
            )));
        }
        self.ask(format_args!("erase {name}"))
    }

    fn tell(&mut self, out: &mut dyn Write) -> Result<(), Untouched> {
        let state = self.state()?;
        let arriving = self.arrival.progress(&mut self.spool);
        // What does not fit is not told.
        let _ = tell(&state, arriving, out);
        Ok(())
    }
}

fn tell(state: &State, arriving: Option<(u64, u64)>, out: &mut dyn Write) -> fmt::Result {
    writeln!(out, "board: {}", state.board)?;
    for slot in state.slots() {
        write!(out, "slot {}: ", slot.slot)?;
        if slot.standing == Standing::Empty {
            writeln!(out, "empty")?;
            continue;
        }
        let standing = match slot.standing {
            Standing::Trial => "on trial",
            Standing::Bad => "given up",
            _ => "confirmed",
        };
        write!(out, "{}, {standing}", slot.version())?;
        if let (Standing::Trial, Some(left)) = (slot.standing, slot.tries_left) {
            write!(out, ", {}", tries(left))?;
        }
        if slot.slot == state.running {
            write!(out, ", runs")?;
        }
        writeln!(out, "{}", if slot.next { ", starts next" } else { "" })?;
    }
    if let Some((arrived, length)) = arriving {
        let megabytes = |bytes: u64| bytes as f64 / 1e6;
        let (arrived, length) = (megabytes(arrived), megabytes(length));
        writeln!(out, "arriving: {arrived:.1} of {length:.1} MB have come")?;
    }
    if let Some(busy) = &state.busy {
        writeln!(out, "now: {busy}")?;
    }
    match &state.last {
        Some(last) => writeln!(out, "last: {last}"),
        None => Ok(()),
    }
}
