//! The reply: from how far each channel is from rest to head turn and coefficients.
//!
//! A pure function of the channels, the visitor's rest and the personality. The rulers are those
//! of [`scale`]; every curve is continuous, so that the reply can be looked at a moment ahead.

use crate::channel::{Channel, Row};
use crate::curve::{coefficient, dead_zone, soft_bound};
use crate::personality::{Personality, Sides};
use crate::scale;
use crate::style::MEASURED;
use sfumato_core::motion::{Blendshape, HeadPose, Motion, Real};

/// Head rotation is copied up to here, in degrees, then bounded softly …
const HEAD_KNEE: Real = Real::lit("6");
/// … and never reaches this: a visitor's 30 degrees become about 11.
const HEAD_LIMIT: Real = Real::lit("14");

/// Where coefficients begin to flatten towards one.
const JAW_KNEE: Real = Real::lit("0.9");
const SMILE_KNEE: Real = Real::lit("0.7");
const BROW_KNEE: Real = Real::lit("0.7");

/// Lips that are not quite shut are shut: this much of the mouth's opening is ignored.
const PARTED: Real = Real::lit("0.004");

/// Corner height gained for each span of mouth width in a plain smile. Measured on five people.
const LIFT_BY_WIDTH: Real = Real::lit("0.27");

/// The coefficients that are measured.
pub(crate) const SHAPES: [Blendshape; MEASURED] = {
    use Blendshape::*;
    [
        JawOpen,
        MouthPucker,
        MouthSmileRight,
        MouthSmileLeft,
        MouthStretchRight,
        MouthStretchLeft,
        MouthFrownRight,
        MouthFrownLeft,
        MouthPressRight,
        MouthPressLeft,
        MouthRight,
        MouthLeft,
        JawRight,
        JawLeft,
        BrowInnerUp,
        BrowOuterUpRight,
        BrowOuterUpLeft,
        BrowDownRight,
        BrowDownLeft,
    ]
};

/// Head and expression of a reply; the lids and the gaze go their own, quicker ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub head: [Real; 3],
    pub shapes: [Real; SHAPES.len()],
}

impl Reply {
    pub const REST: Reply = Reply {
        head: [Real::ZERO; 3],
        shapes: [Real::ZERO; SHAPES.len()],
    };

    /// Every number of both replies put together by `f`.
    pub fn zip(&self, other: &Reply, f: impl Fn(Real, Real) -> Real) -> Reply {
        let mut result = *self;
        for (a, b) in result.head.iter_mut().zip(other.head) {
            *a = f(*a, b);
        }
        for (a, b) in result.shapes.iter_mut().zip(other.shapes) {
            *a = f(*a, b);
        }
        result
    }

    /// Writes head and coefficients into `motion`.
    pub fn write(&self, motion: &mut Motion) {
        let [yaw, pitch, roll] = self.head.map(|angle| angle.clamp(-HEAD_LIMIT, HEAD_LIMIT));
        motion.head = HeadPose { yaw, pitch, roll };
        for (shape, value) in SHAPES.into_iter().zip(self.shapes) {
            motion.set(shape, value);
        }
    }

    fn set(&mut self, shape: Blendshape, value: Real) {
        for (name, number) in SHAPES.into_iter().zip(&mut self.shapes) {
            if name == shape {
                *number = value;
            }
        }
    }
}

