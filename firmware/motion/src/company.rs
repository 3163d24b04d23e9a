//! The others: visitors who are seen but not answered, and glances at them.
//!
//! A portrait that talks with one person looks up at the others now and then, as people do. Who is
//! glanced at next is whoever has waited longest. Glances keep a distance from one another, however many people there
//! are and however fast they come and go: eyes that dart about in a crowd look mad.

use crate::curve::{real, soft_bound};
use crate::placement::Placement;
use crate::random::Random;
use sfumato_core::face::{Face, MOST_FACES, TrackId};
use sfumato_core::motion::{Gaze, Real};
use sfumato_core::time::{Micros, Moment};

/// Somebody who is not answered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Other {
    pub track: TrackId,
    /// Where to look to see them, in degrees.
    pub direction: Gaze,
}

impl Other {
    /// Where this face is, seen from the portrait: good enough for a glance.
    pub fn of(face: &Face, placement: &Placement, picture: (u32, u32)) -> Other {
        let seen = placement.whereabouts_of(face, picture);
        Other {
            track: face.track,
            direction: reachable(real(seen.yaw, 90.0), real(seen.pitch, 90.0)),
        }
    }
}

/// A glance takes so long, at least and more by chance: fixations of faces in a scene last a third to
/// two thirds of a second, and the eyes have to get there (Rayner 2009, "Eye movements and
/// attention in reading, scene perception, and visual search").
const GLANCE: [Micros; 2] = [Micros::from_millis(500), Micros::from_millis(300)];

/// Whoever has just come is looked at for so long before anybody else is.
const FIRST_LOOK: Micros = Micros::from_millis(2_500);

/// A glance is given up when its aim was not seen for so long.
const LOST: Micros = Micros::from_millis(600);

/// Directions are followed this fast: a share of the way with each picture.
const FOLLOWS: Real = Real::lit("0.3");

#[derive(Clone, Copy, Debug)]
struct Known {
    other: Other,
    seen: Moment,
    glanced: Option<Moment>,
}

/// The glance under way.
#[derive(Clone, Copy, Debug)]
struct Glance {
    at: TrackId,
    ends: Moment,
}

/// Remembers who is there besides the visitor, and decides when to glance at whom.
#[derive(Clone, Debug)]
pub(crate) struct Company {
    random: Random,
    known: [Option<Known>; MOST_FACES],
    glance: Option<Glance>,
    next: Option<Moment>,
}

impl Company {
    /// Nobody yet. `seed` decides when glances come.
    pub fn new(seed: u64) -> Company {
        Company {
            random: Random::new(seed ^ 0x0c0d),
            known: [None; MOST_FACES],
            glance: None,
            next: None,
        }
    }

    /// Takes in who else was seen at `captured`.
    pub fn see(&mut self, others: impl Iterator<Item = Other>, captured: Moment) {
        for other in others {
            let place = self.place(other.track, captured);
            let Some(slot) = self.known.get_mut(place) else {
                continue;
            };
            let mut known = slot
                .filter(|known| known.other.track == other.track)
                .unwrap_or(Known {
                    other,
                    seen: captured,
                    glanced: None,
                });
            let follow = |from: Real, to: Real| from + (to - from) * FOLLOWS;
            let before = known.other.direction;
            known.other.direction = Gaze {
                yaw: follow(before.yaw, other.direction.yaw),
                pitch: follow(before.pitch, other.direction.pitch),
            };
            known.seen = captured;
            *slot = Some(known);
        }
        for slot in &mut self.known {
            if slot.is_some_and(|known| known.seen.until(captured) > LOST) {
                *slot = None;
            }
        }
    }

    /// Where `track` is remembered, or where the one least recently seen was.
    fn place(&self, track: TrackId, now: Moment) -> usize {
        let of = |known: &Option<Known>| known.is_some_and(|known| known.other.track == track);
        if let Some(place) = self.known.iter().position(of) {
            return place;
        }
        let stale = |place: &usize| match self.known.get(*place) {
            Some(Some(known)) => known.seen.until(now),
            _ => Micros(u64::MAX),
        };
        (0..self.known.len()).max_by_key(stale).unwrap_or(0)
    }

