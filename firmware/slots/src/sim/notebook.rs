//! A data partition in memory.

use super::disk::Cut;
use super::power::{Fate, Power};
use crate::notes::{Note, Notes, NotesError};
use std::collections::BTreeMap;

/// Notes that are replaced at once or not at all.
#[derive(Clone, Debug)]
pub struct Notebook {
    power: Power,
    notes: BTreeMap<Note, String>,
    hit: Option<(Note, Option<String>)>,
    /// Whether writing fails, as on a disk that was made read-only.
    pub broken: bool,
}

impl Notebook {
    /// No notes.
    pub fn new(power: Power) -> Notebook {
        Notebook {
            power,
            notes: BTreeMap::new(),
            hit: None,
            broken: false,
        }
    }

    /// What is there after a cut.
    pub fn after(&mut self, cut: Cut) {
        if let Some((note, text)) = self.hit.take()
            && matches!(cut, Cut::After | Cut::Alone | Cut::Torn)
        {
            self.set(note, text);
        }
    }

    /// Whether the cut hit a note.
    pub fn is_open(&self) -> bool {
        self.hit.is_some()
    }

    fn set(&mut self, note: Note, text: Option<String>) {
        match text {
            Some(text) => self.notes.insert(note, text),
            None => self.notes.remove(&note),
        };
    }

    fn replace(&mut self, note: Note, text: Option<String>) -> Result<(), NotesError> {
        if self.broken {
            return Err(NotesError("it is read-only".to_owned()));
        }
        match self.power.spend() {
            Fate::Done => {
                self.set(note, text);
                return Ok(());
            }
            Fate::Cut => self.hit = Some((note, text)),
            Fate::Off => {}
        }
        Err(NotesError("the power is off".to_owned()))
    }
}

impl Notes for Notebook {
    fn read(&mut self, note: Note) -> Option<String> {
        self.notes.get(&note).cloned()
    }

    fn write(&mut self, note: Note, text: &str) -> Result<(), NotesError> {
        self.replace(note, Some(text.to_owned()))
    }

    fn remove(&mut self, note: Note) -> Result<(), NotesError> {
        if !self.notes.contains_key(&note) && !self.broken {
            return Ok(());
        }
        self.replace(note, None)
    }
}
