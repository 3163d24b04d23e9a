//! Crops: the squares of a picture that networks look at, and the way back.
//!
//! The rules are MediaPipe's:
//!
//! - *Letterbox*, for detectors: the smallest square, upright, that holds the whole picture, so
//!   that its shape is kept. What lies outside the picture is black.
//! - *From a detection*: centred on its box, turned so that the line from right to left eye is
//!   level, 1.5 times the longer side of the box.
//! - *From landmarks*, for the next picture: the same with the landmarks' box and the outer eye
//!   corners (landmarks 33 and 263).
//!
//! Landmarks come out of the network in pixels of its input, 192 of them across the crop; depth
//! is in the same unit.

use crate::detection::Detection;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::geometry::{Box2, Point};

/// How much larger than the face's box its crop is.
const MARGIN: f32 = 1.5;

/// Outer eye corners: the subject's right, the subject's left.
const EYE_CORNERS: [usize; 2] = [33, 263];

/// A rotated square in a picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Crop {
    /// The middle, in pixels.
    pub centre: Point,
    /// Length of a side, in pixels.
    pub size: f32,
    /// Radians, clockwise in the picture; the crop of a level face has 0.
    pub rotation: f32,
}

impl Crop {
    /// The smallest upright square around a whole picture of `width` x `height` pixels.
    pub fn letterbox(width: usize, height: usize) -> Crop {
        let (width, height) = (width as f32, height as f32);
        Crop {
            centre: Point {
                x: 0.5 * width,
                y: 0.5 * height,
            },
            size: width.max(height),
            rotation: 0.0,
        }
    }

    /// The crop for the face of `detection`; its box and points in pixels.
    pub fn around_detection(detection: &Detection) -> Crop {
        Crop::around(
            &detection.bounds,
            detection.right_eye(),
            detection.left_eye(),
        )
    }

    /// The crop to look for a face in that had these `landmarks` a moment ago.
    pub fn around_landmarks(landmarks: &[Landmark; LANDMARKS]) -> Crop {
        let [right, left] = EYE_CORNERS.map(|index| Point {
            x: landmarks[index].x,
            y: landmarks[index].y,
        });
        Crop::around(&bounds(landmarks), right, left)
    }

    fn around(bounds: &Box2, right_eye: Point, left_eye: Point) -> Crop {
        Crop {
            centre: bounds.centre(),
            size: MARGIN * bounds.width().max(bounds.height()),
            rotation: libm::atan2f(left_eye.y - right_eye.y, left_eye.x - right_eye.x),
        }
    }

    /// Whether it can be sampled: finite and not absurdly small or large.
    pub fn is_usable(&self) -> bool {
        self.centre.x.abs() < 1e6
            && self.centre.y.abs() < 1e6
            && self.rotation.is_finite()
            && (4.0..1e6).contains(&self.size)
    }

    /// The upright square of the same middle and size.
    pub fn upright(&self) -> Box2 {
        let half = 0.5 * self.size;
        Box2 {
            left: self.centre.x - half,
            top: self.centre.y - half,
            right: self.centre.x + half,
            bottom: self.centre.y + half,
        }
    }

    /// From the crop's own coordinates, 0 to 1 both ways, to pixels of the picture.
    pub fn to_picture(&self, point: Point) -> Point {
        let (sin, cos) = (libm::sinf(self.rotation), libm::cosf(self.rotation));
        let (x, y) = (point.x - 0.5, point.y - 0.5);
        Point {
            x: self.centre.x + self.size * (cos * x - sin * y),
            y: self.centre.y + self.size * (sin * x + cos * y),
        }
    }

    /// From pixels of the picture to the crop's own coordinates, 0 to 1 both ways.
    pub fn from_picture(&self, point: Point) -> Point {
        let (sin, cos) = (libm::sinf(self.rotation), libm::cosf(self.rotation));
        let x = (point.x - self.centre.x) / self.size;
        let y = (point.y - self.centre.y) / self.size;
        Point {
            x: 0.5 + cos * x + sin * y,
            y: 0.5 - sin * x + cos * y,
        }
    }

    /// Carries the landmark network's output into the picture.
    ///
    /// `raw` holds x, y, z of each landmark in pixels of the network's input, `across` of which
    /// span the crop. Landmarks missing from a short `raw` keep their value.
    pub fn project(&self, raw: &[f32], across: f32, landmarks: &mut [Landmark]) {
        let scale = self.size / across;
        let (sin, cos) = (libm::sinf(self.rotation), libm::cosf(self.rotation));
        let middle = 0.5 * across;
        for (landmark, raw) in landmarks.iter_mut().zip(raw.chunks_exact(3)) {
            let &[x, y, z] = raw else { continue };
            let (x, y) = (scale * (x - middle), scale * (y - middle));
            *landmark = Landmark {
                x: self.centre.x + cos * x - sin * y,
                y: self.centre.y + sin * x + cos * y,
                z: scale * z,
            };
        }
    }
}

/// The smallest upright box around landmarks.
pub fn bounds(landmarks: &[Landmark; LANDMARKS]) -> Box2 {
    let mut bounds = Box2 {
        left: f32::INFINITY,
        top: f32::INFINITY,
        right: f32::NEG_INFINITY,
        bottom: f32::NEG_INFINITY,
    };
    for landmark in landmarks {
        bounds.left = bounds.left.min(landmark.x);
        bounds.top = bounds.top.min(landmark.y);
        bounds.right = bounds.right.max(landmark.x);
        bounds.bottom = bounds.bottom.max(landmark.y);
    }
    bounds
}
