//! Notes on the real data partition.

use sfumato_slots::{Note, Notes, NotesError};
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Bytes of the longest note.
const LONGEST: u64 = 4096;

/// A folder of notes.
#[derive(Debug)]
pub struct Folder(pub PathBuf);

impl Notes for Folder {
    fn read(&mut self, note: Note) -> Option<String> {
        read_short(&self.0.join(note.name()), LONGEST).ok()
    }

    fn write(&mut self, note: Note, text: &str) -> Result<(), NotesError> {
        fs::create_dir_all(&self.0)
            .and_then(|()| replace(&self.0.join(note.name()), text))
            .map_err(|error| NotesError(error.to_string()))
    }

    fn remove(&mut self, note: Note) -> Result<(), NotesError> {
        match fs::remove_file(self.0.join(note.name())) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(NotesError(error.to_string())),
            Ok(()) => sync_folder(&self.0).map_err(|error| NotesError(error.to_string())),
        }
    }
}

/// Replaces a file at once: a power cut leaves the old text or the new one.
///
/// # Errors
/// What the system says; then the old one is there.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = File::create(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// A text file that must not be long.
///
/// # Errors
/// What the system says, or that it is too long or no text.
pub fn read_short(path: &Path, limit: u64) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(limit.saturating_add(1))
        .read_to_string(&mut text)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > limit {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "longer than it may be",
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_replaced_and_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut notes = Folder(folder.path().join("update"));
        assert_eq!(notes.read(Note::Last), None);
        notes.remove(Note::Last).unwrap();
        for text in ["one\n", "two\n"] {
            notes.write(Note::Last, text).unwrap();
            assert_eq!(notes.read(Note::Last).as_deref(), Some(text));
        }
        notes.remove(Note::Last).unwrap();
        assert_eq!(notes.read(Note::Last), None);
        notes.write(Note::Last, &"x".repeat(5000)).unwrap();
        assert_eq!(notes.read(Note::Last), None);
    }
}
