//! Meshes and their smooth refinement.
//!
//! A *cage* is a coarse mesh that is easy to sculpt: the canonical face's few hundred points. A
//! *refinement* (Loop's scheme) says how each point of the fine, smooth mesh is a weighted sum
//! of cage points, so that whatever lives on the cage (positions, expressions, masks) is
//! carried to the fine mesh by the same sums.

use crate::maths::{Vec3, v};
use std::collections::BTreeMap;

/// Weighted sum of coarse points that makes one fine point.
type Row = Vec<(u32, f32)>;

/// One or more rounds of Loop subdivision of a mesh, as weighted sums.
#[derive(Clone, Debug)]
pub(crate) struct Refinement {
    rows: Vec<Row>,
    pub triangles: Vec<[u32; 3]>,
}

/// Something that can be averaged over points.
pub(crate) trait Blend: Copy + Default {
    fn add_scaled(&mut self, other: Self, weight: f32);
}

impl Blend for f32 {
    fn add_scaled(&mut self, other: f32, weight: f32) {
        *self += other * weight;
    }
}

impl Blend for Vec3 {
    fn add_scaled(&mut self, other: Vec3, weight: f32) {
        *self += other * weight;
    }
}

impl Refinement {
    /// Refines `triangles` over `points` points, `rounds` times (each makes four of each triangle).
    pub fn new(points: usize, triangles: &[[u32; 3]], rounds: usize) -> Refinement {
        let mut all = Refinement {
            rows: (0..points as u32).map(|i| vec![(i, 1.0)]).collect(),
            triangles: triangles.to_vec(),
        };
        for _ in 0..rounds {
            let step = subdivide(all.rows.len(), &all.triangles);
            all.rows = step
                .rows
                .iter()
                .map(|row| {
                    let mut sum: BTreeMap<u32, f32> = BTreeMap::new();
                    for &(via, weight) in row {
                        for &(from, inner) in &all.rows[via as usize] {
                            *sum.entry(from).or_default() += weight * inner;
                        }
                    }
                    sum.into_iter().collect()
                })
                .collect();
            all.triangles = step.triangles;
        }
        all
    }

    /// Carries values from the cage to the fine mesh.
    pub fn carry<T: Blend>(&self, cage: &[T]) -> Vec<T> {
        self.rows
            .iter()
            .map(|row| {
                let mut sum = T::default();
                for &(from, weight) in row {
                    sum.add_scaled(cage[from as usize], weight);
                }
                sum
            })
            .collect()
    }

    /// The cage whose fine mesh passes through `targets` at the cage's own points.
    ///
    /// Loop's scheme rounds corners off; a nose or a lid would shrink. This pushes the cage
    /// outwards until what comes out is where it was asked to be.
    pub fn interpolating(&self, targets: &[Vec3]) -> Vec<Vec3> {
        let mut cage = targets.to_vec();
        for _ in 0..12 {
            for i in 0..cage.len() {
                let mut got = Vec3::ZERO;
                for &(from, weight) in &self.rows[i] {
                    got.add_scaled(cage[from as usize], weight);
                }
                let gap = targets[i] - got;
                cage[i] += gap * 0.8;
            }
        }
        cage
    }
}

/// One round of Loop's scheme; the first `points` fine points are the coarse ones, moved.
fn subdivide(points: usize, triangles: &[[u32; 3]]) -> Refinement {
    // For every edge: the points across it, and the number of the new point on it.
    let mut edges: BTreeMap<(u32, u32), (Vec<u32>, u32)> = BTreeMap::new();
    let key = |a: u32, b: u32| (a.min(b), a.max(b));
    for &[a, b, c] in triangles {
        for (from, to, across) in [(a, b, c), (b, c, a), (c, a, b)] {
            edges.entry(key(from, to)).or_default().0.push(across);
        }
    }
    for (number, (_, (_, id))) in edges.iter_mut().enumerate() {
        *id = (points + number) as u32;
    }
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); points];
    let mut rim: Vec<Vec<u32>> = vec![Vec::new(); points];
    for (&(a, b), (across, _)) in &edges {
        around[a as usize].push(b);
        around[b as usize].push(a);
        if across.len() == 1 {
            rim[a as usize].push(b);
            rim[b as usize].push(a);
        }
    }
    let mut rows: Vec<Row> = Vec::with_capacity(points + edges.len());
    for i in 0..points {
        let own = i as u32;
        rows.push(match rim[i].as_slice() {
            &[a, b] => vec![(a, 0.125), (own, 0.75), (b, 0.125)],
            [] if !around[i].is_empty() => {
                let n = around[i].len() as f32;
                let beta = if around[i].len() == 3 {
                    3.0 / 16.0
                } else {
                    3.0 / (8.0 * n)
                };
                let mut row: Row = around[i].iter().map(|&j| (j, beta)).collect();
                row.push((own, 1.0 - n * beta));
                row
            }
            _ => vec![(own, 1.0)],
        });
    }
    for (&(a, b), (across, _)) in &edges {
        rows.push(match across.as_slice() {
            &[c, d] => vec![(a, 0.375), (b, 0.375), (c, 0.125), (d, 0.125)],
            _ => vec![(a, 0.5), (b, 0.5)],
        });
    }
    let on = |a: u32, b: u32| edges[&key(a, b)].1;
    let mut fine = Vec::with_capacity(4 * triangles.len());
    for &[a, b, c] in triangles {
        let (ab, bc, ca) = (on(a, b), on(b, c), on(c, a));
        fine.extend([[a, ab, ca], [ab, b, bc], [ca, bc, c], [ab, bc, ca]]);
    }
    Refinement {
        rows,
        triangles: fine,
    }
}

