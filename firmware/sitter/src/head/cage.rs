//! The cage of the face: the canonical face, sculpted, its mouth closed, its eyes and lips opened.
//!
//! The canonical mesh is one sheet: eyes and mouth are filled in and it ends at the hairline and
//! the jaw. Here it becomes a face that can act: the fillings are cut out, the mouth is shut (the
//! canonical one is ajar), lids and lips get their thickness by strips that turn inwards, and the
//! rim is carried back under the hair and beneath the jaw.

use crate::maths::{Vec3, bell, curve, pow, smooth, v};
use sfumato_core::canonical::{TRIANGLES, VERTICES};

/// Lid margin of the sitter's right eye, outer corner first, over the top; left by mirror.
pub(crate) const RIGHT_LIDS: [u32; 16] = [
    33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7,
];
/// Lid margin of the sitter's left eye, outer corner first, over the top.
pub(crate) const LEFT_LIDS: [u32; 16] = [
    263, 466, 388, 387, 386, 385, 384, 398, 362, 382, 381, 380, 374, 373, 390, 249,
];
/// How many of a lid ring are corners and upper lid: 0 and 8 are corners, 1 to 7 the upper lid.
pub(crate) const UPPER_LID: usize = 8;
/// Inner edge of the lips, right corner first, over the top; 0 and 10 are the corners.
pub(crate) const INNER_LIPS: [u32; 20] = [
    78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 324, 318, 402, 317, 14, 87, 178, 88, 95,
];
/// Rings of the upper lip without corners, from the inner edge outwards to the skin above.
const UPPER_LIP_RINGS: [&[u32]; 5] = [
    &[191, 80, 81, 82, 13, 312, 311, 310, 415],
    &[183, 42, 41, 38, 12, 268, 271, 272, 407],
    &[184, 74, 73, 72, 11, 302, 303, 304, 408],
    &[185, 40, 39, 37, 0, 267, 269, 270, 409],
    &[186, 92, 165, 167, 164, 393, 391, 322, 410],
];
/// Rings of the lower lip without corners, from the inner edge outwards to the skin below.
const LOWER_LIP_RINGS: [&[u32]; 5] = [
    &[95, 88, 178, 87, 14, 317, 402, 318, 324],
    &[96, 89, 179, 86, 15, 316, 403, 319, 325],
    &[77, 90, 180, 85, 16, 315, 404, 320, 307],
    &[146, 91, 181, 84, 17, 314, 405, 321, 375],
    &[43, 106, 182, 83, 18, 313, 406, 335, 273],
];
/// The rim of the canonical face, from the top of the brow down the sitter's right and up again.
pub(crate) const RIM: [u32; 36] = [
    10, 109, 67, 103, 54, 21, 162, 127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377,
    400, 378, 379, 365, 397, 288, 361, 323, 454, 356, 389, 251, 284, 332, 297, 338,
];

/// Middle of the sitter's right eyeball; the left one is its mirror.
pub(crate) const EYE: Vec3 = v(-3.16, 2.60, 2.36);
/// Radius of the eyeballs.
pub(crate) const EYE_RADIUS: f32 = 1.42;

/// What part of the face a cage point belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Part {
    /// Plain skin.
    Skin,
    /// Upper lip; the number grows from the inner edge (0) to the skin above (4).
    UpperLip(u8),
    /// Lower lip; the number grows from the inner edge (0) to the skin below (4).
    LowerLip(u8),
    /// The inside of a lip: upper or not.
    LipInside(bool),
    /// Margin of an upper lid of the eye (0 right, 1 left), and the strip behind it.
    UpperLid(u8),
    /// Margin of a lower lid, and the strip behind it.
    LowerLid(u8),
    /// Corner of the eye.
    EyeCorner(u8),
    /// Carried back from the rim, so many steps.
    Rim(u8),
}

/// The sculpted cage.
#[derive(Clone, Debug)]
pub(crate) struct Cage {
    /// Positions at rest.
    pub points: Vec<Vec3>,
    pub parts: Vec<Part>,
    pub triangles: Vec<[u32; 3]>,
}

