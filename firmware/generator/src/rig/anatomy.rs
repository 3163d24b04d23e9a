//! Where the features of the painted face lie, in the canonical head's centimetres.
//!
//! The canonical frame moves with the head: x to the picture's right when the head faces it,
//! y up, z out of the face. Sizes come from the painted face, so that a small painted mouth
//! gets small movements.

use super::model::{Model, Pose};

/// The measures that expression shapes are built on, centimetres of the canonical head.
#[derive(Clone, Debug)]
pub struct Anatomy {
    /// Middle of the mouth.
    pub mouth: [f32; 3],
    /// Half the distance between the mouth's outer corners.
    pub mouth_half: f32,
    /// The mouth's width as the picture shows it: less than twice `mouth_half` on a turned face.
    pub mouth_seen: f32,
    /// How much higher (positive) the corners lie than the middle of the lip line.
    pub corner_rise: f32,
    /// Underside of the nose.
    pub nose_base: f32,
    /// Middle of the lower lip's outer edge.
    pub lower_lip: f32,
    /// Tip of the chin.
    pub chin: f32,
    /// Distance between the outer corners of the eyes.
    pub eyes_width: f32,
    /// Middles of the eyes, `[right, left]` of the subject.
    pub eyes: [[f32; 3]; 2],
    /// Inner and outer end and middle of the brows, `[right, left]`.
    pub brows: [[[f32; 3]; 3]; 2],
    /// Wings of the nose, `[right, left]`.
    pub wings: [[f32; 3]; 2],
}

/// Turns a point of the painting (x, y down, depth; region sides) into the canonical frame.
pub fn to_canonical(pose: &Pose, point: [f32; 3]) -> [f32; 3] {
    let world = [
        (point[0] - pose.translation[0]) / pose.scale,
        (-point[1] - pose.translation[1]) / pose.scale,
        (point[2] - pose.translation[2]) / pose.scale,
    ];
    let rotation = &pose.rotation;
    core::array::from_fn(|column| {
        (0..3)
            .map(|row| rotation[row][column] * world[row])
            .sum::<f32>()
    })
}

/// Turns a displacement of the canonical frame (centimetres) into the painting's axes
/// (x right, y **up**, depth; region sides).
pub fn from_canonical(pose: &Pose, displacement: [f32; 3]) -> [f32; 3] {
    let rotation = &pose.rotation;
    core::array::from_fn(|row| {
        pose.scale
            * (0..3)
                .map(|column| rotation[row][column] * displacement[column])
                .sum::<f32>()
    })
}

fn middle(points: &[[f32; 3]]) -> [f32; 3] {
    let count = points.len().max(1) as f32;
    core::array::from_fn(|axis| points.iter().map(|p| p[axis]).sum::<f32>() / count)
}

impl Anatomy {
    /// Measures the painted face.
    pub fn of(model: &Model) -> Anatomy {
        let at = |index: usize| {
            let point = model.landmarks.get(index).copied().unwrap_or_default();
            to_canonical(&model.pose, point)
        };
        let all = |indices: &[usize]| -> Vec<[f32; 3]> { indices.iter().map(|&i| at(i)).collect() };
        // The lips part as far as the lip line reaches; its ends lie as deep as the mesh's corners.
        let end = |point: Option<&[f32; 2]>, corner: usize| {
            let depth = model.landmarks.get(corner).map_or(0.0, |p| p[2]);
            let [x, y] = point.copied().unwrap_or_default();
            to_canonical(&model.pose, [x, y, depth])
        };
        let corners = [
            end(model.mouth.seam.first(), 61),
            end(model.mouth.seam.last(), 291),
        ];
        let seen = match (model.mouth.seam.first(), model.mouth.seam.last()) {
            (Some(a), Some(b)) => libm::hypotf(b[0] - a[0], b[1] - a[1]) / model.pose.scale,
            _ => 0.0,
        };
        let mouth_half = (0.5 * (corners[1][0] - corners[0][0])).max(0.5);
        let seam_middle = middle(&all(&[13, 14]));
        let mouth = [
            0.5 * (corners[0][0] + corners[1][0]),
            seam_middle[1],
            seam_middle[2],
        ];
        // The eyes are where the paint has them, as deep as the mesh has their corners.
        let eye = |side: usize, indices: &[usize]| {
            let depths: Vec<f32> = indices
                .iter()
                .filter_map(|&i| model.landmarks.get(i))
                .map(|p| p[2])
                .collect();
            let depth = depths.iter().sum::<f32>() / depths.len().max(1) as f32;
            let eye = &model.eyes[side];
            let down = 0.5 * (eye.upper[eye.upper.len() / 2] + eye.lower[eye.lower.len() / 2]);
            let x = eye.centre[0] - down * eye.axis[1];
            let y = eye.centre[1] + down * eye.axis[0];
            to_canonical(&model.pose, [x, y, depth])
        };
        Anatomy {
            mouth,
            mouth_half,
            mouth_seen: seen.clamp(mouth_half, 2.0 * mouth_half),
            corner_rise: 0.5 * (corners[0][1] + corners[1][1]) - mouth[1],
            nose_base: at(2)[1],
            lower_lip: at(17)[1],
            chin: at(152)[1],
            eyes_width: (at(263)[0] - at(33)[0]).max(2.0),
            eyes: [eye(0, &[33, 133, 159, 145]), eye(1, &[263, 362, 386, 374])],
            brows: [
                [
                    middle(&all(&[107, 55])),
                    middle(&all(&[105, 52])),
                    middle(&all(&[70, 46])),
                ],
                [
                    middle(&all(&[336, 285])),
                    middle(&all(&[334, 282])),
                    middle(&all(&[300, 276])),
                ],
            ],
            wings: [at(129), at(358)],
        }
    }
}
