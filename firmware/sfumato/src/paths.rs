//! Where things lie when nobody says otherwise.

use std::io;
use std::path::{Path, PathBuf};

/// Name of the built-in painting's pack in the cache.
pub const BUILT_IN_PACK: &str = "built-in.pack";

/// The settings file, where none is named.
pub const CONFIG: &str = "/etc/sfumato/config.toml";

/// Where the board's update service says how it is, where nothing else is named.
pub const UPDATES: &str = "/run/sfumato-update";

/// There is no painting to show.
#[derive(Debug, thiserror::Error)]
#[error(
    "no painting: name one with --pack FILE (`atelier prepare IMAGE -o FILE` makes it), \
     or run `cargo xtask demo` once, which leaves the built-in one at {}", looked_for.display()
)]
pub struct NoPack {
    looked_for: PathBuf,
}

/// The folder for things that can be made again: `$SFUMATO_CACHE`, else `$XDG_CACHE_HOME/sfumato`,
/// else `~/.cache/sfumato`.
pub fn cache() -> PathBuf {
    cache_from(|name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    })
}

fn cache_from(variable: impl Fn(&str) -> Option<PathBuf>) -> PathBuf {
    if let Some(folder) = variable("SFUMATO_CACHE") {
        return folder;
    }
    variable("XDG_CACHE_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(|| PathBuf::from("/var/cache"))
        .join("sfumato")
}

/// The folder for what must be kept: where systemd says, else `/var/lib/sfumato`.
pub fn state() -> PathBuf {
    // Of several folders, divided by colons, the first.
    let named = std::env::var("STATE_DIRECTORY").unwrap_or_default();
    match named.split(':').next() {
        Some(folder) if !folder.is_empty() => folder.into(),
        _ => "/var/lib/sfumato".into(),
    }
}

/// Whether anything can be kept in a folder, there or not: by writing there, since nothing else tells of disks that
/// have turned read-only. What was not there is gone again afterwards.
pub fn keeps(folder: &Path) -> io::Result<()> {
    let made = !folder.exists();
    std::fs::create_dir_all(folder)?;
    let probe = folder.join("probe");
    std::fs::write(&probe, "probe")?;
    std::fs::remove_file(&probe)?;
    if made {
        std::fs::remove_dir(folder)?;
    }
    Ok(())
}

/// The pack that was named, or the built-in painting's if it was prepared before.
pub fn pack(named: Option<&Path>) -> Result<PathBuf, NoPack> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    let path = cache().join(BUILT_IN_PACK);
    if path.is_file() {
        Ok(path)
    } else {
        Err(NoPack { looked_for: path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cache_is_where_the_user_says() {
        let all = |name: &str| Some(PathBuf::from(format!("/{name}")));
        assert_eq!(cache_from(all), PathBuf::from("/SFUMATO_CACHE"));
        let home = |name: &str| (name == "HOME").then(|| PathBuf::from("/h"));
        assert_eq!(cache_from(home), PathBuf::from("/h/.cache/sfumato"));
        assert_eq!(cache_from(|_| None), PathBuf::from("/var/cache/sfumato"));
    }

    #[test]
    fn a_folder_that_keeps_nothing_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("lib/state");
        keeps(&state).unwrap();
        assert!(!state.exists(), "nothing was kept, nothing is there");
        std::fs::create_dir_all(&state).unwrap();
        keeps(&state).unwrap();
        assert_eq!(std::fs::read_dir(&state).unwrap().count(), 0);
        std::fs::write(state.join("file"), "").unwrap();
        assert!(keeps(&state.join("file/state")).is_err());
    }

    #[test]
    fn a_named_pack_is_taken_as_named() {
        let path = Path::new("some.pack");
        assert_eq!(pack(Some(path)).unwrap(), path);
    }
}
