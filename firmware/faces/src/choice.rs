//! Whom the portrait answers.
//!
//! A portrait looks at one person. It prefers who is near (a wide face) and who stands before it
//! (the middle of the picture), stays with whom it has met, and does not dart about: another
//! visitor must be clearly more present, for a while, before it turns to them. When its visitor
//! leaves it waits a moment, in case they come back, and then turns to whoever is there.

use sfumato_core::face::{Face, Faces, TrackId};
use sfumato_core::time::{Micros, Moment};

/// How much more present another visitor must be.
const CLEARLY: f32 = 1.3;

/// For how long.
const FOR_A_WHILE: Micros = Micros::from_millis(800);

/// How long the portrait stays with a visitor at least, while they are there.
const STAY: Micros = Micros::from_millis(2_500);

/// How long it waits for a visitor who is gone.
const GRACE: Micros = Micros::from_millis(600);

/// A visitor answered for longer than this weighs a little less, so that everybody in a group
/// is looked at.
const BOREDOM: Micros = Micros::from_secs(25);

/// How much less: enough that a neighbour who is as near is clearly more present.
const BORED: f32 = 0.6;

/// Decides whom to answer, from picture to picture.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    current: Option<Current>,
    rival: Option<Rival>,
}

#[derive(Clone, Copy, Debug)]
struct Current {
    id: TrackId,
    since: Moment,
    seen: Moment,
}

#[derive(Clone, Copy, Debug)]
struct Rival {
    id: TrackId,
    since: Moment,
}

impl Choice {
    /// Nobody chosen yet.
    pub fn new() -> Self {
        Choice::default()
    }

    /// Whom to answer now that `faces` are seen; none when nobody is there.
    ///
    /// Call it for each picture, with rising [`Faces::captured`]. While a visitor who is gone is
    /// waited for, the answer is still their id, although no face has it.
    pub fn choose(&mut self, faces: &Faces) -> Option<TrackId> {
        let now = faces.captured;
        let current = self.current.filter(|current| {
            let here = faces.faces.iter().any(|face| face.track == current.id);
            here || current.seen.until(now) <= GRACE
        });
        let Some(mut current) = current else {
            (self.current, self.rival) = (None, None);
            return self.turn_to(most_present(faces, None)?, now);
        };
        let Some(face) = faces.faces.iter().find(|face| face.track == current.id) else {
            self.rival = None;
            self.current = Some(current);
            return Some(current.id);
        };
        current.seen = now;
        self.current = Some(current);

        let held = current.since.until(now);
        let mut present = presence(face, faces);
        if held > BOREDOM {
            present *= BORED;
        }
        let rival = most_present(faces, Some(current.id))
            .filter(|rival| presence(rival, faces) > CLEARLY * present);
        let Some(rival) = rival else {
            self.rival = None;
            return Some(current.id);
        };
        let since = match self.rival {
            Some(known) if known.id == rival.track => known.since,
            _ => now,
        };
        self.rival = Some(Rival {
            id: rival.track,
            since,
        });
        if since.until(now) >= FOR_A_WHILE && held >= STAY {
            return self.turn_to(rival, now);
        }
        Some(current.id)
    }

    /// The visitor chosen, also while they are waited for.
    pub fn current(&self) -> Option<TrackId> {
        self.current.map(|current| current.id)
    }

    fn turn_to(&mut self, face: &Face, now: Moment) -> Option<TrackId> {
        self.rival = None;
        self.current = Some(Current {
            id: face.track,
            since: now,
            seen: now,
        });
        Some(face.track)
    }
}

fn most_present(faces: &Faces, except: Option<TrackId>) -> Option<&Face> {
    faces
        .faces
        .iter()
        .filter(|face| Some(face.track) != except)
        .max_by(|a, b| presence(a, faces).total_cmp(&presence(b, faces)))
}

/// How much a face asks for attention: its share of the picture's width, down to half of that
/// towards the picture's sides.
fn presence(face: &Face, faces: &Faces) -> f32 {
    let width = faces.width.max(1) as f32;
    let from_middle = (2.0 * face.bounds.centre().x / width - 1.0).abs().min(1.0);
    face.bounds.width() / width * (1.0 - 0.5 * from_middle * from_middle)
}
