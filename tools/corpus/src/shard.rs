//! Which machine takes which clips.
//!
//! A clip belongs to the shard that the first eight bytes of its path's SHA-256, read as a big-endian number, leave as
//! remainder when divided by the number of shards. That depends on the path alone: not on the order of a folder, and
//! not on which clips another machine has.

use crate::CorpusError;
use crate::digest::Digest;
use std::fmt;
use std::str::FromStr;

/// One part of all clips: `INDEX/COUNT`, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// All clips.
    pub const ALL: Shard = Shard { index: 0, count: 1 };

    /// The part `index` of `count`; none when there is no such part.
    pub fn new(index: u32, count: u32) -> Option<Shard> {
        (index < count).then_some(Shard { index, count })
    }

    /// Whether the clip of this path, relative to ROOT, belongs to it.
    pub fn has(&self, path: &str) -> bool {
        let [a, b, c, d, e, f, g, h, ..] = Digest::of(path.as_bytes()).0;
        let number = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        number % u64::from(self.count) == u64::from(self.index)
    }
}

impl FromStr for Shard {
    type Err = CorpusError;

    fn from_str(text: &str) -> Result<Shard, CorpusError> {
        text.split_once('/')
            .and_then(|(index, count)| Shard::new(index.parse().ok()?, count.parse().ok()?))
            .ok_or_else(|| CorpusError::Shard {
                text: text.to_owned(),
            })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.index, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_is_read() {
        assert_eq!("3/64".parse::<Shard>().unwrap(), Shard::new(3, 64).unwrap());
        for wrong in ["", "3", "64/64", "-1/4", "0/0", "a/b", "1/2/3", " 1/2"] {
            let error = wrong.parse::<Shard>().unwrap_err().to_string();
            assert!(error.contains("INDEX/COUNT"), "{error}");
        }
    }

    #[test]
    fn the_split_never_changes() {
        // The path's SHA-256 begins bc296af984110a4d, which leaves 2; a changed rule would scatter people's caches.
        assert!(Shard::new(2, 7).unwrap().has("id00012/abc/00001.mp4"));
    }

    #[test]
    fn shards_are_of_about_one_size() {
        let mut counts = [0; 8];
        for clip in 0..8000 {
            let path = format!("id{:05}/video/{clip:05}.mp4", clip / 100);
            for (index, count) in (0..).zip(&mut counts) {
                *count += usize::from(Shard::new(index, 8).unwrap().has(&path));
            }
        }
        assert_eq!(counts.iter().sum::<usize>(), 8000);
        assert!(
            counts.iter().all(|count| (850..1150).contains(count)),
            "{counts:?}"
        );
    }

    proptest! {
        #[test]
        fn every_clip_belongs_to_one_shard(path in ".*", count in 1u32..50) {
            let takers = (0..count).filter(|index| Shard::new(*index, count).unwrap().has(&path));
            prop_assert_eq!(takers.count(), 1);
            prop_assert!(Shard::ALL.has(&path));
        }
    }
}
