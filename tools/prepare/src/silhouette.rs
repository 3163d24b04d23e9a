//! Where the sitter ends and the ground begins, found from the painting alone.
//!
//! Two samples of paint are known to begin with: the face with the hair close around it, and the
//! rim of the region above the shoulders. Every other place is compared with both, colour and
//! neighbourhood together, because a landscape's sky and a landscape's road are both ground. A
//! random walk then lets each place ask its neighbours, less so across painted edges, so that
//! the answer follows outlines; what is cut off from the rim or from the face changes sides.
//! Where the two sides of the outline have nearly the same colour the answer is worth nothing,
//! and `confidence` says so.

use crate::frame::Frame;
use crate::plane::Plane;
use sfumato_compositor::Picture;
use sfumato_core::pixels::rgb;
use sfumato_generator::rig::grid::rise;

/// Places along each side of the grid on which the sitter is told from the ground.
pub const SIDE: usize = 160;
const PLACES: usize = SIDE * SIDE;

/// Difference of colour at which paint stops being alike, of full intensity.
const ALIKE: f32 = 0.05;
/// Distance at which a sample stops speaking for a place, region sides.
const NEAR: f32 = 0.22;
/// Share of the rim's other side that must look like a piece of it to call it ground.
const SEEN: f32 = 0.03;
/// How readily unheard-of paint is taken for the sitter's, and for ground: the rim shows most of
/// the ground's colours, the face shows few of a dress's.
const UNHEARD: [f32; 2] = [5e-3, 2e-4];
/// How strongly a place trusts its own colour against its neighbours'.
const TRUST: f32 = 0.03;
/// Difference of colour that counts as a painted edge.
const EDGE: f32 = 0.035;
/// Differences across the outline at which it cannot, and surely can, be told.
const CONTRAST: [f32; 2] = [0.05, 0.12];

/// What [`find`] finds: maps of [`SIDE`] by [`SIDE`] places over the region.
#[derive(Debug)]
pub struct Silhouette {
    /// Share of ground, in [0, 1].
    pub ground: Plane,
    /// How surely head and ground can be told apart near each place, in [0, 1].
    pub confidence: Plane,
}

/// Where a place lies about the face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct About {
    /// Distance to the outline of the face in face widths; negative inside.
    pub distance: f32,
    /// Height: 0 at the top of the forehead, 1 at the chin.
    pub along: f32,
    /// Distance to the upright line through the top of the neck, in face widths.
    pub aside: f32,
}

type Colour = [f32; 3];

#[derive(Clone, Copy)]
struct Sample {
    colour: Colour,
    at: [f32; 2],
}

/// Tells the sitter from the ground; `about` has one entry for each place.
pub fn find(painting: &Picture, frame: &Frame, about: &[About]) -> Silhouette {
    let colours = colours(painting, frame);
    let sure: Vec<Option<bool>> = about.iter().map(surely_ground).collect();
    let sitter = samples(&colours, |i| sure[i] == Some(false));
    let rim = samples(&colours, |i| sure[i] == Some(true));
    // Ground shows on both sides of a head. What at one side of the rim looks like the sitter
    // and like nothing on the other side is the sitter's: a hat or a veil that leaves the region.
    let rim: Vec<Sample> = rim
        .iter()
        .filter(|one| {
            let across = |sample: &Sample| (sample.at[0] - one.at[0]).abs() > 0.4;
            let other = likeness(&rim, one.colour, across);
            other >= SEEN.max(0.6 * likeness(&sitter, one.colour, |_| true))
        })
        .copied()
        .collect();
    let mut ground = Plane::new(SIDE, SIDE, 0.0);
    let mut figure = sitter;
    let mut behind = rim;
    for _ in 0..2 {
        let belief: Vec<f32> = (0..PLACES)
            .map(|i| belief(&figure, &behind, colours[i], place(i), &about[i]))
            .collect();
        ground = walk(&colours, &belief, &sure);
        keep_together(&mut ground, &sure);
        let found = &ground.values;
        figure = samples(&colours, |i| sure[i] == Some(false) || found[i] < 0.1);
        behind = samples(&colours, |i| found[i] > 0.9);
    }
    let confidence = confidence(&colours, &ground);
    Silhouette { ground, confidence }
}

/// What a place must be by where it lies, if that is enough to tell.
fn surely_ground(about: &About) -> Option<bool> {
    let below = (about.along - 1.0).max(0.0);
    let neck = about.along > 0.9 && about.aside < 0.16 + 0.35 * below;
    if about.distance < 0.01 || neck {
        Some(false)
    } else if about.distance > 0.62 && about.along < 0.85 {
        Some(true)
    } else {
        None
    }
}

