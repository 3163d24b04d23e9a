//! What a network learns of a drawing, and the drawing made of what it says.
//!
//! Nothing is learned that follows exactly from something else: where the mouth's patch lies and
//! where the iris looks are six numbers that the rig works out at once, and the ground stays
//! behind wherever the flow moves it, and a mouth's inside has the colours of its
//! [palette](crate::rig::Palette). What remains are five pictures, the [`Part`]s.

use super::turning::Grid;
use crate::patch;
use crate::rig::grid::rise;
use crate::rig::{Fixed, Palette};
use sfumato_core::drawing::{
    Amount, Drawing, EYE_HEIGHT, EYE_WIDTH, EyePatch, FIELD_SIDE, MOUTH_HEIGHT, MOUTH_NODES,
    MOUTH_WIDTH, amount as rounded, share,
};

/// How many [`Part`]s there are.
pub const PARTS: usize = 5;

/// One of the pictures that a drawing is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// Flow of the whole region by the head's turn alone.
    Turn,
    /// What else flows, as on an unturned head: see [`turning`](super::turning).
    Skin,
    /// The lips and what shows between them.
    Mouth,
    /// The subject's right eye.
    EyeRight,
    /// The subject's left eye.
    EyeLeft,
}

impl Part {
    /// All of them.
    pub const ALL: [Part; PARTS] = [
        Part::Turn,
        Part::Skin,
        Part::Mouth,
        Part::EyeRight,
        Part::EyeLeft,
    ];

    /// For names of outputs and progress.
    pub fn name(self) -> &'static str {
        match self {
            Part::Turn => "turn",
            Part::Skin => "skin",
            Part::Mouth => "mouth",
            Part::EyeRight => "eye_right",
            Part::EyeLeft => "eye_left",
        }
    }

    /// Rows, columns and channels.
    ///
    /// | part | channels |
    /// |---|---|
    /// | turn, skin | flow right, flow down |
    /// | mouth, unturned | flow right, flow down (with the skin's, less what the whole patch moves), upper, lower |
    /// | eyes | flow right, flow down, upper, lower, shading |
    pub const fn shape(self) -> [usize; 3] {
        match self {
            Part::Turn | Part::Skin => [FIELD_SIDE, FIELD_SIDE, 2],
            Part::Mouth => [MOUTH_HEIGHT, MOUTH_WIDTH, 4],
            Part::EyeRight | Part::EyeLeft => [EYE_HEIGHT, EYE_WIDTH, 5],
        }
    }

    /// Numbers in the part.
    pub fn numbers(self) -> usize {
        self.shape().iter().product()
    }
}

/// Channels of the mouth, and one of its nodes.
const MOUTH_CHANNELS: usize = Part::Mouth.shape()[2];
type MouthNode = [f32; MOUTH_CHANNELS];

/// Room for what is worked out on the way to a drawing, so that none is allocated then.
#[derive(Debug)]
pub struct Room {
    turn: Grid,
    skin: Grid,
    mouth: Box<[MouthNode]>,
}

impl Default for Room {
    fn default() -> Room {
        Room {
            turn: Grid::new(),
            skin: Grid::new(),
            mouth: vec![[0.0; MOUTH_CHANNELS]; MOUTH_NODES].into(),
        }
    }
}