    /// Whom to glance at, at `now`, while a visitor is answered who came at `came`: at most about `glances`
    /// times a minute.
    pub fn glance(&mut self, came: Moment, now: Moment, glances: u16) -> Option<Gaze> {
        if glances == 0 {
            return None;
        }
        if let Some(glance) = self.glance {
            match self.at(glance.at) {
                Some(direction) if now < glance.ends => return Some(direction),
                _ => self.glance = None,
            }
        }
        let pause = Micros(60_000_000 / u64::from(glances.min(60)));
        let wait = |random: &mut Random| random.wait(Micros(pause.0 / 2), Micros(pause.0 / 2));
        let next = match self.next {
            Some(next) => next,
            None => *self.next.insert(now + wait(&mut self.random)),
        };
        if now < next || came.until(now) < FIRST_LOOK {
            return None;
        }
        let waiting = self.known.iter_mut().flatten();
        let longest = waiting.min_by_key(|known| known.glanced)?;
        longest.glanced = Some(now);
        let [least, more] = GLANCE;
        self.glance = Some(Glance {
            at: longest.other.track,
            ends: now + self.random.wait(least, more),
        });
        let direction = longest.other.direction;
        self.next = Some(now + wait(&mut self.random));
        Some(direction)
    }

    fn at(&self, track: TrackId) -> Option<Gaze> {
        let known = self.known.iter().flatten();
        let mut found = known.filter(|known| known.other.track == track);
        found.next().map(|known| known.other.direction)
    }
}

/// A direction that eyes can take without the head: in degrees.
pub(crate) fn reachable(yaw: Real, pitch: Real) -> Gaze {
    let bound = |angle, limit: Real| soft_bound(angle, limit / 2, limit);
    Gaze {
        yaw: bound(yaw, Real::const_from_int(24)),
        pitch: bound(pitch, Real::const_from_int(16)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn other(track: u32, yaw: i32) -> Other {
        Other {
            track: TrackId(track),
            direction: Gaze {
                yaw: Real::from_num(yaw),
                pitch: Real::ZERO,
            },
        }
    }

    /// Plays five minutes at 25 frames a second: how often a glance began, and at whom.
    fn play(others: impl Fn(u64) -> std::vec::Vec<Other>, glances: u16) -> std::vec::Vec<Real> {
        let mut company = Company::new(9);
        let mut begun = std::vec::Vec::new();
        let mut glancing = false;
        for frame in 0..25 * 300u64 {
            let now = Moment(frame * 40_000);
            company.see(others(frame).into_iter(), now);
            let glance = company.glance(Moment(0), now, glances);
            if let (Some(glance), false) = (glance, glancing) {
                begun.push(glance.yaw);
            }
            glancing = glance.is_some();
        }
        begun
    }

    #[test]
    fn everybody_gets_a_glance_now_and_then() {
        let begun = play(|_| std::vec![other(2, -12), other(3, 5), other(4, 15)], 8);
        assert!((25..=42).contains(&begun.len()), "{}", begun.len());
        for yaw in [-12, 5, 15] {
            let count = begun.iter().filter(|glance| **glance == yaw).count();
            assert!(
                count >= begun.len() / 4,
                "{yaw}: {count} of {}",
                begun.len()
            );
        }
    }

    #[test]
    fn a_crowd_does_not_make_the_eyes_flutter() {
        // Eight people, each lost and found again under another name every third of a second.
        let crowd = |frame: u64| {
            (0..8u32)
                .map(|place| other(100 * (frame / 8) as u32 + place, 4 * place as i32 - 14))
                .collect()
        };
        let begun = play(crowd, 8);
        assert!(begun.len() <= 42, "{} glances in five minutes", begun.len());
        assert!(begun.len() >= 20, "{} glances in five minutes", begun.len());
    }

    #[test]
    fn nobody_else_no_glances() {
        assert!(play(|_| std::vec::Vec::new(), 8).is_empty());
        assert!(play(|_| std::vec![other(2, 5)], 0).is_empty());
    }

    #[test]
    fn whoever_has_just_come_is_looked_at_first() {
        let mut company = Company::new(3);
        let mut first = None;
        for frame in 0..500u64 {
            let now = Moment(frame * 40_000);
            company.see([other(2, 9)].into_iter(), now);
            if company.glance(Moment(8_000_000), now, 60).is_some() && now.0 > 8_000_000 {
                first = first.or(Some(now));
            }
        }
        // Until the visitor came there was nobody to be polite to: `came` lay ahead.
        assert!(first.is_some_and(|at| at.0 >= 10_500_000), "{first:?}");
    }
}