impl Cage {
    pub fn new() -> Cage {
        let mut points: Vec<Vec3> = VERTICES.iter().map(|&[x, y, z]| v(x, y, z)).collect();
        let mut parts = vec![Part::Skin; points.len()];
        for (ring, (upper, lower)) in UPPER_LIP_RINGS.iter().zip(LOWER_LIP_RINGS).enumerate() {
            for &i in *upper {
                parts[i as usize] = Part::UpperLip(ring as u8);
            }
            for &i in lower {
                parts[i as usize] = Part::LowerLip(ring as u8);
            }
        }
        for (eye, ring) in [RIGHT_LIDS, LEFT_LIDS].iter().enumerate() {
            for (at, &i) in ring.iter().enumerate() {
                parts[i as usize] = lid_part(eye, at);
            }
        }
        close_mouth(&mut points, &parts);
        for p in &mut points {
            *p = sculpt(*p);
        }
        let within = |set: &[u32], t: &[u16; 3]| t.iter().all(|&i| set.contains(&u32::from(i)));
        let mut triangles: Vec<[u32; 3]> = TRIANGLES
            .iter()
            .filter(|t| {
                !within(&RIGHT_LIDS, t) && !within(&LEFT_LIDS, t) && !within(&INNER_LIPS, t)
            })
            .map(|t| t.map(u32::from))
            .collect();
        let mut cage = Cage {
            points,
            parts,
            triangles: Vec::new(),
        };
        for (eye, ring) in [RIGHT_LIDS, LEFT_LIDS].iter().enumerate() {
            cage.line_lids(eye, ring, &mut triangles);
        }
        cage.line_lips(&mut triangles);
        cage.extend_rim(&mut triangles);
        cage.triangles = triangles;
        cage
    }

    fn push(&mut self, point: Vec3, part: Part) -> u32 {
        self.points.push(point);
        self.parts.push(part);
        self.points.len() as u32 - 1
    }

    /// Gives the lids a margin that turns in to the eyeball and a strip that hides behind it.
    fn line_lids(&mut self, eye: usize, ring: &[u32; 16], triangles: &mut Vec<[u32; 3]>) {
        let centre = mirrored(EYE, eye == 1);
        let mut outer: Vec<u32> = ring.to_vec();
        for radius in [EYE_RADIUS * 1.01, EYE_RADIUS * 0.86] {
            let inner: Vec<u32> = ring
                .iter()
                .enumerate()
                .map(|(at, &i)| {
                    let from = self.points[i as usize] - centre;
                    self.push(centre + from.unit() * radius, lid_part(eye, at))
                })
                .collect();
            // The left ring runs the other way round.
            strip(&outer, &inner, eye == 0, triangles);
            outer = inner;
        }
    }

    /// Rolls the lips inwards.
    fn line_lips(&mut self, triangles: &mut Vec<[u32; 3]>) {
        let mut outer: Vec<u32> = INNER_LIPS.to_vec();
        for (rise, back, narrow) in [(0.13, 0.42, 0.97), (0.42, 1.0, 0.92)] {
            let inner: Vec<u32> = INNER_LIPS
                .iter()
                .enumerate()
                .map(|(at, &i)| {
                    let p = self.points[i as usize];
                    let (side, upper) = match at {
                        0 | 10 => (0.0, true),
                        1..10 => (1.0, true),
                        _ => (-1.0, false),
                    };
                    let q = v(p.x * narrow, p.y + side * rise, p.z - back);
                    self.push(q, Part::LipInside(upper))
                })
                .collect();
            strip(&outer, &inner, true, triangles);
            outer = inner;
        }
    }

    /// Carries the rim back: over the skull under the hair, and under the jaw to the neck.
    fn extend_rim(&mut self, triangles: &mut Vec<[u32; 3]>) {
        let mut outer: Vec<u32> = RIM.to_vec();
        for round in 1..=3u8 {
            let inner: Vec<u32> = RIM
                .iter()
                .map(|&i| {
                    let p = self.points[i as usize];
                    self.push(rim_back(p, f32::from(round)), Part::Rim(round))
                })
                .collect();
            strip(&inner, &outer, false, triangles);
            outer = inner;
        }
    }
}

