//! Which pictures of a sitter are heard, and how much.

use super::Seen;
use super::tones::mean;
use crate::plane::Plane;
use sfumato_compositor::Picture;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_motion::measure;
use sfumato_motion::shape::apart_from_the_front;

/// Least width of a face, pixels.
const LEAST_FACE: f32 = 60.0;

/// Farthest that a head may be turned, degrees: beyond it half the landmarks are guessed.
const FARTHEST_TURN: f32 = 50.0;

/// How strange one sitter's pictures are to each other usually, and never are: see [`strangeness`]. Of 34 pairs of frames of six
/// people in one light each the farthest were 3.4 apart; of 218 pairs of different people 168 were farther than 3.7.
const SAME: f32 = 1.5;
const ANOTHER: f32 = 3.7;

/// Sharpness below which nothing can be read off a picture, and from which on it is as good as any.
const BLURRED: f32 = 0.16;
const SHARP: f32 = 0.30;

/// A face is looked at so many pixels wide for its sharpness.
const LOOKED_AT: usize = 64;

/// Why a picture is not heard.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The landmarks do not look like a face.
    #[error("its landmarks do not form a face; leave it out, or cut the face out upright")]
    NoFace,
    /// The face has too few pixels.
    #[error("its face is only {width} pixels wide; use a picture in which it is at least {needed}")]
    TooSmall {
        /// Width of the face in pixels.
        width: u32,
        /// Least width.
        needed: u32,
    },
    /// The head is turned too far.
    #[error(
        "its head is turned by {0} degrees, too far to see the whole face; use one turned less"
    )]
    Turned(i32),
    /// The picture is not sharp.
    #[error("it is blurred; use a sharper one, or a smaller part of the face in better light")]
    Blurred,
    /// The face has another shape, or looks otherwise.
    #[error(
        "it shows another face ({0:.1} where pictures of one sitter are at most {ANOTHER:.1} apart); use pictures of this \
         sitter, in a light like the painting's"
    )]
    Another(f32),
}

/// How good a picture is by itself, in (0, 1].
pub fn quality(seen: &Seen<'_>, picture: &Picture) -> Result<f32, Refusal> {
    let measured = measure(seen.landmarks);
    if !measured.is_plausible() {
        return Err(Refusal::NoFace);
    }
    let [wide, _] = size(seen.landmarks);
    if wide < LEAST_FACE {
        return Err(Refusal::TooSmall {
            width: wide.max(0.0) as u32,
            needed: LEAST_FACE as u32,
        });
    }
    let turned = measured.pose.yaw.abs().max(measured.pose.pitch.abs());
    if turned > FARTHEST_TURN {
        return Err(Refusal::Turned(turned as i32));
    }
    let sharp = sharpness(picture, seen.landmarks);
    if sharp < BLURRED {
        return Err(Refusal::Blurred);
    }
    Ok(falls(-sharp, -SHARP, -BLURRED))
}

/// How surely a picture shows the same sitter, in (0, 1].
///
/// `likeness` is how alike the faces look, in [-1, 1].
pub fn sameness(sitter: &Seen<'_>, other: &Seen<'_>, likeness: f32) -> Result<f32, Refusal> {
    let strange = strangeness(sitter, other, likeness).ok_or(Refusal::NoFace)?;
    if strange > ANOTHER {
        return Err(Refusal::Another(strange));
    }
    Ok(falls(strange, SAME, ANOTHER))
}

/// Millimetres between the shapes as seen from the front, and six for looking altogether different.
fn strangeness(sitter: &Seen<'_>, other: &Seen<'_>, likeness: f32) -> Option<f32> {
    let apart = apart_from_the_front(sitter.landmarks, other.landmarks)?;
    Some(apart + 6.0 * (1.0 - likeness))
}

/// 1 up to `from`, falling to a tenth at `to`.
fn falls(value: f32, from: f32, to: f32) -> f32 {
    1.0 - 0.9 * ((value - from) / (to - from)).clamp(0.0, 1.0)
}

/// Width and height of a face, pixels.
fn size(landmarks: &[Landmark; LANDMARKS]) -> [f32; 2] {
    let spread = |pick: fn(&Landmark) -> f32| {
        let values = landmarks.iter().map(pick);
        let (low, high) = values.fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)));
        high - low
    };
    [spread(|point| point.x), spread(|point| point.y)]
}

/// How much of the light's changes on a face is fine, whatever the contrast: the mean Laplacian over the mean gradient of the
/// face made 64 pixels wide. 0 is even; a sharp photograph has 0.5 and more.
pub fn sharpness(picture: &Picture, landmarks: &[Landmark; LANDMARKS]) -> f32 {
    let [wide, tall] = size(landmarks);
    let step = wide / LOOKED_AT as f32;
    let start = |pick: fn(&Landmark) -> f32| landmarks.iter().map(pick).fold(f32::MAX, f32::min);
    let (left, top) = (start(|point| point.x), start(|point| point.y));
    let rows = ((tall / step) as usize).min(4 * LOOKED_AT);
    let mut plane = Plane::new(LOOKED_AT, rows, 0.0);
    for (index, value) in plane.values.iter_mut().enumerate() {
        let at = |start: f32, node: usize| start + step * (node as f32 + 0.5);
        let place = [at(left, index % LOOKED_AT), at(top, index / LOOKED_AT)];
        let [red, green, blue] = mean(picture, place, step);
        *value = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    }
    // A thousandth of full contrast is none.
    let (mut fine, mut all) = (0.0, 1e-3 * plane.values.len() as f32);
    for y in 1..rows as i64 - 1 {
        for x in 1..LOOKED_AT as i64 - 1 {
            let at = |dx, dy| plane.get(x + dx, y + dy);
            let (right, down) = (at(1, 0) - at(-1, 0), at(0, 1) - at(0, -1));
            all += 0.5 * right.hypot(down);
            fine += 0.25 * (at(1, 0) + at(-1, 0) + at(0, 1) + at(0, -1) - 4.0 * at(0, 0)).abs();
        }
    }
    fine / all
}
