//! What further pictures of the sitter told about this very face.
//!
//! One picture shows one expression: a rig made of it moves the face as faces usually move, in the light in which it was
//! painted, and makes up what a mouth holds. Further pictures say how each place of *this* face goes otherwise ([`Moves`]),
//! which light and creases come with it ([`Shades`]), what shows between the lips ([`Inside`]) and how shut lids look. All of
//! it is linear in what the face does and nothing at rest, so that a face at rest stays the painting.

use super::grid::rise;
use super::surface::weight;
use serde::{Deserialize, Serialize};
use sfumato_core::drawing::{Amount, EYE_NODES, FIELD_NODES, FIELD_SIDE, Field, amount, share};
use sfumato_core::face::LANDMARKS;
use sfumato_core::motion::{Blendshape, Motion};

/// A head turned by so many degrees counts as one.
const TURN_AT_ONE: f32 = 10.0;

/// The most that all shades together may add or take, of full intensity.
const MOST_SHADE: f32 = 0.3;

/// What a face does, of which something follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Cause {
    /// An expression.
    Shape(Blendshape),
    /// The head turns to the picture's right.
    Yaw,
    /// The head nods.
    Pitch,
}

impl Cause {
    /// How much of it there is in a motion: an expression's weight in the rig, ten degrees of the head.
    pub fn of(self, motion: &Motion) -> f32 {
        match self {
            Cause::Shape(shape) => weight(shape, motion),
            Cause::Yaw => motion.head.yaw.to_num::<f32>() / TURN_AT_ONE,
            Cause::Pitch => motion.head.pitch.to_num::<f32>() / TURN_AT_ONE,
        }
    }

    /// The expression's name in the standard, or `headYaw`, `headPitch`.
    pub fn name(self) -> &'static str {
        match self {
            Cause::Shape(shape) => shape.name(),
            Cause::Yaw => "headYaw",
            Cause::Pitch => "headPitch",
        }
    }
}

impl From<Cause> for String {
    fn from(cause: Cause) -> String {
        cause.name().to_owned()
    }
}

impl TryFrom<String> for Cause {
    type Error = String;

    fn try_from(name: String) -> Result<Cause, String> {
        match name.as_str() {
            "headYaw" => Ok(Cause::Yaw),
            "headPitch" => Ok(Cause::Pitch),
            other => Blendshape::from_name(other)
                .map(Cause::Shape)
                .ok_or_else(|| format!("nothing that a face does is called {other:?}")),
        }
    }
}

/// What further pictures told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sitter {
    /// How the face moves otherwise than faces usually do.
    pub moves: Vec<Moves>,
    /// The light and the creases that come with it.
    pub shades: Shades,
    /// What shows between the lips; none where no picture showed it.
    pub inside: Option<Inside>,
    /// Light that shut lids have more than those the rig makes up, as a share of the colour in [-1, 1]: the nodes of each
    /// eye's patch, `[right, left]` of the subject; empty where no picture showed them.
    pub lids: [Vec<f32>; 2],
}

/// How far the landmarks go beyond where the rig takes them, for one cause of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moves {
    /// Of what.
    pub cause: Cause,
    /// To the right and down, region sides; 468 of them.
    pub landmarks: Vec<[f32; 2]>,
}

/// Colour that comes with what a face does, on a part of the field's nodes, in rest coordinates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Shades {
    /// Column and row of the part's first node.
    pub first: [usize; 2],
    /// Columns and rows of the part.
    pub size: [usize; 2],
    /// What comes with what.
    pub causes: Vec<Shade>,
}

/// Red, green and blue that come with one cause of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shade {
    /// With what.
    pub cause: Cause,
    /// Of full intensity, row by row.
    pub colours: Vec<[f32; 3]>,
}

/// What shows between parted lips: what hangs on the upper jaw, and what lies on the lower.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inside {
    /// Below the upper lip's edge: [`Inside::ROWS`] rows, evenly down to [`Inside::DEEP`], of [`Inside::COLUMNS`] from corner to
    /// corner; `[red, green, blue]` in [0, 1].
    pub upper: Vec<[f32; 3]>,
    /// Above the lower lip's edge, likewise upwards.
    pub lower: Vec<[f32; 3]>,
}

impl Inside {
    /// Columns from the corner on the picture's left to that on its right.
    pub const COLUMNS: usize = 17;
    /// Rows from a lip's edge inwards.
    pub const ROWS: usize = 10;
    /// How far the rows reach, mouth widths.
    pub const DEEP: f32 = 0.5;
    /// Cells of either half.
    pub const CELLS: usize = Inside::COLUMNS * Inside::ROWS;

    /// Share of the upper half at a place so far, in mouth widths, from either lip's edge.
    pub fn upper_part(from_upper: f32, from_lower: f32) -> f32 {
        let down = from_upper / (from_upper + from_lower).max(1e-6);
        1.0 - rise(0.35, 0.75, down)
    }

