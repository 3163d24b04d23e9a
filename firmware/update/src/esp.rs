//! The real boot partition.

use rustix::fs::{CWD, RenameFlags};
use rustix::io::Errno;
use sfumato_slots::{Esp, EspError};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// A mounted FAT partition.
#[derive(Debug)]
pub struct Mounted {
    folder: PathBuf,
    /// Files that were written since the last sync.
    written: BTreeSet<String>,
}

impl Mounted {
    /// The partition mounted at this folder.
    pub fn at(folder: PathBuf) -> Mounted {
        Mounted {
            folder,
            written: BTreeSet::new(),
        }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.join(path)
    }
}

fn failing(path: &str, error: &io::Error) -> EspError {
    let errno = error.raw_os_error().map(Errno::from_raw_os_error);
    match errno {
        Some(Errno::NOENT) => EspError::Missing(path.to_owned()),
        Some(Errno::EXIST) => EspError::Exists(path.to_owned()),
        Some(Errno::NOSPC) => EspError::Full,
        Some(Errno::ROFS) => EspError::ReadOnly,
        _ => EspError::Failing(format!("{path}: {error}")),
    }
}

impl Esp for Mounted {
    fn list(&mut self, folder: &str) -> Result<Vec<String>, EspError> {
        let entries = match fs::read_dir(self.path(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failing(folder, &error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| failing(folder, &error))?;
            let kind = entry.file_type().map_err(|error| failing(folder, &error))?;
            if kind.is_file()
                && let Ok(name) = entry.file_name().into_string()
            {
                names.push(name);
            }
        }
        Ok(names)
    }

    fn read(&mut self, path: &str, limit: usize) -> Result<Vec<u8>, EspError> {
        let file = File::open(self.path(path)).map_err(|error| failing(path, &error))?;
        // What was written comes back from the disk, not from memory.
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
        let mut bytes = Vec::new();
        let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
        file.take(most)
            .read_to_end(&mut bytes)
            .map_err(|error| failing(path, &error))?;
        if bytes.len() > limit {
            return Err(EspError::TooLong(path.to_owned()));
        }
        Ok(bytes)
    }

    fn write(&mut self, path: &str, bytes: &[u8]) -> Result<(), EspError> {
        let whole = self.path(path);
        if let Some(folder) = whole.parent() {
            fs::create_dir_all(folder).map_err(|error| failing(path, &error))?;
        }
        self.written.insert(path.to_owned());
        File::create(whole)
            .and_then(|mut file| file.write_all(bytes))
            .map_err(|error| failing(path, &error))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), EspError> {
        let (old, new) = (self.path(from), self.path(to));
        let renamed = match rustix::fs::renameat_with(CWD, &old, CWD, &new, RenameFlags::NOREPLACE)
        {
            // A file system that cannot promise it; nobody else writes here.
            Err(Errno::INVAL | Errno::NOSYS) if !new.exists() => fs::rename(&old, &new),
            Err(Errno::INVAL | Errno::NOSYS) => return Err(EspError::Exists(to.to_owned())),
            renamed => renamed.map_err(io::Error::from),
        };
        renamed.map_err(|error| match failing(from, &error) {
            EspError::Exists(_) => EspError::Exists(to.to_owned()),
            other => other,
        })
    }

    fn remove(&mut self, path: &str) -> Result<(), EspError> {
        match fs::remove_file(self.path(path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failing(path, &error)),
            _ => Ok(()),
        }
    }

    fn sync(&mut self) -> Result<(), EspError> {
        for path in std::mem::take(&mut self.written) {
            match File::open(self.path(&path)) {
                Ok(file) => file.sync_all().map_err(|error| failing(&path, &error))?,
                // Renamed or removed since; the whole partition follows.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failing(&path, &error)),
            }
        }
        File::open(&self.folder)
            .and_then(|folder| Ok(rustix::fs::syncfs(folder)?))
            .map_err(|error| failing("the boot partition", &error))
    }

    fn free(&mut self) -> Result<u64, EspError> {
        rustix::fs::statvfs(&self.folder)
            .map(|about| about.f_bavail.saturating_mul(about.f_frsize))
            .map_err(|error| failing("the boot partition", &error.into()))
    }
}

/// Whether a folder looks like the boot partition of a board: the loader's folder is there.
pub fn is_esp(folder: &Path) -> bool {
    folder.join("loader").is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_every_one_must() {
        let folder = tempfile::tempdir().unwrap();
        let mut esp = Mounted::at(folder.path().to_owned());
        sfumato_slots::sim::conformance(&mut esp).unwrap();
    }
}
