//! The folder of a cache: what lies where, and how it gets there whole or not at all.
//!
//! ```text
//! CACHE/recipe.json              how it was made
//!       index.jsonl              all that is there, with hashes; written last
//!       README, .gitignore       what it is, for whoever finds it
//!       clips/PATH.face          the record of the clip PATH
//!       clips/PATH.mjpeg         its crops: one JPEG after the other, which players show as a film
//!       skipped/PATH.json        why nothing is kept of the clip PATH
//! ```
//!
//! A file is written beside its place, as `NAME.part`, and renamed, so that a run that is killed leaves no half file. Crops come
//! before the record that vouches for them: a clip is done when its record is there. Nothing is synced, as a cache can
//! be made again: what a power cut spoils is found by its hash. A cache that is made here is its owner's alone (mode 0700).

use crate::CorpusError;
use crate::digest::Digest;
use crate::index::{self, Sums};
use crate::layout::Clip;
use crate::recipe::Recipe;
use crate::record::{Content, Damage, Head, Record};
use crate::skip::Skip;
use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The recipe's file.
pub const RECIPE: &str = "recipe.json";
/// The folder of records and crops.
pub const CLIPS: &str = "clips";
/// The folder of reasons.
pub const SKIPPED: &str = "skipped";
/// The ending of a record, after the clip's own.
pub const RECORD_ENDING: &str = ".face";
/// The ending of crops.
pub const CROPS_ENDING: &str = ".mjpeg";
/// The ending of a reason.
pub const SKIP_ENDING: &str = ".json";
/// The ending of what is being written.
pub const PART_ENDING: &str = ".part";
const LOCK: &str = ".lock";
const README: &str = "\
Landmarks, motion and pictures of people's faces, made by `atelier corpus`.

These are personal data. Keep them as long as the people in them, the law and the licence of the clips allow, show
them to nobody else, and never put them into a repository. To remove somebody, remove their folder under clips and
under skipped, here and in every cache that this one was merged from, and run: atelier corpus check CACHE --index
";

/// A cache that is being written to, by nobody else.
#[derive(Debug)]
pub struct Cache {
    folder: PathBuf,
    recipe: Recipe,
    digest: Digest,
    /// Given back when it is closed.
    _lock: File,
}

/// What a cache has of a clip.
#[derive(Clone, Debug, PartialEq)]
pub enum State {
    /// Its record, whole, and the size of record and crops in bytes.
    Recorded(Head, u64),
    /// The reason why there is none.
    Skipped(Skip),
    /// Nothing that can be used.
    Missing,
}

impl Cache {
    /// Opens a cache to write to, or begins one; what was made by another recipe is made anew, clip by clip.
    ///
    /// Fails when another run has it.
    pub fn create(folder: &Path, recipe: Recipe) -> Result<Cache, CorpusError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder
            .create(folder)
            .map_err(|source| CorpusError::io(folder, "making the folder", source))?;
        let lock = lock(folder)?;
        let cache = Cache {
            folder: folder.to_owned(),
            digest: recipe.digest(),
            recipe,
            _lock: lock,
        };
        write(&folder.join(".gitignore"), b"*\n")?;
        write(&folder.join("README"), README.as_bytes())?;
        write(&folder.join(RECIPE), cache.recipe.text().as_bytes())?;
        Ok(cache)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How it is made.
    pub fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// SHA-256 of that.
    pub fn recipe_digest(&self) -> Digest {
        self.digest
    }

    /// Takes the index away, which says that a cache is finished; [`finish`](Cache::finish) makes it again.
    pub fn begin(&self) -> Result<(), CorpusError> {
        remove(&self.folder.join(index::INDEX))
    }

    /// Removes what a killed run has left and lists all that is there.
    ///
    /// Answers with the list's sums and with the clips whose files another recipe made: they are not on the list.
    pub fn finish(&self) -> Result<(Sums, Vec<String>), CorpusError> {
        index::remake(&self.folder)
    }

    /// What is there of a clip, if it is whole, made by this recipe and from this file.
    ///
    /// The file is taken to be the same when it is of the same size and was not written to after the record was; one that
    /// was, or any when `hash` is set, is read and compared by its SHA-256. Fails only when the cache cannot be read.
    pub fn state(&self, clip: &Clip, hash: bool) -> Result<State, CorpusError> {
        let same = |source: &Content, written: &Path| {
            source.bytes == clip.bytes
                && ((!hash && modified(written).is_some_and(|written| clip.modified <= written))
                    || Content::of_file(&clip.file).is_ok_and(|now| now == *source))
        };
        let file = record_file(&self.folder, &clip.path);
        if let Some((record, bytes)) = opened(read_record(&self.folder, &clip.path))? {
            let head = record.head();
            if head.recipe == self.digest && same(&head.source, &file) {
                let all = bytes + head.crops.bytes;
                return Ok(State::Recorded(head, all));
            }
        }
        let file = skip_file(&self.folder, &clip.path);
        if let Some(skip) = opened(read_skip(&self.folder, &clip.path))?
            && skip.recipe == self.digest
            && same(&skip.source(), &file)
        {
            return Ok(State::Skipped(skip));
        }
        Ok(State::Missing)
    }

