//! The ground behind the sitter, painted on where the sitter hides it.
//!
//! The silhouette is found on a coarse grid; the matte follows the paint itself (a guided
//! filter), so that its edge is as sharp or as soft as the painter's. Behind the sitter the
//! ground goes on smoothly, with the texture of the ground across the outline mirrored into it:
//! a strip of it is all that ever shows. Where the painting is nothing but ground the plate *is*
//! the painting, so that ground which stays behind does not change at all.

use crate::frame::Frame;
use crate::head::Head;
use crate::plane::{Plane, fill_smoothly};
use crate::silhouette::{SIDE as PLACES, Silhouette};
use sfumato_compositor::Picture;
use sfumato_core::pixels::{rgb, xrgb};
use sfumato_generator::rig::grid::{NODES, SIDE, node, rise};

/// Largest side of the pictures that the matte and the fill are worked out on, pixels.
const WORK: usize = 640;
/// Radius of the guided filter, region sides.
const GUIDE: f32 = 0.012;
/// Contrast below which the guided filter sees an even area, of full intensity.
const EVEN: f32 = 0.035;
/// Share of ground below which the plate counts as hidden.
const HIDDEN: f32 = 0.95;
/// Width of what the matte's edge may miss of the sitter's paint, region sides.
const FRINGE: f32 = 0.006;
/// How far a rim's paint may differ from the tone and still be the ground's, of full intensity.
const OWN: f32 = 0.04;
/// Scale of a rim's own texture, region sides.
const FINE: f32 = 0.003;
/// Distance behind the outline up to which texture is mirrored, region sides.
const MIRROR: f32 = 0.14;
/// Scale of what counts as texture rather than tone, region sides.
const TEXTURE: f32 = 0.012;
/// How far beyond the outline the ground is free to be covered by a moving head, region sides:
/// the top of a hat that leans by 12 degrees goes about so far.
const BAND: [f32; 2] = [0.10, 0.24];

/// What [`paint`] makes.
#[derive(Debug)]
pub struct Background {
    /// The plate over the region, its top byte the share of ground; none if it cannot be told.
    pub plate: Option<Picture>,
    /// How much the plate counts at every node of the rig's maps, in [0, 1].
    pub shows: Vec<f32>,
    /// Share of ground, smooth, at every node.
    ground: Vec<f32>,
    /// How surely the outline is known, at every node.
    confidence: Vec<f32>,
}

/// Paints the plate.
pub fn paint(painting: &Picture, frame: &Frame, silhouette: &Silhouette) -> Background {
    let work = (frame.region.width as usize).min(WORK);
    let small = shrunk(painting, frame, work);
    let matte = matte(&small, silhouette);
    let scale = PLACES as f32 / work as f32;
    let mut share = matte.clone();
    for (i, value) in share.values.iter_mut().enumerate() {
        let (x, y) = ((i % work) as f32 + 0.5, (i / work) as f32 + 0.5);
        let confidence = silhouette.confidence.read(x * scale, y * scale);
        *value *= rise(0.4, 0.65, confidence);
    }
    let nodes = |plane: &Plane| -> Vec<f32> {
        (0..NODES)
            .map(|index| {
                let (x, y) = node(index);
                plane.read(x * plane.width as f32, y * plane.height as f32)
            })
            .collect()
    };
    let told = share.values.iter().any(|&value| value > 0.5);
    Background {
        plate: told.then(|| plate(painting, frame, &small, &matte, &share)),
        // Wide enough for the matte's whole edge, nothing within the head.
        shows: grown(&nodes(&share), 2),
        ground: nodes(&matte),
        confidence: nodes(&silhouette.confidence),
    }
}

/// Where the painting is ground and far enough from the sitter to be nothing else.
fn clear(matte: &Plane) -> Vec<bool> {
    let hidden: Vec<bool> = matte.values.iter().map(|&v| v < HIDDEN).collect();
    distance(&hidden, matte.width)
        .iter()
        .zip(&hidden)
        .map(|(&far, &hidden)| !hidden && (far == 0.0 || far > FRINGE * matte.width as f32))
        .collect()
}

fn mask(known: &[bool]) -> Plane {
    let side = known.len().isqrt();
    let mut mask = Plane::new(side, side, 0.0);
    for (value, known) in mask.values.iter_mut().zip(known) {
        *value = f32::from(u8::from(*known));
    }
    mask
}