fn place(index: usize) -> [f32; 2] {
    let at = |i: usize| (i as f32 + 0.5) / SIDE as f32;
    [at(index % SIDE), at(index / SIDE)]
}

fn apart(a: [f32; 2], b: [f32; 2]) -> f32 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// Squared difference of colour; hue counts more than its small numbers say.
fn unlike(a: Colour, b: Colour) -> f32 {
    let d: Colour = core::array::from_fn(|i| a[i] - b[i]);
    d[0] * d[0] + 2.0 * (d[1] * d[1] + d[2] * d[2])
}

/// Mean brightness, red against green, and yellow against blue of every place.
fn colours(painting: &Picture, frame: &Frame) -> Vec<Colour> {
    let unit = frame.unit() / SIDE as f32;
    let reach = ((0.5 * unit) as i64).max(0);
    let step = (reach / 3).max(1) as usize;
    (0..PLACES)
        .map(|index| {
            let [x, y] = frame.pixel(place(index));
            let (mut sum, mut count) = ([0.0_f32; 3], 0.0_f32);
            for dy in (-reach..=reach).step_by(step) {
                for dx in (-reach..=reach).step_by(step) {
                    let column = (x as i64 + dx).clamp(0, i64::from(painting.width()) - 1);
                    let row = (y as i64 + dy).clamp(0, i64::from(painting.height()) - 1);
                    let pixel = painting.get(column as u32, row as u32).unwrap_or(0);
                    for (sum, byte) in sum.iter_mut().zip(rgb(pixel)) {
                        // Stored values are already close to how bright paint looks.
                        *sum += f32::from(byte) / 255.0;
                    }
                    count += 1.0;
                }
            }
            let [r, g, b] = sum.map(|sum| sum / count);
            [(r + g + b) / 3.0, r - g, 0.5 * (r + g) - b]
        })
        .collect()
}

/// At most a thousand of the places that `pick` picks, evenly.
fn samples(colours: &[Colour], pick: impl Fn(usize) -> bool) -> Vec<Sample> {
    let picked: Vec<usize> = (0..PLACES).filter(|&i| pick(i)).collect();
    let step = picked.len().div_ceil(1000).max(1);
    picked
        .iter()
        .step_by(step)
        .map(|&i| Sample {
            colour: colours[i],
            at: place(i),
        })
        .collect()
}

/// How many of the samples look roughly like `colour`, as a share of those that count.
fn likeness(samples: &[Sample], colour: Colour, counts: impl Fn(&Sample) -> bool) -> f32 {
    let (mut sum, mut all) = (1e-4, 1e-2);
    for sample in samples.iter().filter(|sample| counts(sample)) {
        sum += (-0.125 * unlike(sample.colour, colour) / (ALIKE * ALIKE)).exp();
        all += 1.0;
    }
    sum / all
}

/// Belief in ground, by what the place's paint looks like and by how far it is from the face.
fn belief(
    figure: &[Sample],
    behind: &[Sample],
    colour: Colour,
    at: [f32; 2],
    about: &About,
) -> f32 {
    let near = |samples: &[Sample], unheard: f32| {
        let mut sum = 0.0;
        for sample in samples {
            let far = apart(sample.at, at) / NEAR;
            let off = unlike(sample.colour, colour) / (ALIKE * ALIKE);
            sum += (-0.5 * (far * far + off)).exp();
        }
        sum / (samples.len() as f32).max(1.0) + unheard
    };
    // Below the chin are shoulders, wider than the head.
    let shoulders = rise(0.9, 1.3, about.along);
    let expected = (about.distance - 0.25 * shoulders).clamp(0.02, 0.7);
    let prior = 0.15 + 0.7 * rise(0.05, 0.6, expected) * (1.0 - 0.6 * shoulders);
    let (front, back) = (
        (1.0 - prior) * near(figure, UNHEARD[0]),
        prior * near(behind, UNHEARD[1]),
    );
    back / (front + back)
}

