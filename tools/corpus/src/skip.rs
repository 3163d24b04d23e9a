//! Clips of which nothing is kept, and why.
//!
//! Such a clip has a file too, `skipped/PATH.json`, so that it is not tried again, and so that
//! merging loses nobody's reason.

use crate::digest::Digest;
use crate::record::Content;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Why nothing is kept of a clip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It cannot be decoded, or ends long before its end.
    Damaged,
    /// No face is seen in it.
    NoFace,
    /// The face is seen for less than a second.
    TooShort,
    /// It has more frames than are held in memory.
    TooLong,
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Reason::Damaged => "damaged",
            Reason::NoFace => "no face",
            Reason::TooShort => "too short",
            Reason::TooLong => "too long",
        })
    }
}

/// A clip of which nothing is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skip {
    /// Its path relative to ROOT.
    pub clip: String,
    /// Why.
    pub reason: Reason,
    /// The same in words, with what the decoder said.
    pub because: String,
    /// Its file's size in bytes; 0 where it could not be read.
    pub source_bytes: u64,
    /// Its file's SHA-256.
    pub source_sha256: Digest,
    /// SHA-256 of the recipe.
    pub recipe: Digest,
}

impl Skip {
    /// The clip's file.
    pub fn source(&self) -> Content {
        Content {
            bytes: self.source_bytes,
            digest: self.source_sha256,
        }
    }

    /// As it stands in its file.
    pub fn text(&self) -> String {
        // Text and numbers can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// What a decoder said, without what differs from run to run or from machine to machine: where the file lies, and
/// addresses in memory.
pub fn plain(said: &str, file: &std::path::Path, clip: &str) -> String {
    let said = said.replace(&file.display().to_string(), clip);
    let mut plain = String::with_capacity(said.len());
    let mut rest = said.as_str();
    while let Some((before, after)) = rest.split_once(" @ 0x") {
        plain.push_str(before);
        rest = after.trim_start_matches(|c: char| c.is_ascii_hexdigit());
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_decoder_says_is_the_same_everywhere() {
        let file = std::path::Path::new("/data/vox/id1/v/1.mp4");
        let said = "/data/vox/id1/v/1.mp4: not a video: [mov,mp4 @ 0x55d0c0ffee40] moov atom not found in file:/data/vox/id1/v/1.mp4 @ 0xAB";
        assert_eq!(
            plain(said, file, "id1/v/1.mp4"),
            "id1/v/1.mp4: not a video: [mov,mp4] moov atom not found in file:id1/v/1.mp4"
        );
    }

    #[test]
    fn written_and_read_back() {
        let skip = Skip {
            clip: "a/\"b\".mp4".to_owned(),
            reason: Reason::NoFace,
            because: "nobody".to_owned(),
            source_bytes: 7,
            source_sha256: Digest::of(b"clip"),
            recipe: Digest::of(b"recipe"),
        };
        assert_eq!(serde_json::from_str::<Skip>(&skip.text()).unwrap(), skip);
        assert!(skip.text().contains("\"no-face\""));
    }
}
