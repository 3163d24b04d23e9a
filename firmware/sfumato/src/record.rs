//! The saved settings as two files: `settings-a` and `settings-b` in the state folder.

use sfumato_settings::Storage;
use sfumato_settings::record::Twin;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Two files in a folder, which is made with the first save.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
}

impl Files {
    /// Those of a folder.
    pub fn new(folder: &Path) -> Files {
        Files {
            folder: folder.to_owned(),
        }
    }

    fn path(&self, copy: Twin) -> PathBuf {
        self.folder.join(match copy {
            Twin::A => "settings-a",
            Twin::B => "settings-b",
        })
    }
}

impl Storage for Files {
    type Error = io::Error;

    fn size(&mut self, copy: Twin) -> io::Result<usize> {
        match fs::metadata(self.path(copy)) {
            Ok(about) => Ok(usize::try_from(about.len()).unwrap_or(usize::MAX)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn read(&mut self, copy: Twin, offset: usize, buffer: &mut [u8]) -> io::Result<()> {
        if buffer.is_empty() {
            // Of a file that is not there yet.
            return Ok(());
        }
        File::open(self.path(copy))?.read_exact_at(buffer, offset as u64)
    }

    fn write(&mut self, copy: Twin, offset: usize, bytes: &[u8]) -> io::Result<()> {
        if offset == 0 {
            fs::create_dir_all(&self.folder)?;
        }
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(offset == 0)
            .open(self.path(copy))?;
        file.write_all_at(bytes, offset as u64)
    }

    fn sync(&mut self, copy: Twin) -> io::Result<()> {
        File::open(self.path(copy))?.sync_all()?;
        // The file's name lies in the folder, which is written for itself.
        File::open(&self.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_settings::record::Source;
    use sfumato_settings::{Recorder, Settings, Staged};

    fn bright(percent: u8) -> Settings {
        let mut staged = Staged::default();
        staged
            .set("display.brightness", &percent.to_string())
            .unwrap();
        staged.over(&Settings::default())
    }

    #[test]
    fn what_was_saved_is_found_again_and_damage_falls_back() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("var/lib");
        let defaults = Settings::default();
        let open = || Recorder::open(Files::new(&state), &defaults);
        let (mut recorder, loaded) = open();
        assert_eq!(loaded.source, Source::FirstStart);
        recorder.save(&bright(70), &defaults).unwrap();
        recorder.save(&bright(60), &defaults).unwrap();
        let (_, loaded) = open();
        assert_eq!(loaded.settings.brightness(), 60);
        assert!(loaded.is_clean());
        // The newest copy is damaged: the one before it is there.
        let newest = ["settings-a", "settings-b"]
            .map(|name| state.join(name))
            .into_iter()
            .max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap())
            .unwrap();
        let mut bytes = fs::read(&newest).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        fs::write(&newest, bytes).unwrap();
        let (_, loaded) = open();
        assert!(!loaded.is_clean());
        assert_eq!(loaded.settings.brightness(), 70);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let defaults = Settings::default();
        let (mut recorder, _) = Recorder::open(Files::new(&file.join("state")), &defaults);
        assert!(recorder.save(&bright(70), &defaults).is_err());
    }
}
