//! How far apart two faces are in shape, whatever they do and however they are turned.

use crate::measure::RIGID_POINTS;
use crate::rigid::{self, Vector};
use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{LANDMARKS, Landmark};

/// Pose-free distance of two faces' shapes, millimetres on an average face.
///
/// Both are laid upright and frontal over the canonical face by a rigid fit, and the 35 points that
/// neither lips nor lids move are compared. None where either is no face. It sees a face that is another's, squeezed or stretched;
/// it does not see skin, hair or colour.
pub fn apart(one: &[Landmark; LANDMARKS], other: &[Landmark; LANDMARKS]) -> Option<f32> {
    distance(one, other, [1.0; 3])
}

/// The same as seen from the front: without the depth, which a face mesh guesses by the head's turn.
pub fn apart_from_the_front(
    one: &[Landmark; LANDMARKS],
    other: &[Landmark; LANDMARKS],
) -> Option<f32> {
    distance(one, other, [1.0, 1.0, 0.0])
}

fn distance(
    one: &[Landmark; LANDMARKS],
    other: &[Landmark; LANDMARKS],
    counts: Vector,
) -> Option<f32> {
    let (a, b) = (upright(one)?, upright(other)?);
    let apart = a.iter().zip(&b).map(|(a, b)| {
        let d = rigid::subtract(*a, *b);
        libm::sqrtf(d.iter().zip(counts).map(|(x, c)| c * x * x).sum())
    });
    Some(10.0 * apart.sum::<f32>() / RIGID_POINTS.len() as f32)
}

fn upright(landmarks: &[Landmark; LANDMARKS]) -> Option<[Vector; RIGID_POINTS.len()]> {
    let from = RIGID_POINTS.map(|index| VERTICES[index]);
    let to = RIGID_POINTS.map(|index| {
        let Landmark { x, y, z } = landmarks[index];
        [x, -y, -z]
    });
    let fit = rigid::fit(&from, &to)?;
    Some(to.map(|point| fit.undo(point)))
}
