//! Hair: parted in the middle, smooth over the skull, falling in soft waves to the shoulders.
//!
//! Three guide strands a side (along the hairline, over the ear, at the back) span a surface.
//! A shell follows it, and locks of hair (flat tapering tubes) lie on the shell, each a little
//! further out, each with its own wave, so that the outline and the shadows are those of hair.

use super::inner::Piece;
use crate::maths::{Random, Vec3, mix, noise2, sin_cos, smooth, v};
use crate::mesh::grid_triangles;

const POINTS: usize = 12;
type Guide = [[f32; 3]; POINTS];

const FRONT: Guide = [
    [-0.1, 8.9, 4.95],
    [2.1, 8.85, 4.75],
    [4.3, 7.75, 3.75],
    [6.05, 5.6, 2.15],
    [7.25, 2.6, 0.45],
    [7.75, -1.5, -0.9],
    [7.1, -6.0, -1.7],
    [6.4, -11.0, -1.7],
    [6.7, -16.0, 0.2],
    [7.3, -21.0, 3.4],
    [7.0, -26.5, 6.4],
    [6.4, -35.0, 10.6],
];
const SIDE: Guide = [
    [-0.1, 13.1, -0.5],
    [3.2, 12.5, -0.8],
    [6.3, 9.8, -1.2],
    [8.2, 5.6, -1.9],
    [9.0, 0.7, -2.6],
    [9.1, -4.3, -3.2],
    [9.0, -9.0, -3.4],
    [9.4, -13.5, -2.8],
    [10.3, -18.0, -0.6],
    [10.2, -23.0, 2.6],
    [9.6, -28.0, 5.4],
    [9.0, -36.0, 9.6],
];
const BACK: Guide = [
    [-0.1, 12.2, -8.5],
    [3.0, 11.4, -9.4],
    [6.0, 8.8, -9.4],
    [7.9, 4.7, -9.2],
    [8.6, 0.0, -9.0],
    [7.6, -5.0, -9.2],
    [6.4, -10.0, -9.4],
    [6.6, -15.0, -10.6],
    [8.0, -20.0, -12.4],
    [9.0, -25.0, -13.4],
    [8.6, -29.0, -13.6],
    [8.4, -34.0, -13.6],
];

/// Hair, with the direction it grows in and a tone for every point.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hair {
    pub piece: Piece,
    /// Direction of growth.
    pub along: Vec<Vec3>,
    /// Lighter or darker, around 1.
    pub tone: Vec<f32>,
    /// Place on the hair's surface: hairline to back, parting to tip (both 0 to 1), and a lock's number.
    pub strand: Vec<Vec3>,
    /// Which way the hair as a mass faces: locks shade as parts of a whole.
    pub mass: Vec<Vec3>,
}

/// How fine the hair is modelled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fineness {
    /// Locks a side.
    pub locks: usize,
    /// Points along a lock.
    pub length: usize,
    /// Points around a lock.
    pub around: usize,
}

fn through(guide: &Guide, t: f32) -> Vec3 {
    let at = |i: isize| {
        let [x, y, z] = guide[i.clamp(0, POINTS as isize - 1) as usize];
        v(x, y, z)
    };
    let place = t.clamp(0.0, 1.0) * (POINTS - 1) as f32;
    let i = (place as isize).min(POINTS as isize - 2);
    let f = place - i as f32;
    let (a, b, c, d) = (at(i - 1), at(i), at(i + 1), at(i + 2));
    (b * 2.0
        + (c - a) * f
        + (a * 2.0 - b * 5.0 + c * 4.0 - d) * (f * f)
        + (b * 3.0 - a - c * 3.0 + d) * (f * f * f))
        * 0.5
}