/// Makes the ground just outside the outline flow as the head's edge does, so that the edge
/// moves as a whole; farther out, where the ground stays anyway, nothing flows.
pub fn follow_to_the_edge(head: &mut Head, background: &Background) {
    if background.plate.is_none() {
        return;
    }
    let known: Vec<bool> = background.ground.iter().map(|&g| g < 0.05).collect();
    let distance = distance(&known, SIDE);
    let extend = |values: &[f32]| {
        let mut plane = Plane {
            width: SIDE,
            height: SIDE,
            values: values.to_vec(),
        };
        fill_smoothly(&mut plane, &known);
        plane.values
    };
    let (follows, depth) = (extend(&head.follows), extend(&head.depth));
    let smooth = |values: Vec<f32>| {
        Plane {
            width: SIDE,
            height: SIDE,
            values,
        }
        .blurred(1.2)
        .values
    };
    let mut blended = (head.follows.clone(), head.depth.clone());
    for index in 0..NODES {
        let far = distance[index] / SIDE as f32;
        let sure = background.confidence[index];
        let held = follows[index] * (1.0 - rise(BAND[0], BAND[1], far));
        blended.0[index] += sure * (held - blended.0[index]);
        blended.1[index] += sure * (depth[index] - blended.1[index]);
    }
    head.follows = smooth(blended.0);
    head.depth = smooth(blended.1);
}

/// Red, green and blue of the region at a smaller size, in [0, 1].
fn shrunk(painting: &Picture, frame: &Frame, work: usize) -> [Plane; 3] {
    let mut planes: [Plane; 3] = core::array::from_fn(|_| Plane::new(work, work, 0.0));
    let region = &frame.region;
    let edge = |i: usize| i as u32 * region.width / work as u32;
    for y in 0..work {
        for x in 0..work {
            let (mut sum, mut count) = ([0.0_f32; 3], 0.0_f32);
            for row in edge(y)..edge(y + 1).max(edge(y) + 1) {
                for column in edge(x)..edge(x + 1).max(edge(x) + 1) {
                    let pixel = painting.get(region.x + column, region.y + row).unwrap_or(0);
                    for (sum, byte) in sum.iter_mut().zip(rgb(pixel)) {
                        *sum += f32::from(byte) / 255.0;
                    }
                    count += 1.0;
                }
            }
            for (plane, sum) in planes.iter_mut().zip(sum) {
                plane.values[y * work + x] = sum / count;
            }
        }
    }
    planes
}

/// The share of ground at the working size.
fn matte(small: &[Plane; 3], silhouette: &Silhouette) -> Plane {
    let work = small[0].width;
    let scale = PLACES as f32 / work as f32;
    let read = |map: &Plane, i: usize| {
        let (x, y) = ((i % work) as f32 + 0.5, (i / work) as f32 + 0.5);
        map.read(x * scale, y * scale)
    };
    let mut coarse = Plane::new(work, work, 0.0);
    for i in 0..work * work {
        coarse.values[i] = rise(0.3, 0.7, read(&silhouette.ground, i));
    }
    let radius = ((GUIDE * work as f32) as i64).max(1);
    let guided = guided(small, &coarse, radius);
    let mut matte = Plane::new(work, work, 0.0);
    for i in 0..work * work {
        // Rather some ground that goes with the head, which nobody sees, than a rim of the head
        // that stays behind.
        matte.values[i] = rise(0.35, 0.97, guided.values[i]);
    }
    matte
}

/// Mean over a square of `2 * radius + 1` around every pixel.
fn box_mean(plane: &Plane, radius: i64) -> Plane {
    let pass = |from: &Plane, across: bool| {
        let mut to = from.clone();
        let (width, height) = (from.width as i64, from.height as i64);
        let (lines, length) = if across {
            (height, width)
        } else {
            (width, height)
        };
        let at = |line: i64, i: i64| {
            if across {
                from.get(i, line)
            } else {
                from.get(line, i)
            }
        };
        for line in 0..lines {
            let mut sum: f64 = (-radius..=radius).map(|i| f64::from(at(line, i))).sum();
            for i in 0..length {
                let index = if across {
                    line * width + i
                } else {
                    i * width + line
                };
                to.values[index as usize] = (sum / (2 * radius + 1) as f64) as f32;
                sum += f64::from(at(line, i + radius + 1)) - f64::from(at(line, i - radius));
            }
        }
        to
    };
    pass(&pass(plane, true), false)
}

fn joined(a: &Plane, b: &Plane, join: impl Fn(f32, f32) -> f32) -> Plane {
    let values = a.values.iter().zip(&b.values).map(|(&a, &b)| join(a, b));
    Plane {
        width: a.width,
        height: a.height,
        values: values.collect(),
    }
}