fn lid_part(eye: usize, at: usize) -> Part {
    match at {
        0 | UPPER_LID => Part::EyeCorner(eye as u8),
        1..UPPER_LID => Part::UpperLid(eye as u8),
        _ => Part::LowerLid(eye as u8),
    }
}

pub(crate) fn mirrored(p: Vec3, mirror: bool) -> Vec3 {
    if mirror { v(-p.x, p.y, p.z) } else { p }
}

/// Joins two closed rings of equal length.
fn strip(outer: &[u32], inner: &[u32], flip: bool, triangles: &mut Vec<[u32; 3]>) {
    let n = outer.len();
    for i in 0..n {
        let j = (i + 1) % n;
        let (a, b, c, d) = (outer[i], outer[j], inner[i], inner[j]);
        if flip {
            triangles.extend([[a, c, b], [b, c, d]]);
        } else {
            triangles.extend([[a, b, c], [b, d, c]]);
        }
    }
}

/// Height of the closed mouth's line at a distance from the middle.
fn lip_line(x: f32) -> f32 {
    curve(
        &[
            (0.0, -4.19),
            (0.5, -4.13),
            (1.1, -4.16),
            (1.7, -4.22),
            (2.15, -4.25),
        ],
        x,
    )
}

/// Depth of the closed mouth's line.
fn lip_line_depth(x: f32) -> f32 {
    curve(
        &[
            (0.0, 5.42),
            (0.55, 5.36),
            (1.05, 5.08),
            (1.5, 4.68),
            (2.15, 4.10),
        ],
        x,
    )
}

/// Shuts the mouth and gives the lips their profile, ring by ring: forward and away from the line.
fn close_mouth(points: &mut [Vec3], parts: &[Part]) {
    // Height from the line; share of the way from the line's depth to the border's; bulge.
    const UPPER: [(f32, f32, f32); 4] = [
        (0.0, 0.0, 0.0),
        (0.15, 0.60, 0.09),
        (0.41, 0.97, 0.10),
        (0.72, 1.0, 0.0),
    ];
    const LOWER: [(f32, f32, f32); 4] = [
        (0.0, 0.0, 0.0),
        (0.17, 0.75, 0.18),
        (0.52, 1.0, 0.26),
        (0.92, 1.0, 0.0),
    ];
    const UPPER_BORDER: [(f32, f32); 5] = [
        (0.0, 5.82),
        (0.71, 5.76),
        (1.43, 5.42),
        (1.91, 4.97),
        (2.29, 4.54),
    ];
    const LOWER_BORDER: [(f32, f32); 5] = [
        (0.0, 5.56),
        (0.70, 5.48),
        (1.33, 5.22),
        (1.84, 4.82),
        (2.20, 4.47),
    ];
    for (p, part) in points.iter_mut().zip(parts) {
        let x = p.x.abs();
        let (line, depth) = (lip_line(x), lip_line_depth(x));
        // Fullness of the lips: strongest in the middle, none at the corners.
        let full = (1.0 - (x / 2.42) * (x / 2.42)).max(0.0);
        match *part {
            Part::UpperLip(ring @ 0..4) => {
                let (rise, share, bulge) = UPPER[ring as usize];
                let bow = curve(&[(0.0, 0.93), (0.7, 1.10), (1.4, 1.0), (2.2, 0.9)], x);
                // The upper lip's edge hangs a trifle over the lower's, so that no gap flickers.
                let over = if ring == 0 { 0.035 } else { 0.0 };
                p.y = line + rise * full * bow - over;
                p.z = depth + (curve(&UPPER_BORDER, x) - depth) * share + bulge * full + over;
            }
            Part::LowerLip(ring @ 0..4) => {
                let (fall, share, bulge) = LOWER[ring as usize];
                p.y = line - fall * pow(full, 0.8);
                p.z = depth + (curve(&LOWER_BORDER, x) - depth) * share + bulge * full;
            }
            Part::UpperLip(_) => p.y -= 0.04 * full,
            Part::LowerLip(_) => p.y += 0.38 * full,
            _ if p.y < -5.2 => {
                p.y += 0.2 * smooth(-8.6, -5.6, p.y) * bell(x, 2.2);
            }
            _ => {}
        }
    }
    // Points around the corners, right and left, rise with them.
    for (pair, rise) in [
        ([62, 292], 0.05),
        ([76, 306], 0.07),
        ([61, 291], 0.07),
        ([57, 287], 0.05),
    ] {
        for i in pair {
            points[i].y += rise;
        }
    }
}

