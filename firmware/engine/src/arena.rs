//! Which tensors may share memory: those that are never alive at the same time.

use alloc::vec::Vec;
use core::ops::Range;

/// From the step that writes a tensor to the last one that reads it, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Life {
    pub birth: usize,
    pub death: usize,
    pub bytes: usize,
}

/// Places start at multiples of a cache line.
const LINE: usize = 64;

/// A place in the arena for each tensor, and the arena's length in bytes.
///
/// Large tensors choose first; each takes the lowest gap among the places of those that live at
/// the same time. Tensors that never live together may overlap.
pub(crate) fn place(lives: &[Life]) -> (Vec<Range<usize>>, usize) {
    let mut places = alloc::vec![0..0; lives.len()];
    let mut order: Vec<usize> = (0..lives.len()).collect();
    order.sort_by_key(|&tensor| core::cmp::Reverse(lives[tensor].bytes));
    let mut placed: Vec<usize> = Vec::new();
    let mut length = 0;
    for tensor in order {
        let life = lives[tensor];
        let together = |other: &Life| life.birth <= other.death && other.birth <= life.death;
        let mut taken: Vec<Range<usize>> = placed
            .iter()
            .filter(|&&other| together(&lives[other]))
            .map(|&other| places[other].clone())
            .collect();
        taken.sort_by_key(|range| range.start);
        let mut start = 0;
        for range in taken {
            if start + life.bytes <= range.start {
                break;
            }
            start = start.max(range.end.next_multiple_of(LINE));
        }
        places[tensor] = start..start + life.bytes;
        length = length.max(start + life.bytes);
        placed.push(tensor);
    }
    (places, length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_chain_needs_two_places() {
        let life = |birth| Life {
            birth,
            death: birth + 1,
            bytes: 640,
        };
        let (places, length) = place(&[life(0), life(1), life(2), life(3)]);
        assert_eq!(length, 1280);
        assert_eq!(places[0], places[2]);
    }

    proptest! {
        #[test]
        fn tensors_that_live_together_lie_apart(
            lives in prop::collection::vec((0usize..20, 0usize..6, 1usize..500), 1..30),
        ) {
            let lives: Vec<Life> = lives
                .into_iter()
                .map(|(birth, span, bytes)| Life { birth, death: birth + span, bytes })
                .collect();
            let (places, length) = place(&lives);
            for (i, a) in lives.iter().enumerate() {
                prop_assert!(places[i].len() == a.bytes && places[i].end <= length);
                for (j, b) in lives.iter().enumerate().skip(i + 1) {
                    let together = a.birth <= b.death && b.birth <= a.death;
                    let apart = places[i].end <= places[j].start || places[j].end <= places[i].start;
                    prop_assert!(apart || !together);
                }
            }
        }
    }
}
