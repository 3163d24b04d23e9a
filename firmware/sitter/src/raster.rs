//! Which triangle is seen at which pixel: cameras, and a small depth-buffered rasteriser.
//!
//! The rasteriser does not colour anything. It leaves for every pixel the number of the nearest
//! triangle; whoever shades the picture asks for the weights of its three corners there.

use crate::maths::{Rotation, Vec3, v};

/// Where a point falls in a picture: column, row, and nearness (greater is nearer).
pub(crate) type Projected = [f32; 3];

/// A point of view.
#[derive(Clone, Copy, Debug)]
pub(crate) enum View {
    /// A camera on the z axis side, looking towards falling z.
    Camera {
        /// Where the camera stands.
        eye: Vec3,
        /// Pixels per unit of distance over depth.
        focal: f32,
        /// Picture position that looks straight ahead, in pixels.
        middle: [f32; 2],
    },
    /// Parallel rays, as from a far light.
    Parallel {
        /// Turns the light's direction to z.
        turn: Rotation,
        /// Point in the picture's middle.
        centre: Vec3,
        /// Pixels per unit.
        scale: f32,
        /// Picture position of `centre`, in pixels.
        middle: [f32; 2],
    },
}

impl View {
    /// A view from far away along `direction` (towards the light) of a ball of `radius`.
    pub fn from_light(direction: Vec3, centre: Vec3, radius: f32, side: usize) -> View {
        let z = direction.unit();
        let up = if z.y.abs() > 0.9 {
            v(1.0, 0.0, 0.0)
        } else {
            v(0.0, 1.0, 0.0)
        };
        let x = up.cross(z).unit();
        let y = z.cross(x);
        let half = side as f32 * 0.5;
        View::Parallel {
            turn: Rotation([x, y, z]),
            centre,
            scale: half / radius,
            middle: [half, half],
        }
    }

    pub fn project(&self, p: Vec3) -> Projected {
        match self {
            View::Camera { eye, focal, middle } => {
                let near = 1.0 / (eye.z - p.z).max(1e-3);
                [
                    middle[0] + (p.x - eye.x) * focal * near,
                    middle[1] - (p.y - eye.y) * focal * near,
                    near,
                ]
            }
            View::Parallel {
                turn,
                centre,
                scale,
                middle,
            } => {
                let q = turn.apply(p - *centre);
                [middle[0] + q.x * scale, middle[1] - q.y * scale, q.z]
            }
        }
    }
}

/// No triangle.
pub(crate) const NOTHING: u32 = u32::MAX;

/// What is nearest at each pixel.
#[derive(Clone, Debug)]
pub(crate) struct Raster {
    pub width: usize,
    pub height: usize,
    /// Nearness of the nearest triangle; very small where there is none.
    pub near: Vec<f32>,
    /// The label given to [`Raster::draw`] plus the triangle's index; [`NOTHING`] where none.
    pub label: Vec<u32>,
}

impl Raster {
    pub fn new(width: usize, height: usize) -> Raster {
        Raster {
            width,
            height,
            near: vec![f32::MIN; width * height],
            label: vec![NOTHING; width * height],
        }
    }

    pub fn clear(&mut self) {
        self.near.fill(f32::MIN);
        self.label.fill(NOTHING);
    }

    /// Draws triangles over projected points; triangle `i` gets the label `first + i`.
    ///
    /// `cull` leaves out triangles that turn their back.
    pub fn draw(&mut self, points: &[Projected], triangles: &[[u32; 3]], first: u32, cull: bool) {
        for (index, t) in triangles.iter().enumerate() {
            let [a, b, c] = t.map(|i| points[i as usize]);
            let area = edge(a, b, c);
            // Rows grow downwards, so a face that looks at us comes out negative.
            if area == 0.0 || !area.is_finite() || (cull && area > 0.0) {
                continue;
            }
            let (left, right) = (min3(a[0], b[0], c[0]), max3(a[0], b[0], c[0]));
            let (top, bottom) = (min3(a[1], b[1], c[1]), max3(a[1], b[1], c[1]));
            // Pixel middles within the triangle's box; most small triangles hold few or none.
            let x0 = (left + 0.5).clamp(0.0, self.width as f32) as i32;
            let y0 = (top + 0.5).clamp(0.0, self.height as f32) as i32;
            let x1 = (right + 0.5).clamp(0.0, self.width as f32) as i32 - 1;
            let y1 = (bottom + 0.5).clamp(0.0, self.height as f32) as i32 - 1;
            if x0 > x1 || y0 > y1 {
                continue;
            }
            let (x0, y0, x1, y1) = (x0 as usize, y0 as usize, x1 as usize, y1 as usize);
            let scale = 1.0 / area;
            // Each corner's weight grows evenly along a row, and so does the nearness.
            let steps = [
                -(c[1] - b[1]) * scale,
                -(a[1] - c[1]) * scale,
                -(b[1] - a[1]) * scale,
            ];
            let inverse = steps.map(|step| -1.0 / step);
            let slope = steps[0] * a[2] + steps[1] * b[2] + steps[2] * c[2];
            for y in y0..=y1 {
                let p = [x0 as f32 + 0.5, y as f32 + 0.5, 0.0];
                let w = [
                    edge(b, c, p) * scale,
                    edge(c, a, p) * scale,
                    edge(a, b, p) * scale,
                ];
                // The stretch of the row where no weight is negative, with a hair's breadth to
                // spare so that neighbours leave no cracks.
                let (mut from, mut to) = (0.0f32, (x1 - x0) as f32);
                for k in 0..3 {
                    if steps[k] > 0.0 {
                        from = from.max(w[k] * inverse[k] - 1e-3);
                    } else if steps[k] < 0.0 {
                        to = to.min(w[k] * inverse[k] + 1e-3);
                    } else if w[k] < 0.0 {
                        to = -1.0;
                    }
                }
                if from > to {
                    continue;
                }
                let first_column = from as i32;
                let round_up = i32::from((first_column as f32) < from);
                let (from, to) = ((first_column + round_up) as usize, to as i32 as usize);
                if from > to {
                    continue;
                }
                let start = w[0] * a[2] + w[1] * b[2] + w[2] * c[2];
                let row = y * self.width + x0;
                let nears = &mut self.near[row + from..=row + to];
                let labels = &mut self.label[row + from..=row + to];
                for (x, (near, label)) in (from..).zip(nears.iter_mut().zip(labels)) {
                    let here = start + slope * x as f32;
                    if here > *near {
                        *near = here;
                        *label = first + index as u32;
                    }
                }
            }
        }
    }
}

