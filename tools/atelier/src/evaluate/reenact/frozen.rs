//! A frozen driver: one frame of the clip again and again, each time with a camera's fresh noise.
//!
//! Nothing moves but noise, so whatever the portrait's landmarks do is jitter. The driver's face is followed as in the
//! clip, the crop stays where it lies, and the first half second, in which filters settle, does not count.

use super::driver::{Seen, Taken, WIDE};
use super::film;
use crate::evaluate::metrics::faces::jitter;
use crate::evaluate::metrics::noise::{Random, taken_again};
use anyhow::Result;
use sfumato_core::face::LANDMARKS;
use sfumato_core::pixels::{Pixels, Rgb};
use sfumato_core::time::{Micros, Moment};
use sfumato_faces::Perception;

/// Half a second until filters have settled.
const SETTLES: Micros = Micros::from_millis(500);

/// Frames that count.
const FRAMES: usize = 45;

/// The same face seen again and again.
pub struct Frozen {
    /// When, and what of it.
    pub seen: Vec<(Moment, Seen)>,
    settled: usize,
}

impl Frozen {
    /// Takes a frame again and again, `interval` apart; `known` is its face, in pixels of its crop.
    pub fn new(
        taken: &Taken,
        known: &Seen,
        interval: Micros,
        eyes: &mut Perception,
        seed: u64,
    ) -> Result<Frozen> {
        let step = interval.0.max(1);
        let settled = (SETTLES.0 / step) as usize + 1;
        let mut random = Random::new(seed);
        let mut seen = Vec::new();
        eyes.forget();
        for index in 0..settled + FRAMES {
            let captured = Moment((index as u64 + 1) * step);
            let noisy = taken_again(&taken.pixels, &mut random);
            let picture = Pixels::new(&noisy, taken.width, taken.height, taken.width)?;
            let around = film::cut_out(picture, &taken.transform);
            // A frame in which the face is lost repeats the last one, as a portrait would.
            let here = film::face_in(&around, captured, eyes)?;
            let last = seen.last().map(|(_, seen): &(Moment, Seen)| seen.clone());
            let here = here.or(last);
            seen.push((captured, here.unwrap_or_else(|| known.clone())));
        }
        Ok(Frozen { seen, settled })
    }

    /// The jitter of a method, pixels at 256; none where its face is not found.
    ///
    /// `draw` draws the wide picture for the frame with that index, in order.
    pub fn jitter(
        &self,
        eyes: &mut Perception,
        mut draw: impl FnMut(usize, &mut Vec<Rgb>) -> Result<()>,
    ) -> Result<Option<f64>> {
        let mut wide = Vec::new();
        let mut faces: Vec<Box<[_; LANDMARKS]>> = Vec::new();
        eyes.forget();
        for (index, (captured, _)) in self.seen.iter().enumerate() {
            draw(index, &mut wide)?;
            let picture = Pixels::new(&wide, WIDE, WIDE, WIDE)?;
            let around = film::cut_out(picture, &film::middle());
            let Some(face) = film::face_in(&around, *captured, eyes)? else {
                return Ok(None);
            };
            if index >= self.settled {
                faces.push(face.landmarks);
            }
        }
        Ok(jitter(&faces))
    }
}
