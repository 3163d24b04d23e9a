//! How a cache was made: all that decides its bytes beside the clips.
//!
//! Kept in `recipe.json`. Records carry its SHA-256, so that one made otherwise is found out and made anew, and
//! caches made otherwise are not merged.

use crate::digest::Digest;
use crate::{align, record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Raised with every change that makes other bytes of the same clip.
pub const RULES: u32 = 1;

/// Which frames get a crop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// As many as come out at no more than so many a second, evenly.
    PerSecond(u32),
    /// Every so-manieth frame.
    Every(u32),
}

impl Choice {
    /// A crop every so many frames, for frames so many microseconds apart; 1 at the least.
    pub fn step(self, interval: u64) -> usize {
        match self {
            Choice::Every(step) => step.max(1) as usize,
            Choice::PerSecond(count) => {
                // Times are rounded to microseconds; a thousandth more is not a frame more.
                let apart = 1_000_000 / u64::from(count.max(1));
                let step = (apart - apart / 1000).div_ceil(interval.max(1));
                usize::try_from(step).unwrap_or(usize::MAX).max(1)
            }
        }
    }
}

/// All that decides a cache's bytes beside the clips.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    /// The format of records.
    pub format: u16,
    /// [`RULES`].
    pub rules: u32,
    /// The program and its version.
    pub program: String,
    /// SHA-256 of each network, by name.
    pub models: BTreeMap<String, Digest>,
    /// Columns and rows of a crop.
    pub side: u32,
    /// Which frames get a crop.
    pub crops: Choice,
    /// JPEG quality of crops, 1 to 100.
    pub quality: u8,
    /// The least time for which the face must be seen, milliseconds.
    pub shortest: u32,
    /// The most frames of a clip.
    pub longest: u32,
}

impl Recipe {
    /// Of this version, with a program, its networks, and a choice of frames.
    pub fn new(program: String, models: BTreeMap<String, Digest>, crops: Choice) -> Recipe {
        Recipe {
            format: record::VERSION,
            rules: RULES,
            program,
            models,
            side: align::SIDE as u32,
            crops,
            quality: 90,
            shortest: 1_000,
            longest: 15_000,
        }
    }

    /// As it stands in `recipe.json`.
    pub fn text(&self) -> String {
        // Only maps whose keys are no text cannot be written.
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        text + "\n"
    }

    /// SHA-256 of that text.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text().as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_five_a_second() {
        let step =
            |frames_per_second: f64| Choice::PerSecond(5).step((1e6 / frames_per_second) as u64);
        assert_eq!(
            [step(12.0), step(25.0), step(29.97), step(30.0), step(60.0)],
            [3, 5, 6, 6, 12]
        );
        assert_eq!([step(5.0), step(2.0), step(1e9)], [1, 1, 199_800]);
        assert_eq!(Choice::Every(0).step(40_000), 1);
        assert_eq!(Choice::Every(3).step(1), 3);
    }

    #[test]
    fn any_other_recipe_has_another_digest() {
        let recipe = |program: &str, crops| Recipe::new(program.to_owned(), BTreeMap::new(), crops);
        let one = recipe("atelier 0.1.0", Choice::PerSecond(5));
        let read: Recipe = serde_json::from_str(&one.text()).unwrap();
        assert_eq!(read, one);
        assert_ne!(
            one.digest(),
            recipe("atelier 0.1.1", Choice::PerSecond(5)).digest()
        );
        assert_ne!(
            one.digest(),
            recipe("atelier 0.1.0", Choice::Every(5)).digest()
        );
    }
}
