//! The skin in motion: where every place of the rest picture goes, and back again.

use super::anatomy::{Anatomy, from_canonical, to_canonical};
use super::grid::{Cell, NODES, SIDE, Sloped, node, rise};
use super::model::Model;
use super::shapes::{Lip, displacement, opening, parting, parts_the_lips};
use super::sitter::Cause;
use super::spread::{Counts, Spread};
use core::ops::Range;
use sfumato_core::motion::{Blendshape, HeadPose, Motion};

/// Displacements of one shape over the rows that it touches.
#[derive(Debug)]
struct Layer {
    first: usize,
    /// `[x, y up, depth]` in region sides.
    moves: Vec<[f32; 3]>,
}

impl Layer {
    fn add_to(&self, sum: &mut [[f32; 3]], weight: f32) {
        for (sum, moved) in sum.iter_mut().skip(self.first).zip(&self.moves) {
            for axis in 0..3 {
                sum[axis] += weight * moved[axis];
            }
        }
    }

    fn add_at(&self, index: usize, sum: &mut [f32; 3], weight: f32) {
        let moved = index
            .checked_sub(self.first)
            .and_then(|i| self.moves.get(i));
        for (sum, moved) in sum.iter_mut().zip(moved.into_iter().flatten()) {
            *sum += weight * moved;
        }
    }

    fn rows(&self) -> Range<usize> {
        self.first / SIDE..(self.first + self.moves.len()).div_ceil(SIDE)
    }
}

#[derive(Debug)]
struct Shape {
    cause: Cause,
    all: Layer,
    /// What the upper and the lower lip's skin moves beyond that where the lips part.
    lips: Option<[Layer; 2]>,
}

/// Forward displacement of every node.
#[derive(Debug)]
struct Sheet {
    /// `[x, y up, depth]` before the head turns, region sides.
    moves: Vec<[f32; 3]>,
    /// `[x right, y down]` after it, region sides.
    shown: Vec<[f32; 2]>,
}

impl Sheet {
    const fn empty() -> Sheet {
        Sheet {
            moves: Vec::new(),
            shown: Vec::new(),
        }
    }

    fn new() -> Sheet {
        Sheet {
            moves: vec![[0.0; 3]; NODES],
            shown: vec![[0.0; 2]; NODES],
        }
    }
}

/// Accuracy of a rest position in region sides: a fiftieth of a pixel of a 2000-pixel region.
const CLOSE: f32 = 1e-5;

/// Steps of the search for a rest position, and the farthest that one goes, region sides.
const STEPS: usize = 16;
const LONGEST_STEP: f32 = 0.03;

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
    /// The nodes that the parting is ever read at.
    gap: [Range<usize>; 2],
    all: Sheet,
    /// What the upper and the lower lip's skin moves beyond that where the opening is 1.
    lips: [Sheet; 2],
    /// Whether the lower lip's skin moves otherwise than the upper's at present.
    parted: bool,
}

/// The line where the lips meet, as a height for every x.
#[derive(Debug)]
struct Seam {
    left: f32,
    right: f32,
    heights: Vec<f32>,
    /// From end to end, divided by its own length twice: the dot product is the part gone.
    chord: [f32; 2],
    /// How much of the parting each of [`Seam::STEPS`] parts of the chord has.
    opening: Vec<f32>,
}

impl Seam {
    const STEPS: usize = 128;

    fn new(points: &[[f32; 2]], opening: impl Fn([f32; 2], f32) -> f32) -> Seam {
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
            .collect::<Vec<f32>>();
        let ends = [0, Seam::STEPS].map(|end| heights.get(end).copied().unwrap_or(0.0));
        let (wide, high) = ((right - left).max(1e-6), ends[1] - ends[0]);
        let square = wide * wide + high * high;
        let mut profile: Vec<f32> = heights
            .iter()
            .enumerate()
            .map(|(step, &y)| {
                let part = step as f32 / Seam::STEPS as f32;
                opening([left + wide * part, y], part)
            })
            .collect();
        // Whatever rounding says: at the corners the lips meet.
        for end in [0, Seam::STEPS] {
            if let Some(end) = profile.get_mut(end) {
                *end = 0.0;
            }
        }
        Seam {
            left,
            right,
            heights,
            chord: [wide / square, high / square],
            opening: profile,
        }
    }

