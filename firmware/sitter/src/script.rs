//! A script: a performance for every moment, the truth a closed-loop test compares with.
//!
//! A script is a list of *beats*. A beat moves one feature from zero to a value and back:
//! it sets in at `start`, takes `rise` to get there, holds, and takes `fall` to return. Beats of
//! one feature add up. The whole repeats after the script's length.

use crate::performance::Performance;
use sfumato_core::time::{Micros, Moment};

/// What a beat moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Feature {
    /// [`Performance::yaw`].
    Yaw,
    /// [`Performance::pitch`].
    Pitch,
    /// [`Performance::roll`].
    Roll,
    /// [`Performance::jaw_open`].
    JawOpen,
    /// [`Performance::smile`].
    Smile,
    /// [`Performance::pucker`].
    Pucker,
    /// [`Performance::brow_up`].
    BrowUp,
    /// [`Performance::brow_down`].
    BrowDown,
    /// Both lids.
    Blink,
    /// [`Performance::blink_right`] alone.
    BlinkRight,
    /// [`Performance::blink_left`] alone.
    BlinkLeft,
    /// [`Performance::gaze_yaw`].
    GazeYaw,
    /// [`Performance::gaze_pitch`].
    GazePitch,
}

/// One movement of one feature, there and back. Times in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beat {
    /// What moves.
    pub feature: Feature,
    /// When it sets in, from the script's start.
    pub start: u32,
    /// How long it takes to get there.
    pub rise: u32,
    /// How long it stays.
    pub hold: u32,
    /// How long it takes to return.
    pub fall: u32,
    /// How far it goes: degrees or an amount in [0, 1].
    pub to: f32,
}

impl Beat {
    /// The beat's share of its feature at `millis` from the script's start.
    pub fn at(&self, millis: f32) -> f32 {
        let since = millis - self.start as f32;
        let (rise, hold, fall) = (self.rise as f32, self.hold as f32, self.fall as f32);
        let share = if since <= 0.0 {
            0.0
        } else if since < rise {
            since / rise
        } else if since <= rise + hold {
            1.0
        } else if since < rise + hold + fall {
            1.0 - (since - rise - hold) / fall
        } else {
            0.0
        };
        self.to * share * share * (3.0 - 2.0 * share)
    }

    /// When the beat is over, in milliseconds from the script's start.
    pub fn end(&self) -> u32 {
        self.start + self.rise + self.hold + self.fall
    }
}

const fn beat(feature: Feature, start: u32, rise: u32, hold: u32, fall: u32, to: f32) -> Beat {
    Beat {
        feature,
        start,
        rise,
        hold,
        fall,
        to,
    }
}

/// The built-in script: a visitor stands still, blinks, looks about, turns, nods, talks, smiles.
const DEFAULT: &[Beat] = &[
    // Two quiet seconds, so that whoever watches learns the resting face.
    beat(Feature::Blink, 1_400, 90, 70, 130, 1.0),
    beat(Feature::GazeYaw, 2_100, 120, 500, 150, 16.0),
    beat(Feature::GazeYaw, 3_000, 120, 500, 150, -16.0),
    beat(Feature::Yaw, 3_900, 700, 500, 700, 22.0),
    beat(Feature::GazeYaw, 3_800, 250, 1_100, 500, 6.0),
    beat(Feature::Blink, 5_700, 90, 80, 130, 1.0),
    beat(Feature::Yaw, 6_000, 700, 500, 700, -22.0),
    beat(Feature::GazeYaw, 5_900, 250, 1_100, 500, -6.0),
    beat(Feature::Smile, 8_200, 500, 900, 700, 1.0),
    beat(Feature::BrowUp, 8_300, 400, 500, 500, 0.4),
    beat(Feature::Blink, 10_400, 90, 100, 140, 1.0),
    beat(Feature::JawOpen, 10_900, 400, 400, 400, 0.9),
    beat(Feature::JawOpen, 12_300, 200, 60, 200, 0.45),
    beat(Feature::JawOpen, 12_800, 200, 60, 200, 0.6),
    beat(Feature::BrowUp, 13_500, 300, 500, 400, 1.0),
    beat(Feature::BrowDown, 14_800, 300, 500, 400, 1.0),
    beat(Feature::Pucker, 15_000, 400, 500, 400, 1.0),
    beat(Feature::Blink, 16_400, 250, 700, 300, 1.0),
    beat(Feature::Pitch, 17_800, 500, 300, 500, 13.0),
    beat(Feature::Pitch, 19_100, 500, 300, 500, -11.0),
    beat(Feature::Roll, 20_500, 500, 300, 500, 13.0),
    beat(Feature::Roll, 21_800, 500, 300, 500, -13.0),
    beat(Feature::Blink, 23_200, 90, 80, 130, 1.0),
];

