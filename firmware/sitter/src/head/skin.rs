//! The colour of the face before any light falls on it (linear, relative to white).

use super::cage::{Cage, EYE};
use super::face::Face;
use crate::maths::{Vec3, bell, curve, noise3, smooth, v};

/// Bare skin.
pub(crate) const SKIN: Vec3 = v(0.66, 0.44, 0.325);
const BLUSH: Vec3 = v(0.62, 0.30, 0.23);
const LIPS: Vec3 = v(0.47, 0.185, 0.15);
const WET: Vec3 = v(0.30, 0.10, 0.085);
const BROW: Vec3 = v(0.13, 0.075, 0.045);
const LASH: Vec3 = v(0.05, 0.03, 0.022);

/// Middle line of the brow, from its inner end outwards: distance from the middle, height.
fn brow_line(cage: &Cage) -> Vec<(f32, f32)> {
    [(107, 55), (66, 65), (105, 52), (63, 53), (70, 46)]
        .iter()
        .map(|&(a, b)| {
            let p = (cage.points[a] + cage.points[b]) * 0.5;
            (p.x.abs(), p.y)
        })
        .collect()
}

/// The colour of every point of the face.
pub(crate) fn colours(face: &Face) -> Vec<Vec3> {
    let cage = Cage::new();
    let brow = brow_line(&cage);
    let (brow_from, brow_to) = (brow[0].0 - 0.15, brow[4].0 + 0.5);
    face.rest
        .iter()
        .enumerate()
        .map(|(i, &p)| {
            let x = p.x.abs();
            let mottle = 1.0 + 0.035 * noise3(p * 1.3, 3) + 0.02 * noise3(p * 4.0, 4);
            let mut c = SKIN * mottle;
            let cheek = bell(x - 3.9, 1.9) * bell(p.y + 1.4, 1.7);
            let tip = bell(x, 1.1) * bell(p.y + 0.9, 0.9) * smooth(5.6, 6.6, p.z);
            let chin = bell(x, 1.5) * bell(p.y + 7.6, 1.2);
            c = c.mix(BLUSH, 0.42 * cheek + 0.28 * tip + 0.22 * chin);
            // Thin skin around the eyes is cooler and darker.
            let around = bell(x + EYE.x, 1.9) * bell(p.y - 2.5, 0.95);
            c = c.mix(v(0.56, 0.34, 0.26), 0.30 * around);
            // Lids themselves are pale, nearly as the cheek.
            c = c.mix(v(0.70, 0.45, 0.34), 0.8 * face.lid(i));
            // Forehead a touch paler.
            c = c.mix(v(0.70, 0.49, 0.37), 0.35 * smooth(5.2, 6.8, p.y));
            let lips = smooth(0.08, 0.85, face.lips[i]);
            c = c.mix(
                LIPS * (1.0 + 0.06 * noise3(v(p.x * 7.0, p.y * 1.5, 0.0), 9)),
                0.78 * lips,
            );
            c = c.mix(WET * 0.45, smooth(0.05, 0.9, face.inside[i]));
            c = c.mix(v(0.52, 0.26, 0.21), 0.8 * face.rims[i].clamp(0.0, 1.0));
            // Lashes as a dark line on the upper lid's edge.
            let lash = face.upper_edge(i);
            c = c.mix(LASH, 0.6 * lash);
            // The brow: thin, softly ended.
            if x > brow_from && x < brow_to {
                let t = (x - brow_from) / (brow_to - brow_from);
                let line = curve(&brow, x) - 0.02 + 0.10 * smooth(0.0, 0.6, t)
                    - 0.10 * smooth(0.8, 1.0, t);
                let half = 0.05 + 0.25 * smooth(-0.1, 0.3, t) * smooth(1.1, 0.35, t);
                let hairs = 0.85 + 0.2 * noise3(v(x * 5.0 + p.y * 6.0, p.y * 2.0, p.x.signum()), 6);
                let there = bell(p.y - line, half) * smooth(0.0, 0.18, t) * smooth(1.0, 0.72, t);
                c = c.mix(BROW, (there * 1.0 * hairs).clamp(0.0, 1.0));
            }
            // Nostrils are dark whatever the light.
            let nostril = v(0.62, -1.62, 5.85);
            let dark = bell((v(x, p.y, p.z) - nostril).length(), 0.34);
            c.mix(v(0.16, 0.06, 0.04), (1.1 * dark).min(0.75))
        })
        .collect()
}
