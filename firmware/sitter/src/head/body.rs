//! Neck, shoulders and dress: one surface of rings, skin above the neckline and cloth below.

use super::inner::Piece;
use crate::maths::{Vec3, bell, curve, fractal2, noise2, sin, sin_cos, smooth, v};
use crate::mesh::grid_triangles;

/// Rings of the trunk: height, half width, depth before and behind the middle, middle.
const RINGS: [[f32; 5]; 12] = [
    [-2.0, 4.8, 4.3, 5.0, -4.2],
    [-8.0, 4.6, 4.3, 5.0, -4.2],
    [-11.0, 4.5, 4.3, 5.0, -4.6],
    [-14.0, 4.9, 4.6, 5.4, -5.1],
    [-16.0, 6.3, 5.3, 5.9, -5.4],
    [-17.6, 9.6, 6.0, 6.4, -5.4],
    [-19.2, 13.6, 6.9, 7.0, -5.3],
    [-21.5, 16.6, 8.1, 7.9, -5.2],
    [-25.0, 18.2, 9.8, 9.0, -5.0],
    [-31.0, 18.6, 12.0, 10.0, -5.0],
    [-38.0, 18.2, 12.6, 10.0, -5.0],
    [-62.0, 19.0, 11.5, 10.0, -5.0],
];

/// Height of the neckline at a distance from the middle.
fn neckline(x: f32) -> f32 {
    curve(
        &[
            (0.0, -24.6),
            (4.0, -24.4),
            (8.0, -23.2),
            (10.0, -21.2),
            (11.2, -18.0),
            (11.8, -14.0),
        ],
        x.abs(),
    )
}

/// At a place of the trunk at rest: shares of cloth, of its golden band, and of the white hem above.
pub(crate) fn dressed(p: Vec3) -> (f32, f32, f32) {
    let edge = neckline(p.x) - p.y + 0.05 * noise2(p.x * 1.7, p.z * 1.7, 31);
    let below_neck = smooth(-15.0, -16.0, p.y);
    // The shoulders are covered wherever the neckline runs.
    let shoulder = smooth(9.0, 9.3, p.x.abs()) * smooth(-14.5, -15.0, p.y);
    let cloth = (smooth(-0.03, 0.03, edge) * below_neck).max(shoulder);
    let band = cloth * smooth(1.05, 0.95, edge) * smooth(-0.3, 0.0, edge);
    let hem = smooth(-0.34, -0.26, edge)
        * smooth(0.03, -0.03, edge)
        * below_neck
        * smooth(9.5, 8.0, p.x.abs());
    (cloth, band, hem)
}

/// Neck, shoulders and dress as one surface.
pub(crate) fn trunk(columns: usize, rows: usize) -> Piece {
    let column =
        |k: usize| -> Vec<(f32, f32)> { RINGS.iter().rev().map(|r| (r[0], r[k])).collect() };
    let (wide, before, behind, middle) = (column(1), column(2), column(3), column(4));
    let mut trunk = Piece::default();
    for row in 0..rows {
        let t = row as f32 / (rows - 1) as f32;
        let y = -2.0 - 58.0 * t * (0.62 + 0.38 * t);
        for column in 0..columns {
            let turn = core::f32::consts::TAU * column as f32 / columns as f32;
            let (s, c) = sin_cos(turn);
            let depth = if c > 0.0 {
                curve(&before, y)
            } else {
                curve(&behind, y)
            };
            // Shoulders are rounder in front than an ellipse: a little squareness.
            let square = 1.0 + 0.10 * smooth(-16.0, -20.0, y) * (s * c).abs();
            let mut p = v(
                curve(&wide, y) * s * square,
                y,
                curve(&middle, y) + depth * c * square,
            );
            let out = v(s, 0.15, c).unit();
            if c > -0.2 {
                p += out * anatomy(p);
            }
            let edge = neckline(p.x) - p.y;
            let cloth = smooth(-0.35, 0.25, edge) * smooth(-15.0, -17.0, p.y);
            if cloth > 0.0 {
                p += out * (0.30 * cloth + folds(p, turn, edge) * smooth(0.9, 2.5, edge));
            }
            trunk.points.push(p);
        }
    }
    trunk.triangles = grid_triangles(columns, rows, true);
    trunk
}

/// Collar bones, the pit of the throat, the neck's long muscles, the breast.
fn anatomy(p: Vec3) -> f32 {
    let x = p.x.abs();
    let mut height = 0.0;
    // Collar bones run from the pit of the throat outwards and slightly up.
    let bone = -17.6 + 0.05 * x + 0.5 * bell(x - 8.0, 4.0);
    height += 0.50 * bell(p.y - bone, 0.6) * smooth(0.8, 2.2, x) * smooth(13.0, 8.0, x);
    height -= 0.45 * bell(p.y - bone - 1.3, 0.8) * smooth(2.0, 4.0, x) * smooth(11.0, 7.0, x);
    height -= 0.45 * bell(p.y + 17.1, 0.9) * bell(x, 0.9);
    // The muscle from behind the ear to the breastbone.
    let muscle = curve(
        &[(-17.5, 1.2), (-14.0, 2.3), (-10.0, 3.8), (-6.0, 5.2)],
        p.y,
    );
    height += 0.30 * bell(x - muscle, 0.8) * smooth(-17.8, -16.6, p.y) * smooth(-5.0, -8.0, p.y);
    // The breast, round and low.
    let breast = bell(x - 7.0, 5.2) * bell(p.y + 34.0, 7.0);
    height + 3.0 * breast - 0.55 * bell(x, 1.8) * smooth(-19.0, -25.0, p.y)
}

/// Fine pleats that fan out from the neckline, and slow heavy folds.
fn folds(p: Vec3, turn: f32, below: f32) -> f32 {
    let drift = 1.2 * noise2(turn * 5.0, p.y * 0.06, 11);
    let pleats = sin(turn * 70.0 + 4.0 * drift) * 0.22 * smooth(16.0, 3.0, below);
    let heavy = fractal2(
        turn * 7.0 + 0.3 * drift,
        p.y * 0.035 + p.x * 0.02,
        3,
        0.5,
        5,
    );
    pleats + 1.1 * heavy * smooth(1.0, 9.0, below)
}
