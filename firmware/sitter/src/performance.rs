//! A performance: what the sitter does at one moment.

use sfumato_core::motion::{Blendshape, Gaze, HeadPose, Motion, Real};

/// What the sitter does at one moment; all zeros is a calm face looking straight ahead.
///
/// Angles are degrees with the signs of [`sfumato_core::motion`]: `yaw` towards the picture's
/// right, `pitch` down, `roll` counter-clockwise. The other numbers are amounts in [0, 1];
/// `right` and `left` are the sitter's own. Values outside are drawn as the nearest allowed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Performance {
    /// Head turn in degrees, nose to the picture's right is positive.
    pub yaw: f32,
    /// Head nod in degrees, nose down is positive.
    pub pitch: f32,
    /// Head lean in degrees, counter-clockwise in the picture is positive.
    pub roll: f32,
    /// How far the jaw is open; 1 is a wide yawn.
    pub jaw_open: f32,
    /// How far the corners of the mouth are drawn out and up.
    pub smile: f32,
    /// How far the lips are pursed.
    pub pucker: f32,
    /// How far the brows are raised.
    pub brow_up: f32,
    /// How far the brows are knitted.
    pub brow_down: f32,
    /// How far the sitter's right eye is closed; 1 is shut.
    pub blink_right: f32,
    /// How far the sitter's left eye is closed; 1 is shut.
    pub blink_left: f32,
    /// Where the eyes look relative to the head, in degrees, picture's right is positive.
    pub gaze_yaw: f32,
    /// Where the eyes look relative to the head, in degrees, down is positive.
    pub gaze_pitch: f32,
}

impl Performance {
    /// The same performance with every number finite and within what the head can do.
    pub fn bounded(&self) -> Performance {
        let angle = |value: f32, most: f32| {
            if value.is_nan() {
                0.0
            } else {
                value.clamp(-most, most)
            }
        };
        let amount = |value: f32| {
            if value.is_nan() {
                0.0
            } else {
                value.clamp(0.0, 1.0)
            }
        };
        Performance {
            yaw: angle(self.yaw, 60.0),
            pitch: angle(self.pitch, 40.0),
            roll: angle(self.roll, 45.0),
            jaw_open: amount(self.jaw_open),
            smile: amount(self.smile),
            pucker: amount(self.pucker),
            brow_up: amount(self.brow_up),
            brow_down: amount(self.brow_down),
            blink_right: amount(self.blink_right),
            blink_left: amount(self.blink_left),
            gaze_yaw: angle(self.gaze_yaw, 35.0),
            gaze_pitch: angle(self.gaze_pitch, 25.0),
        }
    }
}

fn real(value: f32) -> Real {
    Real::saturating_from_num(if value.is_nan() { 0.0 } else { value })
}

impl From<&Performance> for Motion {
    fn from(performance: &Performance) -> Motion {
        let mut motion = Motion::REST;
        motion.head = HeadPose {
            yaw: real(performance.yaw),
            pitch: real(performance.pitch),
            roll: real(performance.roll),
        };
        motion.gaze = Gaze {
            yaw: real(performance.gaze_yaw),
            pitch: real(performance.gaze_pitch),
        };
        let blinks = [performance.blink_right, performance.blink_left];
        for (openness, blink) in motion.eye_openness.iter_mut().zip(blinks) {
            *openness = real(1.0 - blink).clamp(Real::ZERO, Real::ONE);
        }
        for (amount, shapes) in [
            (performance.jaw_open, &[Blendshape::JawOpen][..]),
            (performance.smile, SMILE),
            (performance.pucker, &[Blendshape::MouthPucker]),
            (performance.brow_up, BROW_UP),
            (performance.brow_down, BROW_DOWN),
            (performance.blink_right, &[Blendshape::EyeBlinkRight]),
            (performance.blink_left, &[Blendshape::EyeBlinkLeft]),
        ] {
            for &shape in shapes {
                motion.set(shape, real(amount));
            }
        }
        motion
    }
}

impl From<&Motion> for Performance {
    /// Shapes that come in a left and a right are averaged; lids follow the openness.
    fn from(motion: &Motion) -> Performance {
        let mean = |shapes: &[Blendshape]| {
            let sum: f32 = shapes.iter().map(|&s| motion.get(s).to_num::<f32>()).sum();
            sum / shapes.len() as f32
        };
        let [right, left] = motion.eye_openness.map(|open| 1.0 - open.to_num::<f32>());
        Performance {
            yaw: motion.head.yaw.to_num(),
            pitch: motion.head.pitch.to_num(),
            roll: motion.head.roll.to_num(),
            jaw_open: mean(&[Blendshape::JawOpen]),
            smile: mean(SMILE),
            pucker: mean(&[Blendshape::MouthPucker]),
            brow_up: mean(BROW_UP),
            brow_down: mean(BROW_DOWN),
            blink_right: right.clamp(0.0, 1.0),
            blink_left: left.clamp(0.0, 1.0),
            gaze_yaw: motion.gaze.yaw.to_num(),
            gaze_pitch: motion.gaze.pitch.to_num(),
        }
    }
}

const SMILE: &[Blendshape] = &[Blendshape::MouthSmileLeft, Blendshape::MouthSmileRight];
const BROW_UP: &[Blendshape] = &[
    Blendshape::BrowInnerUp,
    Blendshape::BrowOuterUpLeft,
    Blendshape::BrowOuterUpRight,
];
const BROW_DOWN: &[Blendshape] = &[Blendshape::BrowDownLeft, Blendshape::BrowDownRight];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_done_is_rest() {
        assert_eq!(Motion::from(&Performance::default()), Motion::REST);
        assert_eq!(Performance::from(&Motion::REST), Performance::default());
    }

    proptest! {
        #[test]
        fn motion_and_back_is_the_same_performance(
            angles in proptest::array::uniform5(-20.0f32..20.0),
            amounts in proptest::array::uniform7(0.0f32..=1.0),
        ) {
            let [yaw, pitch, roll, gaze_yaw, gaze_pitch] = angles;
            let [jaw_open, smile, pucker, brow_up, brow_down, blink_right, blink_left] = amounts;
            let performance = Performance {
                yaw, pitch, roll, jaw_open, smile, pucker, brow_up, brow_down,
                blink_right, blink_left, gaze_yaw, gaze_pitch,
            };
            let back = Performance::from(&Motion::from(&performance));
            let gap = |a: f32, b: f32| (a - b).abs();
            for (a, b) in [
                (back.yaw, yaw), (back.pitch, pitch), (back.roll, roll),
                (back.gaze_yaw, gaze_yaw), (back.gaze_pitch, gaze_pitch),
                (back.jaw_open, jaw_open), (back.smile, smile), (back.pucker, pucker),
                (back.brow_up, brow_up), (back.brow_down, brow_down),
                (back.blink_right, blink_right), (back.blink_left, blink_left),
            ] {
                prop_assert!(gap(a, b) < 1e-4, "{a} came back for {b}");
            }
        }

        #[test]
        fn bounds_hold_for_any_bits(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            let performance = Performance { yaw: value, jaw_open: value, ..Default::default() };
            let bounded = performance.bounded();
            prop_assert!(bounded.yaw.abs() <= 60.0 && (0.0..=1.0).contains(&bounded.jaw_open));
        }
    }
}
