//! The skin in motion: where every place of the rest picture goes, and back again.

use super::anatomy::{Anatomy, from_canonical, to_canonical};
use super::grid::{Cell, NODES, SIDE, node, rise};
use super::model::Model;
use super::shapes::{Lip, displacement, parts_the_lips};
use sfumato_core::motion::{Blendshape, HeadPose, Motion};

/// Displacements of one shape over the rows that it touches.
#[derive(Debug)]
struct Layer {
    first: usize,
    /// `[x, y up, depth]` in region sides.
    moves: Vec<[f32; 3]>,
}

#[derive(Debug)]
struct Shape {
    shape: Blendshape,
    upper: Layer,
    /// As the lower lip's skin has it, where that differs.
    lower: Option<Layer>,
}

/// Forward displacement of one side of the lip line: x right, y down, region sides.
#[derive(Debug)]
struct Sheet {
    moves: Vec<[f32; 3]>,
    x: Vec<f32>,
    y: Vec<f32>,
}

impl Sheet {
    fn new() -> Sheet {
        Sheet {
            moves: vec![[0.0; 3]; NODES],
            x: vec![0.0; NODES],
            y: vec![0.0; NODES],
        }
    }

    fn add(&mut self, layer: &Layer, weight: f32) {
        let rows = self.moves.iter_mut().skip(layer.first).zip(&layer.moves);
        for (sum, moved) in rows {
            for axis in 0..3 {
                sum[axis] += weight * moved[axis];
            }
        }
    }

    fn at(&self, x: f32, y: f32) -> (f32, f32) {
        let cell = Cell::at(x, y);
        (cell.read(&self.x), cell.read(&self.y))
    }

    /// The rest position that is shown at `(x, y)`, found by fixed-point iteration from a guess
    /// of the displacement: the displacements are smooth and gentle enough for it to converge.
    fn source(&self, x: f32, y: f32, guess: [f32; 2]) -> (f32, f32) {
        let (mut rest_x, mut rest_y) = (x - guess[0], y - guess[1]);
        for _ in 0..14 {
            let (dx, dy) = self.at(rest_x, rest_y);
            let (off_x, off_y) = (x - dx - rest_x, y - dy - rest_y);
            // Going most of the way damps the oscillation where skin is strongly compressed.
            rest_x += 0.8 * off_x;
            rest_y += 0.8 * off_y;
            if off_x.abs() + off_y.abs() < CLOSE {
                break;
            }
        }
        (rest_x, rest_y)
    }
}

/// Accuracy of a rest position in region sides: a fiftieth of a pixel of a 2000-pixel region.
const CLOSE: f32 = 1e-5;

/// What lies at a shown position.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// The rest position that the skin there comes from (on the lip line in the opening).
    pub rest: [f32; 2],
    /// How far below the upper lip's inner edge: positive in the opening and on the lower lip.
    pub below_upper: f32,
    /// How far above the lower lip's inner edge: positive in the opening and on the upper lip.
    pub above_lower: f32,
    /// How far the upper and the lower lip's skin has moved to get here.
    moved: [[f32; 2]; 2],
}

/// The moving skin of one painted face.
#[derive(Debug)]
pub struct Surface {
    shapes: Vec<Shape>,
    depth: Vec<f32>,
    head: Vec<f32>,
    /// The point that the head turns about: x, y up, depth.
    pivot: [f32; 3],
    seam: Seam,
    upper: Sheet,
    lower: Sheet,
    /// Whether the lower lip's skin moves otherwise than the upper's at present.
    parted: bool,
}

/// The line where the lips meet, as a height for every x.
#[derive(Debug)]
struct Seam {
    left: f32,
    right: f32,
    heights: Vec<f32>,
}

impl Seam {
    const STEPS: usize = 128;

    fn new(points: &[[f32; 2]]) -> Seam {
        let left = points.first().map_or(0.0, |p| p[0]);
        let right = points.last().map_or(1.0, |p| p[0]);
        let heights = (0..=Seam::STEPS)
            .map(|step| {
                let x = left + (right - left) * step as f32 / Seam::STEPS as f32;
                let pair = points.windows(2).find(|pair| x <= pair[1][0]);
                let Some([a, b]) = pair.and_then(|p| <&[[f32; 2]; 2]>::try_from(p).ok()) else {
                    return points.last().map_or(0.0, |p| p[1]);
                };
                a[1] + (b[1] - a[1]) * ((x - a[0]) / (b[0] - a[0]).max(1e-6)).clamp(0.0, 1.0)
            })
            .collect();
        Seam {
            left,
            right,
            heights,
        }
    }

