//! The board as it is.

use crate::Error;
use crate::esp::{Mounted, is_esp};
use crate::notes::{Folder, read_short};
use crate::paths::Paths;
use serde::Deserialize;
use sfumato_slots::{Health, Restart, Rules, Running, Slot, Updates, is_version};

/// Bytes of the longest small file.
const LONGEST: u64 = 64 << 10;

/// What the board says of itself, `/usr/lib/sfumato/board.toml`. Other programs have keys of their own in it.
#[derive(Clone, Debug, Deserialize)]
struct BoardFile {
    /// Its name; what stands behind `sfumato-` in the next, if it does not say.
    name: Option<String>,
    /// The kind of bundle it takes; `sfumato-NAME` if it does not say.
    compatible: Option<String>,
    /// Whether an older version may follow a newer one.
    #[serde(default)]
    allow_downgrade: bool,
    /// When it restarts into what was installed.
    #[serde(default)]
    restart: When,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum When {
    #[default]
    AtOnce,
    ByHand,
    AtNight,
}

/// Everything that a step of an update needs.
#[derive(Debug)]
pub struct Here {
    /// Where everything lies.
    pub paths: Paths,
    /// The board's name.
    pub name: String,
    /// Which bundles it takes.
    pub rules: Rules,
    /// When it restarts into what was installed.
    pub restart: Restart,
    /// What runs.
    pub running: Running,
    esp: Mounted,
    notes: Folder,
}

impl Here {
    /// Looks at the board.
    ///
    /// # Errors
    /// [`Error::NoSlot`], [`Error::NoEsp`], [`Error::Board`], [`Error::File`].
    pub fn look(paths: &Paths) -> Result<Here, Error> {
        let read = |path: std::path::PathBuf| {
            read_short(&path, LONGEST).map_err(|error| Error::file(&path, error))
        };
        let file = paths.board();
        let mistake = |reason: &str| Error::Board {
            path: file.clone(),
            reason: reason.to_owned(),
        };
        let board: BoardFile =
            toml::from_str(&read(file.clone())?).map_err(|error| mistake(error.message()))?;
        let named = names(&board).ok_or_else(|| mistake("it says neither name nor compatible"));
        let (name, compatible) = named?;
        let line = read(paths.command_line())?;
        let slot = Slot::running(&line).ok_or(Error::NoSlot)?;
        let release = read(paths.os_release()).unwrap_or_default();
        let version = os_release(&release, "IMAGE_VERSION").filter(|version| is_version(version));
        if !is_esp(&paths.esp()) {
            return Err(Error::NoEsp(paths.esp()));
        }
        Ok(Here {
            rules: Rules {
                compatible,
                allow_downgrade: board.allow_downgrade,
            },
            name,
            restart: match board.restart {
                When::AtOnce => Restart::AtOnce,
                When::ByHand => Restart::ByHand,
                When::AtNight => Restart::AtNight,
            },
            running: Running {
                slot,
                version: version.unwrap_or_else(|| "unknown".to_owned()),
                options: without_loader(&line),
            },
            esp: Mounted::at(paths.esp()),
            notes: Folder(paths.notes()),
            paths: paths.clone(),
        })
    }

    /// The slots, and what may be done to them.
    pub fn updates(&mut self) -> Updates<'_, Mounted, Folder> {
        Updates {
            esp: &mut self.esp,
            notes: &mut self.notes,
            running: &self.running,
        }
    }

    /// Version of what runs, as its boot entry says; else as it says itself.
    ///
    /// # Errors
    /// The boot partition's.
    pub fn version(&mut self) -> Result<String, Error> {
        let boot = self.updates().boot()?;
        let entry = boot.entry(self.running.slot);
        Ok(entry
            .map_or(&self.running.version, |entry| &entry.version)
            .clone())
    }

    /// What the show says of itself.
    pub fn health(&self) -> Health {
        read_short(&self.paths.health(), LONGEST)
            .map_or(Health::Silent, |text| Health::parse(&text))
    }

    /// Seconds since the board's start, and the kernel's name for this start.
    ///
    /// # Errors
    /// [`Error::File`].
    pub fn since_start(&self) -> Result<(u64, String), Error> {
        let read = |path: std::path::PathBuf| {
            read_short(&path, LONGEST).map_err(|error| Error::file(&path, error))
        };
        let uptime = read(self.paths.uptime())?;
        let seconds = uptime
            .split(['.', ' '])
            .next()
            .and_then(|whole| whole.trim().parse().ok());
        Ok((
            seconds.unwrap_or(0),
            read(self.paths.boot_id())?.trim().to_owned(),
        ))
    }
}

/// The board's name, and the kind of bundle it takes.
fn names(board: &BoardFile) -> Option<(String, String)> {
    let kind = board.compatible.as_ref();
    let name = match (&board.name, kind) {
        (Some(name), _) => name.clone(),
        (None, Some(kind)) => kind.strip_prefix("sfumato-").unwrap_or(kind).to_owned(),
        (None, None) => return None,
    };
    let kind = kind.cloned().unwrap_or_else(|| format!("sfumato-{name}"));
    Some((name, kind))
}

/// The command line without what the loader puts there itself.
fn without_loader(line: &str) -> String {
    let ours = |word: &&str| !word.starts_with("initrd=") && !word.starts_with("BOOT_IMAGE=");
    let words: Vec<&str> = line.split_ascii_whitespace().filter(ours).collect();
    words.join(" ")
}

/// A value from a file like `os-release`; quotes around it go.
pub(crate) fn os_release(text: &str, key: &str) -> Option<String> {
    let mut lines = text.lines().filter_map(|line| line.split_once('='));
    let (_, value) = lines.find(|(name, _)| name.trim() == key)?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_with_and_without_quotes() {
        let text = "NAME=\"Debian\"\nIMAGE_VERSION=0.2.0\nEMPTY=\n";
        assert_eq!(os_release(text, "NAME").as_deref(), Some("Debian"));
        assert_eq!(os_release(text, "IMAGE_VERSION").as_deref(), Some("0.2.0"));
        assert_eq!(os_release(text, "EMPTY"), None);
        assert_eq!(os_release(text, "VERSION"), None);
    }

    #[test]
    fn a_board_is_named_by_either_key() {
        let names = |text: &str| names(&toml::from_str(text).unwrap());
        let sim = Some(("sim".to_owned(), "sfumato-sim".to_owned()));
        assert_eq!(names("name = \"sim\"\n[image]\nkind = \"none\""), sim);
        assert_eq!(names("compatible = \"sfumato-sim\""), sim);
        assert_eq!(names("title = \"x\""), None);
    }

    #[test]
    fn what_the_loader_says_is_not_kept() {
        let line = r"initrd=\sfumato\a\initrd sfumato.slot=a quiet";
        assert_eq!(without_loader(line), "sfumato.slot=a quiet");
    }
}
