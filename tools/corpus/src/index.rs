//! The list of all that is in a cache: `index.jsonl`, one JSON object a line.
//!
//! ```text
//! {"format":"sfumato-corpus","version":1,"recipe":"9f…"}
//! {"clip":"id00012/abc/00001.mp4","speaker":"id00012","frames":200,"seen":198,"crops":40,"bytes":731456,"sha256":"5c…"}
//! {"clip":"id00012/abc/00002.mp4","speaker":"id00012","skipped":"no-face"}
//! {"clips":1,"skipped":1,"frames":200,"bytes":731456,"sha256":"e0…"}
//! ```
//!
//! Clips are sorted by path, byte by byte. A clip's `sha256` is the one at the end of its record, which vouches for
//! its crops too; `bytes` is the size of both. The last line's `sha256` is that of all lines before it. The list is made from
//! what is there and says nothing of when, where or in which order: the same clips have the same index.

use crate::CorpusError;
use crate::cache::{
    CLIPS, CROPS_ENDING, PART_ENDING, RECORD_ENDING, SKIP_ENDING, SKIPPED, read_recipe, read_skip,
    remove, write,
};
use crate::digest::Digest;
use crate::layout::speaker;
use crate::record::{Damage, Head};
use crate::skip::Reason;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The index's file.
pub const INDEX: &str = "index.jsonl";

const FORMAT: &str = "sfumato-corpus";
const VERSION: u32 = 1;

/// One clip of a cache.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path relative to ROOT.
    pub clip: String,
    /// Who is in it.
    pub speaker: String,
    /// What there is of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What there is of a clip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    /// A record.
    Recorded(Recorded),
    /// Nothing.
    Skipped {
        /// Why.
        skipped: Reason,
    },
}

/// What there is of a clip that has a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Frames.
    pub frames: u32,
    /// Frames in which the face is seen.
    pub seen: u32,
    /// Frames with a crop.
    pub crops: u32,
    /// Size of record and crops, bytes.
    pub bytes: u64,
    /// The record's SHA-256.
    pub sha256: Digest,
}

#[derive(Serialize, Deserialize)]
struct First {
    format: String,
    version: u32,
    recipe: Digest,
}

/// The last line: sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// Clips with a record.
    pub clips: u64,
    /// Clips of which nothing is kept.
    pub skipped: u64,
    /// Frames of all records.
    pub frames: u64,
    /// Size of all records and crops, bytes.
    pub bytes: u64,
    /// SHA-256 of all lines before.
    pub sha256: Digest,
}

impl Sums {
    fn of(entries: &[Entry], sha256: Digest) -> Sums {
        let mut sums = Sums {
            sha256,
            ..Sums::default()
        };
        for entry in entries {
            match &entry.outcome {
                Outcome::Recorded(recorded) => {
                    sums.clips += 1;
                    sums.frames += u64::from(recorded.frames);
                    sums.bytes = sums.bytes.saturating_add(recorded.bytes);
                }
                Outcome::Skipped { .. } => sums.skipped += 1,
            }
        }
        sums
    }
}

/// The index's text and its sums.
pub fn text(recipe: Digest, entries: &[Entry]) -> (String, Sums) {
    let mut text = String::new();
    let first = First {
        format: FORMAT.to_owned(),
        version: VERSION,
        recipe,
    };
    line(&mut text, &first);
    for entry in entries {
        line(&mut text, entry);
    }
    let sums = Sums::of(entries, Digest::of(text.as_bytes()));
    line(&mut text, &sums);
    (text, sums)
}

fn line(text: &mut String, value: &impl Serialize) {
    // Text and numbers can always be written.
    text.push_str(&serde_json::to_string(value).unwrap_or_default());
    text.push('\n');
}

