//! Where the camera sits relative to the picture, so that the portrait's eyes meet the visitor's.

/// Camera and screen geometry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The camera's horizontal field of view in degrees.
    pub field_of_view: f32,
    /// Height of the camera above the portrait's eyes in metres; negative below.
    pub camera_above: f32,
    /// The camera's distance to the right of the portrait's eyes in metres, as the visitor sees it.
    pub camera_right: f32,
    /// How far the camera is tilted downwards, in degrees.
    pub tilt_down: f32,
    /// Whether camera pictures arrive mirrored (left and right exchanged).
    pub mirrored: bool,
}

impl Default for Placement {
    fn default() -> Self {
        Placement {
            field_of_view: 65.0,
            camera_above: 0.0,
            camera_right: 0.0,
            tilt_down: 0.0,
            mirrored: false,
        }
    }
}