/// Weights of a projected triangle's corners at a pixel position, summing to one.
pub(crate) fn weights(corners: [Projected; 3], x: f32, y: f32) -> [f32; 3] {
    let [a, b, c] = corners;
    let area = edge(a, b, c);
    if area == 0.0 {
        return [1.0, 0.0, 0.0];
    }
    let p = [x, y, 0.0];
    let wa = (edge(b, c, p) / area).clamp(0.0, 1.0);
    let wb = (edge(c, a, p) / area).clamp(0.0, 1.0 - wa);
    [wa, wb, 1.0 - wa - wb]
}

fn edge(a: Projected, b: Projected, p: Projected) -> f32 {
    (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0])
}

fn min3(a: f32, b: f32, c: f32) -> f32 {
    a.min(b).min(c)
}

fn max3(a: f32, b: f32, c: f32) -> f32 {
    a.max(b).max(c)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CAMERA: View = View::Camera {
        eye: v(0.0, 0.0, 10.0),
        focal: 20.0,
        middle: [16.0, 16.0],
    };

    #[test]
    fn the_nearer_triangle_wins_whatever_the_order() {
        let points: Vec<Projected> = [
            v(-4.0, -4.0, 0.0),
            v(4.0, -4.0, 0.0),
            v(0.0, 5.0, 0.0),
            v(-4.0, -4.0, 2.0),
            v(4.0, -4.0, 2.0),
            v(0.0, 5.0, 2.0),
        ]
        .map(|p| CAMERA.project(p))
        .to_vec();
        for order in [[[0, 1, 2], [3, 4, 5]], [[3, 4, 5], [0, 1, 2]]] {
            let mut raster = Raster::new(32, 32);
            raster.draw(&points, &order, 0, true);
            let seen = raster.label[16 * 32 + 16] as usize;
            assert_eq!(order[seen], [3, 4, 5]);
        }
    }

    #[test]
    fn backs_are_left_out() {
        let points =
            [v(-1.0, 0.0, 0.0), v(1.0, 0.0, 0.0), v(0.0, 1.0, 0.0)].map(|p| CAMERA.project(p));
        let mut raster = Raster::new(32, 32);
        raster.draw(&points, &[[0, 2, 1]], 0, true);
        assert!(raster.label.iter().all(|&l| l == NOTHING));
        raster.draw(&points, &[[0, 2, 1]], 7, false);
        assert!(raster.label.contains(&7));
    }

    #[test]
    fn lights_look_along_their_direction() {
        let view = View::from_light(v(1.0, 1.0, 1.0), Vec3::ZERO, 2.0, 64);
        let toward = view.project(v(1.0, 1.0, 1.0));
        let away = view.project(v(-1.0, -1.0, -1.0));
        assert!(toward[2] > away[2]);
        assert!((toward[0] - 32.0).abs() < 1e-3 && (toward[1] - 32.0).abs() < 1e-3);
    }

    proptest! {
        #[test]
        fn any_triangle_is_drawn_without_panic(xs in proptest::collection::vec(any::<f32>(), 9)) {
            let points = [[xs[0], xs[1], xs[2]], [xs[3], xs[4], xs[5]], [xs[6], xs[7], xs[8]]];
            let mut raster = Raster::new(16, 12);
            raster.draw(&points, &[[0, 1, 2]], 0, false);
        }
    }
}
