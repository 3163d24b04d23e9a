//! What lies within the face: eyeballs, teeth, tongue and the dark of the mouth.

use super::cage::{EYE, EYE_RADIUS, mirrored};
use crate::maths::{Vec3, cos, sin_cos, smooth, v};
use crate::mesh::{grid_triangles, sphere};

/// A simple surface in head coordinates.
#[derive(Clone, Debug, Default)]
pub(crate) struct Piece {
    pub points: Vec<Vec3>,
    pub triangles: Vec<[u32; 3]>,
}

/// The two eyeballs, right then left, each as many points.
pub(crate) fn eyeballs(detail: usize) -> Piece {
    let mut piece = Piece::default();
    for left in [false, true] {
        let first = piece.points.len() as u32;
        let (points, triangles) = sphere(detail, detail / 2 + 1);
        let centre = mirrored(EYE, left);
        piece
            .points
            .extend(points.iter().map(|&p| centre + p * EYE_RADIUS));
        piece
            .triangles
            .extend(triangles.iter().map(|t| t.map(|i| i + first)));
    }
    piece
}

/// One row of teeth along the dental arch: upper or lower, with their gums.
pub(crate) fn teeth(upper: bool) -> Piece {
    const COLUMNS: usize = 97;
    const ROWS: usize = 10;
    let mut points = Vec::new();
    for row in 0..ROWS {
        let t = row as f32 / (ROWS - 1) as f32; // from the gum to the edge
        for column in 0..COLUMNS {
            let along = column as f32 / (COLUMNS - 1) as f32 * 2.0 - 1.0;
            let (s, c) = sin_cos(along * 1.35);
            let bulge = tooth(along);
            let (wide, deep) = if upper { (2.45, 2.55) } else { (2.25, 2.40) };
            let out = 0.94 + 0.06 * bulge - 0.06 * t * t;
            let edge = 0.10 * (1.0 - bulge) * smooth(0.6, 1.0, t) + 0.10 * along * along;
            let y = if upper {
                -3.25 - 1.12 * t + edge
            } else {
                -5.55 + 1.05 * t - edge
            };
            points.push(v(s * wide * out, y, 2.05 + c * deep * out));
        }
    }
    let mut triangles = grid_triangles(COLUMNS, ROWS, false);
    if !upper {
        for t in &mut triangles {
            t.swap(1, 2);
        }
    }
    Piece { points, triangles }
}

/// How far out the row of teeth stands at a place along it: 1 on a tooth, 0 between two.
pub(crate) fn tooth(along: f32) -> f32 {
    let c = cos(along * core::f32::consts::PI * 7.0).abs();
    1.0 - (1.0 - c) * (1.0 - c) * (1.0 - c)
}

/// The tongue, low and at the back.
pub(crate) fn tongue() -> Piece {
    let (points, triangles) = sphere(20, 12);
    let points = points
        .iter()
        .map(|p| v(p.x * 1.7, -5.45 + p.y * 0.7, 2.5 + p.z * 1.8))
        .collect();
    Piece { points, triangles }
}

/// The dark behind the teeth: a bag seen from inside, before the neck that runs up behind it.
pub(crate) fn hollow() -> Piece {
    let (points, mut triangles) = sphere(28, 18);
    let points: Vec<Vec3> = points
        .iter()
        .map(|p| v(p.x * 2.6, -4.3 + p.y * 2.1, 3.0 + p.z * 1.7))
        .collect();
    for t in &mut triangles {
        t.swap(1, 2);
    }
    // Open towards the lips.
    triangles.retain(|t| t.iter().any(|&i| points[i as usize].z < 3.6));
    Piece { points, triangles }
}