/// Unit normals of a mesh, area-weighted; counter-clockwise triangles face outwards.
pub(crate) fn normals_into(positions: &[Vec3], triangles: &[[u32; 3]], normals: &mut [Vec3]) {
    normals.fill(Vec3::ZERO);
    for t in triangles {
        let [a, b, c] = t.map(|i| i as usize);
        let normal = (positions[b] - positions[a]).cross(positions[c] - positions[a]);
        normals[a] += normal;
        normals[b] += normal;
        normals[c] += normal;
    }
    for normal in normals {
        *normal = normal.unit();
    }
}

/// A grid of `columns` by `rows` points as triangles; `closed` joins the last column to the first.
pub(crate) fn grid_triangles(columns: usize, rows: usize, closed: bool) -> Vec<[u32; 3]> {
    let mut triangles = Vec::new();
    let across = if closed {
        columns
    } else {
        columns.saturating_sub(1)
    };
    for row in 0..rows.saturating_sub(1) {
        for column in 0..across {
            let next = (column + 1) % columns;
            let at = |c: usize, r: usize| (r * columns + c) as u32;
            let (a, b) = (at(column, row), at(next, row));
            let (c, d) = (at(column, row + 1), at(next, row + 1));
            triangles.push([a, c, b]);
            triangles.push([b, c, d]);
        }
    }
    triangles
}

/// For every point, the points it shares an edge with.
pub(crate) fn neighbours(points: usize, triangles: &[[u32; 3]]) -> Vec<Vec<u32>> {
    let mut around: Vec<Vec<u32>> = vec![Vec::new(); points];
    for &[a, b, c] in triangles {
        for (from, to) in [(a, b), (b, c), (c, a), (b, a), (c, b), (a, c)] {
            let list = &mut around[from as usize];
            if !list.contains(&to) {
                list.push(to);
            }
        }
    }
    around
}

/// A unit sphere of latitude rings, poles along z.
pub(crate) fn sphere(columns: usize, rows: usize) -> (Vec<Vec3>, Vec<[u32; 3]>) {
    let mut points = Vec::new();
    for row in 0..rows {
        let (s, c) = crate::maths::sin_cos(core::f32::consts::PI * row as f32 / (rows - 1) as f32);
        for column in 0..columns {
            let turn = core::f32::consts::TAU * column as f32 / columns as f32;
            let (st, ct) = crate::maths::sin_cos(turn);
            points.push(v(s * ct, s * st, c));
        }
    }
    (points, grid_triangles(columns, rows, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn octahedron() -> (Vec<Vec3>, Vec<[u32; 3]>) {
        let p = vec![
            v(1.0, 0.0, 0.0),
            v(-1.0, 0.0, 0.0),
            v(0.0, 1.0, 0.0),
            v(0.0, -1.0, 0.0),
            v(0.0, 0.0, 1.0),
            v(0.0, 0.0, -1.0),
        ];
        let t = vec![
            [0, 2, 4],
            [2, 1, 4],
            [1, 3, 4],
            [3, 0, 4],
            [2, 0, 5],
            [1, 2, 5],
            [3, 1, 5],
            [0, 3, 5],
        ];
        (p, t)
    }

    #[test]
    fn weights_sum_to_one_and_counts_quadruple() {
        let (p, t) = octahedron();
        let fine = Refinement::new(p.len(), &t, 2);
        assert_eq!(fine.triangles.len(), t.len() * 16);
        for value in fine.carry(&vec![1.0f32; p.len()]) {
            assert!((value - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn interpolating_cages_reach_their_targets() {
        let (p, t) = octahedron();
        let fine = Refinement::new(p.len(), &t, 2);
        let cage = fine.interpolating(&p);
        for (got, want) in fine.carry(&cage).iter().zip(&p) {
            assert!((*got - *want).length() < 1e-2);
        }
    }

    #[test]
    fn normals_point_outwards() {
        let (p, t) = octahedron();
        let mut normals = vec![Vec3::ZERO; p.len()];
        normals_into(&p, &t, &mut normals);
        for (n, p) in normals.iter().zip(&p) {
            assert!(n.dot(*p) > 0.99);
        }
        let (p, t) = sphere(12, 9);
        let mut normals = vec![Vec3::ZERO; p.len()];
        normals_into(&p, &t, &mut normals);
        assert!(normals[40].dot(p[40]) > 0.9);
    }
}
