//! The baseline `warp`: what an artist would hack, the picture bent by 468 landmarks.
//!
//! The driver's landmarks are laid upright by a rigid fit, and how each has moved since the source frame is added to the
//! picture's own. The head's turn since then is added, bounded, about a point half a face width behind the face. A ring of
//! fixed points closes the face's surroundings. Between the points the picture is stretched linearly over the Delaunay
//! triangles of where they went; the field is read at 96 x 96 places, resized, and the picture is read through it, linearly
//! between pixels. Nothing is drawn that the picture does not show: an opened mouth is a stretched lip line.

use super::driver::{Seen, WIDE, to_wide};
use anyhow::Result;
use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::pixels::Rgb;
use sfumato_motion::measure::RIGID_POINTS;
use sfumato_motion::rigid::{self, Similarity, Vector};
use spade::{
    DelaunayTriangulation, FloatTriangulation as _, HasPosition, Point2, Triangulation as _,
};

/// Columns and rows of the field.
const FIELD: usize = 96;

/// Points on each side of the ring.
const RING: usize = 9;

/// Half the side of the square that is bent, in heights or widths of the face.
const REACH: f32 = 1.1;

/// Temples, chin and forehead: around what the head turns.
const AROUND: [usize; 4] = [234, 454, 152, 10];

type Rotation = [Vector; 3];

/// A corner of the triangles: where it went, and how far it is from there to where it was.
struct Corner {
    at: Point2<f64>,
    back: [f64; 2],
}

impl HasPosition for Corner {
    type Scalar = f64;

    fn position(&self) -> Point2<f64> {
        self.at
    }
}

/// A picture that can be bent.
pub struct Warp {
    source: Vec<Rgb>,
    /// The picture's own landmarks, y up, and their fit.
    points: Vec<Vector>,
    fit: Similarity,
    /// The same in the canonical frame.
    canonical: Vec<Vector>,
    /// Left, top, right and bottom of what is bent, pixels.
    bounds: [f32; 4],
    ring: Vec<[f32; 2]>,
    pivot: Vector,
    /// The head turns no farther than this, radians.
    bound: f32,
}

impl Warp {
    /// Of a wide picture and its face, in pixels of its crop; `bound` in degrees. None where the face is none.
    pub fn new(source: &[Rgb], seen: &Seen, bound: f32) -> Option<Warp> {
        let landmarks: Vec<Landmark> = seen.landmarks.iter().map(to_wide).collect();
        let points: Vec<Vector> = landmarks.iter().map(upright).collect();
        let fit = fit(&points)?;
        let [low, high] = [f32::min, f32::max].map(|pick: fn(f32, f32) -> f32| {
            let start = [landmarks[0].x, landmarks[0].y];
            landmarks
                .iter()
                .fold(start, |[x, y], l| [pick(x, l.x), pick(y, l.y)])
        });
        let reach = REACH * (high[0] - low[0]).max(high[1] - low[1]);
        let middle = [0.5 * (low[0] + high[0]), 0.5 * (low[1] + high[1])];
        let edge = WIDE as f32;
        let bounds = [
            (middle[0] - reach).max(0.0).floor(),
            (middle[1] - reach).max(0.0).floor(),
            (middle[0] + reach).min(edge).floor(),
            (middle[1] + reach).min(edge).floor(),
        ];
        let mut ring = Vec::new();
        for row in 0..RING {
            for column in 0..RING {
                if [0, RING - 1].contains(&row) || [0, RING - 1].contains(&column) {
                    let part = |index: usize| index as f32 / (RING - 1) as f32;
                    ring.push([
                        bounds[0] + (bounds[2] - bounds[0]) * part(column),
                        bounds[1] + (bounds[3] - bounds[1]) * part(row),
                    ]);
                }
            }
        }
        let mut pivot = [0.0; 3];
        for index in AROUND {
            for (sum, value) in pivot.iter_mut().zip(points[index]) {
                *sum += value / AROUND.len() as f32;
            }
        }
        pivot[2] -= 0.5 * (high[0] - low[0]);
        Some(Warp {
            source: source.to_vec(),
            canonical: points.iter().map(|point| fit.undo(*point)).collect(),
            points,
            fit,
            bounds,
            ring,
            pivot,
            bound: bound.to_radians(),
        })
    }

    /// Where the picture's points go when the driver's face does what it does, pixels.
    fn moved(&self, driver: &Seen, rest: &Seen) -> Option<Vec<[f32; 2]>> {
        let [now, then] = [driver, rest].map(|seen| {
            let points: Vec<Vector> = seen.landmarks.iter().map(upright).collect();
            fit(&points).map(|fit| (points, fit))
        });
        let ((now, now_fit), (then, then_fit)) = (now?, then?);
        let turned = product(&now_fit.rotation, &transposed(&then_fit.rotation));
        let turned = bounded(&turned, self.bound);
        let moved = (0..LANDMARKS).map(|index| {
            let (a, b) = (now_fit.undo(now[index]), then_fit.undo(then[index]));
            let shape = add(self.canonical[index], rigid::subtract(a, b));
            let away = rigid::subtract(apply(&self.fit, shape), self.pivot);
            let [x, y, _] = add(times(&turned, away), self.pivot);
            [x, -y]
        });
        Some(moved.collect())
    }

