//! What a network learns of a drawing, and the drawing made of what it says.
//!
//! Nothing is learned that follows exactly from something else: where the mouth's patch lies and
//! where the iris looks are six numbers that the rig works out at once, and the ground stays
//! behind wherever the flow moves it. What remains are four pictures, the [`Part`]s.

use crate::patch;
use crate::rig::Fixed;
use crate::rig::grid::rise;
use sfumato_core::drawing::{
    Amount, Drawing, EYE_HEIGHT, EYE_WIDTH, EyePatch, FIELD_SIDE, MOUTH_HEIGHT, MOUTH_WIDTH,
    amount as rounded, share,
};

/// One of the pictures that a drawing is made of.
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
    /// All of them.
    pub const ALL: [Part; 4] = [Part::Field, Part::Mouth, Part::EyeRight, Part::EyeLeft];

    /// For names of outputs and progress.
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
    /// | mouth | flow right, flow down (with the field's, less what the whole patch moves), upper, lower, red, green, blue |
    /// | eyes | flow right, flow down, upper, lower, shading |
    pub const fn shape(self) -> [usize; 3] {
        match self {
            Part::Field => [FIELD_SIDE, FIELD_SIDE, 2],
            Part::Mouth => [MOUTH_HEIGHT, MOUTH_WIDTH, 7],
            Part::EyeRight | Part::EyeLeft => [EYE_HEIGHT, EYE_WIDTH, 5],
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
            for (index, out) in out.chunks_exact_mut(7).enumerate() {
                let at = patch::shown(index, mouth.centre.map(share), fixed.mouth_size);
                let broad = patch::field_flow(&drawing.field, at);
                let [right, down] = fixed.mouth_moved.map(share);
                out[0] = right + broad[0] + share(mouth.flow_x[index]);
                out[1] = down + broad[1] + share(mouth.flow_y[index]);
                out[2] = share(mouth.upper[index]);
                out[3] = share(mouth.lower[index]);
                for (out, plane) in out[4..].iter_mut().zip(&mouth.colour) {
                    *out = share(plane[index]);
                }
            }
        }
        Part::EyeRight | Part::EyeLeft => {
            let eye = &drawing.eyes[usize::from(part == Part::EyeLeft)];
            for (index, out) in out.chunks_exact_mut(5).enumerate() {
                let EyePatch {
                    flow_x,
                    flow_y,
                    upper,
                    lower,
                    shading,
                    ..
                } = eye;
                let planes = [flow_x, flow_y, upper, lower, shading];
                for (out, plane) in out.iter_mut().zip(planes) {
                    *out = share(plane[index]);
                }
            }
        }
    }
}

/// So far beyond the edge of an opening, in patch heights, nothing of what lies behind is seen.
const BEYOND: f32 = 0.02;

/// Takes what a network says of a part at rest off what it says now; both as [`Amount`]s' bits.
///
/// A network does not learn what nobody sees: of lids where the eye is open it says anything at rest. So
/// where an edge has passed over a node since, and what was not seen at rest is, it is left as the
/// network says it.
pub fn less_rest(part: Part, rest: &Drawing, at_rest: &[i32], said: &mut [i32]) {
    let channels = part.shape()[2];
    let nodes = said
        .chunks_exact_mut(channels)
        .zip(at_rest.chunks_exact(channels));
    for (index, (said, at_rest)) in nodes.enumerate() {
        for (said, rest) in said.iter_mut().zip(at_rest) {
            *said = said.saturating_sub(*rest);
        }
        let eye = match part {
            Part::Field | Part::Mouth => continue,
            Part::EyeRight => &rest.eyes[0],
            Part::EyeLeft => &rest.eyes[1],
        };
        let part_of = |depth: Amount| (share(depth) / BEYOND).clamp(0.0, 1.0);
        let edge = |at: Amount, bits: i32| at.saturating_add(Amount::from_bits(bits));
        let before = eye.opening(index);
        let now = edge(eye.upper[index], said[2]).min(edge(eye.lower[index], said[3]));
        let hidden = part_of(before);
        let passed = part_of(before.saturating_sub(now));
        if hidden * passed > 0.0 {
            for channel in [0, 1, 4] {
                let back = f64::from(hidden * passed) * f64::from(at_rest[channel]);
                said[channel] = said[channel].saturating_add(back as i32);
            }
        }
    }
}

/// A flow this small, region sides, is what a network leaves over where nothing moves; from three
/// times as much on it is meant. A tenth of a pixel in a region 1000 wide.
const LEFT_OVER: f32 = 1e-4;

/// A flow without what is left over: still places stay where they are, and are not drawn anew.
fn settled(flow: [f32; 2]) -> [Amount; 2] {
    let meant = rise(LEFT_OVER, 3.0 * LEFT_OVER, libm::hypotf(flow[0], flow[1]));
    flow.map(|flow| rounded(meant * flow))
}

/// Makes a drawing of the four parts, which hold changes from rest: [`Amount`]s as `i32`.
///
/// `rest` is the drawing of a face at rest. The field must be written before the mouth is.
pub fn write(parts: [&[i32]; 4], rest: &Drawing, fixed: &Fixed, drawing: &mut Drawing) {
    let [field, mouth, right, left] = parts;
    let amount = Amount::from_bits;
    for (index, flow) in field.chunks_exact(2).enumerate() {
        let [right, down] = settled([flow[0], flow[1]].map(|bits| share(amount(bits))));
        drawing.field.flow_x[index] = right;
        drawing.field.flow_y[index] = down;
    }
    drawing.mouth.centre = fixed.mouth_centre;
    for (index, node) in mouth.chunks_exact(7).enumerate() {
        let at = patch::shown(index, fixed.mouth_centre.map(share), fixed.mouth_size);
        let broad = patch::field_flow(&drawing.field, at);
        let fade = patch::fade(index);
        let mouth = &mut drawing.mouth;
        let own = |axis: usize| {
            let whole = share(amount(node[axis])) - share(fixed.mouth_moved[axis]);
            rounded(fade * (whole - broad[axis]))
        };
        mouth.flow_x[index] = own(0);
        mouth.flow_y[index] = own(1);
        mouth.upper[index] = rest.mouth.upper[index].saturating_add(amount(node[2]));
        mouth.lower[index] = rest.mouth.lower[index].saturating_add(amount(node[3]));
        for (channel, plane) in mouth.colour.iter_mut().enumerate() {
            let colour =
                rest.mouth.colour[channel][index].saturating_add(amount(node[4 + channel]));
            // Nothing in there is darker or brighter, however little a place was learned from.
            let [least, most] = fixed.mouth_colours[channel];
            plane[index] = colour.clamp(least, most);
        }
    }
    for (side, part) in [right, left].into_iter().enumerate() {
        let (eye, rest) = (&mut drawing.eyes[side], &rest.eyes[side]);
        eye.gaze = fixed.gaze[side];
        for (index, node) in part.chunks_exact(5).enumerate() {
            eye.flow_x[index] = rest.flow_x[index].saturating_add(amount(node[0]));
            eye.flow_y[index] = rest.flow_y[index].saturating_add(amount(node[1]));
            eye.upper[index] = rest.upper[index].saturating_add(amount(node[2]));
            eye.lower[index] = rest.lower[index].saturating_add(amount(node[3]));
            eye.shading[index] = rest.shading[index].saturating_add(amount(node[4]));
        }
    }
}