    /// The four cells of a half around a place, and their shares: `across` from -1 to 1 between the corners, `from` a
    /// lip's edge in mouth widths.
    pub fn cells(across: f32, from: f32) -> [(usize, f32); 4] {
        let along = |part: f32, count: usize| {
            // `max` turns what is not a number into an edge.
            let at = part.max(0.0);
            let at = at.min(1.0) * (count - 1) as f32;
            let first = (at as usize).min(count - 2);
            (first, at - first as f32)
        };
        let (column, right) = along(0.5 * (across + 1.0), Inside::COLUMNS);
        let (row, in_deep) = along(from / Inside::DEEP, Inside::ROWS);
        let first = row * Inside::COLUMNS + column;
        let below = first + Inside::COLUMNS;
        [
            (first, (1.0 - right) * (1.0 - in_deep)),
            (first + 1, right * (1.0 - in_deep)),
            (below, (1.0 - right) * in_deep),
            (below + 1, right * in_deep),
        ]
    }

    /// The colour at a place.
    pub fn read(&self, across: f32, from_upper: f32, from_lower: f32) -> [f32; 3] {
        let upper = Inside::upper_part(from_upper, from_lower);
        let mut colour = [0.0; 3];
        for (half, from, part) in [
            (&self.upper, from_upper, upper),
            (&self.lower, from_lower, 1.0 - upper),
        ] {
            for (cell, share) in Inside::cells(across, from) {
                let here = half.get(cell).copied().unwrap_or_default();
                for (sum, value) in colour.iter_mut().zip(here) {
                    *sum += part * share * value;
                }
            }
        }
        colour
    }
}

impl Sitter {
    /// What is not sane about it.
    pub(super) fn check(&self) -> Result<(), &'static str> {
        let small = |value: &f32| value.is_finite() && value.abs() <= 1.0;
        for moves in &self.moves {
            if moves.landmarks.len() != LANDMARKS
                || !moves.landmarks.as_flattened().iter().all(small)
            {
                return Err("how its sitter moves is not told by 468 sane points");
            }
        }
        let Shades {
            first,
            size,
            causes,
        } = &self.shades;
        let ends = |axis: usize| first[axis].checked_add(size[axis]);
        let fits = |axis: usize| ends(axis).is_some_and(|end| end <= FIELD_SIDE);
        let nodes = size[0].saturating_mul(size[1]);
        let sane = |shade: &Shade| {
            shade.colours.len() == nodes && shade.colours.as_flattened().iter().all(small)
        };
        if !fits(0) || !fits(1) || !causes.iter().all(sane) {
            return Err("its sitter's shades do not lie in the field or are wild");
        }
        if let Some(inside) = &self.inside {
            for half in [&inside.upper, &inside.lower] {
                let colours = half.as_flattened();
                if half.len() != Inside::CELLS || !colours.iter().all(|c| (0.0..=1.0).contains(c)) {
                    return Err(
                        "the inside of its sitter's mouth has the wrong size or wild colours",
                    );
                }
            }
        }
        let lids = |lids: &Vec<f32>| lids.is_empty() || lids.len() == EYE_NODES;
        if !self
            .lids
            .iter()
            .all(|eye| lids(eye) && eye.iter().all(small))
        {
            return Err("its sitter's lids have the wrong size or wild values");
        }
        Ok(())
    }
}

/// Draws shades; holds room for what the present motion makes of them.
#[derive(Debug)]
pub(super) struct Shading {
    shades: Shades,
    now: Vec<[f32; 3]>,
}

impl Shading {
    pub fn new(shades: Shades) -> Shading {
        Shading {
            now: vec![[0.0; 3]; shades.size[0] * shades.size[1]],
            shades,
        }
    }

    /// Draws what comes with a motion into a field whose flow is drawn.
    pub fn draw(&mut self, motion: &Motion, field: &mut Field) {
        for plane in &mut field.residual {
            plane.fill(Amount::ZERO);
        }
        self.now.fill([0.0; 3]);
        let mut any = false;
        for shade in &self.shades.causes {
            let much = shade.cause.of(motion);
            if much == 0.0 {
                continue;
            }
            any = true;
            for (sum, colour) in self.now.iter_mut().zip(&shade.colours) {
                for (sum, value) in sum.iter_mut().zip(colour) {
                    *sum += much * value;
                }
            }
        }
        if !any {
            return;
        }
        for index in 0..FIELD_NODES {
            // The skin's own place: creases go along with it.
            let flow = [&field.flow_x, &field.flow_y].map(|plane| share(plane[index]));
            let node = [index % FIELD_SIDE, index / FIELD_SIDE];
            let at: [f32; 2] = core::array::from_fn(|axis| {
                node[axis] as f32 + FIELD_SIDE as f32 * flow[axis] - self.shades.first[axis] as f32
            });
            if let Some(colour) = self.read(at) {
                for (plane, value) in field.residual.iter_mut().zip(colour) {
                    plane[index] = amount(value.clamp(-MOST_SHADE, MOST_SHADE));
                }
            }
        }
    }

