//! What the perception sees: visitors' faces in one camera picture.

use crate::geometry::Box2;
use crate::time::Moment;
use heapless::Vec;

/// Landmarks of one face, in the order of MediaPipe's face mesh.
pub const LANDMARKS: usize = 468;

/// Points of an iris: its middle, then four of its rim, each a quarter on.
pub const IRIS: usize = 5;

/// Most faces followed at once; the widest ones win.
pub const MOST_FACES: usize = 8;

/// One landmark in pixels of the camera picture, `x` right, `y` down.
///
/// `z` is relative depth in the same unit, smaller is nearer to the camera; its origin is the
/// head's middle.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Landmark {
    /// Pixels from the left edge; may leave the picture.
    pub x: f32,
    /// Pixels from the top edge; may leave the picture.
    pub y: f32,
    /// Relative depth in pixels, smaller is nearer.
    pub z: f32,
}

/// Tells one visitor from the next for as long as the face is followed; never reused in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(pub u32);

/// A visitor's face in one picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Face {
    /// Who it is, for as long as the face is followed.
    pub track: TrackId,
    /// How sure the model is that this is a face, in [0, 1].
    pub score: f32,
    /// Smallest box around the landmarks, in pixels.
    pub bounds: Box2,
    /// The landmarks, in pixels.
    pub landmarks: [Landmark; LANDMARKS],
    /// The irises, the subject's right and left, in pixels.
    pub irises: [[Landmark; IRIS]; 2],
}

/// All faces of one picture, widest first, and when the picture was taken.
#[derive(Clone, Debug, Default)]
pub struct Faces {
    /// When the camera took the picture.
    pub captured: Moment,
    /// Width of the picture in pixels.
    pub width: u32,
    /// Height of the picture in pixels.
    pub height: u32,
    /// The faces, widest first.
    pub faces: Vec<Face, MOST_FACES>,
}
