//! Manners: what a portrait does besides copying whoever is before it.
//!
//! Small additions to a whole motion: habits, a head turned to the visitor, a step back from one who
//! comes too near, a look after one who leaves, heavy lids. How much of each is the personality's.

use crate::compose::add_reply;
use crate::personality::{Cue, Personality};
use crate::visitor::Visitor;
use sfumato_core::motion::{Blendshape, Gaze, Motion, Real};
use sfumato_core::time::Moment;

/// How far lids droop when drowsy, and how far the head sinks then and in sleep, degrees.
const DROWSY_LIDS: Real = Real::lit("0.38");
const DROWSY_HEAD: Real = Real::lit("2.5");
const SLEEPING_HEAD: Real = Real::lit("5");

/// A farewell's smile, and how far the head follows whoever leaves.
const FAREWELL_SMILE: Real = Real::lit("0.22");
const FAREWELL_HEAD: Real = Real::lit("0.25");

/// The farthest that regard turns the head, degrees.
const MOST_REGARD: Real = Real::lit("6");

/// How far shyness draws the head back and lowers the eyes, degrees, and as far down as eyes go.
const DRAWN_BACK: Real = Real::lit("4");
const LOWERED: Real = Real::lit("7");
const LOWEST: Real = Real::lit("17");

/// Adds what the personality does by habit.
pub(crate) fn habits(
    motion: &mut Motion,
    visitor: &Visitor,
    personality: &Personality,
    now: Moment,
) {
    for habit in personality.habits.iter().flatten() {
        let both = |right: Blendshape, left: Blendshape| (motion.get(right) + motion.get(left)) / 2;
        let cue = match habit.cue {
            Cue::Smile => both(Blendshape::MouthSmileRight, Blendshape::MouthSmileLeft),
            Cue::Jaw => motion.get(Blendshape::JawOpen),
            Cue::Brows => motion.get(Blendshape::BrowInnerUp),
            Cue::Arrival => visitor.arrival(now),
            Cue::Nearness => visitor.nearness(),
        };
        add_reply(motion, habit.reply, cue * habit.amount);
    }
}

/// Turns the head some of the way to the visitor, and back from one who is too near.
pub(crate) fn regard(motion: &mut Motion, visitor: &Visitor, personality: &Personality) {
    let toward = visitor.direction(personality.regard);
    motion.head.yaw += toward.yaw.clamp(-MOST_REGARD, MOST_REGARD);
    motion.head.pitch += toward.pitch.clamp(-MOST_REGARD, MOST_REGARD);
    motion.head.pitch -= DRAWN_BACK * visitor.intrusion() * personality.shyness;
}

/// Where the eyes of a portrait look that answers a visitor.
pub(crate) fn aim(visitor: &Visitor, personality: &Personality) -> Gaze {
    let mut aim = visitor.direction(personality.gains.gaze);
    let lowered = LOWERED * visitor.intrusion() * personality.shyness;
    aim.pitch = (aim.pitch + lowered).min(LOWEST);
    aim
}

/// Sees off a visitor who has left, by `share`.
pub(crate) fn farewell(motion: &mut Motion, visitor: &Visitor, share: Real) {
    let after = visitor.direction(FAREWELL_HEAD * share);
    motion.head.yaw += after.yaw;
    motion.head.pitch += after.pitch;
    for shape in [Blendshape::MouthSmileLeft, Blendshape::MouthSmileRight] {
        motion.set(shape, motion.get(shape) + FAREWELL_SMILE * share);
    }
}

/// Lids and head of a portrait that is drowsy or asleep, each in [0, 1].
pub(crate) fn tire(motion: &mut Motion, drowsy: Real, asleep: Real) {
    motion.head.pitch += DROWSY_HEAD * drowsy + (SLEEPING_HEAD - DROWSY_HEAD * drowsy) * asleep;
    for lid in &mut motion.eye_openness {
        *lid *= (Real::ONE - DROWSY_LIDS * drowsy) * (Real::ONE - asleep);
    }
}