    /// Draws the picture bent as the driver's face is, [`WIDE`] pixels a side.
    ///
    /// `rest` is the driver's face in the source frame. Where the driver's face is none the picture stays.
    pub fn draw(&self, driver: &Seen, rest: &Seen, out: &mut Vec<Rgb>) -> Result<()> {
        out.clone_from(&self.source);
        let Some(moved) = self.moved(driver, rest) else {
            return Ok(());
        };
        let field = self.field(&moved)?;
        let [left, top, right, bottom] = self.bounds.map(|edge| edge as usize);
        for y in top..bottom {
            for x in left..right {
                let [dx, dy] = self.read_field(&field, x, y);
                let pixel = read(&self.source, x as f32 + dx, y as f32 + dy);
                if let Some(slot) = out.get_mut(y * WIDE + x) {
                    *slot = pixel;
                }
            }
        }
        Ok(())
    }

    /// How far it is back to where the paint was, at every place of the field.
    fn field(&self, moved: &[[f32; 2]]) -> Result<Vec<[f32; 2]>> {
        let corner = |to: [f32; 2], from: [f32; 2]| Corner {
            at: Point2::new(f64::from(to[0]), f64::from(to[1])),
            back: [0, 1].map(|axis: usize| f64::from(from[axis]) - f64::from(to[axis])),
        };
        let mut corners: Vec<Corner> = self.ring.iter().map(|&at| corner(at, at)).collect();
        for (to, [x, y, _]) in moved.iter().zip(&self.points) {
            corners.push(corner(*to, [*x, -*y]));
        }
        let triangles = DelaunayTriangulation::<Corner>::bulk_load(corners)?;
        let reader = triangles.barycentric();
        let mut weights = Vec::new();
        let [left, top, right, bottom] = self.bounds;
        let mut field = Vec::with_capacity(FIELD * FIELD);
        for row in 0..FIELD {
            for column in 0..FIELD {
                let part = |index: usize| index as f32 / (FIELD - 1) as f32;
                let x = left + (right - 1.0 - left) * part(column);
                let y = top + (bottom - 1.0 - top) * part(row);
                reader.get_weights(Point2::new(f64::from(x), f64::from(y)), &mut weights);
                let mut back = [0.0; 2];
                for &(corner, weight) in &weights {
                    let corner = triangles.vertex(corner);
                    for (sum, back) in back.iter_mut().zip(corner.data().back) {
                        *sum += weight * back;
                    }
                }
                field.push(back.map(|value| value as f32));
            }
        }
        Ok(field)
    }

    fn read_field(&self, field: &[[f32; 2]], x: usize, y: usize) -> [f32; 2] {
        let [left, top, right, bottom] = self.bounds;
        let last = (FIELD - 1) as f32;
        let u = (x as f32 - left) / (right - 1.0 - left).max(1.0) * last;
        let v = (y as f32 - top) / (bottom - 1.0 - top).max(1.0) * last;
        let (column, row) = (u as usize, v as usize);
        let at = |row: usize, column: usize| {
            let index = row.min(FIELD - 1) * FIELD + column.min(FIELD - 1);
            field.get(index).copied().unwrap_or_default()
        };
        let (across, down) = (u - column as f32, v - row as f32);
        [0, 1].map(|axis: usize| {
            let line = |row| mix(at(row, column)[axis], at(row, column + 1)[axis], across);
            mix(line(row), line(row + 1), down)
        })
    }
}

/// A pixel of the picture, linear between four; beyond the edge the nearest.
fn read(picture: &[Rgb], x: f32, y: f32) -> Rgb {
    let last = (WIDE - 1) as f32;
    let (x, y) = (x.clamp(0.0, last), y.clamp(0.0, last));
    let (column, row) = (x as usize, y as usize);
    let at = |row: usize, column: usize| {
        let index = row.min(WIDE - 1) * WIDE + column.min(WIDE - 1);
        picture.get(index).copied().unwrap_or_default()
    };
    let four = [
        [at(row, column), at(row, column + 1)],
        [at(row + 1, column), at(row + 1, column + 1)],
    ];
    let (across, down) = (x - column as f32, y - row as f32);
    [0, 1, 2].map(|colour: usize| {
        let line = |[a, b]: [Rgb; 2]| mix(f32::from(a[colour]), f32::from(b[colour]), across);
        (mix(line(four[0]), line(four[1]), down) + 0.5) as u8
    })
}

fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

fn upright(point: &Landmark) -> Vector {
    [point.x, -point.y, -point.z]
}

fn fit(points: &[Vector]) -> Option<Similarity> {
    let to = RIGID_POINTS.map(|index| points.get(index).copied().unwrap_or_default());
    rigid::fit(&RIGID_POINTS.map(|index| VERTICES[index]), &to)
}

