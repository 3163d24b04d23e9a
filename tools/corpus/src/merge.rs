//! Many caches into one, exactly: what comes out is what one run over all clips would have made, byte for byte.
//!
//! Every file is proved by its hash on the way. Nothing is decided by order: two caches that say different things of
//! one clip are an error, and so is a file in the merged cache that none of the others has, as somebody may have had it removed.
//! A merge that was broken off goes on: what is there and the same stays.

use crate::CorpusError;
use crate::cache::{
    self, Cache, crops_file, read_recipe, read_record, read_skip, record_file, skip_file, write,
};
use crate::index::{self, Entry, INDEX, Outcome, Sums};
use crate::record::Damage;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What a merge or a check has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What is in the cache.
    pub sums: Sums,
    /// Clips that more than one cache had, alike.
    pub twice: u64,
}

/// Merges caches into the folder `into`, which is begun or gone on with.
///
/// Calls `done` after every clip with the number of clips done and that of all.
pub fn merge(
    caches: &[PathBuf],
    into: &Path,
    mut done: impl FnMut(u64, u64),
) -> Result<Merged, CorpusError> {
    let Some(first) = caches.first() else {
        return Err(CorpusError::NoCache {
            path: PathBuf::new(),
        });
    };
    let recipe = read_recipe(first)?;
    let alike = |other: &Path| -> Result<(), CorpusError> {
        if read_recipe(other)?.digest() == recipe.digest() {
            return Ok(());
        }
        Err(CorpusError::Recipes {
            one: first.clone(),
            other: other.to_owned(),
        })
    };
    let mut all: BTreeMap<String, (&Path, Entry)> = BTreeMap::new();
    let mut twice = 0;
    for cache in caches {
        alike(cache)?;
        let (entries, others) = index::scan(cache)?;
        foreign(cache, &others)?;
        // An index comes last: without one, a run is not finished.
        if index::read(cache)? != entries {
            return Err(CorpusError::Index {
                path: cache.join(INDEX),
            });
        }
        for entry in entries {
            match all.get(&entry.clip) {
                Some((other, known)) if *known == entry && alike_skips(other, cache, &entry)? => {
                    twice += 1;
                }
                Some((other, known)) => {
                    return Err(CorpusError::Conflict {
                        one: file_of(other, known),
                        other: file_of(cache, &entry),
                    });
                }
                None => {
                    all.insert(entry.clip.clone(), (cache, entry));
                }
            }
        }
    }
    if into.join(cache::RECIPE).exists() {
        alike(into)?;
    }
    let merged = Cache::create(into, recipe)?;
    merged.begin()?;
    for entry in index::scan(into)?.0 {
        let file = file_of(into, &entry);
        match all.get(&entry.clip) {
            None => return Err(CorpusError::Extra { path: file }),
            Some((cache, known)) if *known != entry => {
                return Err(CorpusError::Conflict {
                    one: file_of(cache, known),
                    other: file,
                });
            }
            Some(_) => {}
        }
    }
    let count = all.len() as u64;
    for (index, (cache, entry)) in (1..).zip(all.values()) {
        copy(cache, merged.folder(), entry)?;
        done(index, count);
    }
    let (sums, _) = index::remake(merged.folder())?;
    Ok(Merged { sums, twice })
}

/// Proves every file of a cache, and that its index lists them; with `remake`, makes the index anew instead.
pub fn check(folder: &Path, remake: bool) -> Result<Merged, CorpusError> {
    // First of all, as locking would make a file in any folder.
    read_recipe(folder)?;
    let _lock = cache::lock(folder)?;
    let (entries, others) = index::scan(folder)?;
    for entry in &entries {
        prove(folder, entry)?;
    }
    foreign(folder, &others)?;
    if remake {
        let (sums, _) = index::remake(folder)?;
        return Ok(Merged { sums, twice: 0 });
    }
    if index::read(folder)? != entries {
        return Err(CorpusError::Index {
            path: folder.join(INDEX),
        });
    }
    let (_, sums) = index::text(read_recipe(folder)?.digest(), &entries);
    Ok(Merged { sums, twice: 0 })
}

/// Fails when there are files that another recipe made.
fn foreign(folder: &Path, others: &[String]) -> Result<(), CorpusError> {
    let Some(clip) = others.first() else {
        return Ok(());
    };
    let record = record_file(folder, clip);
    Err(CorpusError::Damaged {
        path: if record.exists() {
            record
        } else {
            skip_file(folder, clip)
        },
        damage: Damage::Content("recipe"),
    })
}

/// Whether two caches say the same of a clip in the same words; what records say, their hashes have told.
fn alike_skips(one: &Path, other: &Path, entry: &Entry) -> Result<bool, CorpusError> {
    match entry.outcome {
        Outcome::Recorded(_) => Ok(true),
        Outcome::Skipped { .. } => {
            Ok(read_skip(one, &entry.clip)? == read_skip(other, &entry.clip)?)
        }
    }
}

/// The file that says of a clip what its entry says.
fn file_of(folder: &Path, entry: &Entry) -> PathBuf {
    match entry.outcome {
        Outcome::Recorded(_) => record_file(folder, &entry.clip),
        Outcome::Skipped { .. } => skip_file(folder, &entry.clip),
    }
}

/// Proves the files of a clip.
fn prove(folder: &Path, entry: &Entry) -> Result<(), CorpusError> {
    match entry.outcome {
        Outcome::Recorded(_) => read_record(folder, &entry.clip).map(drop),
        Outcome::Skipped { .. } => read_skip(folder, &entry.clip).map(drop),
    }
}

/// Copies the files of a clip, unless they are there and whole.
fn copy(from: &Path, to: &Path, entry: &Entry) -> Result<(), CorpusError> {
    prove(from, entry)?;
    let take = |file: fn(&Path, &str) -> PathBuf| {
        let path = file(from, &entry.clip);
        let bytes = fs::read(&path).map_err(|source| CorpusError::io(&path, "reading", source))?;
        write(&file(to, &entry.clip), &bytes)
    };
    match entry.outcome {
        Outcome::Recorded(_) if prove(to, entry).is_ok() => Ok(()),
        Outcome::Recorded(_) => {
            take(crops_file)?;
            take(record_file)
        }
        // A few hundred bytes, and two of them may say the same reason in other words.
        Outcome::Skipped { .. } => {
            let (one, other) = (skip_file(from, &entry.clip), skip_file(to, &entry.clip));
            let there = fs::read(&other).ok();
            if there.is_some() && there != fs::read(&one).ok() {
                return Err(CorpusError::Conflict { one, other });
            }
            take(skip_file)
        }
    }
}
