//! What `atelier prepare` writes down about one painted face.
//!
//! Everything is in region sides: x right, y down, depth towards the viewer. The file is JSON,
//! so that a person can read what the program believed about the painting.

use crate::GeneratorError;
use crate::rig::anatomy::from_canonical;
use crate::rig::grid::{NODES, rise};
use crate::rig::sitter::Sitter;
use serde::{Deserialize, Serialize};
use sfumato_core::face::LANDMARKS;

/// Version of the format; a rig of another version must be prepared again.
pub const VERSION: u32 = 1;

/// Columns at which lids and lip line are written down.
pub const CURVE: usize = 33;

/// The painted face.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// [`VERSION`].
    pub version: u32,
    /// The 468 landmarks `[x, y, depth]`.
    pub landmarks: Vec<[f32; 3]>,
    /// How the canonical face lies in the painting.
    pub pose: Pose,
    /// Depth of the head's smoothed surface, [`NODES`] values row by row.
    pub depth: Vec<f32>,
    /// How far each place follows the head, in [0, 1], [`NODES`] values.
    pub head: Vec<f32>,
    /// How much of the background plate may show at each place, in [0, 1], [`NODES`] values.
    pub background: Vec<f32>,
    /// The mouth.
    pub mouth: Mouth,
    /// The eyes, `[right, left]` of the subject.
    pub eyes: [Eye; 2],
    /// What further pictures of the sitter told; none where there was one picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sitter: Option<Sitter>,
}

/// How the canonical face lies in the painting: `rotation * scale * vertex + translation`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pose {
    /// Rotation matrix, rows; axes x right, y **up**, z towards the viewer.
    pub rotation: [[f32; 3]; 3],
    /// Region sides per centimetre.
    pub scale: f32,
    /// Where the canonical origin lies, axes as `rotation`.
    pub translation: [f32; 3],
}

impl Pose {
    /// The top of the neck, about which a head turns: below the ears and behind the face. `[x right, y **up**, depth]`,
    /// region sides.
    pub fn neck(&self) -> [f32; 3] {
        let neck = from_canonical(self, [0.0, -4.5, -6.5]);
        core::array::from_fn(|axis| self.translation[axis] + neck[axis])
    }
}

/// The painted mouth.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mouth {
    /// The line where the lips meet, from the corner on the picture's left to that on its
    /// right, [`CURVE`] points.
    pub seam: Vec<[f32; 2]>,
    /// Width and height of the mouth patch's rectangle.
    pub size: [f32; 2],
    /// Colour of the painted line between the lips, `[red, green, blue]` in [0, 1].
    pub lip_line: [f32; 3],
    /// Colour of the depth of the mouth, `[red, green, blue]` in [0, 1].
    pub cavity: [f32; 3],
    /// Colour of the teeth in their shade.
    pub teeth: [f32; 3],
    /// Colour of the tongue and lower gum in their shade.
    pub tongue: [f32; 3],
}

/// A painted eye, in a frame of its own: the x axis runs from the corner on the picture's left
/// to that on its right, y points down across it; lengths are in region sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Eye {
    /// Middle between the corners, region coordinates.
    pub centre: [f32; 2],
    /// Unit vector of the frame's x axis, region coordinates.
    pub axis: [f32; 2],
    /// Half the distance between the corners.
    pub half_width: f32,
    /// Edge of the upper lid: y at [`CURVE`] even steps from corner to corner.
    pub upper: Vec<f32>,
    /// Edge of the lower lid, likewise.
    pub lower: Vec<f32>,
    /// How far above the upper lid's edge its skin may be drawn from (up to the brow).
    pub lid_height: f32,
    /// Middle of the painted iris, region coordinates.
    pub iris_centre: [f32; 2],
    /// Radius of the painted iris.
    pub iris_radius: f32,
    /// The patch's rectangle, `[left, top, width, height]`, region coordinates.
    pub rect: [f32; 4],
}

