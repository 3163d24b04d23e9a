//! The expressions that a contact sheet shows.

use sfumato_core::motion::Blendshape::{self, *};
use sfumato_core::motion::{Motion, Real};

/// A motion with a name.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// For the label.
    pub name: &'static str,
    /// What the portrait does.
    pub motion: Motion,
}

/// Degrees by which a portrait turns, nods and leans at most.
pub const TURN: f64 = 12.0;

/// All that a portrait must be able to do.
pub fn expressions() -> Vec<Expression> {
    let smile: &[(Blendshape, f64)] = &[
        (MouthSmileLeft, 1.0),
        (MouthSmileRight, 1.0),
        (CheekSquintLeft, 0.5),
        (CheekSquintRight, 0.5),
    ];
    let brows_up: &[(Blendshape, f64)] = &[
        (BrowInnerUp, 1.0),
        (BrowOuterUpLeft, 1.0),
        (BrowOuterUpRight, 1.0),
    ];
    let brows_down: &[(Blendshape, f64)] = &[(BrowDownLeft, 1.0), (BrowDownRight, 1.0)];
    let frown: &[(Blendshape, f64)] = &[(MouthFrownLeft, 1.0), (MouthFrownRight, 1.0)];
    let jaw = |amount: f64| vec![(JawOpen, amount)];
    let both = |a: &[(Blendshape, f64)], b: &[(Blendshape, f64)]| [a, b].concat();
    vec![
        face("rest", &[]),
        eyes("eyes half closed", 0.5, 0.5),
        eyes("eyes closed", 0.0, 0.0),
        eyes("eyes wide", 1.5, 1.5),
        eyes("wink right", 0.0, 1.0),
        eyes("wink left", 1.0, 0.0),
        gaze("gaze left", -20.0, 0.0),
        gaze("gaze right", 20.0, 0.0),
        gaze("gaze up", 0.0, -12.0),
        gaze("gaze down", 0.0, 12.0),
        gaze("gaze up left", -15.0, -10.0),
        gaze("gaze down right", 15.0, 10.0),
        face("brows up", brows_up),
        face("brows down", brows_down),
        face("brow inner up", &[(BrowInnerUp, 1.0)]),
        face(
            "smile half",
            &[(MouthSmileLeft, 0.5), (MouthSmileRight, 0.5)],
        ),
        face("smile", smile),
        face("smile one-sided", &[(MouthSmileLeft, 1.0)]),
        face("frown", frown),
        face("jaw open small", &jaw(0.2)),
        face("jaw open half", &jaw(0.5)),
        face("jaw open", &jaw(1.0)),
        face("pucker", &[(MouthPucker, 1.0)]),
        face("funnel", &[(MouthFunnel, 1.0), (JawOpen, 0.25)]),
        head("yaw left", -TURN, 0.0, 0.0),
        head("yaw right", TURN, 0.0, 0.0),
        head("pitch up", 0.0, -TURN, 0.0),
        head("pitch down", 0.0, TURN, 0.0),
        head("roll to the right", 0.0, 0.0, -TURN),
        head("roll to the left", 0.0, 0.0, TURN),
        face("laugh", &both(smile, &jaw(0.6))),
        with_eyes(face("surprise", &both(brows_up, &jaw(0.5))), 1.5),
        with_eyes(face("sleepy smile", smile), 0.4),
        with_eyes(face("sorrow", &both(frown, &[(BrowInnerUp, 1.0)])), 0.7),
        face("anger", &both(frown, brows_down)),
        turned_smile(smile),
    ]
}

fn real(value: f64) -> Real {
    Real::from_num(value)
}

fn face(name: &'static str, shapes: &[(Blendshape, f64)]) -> Expression {
    let mut motion = Motion::REST;
    for &(shape, amount) in shapes {
        motion.set(shape, real(amount));
    }
    Expression { name, motion }
}

fn with_eyes(mut expression: Expression, openness: f64) -> Expression {
    expression.motion.eye_openness = [real(openness); 2];
    expression
}

fn eyes(name: &'static str, right: f64, left: f64) -> Expression {
    let mut expression = face(name, &[]);
    expression.motion.eye_openness = [real(right), real(left)];
    expression
}

fn gaze(name: &'static str, yaw: f64, pitch: f64) -> Expression {
    let mut expression = face(name, &[]);
    expression.motion.gaze.yaw = real(yaw);
    expression.motion.gaze.pitch = real(pitch);
    expression
}

fn head(name: &'static str, yaw: f64, pitch: f64, roll: f64) -> Expression {
    let mut expression = face(name, &[]);
    expression.motion.head.yaw = real(yaw);
    expression.motion.head.pitch = real(pitch);
    expression.motion.head.roll = real(roll);
    expression
}

fn turned_smile(smile: &[(Blendshape, f64)]) -> Expression {
    let mut expression = face("turned, smiling", smile);
    expression.motion.head.yaw = real(TURN);
    expression.motion.head.pitch = real(-TURN / 2.0);
    expression.motion.gaze.yaw = real(-12.0);
    expression
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_motions_are_all_different() {
        let all = expressions();
        for (index, expression) in all.iter().enumerate() {
            assert_eq!(expression.motion == Motion::REST, expression.name == "rest");
            for other in &all[..index] {
                assert_ne!(other.name, expression.name);
                assert_ne!(other.motion, expression.motion);
            }
        }
    }
}
