//! The painted edges of the lids.
//!
//! The mesh lends the shape of an eye, the paint its place. First the whole shape is moved,
//! tilted, widened and opened until its outline lies on the strongest edges and holds what is not
//! skin (see [`crate::skin`]), while it stays where the found iris allows: a resting lid covers the
//! iris' top and touches its bottom. Then each edge may bend a little, as the best path along the
//! painted edge from corner to corner.

use crate::eye::{Light, from_eye};
use crate::mouth::smooth;
use crate::skin::Skin;
use sfumato_generator::rig::model::{CURVE, Eye};

/// How far above the iris' middle a resting upper lid lies, least and most, in radii.
const UPPER: [f32; 2] = [0.42, 0.95];
/// How far below the iris' middle a resting lower lid lies, least and most, in radii.
const LOWER: [f32; 2] = [0.72, 1.15];

/// Outlines tried, and how many of them are improved.
const TRIES: u32 = 600;
const CLIMBS: usize = 12;

/// Heights tried for every step along the lid.
const STEPS: usize = 41;

/// Moves the lids of an eye whose iris is known onto the painted edges.
pub fn follow_the_paint(eye: &mut Eye, light: &Light) {
    let broad = light.blurred(0.15 * eye.iris_radius);
    let skin = Skin::around(eye, &broad);
    let light = light.blurred(0.09 * eye.iris_radius);
    let fitted = fit(eye, &light, &skin);
    let upper = path(&fitted, Lid::Upper, &light);
    let lower = path(&fitted, Lid::Lower, &light);
    *eye = Eye {
        upper,
        lower,
        ..fitted
    };
    for (low, high) in eye.lower.iter_mut().zip(&eye.upper) {
        *low = low.max(*high);
    }
}

/// One of an eye's lids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lid {
    Upper,
    Lower,
}