impl Eye {
    /// Where a place of the region lies in the eye's frame: along it in half widths (-1 and 1 at
    /// the corners), and down across it in region sides.
    pub fn place(&self, x: f32, y: f32) -> [f32; 2] {
        let from_centre = [x - self.centre[0], y - self.centre[1]];
        [
            (from_centre[0] * self.axis[0] + from_centre[1] * self.axis[1]) / self.half_width,
            from_centre[1] * self.axis[0] - from_centre[0] * self.axis[1],
        ]
    }

    /// 0 on the eye and its lids' edges, 1 well outside: how free the skin is to move there.
    pub fn outside(&self, x: f32, y: f32) -> f32 {
        let [along, down] = self.place(x, y);
        let top = self.upper.iter().copied().fold(f32::MAX, f32::min);
        let bottom = self.lower.iter().copied().fold(f32::MIN, f32::max);
        let tall = (0.75 * self.half_width).max(1.05 * (bottom - top));
        let across = (down - 0.5 * (top + bottom)) / tall;
        let along = along / 1.35;
        rise(0.55, 1.25, libm::sqrtf(along * along + across * across))
    }
}

impl Model {
    /// Reads and checks a model.
    pub fn decode(bytes: &[u8]) -> Result<Model, GeneratorError> {
        let model: Model = serde_json::from_slice(bytes)
            .map_err(|error| GeneratorError::Damaged(error.to_string()))?;
        model
            .check()
            .map_err(|what| GeneratorError::Damaged(what.to_owned()))?;
        Ok(model)
    }

    /// Writes the model for a pack.
    pub fn encode(&self) -> Vec<u8> {
        // Plain numbers and vectors: there is nothing in a model that JSON cannot hold.
        serde_json::to_vec(self).unwrap_or_default()
    }

    fn check(&self) -> Result<(), &'static str> {
        let sane = |values: &[f32]| values.iter().all(|v| v.is_finite() && v.abs() < 16.0);
        if self.version != VERSION {
            return Err("its version is not this program's");
        }
        if self.landmarks.len() != LANDMARKS || !self.landmarks.iter().all(|p| sane(p)) {
            return Err("its landmarks are not 468 sane points");
        }
        for map in [&self.depth, &self.head, &self.background] {
            if map.len() != NODES || !sane(map) {
                return Err("one of its maps has the wrong size or wild values");
            }
        }
        let pose = &self.pose;
        if !pose.rotation.iter().all(|row| sane(row))
            || !sane(&pose.translation)
            || !(1e-4..1.0).contains(&pose.scale)
        {
            return Err("its pose is not sane");
        }
        let mouth = &self.mouth;
        if mouth.seam.len() != CURVE
            || !mouth.seam.iter().all(|p| sane(p))
            || !mouth.seam.windows(2).all(|pair| pair[0][0] < pair[1][0])
            || !mouth.size.iter().all(|side| (1e-3..1.0).contains(side))
            || !sane(&mouth.lip_line)
            || !sane(&mouth.cavity)
            || !sane(&mouth.teeth)
            || !sane(&mouth.tongue)
        {
            return Err("its mouth is not sane");
        }
        for eye in &self.eyes {
            let numbers = [eye.half_width, eye.lid_height, eye.iris_radius];
            if eye.upper.len() != CURVE
                || eye.lower.len() != CURVE
                || !sane(&eye.upper)
                || !sane(&eye.lower)
                || !sane(&eye.centre)
                || !sane(&eye.axis)
                || !sane(&eye.iris_centre)
                || !sane(&eye.rect)
                || !numbers.iter().all(|v| (1e-4..1.0).contains(v))
                || !eye.rect[2..].iter().all(|v| (1e-3..1.0).contains(v))
            {
                return Err("one of its eyes is not sane");
            }
        }
        self.sitter.as_ref().map_or(Ok(()), Sitter::check)
    }
}
