//! Motion: what a face does, free of who does it.
//!
//! A [`Motion`] says how far a face is from its rest: for a visitor, from that visitor's own
//! resting face; for a portrait, from the painting as it was painted. All zeros (with eyes as
//! open as at rest) is [`Motion::REST`], and a portrait at rest *is* the painting.
//!
//! Sides are the subject's: `Left` names the subject's left, which is on the right of a picture
//! in which the subject faces you. Expression names are those of ARKit and MediaPipe.

use fixed::types::I16F16;

/// The number type of motion: fixed-point, so that every processor computes the same bits.
pub type Real = I16F16;

/// Head rotation in degrees away from rest.
///
/// Signs: `yaw` > 0 turns the nose towards the right edge of the picture, `pitch` > 0 moves the
/// nose down, `roll` > 0 leans the head counter-clockwise as seen in the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeadPose {
    /// Degrees, nose to the picture's right edge is positive.
    pub yaw: Real,
    /// Degrees, nose down is positive.
    pub pitch: Real,
    /// Degrees, counter-clockwise in the picture is positive.
    pub roll: Real,
}

/// Where the eyes look in the room, in degrees away from where they look at rest.
///
/// The direction is the room's, not the head's: with zero gaze the eyes keep looking where they
/// looked at rest while the head turns, as living eyes do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaze {
    /// Degrees, towards the right edge of the picture is positive.
    pub yaw: Real,
    /// Degrees, down is positive.
    pub pitch: Real,
}

macro_rules! blendshapes {
    ($($variant:ident = $name:literal,)*) => {
        /// Expression coefficients by their ARKit/MediaPipe names, in MediaPipe's order.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs)] // the names are the documentation: they are the standard's
        pub enum Blendshape { $($variant,)* }

        impl Blendshape {
            /// All of them, in order.
            pub const ALL: [Blendshape; EXPRESSIONS] = [$(Blendshape::$variant,)*];

            /// The standard's name, for example `jawOpen`.
            pub const fn name(self) -> &'static str {
                match self { $(Blendshape::$variant => $name,)* }
            }

            /// The coefficient of that name, if the standard has one.
            pub fn from_name(name: &str) -> Option<Blendshape> {
                Self::ALL.into_iter().find(|shape| shape.name() == name)
            }
        }
    };
}

/// How many expression coefficients there are.
pub const EXPRESSIONS: usize = 52;

blendshapes! {
    Neutral = "_neutral",
    BrowDownLeft = "browDownLeft",
    BrowDownRight = "browDownRight",
    BrowInnerUp = "browInnerUp",
    BrowOuterUpLeft = "browOuterUpLeft",
    BrowOuterUpRight = "browOuterUpRight",
    CheekPuff = "cheekPuff",
    CheekSquintLeft = "cheekSquintLeft",
    CheekSquintRight = "cheekSquintRight",
    EyeBlinkLeft = "eyeBlinkLeft",
    EyeBlinkRight = "eyeBlinkRight",
    EyeLookDownLeft = "eyeLookDownLeft",
    EyeLookDownRight = "eyeLookDownRight",
    EyeLookInLeft = "eyeLookInLeft",
    EyeLookInRight = "eyeLookInRight",
    EyeLookOutLeft = "eyeLookOutLeft",
    EyeLookOutRight = "eyeLookOutRight",
    EyeLookUpLeft = "eyeLookUpLeft",
    EyeLookUpRight = "eyeLookUpRight",
    EyeSquintLeft = "eyeSquintLeft",
    EyeSquintRight = "eyeSquintRight",
    EyeWideLeft = "eyeWideLeft",
    EyeWideRight = "eyeWideRight",
    JawForward = "jawForward",
    JawLeft = "jawLeft",
    JawOpen = "jawOpen",
    JawRight = "jawRight",
    MouthClose = "mouthClose",
    MouthDimpleLeft = "mouthDimpleLeft",
    MouthDimpleRight = "mouthDimpleRight",
    MouthFrownLeft = "mouthFrownLeft",
    MouthFrownRight = "mouthFrownRight",
    MouthFunnel = "mouthFunnel",
    MouthLeft = "mouthLeft",
    MouthLowerDownLeft = "mouthLowerDownLeft",
    MouthLowerDownRight = "mouthLowerDownRight",
    MouthPressLeft = "mouthPressLeft",
    MouthPressRight = "mouthPressRight",
    MouthPucker = "mouthPucker",
    MouthRight = "mouthRight",
    MouthRollLower = "mouthRollLower",
    MouthRollUpper = "mouthRollUpper",
    MouthShrugLower = "mouthShrugLower",
    MouthShrugUpper = "mouthShrugUpper",
    MouthSmileLeft = "mouthSmileLeft",
    MouthSmileRight = "mouthSmileRight",
    MouthStretchLeft = "mouthStretchLeft",
    MouthStretchRight = "mouthStretchRight",
    MouthUpperUpLeft = "mouthUpperUpLeft",
    MouthUpperUpRight = "mouthUpperUpRight",
    NoseSneerLeft = "noseSneerLeft",
    NoseSneerRight = "noseSneerRight",
}

