//! Personality: how a visitor's motion becomes the portrait's, as data.
//!
//! A personality is a handful of numbers: how strongly each part of the face answers, how long it
//! takes, how lopsided, what it does by habit and what it does when nobody is there. Nothing
//! here is code, so that a painting's author can write a new one.

use crate::style::Style;
use sfumato_core::motion::Real;
use sfumato_core::time::Micros;

/// How strongly each part answers; 1 copies, 0 does not move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gains {
    /// Turning the head, before the bound.
    pub yaw: Real,
    /// Nodding, before the bound.
    pub pitch: Real,
    /// Leaning, before the bound.
    pub roll: Real,
    /// Opening the mouth.
    pub jaw: Real,
    /// Smiling, stretching and frowning.
    pub smile: Real,
    /// Narrowing, pressing and shifting the mouth.
    pub mouth: Real,
    /// Raising and lowering the brows.
    pub brows: Real,
    /// Looking at the visitor: 1 meets the eyes, 0 looks where the painter had it look.
    pub gaze: Real,
}

/// What the portrait does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleLife {
    /// Strength of breathing and of the slow sway of the head; 1 is natural, 0 is none.
    pub breath: Real,
    /// Blinks a minute; 0 for none.
    pub blinks: u16,
    /// Glances around a minute; 0 for none.
    pub glances: u16,
    /// How far glances go to the side, in degrees.
    pub glance_reach: Real,
    /// Share of the glance that the head makes, in [0, 1].
    pub head_share: Real,
    /// Size of the eyes' small unrest while they look at one thing, in degrees.
    pub micro_saccades: Real,
    /// How much its own expressions come and go, in [0, 2]; which they are is its style's.
    pub face: Real,
}

/// Something of the visitor that habits answer to; each is a number in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cue {
    /// The visitor smiles.
    Smile,
    /// The visitor's mouth opens.
    Jaw,
    /// The visitor raises the brows.
    Brows,
    /// Somebody has just come; fades within two seconds.
    Arrival,
    /// How near the visitor stands: 0 from two metres on, 1 at half a metre.
    Nearness,
}

/// What a habit adds to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Head roll, in degrees.
    Roll,
    /// Head pitch, in degrees; negative lifts the chin.
    Pitch,
    /// Both sides' smile.
    Smile,
    /// All brows, up.
    BrowsUp,
    /// The brows' inner ends, up.
    BrowInnerUp,
    /// Cheeks, up towards the eyes.
    CheekSquint,
    /// Eye openness; negative narrows.
    EyesOpen,
}

/// Adds `amount` of `reply` for a `cue` of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Habit {
    /// What sets it off.
    pub cue: Cue,
    /// What the portrait does.
    pub reply: Reply,
    /// How much of it.
    pub amount: Real,
}

/// Whose right is the portrait's right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sides {
    /// The visitor's right eye closes the portrait's right eye; a nose that moves to the right edge of
    /// the camera picture moves to the right edge of the painting.
    #[default]
    Anatomical,
    /// Like a mirror: lean to your left, and the portrait before you leans to the same side.
    Mirrored,
}

/// A character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Personality {
    /// Its name on the command line and in settings.
    pub name: &'static str,
    /// How strongly it answers.
    pub gains: Gains,
    /// Whose right is its right.
    pub sides: Sides,
    /// Time in which the head follows; the face takes half of it, lids none. 0 for at once.
    pub answer_time: Micros,
    /// Time to turn to a new visitor.
    pub engage_time: Micros,
    /// Time to return to itself when the visitor has left.
    pub release_time: Micros,
    /// How much stronger the left side of the face answers than the right, in [-0.5, 0.5].
    pub asymmetry: Real,
    /// How wide its mouth ever opens, in [0.1, 1]; nearer to it, ever less of the visitor's.
    pub widest: Real,
    /// A smile it always has, in [0, 0.3].
    pub smile_bias: Real,
    /// What it does by itself.
    pub idle: IdleLife,
    /// Share of the idle life (breath, own blinks, unrest) that goes on while it answers.
    pub company: Real,
    /// Glances a minute at others who are there while it answers one; 0 for none.
    pub others: u16,
    /// Share of the way to the visitor that the head turns, in [0, 1]: the eyes do the rest. Children are
    /// looked down at with more than the eyes.
    pub regard: Real,
    /// How much it sees off whoever leaves, in [0, 1].
    pub farewell: Real,
    /// How much it draws back from whoever comes nearer than people do, in [0, 1].
    pub shyness: Real,
    /// Alone for so long it gets drowsy; 0 for never.
    pub drowsy_after: Micros,
    /// What it does by habit.
    pub habits: [Option<Habit>; 4],
    /// How somebody in particular moves.
    pub style: Style,
}

impl Personality {
    /// Makes what it does by itself stronger or weaker: `percent` of its own, 0 for none.
    pub fn enliven(&mut self, percent: u8) {
        let share = Real::from_num(f32::from(percent) / 100.0);
        let count = |number: u16| (u32::from(number) * u32::from(percent) / 100) as u16;
        self.idle.breath *= share;
        self.idle.micro_saccades *= share;
        self.idle.face *= share;
        let sway = &mut self.style.sway;
        let axes = [&mut sway.yaw, &mut sway.pitch, &mut sway.roll];
        axes.into_iter().flatten().for_each(|size| *size *= share);
        self.idle.blinks = count(self.idle.blinks);
        self.idle.glances = count(self.idle.glances);
        self.others = count(self.others);
    }

    /// The built-in personality of that name.
    pub fn by_name(name: &str) -> Option<Personality> {
        Self::BUILT_IN.into_iter().find(|p| p.name == name)
    }
}

impl Default for Personality {
    fn default() -> Self {
        Self::SERENE
    }
}
