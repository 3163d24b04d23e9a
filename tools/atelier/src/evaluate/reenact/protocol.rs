//! Which frames are given, and which are judged.
//!
//! Among the frames in which the face is seen: one picture is the first of them, as papers have it. K pictures are the
//! first and K - 1 more, evenly apart over the clip: of `n` frames those at `n j / K`, rounded down. So the one picture is among the
//! 8, and the 8 are among the 32. No frame that any number of pictures uses is judged, for nobody: all numbers and both
//! baselines are judged on the same frames.

use anyhow::{Result, bail};
use std::collections::BTreeSet;

/// Fewer judged frames than this say nothing.
pub const FEWEST: usize = 10;

/// The frames of a clip, by what they are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// For each number of pictures, in the order asked for: the given frames, the first one first.
    pub given: Vec<(usize, Vec<usize>)>,
    /// Every frame that is judged.
    pub judged: Vec<usize>,
}

impl Protocol {
    /// Of a clip's frames, in which the face is seen or not; every `every`th of the others is judged.
    pub fn new(seen: &[bool], counts: &[usize], every: usize) -> Result<Protocol> {
        let there: Vec<usize> = (0..seen.len()).filter(|&frame| seen[frame]).collect();
        let mut given = Vec::new();
        for &count in counts {
            if count == 0 {
                bail!("--k 0: a portrait needs at least one picture");
            }
            if count > there.len() {
                bail!(
                    "--k {count}: the face is seen in only {} of the clip's {} frames; ask for fewer pictures",
                    there.len(),
                    seen.len()
                );
            }
            let place = |index: usize| there.get(there.len() * index / count).copied();
            given.push((count, (0..count).filter_map(place).collect::<Vec<usize>>()));
        }
        let used: BTreeSet<usize> = given
            .iter()
            .flat_map(|(_, frames)| frames)
            .copied()
            .collect();
        let held_out = there.iter().filter(|frame| !used.contains(frame));
        let judged: Vec<usize> = held_out.copied().step_by(every.max(1)).collect();
        if judged.len() < FEWEST {
            bail!(
                "only {} frames are left to judge, fewer than {FEWEST}; give fewer pictures (--k), judge \
                 more of the frames (--every) or take a longer clip",
                judged.len()
            );
        }
        Ok(Protocol { given, judged })
    }

    /// Every given frame once, in order.
    pub fn all_given(&self) -> BTreeSet<usize> {
        let all = self.given.iter().flat_map(|(_, frames)| frames);
        all.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_picture_is_the_first_in_which_the_face_is_seen() {
        let mut seen = vec![true; 100];
        seen[..5].fill(false);
        let protocol = Protocol::new(&seen, &[1, 8], 1).unwrap();
        assert_eq!(protocol.given[0], (1, vec![5]));
        assert_eq!(protocol.given[1].1, [5, 16, 28, 40, 52, 64, 76, 88]);
        assert_eq!(protocol.judged.len(), 95 - 8);
    }

    #[test]
    fn too_little_is_refused_with_a_cure() {
        let told = |seen: usize, counts: &[usize], every| {
            Protocol::new(&vec![true; seen], counts, every)
                .unwrap_err()
                .to_string()
        };
        assert!(told(23, &[1, 32], 1).contains("ask for fewer pictures"));
        assert!(told(40, &[32], 1).contains("fewer than 10"));
        assert!(told(90, &[1], 10).contains("--every"));
        assert!(told(90, &[0], 1).contains("at least one"));
    }

    proptest! {
        #[test]
        fn nobody_is_judged_on_what_was_given(frames in 60usize..400, every in 1usize..3) {
            let seen = vec![true; frames];
            let protocol = Protocol::new(&seen, &[1, 8, 32], every).unwrap();
            for (count, given) in &protocol.given {
                prop_assert_eq!(given.len(), *count);
                prop_assert!(given.windows(2).all(|pair| pair[0] < pair[1]));
                prop_assert!(given.iter().all(|frame| !protocol.judged.contains(frame)));
            }
            let holds = |more: usize, fewer: usize| {
                protocol.given[fewer].1.iter().all(|frame| protocol.given[more].1.contains(frame))
            };
            prop_assert!(holds(1, 0) && holds(2, 1));
        }
    }
}
