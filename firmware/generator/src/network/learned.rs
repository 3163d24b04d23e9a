//! What a network learns of a drawing, and the drawing made of what it says.
//!
//! Nothing is learned that follows exactly from something else: where the mouth's patch lies and
//! where the iris looks are six numbers that the rig works out at once, and the ground stays
//! behind wherever the flow moves it. What remains are four pictures, the [`Part`]s.

use crate::rig::Fixed;
use sfumato_core::drawing::{
    Amount, Drawing, EYE_HEIGHT, EYE_WIDTH, FIELD_SIDE, Field, MOUTH_HEIGHT, MOUTH_WIDTH, share,
};

/// Nodes over which the mouth's own flow fades in from its patch's border.
const FADE: usize = 5;

/// One of the pictures that a network makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Flow of the whole region.
    Field,
    /// The lips and what shows between them.
    Mouth,
    /// The subject's right eye.
    EyeRight,
    /// The subject's left eye.
    EyeLeft,
}

impl Part {
    /// All of them, in the order of a network's outputs.
    pub const ALL: [Part; 4] = [Part::Field, Part::Mouth, Part::EyeRight, Part::EyeLeft];

    /// Name of the network's output.
    pub fn name(self) -> &'static str {
        match self {
            Part::Field => "field",
            Part::Mouth => "mouth",
            Part::EyeRight => "eye_right",
            Part::EyeLeft => "eye_left",
        }
    }

    /// Rows, columns and channels.
    ///
    /// | part | channels |
    /// |---|---|
    /// | field | flow right, flow down |
    /// | mouth | flow right, flow down (with the field's, less what the whole patch moves), opening, red, green, blue |
    /// | eyes | flow right, flow down, opening, shading |
    pub fn shape(self) -> [usize; 3] {
        match self {
            Part::Field => [FIELD_SIDE, FIELD_SIDE, 2],
            Part::Mouth => [MOUTH_HEIGHT, MOUTH_WIDTH, 6],
            Part::EyeRight | Part::EyeLeft => [EYE_HEIGHT, EYE_WIDTH, 4],
        }
    }

    /// Numbers in the part.
    pub fn numbers(self) -> usize {
        self.shape().iter().product()
    }
}

/// Reads from a drawing what a network shall say, `part.numbers()` numbers: row by row, the channels
/// of each node together.
pub fn read(part: Part, drawing: &Drawing, fixed: &Fixed, out: &mut [f32]) {
    match part {
        Part::Field => {
            let flow = drawing.field.flow_x.iter().zip(&drawing.field.flow_y);
            for (out, (&x, &y)) in out.chunks_exact_mut(2).zip(flow) {
                out.copy_from_slice(&[share(x), share(y)]);
            }
        }
        Part::Mouth => {
            let mouth = &drawing.mouth;
            for (index, out) in out.chunks_exact_mut(6).enumerate() {
                let broad = broad(&drawing.field, mouth.centre, fixed.mouth_size, index);
                let [right, down] = fixed.mouth_moved.map(share);
                out[0] = right + share(broad[0]) + share(mouth.flow_x[index]);
                out[1] = down + share(broad[1]) + share(mouth.flow_y[index]);
                out[2] = share(mouth.opening[index]);
                for (out, plane) in out[3..].iter_mut().zip(&mouth.colour) {
                    *out = share(plane[index]);
                }
            }
        }
        Part::EyeRight | Part::EyeLeft => {
            let eye = &drawing.eyes[usize::from(part == Part::EyeLeft)];
            for (index, out) in out.chunks_exact_mut(4).enumerate() {
                let planes = [&eye.flow_x, &eye.flow_y, &eye.opening, &eye.shading];
                for (out, plane) in out.iter_mut().zip(planes) {
                    *out = share(plane[index]);
                }
            }
        }
    }
}