/// Where a point of the rim goes `round` steps further back.
fn rim_back(p: Vec3, round: f32) -> Vec3 {
    // Above the ears: along the skull, an ellipsoid, towards its back.
    let centre = v(0.0, 3.4, -3.6);
    let out = p - centre;
    let away = v(out.x, out.y, 0.0).unit();
    let skull = centre + v(away.x * 7.75, away.y * 9.0, -0.3 - 1.5 * round);
    let step = (round / 3.0).min(1.0);
    let over =
        p.mix(skull, step) + v(away.x, away.y, 0.0) * (0.9 * step * (1.0 - step) * 4.0 * 0.5);
    // Below: in under the jaw.
    let under = v(
        p.x * (1.0 - 0.20 * round),
        p.y + [0.0, 0.35, 0.9, 1.2][(round as usize).min(3)],
        p.z - [0.0, 1.3, 3.2, 5.4][(round as usize).min(3)] * smooth(-3.0, 4.0, p.z).max(0.35),
    );
    over.mix(under, smooth(-1.0, -5.0, p.y))
}

/// Shapes the average face into this one: a young woman, oval, high forehead, full lips.
fn sculpt(p: Vec3) -> Vec3 {
    let mut q = p;
    let x = p.x.abs();
    // A narrower jaw and a rounder, smaller chin.
    let low = smooth(1.0, -8.0, p.y);
    q.x *= 1.0 - 0.17 * low;
    q.x *= 1.0 - 0.10 * bell(p.y + 9.2, 1.6) * smooth(4.0, 1.0, x);
    q.z += 0.25 * bell(p.y + 6.0, 1.1) * bell(x, 1.6);
    q.y += 0.35 * smooth(-7.0, -9.4, p.y);
    // A softer brow ridge and a fuller forehead.
    q.z -= 0.16 * bell(p.y - 4.9, 0.9) * smooth(5.5, 3.0, x);
    q.z += 0.38 * bell(p.y - 7.3, 1.7) * smooth(6.5, 1.0, x);
    q.z += 0.16 * bell(p.y - 3.75, 0.6) * bell(x - 3.3, 1.5);
    // A slimmer nose with a gentler root and wings drawn in.
    let nose = smooth(2.6, 1.2, x) * smooth(4.0, 2.5, p.y) * smooth(-2.6, -1.9, p.y);
    q.x *= 1.0 - 0.16 * nose;
    q.z -= 0.18 * bell(x, 1.3) * bell(p.y + 1.2, 1.3);
    q.y += 0.14 * bell(x, 1.2) * bell(p.y + 1.7, 0.9);
    // Fuller cheeks high up, no hollow below.
    q.z += 0.28 * bell(p.y + 2.2, 2.2) * bell(x - 4.3, 1.7);
    // Larger eyes: scale about the eye's middle.
    let eye = v(-EYE.x, EYE.y, p.z);
    let away = v(x, p.y, p.z) - eye;
    let reach = bell(away.x / 1.9, 1.0) * bell(away.y / 0.95, 1.0);
    q.y += away.y * 0.60 * reach;
    q.x += away.x * 0.20 * reach * p.x.signum();
    // The outer corner of the eye a little higher than the inner.
    q.y += 0.10 * reach * (away.x / 1.3).clamp(-1.0, 1.0);
    q
}