    fn height(&self, x: f32) -> f32 {
        let t = ((x - self.left) / (self.right - self.left).max(1e-6)).clamp(0.0, 1.0)
            * Seam::STEPS as f32;
        let index = (t as usize).min(Seam::STEPS - 1);
        let part = t - index as f32;
        let at = |i: usize| self.heights.get(i).copied().unwrap_or(0.0);
        at(index) + (at(index + 1) - at(index)) * part
    }
}

impl Surface {
    /// Works out every shape's displacement of every place of the painted face.
    pub fn new(model: &Model) -> Surface {
        let face = Anatomy::of(model);
        let pose = &model.pose;
        let canonical: Vec<[f32; 3]> = (0..NODES)
            .map(|index| {
                let (x, y) = node(index);
                to_canonical(pose, [x, y, model.depth[index]])
            })
            .collect();
        let off_the_eyes: Vec<f32> = (0..NODES)
            .map(|index| {
                let (x, y) = node(index);
                model.eyes.iter().map(|eye| eye.outside(x, y)).product()
            })
            .collect();
        let layer = |shape: Blendshape, lip: Lip| {
            let moves: Vec<[f32; 3]> = (0..NODES)
                .map(|index| {
                    let moved = displacement(shape, canonical[index], &face, lip);
                    // What hangs on the head moves; the wall behind it does not.
                    let held =
                        rise(0.0, 0.25, model.head[index]) * window(index) * off_the_eyes[index];
                    from_canonical(pose, moved).map(|c| c * held)
                })
                .collect();
            let still = |row: &[[f32; 3]]| row.iter().flatten().all(|&c| c == 0.0);
            let rows: Vec<usize> = (0..SIDE)
                .filter(|&row| !still(&moves[row * SIDE..(row + 1) * SIDE]))
                .collect();
            let (first, last) = match (rows.first(), rows.last()) {
                (Some(first), Some(last)) => (first * SIDE, (last + 1) * SIDE),
                _ => (0, 0),
            };
            Layer {
                first,
                moves: moves[first..last].to_vec(),
            }
        };
        let shapes = Blendshape::ALL
            .into_iter()
            .map(|shape| Shape {
                shape,
                upper: layer(shape, Lip::Upper),
                lower: parts_the_lips(shape).then(|| layer(shape, Lip::Lower)),
            })
            .filter(|shape| {
                !shape.upper.moves.is_empty()
                    || shape
                        .lower
                        .as_ref()
                        .is_some_and(|lower| !lower.moves.is_empty())
            })
            .collect();
        // A head turns about the top of the neck: below the ears and behind the face.
        let neck = from_canonical(pose, [0.0, -4.5, -6.5]);
        let pivot = core::array::from_fn(|axis| pose.translation[axis] + neck[axis]);
        let head = (0..NODES)
            .map(|index| model.head[index] * window(index))
            .collect();
        Surface {
            shapes,
            depth: model.depth.clone(),
            head,
            pivot,
            seam: Seam::new(&model.mouth.seam),
            upper: Sheet::new(),
            lower: Sheet::new(),
            parted: false,
        }
    }

    /// Moves the skin as `motion` says.
    pub fn pose(&mut self, motion: &Motion) {
        self.upper.moves.fill([0.0; 3]);
        self.lower.moves.fill([0.0; 3]);
        self.parted = false;
        let closing = motion.get(Blendshape::MouthClose).to_num::<f32>();
        for shape in &self.shapes {
            let mut weight = motion.get(shape.shape).to_num::<f32>();
            if shape.shape == Blendshape::JawOpen {
                weight *= 1.0 - 0.85 * closing;
            }
            if weight == 0.0 {
                continue;
            }
            self.parted |= shape.lower.is_some();
            self.upper.add(&shape.upper, weight);
            self.lower
                .add(shape.lower.as_ref().unwrap_or(&shape.upper), weight);
        }
        let turn = Turn::of(&motion.head);
        let both = if self.parted { 2 } else { 1 };
        for sheet in [&mut self.upper, &mut self.lower].into_iter().take(both) {
            for index in 0..NODES {
                let (x, y) = node(index);
                let moved = sheet.moves[index];
                let at = [
                    x + moved[0] - self.pivot[0],
                    -y + moved[1] - self.pivot[1],
                    self.depth[index] + moved[2] - self.pivot[2],
                ];
                let turned = turn.displace(at);
                let held = self.head[index];
                sheet.x[index] = moved[0] + held * turned[0];
                sheet.y[index] = -(moved[1] + held * turned[1]);
            }
        }
    }