/// The coarse answer made to follow the paint's edges: around every pixel the answer is taken
/// for a linear function of the colour (He, Sun and Tang's guided filter).
fn guided(guide: &[Plane; 3], answer: &Plane, radius: i64) -> Plane {
    let mean = |plane: &Plane| box_mean(plane, radius);
    let times = |a: &Plane, b: &Plane| joined(a, b, |a, b| a * b);
    let means: [Plane; 3] = core::array::from_fn(|i| mean(&guide[i]));
    let answer_mean = mean(answer);
    let with: [Plane; 3] = core::array::from_fn(|i| mean(&times(&guide[i], answer)));
    let pairs = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)];
    let products = pairs.map(|(i, j)| mean(&times(&guide[i], &guide[j])));
    let mut slopes: [Plane; 3] = core::array::from_fn(|i| means[i].clone());
    let mut offset = answer_mean.clone();
    for k in 0..answer.values.len() {
        let m = [0, 1, 2].map(|i: usize| means[i].values[k]);
        let p = answer_mean.values[k];
        let covariance = [0, 1, 2].map(|i: usize| with[i].values[k] - m[i] * p);
        let [rr, rg, rb, gg, gb, bb] =
            core::array::from_fn(|n| products[n].values[k] - m[pairs[n].0] * m[pairs[n].1]);
        let even = EVEN * EVEN;
        let slope = solved(
            [
                [rr + even, rg, rb],
                [rg, gg + even, gb],
                [rb, gb, bb + even],
            ],
            covariance,
        );
        offset.values[k] = p - (0..3).map(|i| slope[i] * m[i]).sum::<f32>();
        for (plane, slope) in slopes.iter_mut().zip(slope) {
            plane.values[k] = slope;
        }
    }
    let mut out = mean(&offset);
    for (slope, guide) in slopes.iter().zip(guide) {
        out = joined(&out, &times(&mean(slope), guide), |a, b| a + b);
    }
    out.values.iter_mut().for_each(|v| *v = v.clamp(0.0, 1.0));
    out
}