/// Reads an index; none when it is not one that was written here, to the end.
pub fn parse(text: &str) -> Option<(Digest, Vec<Entry>)> {
    let mut lines = text.lines();
    let first: First = serde_json::from_str(lines.next()?).ok()?;
    if first.format != FORMAT || first.version != VERSION {
        return None;
    }
    lines.next_back()?;
    let entries: Option<Vec<Entry>> = lines.map(|line| serde_json::from_str(line).ok()).collect();
    let entries = entries?;
    // This proves the last line, the order of keys, and that nothing is missing.
    let sorted = entries.windows(2).all(|pair| pair[0].clip < pair[1].clip);
    let whole = sorted && self::text(first.recipe, &entries).0 == text;
    whole.then_some((first.recipe, entries))
}

/// Reads the index of a cache.
pub fn read(folder: &Path) -> Result<Vec<Entry>, CorpusError> {
    let recipe = read_recipe(folder)?.digest();
    let path = folder.join(INDEX);
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(CorpusError::Index { path });
        }
        Err(error) => return Err(CorpusError::io(&path, "reading", error)),
    };
    match parse(&text) {
        Some((found, entries)) if found == recipe => Ok(entries),
        _ => Err(CorpusError::Index { path }),
    }
}

/// All clips that a cache has, by the heads of their records, sorted; and the names of those made by another recipe.
pub fn scan(folder: &Path) -> Result<(Vec<Entry>, Vec<String>), CorpusError> {
    let recipe = read_recipe(folder)?.digest();
    let (mut entries, mut others) = (Vec::new(), Vec::new());
    for clip in named(folder, CLIPS, RECORD_ENDING)? {
        let (head, recorded) = recorded(folder, &clip)?;
        if head.recipe != recipe {
            others.push(clip);
            continue;
        }
        entries.push(Entry {
            speaker: speaker(&clip).to_owned(),
            clip,
            outcome: Outcome::Recorded(recorded),
        });
    }
    for clip in named(folder, SKIPPED, SKIP_ENDING)? {
        let skip = read_skip(folder, &clip)?;
        if skip.recipe != recipe {
            others.push(clip);
            continue;
        }
        entries.push(Entry {
            speaker: speaker(&clip).to_owned(),
            clip,
            outcome: Outcome::Skipped {
                skipped: skip.reason,
            },
        });
    }
    entries.sort_unstable_by(|a, b| a.clip.cmp(&b.clip));
    if let Some(pair) = entries.windows(2).find(|pair| pair[0].clip == pair[1].clip) {
        return Err(CorpusError::Conflict {
            one: crate::cache::record_file(folder, &pair[0].clip),
            other: crate::cache::skip_file(folder, &pair[0].clip),
        });
    }
    Ok((entries, others))
}

/// Makes a cache's index from what is there and removes what a killed run has left.
pub(crate) fn remake(folder: &Path) -> Result<(Sums, Vec<String>), CorpusError> {
    sweep(folder)?;
    let (entries, others) = scan(folder)?;
    let (text, sums) = text(read_recipe(folder)?.digest(), &entries);
    write(&folder.join(INDEX), text.as_bytes())?;
    Ok((sums, others))
}

/// The head of a clip's record, and what the index says of it.
fn recorded(folder: &Path, clip: &str) -> Result<(Head, Recorded), CorpusError> {
    let path = crate::cache::record_file(folder, clip);
    let failed = |source| CorpusError::io(&path, "reading", source);
    let damaged = |damage| CorpusError::Damaged {
        path: path.clone(),
        damage,
    };
    let mut file = File::open(&path).map_err(failed)?;
    let head = Head::read(&mut file).map_err(failed)?.map_err(damaged)?;
    if head.path != clip {
        return Err(damaged(Damage::Content("place")));
    }
    let bytes = file.metadata().map_err(failed)?.len();
    let mut digest = Digest::default();
    file.seek(SeekFrom::End(-32))
        .and_then(|_| file.read_exact(&mut digest.0))
        .map_err(failed)?;
    let recorded = Recorded {
        frames: head.frames,
        seen: head.seen,
        crops: head.cropped,
        bytes: bytes.saturating_add(head.crops.bytes),
        sha256: digest,
    };
    Ok((head, recorded))
}

