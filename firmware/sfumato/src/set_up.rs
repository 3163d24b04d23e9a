//! What whoever sets the work up sees over the painting: the camera's picture and a status line.
//!
//! Asked for with `--set-up`, never on during opening hours. The camera's picture is shown like a
//! mirror, with a box around each face: bright around the one that is answered.

use sfumato_camera::Frame;
use sfumato_compositor::overlay::{self, Inset, Surface};
use sfumato_core::face::{Faces, TrackId};
use sfumato_core::pixels::{PixelsMut, Xrgb};
use sfumato_motion::Moved;
use std::fmt::Write as _;

use embedded_graphics::geometry::{OriginDimensions as _, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor as _};

/// The overlay and what it shows.
#[derive(Debug, Default)]
pub struct SetUp {
    picture: Frame,
    line: String,
}

impl SetUp {
    /// Takes the newest camera picture and gives an old buffer back.
    pub fn take_picture(&mut self, picture: &mut Frame) {
        std::mem::swap(&mut self.picture, picture);
    }

    /// Copies the newest camera picture.
    pub fn copy_picture(&mut self, picture: &Frame) {
        self.picture.clone_from(picture);
    }

    /// Draws everything over the painting. Whatever lies below must be drawn again afterwards.
    pub fn draw(&mut self, pixels: PixelsMut<'_, Xrgb>, faces: &Faces, moved: &Moved) {
        let mut surface = Surface::new(pixels);
        let side = |pixels: usize| u32::try_from(pixels).unwrap_or(0);
        let camera = Size::new(side(self.picture.width()), side(self.picture.height()));
        if camera.width > 0 {
            let inset = Inset::corner(surface.size(), camera);
            inset.draw(&mut surface, &self.picture.pixels());
            for face in &faces.faces {
                let answered = Some(face.track) == moved.visitor;
                let colour = if answered {
                    Rgb888::YELLOW
                } else {
                    Rgb888::new(160, 160, 160)
                };
                inset.mark(&mut surface, &face.bounds, colour);
            }
        }
        self.write_line(faces, moved);
        overlay::status_line(&mut surface, &self.line);
    }

    fn write_line(&mut self, faces: &Faces, moved: &Moved) {
        let motion = &moved.motion;
        self.line.clear();
        // Writing to a string cannot fail.
        let _ = write!(
            self.line,
            "{}, {} faces",
            moved.state.name(),
            faces.faces.len()
        );
        if let Some(TrackId(id)) = moved.visitor {
            let _ = write!(self.line, ", visitor {id}");
        }
        let _ = write!(
            self.line,
            ", yaw {:+.0} pitch {:+.0} eyes {:.1} {:.1} jaw {:.1}",
            motion.head.yaw.to_num::<f32>(),
            motion.head.pitch.to_num::<f32>(),
            motion.eye_openness[0].to_num::<f32>(),
            motion.eye_openness[1].to_num::<f32>(),
            motion
                .get(sfumato_core::motion::Blendshape::JawOpen)
                .to_num::<f32>(),
        );
    }
}
