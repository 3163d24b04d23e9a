//! What is remembered on the data partition from one start to the next.
//!
//! Three small files of `name = value` lines. Losing them loses no system: what boots is on the boot partition alone.

use std::fmt;

/// One of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The update that is under way: [`Pending`](crate::Pending).
    Pending,
    /// How the last one ended: [`Last`](crate::Last).
    Last,
    /// Starts without a verdict: [`Starts`](crate::Starts).
    Starts,
    /// The version that was rolled back last.
    RolledBack,
}

impl Note {
    /// All of them.
    pub const ALL: [Note; 4] = [Note::Pending, Note::Last, Note::Starts, Note::RolledBack];

    /// The file's name.
    pub const fn name(self) -> &'static str {
        match self {
            Note::Pending => "pending",
            Note::Last => "last",
            Note::Starts => "starts",
            Note::RolledBack => "rolled-back",
        }
    }
}

/// The data partition said no.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the data partition fails: {0}; is it full, is it read-only?")]
pub struct NotesError(pub String);

/// Where notes are kept. Each write replaces the whole note, at once and for good.
pub trait Notes {
    /// The note; none if there is none, or it cannot be read: what is not remembered is done without.
    fn read(&mut self, note: Note) -> Option<String>;

    /// Puts the note there.
    ///
    /// # Errors
    /// [`NotesError`]; then the old note is there, or none.
    fn write(&mut self, note: Note, text: &str) -> Result<(), NotesError>;

    /// Takes it away, if it is there.
    ///
    /// # Errors
    /// [`NotesError`].
    fn remove(&mut self, note: Note) -> Result<(), NotesError>;
}

/// The value of a name in a note.
pub(crate) fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once('='))
        .find_map(|(there, value)| (there.trim() == name).then_some(value.trim()))
}

/// A line of a note; what would end the line is made a space.
pub(crate) fn line(name: &str, value: impl fmt::Display) -> String {
    let value = value.to_string().replace(char::is_control, " ");
    format!("{name} = {}\n", value.trim())
}
