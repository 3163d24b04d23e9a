//! Where things that can be made again are kept, and when they must be made again.

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The folder in which the device program looks for the built-in painting's pack; the same rule
/// as in its `paths` module, and a test holds the two together.
pub fn folder() -> PathBuf {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = set("SFUMATO_CACHE") {
        return folder;
    }
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .unwrap_or_else(|| PathBuf::from("/var/cache"))
        .join("sfumato")
}

/// A short name for the present content of these files and folders.
///
/// Whatever is made by code can be kept for as long as the code's key stays the same.
pub fn key(paths: &[&Path]) -> Result<String> {
    let mut files = Vec::new();
    for path in paths {
        collect(path, &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in &files {
        // Where a link leads counts, not what is there.
        let content = match std::fs::read_link(file) {
            Ok(target) => target.into_os_string().into_encoded_bytes(),
            Err(_) => std::fs::read(file).with_context(|| format!("{}", file.display()))?,
        };
        hash.update(file.to_string_lossy().as_bytes());
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(&content);
    }
    let mut name = String::new();
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(name, "{byte:02x}");
    }
    Ok(name)
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_symlink() || !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path).with_context(|| format!("{}", path.display()))? {
        collect(&entry?.path(), files)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_follows_the_content() {
        let folder = std::env::temp_dir().join(format!("sfumato-key-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("deep")).unwrap();
        std::fs::write(folder.join("a"), "1").unwrap();
        std::fs::write(folder.join("deep/b"), "2").unwrap();
        let before = key(&[&folder]).unwrap();
        assert_eq!(before, key(&[&folder]).unwrap());
        std::fs::write(folder.join("deep/b"), "3").unwrap();
        let after = key(&[&folder]).unwrap();
        assert_ne!(before, after);
        assert!(key(&[&folder.join("missing")]).is_err());
        std::fs::remove_dir_all(folder).unwrap();
    }
}