    /// What is shown at `(x, y)`, region coordinates.
    ///
    /// `near` is the place found beside it, if any: the search starts from its displacement.
    pub fn place(&self, x: f32, y: f32, near: Option<&Place>) -> Place {
        let guess = |side: usize| near.map_or([0.0; 2], |place| place.moved[side]);
        let (upper_x, upper_y) = self.upper.source(x, y, guess(0));
        let (lower_x, lower_y) = if self.parted {
            self.lower.source(x, y, guess(1))
        } else {
            (upper_x, upper_y)
        };
        let below_upper = upper_y - self.seam.height(upper_x);
        let above_lower = self.seam.height(lower_x) - lower_y;
        let rest = if below_upper <= 0.0 {
            [upper_x, upper_y]
        } else if above_lower <= 0.0 {
            [lower_x, lower_y]
        } else {
            // In the opening: a place of the lip line, passing smoothly from lip to lip.
            let part = below_upper / (below_upper + above_lower).max(1e-9);
            let across = upper_x + (lower_x - upper_x) * part;
            [across, self.seam.height(across)]
        };
        let moved = [[x - upper_x, y - upper_y], [x - lower_x, y - lower_y]];
        Place {
            rest,
            below_upper,
            above_lower,
            moved,
        }
    }

    /// Where the middle of the rest lip line has gone: the middle between both lips.
    pub fn mouth_middle(&self) -> [f32; 2] {
        let x = 0.5 * (self.seam.left + self.seam.right);
        let y = self.seam.height(x);
        let (upper_x, upper_y) = self.upper.at(x, y);
        let lower = if self.parted {
            &self.lower
        } else {
            &self.upper
        };
        let (lower_x, lower_y) = lower.at(x, y);
        [x + 0.5 * (upper_x + lower_x), y + 0.5 * (upper_y + lower_y)]
    }
}

/// 1 within the region, falling to 0 at its border, so that nothing moves there.
fn window(index: usize) -> f32 {
    let (x, y) = node(index);
    let edge = x.min(y).min(1.0 - x).min(1.0 - y);
    rise(0.004, 0.09, edge)
}

/// A rotation of the head: yaw about the upright axis after pitch after roll.
struct Turn {
    rows: [[f32; 3]; 3],
}

impl Turn {
    fn of(head: &HeadPose) -> Turn {
        let angle = |degrees: sfumato_core::motion::Real| {
            let radians = degrees.to_num::<f32>().to_radians();
            (libm::sinf(radians), libm::cosf(radians))
        };
        let (ys, yc) = angle(head.yaw);
        let (ps, pc) = angle(head.pitch);
        let (rs, rc) = angle(head.roll);
        let yaw = [[yc, 0.0, ys], [0.0, 1.0, 0.0], [-ys, 0.0, yc]];
        let pitch = [[1.0, 0.0, 0.0], [0.0, pc, -ps], [0.0, ps, pc]];
        let roll = [[rc, -rs, 0.0], [rs, rc, 0.0], [0.0, 0.0, 1.0]];
        Turn {
            rows: product(&yaw, &product(&pitch, &roll)),
        }
    }

    /// How far the rotation moves a point given relative to the pivot.
    fn displace(&self, at: [f32; 3]) -> [f32; 3] {
        core::array::from_fn(|row| {
            (0..3)
                .map(|column| self.rows[row][column] * at[column])
                .sum::<f32>()
                - at[row]
        })
    }
}

fn product(a: &[[f32; 3]; 3], b: &[[f32; 3]; 3]) -> [[f32; 3]; 3] {
    core::array::from_fn(|row| {
        core::array::from_fn(|column| (0..3).map(|k| a[row][k] * b[k][column]).sum())
    })
}
