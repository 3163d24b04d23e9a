//! Measuring a face: 468 landmarks to pose, ratios and pose-free features.

use sfumato_core::face::{LANDMARKS, Landmark};

/// Head pose in degrees, absolute, as seen by the camera.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// Nose towards the right edge of the picture is positive.
    pub yaw: f32,
    /// Nose down is positive.
    pub pitch: f32,
    /// Leaning counter-clockwise in the picture is positive.
    pub roll: f32,
}

/// What one picture says about one face. Nothing in it is relative to a person's rest.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measurement {
    /// Head pose.
    pub pose: Pose,
    /// Eye aspect ratios `[right, left]` of the subject, height over width in the picture.
    pub eye_aspect: [f32; 2],
    /// Inner-lip height over inner-lip width in the picture.
    pub mouth: f32,
    /// Mouth width over outer-eye-corner distance in the picture.
    pub smile: f32,
}

/// Measures one face; `landmarks` in pixels.
pub fn measure(landmarks: &[Landmark; LANDMARKS]) -> Measurement {
    let _ = landmarks;
    Measurement::default()
}