fn apply(fit: &Similarity, point: Vector) -> Vector {
    let turned = times(&fit.rotation, rigid::subtract(point, fit.from_mean));
    add(turned.map(|value| fit.scale * value), fit.to_mean)
}

fn add(a: Vector, b: Vector) -> Vector {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn times(rotation: &Rotation, v: Vector) -> Vector {
    rotation.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

fn transposed(a: &Rotation) -> Rotation {
    std::array::from_fn(|row| std::array::from_fn(|column| a[column][row]))
}

fn product(a: &Rotation, b: &Rotation) -> Rotation {
    let b = transposed(b);
    a.map(|row| b.map(|column| row[0] * column[0] + row[1] * column[1] + row[2] * column[2]))
}

/// The same turn, but no farther than so many radians.
fn bounded(turn: &Rotation, bound: f32) -> Rotation {
    let trace = turn[0][0] + turn[1][1] + turn[2][2];
    let angle = (0.5 * (trace - 1.0)).clamp(-1.0, 1.0).acos();
    if angle <= bound {
        return *turn;
    }
    // The axis, by Rodrigues; a head never turns by half a circle.
    let axis = [
        turn[2][1] - turn[1][2],
        turn[0][2] - turn[2][0],
        turn[1][0] - turn[0][1],
    ];
    let length = axis.iter().map(|x| x * x).sum::<f32>().sqrt().max(1e-9);
    let [x, y, z] = axis.map(|value| value / length);
    let (sin, cos) = bound.sin_cos();
    let rest = 1.0 - cos;
    [
        [
            cos + x * x * rest,
            x * y * rest - z * sin,
            x * z * rest + y * sin,
        ],
        [
            y * x * rest + z * sin,
            cos + y * y * rest,
            y * z * rest - x * sin,
        ],
        [
            z * x * rest - y * sin,
            z * y * rest + x * sin,
            cos + z * z * rest,
        ],
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::face::IRIS;

    /// The average face in its crop, turned, its chin lowered.
    fn face(yaw: f32, chin: f32) -> Seen {
        let (sin, cos) = (yaw.to_radians().sin(), yaw.to_radians().cos());
        let landmarks = std::array::from_fn(|index| {
            let [x, y, z] = VERTICES[index];
            let y = if index == 17 { y - chin } else { y };
            Landmark {
                x: 128.0 + 10.0 * (cos * x + sin * z),
                y: 128.0 - 10.0 * y,
                z: -10.0 * (cos * z - sin * x),
            }
        });
        let rim = [[0.0, 0.0], [4.0, 0.0], [0.0, -4.0], [-4.0, 0.0], [0.0, 4.0]];
        let iris = |x: f32| {
            rim.map(|[dx, dy]| Landmark {
                x: x + dx,
                y: 100.0 + dy,
                z: 0.0,
            })
        };
        let irises: [[Landmark; IRIS]; 2] = [iris(95.0), iris(160.0)];
        Seen::of(Box::new(landmarks), &irises).unwrap()
    }

    fn picture() -> Vec<Rgb> {
        let level = |x: usize, y: usize| [(x / 3) as u8, (y / 3) as u8, ((x ^ y) & 255) as u8];
        (0..WIDE * WIDE)
            .map(|i| level(i % WIDE, i / WIDE))
            .collect()
    }

    #[test]
    fn what_does_not_move_stays_the_picture() {
        let (source, rest) = (picture(), face(5.0, 0.0));
        let warp = Warp::new(&source, &rest, 12.0).unwrap();
        let mut out = Vec::new();
        warp.draw(&rest, &rest, &mut out).unwrap();
        let far = source.as_flattened().iter().zip(out.as_flattened());
        let most = far.map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        // Points that came back by a rounding's breadth may change a level.
        assert!(most <= 1, "{most}");
    }

    #[test]
    fn a_lowered_lip_pulls_the_paint_down() {
        let rest = face(0.0, 0.0);
        let warp = Warp::new(&picture(), &rest, 12.0).unwrap();
        let moved = warp.moved(&face(0.0, 0.5), &rest).unwrap();
        let was = to_wide(&rest.landmarks[17]);
        assert!(
            (moved[17][1] - was.y - 10.0).abs() < 0.1,
            "{} {}",
            moved[17][1],
            was.y
        );
        assert!((moved[17][0] - was.x).abs() < 0.1);
        let still = to_wide(&rest.landmarks[9]);
        assert!((moved[9][1] - still.y).abs() < 0.1);
    }

    #[test]
    fn the_head_turns_no_farther_than_it_may() {
        let rest = face(0.0, 0.0);
        let nose = |yaw: f32, bound: f32| {
            let warp = Warp::new(&picture(), &rest, bound).unwrap();
            warp.moved(&face(yaw, 0.0), &rest).unwrap()[4][0]
        };
        let rest_nose = to_wide(&rest.landmarks[4]).x;
        assert!(nose(8.0, 12.0) > rest_nose + 10.0);
        assert!((nose(40.0, 12.0) - nose(12.0, 12.0)).abs() < 0.5);
        assert!(nose(20.0, 20.0) > nose(12.0, 12.0) + 5.0);
    }
}
