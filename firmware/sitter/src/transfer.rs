//! Light worked out beforehand: how each point answers light from anywhere.
//!
//! For a live picture there is no time to cast shadows. So the shadows are cast once: for every
//! point, the light it lets in from each direction is summed into nine numbers (the spherical
//! harmonics up to the second degree, as in Sloan's precomputed radiance transfer). Lighting a
//! frame then costs nine multiplications a point, with soft shadows, folds and all.

use crate::figure::{Figure, Stuff};
use crate::light::{Lamp, directions, survey};
use crate::maths::{Rotation, Vec3, v};
use crate::shot::scatter;

/// Nine numbers for each of red, green and blue.
pub(crate) type Answer = [Vec3; 9];

/// The spherical harmonics of degrees 0 to 2 in a direction.
pub(crate) fn harmonics(d: Vec3) -> [f32; 9] {
    [
        0.282_095,
        0.488_603 * d.y,
        0.488_603 * d.z,
        0.488_603 * d.x,
        1.092_548 * d.x * d.y,
        1.092_548 * d.y * d.z,
        0.315_392 * (3.0 * d.z * d.z - 1.0),
        1.092_548 * d.x * d.z,
        0.546_274 * (d.x * d.x - d.y * d.y),
    ]
}

/// Works out, layer by layer, how every point of the posed figure answers light.
pub(crate) fn answers(figure: &Figure, count: usize, side: usize) -> Vec<Vec<Answer>> {
    let around = directions(count);
    let bases: Vec<[f32; 9]> = around.iter().map(|&d| harmonics(d)).collect();
    let mut all: Vec<Vec<[f32; 9]>> = figure
        .layers
        .iter()
        .map(|l| vec![[0.0; 9]; l.points.len()])
        .collect();
    // A sphere's worth of solid angle, shared out.
    let each = 4.0 * core::f32::consts::PI / count as f32;
    survey(
        figure,
        &around,
        (v(0.0, -9.0, -3.0), 31.0, side),
        |n, l, i, answer| {
            for (sum, basis) in all[l][i].iter_mut().zip(&bases[n]) {
                *sum += basis * answer * each;
            }
        },
    );
    figure
        .layers
        .iter()
        .zip(all)
        .map(|(layer, sums)| {
            let mut answers: Vec<Answer> = sums.iter().map(|sum| sum.map(|s| v(s, s, s))).collect();
            if layer.stuff == Stuff::Skin {
                let mut one = vec![Vec3::ZERO; answers.len()];
                for k in 0..9 {
                    for (to, from) in one.iter_mut().zip(&answers) {
                        *to = from[k];
                    }
                    scatter(&mut one, &layer.triangles, [5, 2, 1]);
                    for (to, from) in answers.iter_mut().zip(&one) {
                        to[k] = *from;
                    }
                }
            }
            answers
        })
        .collect()
}

/// The lamps as seen by something turned by `turn`, in harmonics.
pub(crate) fn surroundings(lamps: &[Lamp], turn: &Rotation) -> Answer {
    let mut sum = [Vec3::ZERO; 9];
    for lamp in lamps {
        let basis = harmonics(turn.undo(lamp.toward));
        for (to, b) in sum.iter_mut().zip(basis) {
            *to += lamp.strength * b;
        }
    }
    sum
}

/// What a point sends back of the surroundings.
pub(crate) fn lit(answer: &Answer, surroundings: &Answer) -> Vec3 {
    let mut sum = Vec3::ZERO;
    for (a, s) in answer.iter().zip(surroundings) {
        sum += a.times(*s);
    }
    sum.map(|x| x.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmonics_are_orthonormal() {
        let around = directions(4000);
        let weight = 4.0 * core::f32::consts::PI / around.len() as f32;
        for a in 0..9 {
            for b in 0..9 {
                let sum: f32 = around
                    .iter()
                    .map(|&d| harmonics(d)[a] * harmonics(d)[b] * weight)
                    .sum();
                let want = if a == b { 1.0 } else { 0.0 };
                assert!((sum - want).abs() < 0.02, "{a} {b}: {sum}");
            }
        }
    }
}