/// Reads from a drawing what a network shall say, `part.numbers()` numbers: row by row, the channels
/// of each node together. `turn` is the flow by the head's turn alone ([`turn`](crate::Rig::turn)).
pub fn read(part: Part, drawing: &Drawing, turn: &Grid, fixed: &Fixed, out: &mut [f32]) {
    match part {
        Part::Turn => out.copy_from_slice(turn.flows().as_flattened()),
        Part::Skin => {
            let skin = Grid::of(&drawing.field).unturned(turn);
            out.copy_from_slice(skin.flows().as_flattened());
        }
        Part::Mouth => read_mouth(drawing, turn, fixed, out.as_chunks_mut().0),
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

fn read_mouth(drawing: &Drawing, turn: &Grid, fixed: &Fixed, out: &mut [MouthNode]) {
    let mouth = &drawing.mouth;
    let mut shown = vec![[0.0; MOUTH_CHANNELS]; MOUTH_NODES];
    for (index, shown) in shown.iter_mut().enumerate() {
        let at = patch::shown(index, mouth.centre.map(share), fixed.mouth_size);
        let broad = patch::field_flow(&drawing.field, at);
        let own = [mouth.flow_x[index], mouth.flow_y[index]].map(share);
        let [upper, lower] = [mouth.upper[index], mouth.lower[index]].map(share);
        *shown = [broad[0] + own[0], broad[1] + own[1], upper, lower];
    }
    let [moved, turned] = [fixed.mouth_moved, fixed.mouth_turned].map(|by| by.map(share));
    let unturned = [0, 1].map(|axis| share(mouth.centre[axis]) - turned[axis]);
    for (index, out) in out.iter_mut().enumerate() {
        let said_at = patch::shown(index, unturned, fixed.mouth_size);
        let shown_at = turn.back(said_at);
        let off = [0, 1].map(|axis| shown_at[axis] - said_at[axis] - turned[axis]);
        *out = patch::near(&shown, index, off, fixed.mouth_size);
        let turn = turn.at(shown_at);
        for axis in 0..2 {
            out[axis] += moved[axis] - turn[axis];
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
            Part::Turn | Part::Skin | Part::Mouth => continue,
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

fn write_mouth(
    said: &[[i32; MOUTH_CHANNELS]],
    rest: &Drawing,
    fixed: &Fixed,
    palette: &Palette,
    room: &mut Room,
    drawing: &mut Drawing,
) {
    for (index, (node, said)) in room.mouth.iter_mut().zip(said).enumerate() {
        let rest = &rest.mouth;
        let (upper, lower) = (rest.upper[index], rest.lower[index]);
        let before = [Amount::ZERO, Amount::ZERO, upper, lower];
        for (node, (before, said)) in node.iter_mut().zip(before.iter().zip(said)) {
            *node = share(before.saturating_add(Amount::from_bits(*said)));
        }
    }
    let mouth = &mut drawing.mouth;
    mouth.centre = fixed.mouth_centre;
    let [centre, moved, turned] =
        [fixed.mouth_centre, fixed.mouth_moved, fixed.mouth_turned].map(|place| place.map(share));
    for index in 0..MOUTH_NODES {
        let at = patch::shown(index, centre, fixed.mouth_size);
        let turn = room.turn.at(at);
        let off = [0, 1].map(|axis| turn[axis] + turned[axis]);
        let node = patch::near(&room.mouth, index, off, fixed.mouth_size);
        let broad = patch::field_flow(&drawing.field, at);
        let fade = patch::fade(index);
        let flow = [0, 1].map(|axis| turn[axis] + node[axis] - moved[axis]);
        mouth.flow_x[index] = rounded(fade * (flow[0] - broad[0]));
        mouth.flow_y[index] = rounded(fade * (flow[1] - broad[1]));
        mouth.upper[index] = rounded(node[2]);
        mouth.lower[index] = rounded(node[3]);
        let colour = palette.colour(at[0] + flow[0], [node[2], node[3]]);
        for (plane, value) in mouth.colour.iter_mut().zip(colour) {
            plane[index] = rounded(value);
        }
    }
}

/// Makes a drawing of the parts, which hold changes from rest: [`Amount`]s as `i32`.
///
/// `rest` is the drawing of a face at rest. The field must be written before the mouth is.
pub fn write(
    parts: [&[i32]; PARTS],
    rest: &Drawing,
    (fixed, palette): (&Fixed, &Palette),
    room: &mut Room,
    drawing: &mut Drawing,
) {
    let [turns, skins, mouth, right, left] = parts;
    let amount = Amount::from_bits;
    for (flows, said) in [(&mut room.turn, turns), (&mut room.skin, skins)] {
        for (flow, said) in flows.flows_mut().iter_mut().zip(said.as_chunks().0) {
            *flow = <[i32; 2]>::map(*said, |bits| share(amount(bits)));
        }
    }
    for (index, turn) in room.turn.flows().iter().enumerate() {
        let [right, down] = settled(room.skin.turned(index, *turn));
        drawing.field.flow_x[index] = right;
        drawing.field.flow_y[index] = down;
    }
    write_mouth(mouth.as_chunks().0, rest, fixed, palette, room, drawing);
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