/// Replies to channels `at`, for a visitor whose rest is `rest`.
pub(crate) fn reply(at: &Row, rest: &Row, personality: &Personality) -> Reply {
    use Blendshape::*;
    let gains = &personality.gains;
    let off = |channel: Channel| at[channel as usize] - rest[channel as usize];
    let turn = |angle: Real, gain: Real| soft_bound(angle * gain, HEAD_KNEE, HEAD_LIMIT);
    let mut reply = Reply::REST;
    reply.head = [
        turn(off(Channel::Yaw), gains.yaw),
        turn(off(Channel::Pitch), gains.pitch),
        turn(off(Channel::Roll), gains.roll),
    ];

    let opened = off(Channel::MouthOpening) - PARTED;
    let jaw = coefficient(
        opened * inverse(scale::JAW_OPEN_RATIO_AT_ONE) * gains.jaw,
        JAW_KNEE,
    );
    reply.set(JawOpen, jaw);

    // An opening jaw narrows the mouth by itself; measure what is left for smile and pucker.
    let rest_width = rest[Channel::MouthWidth as usize];
    let jaw_narrows = jaw * real(1.0 - scale::JAW_OPEN_WIDTH_RATIO_AT_ONE);
    let wider = off(Channel::MouthWidth) / rest_width + jaw_narrows;
    let narrowed = -wider * inverse(1.0 - scale::PUCKER_WIDTH_RATIO_AT_ONE);
    reply.set(MouthPucker, coefficient(narrowed * gains.mouth, SMILE_KNEE));

    let fall = inverse(scale::FROWN_CORNER_FALL_AT_ONE);
    let lift = |corner: Channel| off(corner) - LIFT_BY_WIDTH * off(Channel::MouthWidth);
    let lifts = [lift(Channel::CornerRight), lift(Channel::CornerLeft)];
    // One-sided smiles: the higher corner smiles more.
    let uneven = dead_zone((lifts[1] - lifts[0]) * fall / 2, Real::lit("0.2"))
        .clamp(Real::lit("-0.5"), Real::lit("0.5"))
        + personality.asymmetry;
    let smiling = wider.max(Real::ZERO) * inverse(scale::SMILE_WIDTH_RATIO_AT_ONE - 1.0);
    let stretching = wider.max(Real::ZERO) * inverse(scale::STRETCH_WIDTH_RATIO_AT_ONE - 1.0);
    let bias = personality.smile_bias;
    for (side, smile, stretch, frown, press) in [
        (
            0,
            MouthSmileRight,
            MouthStretchRight,
            MouthFrownRight,
            MouthPressRight,
        ),
        (
            1,
            MouthSmileLeft,
            MouthStretchLeft,
            MouthFrownLeft,
            MouthPressLeft,
        ),
    ] {
        let weight = if side == 0 {
            Real::ONE - uneven
        } else {
            Real::ONE + uneven
        };
        // Corners that stay down while the mouth widens stretch it instead.
        let fallen = dead_zone((-lifts[side] * fall).max(Real::ZERO), Real::lit("0.35"));
        let stretched = fallen.min(Real::ONE);
        let smiled = smiling * (Real::ONE - stretched) * weight * gains.smile + bias;
        reply.set(smile, coefficient(smiled, SMILE_KNEE));
        reply.set(
            stretch,
            coefficient(stretching * stretched * gains.smile, SMILE_KNEE),
        );
        reply.set(frown, coefficient(fallen * gains.smile, SMILE_KNEE));
        // Pressed lips are thin lips of a shut mouth.
        let rest_area = rest[Channel::LipArea as usize];
        let thinner =
            -off(Channel::LipArea) / rest_area * inverse(1.0 - scale::PRESS_THICKNESS_RATIO_AT_ONE);
        let shut = (Real::ONE - 4 * jaw).max(Real::ZERO);
        let pressed = dead_zone(thinner.max(Real::ZERO), Real::lit("0.25")) * shut;
        reply.set(press, coefficient(pressed * gains.mouth, SMILE_KNEE));
    }

    let shifted = |channel: Channel, at_one: f32, zone: Real| {
        dead_zone(off(channel) * inverse(at_one), zone) * gains.mouth
    };
    let mouth = shifted(
        Channel::MouthShift,
        scale::MOUTH_SHIFT_AT_ONE,
        Real::lit("0.3"),
    );
    reply.set(MouthLeft, coefficient(mouth, SMILE_KNEE));
    reply.set(MouthRight, coefficient(-mouth, SMILE_KNEE));
    let chin = shifted(
        Channel::ChinShift,
        scale::JAW_SHIFT_AT_ONE,
        Real::lit("0.5"),
    );
    reply.set(JawLeft, coefficient(chin, SMILE_KNEE));
    reply.set(JawRight, coefficient(-chin, SMILE_KNEE));

    let up = inverse(scale::BROW_UP_AT_ONE) * gains.brows;
    let down = inverse(scale::BROW_DOWN_AT_ONE) * gains.brows;
    let inner = [off(Channel::BrowInnerRight), off(Channel::BrowInnerLeft)];
    let outer = [off(Channel::BrowOuterRight), off(Channel::BrowOuterLeft)];
    reply.set(
        BrowInnerUp,
        coefficient((inner[0] + inner[1]) / 2 * up, BROW_KNEE),
    );
    reply.set(BrowOuterUpRight, coefficient(outer[0] * up, BROW_KNEE));
    reply.set(BrowOuterUpLeft, coefficient(outer[1] * up, BROW_KNEE));
    reply.set(BrowDownRight, coefficient(-inner[0] * down, BROW_KNEE));
    reply.set(BrowDownLeft, coefficient(-inner[1] * down, BROW_KNEE));

    reply.shapes = personality.style.together.said(&reply.shapes);
    // A painting has no mouth to show: the wider it opens, the more of it nobody painted.
    let widest = personality.widest;
    if widest < Real::ONE {
        let [jaw, ..] = &mut reply.shapes;
        *jaw = soft_bound(*jaw, widest * Real::lit("0.6"), widest);
    }
    for (shape, always) in reply.shapes.iter_mut().zip(personality.style.always) {
        *shape += always;
    }
    match personality.sides {
        Sides::Anatomical => reply,
        Sides::Mirrored => reply.mirrored(),
    }
}

impl Reply {
    /// The same reply with left and right exchanged.
    fn mirrored(mut self) -> Reply {
        self.head = [-self.head[0], self.head[1], -self.head[2]];
        // SHAPES lists every pair's right side just before its left.
        let pairs = [2, 4, 6, 8, 10, 12, 15, 17];
        for right in pairs {
            self.shapes.swap(right, right + 1);
        }
        self
    }
}

fn real(value: f32) -> Real {
    Real::from_num(value)
}

/// What to multiply by to divide by `at_one`.
fn inverse(at_one: f32) -> Real {
    Real::from_num(1.0 / at_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirroring_exchanges_named_sides() {
        let mut reply = Reply::REST;
        for (index, number) in reply.shapes.iter_mut().enumerate() {
            *number = Real::from_num(index);
        }
        let mirrored = reply.mirrored();
        for (shape, number) in SHAPES.into_iter().zip(mirrored.shapes) {
            let other = match shape.name() {
                name if name.ends_with("Right") => name.strip_suffix("Right").map(|n| (n, "Left")),
                name if name.ends_with("Left") => name.strip_suffix("Left").map(|n| (n, "Right")),
                _ => None,
            };
            let source = match other {
                Some((stem, side)) => std::format!("{stem}{side}"),
                None => std::string::String::from(shape.name()),
            };
            let index = SHAPES.iter().position(|s| s.name() == source).unwrap();
            assert_eq!(number, Real::from_num(index), "{}", shape.name());
        }
        assert_eq!(mirrored.mirrored(), reply);
    }
}