/// A point on the right side's hair surface: `s` from hairline to back, `t` from parting to tip.
fn surface(s: f32, t: f32) -> Vec3 {
    let (f, m, b) = (through(&FRONT, t), through(&SIDE, t), through(&BACK, t));
    // A parabola through the three guides at 0, 1/2 and 1.
    f * ((1.0 - s) * (1.0 - 2.0 * s)) + m * (4.0 * s * (1.0 - s)) + b * (s * (2.0 * s - 1.0))
}

fn outward(s: f32, t: f32) -> Vec3 {
    let along = surface(s, (t + 0.01).min(1.0)) - surface(s, (t - 0.01).max(0.0));
    let across = surface((s + 0.01).min(1.0), t) - surface((s - 0.01).max(0.0), t);
    let n = along.cross(across).unit();
    if n.x * 1.0 + n.y * 0.3 < 0.0 { -n } else { n }
}

pub(crate) fn hair(fineness: Fineness) -> Hair {
    let mut hair = Hair::default();
    for left in [false, true] {
        // The guides are on the sitter's left (x > 0); the right is the mirror.
        shell(left, &mut hair);
        let mut random = Random::new(if left { 71 } else { 72 });
        for number in 0..fineness.locks {
            lock(left, number, fineness, &mut random, &mut hair);
        }
    }
    curtain(&mut hair);
    hair
}

/// The dark mass of hair behind the neck, so that no light shows between neck and locks.
fn curtain(hair: &mut Hair) {
    const COLUMNS: usize = 15;
    const ROWS: usize = 24;
    let first = hair.piece.points.len() as u32;
    for row in 0..ROWS {
        let y = 6.0 - 32.0 * row as f32 / (ROWS - 1) as f32;
        for column in 0..COLUMNS {
            let a = (column as f32 / (COLUMNS - 1) as f32 - 0.5) * 2.9;
            let (s, c) = sin_cos(a);
            // It stands behind the jaw's ends and before the back of the head.
            let wide = if y > -4.0 { 7.3 } else { 6.9 };
            hair.push(
                v(s * wide, y, -2.6 - 2.6 * c),
                [v(0.0, -1.0, 0.0), v(0.0, 0.0, 1.0), v(s, 0.5, 0.0)],
                0.4,
                true,
            );
        }
    }
    // Seen from before and, where hair parts, from behind.
    for [a, b, c] in grid_triangles(COLUMNS, ROWS, false) {
        hair.piece.triangles.push([a + first, b + first, c + first]);
        hair.piece.triangles.push([a + first, c + first, b + first]);
    }
}

fn shell(left: bool, hair: &mut Hair) {
    const COLUMNS: usize = 22;
    const ROWS: usize = 48;
    let first = hair.piece.points.len() as u32;
    for row in 0..ROWS {
        let t = row as f32 / (ROWS - 1) as f32;
        for column in 0..COLUMNS {
            let s = column as f32 / (COLUMNS - 1) as f32;
            let out = outward(s, t);
            hair.push(
                surface(s, t) - out * 0.25,
                [direction(s, t), out, v(s, t, 0.0)],
                0.6,
                left,
            );
        }
    }
    let mut triangles = grid_triangles(COLUMNS, ROWS, false);
    // Facing away from the skull, on either side.
    let [a, b, c] = triangles[ROWS * COLUMNS].map(|i| (i + first) as usize);
    let points = &hair.piece.points;
    if (points[b] - points[a])
        .cross(points[c] - points[a])
        .dot(hair.mass[a])
        < 0.0
    {
        for t in &mut triangles {
            t.swap(1, 2);
        }
    }
    hair.piece
        .triangles
        .extend(triangles.iter().map(|t| t.map(|i| i + first)));
}

fn direction(s: f32, t: f32) -> Vec3 {
    (surface(s, (t + 0.012).min(1.0)) - surface(s, (t - 0.012).max(0.0))).unit()
}

