//! How deep the head is at every place of the region, and how far each place follows it.
//!
//! Inside the face the depth comes from the landmarks' triangles; beyond it the surface falls
//! away like a head does and flattens out behind. The whole is smoothed: a painted head turns by
//! a few degrees only, and a gentle surface never folds, so nothing tears at the far cheek.

use crate::frame::{Frame, OVAL};
use crate::plane::Plane;
use crate::silhouette::About;
use sfumato_core::canonical::TRIANGLES;
use sfumato_generator::rig::grid::{NODES, SIDE, node, rise};

/// What [`shape`] finds.
#[derive(Debug)]
pub struct Head {
    /// Depth towards the viewer at every node of the rig's maps, region sides.
    pub depth: Vec<f32>,
    /// How far every node follows the head, in [0, 1].
    pub follows: Vec<f32>,
}

/// Works out the head's shape.
pub fn shape(frame: &Frame) -> Head {
    let inside = mesh_depth(frame);
    let oval = oval(frame);
    let wide = frame.face_width;
    let back = frame
        .landmarks
        .iter()
        .map(|p| p[2])
        .fold(f32::MAX, f32::min)
        - 0.15 * wide;
    let (chin, brow) = (frame.point(152), frame.point(10));
    let mut depth = Plane::new(SIDE, SIDE, 0.0);
    let mut follows = Plane::new(SIDE, SIDE, 0.0);
    for (index, measured) in inside.iter().enumerate() {
        let (x, y) = node(index);
        let (distance, edge_depth) = nearest(&oval, x, y);
        let distance = distance / wide;
        depth.values[index] = match *measured {
            Some(value) => value,
            // Steep at first like a temple, then level: hair and cap hang on the head.
            None => edge_depth + (back - edge_depth) * (1.0 - (-2.2 * distance).exp()),
        };
        // Above: hair and brow of the hat go along. Below: the neck turns only half.
        let along = ((y - brow[1]) / (chin[1] - brow[1]).max(1e-3)).clamp(-0.5, 1.5);
        let below = rise(0.75, 1.05, along);
        let (hold, fade) = (0.22 - 0.20 * below, 0.78 - 0.06 * below);
        follows.values[index] = match measured {
            Some(_) => 1.0,
            None => 1.0 - rise(hold, fade, distance),
        };
    }
    Head {
        depth: depth.blurred(2.4).values,
        follows: follows.blurred(2.4).values,
    }
}

/// Where every place of a grid of `side` by `side` lies about the face.
pub fn about(frame: &Frame, side: usize) -> Vec<About> {
    let oval = oval(frame);
    let (chin, brow) = (frame.point(152), frame.point(10));
    let wide = frame.face_width;
    let [neck, ..] = frame.pose.neck();
    (0..side * side)
        .map(|index| {
            let at = |i: usize| (i as f32 + 0.5) / side as f32;
            let (x, y) = (at(index % side), at(index / side));
            let (distance, _) = nearest(&oval, x, y);
            let sign = if encloses(&oval, x, y) { -1.0 } else { 1.0 };
            About {
                distance: sign * distance / wide,
                along: (y - brow[1]) / (chin[1] - brow[1]).max(1e-3),
                aside: (x - neck).abs() / wide,
            }
        })
        .collect()
}

fn oval(frame: &Frame) -> Vec<[f32; 3]> {
    OVAL.iter()
        .map(|&i| frame.landmarks.get(i).copied().unwrap_or_default())
        .collect()
}

/// Whether the outline goes around the place.
fn encloses(oval: &[[f32; 3]], x: f32, y: f32) -> bool {
    let mut inside = false;
    for (index, a) in oval.iter().enumerate() {
        let b = oval[(index + 1) % oval.len()];
        if (a[1] > y) != (b[1] > y) && x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]) {
            inside = !inside;
        }
    }
    inside
}

/// Depth of the nearest triangle over every node; none outside the mesh.
fn mesh_depth(frame: &Frame) -> Vec<Option<f32>> {
    let mut found: Vec<Option<f32>> = vec![None; NODES];
    for triangle in &TRIANGLES {
        let corners = triangle.map(|index| {
            frame
                .landmarks
                .get(usize::from(index))
                .copied()
                .unwrap_or_default()
        });
        let [a, b, c] = corners;
        let area = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        if area.abs() < 1e-9 {
            continue;
        }
        let bound = |axis: usize, low: bool| {
            let values = [a[axis], b[axis], c[axis]];
            let edge = if low {
                values.into_iter().fold(f32::MAX, f32::min) * SIDE as f32 - 1.0
            } else {
                values.into_iter().fold(f32::MIN, f32::max) * SIDE as f32 + 1.0
            };
            edge.clamp(0.0, SIDE as f32) as usize
        };
        for row in bound(1, true)..bound(1, false).min(SIDE) {
            for column in bound(0, true)..bound(0, false).min(SIDE) {
                let index = row * SIDE + column;
                let (x, y) = node(index);
                let u = ((x - a[0]) * (c[1] - a[1]) - (y - a[1]) * (c[0] - a[0])) / area;
                let v = ((b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0])) / area;
                if u < 0.0 || v < 0.0 || u + v > 1.0 {
                    continue;
                }
                let depth = a[2] + u * (b[2] - a[2]) + v * (c[2] - a[2]);
                if found[index].is_none_or(|known| depth > known) {
                    found[index] = Some(depth);
                }
            }
        }
    }
    found
}

/// Distance to the outline and the outline's depth there.
fn nearest(oval: &[[f32; 3]], x: f32, y: f32) -> (f32, f32) {
    let mut best = (f32::MAX, 0.0);
    for (index, a) in oval.iter().enumerate() {
        let b = oval[(index + 1) % oval.len()];
        let along = [b[0] - a[0], b[1] - a[1]];
        let length = (along[0] * along[0] + along[1] * along[1]).max(1e-12);
        let t = (((x - a[0]) * along[0] + (y - a[1]) * along[1]) / length).clamp(0.0, 1.0);
        let (dx, dy) = (x - a[0] - t * along[0], y - a[1] - t * along[1]);
        let distance = (dx * dx + dy * dy).sqrt();
        if distance < best.0 {
            best = (distance, a[2] + t * (b[2] - a[2]));
        }
    }
    best
}