impl Lid {
    fn edge(self, eye: &Eye) -> &[f32] {
        match self {
            Lid::Upper => &eye.upper,
            Lid::Lower => &eye.lower,
        }
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

    /// One of many changes that fill what is plausible evenly (Halton's sequence, 1960).
    fn spread_out(index: u32) -> Change {
        const BASES: [u32; 6] = [2, 3, 5, 7, 11, 13];
        let radical_inverse = |base: u32| {
            let (mut rest, mut share, mut value) = (index, 1.0, 0.0);
            while rest > 0 {
                share /= base as f32;
                value += share * (rest % base) as f32;
                rest /= base;
            }
            value
        };
        Change {
            amounts: core::array::from_fn(|axis| {
                Change::SPREAD[axis] * 3.0 * (radical_inverse(BASES[axis]) - 0.5)
            }),
        }
    }

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
fn fit(mesh: &Eye, light: &Light, skin: &Skin) -> Eye {
    let contrast = light.contrast();
    let usual = area(mesh).max(1e-9);
    let value = |change: &Change| {
        let eye = change.apply(mesh);
        let unlikely: f32 = change
            .amounts
            .iter()
            .zip(Change::SPREAD)
            .map(|(a, s)| (a / s).powi(2))
            .sum();
        let edges =
            1.2 * edge(&eye, Lid::Upper, light, contrast) + edge(&eye, Lid::Lower, light, contrast);
        let held = foreign(&eye, skin) / usual;
        edges + HOLDS * held
            - UNLIKELY * unlikely
            - 1.5 * against_an_iris(&eye, eye.iris_centre, eye.iris_radius)
    };
    // Edges make many false summits: try the whole of what is plausible, climb from the best.
    let mut tried: Vec<(f32, Change)> = (0..TRIES)
        .map(|index| {
            let change = Change::spread_out(index);
            (value(&change), change)
        })
        .collect();
    tried.sort_by(|a, b| b.0.total_cmp(&a.0));
    tried.truncate(CLIMBS);
    let mut best = (f32::MIN, Change { amounts: [0.0; 6] });
    for (mut score, mut here) in tried {
        let mut step = 0.4;
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

/// A step of colour that is surely an edge: stronger ones count no more, or an outline would
/// rather hug the iris than the eye.
const ENOUGH: f32 = 0.8;

/// What a change of one spread costs.
const UNLIKELY: f32 = 0.12;

/// What a step counts for an upper lid whose far side is brighter.
const BRIGHT_BELOW: f32 = 0.4;

/// How much the opening's contents count against the edges around it.
const HOLDS: f32 = 1.6;

/// A place of the opening counts for it if it is farther from skin than this, else against it.
const FOREIGN: f32 = 0.30;

/// Area between the lids, half widths times region sides.
fn area(eye: &Eye) -> f32 {
    let heights = eye
        .upper
        .iter()
        .zip(&eye.lower)
        .map(|(u, l)| (l - u).max(0.0));
    heights.sum::<f32>() * eye.half_width * 2.0 / (CURVE - 1) as f32
}

/// How much of the opening is no skin, less how much just outside it is none either; in units of
/// [`area`].
fn foreign(eye: &Eye, skin: &Skin) -> f32 {
    const ROWS: usize = 7;
    let band = 0.3 * eye.iris_radius;
    let last = (CURVE - 1) as f32;
    let within = |s: f32, down: f32| skin.distance(from_eye(eye, s, down));
    let at = |s: f32, down: f32| skin.surely_not(from_eye(eye, s, down));
    let mut sum = 0.0;
    for (step, (upper, lower)) in eye.upper.iter().zip(&eye.lower).enumerate() {
        let s = 2.0 * step as f32 / last - 1.0;
        let tall = (lower - upper).max(0.0);
        let inside: f32 = (0..ROWS)
            .map(|row| within(s, upper + tall * (row as f32 + 0.5) / ROWS as f32) - FOREIGN)
            .sum();
        let outside =
            [0.4, 0.9].map(|share| at(s, upper - share * band) + at(s, lower + share * band));
        sum += inside * tall / ROWS as f32 - 0.5 * (outside[0] + outside[1]) * band;
    }
    // Beyond the corners the band is as tall as two of itself.
    let wide = band / eye.half_width;
    for (side, end) in [(-1.0, 0), (1.0, CURVE - 1)] {
        let middle = 0.5 * (eye.upper[end] + eye.lower[end]);
        let beyond: f32 = [0.4, 0.9]
            .into_iter()
            .flat_map(|share| {
                [-0.5, 0.5].map(|down| at(side * (1.0 + share * wide), middle + down * band))
            })
            .sum();
        sum -= 0.25 * beyond * 2.0 * band * wide * 0.5 * last;
    }
    sum * eye.half_width * 2.0 / last
}

/// Mean step of colour across a lid's edge, in units of the painting's contrast there.
fn edge(eye: &Eye, lid: Lid, light: &Light, contrast: f32) -> f32 {
    let near = 0.15 * eye.iris_radius;
    let curve = lid.edge(eye);
    let inner = 2..CURVE - 2;
    let count = inner.len() as f32;
    inner
        .map(|step| {
            let s = 2.0 * step as f32 / (CURVE - 1) as f32 - 1.0;
            step_across(eye, light, lid, [s, curve[step]], near, contrast)
        })
        .sum::<f32>()
        / count
}

fn step_across(
    eye: &Eye,
    light: &Light,
    lid: Lid,
    [s, down]: [f32; 2],
    near: f32,
    contrast: f32,
) -> f32 {
    let above = light.colour(from_eye(eye, s, down - near));
    let below = light.colour(from_eye(eye, s, down + near));
    let squared: f32 = above
        .iter()
        .zip(below)
        .map(|(a, b)| (a - b) * (a - b))
        .sum();
    let step = (squared.sqrt() / (1.7 * contrast)).min(ENOUGH);
    // Lashes and their shadow darken the edge of an upper lid from below; a crease or a bright rim
    // above it is dark from above.
    let brighter = below.iter().sum::<f32>() > above.iter().sum::<f32>();
    if lid == Lid::Upper && brighter {
        BRIGHT_BELOW * step
    } else {
        step
    }
}

/// How much the lids contradict an iris, in squared radii.
pub fn against_an_iris(eye: &Eye, centre: [f32; 2], radius: f32) -> f32 {
    let [along, down] = eye.place(centre[0], centre[1]);
    let outside = (along.abs() - 0.75).max(0.0);
    let index = (((along + 1.0) * 0.5 * (CURVE - 1) as f32) as usize).min(CURVE - 1);
    let beyond = |value: f32, range: [f32; 2]| (value - value.clamp(range[0], range[1])).powi(2);
    let upper = (down - eye.upper[index]) / radius;
    let lower = (eye.lower[index] - down) / radius;
    beyond(upper, UPPER) + beyond(lower, LOWER) + 4.0 * outside * outside
}

/// The best path along an edge, near a curve.
fn path(eye: &Eye, lid: Lid, light: &Light) -> Vec<f32> {
    let curve = lid.edge(eye);
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
        3.0 * away * away - 0.5 * step_across(eye, light, lid, [s, down], 0.12 * radius, contrast)
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
