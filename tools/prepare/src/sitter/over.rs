//! Where each place of the painted face lies in another picture: by the triangles of the face mesh.

use sfumato_core::canonical::TRIANGLES;
use sfumato_core::drawing::FIELD_SIDE;
use sfumato_generator::rig::model::Model;

/// A triangle seen at less than this share of its painted size is seen too much from the side.
const LEAST_SEEN: f32 = 0.25;

/// Nodes over which shades fade towards the border of the mesh.
const FADE: i64 = 2;

/// The field's nodes that lie on the painted face.
pub struct Over {
    /// Column and row of the first node of the part that holds them, and its columns and rows.
    pub first: [usize; 2],
    pub size: [usize; 2],
    /// Row by row of the part; none beside the face.
    nodes: Vec<Option<Lies>>,
}

/// Where in which triangle.
#[derive(Clone, Copy)]
struct Lies {
    corners: [usize; 3],
    shares: [f32; 3],
    /// Twice its painted area, region sides squared, with its sign.
    area: f32,
}

impl Over {
    /// Of a painted face.
    pub fn new(model: &Model) -> Over {
        let point = |index: usize| {
            let [x, y, _] = model.landmarks[index];
            [x, y].map(|c| c * FIELD_SIDE as f32 - 0.5)
        };
        let (mut low, mut high) = ([FIELD_SIDE; 2], [0; 2]);
        for index in 0..model.landmarks.len() {
            for (axis, at) in point(index).into_iter().enumerate() {
                let at = at.clamp(0.0, (FIELD_SIDE - 1) as f32);
                low[axis] = low[axis].min(at.floor() as usize);
                high[axis] = high[axis].max(at.ceil() as usize);
            }
        }
        let size = [0, 1].map(|axis: usize| (high[axis] + 1).saturating_sub(low[axis]));
        let mut nodes: Vec<Option<Lies>> = vec![None; size[0] * size[1]];
        for triangle in &TRIANGLES {
            let corners = triangle.map(usize::from);
            let [a, b, c] = corners.map(point);
            let area = cross(a, b, c);
            if area.abs() < 1e-6 {
                continue;
            }
            for (index, node) in nodes.iter_mut().enumerate() {
                let at = [
                    (low[0] + index % size[0]) as f32,
                    (low[1] + index / size[0]) as f32,
                ];
                let shares = [cross(at, b, c), cross(a, at, c), cross(a, b, at)].map(|s| s / area);
                if shares.iter().all(|&share| share >= -1e-4) {
                    *node = Some(Lies {
                        corners,
                        shares,
                        area: area / (FIELD_SIDE * FIELD_SIDE) as f32,
                    });
                }
            }
        }
        Over {
            first: low,
            size,
            nodes,
        }
    }

    /// How many nodes the part has.
    pub fn nodes(&self) -> usize {
        self.nodes.len()
    }

    /// A node's place in the region.
    pub fn place(&self, index: usize) -> [f32; 2] {
        let node = [index % self.size[0], index / self.size[0]];
        [0, 1].map(|axis| ((self.first[axis] + node[axis]) as f32 + 0.5) / FIELD_SIDE as f32)
    }

    /// Where a node lies among other points of the mesh, `scale` of which go to a region side; none beside the face, or where it
    /// is turned away.
    pub fn find(&self, index: usize, points: &[[f32; 2]], scale: f32) -> Option<[f32; 2]> {
        let lies = (*self.nodes.get(index)?)?;
        let corners = lies.corners.map(|corner| points[corner]);
        let [a, b, c] = corners;
        let seen = cross(a, b, c) / (lies.area * scale * scale);
        if seen < LEAST_SEEN {
            return None;
        }
        Some([0, 1].map(|axis| {
            let parts = lies.shares.iter().zip(&corners);
            parts.map(|(share, corner)| share * corner[axis]).sum()
        }))
    }

    /// 1 well within the face, 0 at its border and beside it.
    pub fn within(&self, index: usize) -> f32 {
        let [columns, rows] = self.size.map(|size| size as i64);
        let (x, y) = (index as i64 % columns, index as i64 / columns);
        let mut known = 0;
        for dy in -FADE..=FADE {
            for dx in -FADE..=FADE {
                let (x, y) = (x + dx, y + dy);
                if (0..columns).contains(&x) && (0..rows).contains(&y) {
                    known += usize::from(self.nodes[(y * columns + x) as usize].is_some());
                }
            }
        }
        let all = (2 * FADE + 1).pow(2) as f32;
        (2.0 * known as f32 / all - 1.0).clamp(0.0, 1.0)
    }
}

fn cross(a: [f32; 2], b: [f32; 2], c: [f32; 2]) -> f32 {
    (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])
}
