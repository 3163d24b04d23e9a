//! The painted edges of the lids.
//!
//! The mesh lends the shape of an eye, the paint its place. First the whole shape is moved,
//! tilted, widened and opened until its outline lies on the strongest edges, while it stays where
//! the found iris allows: a resting lid covers the iris' top and touches its bottom. Then each
//! edge may bend a little, as the best path along the painted edge from corner to corner.

use crate::eye::{Light, from_eye, to_eye};
use crate::mouth::smooth;
use sfumato_generator::rig::model::{CURVE, Eye};

/// How far above the iris' middle a resting upper lid lies, least and most, in radii.
const UPPER: [f32; 2] = [0.42, 0.95];
/// How far below the iris' middle a resting lower lid lies, least and most, in radii.
const LOWER: [f32; 2] = [0.72, 1.15];

/// Heights tried for every step along the lid.
const STEPS: usize = 41;

/// Moves the lids of an eye whose iris is known onto the painted edges.
pub fn follow_the_paint(eye: &mut Eye, light: &Light) {
    let light = light.blurred(0.09 * eye.iris_radius);
    let fitted = fit(eye, &light);
    let upper = path(&fitted, &fitted.upper, &light);
    let lower = path(&fitted, &fitted.lower, &light);
    *eye = Eye {
        upper,
        lower,
        ..fitted
    };
    for (low, high) in eye.lower.iter_mut().zip(&eye.upper) {
        *low = low.max(*high);
    }
}

/// A change of the mesh's eye.
#[derive(Clone, Copy, Debug)]
struct Change {
    /// Shift along and across the eye in iris radii, tilt in radians, widening, and opening of
    /// the upper and lower lid as the logarithm of a factor.
    amounts: [f32; 6],
}

impl Change {
    /// How far each amount may plausibly go.
    const SPREAD: [f32; 6] = [0.8, 1.0, 0.16, 0.20, 0.45, 0.35];

    fn apply(&self, eye: &Eye) -> Eye {
        let [along, across, tilt, wide, upper, lower] = self.amounts;
        let centre = from_eye(
            eye,
            along * eye.iris_radius / eye.half_width,
            across * eye.iris_radius,
        );
        let (sin, cos) = tilt.sin_cos();
        let axis = [
            eye.axis[0] * cos - eye.axis[1] * sin,
            eye.axis[0] * sin + eye.axis[1] * cos,
        ];
        Eye {
            centre,
            axis,
            half_width: eye.half_width * wide.exp(),
            upper: eye.upper.iter().map(|v| v * upper.exp()).collect(),
            lower: eye.lower.iter().map(|v| v * lower.exp()).collect(),
            ..eye.clone()
        }
    }
}

/// The mesh's eye, changed to lie on the painted edges.
fn fit(mesh: &Eye, light: &Light) -> Eye {
    let contrast = light.contrast();
    let value = |change: &Change| {
        let eye = change.apply(mesh);
        let unlikely: f32 = change
            .amounts
            .iter()
            .zip(Change::SPREAD)
            .map(|(a, s)| (a / s).powi(2))
            .sum();
        let edges =
            1.2 * edge(&eye, &eye.upper, light, contrast) + edge(&eye, &eye.lower, light, contrast);
        edges - 0.045 * unlikely - 1.5 * against_the_iris(&eye)
    };
    let starts = [-0.8f32, 0.0, 0.8].into_iter().flat_map(|along| {
        [-1.4f32, -0.7, 0.0, 0.7].map(|across| [along, across, 0.0, 0.0, 0.0, 0.0])
    });
    let mut best = (f32::MIN, Change { amounts: [0.0; 6] });
    for amounts in starts {
        let mut here = Change { amounts };
        let mut score = value(&here);
        let mut step = 0.5;
        while step > 0.02 {
            let mut moved = false;
            for axis in 0..here.amounts.len() {
                for sign in [-1.0, 1.0] {
                    let mut next = here;
                    next.amounts[axis] += sign * step * Change::SPREAD[axis];
                    let reached = value(&next);
                    if reached > score {
                        (here, score, moved) = (next, reached, true);
                    }
                }
            }
            if !moved {
                step *= 0.6;
            }
        }
        if score > best.0 {
            best = (score, here);
        }
    }
    best.1.apply(mesh)
}

