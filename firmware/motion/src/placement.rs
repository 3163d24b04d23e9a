//! Where the camera sits relative to the picture, so that the portrait's eyes meet the visitor's.
//!
//! The camera says in which direction the visitor's eyes lie and, from the size of the face, how far
//! away; the placement turns that into a direction from the portrait's own eyes.

use sfumato_core::face::Face;

/// Camera and screen geometry.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placement {
    /// The camera's horizontal field of view in degrees, in (10, 160).
    pub field_of_view: f32,
    /// Height of the camera above the portrait's eyes in metres; negative below.
    pub camera_above: f32,
    /// How far the camera sits to the right of the portrait's eyes, in metres, as visitors see it.
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

/// Where a visitor's eyes are, seen from the portrait's.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Whereabouts {
    /// Degrees to the side; positive towards the right edge of the painting.
    pub yaw: f32,
    /// Degrees down.
    pub pitch: f32,
    /// Metres from the screen.
    pub distance: f32,
}

/// A face's width in centimetres, and where its eyes are, as a share of its height from above.
const FACE_WIDTH: f32 = 14.5;
const EYES_DOWN: f32 = 0.32;

impl Whereabouts {
    /// Metres to the right of the painted eyes, as visitors see it, above them, and in front.
    pub fn metres(&self) -> [f32; 3] {
        let tangent = |degrees: f32| libm::tanf(degrees.clamp(-89.0, 89.0).to_radians());
        [
            self.distance * tangent(self.yaw),
            -self.distance * tangent(self.pitch),
            self.distance,
        ]
    }
}

impl Placement {
    /// Where a face is by its bounds alone: good enough for a glance, a distance, a point on a plan.
    pub fn whereabouts_of(&self, face: &Face, picture: (u32, u32)) -> Whereabouts {
        let bounds = &face.bounds;
        let eyes = [
            0.5 * (bounds.left + bounds.right),
            bounds.top + EYES_DOWN * bounds.height(),
        ];
        let scale = bounds.width().max(1.0) / FACE_WIDTH;
        self.whereabouts(eyes, scale, picture)
    }

    /// Where a face is whose eyes appear at `between_eyes` (pixels) with so many
    /// `pixels_per_centimetre`, in a camera picture of `picture` width and height.
    pub fn whereabouts(
        &self,
        between_eyes: [f32; 2],
        pixels_per_centimetre: f32,
        picture: (u32, u32),
    ) -> Whereabouts {
        let radians = core::f32::consts::PI / 180.0;
        let half_width = 0.5 * picture.0 as f32;
        let half_view = 0.5 * radians * self.field_of_view.clamp(10.0, 160.0);
        let focal = half_width / libm::tanf(half_view);
        let metres_per_pixel = 0.01 / pixels_per_centimetre;
        let along = focal * metres_per_pixel;
        let right_of_picture = (between_eyes[0] - half_width) * metres_per_pixel;
        let below_axis = (between_eyes[1] - 0.5 * picture.1 as f32) * metres_per_pixel;
        // What the camera sees on its right is on the left of whoever looks at the screen.
        let side = if self.mirrored {
            right_of_picture
        } else {
            -right_of_picture
        };
        let (sin, cos) = (
            libm::sinf(self.tilt_down * radians),
            libm::cosf(self.tilt_down * radians),
        );
        let down = below_axis * cos + along * sin - self.camera_above;
        let distance = along * cos - below_axis * sin;
        let side = side + self.camera_right;
        Whereabouts {
            yaw: libm::atan2f(side, distance) / radians,
            pitch: libm::atan2f(down, distance) / radians,
            distance,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICTURE: (u32, u32) = (640, 480);

    #[test]
    fn a_visitor_before_the_camera_is_straight_ahead() {
        let seen = Placement::default().whereabouts([320.0, 240.0], 5.0, PICTURE);
        assert!(seen.yaw.abs() < 1e-3 && seen.pitch.abs() < 1e-3, "{seen:?}");
        // f = 320 / tan 32.5° = 502 px; 5 px a centimetre is 1.005 m away.
        assert!((seen.distance - 1.0046).abs() < 1e-3, "{seen:?}");
    }

    #[test]
    fn the_eyes_go_to_the_side_the_visitor_stands_on() {
        let placement = Placement::default();
        let seen = placement.whereabouts([640.0, 240.0], 5.0, PICTURE);
        // The picture's right edge is half the field of view to the visitors' left.
        assert!((seen.yaw + 32.5).abs() < 0.1, "{seen:?}");
        let mirrored = Placement {
            mirrored: true,
            ..placement
        };
        let seen = mirrored.whereabouts([640.0, 240.0], 5.0, PICTURE);
        assert!((seen.yaw - 32.5).abs() < 0.1, "{seen:?}");
    }

    #[test]
    fn a_camera_above_the_screen_still_meets_the_eyes() {
        // Camera half a metre above, tilted 26.57° down, visitor on its axis at one metre's depth:
        // the visitor's eyes are level with the portrait's.
        let placement = Placement {
            camera_above: 0.5,
            tilt_down: 26.565,
            ..Placement::default()
        };
        let depth = 0.5 / libm::sinf(26.565 * core::f32::consts::PI / 180.0);
        let pixels = 502.29 * 0.01 / depth;
        let seen = placement.whereabouts([320.0, 240.0], pixels, PICTURE);
        assert!(
            seen.pitch.abs() < 0.1 && (seen.distance - 1.0).abs() < 0.01,
            "{seen:?}"
        );
        // Without the tilt the same picture means a visitor standing higher.
        let level = Placement {
            tilt_down: 0.0,
            ..placement
        };
        assert!(level.whereabouts([320.0, 240.0], pixels, PICTURE).pitch < -20.0);
    }
}
