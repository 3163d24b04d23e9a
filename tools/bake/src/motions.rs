//! Motions to learn from: what visitors make portraits do, and what they could.
//!
//! A portrait hardly ever does one thing alone, nor everything at once: expressions come in groups,
//! both sides nearly alike, some at a time. To these, motions that real visitors made can be added;
//! and everything at its extremes, so that nothing a personality may ask for is a surprise.

use crate::random::Random;
use sfumato_core::motion::Blendshape::{self, *};
use sfumato_core::motion::{Motion, Real};

/// Shapes that act together, the subject's right and left, each up to a share of its range.
const GROUPS: [&[Blendshape]; 12] = [
    &[MouthSmileRight, MouthSmileLeft],
    &[MouthFrownRight, MouthFrownLeft],
    &[MouthStretchRight, MouthStretchLeft],
    &[MouthPressRight, MouthPressLeft],
    &[BrowOuterUpRight, BrowOuterUpLeft, BrowInnerUp],
    &[BrowDownRight, BrowDownLeft],
    &[BrowInnerUp],
    &[JawOpen],
    &[MouthPucker],
    &[CheekSquintRight, CheekSquintLeft],
    &[EyeSquintRight, EyeSquintLeft],
    &[MouthFunnel],
];

/// Shapes of which only one side acts at a time.
const SIDES: [[Blendshape; 2]; 2] = [[MouthRight, MouthLeft], [JawRight, JawLeft]];

/// Farthest that a head turns, degrees: as far as motion ever lets it.
const TURN: f32 = 14.0;

/// A motion such as a portrait makes before a visitor.
pub fn lively(random: &mut Random) -> Motion {
    mixed(random, 0.3, 1.6, 0.4)
}

/// A motion with much at once, and far.
pub fn extreme(random: &mut Random) -> Motion {
    mixed(random, 0.5, 0.8, 1.0)
}

/// `likely`: how often a group acts; `bend`: exponent of how much, above 1 for mostly little;
/// `wide`: how far the head turns, as a share of its range (one deviation).
fn mixed(random: &mut Random, likely: f32, bend: f32, wide: f32) -> Motion {
    let mut motion = Motion::REST;
    let mut angle = |share: f32| {
        let turn = if wide < 1.0 {
            wide * random.normal()
        } else {
            random.between(-1.0, 1.0)
        };
        Real::from_num((share * turn).clamp(-1.0, 1.0) * TURN)
    };
    motion.head.yaw = angle(1.0);
    motion.head.pitch = angle(0.8);
    motion.head.roll = angle(0.8);
    motion.gaze.yaw = Real::from_num((9.0 * random.normal()).clamp(-28.0, 28.0));
    motion.gaze.pitch = Real::from_num((6.0 * random.normal()).clamp(-18.0, 18.0));
    lids(random, &mut motion);
    for group in GROUPS {
        if !random.happens(likely) {
            continue;
        }
        let amount = random.even().powf(bend);
        for &shape in group {
            let uneven = if random.happens(0.7) {
                random.between(0.85, 1.15)
            } else {
                random.between(0.0, 1.2)
            };
            let value = motion.get(shape) + Real::from_num(amount * uneven);
            motion.set(shape, value);
        }
    }
    for pair in SIDES {
        if random.happens(likely) {
            let amount = random.even().powf(bend);
            motion.set(pair[random.below(2)], Real::from_num(amount));
        }
    }
    // What is left: hardly ever used, but never a surprise.
    for shape in Blendshape::ALL {
        if random.happens(0.2 * likely * likely) {
            motion.set(shape, Real::from_num(random.even().powf(bend)));
        }
    }
    motion
}

fn lids(random: &mut Random, motion: &mut Motion) {
    let openness = match random.below(10) {
        // Blinks pass every openness; idle eyes stay near rest.
        0..4 => random.even(),
        4..6 => random.between(1.0, 1.5),
        6 => 0.0,
        _ => (1.0 + 0.08 * random.normal()).clamp(0.0, 1.5),
    };
    let wink = random.happens(0.15);
    for (side, eye) in motion.eye_openness.iter_mut().enumerate() {
        let own = if wink && side == 0 {
            random.between(0.0, 1.2)
        } else {
            openness + 0.03 * random.normal()
        };
        *eye = Real::from_num(own.clamp(0.0, 1.5));
    }
}

/// Three motions a moment apart, on the way from one to another.
pub fn passing(random: &mut Random, from: &Motion, to: &Motion) -> [Motion; 3] {
    let step = random.between(0.01, 0.06);
    let middle = random.between(step, 1.0 - step);
    [-step, 0.0, step].map(|later| from.between(to, Real::from_num(middle + later)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn motions_stay_in_range_and_reach_its_ends() {
        let mut random = Random::new(5);
        let (mut widest, mut shut, mut open) = (0.0f32, false, false);
        for index in 0..2000 {
            let motion = if index % 2 == 0 {
                lively(&mut random)
            } else {
                extreme(&mut random)
            };
            let yaw = motion.head.yaw.to_num::<f32>().abs();
            assert!(yaw <= TURN + 0.01);
            widest = widest.max(yaw);
            for eye in motion.eye_openness {
                assert!((0.0..=1.5).contains(&eye.to_num::<f32>()));
                shut |= eye == 0;
            }
            assert!(motion.expression.iter().all(|v| (0..=1).contains(v)));
            open |= motion.get(JawOpen).to_num::<f32>() > 0.95;
        }
        assert!(widest > 0.95 * TURN && shut && open);
    }
}