/// The random walk: smooth where paint is even, free to jump at painted edges.
fn walk(colours: &[Colour], belief: &[f32], sure: &[Option<bool>]) -> Plane {
    let link =
        |a: usize, b: usize| 0.004 + (-0.5 * unlike(colours[a], colours[b]) / (EDGE * EDGE)).exp();
    let mut right = vec![0.0; PLACES];
    let mut down = vec![0.0; PLACES];
    for i in 0..PLACES {
        if i % SIDE + 1 < SIDE {
            right[i] = link(i, i + 1);
        }
        if i + SIDE < PLACES {
            down[i] = link(i, i + SIDE);
        }
    }
    let mut values: Vec<f32> = belief
        .iter()
        .zip(sure)
        .map(|(&belief, sure)| if *sure == Some(false) { 0.0 } else { belief })
        .collect();
    for _ in 0..250 {
        for i in 0..PLACES {
            if sure[i] == Some(false) {
                continue;
            }
            let mut sum = TRUST * belief[i];
            let mut weight = TRUST;
            if i % SIDE > 0 {
                sum += right[i - 1] * values[i - 1];
                weight += right[i - 1];
            }
            if i % SIDE + 1 < SIDE {
                sum += right[i] * values[i + 1];
                weight += right[i];
            }
            if i >= SIDE {
                sum += down[i - SIDE] * values[i - SIDE];
                weight += down[i - SIDE];
            }
            if i + SIDE < PLACES {
                sum += down[i] * values[i + SIDE];
                weight += down[i];
            }
            // A little further than the mean: large even areas settle sooner.
            let mean = sum / weight;
            values[i] = (values[i] + 1.6 * (mean - values[i])).clamp(0.0, 1.0);
        }
    }
    Plane {
        width: SIDE,
        height: SIDE,
        values,
    }
}

/// Ground that does not reach the rim is the sitter's; a sitter's part that does not hang
/// together with the face is ground.
fn keep_together(ground: &mut Plane, sure: &[Option<bool>]) {
    let rim = |i: usize| {
        let (x, y) = (i % SIDE, i / SIDE);
        x == 0 || y == 0 || x + 1 == SIDE
    };
    let values = &ground.values;
    let open = reached(|i| values[i] > 0.5, |i| rim(i) && values[i] > 0.5);
    let solid = reached(|i| !open[i], |i| sure[i] == Some(false));
    for i in 0..PLACES {
        let value = &mut ground.values[i];
        if !open[i] && solid[i] {
            *value = value.min(0.45);
        } else if !solid[i] {
            *value = value.max(0.55);
        }
    }
}

/// The places that can be reached from `from` over places that are `free`.
fn reached(free: impl Fn(usize) -> bool, from: impl Fn(usize) -> bool) -> Vec<bool> {
    let mut seen: Vec<bool> = (0..PLACES).map(|i| free(i) && from(i)).collect();
    let mut open: Vec<usize> = (0..PLACES).filter(|&i| seen[i]).collect();
    while let Some(i) = open.pop() {
        let (x, y) = (i % SIDE, i / SIDE);
        let around = [
            (x > 0).then(|| i - 1),
            (x + 1 < SIDE).then_some(i + 1),
            (y > 0).then(|| i - SIDE),
            (y + 1 < SIDE).then_some(i + SIDE),
        ];
        for next in around.into_iter().flatten() {
            if free(next) && !seen[next] {
                seen[next] = true;
                open.push(next);
            }
        }
    }
    seen
}

/// How different the paint is on the two sides of the outline, spread to where it is asked for.
fn confidence(colours: &[Colour], ground: &Plane) -> Plane {
    const REACH: i64 = 4;
    let mut sum = Plane::new(SIDE, SIDE, 0.0);
    let mut count = Plane::new(SIDE, SIDE, 0.0);
    let side = SIDE as i64;
    for i in 0..PLACES {
        let (x, y) = ((i % SIDE) as i64, (i / SIDE) as i64);
        let here = ground.values[i] > 0.5;
        if (ground.get(x + 1, y) > 0.5) == here && (ground.get(x, y + 1) > 0.5) == here {
            continue;
        }
        let mut mean = [[0.0_f32; 4]; 2];
        for dy in -REACH..=REACH {
            for dx in -REACH..=REACH {
                let (column, row) = (x + dx, y + dy);
                if !(0..side).contains(&column) || !(0..side).contains(&row) {
                    continue;
                }
                let j = (row * side + column) as usize;
                let mean = &mut mean[usize::from(ground.values[j] > 0.5)];
                for (mean, value) in mean.iter_mut().zip(colours[j]) {
                    *mean += value;
                }
                mean[3] += 1.0;
            }
        }
        let [front, back] = mean.map(|[a, b, c, n]| [a, b, c].map(|v| v / n.max(1.0)));
        sum.values[i] = rise(CONTRAST[0], CONTRAST[1], unlike(front, back).sqrt());
        count.values[i] = 1.0;
    }
    // From far to near: what the outline close by says counts more.
    let mut confidence = Plane::new(SIDE, SIDE, 0.0);
    for sigma in [28.0, 14.0, 5.0] {
        let (sums, counts) = (sum.blurred(sigma), count.blurred(sigma));
        for i in 0..PLACES {
            // A straight outline through the place counts about 0.4 / sigma.
            let heard = 1.0 - (-counts.values[i] * sigma / 0.1).exp();
            let said = sums.values[i] / counts.values[i].max(1e-9);
            confidence.values[i] += heard * (said - confidence.values[i]);
        }
    }
    confidence
}