/// Mean step of colour across a lid's edge, in units of the painting's contrast there.
fn edge(eye: &Eye, curve: &[f32], light: &Light, contrast: f32) -> f32 {
    let near = 0.15 * eye.iris_radius;
    let inner = 2..CURVE - 2;
    let count = inner.len() as f32;
    inner
        .map(|step| {
            let s = 2.0 * step as f32 / (CURVE - 1) as f32 - 1.0;
            step_across(eye, light, s, curve[step], near, contrast)
        })
        .sum::<f32>()
        / count
}

fn step_across(eye: &Eye, light: &Light, s: f32, down: f32, near: f32, contrast: f32) -> f32 {
    let above = light.colour(from_eye(eye, s, down - near));
    let below = light.colour(from_eye(eye, s, down + near));
    let squared: f32 = above
        .iter()
        .zip(below)
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    (squared.sqrt() / (1.7 * contrast)).min(1.5)
}

/// How much the lids contradict the iris, in squared radii.
fn against_the_iris(eye: &Eye) -> f32 {
    let [along, down] = to_eye(eye, eye.iris_centre);
    let outside = (along.abs() - 0.75).max(0.0);
    let index = (((along + 1.0) * 0.5 * (CURVE - 1) as f32) as usize).min(CURVE - 1);
    let beyond = |value: f32, range: [f32; 2]| (value - value.clamp(range[0], range[1])).powi(2);
    let upper = (down - eye.upper[index]) / eye.iris_radius;
    let lower = (eye.lower[index] - down) / eye.iris_radius;
    beyond(upper, UPPER) + beyond(lower, LOWER) + 4.0 * outside * outside
}

/// The best path along an edge, near a curve.
fn path(eye: &Eye, curve: &[f32], light: &Light) -> Vec<f32> {
    let radius = eye.iris_radius;
    let contrast = light.contrast();
    let reach = |column: usize| {
        let s = 2.0 * column as f32 / (CURVE - 1) as f32 - 1.0;
        radius * (0.10 + 0.22 * (1.0 - s * s))
    };
    let offset =
        |column: usize, step: usize| reach(column) * (2.0 * step as f32 / (STEPS - 1) as f32 - 1.0);
    let cost = |column: usize, step: usize| {
        let s = 2.0 * column as f32 / (CURVE - 1) as f32 - 1.0;
        let down = curve[column] + offset(column, step);
        let away = offset(column, step) / radius;
        3.0 * away * away - 0.5 * step_across(eye, light, s, down, 0.12 * radius, contrast)
    };
    let mut best = vec![[0.0f32; STEPS]; CURVE];
    let mut from = vec![[0usize; STEPS]; CURVE];
    for (step, start) in best[0].iter_mut().enumerate() {
        *start = cost(0, step);
    }
    for column in 1..CURVE {
        for step in 0..STEPS {
            let here = offset(column, step);
            let (previous, total) = (0..STEPS)
                .map(|p| {
                    let bend = (here - offset(column - 1, p)) / radius * (CURVE - 1) as f32;
                    (p, best[column - 1][p] + 0.06 * bend * bend)
                })
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((0, 0.0));
            from[column][step] = previous;
            best[column][step] = total + cost(column, step);
        }
    }
    let last = best.len() - 1;
    let mut step = (0..STEPS)
        .min_by(|&a, &b| best[last][a].total_cmp(&best[last][b]))
        .unwrap_or(STEPS / 2);
    let mut found = curve.to_vec();
    for column in (0..CURVE).rev() {
        found[column] = curve[column] + offset(column, step);
        step = from[column][step];
    }
    smooth(&mut found);
    smooth(&mut found);
    found
}
