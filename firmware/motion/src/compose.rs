//! Composing a motion: small operations on whole motions.

use crate::curve::{mix, soft_bound};
use crate::personality::Reply;
use sfumato_core::motion::{Blendshape, HeadPose, Motion, Real};

/// Habits and sway on top of a reply stay within what the painting can show.
pub(crate) fn bounded(mut motion: Motion) -> Motion {
    let bound = |angle| soft_bound(angle, Real::const_from_int(12), Real::const_from_int(15));
    motion.head = HeadPose {
        yaw: bound(motion.head.yaw),
        pitch: bound(motion.head.pitch),
        roll: bound(motion.head.roll),
    };
    motion
}

/// Closes both lids by `share`.
pub(crate) fn close_lids(motion: &mut Motion, share: Real) {
    for lid in &mut motion.eye_openness {
        *lid *= Real::ONE - share;
    }
}

/// Adds `amount` of a habit's reply.
pub(crate) fn add_reply(motion: &mut Motion, what: Reply, amount: Real) {
    let mut add = |shapes: &[Blendshape]| {
        for &shape in shapes {
            motion.set(shape, motion.get(shape) + amount);
        }
    };
    match what {
        Reply::Roll => motion.head.roll += amount,
        Reply::Pitch => motion.head.pitch += amount,
        Reply::Smile => add(&[Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft]),
        Reply::BrowInnerUp => add(&[Blendshape::BrowInnerUp]),
        Reply::BrowsUp => add(&[
            Blendshape::BrowInnerUp,
            Blendshape::BrowOuterUpRight,
            Blendshape::BrowOuterUpLeft,
        ]),
        Reply::CheekSquint => add(&[Blendshape::CheekSquintRight, Blendshape::CheekSquintLeft]),
        Reply::EyesOpen => {
            for lid in &mut motion.eye_openness {
                // Shut eyes stay shut.
                *lid = (*lid + amount * (*lid).min(Real::ONE)).clamp(Real::ZERO, Real::lit("1.5"));
            }
        }
    }
}

/// `eyeBlink` and `eyeWide` say what the lids do, for reports.
pub(crate) fn report_lids(motion: &mut Motion) {
    let [right, left] = motion.eye_openness;
    for (lid, blink, wide) in [
        (right, Blendshape::EyeBlinkRight, Blendshape::EyeWideRight),
        (left, Blendshape::EyeBlinkLeft, Blendshape::EyeWideLeft),
    ] {
        motion.set(blink, Real::ONE - lid);
        motion.set(wide, 2 * (lid - Real::ONE));
    }
}

/// Between two motions; the gaze is left to the caller.
pub(crate) fn mixed(a: &Motion, b: &Motion, share: Real, lid_share: Real) -> Motion {
    let mut motion = *b;
    motion.head.yaw = mix(a.head.yaw, b.head.yaw, share);
    motion.head.pitch = mix(a.head.pitch, b.head.pitch, share);
    motion.head.roll = mix(a.head.roll, b.head.roll, share);
    for (lid, from) in motion.eye_openness.iter_mut().zip(a.eye_openness) {
        *lid = mix(from, *lid, lid_share);
    }
    for (value, from) in motion.expression.iter_mut().zip(a.expression) {
        *value = mix(from, *value, share);
    }
    motion
}