/// The paths of all clips that have a file with this ending in this part of a cache, unsorted.
fn named(folder: &Path, part: &str, ending: &str) -> Result<Vec<String>, CorpusError> {
    let mut names = Vec::new();
    each_file(&folder.join(part), "", &mut |_, name| {
        if let Some(clip) = name.strip_suffix(ending) {
            names.push(clip.to_owned());
        }
        Ok(())
    })?;
    Ok(names)
}

/// Removes what a killed run has left: half files, and crops without a record.
fn sweep(folder: &Path) -> Result<(), CorpusError> {
    for part in [CLIPS, SKIPPED] {
        each_file(&folder.join(part), "", &mut |file, name| {
            let orphan = || {
                let clip = name.strip_suffix(CROPS_ENDING);
                part == CLIPS
                    && clip.is_some_and(|clip| !crate::cache::record_file(folder, clip).exists())
            };
            if name.ends_with(PART_ENDING) || orphan() {
                remove(file)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

type Each<'a> = &'a mut dyn FnMut(&Path, &str) -> Result<(), CorpusError>;

/// Every file below a folder that may not be there, with its path relative to it.
fn each_file(folder: &Path, prefix: &str, each: Each<'_>) -> Result<(), CorpusError> {
    let failed = |source| CorpusError::io(folder, "listing the folder", source);
    let list = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        list => list.map_err(failed)?,
    };
    let mut files: Vec<(PathBuf, String, bool)> = Vec::new();
    for entry in list {
        let entry = entry.map_err(failed)?;
        // A name that is no UTF-8 is none of ours.
        if let Some(name) = entry.file_name().to_str() {
            let is_folder = entry.file_type().map_err(failed)?.is_dir();
            files.push((entry.path(), format!("{prefix}{name}"), is_folder));
        }
    }
    for (file, name, is_folder) in files {
        if is_folder {
            each_file(&file, &format!("{name}/"), each)?;
        } else {
            each(&file, &name)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entries() -> Vec<Entry> {
        let recorded = Recorded {
            frames: 200,
            seen: 198,
            crops: 40,
            bytes: 731_456,
            sha256: Digest::of(b"record"),
        };
        let entry = |clip: &str, outcome| Entry {
            clip: clip.to_owned(),
            speaker: speaker(clip).to_owned(),
            outcome,
        };
        vec![
            entry("id00012/abc/00001.mp4", Outcome::Recorded(recorded)),
            entry(
                "id00012/abc/00002.mp4",
                Outcome::Skipped {
                    skipped: Reason::NoFace,
                },
            ),
        ]
    }

    #[test]
    fn an_index_reads_as_documented() {
        let (text, sums) = text(Digest::of(b"recipe"), &entries());
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].starts_with(r#"{"format":"sfumato-corpus","version":1,"recipe":""#));
        assert!(lines[1].starts_with(
            r#"{"clip":"id00012/abc/00001.mp4","speaker":"id00012","frames":200,"seen":198,"crops":40,"bytes":731456,"sha256":""#
        ));
        assert_eq!(
            lines[2],
            r#"{"clip":"id00012/abc/00002.mp4","speaker":"id00012","skipped":"no-face"}"#
        );
        assert_eq!((sums.clips, sums.skipped, sums.frames), (1, 1, 200));
        assert_eq!(parse(&text), Some((Digest::of(b"recipe"), entries())));
    }

    #[test]
    fn what_is_missing_or_out_of_order_is_noticed() {
        let (whole, _) = text(Digest::of(b"recipe"), &entries());
        let lines: Vec<&str> = whole.lines().collect();
        for missing in 0..lines.len() {
            let mut less = lines.clone();
            less.remove(missing);
            assert_eq!(parse(&(less.join("\n") + "\n")), None, "line {missing}");
        }
        let mut turned = entries();
        turned.reverse();
        assert_eq!(parse(&text(Digest::of(b"recipe"), &turned).0), None);
        assert_eq!(parse(&whole.replace("198", "199")), None);
        assert_eq!(parse(whole.trim_end()), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*") {
            prop_assert_eq!(parse(&text), None);
        }
    }
}
