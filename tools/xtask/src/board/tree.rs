//! A tree of files in memory: what a package or an overlay holds, before it is written anywhere.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file, and whether it can be run.
    File {
        /// Its content.
        bytes: Vec<u8>,
        /// Whether it can be run.
        runs: bool,
    },
    /// A symbolic link.
    Link(String),
    /// A folder that is to be there though nothing lies in it.
    Folder,
}

/// Files by their paths, without a `/` at the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    entries: BTreeMap<String, Entry>,
}

/// The file that stands for an empty folder, since git keeps none.
const KEEP: &str = ".keep";

impl Tree {
    /// Adds a text; what was there is replaced.
    pub fn text(&mut self, path: &str, text: impl Into<String>) {
        self.file(path, text.into().into_bytes(), false);
    }

    /// Adds a file; what was there is replaced.
    pub fn file(&mut self, path: &str, bytes: Vec<u8>, runs: bool) {
        self.put(path, Entry::File { bytes, runs });
    }

    /// Adds a link to `target`; what was there is replaced.
    pub fn link(&mut self, path: &str, target: &str) {
        self.put(path, Entry::Link(target.to_owned()));
    }

    fn put(&mut self, path: &str, entry: Entry) {
        self.entries.insert(path.to_owned(), entry);
    }

    /// Everything of another tree; where both have something, the other's.
    pub fn extend(&mut self, other: Tree) {
        self.entries.extend(other.entries);
    }

    /// Adds all that lies in `folder`, at the path `at` ("" is the top). Whether a file can be run is taken over, no
    /// more of its mode.
    pub fn lay(&mut self, folder: &Path, at: &str) -> Result<()> {
        let list = fs::read_dir(folder)
            .with_context(|| format!("cannot look into {}", folder.display()))?;
        for entry in list {
            let from = entry?.path();
            let Some(name) = from.file_name().and_then(|name| name.to_str()) else {
                bail!("{} has no name in UTF-8", from.display());
            };
            let to = match at {
                "" => name.to_owned(),
                at => format!("{at}/{name}"),
            };
            let about = fs::symlink_metadata(&from)
                .with_context(|| format!("cannot look at {}", from.display()))?;
            if about.is_symlink() {
                let target = fs::read_link(&from)?;
                self.link(&to, &target.to_string_lossy());
            } else if about.is_dir() {
                self.lay(&from, &to)?;
            } else if name == KEEP {
                self.put(at, Entry::Folder);
            } else {
                let bytes =
                    fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
                self.file(&to, bytes, about.permissions().mode() & 0o100 != 0);
            }
        }
        Ok(())
    }

    /// Everything in the order of the paths.
    pub fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries
            .iter()
            .map(|(path, entry)| (path.as_str(), entry))
    }

    /// What lies at a path.
    pub fn get(&self, path: &str) -> Option<&Entry> {
        self.entries.get(path)
    }

    /// One line for each entry: mode, path, and where a link leads.
    pub fn listing(&self) -> String {
        let mut lines = String::new();
        for (path, entry) in &self.entries {
            // Writing to a string cannot fail.
            let _ = match entry {
                Entry::File { runs: false, .. } => writeln!(lines, "0644 {path}"),
                Entry::File { runs: true, .. } => writeln!(lines, "0755 {path}"),
                Entry::Link(target) => writeln!(lines, "link {path} -> {target}"),
                Entry::Folder => writeln!(lines, "0755 {path}/"),
            };
        }
        lines
    }

    /// Size of all files in KiB, each rounded up to whole ones; Debian's `Installed-Size`.
    pub fn kibibytes(&self) -> u64 {
        let size = |entry: &Entry| match entry {
            Entry::File { bytes, .. } => (bytes.len() as u64).div_ceil(1024),
            _ => 1,
        };
        self.entries.values().map(size).sum()
    }

    /// Writes all of it under `folder`, made for it, with modes that no umask changes and every time being `epoch`,
    /// in seconds since 1970: the same tree gives the same files.
    pub fn write(&self, folder: &Path, epoch: u64) -> Result<()> {
        for (path, entry) in &self.entries {
            let to = folder.join(path);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)
                    .with_context(|| format!("cannot make {}", parent.display()))?;
            }
            let written = match entry {
                Entry::File { bytes, runs } => fs::write(&to, bytes).and_then(|()| {
                    let mode = if *runs { 0o755 } else { 0o644 };
                    fs::set_permissions(&to, fs::Permissions::from_mode(mode))
                }),
                Entry::Link(target) => symlink(target, &to),
                Entry::Folder => fs::create_dir_all(&to),
            };
            written.with_context(|| format!("cannot write {}", to.display()))?;
        }
        settle(folder, SystemTime::UNIX_EPOCH + Duration::from_secs(epoch))
    }
}

/// Gives folders their mode and everything its time, the innermost first.
fn settle(path: &Path, time: SystemTime) -> Result<()> {
    if fs::symlink_metadata(path)?.is_symlink() {
        // A link's own time is set by whoever packs it.
        return Ok(());
    }
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            settle(&entry?.path(), time)?;
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o755))?;
    }
    fs::File::open(path)
        .and_then(|file| file.set_modified(time))
        .with_context(|| format!("cannot set the time of {}", path.display()))
}