/// The solution of three linear equations (Cramer's rule).
fn solved(m: [[f32; 3]; 3], b: [f32; 3]) -> [f32; 3] {
    let determinant = |m: &[[f32; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&m);
    core::array::from_fn(|column| {
        let mut with = m;
        for row in 0..3 {
            with[row][column] = b[row];
        }
        if whole.abs() < 1e-18 {
            0.0
        } else {
            determinant(&with) / whole
        }
    })
}

/// The largest value within `reach` nodes, then made smooth again.
fn grown(values: &[f32], reach: i64) -> Vec<f32> {
    let plane = Plane {
        width: SIDE,
        height: SIDE,
        values: values.to_vec(),
    };
    let mut out = plane.clone();
    for i in 0..NODES {
        let (x, y) = ((i % SIDE) as i64, (i / SIDE) as i64);
        let mut most = 0.0_f32;
        for dy in -reach..=reach {
            for dx in -reach..=reach {
                most = most.max(plane.get(x + dx, y + dy));
            }
        }
        out.values[i] = if most > 0.004 { 1.0 } else { 0.0 };
    }
    out.blurred(0.8)
        .values
        .into_iter()
        .map(|v| if v < 0.02 { 0.0 } else { v })
        .collect()
}

/// The nearest `known` place of every place of a square grid: its index.
fn nearest_known(known: &[bool], side: usize) -> Vec<usize> {
    // Two sweeps over the grid that hand the nearest place on to neighbours.
    let far = usize::MAX;
    let mut nearest: Vec<usize> = (0..known.len())
        .map(|i| if known[i] { i } else { far })
        .collect();
    let square = |i: usize, j: usize| {
        let d = |a: usize, b: usize| (a as i64 - b as i64).pow(2);
        d(i % side, j % side) + d(i / side, j / side)
    };
    let mut sweep = |order: &mut dyn Iterator<Item = usize>, steps: [(i64, i64); 4]| {
        for i in order {
            for (dx, dy) in steps {
                let (x, y) = ((i % side) as i64 + dx, (i / side) as i64 + dy);
                let edge = side as i64;
                if !(0..edge).contains(&x) || !(0..edge).contains(&y) {
                    continue;
                }
                let one = nearest[(y * edge + x) as usize];
                if one != far && (nearest[i] == far || square(i, one) < square(i, nearest[i])) {
                    nearest[i] = one;
                }
            }
        }
    };
    let back = [(-1, 0), (0, -1), (-1, -1), (1, -1)];
    for _ in 0..2 {
        sweep(&mut (0..known.len()), back);
        sweep(&mut (0..known.len()).rev(), back.map(|(x, y)| (-x, -y)));
    }
    nearest
}

/// Distance of every place to the nearest known one, in places; 0 if none is.
fn distance(known: &[bool], side: usize) -> Vec<f32> {
    nearest_known(known, side)
        .iter()
        .enumerate()
        .map(|(i, &j)| {
            if j >= known.len() {
                return 0.0;
            }
            let d = |a: usize, b: usize| (a as f32 - b as f32).powi(2);
            (d(i % side, j % side) + d(i / side, j / side)).sqrt()
        })
        .collect()
}

/// The painted plate at the painting's own size.
fn plate(
    painting: &Picture,
    frame: &Frame,
    small: &[Plane; 3],
    matte: &Plane,
    share: &Plane,
) -> Picture {
    let work = share.width;
    let known = &clear(matte);
    let tones: [Plane; 3] = core::array::from_fn(|channel| {
        let mut tone = softened(&small[channel], known, TEXTURE * work as f32);
        fill_smoothly(&mut tone, known);
        tone
    });
    // The same of all that is not surely the sitter, close by: without it texture is left.
    let rim: Vec<bool> = matte.values.iter().map(|&v| v >= HIDDEN).collect();
    let near: [Plane; 3] =
        core::array::from_fn(|channel| softened(&small[channel], &rim, FINE * work as f32));
    let nearest = nearest_known(known, work);
    let shown = mask(known);
    let side = frame.region.width as usize;
    let scale = work as f32 / side as f32;
    let mut plate = Picture::new(side as u32, side as u32, 0);
    for (index, pixel) in plate.pixels_mut().iter_mut().enumerate() {
        let (column, row) = (index % side, index / side);
        let (x, y) = ((column as f32 + 0.5) * scale, (row as f32 + 0.5) * scale);
        let at = |px: f32, py: f32| {
            let held =
                |v: f32, start: u32| start + (v / scale).clamp(0.0, side as f32 - 1.0) as u32;
            let region = &frame.region;
            let pixel = painting.get(held(px, region.x), held(py, region.y));
            rgb(pixel.unwrap_or(0)).map(|byte| f32::from(byte) / 255.0)
        };
        // Nothing but ground, also between the working size's pixels.
        let hidden = 1.0 - rise(0.2, 1.0, shown.read(x, y));
        let behind = 1.0 - rise(0.6, 0.95, matte.read(x, y));
        let painted = at(x, y);
        let mut colour = painted;
        if hidden > 0.0 {
            let tone = [0, 1, 2].map(|i: usize| tones[i].read(x, y));
            let texture = mirrored(x, y, &nearest, work, &shown, &tones, at);
            for i in 0..3 {
                // In the rim the paint's own texture, but not what may be left of the sitter:
                // that stays out of the plate and so goes along with the head.
                let own = clipped(painted[i] - near[i].read(x, y));
                let other = texture.map_or(0.0, |texture| texture[i]);
                let made = tone[i] + own + behind * (other - own);
                colour[i] += hidden * (made - colour[i]);
            }
        }
        let share = (255.0 * share.read(x, y) + 0.5) as u32;
        let bytes = colour.map(|value| (value.clamp(0.0, 1.0) * 255.0 + 0.5) as u8);
        *pixel = (xrgb(bytes) & 0x00ff_ffff) | share << 24;
    }
    plate
}

/// A texture's difference from the tone, held softly within what ground's texture reaches.
fn clipped(difference: f32) -> f32 {
    OWN * (difference / OWN).tanh()
}

/// The tone of the known ground alone: a blur that nothing else bleeds into.
fn softened(plane: &Plane, known: &[bool], sigma: f32) -> Plane {
    let mut weight = Plane::new(plane.width, plane.height, 0.0);
    let mut held = plane.clone();
    for (i, &known) in known.iter().enumerate() {
        weight.values[i] = if known { 1.0 } else { 0.0 };
        held.values[i] *= weight.values[i];
    }
    let (weight, held) = (weight.blurred(sigma), held.blurred(sigma));
    joined(&held, &weight, |held, weight| held / weight.max(1e-6))
}

/// Texture of the ground as far outside the outline as the place is inside.
fn mirrored(
    x: f32,
    y: f32,
    nearest: &[usize],
    work: usize,
    shown: &Plane,
    tones: &[Plane; 3],
    at: impl Fn(f32, f32) -> [f32; 3],
) -> Option<[f32; 3]> {
    let place = (y as usize).min(work - 1) * work + (x as usize).min(work - 1);
    let edge = *nearest.get(place)?;
    if edge >= work * work {
        return None;
    }
    let (ex, ey) = ((edge % work) as f32 + 0.5, (edge / work) as f32 + 0.5);
    let depth = (ex - x).hypot(ey - y) / work as f32;
    let (mx, my) = (2.0 * ex - x, 2.0 * ey - y);
    let inside = (0.0..work as f32).contains(&mx) && (0.0..work as f32).contains(&my);
    if !inside || depth > MIRROR {
        return None;
    }
    let strength = rise(0.5, 1.0, shown.read(mx, my)) * (1.0 - rise(0.6 * MIRROR, MIRROR, depth));
    let paint = at(mx, my);
    Some([0, 1, 2].map(|i: usize| strength * (paint[i] - tones[i].read(mx, my))))
}