    /// The opening's share of the parting at a rest position, and its slopes right and down.
    fn opening(&self, x: f32, y: f32) -> (f32, [f32; 2]) {
        let start = self.heights.first().copied().unwrap_or(0.0);
        let part = (x - self.left) * self.chord[0] + (y - start) * self.chord[1];
        // Also false for what is not a number.
        if !(part > 0.0 && part < 1.0) {
            return (0.0, [0.0; 2]);
        }
        let along = part * Seam::STEPS as f32;
        let index = (along as usize).min(Seam::STEPS - 1);
        let at = |i: usize| self.opening.get(i).copied().unwrap_or(0.0);
        let step = at(index + 1) - at(index);
        let value = at(index) + step * (along - index as f32);
        (value, self.chord.map(|c| c * step * Seam::STEPS as f32))
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
        let layer = |displacement: &dyn Fn(usize) -> [f32; 3]| {
            let moves: Vec<[f32; 3]> = (0..NODES)
                .map(|index| {
                    // What hangs on the head moves; the wall behind it does not.
                    let held =
                        rise(0.0, 0.25, model.head[index]) * window(index) * off_the_eyes[index];
                    displacement(index).map(|c| c * held)
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
        let own = Own::new(model);
        let heads = [Cause::Yaw, Cause::Pitch].into_iter();
        let causes = Blendshape::ALL.into_iter().map(Cause::Shape).chain(heads);
        let shapes: Vec<Shape> = causes
            .map(|cause| {
                let Cause::Shape(shape) = cause else {
                    return Shape {
                        cause,
                        all: layer(&|index| own.at(cause, index, Counts::All)),
                        lips: None,
                    };
                };
                let parts = parts_the_lips(shape);
                let skin = if parts {
                    Counts::BesideLips
                } else {
                    Counts::All
                };
                let lip = |lip| {
                    layer(&|index| {
                        let moved =
                            from_canonical(pose, parting(shape, canonical[index], &face, lip));
                        let (own, skin) = (
                            own.at(cause, index, Counts::With(lip)),
                            own.at(cause, index, skin),
                        );
                        core::array::from_fn(|axis| moved[axis] + own[axis] - skin[axis])
                    })
                };
                Shape {
                    cause,
                    all: layer(&|index| {
                        let moved =
                            from_canonical(pose, displacement(shape, canonical[index], &face));
                        let own = own.at(cause, index, skin);
                        core::array::from_fn(|axis| moved[axis] + own[axis])
                    }),
                    lips: parts.then(|| [Lip::Upper, Lip::Lower].map(lip)),
                }
            })
            .filter(|shape| !shape.all.moves.is_empty() || shape.lips.is_some())
            .collect();
        let seam = Seam::new(&model.mouth.seam, |[x, y], part| {
            let depth = Cell::at(x, y).read(&model.depth);
            let [turned, ..] = to_canonical(pose, [x, y, depth]);
            let turned = ((turned - face.mouth[0]) / face.mouth_half).clamp(-1.0, 1.0);
            // On a turned face the far corner is steep. Painted, that looks like a tear: the
            // opening keeps to the picture's proportions more than to the head's.
            opening(0.15 * turned + 0.85 * (2.0 * part - 1.0))
        });
        let rows = shapes
            .iter()
            .flat_map(|shape| shape.lips.iter().flatten())
            .map(Layer::rows)
            .filter(|rows| !rows.is_empty())
            .reduce(|a, b| a.start.min(b.start)..a.end.max(b.end))
            .unwrap_or(0..0);
        // A place between the corners may lie as far aside as the lip line leans.
        let lean = rows.len() as f32 / SIDE as f32 * (seam.chord[1] / seam.chord[0]).abs();
        let column = |x: f32| (x * SIDE as f32).clamp(0.0, SIDE as f32) as usize;
        let columns =
            column(seam.left - lean).saturating_sub(2)..(column(seam.right + lean) + 3).min(SIDE);
        let head = (0..NODES)
            .map(|index| model.head[index] * window(index))
            .collect();
        Surface {
            shapes,
            depth: model.depth.clone(),
            head,
            pivot: pose.neck(),
            seam,
            gap: [rows, columns],
            all: Sheet::new(),
            lips: [Sheet::new(), Sheet::new()],
            parted: false,
        }
    }

    /// Moves the skin as `motion` says.
    pub fn pose(&mut self, motion: &Motion) {
        self.all.moves.fill([0.0; 3]);
        if self.parted {
            for lip in &mut self.lips {
                lip.moves.fill([0.0; 3]);
            }
        }
        // Taken out for the while, since the shapes that act are borrowed of the same.
        let mut all = core::mem::replace(&mut self.all, Sheet::empty());
        let mut lips = core::mem::replace(&mut self.lips, [Sheet::empty(), Sheet::empty()]);
        let mut parted = false;
        for (weight, shape) in self.acting(motion) {
            shape.all.add_to(&mut all.moves, weight);
            for (sum, lip) in lips.iter_mut().zip(shape.lips.iter().flatten()) {
                parted = true;
                lip.add_to(&mut sum.moves, weight);
            }
        }
        (self.all, self.lips, self.parted) = (all, lips, parted);
        let turn = Turn::of(&motion.head);
        for index in 0..NODES {
            let moved = self.all.moves[index];
            let turned = turn.displace(self.off_pivot(index, moved));
            let held = self.head[index];
            self.all.shown[index] = [moved[0] + held * turned[0], -(moved[1] + held * turned[1])];
        }
        if !self.parted {
            return;
        }
        let [rows, columns] = &self.gap;
        for lip in &mut self.lips {
            for row in rows.clone() {
                for index in row * SIDE + columns.start..row * SIDE + columns.end {
                    // A turn is linear: what the lips add is turned by itself.
                    let moved = lip.moves[index];
                    let turned = turn.displace(moved);
                    let held = self.head[index];
                    lip.shown[index] =
                        [moved[0] + held * turned[0], -(moved[1] + held * turned[1])];
                }
            }
        }
    }

    /// Where a lip's skin at a rest position goes and how that changes, and the opening there.
    fn moved(&self, lip: usize, x: f32, y: f32) -> (Sloped, f32) {
        let cell = Cell::at(x, y);
        let mut moved = cell.read_pair(&self.all.shown);
        if !self.parted {
            return (moved, 0.0);
        }
        let (opening, slope) = self.seam.opening(x, y);
        if opening > 0.0
            && let Some(sheet) = self.lips.get(lip)
        {
            let more = cell.read_pair(&sheet.shown);
            for axis in 0..2 {
                moved.value[axis] += opening * more.value[axis];
                moved.right[axis] += opening * more.right[axis] + slope[0] * more.value[axis];
                moved.down[axis] += opening * more.down[axis] + slope[1] * more.value[axis];
            }
        }
        (moved, opening)
    }

    /// Where a lip's skin at a rest position goes, region sides to the right and down.
    pub fn goes(&self, lip: Lip, [x, y]: [f32; 2]) -> [f32; 2] {
        self.moved(usize::from(lip == Lip::Lower), x, y).0.value
    }

    /// The rest position that a lip's skin shows at `(x, y)`, and the opening there.
    ///
    /// Found by Newton's steps from a guess of the displacement: skin that is drawn out several
    /// times, or sheared at the mouth's corners, is found as surely as skin at rest.
    fn source(&self, lip: usize, x: f32, y: f32, guess: [f32; 2]) -> ([f32; 2], f32) {
        let mut rest = [x - guess[0], y - guess[1]];
        let mut at = self.moved(lip, rest[0], rest[1]);
        for step in 0..STEPS {
            let (moved, _) = &at;
            let off = [x - moved.value[0] - rest[0], y - moved.value[1] - rest[1]];
            if off[0].abs() + off[1].abs() < CLOSE {
                break;
            }
            let (xx, xy) = (1.0 + moved.right[0], moved.down[0]);
            let (yx, yy) = (moved.right[1], 1.0 + moved.down[1]);
            // Strongly squeezed skin would send a step far beyond its target.
            let area = (xx * yy - xy * yx).max(0.15);
            let mut go = [
                (yy * off[0] - xy * off[1]) / area,
                (xx * off[1] - yx * off[0]) / area,
            ];
            // Shorter steps end any to and fro across an edge between two cells.
            let calm = if step < 5 { 1.0 } else { 0.6 };
            let long = go[0].abs().max(go[1].abs());
            let share = calm * (LONGEST_STEP / long.max(LONGEST_STEP));
            go = go.map(|c| c * share);
            rest = [rest[0] + go[0], rest[1] + go[1]];
            at = self.moved(lip, rest[0], rest[1]);
        }
        (rest, at.1)
    }

    /// What is shown at `(x, y)`, region coordinates.
    ///
    /// `near` is the place found beside it, if any: the search starts from its displacement.
    pub fn place(&self, x: f32, y: f32, near: Option<&Place>) -> Place {
        let guess = |side: usize| near.map_or([0.0; 2], |place| place.moved[side]);
        let ([upper_x, upper_y], opening) = self.source(0, x, y, guess(0));
        // Beside the mouth both lips' skin is the same.
        let [lower_x, lower_y] = if opening > 0.0 {
            self.source(1, x, y, guess(1)).0
        } else {
            [upper_x, upper_y]
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

    /// Where the middle of the rest lip line goes by `motion`: the middle between both lips.
    ///
    /// Works with the four nodes around it alone: nothing need be posed.
    pub fn mouth_middle(&self, motion: &Motion) -> [f32; 2] {
        let x = 0.5 * (self.seam.left + self.seam.right);
        let y = self.seam.height(x);
        let cell = Cell::at(x, y);
        let (opening, _) = self.seam.opening(x, y);
        let turn = Turn::of(&motion.head);
        let corners = cell.nodes().map(|index| {
            let mut moved = [0.0; 3];
            let mut lips = [0.0; 3];
            for (weight, shape) in self.acting(motion) {
                shape.all.add_at(index, &mut moved, weight);
                for lip in shape.lips.iter().flatten() {
                    lip.add_at(index, &mut lips, 0.5 * weight);
                }
            }
            let lips = lips.map(|c| opening * c);
            let all: [f32; 3] = core::array::from_fn(|axis| moved[axis] + lips[axis]);
            // A turn is linear: the lips may be added before it.
            let turned = turn.displace(self.off_pivot(index, all));
            let held = self.head[index];
            [all[0] + held * turned[0], -(all[1] + held * turned[1])]
        });
        let [right, down] = cell.between(corners);
        [x + right, y + down]
    }

    /// The shapes that act in `motion`, and how much.
    fn acting(&self, motion: &Motion) -> impl Iterator<Item = (f32, &Shape)> {
        self.shapes.iter().filter_map(move |shape| {
            let weight = shape.cause.of(motion);
            (weight != 0.0).then_some((weight, shape))
        })
    }

    /// A moved node relative to the point that the head turns about.
    fn off_pivot(&self, index: usize, moved: [f32; 3]) -> [f32; 3] {
        let (x, y) = node(index);
        [
            x + moved[0] - self.pivot[0],
            -y + moved[1] - self.pivot[1],
            self.depth[index] + moved[2] - self.pivot[2],
        ]
    }
}

/// How the sitter's own landmarks go beyond where all faces' do.
struct Own<'a> {
    spread: Option<Spread>,
    model: &'a Model,
}

impl Own<'_> {
    fn new(model: &Model) -> Own<'_> {
        let told = model
            .sitter
            .as_ref()
            .is_some_and(|sitter| !sitter.moves.is_empty());
        Own {
            spread: told.then(|| Spread::new(&model.landmarks)),
            model,
        }
    }

    /// At a node, by a cause of one: `[x, y up, depth]`, region sides.
    fn at(&self, cause: Cause, node: usize, counts: Counts) -> [f32; 3] {
        let moves = self.model.sitter.iter().flat_map(|sitter| &sitter.moves);
        let mut moves = moves.filter(|moves| moves.cause == cause);
        match (&self.spread, moves.next()) {
            (Some(spread), Some(moves)) => {
                let [right, down] = spread.at(node, &moves.landmarks, counts);
                [right, -down, 0.0]
            }
            _ => [0.0; 3],
        }
    }
}

/// How much a shape weighs in a motion.
pub fn weight(shape: Blendshape, motion: &Motion) -> f32 {
    let much = motion.get(shape).to_num::<f32>();
    if shape == Blendshape::JawOpen {
        let closing = motion.get(Blendshape::MouthClose).to_num::<f32>();
        lively(much) * (1.0 - 0.85 * closing)
    } else {
        much
    }
}

/// How far the jaw goes for a coefficient in [0, 1].
///
/// A painted mouth has no gleam that gives a small opening away: it opens a little sooner than the visitor's and arrives
/// together with it. By a seventh, not by half: that gaped whenever somebody talked.
fn lively(jaw: f32) -> f32 {
    jaw * (1.15 - 0.15 * jaw)
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
        let [x, y, z] = at;
        let [a, b, c] = self.rows;
        [
            a[0] * x + a[1] * y + a[2] * z - x,
            b[0] * x + b[1] * y + b[2] * z - y,
            c[0] * x + c[1] * y + c[2] * z - z,
        ]
    }
}

fn product(a: &[[f32; 3]; 3], b: &[[f32; 3]; 3]) -> [[f32; 3]; 3] {
    core::array::from_fn(|row| {
        core::array::from_fn(|column| (0..3).map(|k| a[row][k] * b[k][column]).sum())
    })
}
