//! The mover: everything between measuring a visitor and moving the portrait that takes time.

use crate::{Personality, Placement};
use sfumato_core::face::{Face, TrackId};
use sfumato_core::health::Level;
use sfumato_core::motion::{Motion, Real};
use sfumato_core::time::Moment;

/// What the portrait shall do at one moment, and why.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moved {
    /// What to draw.
    pub motion: Motion,
    /// [`Level::Living`] while a visitor is answered, else [`Level::Idle`].
    pub level: Level,
    /// Who is answered.
    pub visitor: Option<TrackId>,
    /// How much of the motion is the visitor's, in [0, 1]; the rest is idle life.
    pub attention: Real,
}

/// Turns faces into motion over time. Fixed size, no allocation, deterministic.
#[derive(Clone, Debug)]
pub struct Mover {
    personality: Personality,
    placement: Placement,
}

impl Mover {
    /// A portrait at rest with nobody before it. `seed` decides blinks and glances.
    pub fn new(personality: Personality, placement: Placement, seed: u64) -> Mover {
        let _ = seed;
        Mover {
            personality,
            placement,
        }
    }

    /// The personality in use.
    pub fn personality(&self) -> &Personality {
        &self.personality
    }

    /// Changes the personality; the portrait eases over.
    pub fn set_personality(&mut self, personality: Personality) {
        self.personality = personality;
    }

    /// Changes where the camera sits.
    pub fn set_placement(&mut self, placement: Placement) {
        self.placement = placement;
    }

    /// Takes in what the camera saw at `captured`: the face to answer, or nobody.
    ///
    /// `picture` is the camera picture's width and height in pixels. Call it once for each
    /// camera picture, in order; a picture older than the newest one is ignored.
    pub fn observe(&mut self, face: Option<&Face>, picture: (u32, u32), captured: Moment) {
        let _ = (face, picture, captured);
    }

    /// What the portrait does at `now`, the moment it will be seen. Call it once a shown frame.
    pub fn at(&mut self, now: Moment) -> Moved {
        let _ = now;
        Moved {
            motion: Motion::REST,
            level: Level::Idle,
            visitor: None,
            attention: Real::ZERO,
        }
    }
}
