//! The characters that everybody has: written by hand, from what is published about how people move.
//!
//! Blinks, breath and glances are within what the idle life's sources measured; the rest is taste. What
//! is learned from people comes as files.

use crate::personality::{Cue, Gains, Habit, IdleLife, Personality, Reply, Sides};
use crate::style::Style;
use sfumato_core::motion::Real;
use sfumato_core::time::Micros;

const fn habit(cue: Cue, reply: Reply, amount: &'static str) -> Option<Habit> {
    Some(Habit {
        cue,
        reply,
        amount: Real::lit(amount),
    })
}

impl Personality {
    /// Copies the visitor as directly as the bounds allow; no habits, no idle life.
    pub const MIRROR: Personality = Personality {
        name: "mirror",
        gains: Gains {
            yaw: Real::lit("0.75"),
            pitch: Real::lit("0.75"),
            roll: Real::lit("0.75"),
            jaw: Real::ONE,
            smile: Real::ONE,
            mouth: Real::ONE,
            brows: Real::ONE,
            gaze: Real::ONE,
        },
        sides: Sides::Anatomical,
        answer_time: Micros(0),
        engage_time: Micros::from_millis(250),
        release_time: Micros::from_millis(1_000),
        asymmetry: Real::ZERO,
        widest: Real::lit("1"),
        smile_bias: Real::ZERO,
        idle: IdleLife {
            breath: Real::ZERO,
            blinks: 0,
            glances: 0,
            glance_reach: Real::ZERO,
            head_share: Real::ZERO,
            micro_saccades: Real::ZERO,
            face: Real::ZERO,
        },
        company: Real::ZERO,
        others: 0,
        regard: Real::lit("0"),
        farewell: Real::lit("0"),
        shyness: Real::lit("0"),
        drowsy_after: Micros(0),
        habits: [None; 4],
        style: Style::PLAIN,
    };

    /// Slow and calm: follows with the eyes first, answers a smile with half of one.
    pub const SERENE: Personality = Personality {
        name: "serene",
        gains: Gains {
            yaw: Real::lit("0.6"),
            pitch: Real::lit("0.6"),
            roll: Real::lit("0.6"),
            jaw: Real::lit("0.7"),
            smile: Real::lit("0.8"),
            mouth: Real::lit("0.6"),
            brows: Real::lit("0.7"),
            gaze: Real::ONE,
        },
        sides: Sides::Anatomical,
        answer_time: Micros::from_millis(120),
        engage_time: Micros::from_millis(900),
        release_time: Micros::from_millis(1_200),
        asymmetry: Real::lit("0.15"),
        widest: Real::lit("0.45"),
        smile_bias: Real::lit("0.04"),
        idle: IdleLife {
            breath: Real::ONE,
            blinks: 11,
            glances: 9,
            glance_reach: Real::lit("10"),
            head_share: Real::lit("0.15"),
            micro_saccades: Real::lit("0.5"),
            face: Real::ZERO,
        },
        company: Real::lit("0.6"),
        others: 4,
        regard: Real::lit("0.12"),
        farewell: Real::lit("0.6"),
        shyness: Real::lit("0.6"),
        drowsy_after: Micros::from_secs(8 * 60),
        habits: [
            habit(Cue::Smile, Reply::CheekSquint, "0.25"),
            habit(Cue::Smile, Reply::EyesOpen, "-0.10"),
            habit(Cue::Nearness, Reply::Smile, "0.12"),
            None,
        ],
        style: Style::PLAIN,
    };

    /// Wide awake: brows up at every arrival, chin up and a lean for whoever comes near.
    pub const CURIOUS: Personality = Personality {
        name: "curious",
        gains: Gains {
            yaw: Real::lit("0.9"),
            pitch: Real::lit("0.8"),
            roll: Real::lit("1.1"),
            jaw: Real::lit("0.8"),
            smile: Real::lit("0.8"),
            mouth: Real::lit("0.8"),
            brows: Real::lit("1.3"),
            gaze: Real::ONE,
        },
        sides: Sides::Anatomical,
        answer_time: Micros::from_millis(80),
        engage_time: Micros::from_millis(600),
        release_time: Micros::from_millis(900),
        asymmetry: Real::lit("-0.1"),
        widest: Real::lit("0.5"),
        smile_bias: Real::ZERO,
        idle: IdleLife {
            breath: Real::ONE,
            blinks: 16,
            glances: 22,
            glance_reach: Real::lit("15"),
            head_share: Real::lit("0.3"),
            micro_saccades: Real::lit("0.7"),
            face: Real::ZERO,
        },
        company: Real::lit("0.7"),
        others: 9,
        regard: Real::lit("0.22"),
        farewell: Real::lit("0.8"),
        shyness: Real::lit("0.1"),
        drowsy_after: Micros::from_secs(20 * 60),
        habits: [
            habit(Cue::Arrival, Reply::BrowsUp, "0.45"),
            habit(Cue::Arrival, Reply::EyesOpen, "0.12"),
            habit(Cue::Nearness, Reply::Roll, "3"),
            habit(Cue::Nearness, Reply::BrowInnerUp, "0.2"),
        ],
        style: Style::PLAIN,
    };

    /// Gives back more than it gets: a broader smile, higher brows, a tilted head.
    pub const PLAYFUL: Personality = Personality {
        name: "playful",
        gains: Gains {
            yaw: Real::lit("1.1"),
            pitch: Real::lit("1.1"),
            roll: Real::lit("1.2"),
            jaw: Real::lit("1.1"),
            smile: Real::lit("1.3"),
            mouth: Real::lit("1.2"),
            brows: Real::lit("1.4"),
            gaze: Real::ONE,
        },
        sides: Sides::Anatomical,
        answer_time: Micros::from_millis(50),
        engage_time: Micros::from_millis(500),
        release_time: Micros::from_millis(900),
        asymmetry: Real::lit("0.3"),
        widest: Real::lit("0.6"),
        smile_bias: Real::lit("0.06"),
        idle: IdleLife {
            breath: Real::lit("1.2"),
            blinks: 18,
            glances: 18,
            glance_reach: Real::lit("13"),
            head_share: Real::lit("0.35"),
            micro_saccades: Real::lit("0.7"),
            face: Real::ZERO,
        },
        company: Real::lit("0.7"),
        others: 7,
        regard: Real::lit("0.2"),
        farewell: Real::lit("1"),
        shyness: Real::lit("0.3"),
        drowsy_after: Micros::from_secs(12 * 60),
        habits: [
            habit(Cue::Smile, Reply::Roll, "3.5"),
            habit(Cue::Smile, Reply::BrowsUp, "0.2"),
            habit(Cue::Smile, Reply::CheekSquint, "0.35"),
            habit(Cue::Arrival, Reply::Smile, "0.3"),
        ],
        style: Style::PLAIN,
    };

    /// The built-in ones; the first is the default for a show.
    pub const BUILT_IN: [Personality; 4] =
        [Self::SERENE, Self::CURIOUS, Self::PLAYFUL, Self::MIRROR];
}
