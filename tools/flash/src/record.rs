//! What an interrupted flash left behind: which parts of an image a device has already stored.
//!
//! A JSON file on the host, bound to the image and the device. It is never believed: a later run reads those parts
//! back and writes what differs. It only says where that is worth while.

use crate::digest::Digest;
use crate::spans::Spans;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Remembers which bytes a device has stored.
pub trait Keeper: Send {
    /// What was stored by an earlier run.
    fn before(&self) -> Spans;
    /// Remembers this instead.
    fn keep(&mut self, stored: &Spans) -> io::Result<()>;
    /// Forgets: the device is done, or not worth going on with.
    fn forget(&mut self);
}

/// Remembers in this process alone: in tests, and where there is no folder for records.
#[derive(Clone, Debug, Default)]
pub struct Forgetful(pub Spans);

impl Keeper for Forgetful {
    fn before(&self) -> Spans {
        self.0.clone()
    }

    fn keep(&mut self, stored: &Spans) -> io::Result<()> {
        self.0 = stored.clone();
        Ok(())
    }

    fn forget(&mut self) {
        self.0 = Spans::default();
    }
}

/// A record in a file.
#[derive(Debug)]
pub struct Record {
    path: PathBuf,
    image: Digest,
    device: String,
    before: Spans,
}

impl Record {
    /// The record of an image on a device, in a folder of records. One that is missing, damaged, or of something else
    /// says that nothing is stored. `device` is what the device is known by: see
    /// [`Device::identity`](crate::devices::Device::identity).
    pub fn open(folder: &Path, image: Digest, device: &str) -> Record {
        let name = Digest::of(format!("{image}\n{device}").as_bytes()).to_string();
        let path = folder.join(format!("{}.json", &name[..24]));
        let before = std::fs::read_to_string(&path)
            .ok()
            .and_then(|text| read(&text, image, device))
            .unwrap_or_default();
        Record {
            path,
            image,
            device: device.to_owned(),
            before,
        }
    }
}

/// Reads a record's text; nothing where it is no record of this image on this device.
pub fn read(text: &str, image: Digest, device: &str) -> Option<Spans> {
    let value: Value = serde_json::from_str(text).ok()?;
    if value["image"].as_str()? != image.to_string() || value["device"].as_str()? != device {
        return None;
    }
    value["stored"]
        .as_array()?
        .iter()
        .map(|pair| Some(pair.get(0)?.as_u64()?..pair.get(1)?.as_u64()?))
        .collect()
}

/// A record as text.
pub fn write(image: Digest, device: &str, stored: &Spans) -> String {
    let spans: Vec<[u64; 2]> = stored.iter().map(|span| [span.start, span.end]).collect();
    json!({"image": image.to_string(), "device": device, "stored": spans}).to_string()
}

impl Keeper for Record {
    fn before(&self) -> Spans {
        self.before.clone()
    }

    fn keep(&mut self, stored: &Spans) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let beside = self.path.with_extension("new");
        let mut file = std::fs::File::create(&beside)?;
        file.write_all(write(self.image, &self.device, stored).as_bytes())?;
        file.sync_data()?;
        std::fs::rename(&beside, &self.path)
    }

    fn forget(&mut self) {
        // One that is not there is forgotten already.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// The folder of records: `$XDG_STATE_HOME/sfumato/flash`, else `~/.local/state/sfumato/flash`.
pub fn folder(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let named = |name: &str| {
        variable(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let state = named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))?;
    Some(state.join("sfumato/flash"))
}
