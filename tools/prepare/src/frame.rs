//! The region of the painting that may move, and the painted head's pose in it.

use crate::{LEAST_FACE, PrepareError};
use sfumato_compositor::Picture;
use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{LANDMARKS, Landmark};
use sfumato_core::geometry::Rect;
use sfumato_generator::rig::model::Pose;
use sfumato_motion::rigid;

/// Region side in face widths: room for the hair to follow and for the movement to fade.
const SIDE: f32 = 2.6;

/// The outline of the face, clockwise in the picture from the top of the forehead.
pub const OVAL: [usize; 36] = [
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377, 152,
    148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
];

/// Points that expressions hardly move: they tell how the head is turned.
const RIGID: [usize; RIGID_COUNT] = sfumato_motion::measure::RIGID_POINTS;
const RIGID_COUNT: usize = sfumato_motion::measure::RIGID_POINTS.len();

/// The face in its region.
#[derive(Debug)]
pub struct Frame {
    /// The region in painting pixels.
    pub region: Rect,
    /// Landmarks `[x, y, depth]` in region sides.
    pub landmarks: Vec<[f32; 3]>,
    /// How the canonical head lies in the region.
    pub pose: Pose,
    /// Width of the face in region sides.
    pub face_width: f32,
}

impl Frame {
    /// Finds the region and the pose.
    pub fn of(
        painting: &Picture,
        landmarks: &[Landmark; LANDMARKS],
    ) -> Result<Frame, PrepareError> {
        let bounds = |pick: fn(&Landmark) -> f32| {
            landmarks
                .iter()
                .map(pick)
                .fold((f32::MAX, f32::MIN), |(low, high), value| {
                    (low.min(value), high.max(value))
                })
        };
        let (left, right) = bounds(|l| l.x);
        let (top, bottom) = bounds(|l| l.y);
        let width = right - left;
        if !width.is_finite() || width <= 0.0 || bottom <= top {
            return Err(PrepareError::NoFace);
        }
        if width < LEAST_FACE as f32 {
            return Err(PrepareError::TooSmall {
                width: width as u32,
                needed: LEAST_FACE,
            });
        }
        // A turned face is narrower than the head it belongs to: its height counts as well.
        let size = width.max(0.85 * (bottom - top));
        let longest = painting.width().min(painting.height());
        let side = ((SIDE * size) as u32).min(longest);
        if (side as f32) < 1.5 * size {
            return Err(PrepareError::NoMargin);
        }
        let start = |middle: f32, length: u32| {
            let most = i64::from(length) - i64::from(side);
            ((middle - 0.5 * side as f32) as i64).clamp(0, most) as u32
        };
        let region = Rect {
            x: start(0.5 * (left + right), painting.width()),
            // A little lower than the face's middle: the jaw opens downwards.
            y: start(0.5 * (top + bottom) + 0.04 * size, painting.height()),
            width: side,
            height: side,
        };
        let unit = side as f32;
        let points: Vec<[f32; 3]> = landmarks
            .iter()
            .map(|l| {
                [
                    (l.x - region.x as f32) / unit,
                    (l.y - region.y as f32) / unit,
                    -l.z / unit,
                ]
            })
            .collect();
        let pose = fit(&points).ok_or(PrepareError::NoFace)?;
        let lean = pose.rotation[1][0].atan2(pose.rotation[1][1]).to_degrees();
        if lean.abs() > 40.0 {
            return Err(PrepareError::Leaning(lean as i32));
        }
        Ok(Frame {
            region,
            landmarks: points,
            pose,
            face_width: size / unit,
        })
    }

    /// A landmark's place in the region.
    pub fn point(&self, index: usize) -> [f32; 2] {
        let point = self.landmarks.get(index).copied().unwrap_or_default();
        [point[0], point[1]]
    }

    /// A place of the region in painting pixels.
    pub fn pixel(&self, point: [f32; 2]) -> [f32; 2] {
        let unit = self.region.width as f32;
        [
            self.region.x as f32 + point[0] * unit,
            self.region.y as f32 + point[1] * unit,
        ]
    }

    /// Painting pixels as a place of the region.
    pub fn place(&self, pixel: [f32; 2]) -> [f32; 2] {
        let unit = self.region.width as f32;
        [
            (pixel[0] - self.region.x as f32) / unit,
            (pixel[1] - self.region.y as f32) / unit,
        ]
    }

    /// Painting pixels to a region side.
    pub fn unit(&self) -> f32 {
        self.region.width as f32
    }
}

/// How the canonical head lies by its points `[x, y, depth]`; none where they are no face.
pub fn fit(points: &[[f32; 3]]) -> Option<Pose> {
    let from: [[f32; 3]; RIGID_COUNT] = RIGID.map(|index| VERTICES[index]);
    let to: [[f32; 3]; RIGID_COUNT] = RIGID.map(|index| {
        let [x, y, depth] = points.get(index).copied().unwrap_or_default();
        [x, -y, depth]
    });
    let fitted = rigid::fit(&from, &to)?;
    let turned: [f32; 3] = core::array::from_fn(|row| {
        (0..3)
            .map(|k| fitted.rotation[row][k] * fitted.from_mean[k])
            .sum::<f32>()
            * fitted.scale
    });
    Some(Pose {
        rotation: fitted.rotation,
        scale: fitted.scale,
        translation: core::array::from_fn(|axis| fitted.to_mean[axis] - turned[axis]),
    })
}