/// Makes a drawing of the four parts, which hold changes from rest: [`Amount`]s as `i32`.
///
/// `rest` is the drawing of a face at rest. The field must be written before the mouth is.
pub fn write(parts: [&[i32]; 4], rest: &Drawing, fixed: &Fixed, drawing: &mut Drawing) {
    let [field, mouth, right, left] = parts;
    let amount = Amount::from_bits;
    for (index, flow) in field.chunks_exact(2).enumerate() {
        drawing.field.flow_x[index] = amount(flow[0]);
        drawing.field.flow_y[index] = amount(flow[1]);
    }
    drawing.mouth.centre = fixed.mouth_centre;
    for (index, node) in mouth.chunks_exact(6).enumerate() {
        let broad = broad(&drawing.field, fixed.mouth_centre, fixed.mouth_size, index);
        let fade = FADED[faded(index)];
        let patch = &mut drawing.mouth;
        let own = |axis: usize| {
            let flow = amount(node[axis]).saturating_sub(fixed.mouth_moved[axis]);
            flow.saturating_sub(broad[axis]).saturating_mul(fade)
        };
        patch.flow_x[index] = own(0);
        patch.flow_y[index] = own(1);
        patch.opening[index] = rest.mouth.opening[index].saturating_add(amount(node[2]));
        for (channel, plane) in patch.colour.iter_mut().enumerate() {
            let colour =
                rest.mouth.colour[channel][index].saturating_add(amount(node[3 + channel]));
            plane[index] = colour.clamp(Amount::ZERO, Amount::ONE);
        }
    }
    for (side, part) in [right, left].into_iter().enumerate() {
        let (eye, rest) = (&mut drawing.eyes[side], &rest.eyes[side]);
        eye.gaze = fixed.gaze[side];
        for (index, node) in part.chunks_exact(4).enumerate() {
            eye.flow_x[index] = rest.flow_x[index].saturating_add(amount(node[0]));
            eye.flow_y[index] = rest.flow_y[index].saturating_add(amount(node[1]));
            eye.opening[index] = rest.opening[index].saturating_add(amount(node[2]));
            eye.shading[index] = rest.shading[index].saturating_add(amount(node[3]));
        }
    }
}

/// How far a node of the mouth's patch lies from its border, at most [`FADE`].
fn faded(index: usize) -> usize {
    let (row, column) = (index / MOUTH_WIDTH, index % MOUTH_WIDTH);
    let across = column.min(MOUTH_WIDTH - 1 - column);
    let down = row.min(MOUTH_HEIGHT - 1 - row);
    across.min(down).min(FADE)
}

/// Share of the mouth's own flow so many nodes from the border: a smooth rise.
const FADED: [Amount; FADE + 1] = {
    let mut shares = [Amount::ZERO; FADE + 1];
    let mut step = 0;
    while step <= FADE {
        let (t, one) = (step as i64, FADE as i64);
        let bits = t * t * (3 * one - 2 * t) * (1 << Amount::FRAC_NBITS) / (one * one * one);
        shares[step] = Amount::from_bits(bits as i32);
        step += 1;
    }
    shares
};

/// The field's flow at a node of the mouth's patch, as the compositor reads it.
fn broad(field: &Field, centre: [Amount; 2], size: [f32; 2], index: usize) -> [Amount; 2] {
    let across = ((index % MOUTH_WIDTH) as f32 + 0.5) / MOUTH_WIDTH as f32 - 0.5;
    let down = ((index / MOUTH_WIDTH) as f32 + 0.5) / MOUTH_HEIGHT as f32 - 0.5;
    let limit = (FIELD_SIDE - 1) as f32;
    let place = |centre: Amount, part: f32, size: f32| {
        ((share(centre) + part * size) * FIELD_SIDE as f32 - 0.5)
            .max(0.0)
            .min(limit)
    };
    let u = place(centre[0], across, size[0]);
    let v = place(centre[1], down, size[1]);
    let column = (u as usize).min(FIELD_SIDE - 2);
    let row = (v as usize).min(FIELD_SIDE - 2);
    let (right, below) = (u - column as f32, v - row as f32);
    let first = row * FIELD_SIDE + column;
    [&field.flow_x, &field.flow_y].map(|plane| {
        let at = |offset: usize| share(plane[first + offset]);
        let top = at(0) + (at(1) - at(0)) * right;
        let bottom = at(FIELD_SIDE) + (at(FIELD_SIDE + 1) - at(FIELD_SIDE)) * right;
        sfumato_core::drawing::amount(top + (bottom - top) * below)
    })
}