/// What a face does: head, eyes and expression, as distances from rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Motion {
    /// Head rotation.
    pub head: HeadPose,
    /// Where the eyes look.
    pub gaze: Gaze,
    /// How open the eyes are, `[right, left]` of the subject: 0 is shut, 1 as open as at rest,
    /// at most 1.5 for wide eyes. Lids follow this, not the `eyeBlink` coefficients.
    pub eye_openness: [Real; 2],
    /// Expression coefficients in [0, 1], indexed by [`Blendshape`]; 0 is rest.
    pub expression: [Real; EXPRESSIONS],
}

impl Motion {
    /// No motion: a portrait at rest is the painting, byte for byte.
    pub const REST: Motion = Motion {
        head: HeadPose {
            yaw: Real::ZERO,
            pitch: Real::ZERO,
            roll: Real::ZERO,
        },
        gaze: Gaze {
            yaw: Real::ZERO,
            pitch: Real::ZERO,
        },
        eye_openness: [Real::ONE; 2],
        expression: [Real::ZERO; EXPRESSIONS],
    };

    /// The motion a share of the way from this one to another: 0 is this one, 1 the other.
    pub fn between(&self, other: &Motion, share: Real) -> Motion {
        let mix = |a: Real, b: Real| a + (b - a) * share;
        let mut motion = *self;
        motion.head.yaw = mix(self.head.yaw, other.head.yaw);
        motion.head.pitch = mix(self.head.pitch, other.head.pitch);
        motion.head.roll = mix(self.head.roll, other.head.roll);
        motion.gaze.yaw = mix(self.gaze.yaw, other.gaze.yaw);
        motion.gaze.pitch = mix(self.gaze.pitch, other.gaze.pitch);
        for (openness, to) in motion.eye_openness.iter_mut().zip(other.eye_openness) {
            *openness = mix(*openness, to);
        }
        for (coefficient, to) in motion.expression.iter_mut().zip(other.expression) {
            *coefficient = mix(*coefficient, to);
        }
        motion
    }

    /// The coefficient `shape`.
    pub fn get(&self, shape: Blendshape) -> Real {
        self.expression[shape as usize]
    }

    /// Sets the coefficient `shape`, held within [0, 1].
    pub fn set(&mut self, shape: Blendshape, value: Real) {
        self.expression[shape as usize] = value.clamp(Real::ZERO, Real::ONE);
    }
}

impl Default for Motion {
    fn default() -> Self {
        Motion::REST
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_again_and_distinct() {
        for (index, shape) in Blendshape::ALL.into_iter().enumerate() {
            assert_eq!(shape as usize, index);
            assert_eq!(Blendshape::from_name(shape.name()), Some(shape));
        }
        assert_eq!(Blendshape::from_name("smile"), None);
    }

    #[test]
    fn half_way_is_half_way() {
        let mut to = Motion::REST;
        to.set(Blendshape::JawOpen, Real::ONE);
        to.head.yaw = Real::from_num(-8);
        to.gaze.pitch = Real::from_num(6);
        to.eye_openness[0] = Real::ZERO;
        let half = Motion::REST.between(&to, Real::lit("0.5"));
        assert_eq!(half.get(Blendshape::JawOpen), Real::lit("0.5"));
        assert_eq!(half.head.yaw, Real::from_num(-4));
        assert_eq!(half.gaze.pitch, Real::from_num(3));
        assert_eq!(half.eye_openness, [Real::lit("0.5"), Real::ONE]);
        assert_eq!(Motion::REST.between(&to, Real::ONE), to);
    }

    #[test]
    fn coefficients_stay_in_range() {
        let mut motion = Motion::REST;
        motion.set(Blendshape::JawOpen, Real::from_num(3));
        assert_eq!(motion.get(Blendshape::JawOpen), Real::ONE);
        motion.set(Blendshape::JawOpen, Real::from_num(-1));
        assert_eq!(motion, Motion::REST);
    }
}