/// A performance for every moment, repeated for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    beats: Vec<Beat>,
    millis: u32,
}

impl Default for Script {
    /// The built-in script, 24 seconds long.
    fn default() -> Self {
        Script::new(DEFAULT.to_vec(), Micros::from_secs(24))
    }
}

impl Script {
    /// A script of these beats that starts again after `length` (at least a millisecond).
    pub fn new(beats: Vec<Beat>, length: Micros) -> Self {
        let millis = (length.0 / 1_000).clamp(1, u64::from(u32::MAX)) as u32;
        Script { beats, millis }
    }

    /// A face that does nothing at all.
    pub fn still() -> Self {
        Script::new(Vec::new(), Micros::from_secs(1))
    }

    /// The beats, in the order they were given.
    pub fn beats(&self) -> &[Beat] {
        &self.beats
    }

    /// How long the script takes before it starts again.
    pub fn length(&self) -> Micros {
        Micros::from_millis(u64::from(self.millis))
    }

    /// What the sitter does at `moment`.
    pub fn at(&self, moment: Moment) -> Performance {
        let length = u64::from(self.millis) * 1_000;
        let millis = (moment.0 % length) as f32 / 1_000.0;
        let mut all = Performance::default();
        for beat in &self.beats {
            let share = beat.at(millis);
            match beat.feature {
                Feature::Yaw => all.yaw += share,
                Feature::Pitch => all.pitch += share,
                Feature::Roll => all.roll += share,
                Feature::JawOpen => all.jaw_open += share,
                Feature::Smile => all.smile += share,
                Feature::Pucker => all.pucker += share,
                Feature::BrowUp => all.brow_up += share,
                Feature::BrowDown => all.brow_down += share,
                Feature::Blink => {
                    all.blink_right += share;
                    all.blink_left += share;
                }
                Feature::BlinkRight => all.blink_right += share,
                Feature::BlinkLeft => all.blink_left += share,
                Feature::GazeYaw => all.gaze_yaw += share,
                Feature::GazePitch => all.gaze_pitch += share,
            }
        }
        all.bounded()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_script_starts_and_ends_at_rest() {
        let script = Script::default();
        assert_eq!(script.at(Moment(0)), Performance::default());
        let last = Moment(script.length().0 - 1);
        assert_eq!(script.at(last), Performance::default());
        assert_eq!(script.at(Moment(0) + script.length()), script.at(Moment(0)));
    }

    #[test]
    fn a_beat_reaches_what_it_says_and_holds_it() {
        let script = Script::default();
        for beat in script.beats() {
            assert!(beat.end() <= 24_000, "{beat:?} outlasts the script");
            let top = f32::from(u16::try_from(beat.rise + beat.hold / 2).unwrap());
            assert_eq!(beat.at(beat.start as f32 + top), beat.to);
            assert_eq!(beat.at(beat.start as f32), 0.0);
            assert_eq!(beat.at(beat.end() as f32), 0.0);
        }
        let shut = script.at(Moment(0) + Micros::from_millis(16_900));
        assert_eq!((shut.blink_right, shut.blink_left), (1.0, 1.0));
        assert_eq!(script.at(Moment(0) + Micros::from_millis(4_800)).yaw, 22.0);
    }

    proptest! {
        #[test]
        fn nothing_jumps(at in 0u64..24_000_000) {
            let script = Script::default();
            let (a, b) = (script.at(Moment(at)), script.at(Moment(at + 5_000)));
            prop_assert!((a.yaw - b.yaw).abs() < 0.4);
            prop_assert!((a.blink_left - b.blink_left).abs() < 0.1);
            prop_assert!((a.jaw_open - b.jaw_open).abs() < 0.06);
        }
    }
}