    /// What there is at a place of the part, in its columns and rows; nothing beyond it.
    fn read(&self, [x, y]: [f32; 2]) -> Option<[f32; 3]> {
        let [columns, rows] = self.shades.size;
        // Also false for what is not a number.
        let inside = x > -1.0 && y > -1.0 && x < columns as f32 && y < rows as f32;
        if !inside {
            return None;
        }
        let (column, row) = (libm::floorf(x), libm::floorf(y));
        let (right, down) = (x - column, y - row);
        let at = |dx: i32, dy: i32| {
            let place = |value: f32, by: i32| usize::try_from(value as i32 + by).ok();
            let (column, row) = (place(column, dx), place(row, dy));
            let index = column
                .filter(|&column| column < columns)
                .and_then(|column| Some(row? * columns + column));
            index
                .and_then(|index| self.now.get(index))
                .copied()
                .unwrap_or_default()
        };
        let [a, b, c, d] = [at(0, 0), at(1, 0), at(0, 1), at(1, 1)];
        Some(core::array::from_fn(|channel| {
            let top = a[channel] + (b[channel] - a[channel]) * right;
            let bottom = c[channel] + (d[channel] - c[channel]) * right;
            top + (bottom - top) * down
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::motion::Real;

    #[test]
    fn causes_are_told_by_their_names() {
        for cause in [Cause::Yaw, Cause::Pitch, Cause::Shape(Blendshape::JawOpen)] {
            assert_eq!(Cause::try_from(String::from(cause)), Ok(cause));
        }
        assert!(Cause::try_from("headRoll".to_owned()).is_err());
    }

    #[test]
    fn a_mouth_shows_its_halves_at_their_own_lips() {
        let inside = Inside {
            upper: vec![[0.9; 3]; Inside::CELLS],
            lower: vec![[0.2; 3]; Inside::CELLS],
        };
        assert!(inside.read(0.0, 0.02, 0.3)[0] > 0.89);
        assert!(inside.read(0.5, 0.3, 0.02)[1] < 0.21);
        let between = inside.read(-0.5, 0.2, 0.17)[2];
        assert!((0.3..0.8).contains(&between), "{between}");
        for (across, from) in [(-1.0, 0.0), (0.37, 0.21), (1.0, 9.0), (f32::NAN, f32::NAN)] {
            let shares: f32 = Inside::cells(across, from).iter().map(|cell| cell.1).sum();
            assert!((shares - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn shades_come_with_their_cause_and_lie_on_the_skin() {
        let mut colours = vec![[0.0; 3]; 6];
        colours[4] = [0.1, -0.2, 0.5];
        let shades = Shades {
            first: [10, 20],
            size: [3, 2],
            causes: vec![Shade {
                cause: Cause::Yaw,
                colours,
            }],
        };
        let mut shading = Shading::new(shades);
        let mut field = Box::new(Field::REST);
        shading.draw(&Motion::REST, &mut field);
        assert_eq!(*field, Field::REST);
        let mut motion = Motion::REST;
        motion.head.yaw = Real::from_num(5);
        // The skin has moved a node to the right.
        field.flow_x.fill(amount(-1.0 / FIELD_SIDE as f32));
        shading.draw(&motion, &mut field);
        let marked = (0..FIELD_NODES).find(|&i| field.residual[0][i] != Amount::ZERO);
        let marked = marked.map(|index| [index % FIELD_SIDE, index / FIELD_SIDE]);
        assert_eq!(marked, Some([12, 21]));
        let index = 21 * FIELD_SIDE + 12;
        let colour = [0, 1, 2].map(|channel| share(field.residual[channel][index]));
        let wanted = [0.05, -0.1, 0.25];
        for (is, wanted) in colour.into_iter().zip(wanted) {
            assert!((is - wanted).abs() < 1e-3, "{colour:?}");
        }
        // A place half a node beyond each border of the part has half of what lies on it.
        field.flow_x.fill(amount(0.0));
        for (shift, at) in [
            ([0.0, 0.5], [11, 21]),
            ([0.0, -0.5], [11, 21]),
            ([0.5, 0.0], [11, 21]),
        ] {
            field.flow_x.fill(amount(shift[0] / FIELD_SIDE as f32));
            field.flow_y.fill(amount(shift[1] / FIELD_SIDE as f32));
            shading.draw(&motion, &mut field);
            let half = share(field.residual[2][at[1] * FIELD_SIDE + at[0]]);
            assert!((half - 0.125).abs() < 1e-3, "{shift:?}: {half}");
        }
        field.flow_x.fill(amount(-1.0 / FIELD_SIDE as f32));
        field.flow_y.fill(Amount::ZERO);
        motion.head.yaw = Real::from_num(500);
        shading.draw(&motion, &mut field);
        assert!(share(field.residual[2][index]) <= MOST_SHADE);
    }
}
