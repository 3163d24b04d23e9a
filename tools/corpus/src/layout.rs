//! Which files below ROOT are clips, and who is in them.
//!
//! Read are VoxCeleb2's layout, `idNNNNN/VIDEO/NNNNN.mp4`, with any folders above it, and plain folders of clips. Whoever
//! is in a clip, the *speaker*, is told by its path:
//!
//! | path | speaker |
//! |---|---|
//! | `id00012/abc/00001.mp4`, `dev/mp4/id00012/abc/00001.mp4` | `id00012` |
//! | `alice/kitchen/1.mp4` | `alice` |
//! | `1.mp4` | `1.mp4`: nobody says whether two such clips are of one person |
//!
//! Names that begin with a dot are passed over. Links to files are followed, links to folders are not.

use crate::CorpusError;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Endings of files that are taken for clips, in any case.
pub const ENDINGS: [&str; 10] = [
    "mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "y4m", "mjpeg",
];

/// One file below ROOT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clip {
    /// Relative to ROOT, with `/` between folders.
    pub path: String,
    /// Where it is.
    pub file: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
    /// When it was last written to.
    pub modified: SystemTime,
}

/// All clips of a folder, and files whose names cannot be used.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Sorted by path.
    pub clips: Vec<Clip>,
    /// Clips and folders whose names are no UTF-8, so that no record could name them.
    pub nameless: Vec<PathBuf>,
}

/// Finds all clips below `root`.
///
/// Fails when the folder or one below it cannot be read, or holds no clip at all.
pub fn find(root: &Path) -> Result<Found, CorpusError> {
    let no_root = |source| CorpusError::NoRoot {
        path: root.to_owned(),
        source,
    };
    let kind = fs::metadata(root).map_err(no_root)?;
    if !kind.is_dir() {
        return Err(no_root(std::io::ErrorKind::NotADirectory.into()));
    }
    let mut found = Found::default();
    walk(root, "", &mut found)?;
    if found.clips.is_empty() {
        return Err(CorpusError::NoClips {
            path: root.to_owned(),
        });
    }
    found.clips.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    found.nameless.sort();
    Ok(found)
}

fn walk(folder: &Path, prefix: &str, found: &mut Found) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::io(folder, "listing the folder", source);
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let (file, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().map_err(failed)?;
        let Some(name) = name.to_str() else {
            if kind.is_dir() || is_clip(&file) {
                found.nameless.push(file);
            }
            continue;
        };
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        if kind.is_dir() {
            walk(&file, &format!("{path}/"), found)?;
        } else if is_clip(&file) {
            // A link that leads nowhere is a clip that cannot be read, and is named as one.
            let facts = fs::metadata(&file).ok();
            if facts.as_ref().is_none_or(fs::Metadata::is_file) {
                found.clips.push(Clip {
                    path,
                    bytes: facts.as_ref().map_or(0, fs::Metadata::len),
                    modified: facts
                        .and_then(|facts| facts.modified().ok())
                        .unwrap_or_else(SystemTime::now),
                    file,
                });
            }
        }
    }
    Ok(())
}

/// Whether a file's ending is one of [`ENDINGS`].
pub fn is_clip(file: &Path) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str());
    ending.is_some_and(|ending| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Who is in the clip of this path; see the module text.
pub fn speaker(path: &str) -> &str {
    let mut folders = path.split('/');
    let first = folders.clone().next().unwrap_or_default();
    folders.next_back();
    folders.find(|folder| is_identity(folder)).unwrap_or(first)
}

/// `id` and five digits, as VoxCeleb names people.
fn is_identity(folder: &str) -> bool {
    let digits = folder.strip_prefix("id").unwrap_or_default();
    digits.len() == 5 && digits.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speakers() {
        assert_eq!(speaker("id00012/abc/00001.mp4"), "id00012");
        assert_eq!(speaker("dev/mp4/id00012/abc/00001.mp4"), "id00012");
        assert_eq!(speaker("alice/kitchen/1.mp4"), "alice");
        assert_eq!(speaker("id0001/1.mp4"), "id0001");
        assert_eq!(speaker("1.mp4"), "1.mp4");
        assert_eq!(speaker(""), "");
    }

    #[test]
    fn clips_are_found_in_order() {
        let root = tempfile::tempdir().unwrap();
        let put = |path: &str| {
            let file = root.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, path).unwrap();
        };
        let error = find(root.path()).unwrap_err().to_string();
        assert!(error.contains("holds no clips"), "{error}");
        for path in [
            "id2/v/2.mp4",
            "id1/v/10.MP4",
            "id1/v/.3.mp4",
            ".git/4.mp4",
            "a.txt",
            "b.mkv",
        ] {
            put(path);
        }
        let found = find(root.path()).unwrap();
        let paths: Vec<&str> = found.clips.iter().map(|clip| clip.path.as_str()).collect();
        assert_eq!(paths, ["b.mkv", "id1/v/10.MP4", "id2/v/2.mp4"]);
        assert_eq!(found.clips[1].bytes, "id1/v/10.MP4".len() as u64);
        let error = find(&root.path().join("nowhere")).unwrap_err().to_string();
        assert!(error.contains("name the folder"), "{error}");
        let error = find(&root.path().join("b.mkv")).unwrap_err().to_string();
        assert!(error.contains("name the folder"), "{error}");
    }
}
