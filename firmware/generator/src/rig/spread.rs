//! Movements of landmarks, spread smoothly over the skin between them.
//!
//! A Gaussian mean of the landmarks around (Nadaraya and Watson 1964), which falls to nothing beyond them. Where lips part,
//! a lip's own landmarks count for that lip alone.

use super::grid::{NODES, node};
use super::shapes::Lip;

/// How far a landmark's movement spreads, widths of the face.
const REACH: f32 = 0.045;

/// Below this sum of weights a place lies beyond the landmarks.
const BEYOND: f32 = 0.8;

/// Landmarks of the upper lip between the corners.
pub const UPPER_LIP: [usize; 36] = [
    185, 40, 39, 37, 0, 267, 269, 270, 409, 184, 74, 73, 72, 11, 302, 303, 304, 408, 183, 42, 41,
    38, 12, 268, 271, 272, 407, 191, 80, 81, 82, 13, 312, 311, 310, 415,
];

/// Landmarks of the lower lip between the corners.
pub const LOWER_LIP: [usize; 36] = [
    146, 91, 181, 84, 17, 314, 405, 321, 375, 77, 90, 180, 85, 16, 315, 404, 320, 307, 96, 89, 179,
    86, 15, 316, 403, 319, 325, 95, 88, 178, 87, 14, 317, 402, 318, 324,
];

/// Which landmarks count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// All of them.
    All,
    /// All but both lips'.
    BesideLips,
    /// All but the other lip's.
    With(Lip),
}

/// Which landmarks lie around each node of the rig's maps, and how near.
#[derive(Debug)]
pub struct Spread {
    near: Vec<Vec<(usize, f32)>>,
    of_lip: Vec<Option<Lip>>,
}

impl Spread {
    /// Of landmarks `[x, y, depth]` in region sides.
    pub fn new(landmarks: &[[f32; 3]]) -> Spread {
        let xs = landmarks.iter().map(|point| point[0]);
        let (left, right) = xs.fold((f32::MAX, f32::MIN), |(a, b), x| (a.min(x), b.max(x)));
        let reach = (REACH * (right - left)).max(1e-4);
        let near = (0..NODES).map(|index| {
            let (x, y) = node(index);
            let around = landmarks.iter().enumerate().filter_map(|(index, point)| {
                let (dx, dy) = ((point[0] - x) / reach, (point[1] - y) / reach);
                let square = dx * dx + dy * dy;
                (square < 9.0).then(|| (index, libm::expf(-0.5 * square)))
            });
            around.collect()
        });
        let of_lip = (0..landmarks.len()).map(|index| {
            let upper = UPPER_LIP.contains(&index).then_some(Lip::Upper);
            upper.or(LOWER_LIP.contains(&index).then_some(Lip::Lower))
        });
        Spread {
            near: near.collect(),
            of_lip: of_lip.collect(),
        }
    }

    /// What the landmarks' movements make of a node.
    pub fn at(&self, node: usize, moves: &[[f32; 2]], counts: Counts) -> [f32; 2] {
        let mut sum = [0.0; 2];
        let mut weights = 0.0;
        for &(index, weight) in self.near.get(node).into_iter().flatten() {
            let lip = self.of_lip.get(index).copied().flatten();
            let counted = match counts {
                Counts::All => true,
                Counts::BesideLips => lip.is_none(),
                Counts::With(one) => lip.is_none_or(|lip| lip == one),
            };
            let Some(moved) = moves.get(index).filter(|_| counted) else {
                continue;
            };
            weights += weight;
            for (sum, moved) in sum.iter_mut().zip(moved) {
                *sum += weight * moved;
            }
        }
        sum.map(|sum| sum / weights.max(BEYOND))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rig::grid::SIDE;

    /// Landmarks on a square grid over the middle of the region.
    fn landmarks() -> Vec<[f32; 3]> {
        (0..468)
            .map(|i| {
                [
                    0.3 + 0.4 * (i % 22) as f32 / 21.0,
                    0.3 + 0.4 * (i / 22) as f32 / 21.0,
                    0.0,
                ]
            })
            .collect()
    }

    #[test]
    fn what_moves_alike_moves_all_between_and_nothing_far_away() {
        let spread = Spread::new(&landmarks());
        let moves = vec![[0.01, -0.02]; 468];
        let [x, y] = spread.at(64 * SIDE + 64, &moves, Counts::All);
        assert!((x - 0.01).abs() < 1e-5 && (y + 0.02).abs() < 1e-5);
        assert_eq!(spread.at(5 * SIDE + 5, &moves, Counts::All), [0.0; 2]);
    }

    #[test]
    fn a_lip_does_not_move_the_other() {
        let spread = Spread::new(&landmarks());
        let mut moves = vec![[0.0; 2]; 468];
        for index in LOWER_LIP {
            moves[index] = [0.0, 0.03];
        }
        let at = landmarks()[14];
        let node = (at[1] * SIDE as f32) as usize * SIDE + (at[0] * SIDE as f32) as usize;
        let [lower, upper, beside] = [
            Counts::With(Lip::Lower),
            Counts::With(Lip::Upper),
            Counts::BesideLips,
        ]
        .map(|counts| spread.at(node, &moves, counts)[1]);
        assert!(lower > 0.002);
        assert_eq!((upper, beside), (0.0, 0.0));
    }
}
