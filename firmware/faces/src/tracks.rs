//! Tracks: who is who from one picture to the next.
//!
//! A track keeps a face's id and the crop to look for it in the next picture. A face that stays
//! lost for a short while gets its id back when it turns up at about the same place and size, so
//! that a hand before the face or a turned head makes no new visitor.
//!
//! Two tracks can come to lie on one face, when one visitor passes behind another: the track of
//! the hidden face slides onto the nearer one. The one that jumped is the wrong one, so the face
//! keeps the track that moved less; see [`Tracks::settle`].

use crate::crop::Crop;
use crate::glimpse::Glimpse;
use heapless::Vec;
use sfumato_core::face::{MOST_FACES, TrackId};
use sfumato_core::geometry::Box2;
use sfumato_core::time::{Micros, Moment};

/// Boxes of landmarks that overlap more than this lie on one face.
const SAME_FACE: f32 = 0.35;

/// How long a lost face keeps its id.
const MEMORY: Micros = Micros::from_millis(1_500);

/// A face followed through time.
#[derive(Clone, Debug, PartialEq)]
pub struct Track {
    /// Who it is.
    pub id: TrackId,
    /// Where to look for it in the next picture.
    pub crop: Crop,
    /// Box of its landmarks when last seen.
    pub bounds: Box2,
    /// Where it was looked for first in its present picture, and what was seen there.
    pub looked: Option<(Crop, Glimpse)>,
    /// How far it moved with the last picture, in widths of the face.
    jump: f32,
}

#[derive(Clone, Copy, Debug)]
struct Lost {
    id: TrackId,
    bounds: Box2,
    seen: Moment,
}

/// All faces followed, and those lost a moment ago.
#[derive(Clone, Debug, Default)]
pub struct Tracks {
    live: Vec<Track, MOST_FACES>,
    lost: Vec<Lost, MOST_FACES>,
    next_id: u32,
}

impl Tracks {
    /// Nobody yet.
    pub fn new() -> Self {
        Tracks::default()
    }

    /// The faces followed.
    pub fn live(&self) -> &[Track] {
        &self.live
    }

    /// The face `index` was found again, at `bounds`.
    pub fn moved(&mut self, index: usize, bounds: Box2, crop: Crop) {
        if let Some(track) = self.live.get_mut(index) {
            track.jump = distance(&track.bounds, &bounds);
            track.bounds = bounds;
            track.crop = crop;
        }
    }

    /// The face `index` was looked for in `crop`, which showed `glimpse`.
    pub fn looked(&mut self, index: usize, crop: Crop, glimpse: Glimpse) {
        if let Some(track) = self.live.get_mut(index) {
            track.looked = Some((crop, glimpse));
        }
    }

    /// The face `index` was not found at `now`: it is followed no longer, but remembered.
    pub fn lose(&mut self, index: usize, now: Moment) {
        if index >= self.live.len() {
            return;
        }
        let track = self.live.remove(index);
        if self.lost.is_full() {
            self.lost.remove(0);
        }
        // There is room: the oldest has just made it.
        let _ = self.lost.push(Lost {
            id: track.id,
            bounds: track.bounds,
            seen: now,
        });
    }

    /// A face was found at `bounds`; returns its id, or none if it is followed already or no
    /// more faces can be.
    pub fn found(&mut self, bounds: Box2, crop: Crop, now: Moment) -> Option<TrackId> {
        if self.live.is_full() || self.covers(&bounds) {
            return None;
        }
        let id = self.recognise(&bounds, now).unwrap_or_else(|| {
            let id = TrackId(self.next_id);
            self.next_id = self.next_id.wrapping_add(1);
            id
        });
        let track = Track {
            id,
            crop,
            bounds,
            looked: None,
            jump: 0.0,
        };
        self.live.push(track).ok().map(|()| id)
    }

    /// Whether a face at `bounds` is followed already.
    pub fn covers(&self, bounds: &Box2) -> bool {
        self.live.iter().any(|track| same(&track.bounds, bounds))
    }

    /// Of two tracks that lie on one face, the index of the wrong one; none if all are apart.
    ///
    /// The one that moved further with this picture is wrong, the younger one if both moved
    /// alike. Call again after losing it, until there is none.
    pub fn settle(&self) -> Option<usize> {
        for (second, b) in self.live.iter().enumerate() {
            for (first, a) in self.live.iter().enumerate().take(second) {
                if same(&a.bounds, &b.bounds) {
                    // A tenth of a face's width tells a slide from a shake of the head.
                    return Some(if a.jump > b.jump + 0.1 { first } else { second });
                }
            }
        }
        None
    }

    /// Takes a lost face's id off the list if a face at `bounds` may be the same.
    fn recognise(&mut self, bounds: &Box2, now: Moment) -> Option<TrackId> {
        self.lost.retain(|lost| lost.seen.until(now) <= MEMORY);
        let (index, _) = self
            .lost
            .iter()
            .enumerate()
            .map(|(index, lost)| (index, distance(&lost.bounds, bounds)))
            .filter(|(_, distance)| *distance < 0.75)
            .min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(self.lost.remove(index).id)
    }
}

/// Whether two boxes of landmarks lie on one face.
fn same(a: &Box2, b: &Box2) -> bool {
    a.intersection_over_union(b) > SAME_FACE
}

/// How far apart two boxes are, in widths of the first: their middles, and their sizes.
fn distance(a: &Box2, b: &Box2) -> f32 {
    let width = a.width().max(1.0);
    let (p, q) = (a.centre(), b.centre());
    let middle = libm::hypotf(q.x - p.x, q.y - p.y) / width;
    let size = (b.width() / width - 1.0).abs();
    middle.max(size)
}