    /// Puts a clip's record and crops into the cache; the size of both in bytes.
    pub fn put(&self, record: &Record, crops: &[u8]) -> Result<u64, CorpusError> {
        let (bytes, _) = record.encode();
        write(&crops_file(&self.folder, &record.path), crops)?;
        write(&record_file(&self.folder, &record.path), &bytes)?;
        remove(&skip_file(&self.folder, &record.path))?;
        Ok((bytes.len() + crops.len()) as u64)
    }

    /// Notes why nothing is kept of a clip, and removes what was.
    pub fn skip(&self, skip: &Skip) -> Result<(), CorpusError> {
        write(&skip_file(&self.folder, &skip.clip), skip.text().as_bytes())?;
        remove(&record_file(&self.folder, &skip.clip))?;
        remove(&crops_file(&self.folder, &skip.clip))
    }
}

/// Takes a cache for oneself for as long as the file is open.
pub(crate) fn lock(folder: &Path) -> Result<File, CorpusError> {
    let path = folder.join(LOCK);
    let failed = |source| CorpusError::io(&path, "locking the cache", source);
    let mut options = File::options();
    options.create(true).truncate(false).write(true);
    let file = options.open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(CorpusError::Busy {
            path: folder.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// The recipe of a cache.
pub(crate) fn read_recipe(folder: &Path) -> Result<Recipe, CorpusError> {
    let path = folder.join(RECIPE);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Err(CorpusError::NoCache {
                path: folder.to_owned(),
            });
        }
        Err(error) => return Err(CorpusError::io(&path, "reading", error)),
    };
    let damaged = || CorpusError::Damaged {
        path: path.clone(),
        damage: Damage::Content("text"),
    };
    let recipe: Recipe = serde_json::from_slice(&text).map_err(|_| damaged())?;
    if recipe.text().as_bytes() != text {
        return Err(damaged());
    }
    Ok(recipe)
}

fn join(folder: &Path, part: &str, clip: &str, ending: &str) -> PathBuf {
    folder.join(part).join(format!("{clip}{ending}"))
}

/// Where the record of a clip lies.
pub fn record_file(folder: &Path, clip: &str) -> PathBuf {
    join(folder, CLIPS, clip, RECORD_ENDING)
}

/// Where its crops lie.
pub fn crops_file(folder: &Path, clip: &str) -> PathBuf {
    join(folder, CLIPS, clip, CROPS_ENDING)
}

/// Where the reason lies why nothing is kept of it.
pub fn skip_file(folder: &Path, clip: &str) -> PathBuf {
    join(folder, SKIPPED, clip, SKIP_ENDING)
}

/// Reads a clip's record and proves it and its crops; the record and its file's size.
pub(crate) fn read_record(folder: &Path, clip: &str) -> Result<(Record, u64), CorpusError> {
    let path = record_file(folder, clip);
    let bytes = fs::read(&path).map_err(|source| CorpusError::io(&path, "reading", source))?;
    let damaged = |path: &Path, damage| CorpusError::Damaged {
        path: path.to_owned(),
        damage,
    };
    let (record, _) = Record::decode(&bytes).map_err(|damage| damaged(&path, damage))?;
    if record.path != clip {
        return Err(damaged(&path, Damage::Content("place")));
    }
    let crops = crops_file(folder, clip);
    match Content::of_file(&crops) {
        Ok(found) if found == record.head().crops => {}
        Ok(_) => return Err(damaged(&crops, Damage::Crops)),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Err(damaged(&crops, Damage::NoCrops));
        }
        Err(error) => return Err(CorpusError::io(&crops, "reading", error)),
    }
    Ok((record, bytes.len() as u64))
}

/// Reads why nothing is kept of a clip.
pub(crate) fn read_skip(folder: &Path, clip: &str) -> Result<Skip, CorpusError> {
    let path = skip_file(folder, clip);
    let text = fs::read(&path).map_err(|source| CorpusError::io(&path, "reading", source))?;
    let damaged = || CorpusError::Damaged {
        path: path.clone(),
        damage: Damage::Content("text"),
    };
    let skip: Skip = serde_json::from_slice(&text).map_err(|_| damaged())?;
    if skip.clip != clip || skip.text().as_bytes() != text {
        return Err(damaged());
    }
    Ok(skip)
}

/// What is damaged or not there counts as nothing.
fn opened<T>(read: Result<T, CorpusError>) -> Result<Option<T>, CorpusError> {
    match read {
        Ok(value) => Ok(Some(value)),
        Err(CorpusError::Damaged { .. }) => Ok(None),
        Err(CorpusError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// When a file was written.
fn modified(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).and_then(|facts| facts.modified()).ok()
}

/// Writes a file whole or not at all.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), CorpusError> {
    let mut part = path.as_os_str().to_owned();
    part.push(PART_ENDING);
    let part = PathBuf::from(part);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)
            .map_err(|source| CorpusError::io(folder, "making the folder", source))?;
    }
    let written = fs::write(&part, bytes).and_then(|()| fs::rename(&part, path));
    written.map_err(|source| {
        // What is left of it is in the way of nobody, but takes room.
        let _ = fs::remove_file(&part);
        CorpusError::io(path, "writing", source)
    })
}

/// Removes a file that may not be there.
pub(crate) fn remove(path: &Path) -> Result<(), CorpusError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(CorpusError::io(path, "removing", error))
        }
        _ => Ok(()),
    }
}