fn lock(left: bool, number: usize, fineness: Fineness, random: &mut Random, hair: &mut Hair) {
    let spread = number as f32 / fineness.locks as f32;
    // More locks towards the face, where they are seen.
    let s = (spread * spread * 0.85 + 0.15 * spread + 0.03 * random.signed()).clamp(0.0, 1.0);
    let lift = 0.05 + 0.40 * random.unit() * smooth(0.0, 0.12, s).max(0.25);
    let width =
        0.62 * (0.7 + 0.6 * random.unit()) * (40.0 / fineness.locks as f32).sqrt().max(0.30);
    let waves = 3.4 + 1.8 * random.unit();
    let phase = core::f32::consts::TAU * random.unit() + 9.0 * s;
    let swing = (0.45 + 0.55 * random.unit()) * (0.35 + 0.65 * smooth(0.0, 0.22, s));
    let start = 0.0;
    let end = 0.86 + 0.14 * random.unit();
    let tone = 0.62 + 0.80 * random.unit() * random.unit().max(0.3);
    let drift = 0.10 * random.signed();
    let first = hair.piece.points.len() as u32;
    for row in 0..fineness.length {
        let f = row as f32 / (fineness.length - 1) as f32;
        let t = mix(start, end, f);
        let fall = smooth(0.30, 0.70, t);
        let (wave, other) = sin_cos(phase + waves * core::f32::consts::TAU * t);
        let at_s = (s + fall * drift + 0.012 * wave * fall).clamp(0.0, 1.0);
        let out = outward(at_s, t);
        let along = direction(at_s, t);
        let across = along.cross(out).unit();
        let middle = surface(at_s, t)
            + out * (lift * (1.0 + 1.3 * fall) + 0.75 * swing * other * fall)
            + across * (swing * wave * fall);
        let taper =
            (smooth(-0.06, 0.08, f) * smooth(1.02, 0.80, f)).max(0.02) * (1.0 + 0.35 * fall);
        for corner in 0..fineness.around {
            let (sn, cs) = sin_cos(core::f32::consts::TAU * corner as f32 / fineness.around as f32);
            let p = middle + across * (cs * width * taper) + out * (sn * 0.42 * width * taper);
            let place = v(at_s + 0.03 * cs * width * taper, t, number as f32);
            hair.push(p, [along, out, place], tone * (1.0 + 0.10 * sn), left);
        }
    }
    let mut triangles = grid_triangles(fineness.around, fineness.length, true);
    // Tubes look outwards whichever way they were wound: decide by the first ring.
    let points = &hair.piece.points[first as usize..];
    let [a, b, c] = triangles[0].map(|i| points[i as usize]);
    let mut middle = Vec3::ZERO;
    for p in points.iter().take(fineness.around) {
        middle += *p * (1.0 / fineness.around as f32);
    }
    if (b - a).cross(c - a).dot(a - middle) < 0.0 {
        for t in &mut triangles {
            t.swap(1, 2);
        }
    }
    hair.piece
        .triangles
        .extend(triangles.iter().map(|t| t.map(|i| i + first)));
}

impl Hair {
    fn push(&mut self, p: Vec3, [along, mass, strand]: [Vec3; 3], tone: f32, left: bool) {
        let flip = |q: Vec3| if left { q } else { v(-q.x, q.y, q.z) };
        self.piece.points.push(flip(p));
        self.along.push(flip(along));
        self.mass.push(flip(mass));
        self.strand.push(strand);
        self.tone.push(tone);
    }
}

/// Lightness of single hairs at a place on the hair's surface, around 1; the parting is dark.
pub(crate) fn single_hairs(strand: Vec3) -> f32 {
    let drift = 0.8 * noise2(strand.y * 5.0, strand.z, 81);
    let fine = noise2(strand.x * 190.0 + drift, strand.y * 5.0 + strand.z, 82);
    let broad = noise2(strand.x * 46.0 + drift, strand.y * 3.0, 83);
    let parting = smooth(0.0, 0.022, strand.y + 0.004 * broad);
    (1.0 + 0.30 * fine + 0.32 * broad) * (0.35 + 0.65 * parting)
}
