//! What can go wrong with a cache, and the cure.

use crate::record::Damage;
use std::io;
use std::path::{Path, PathBuf};

/// Why a cache could not be made or read. The text is the meaning and the cure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorpusError {
    /// The folder of clips is not there.
    #[error("{}: {source}; name the folder that holds the clips", path.display())]
    NoRoot {
        /// What was named.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There is no clip in it.
    #[error(
        "{} holds no clips; wanted are files such as id00012/VIDEO/00001.mp4 or FOLDER/clip.mp4 (endings: {})",
        path.display(),
        crate::layout::ENDINGS.join(", ")
    )]
    NoClips {
        /// What was named.
        path: PathBuf,
    },
    /// A cache among the clips would be taken for clips.
    #[error(
        "the cache {} lies inside {}, where its crops would be taken for clips; put it elsewhere",
        cache.display(),
        root.display()
    )]
    Inside {
        /// The cache.
        cache: PathBuf,
        /// The folder of clips.
        root: PathBuf,
    },
    /// Another run has the cache.
    #[error(
        "another run writes to {}; wait for it, or give each shard a cache of its own",
        path.display()
    )]
    Busy {
        /// The cache.
        path: PathBuf,
    },
    /// No room is left.
    #[error(
        "{}: no space is left; make room and run the same command again: it goes on from there",
        path.display()
    )]
    Full {
        /// What was written.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("{}: {doing} failed: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done.
        doing: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// There is no cache.
    #[error("{} is no cache: it has no recipe.json; name a folder that `atelier corpus` made", path.display())]
    NoCache {
        /// What was named.
        path: PathBuf,
    },
    /// A file of a cache is not what was written.
    #[error("{}: {damage}; run `atelier corpus` over its clip again, which makes it anew", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        damage: Damage,
    },
    /// Two files say different things of one clip.
    #[error(
        "{} and {} differ, though they are of one clip; remove the one that is wrong",
        one.display(),
        other.display()
    )]
    Conflict {
        /// The one.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// Two caches were made in different ways.
    #[error(
        "{} and {} were made by different versions or with different options; run `atelier corpus` alike over both",
        one.display(),
        other.display()
    )]
    Recipes {
        /// The one.
        one: PathBuf,
        /// The other.
        other: PathBuf,
    },
    /// The merged cache has what no other has.
    #[error(
        "{} is in none of the caches that are merged; remove it, or merge into a new folder",
        path.display()
    )]
    Extra {
        /// The file.
        path: PathBuf,
    },
    /// The index does not list what is there.
    #[error(
        "{} does not list what is there; finish the run, or after removing clips make it anew: atelier corpus check CACHE --index",
        path.display()
    )]
    Index {
        /// The index.
        path: PathBuf,
    },
    /// A shard cannot be read.
    #[error(
        "{text:?} is no shard; write INDEX/COUNT, the index from 0 to COUNT less one, as in 3/64"
    )]
    Shard {
        /// What was written.
        text: String,
    },
}

impl CorpusError {
    pub(crate) fn io(path: &Path, doing: &'static str, source: io::Error) -> CorpusError {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => CorpusError::Full { path },
            _ => CorpusError::Io {
                path,
                doing,
                source,
            },
        }
    }
}
