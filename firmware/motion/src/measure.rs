//! Measuring a face: 468 landmarks to pose, ratios and pose-free features.
//!
//! The head pose is the rigid fit of 35 points that neither lips nor lids move onto the
//! canonical face. Undoing that fit lays all landmarks over the canonical face, upright and
//! frontal at its own size: the *canonical frame*. Lengths taken there, divided by the distance
//! of the outer eye corners, hardly change when the head turns, nods, leans or comes nearer;
//! only the expression is left. On a turning, smiling head the two eyes' aspect ratios agree
//! with r = 0.68 when read off the picture and with r = 0.97 in the canonical frame.
//!
//! Two kinds of number come out: the *picture ratios* of [`Measurement`] (what anyone would
//! measure with a ruler on the picture, for reports) and [`Features`] (what motion is made of).
//!
//! Floating point, because landmarks come from a network; everything after is fixed-point.

use crate::rigid::{self, Similarity, Vector, subtract};
use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{LANDMARKS, Landmark};

/// The 35 points of the rigid fit: eye corners, nose, forehead, temples, jaw line, chin.
pub const RIGID_POINTS: [usize; 35] = [
    33, 133, 362, 263, 168, 6, 197, 195, 5, 4, 1, 19, 94, 2, 98, 327, 10, 151, 9, 8, 127, 356, 234,
    454, 93, 323, 132, 361, 152, 148, 377, 58, 288, 172, 397,
];

/// Head pose in degrees, absolute, as seen by the camera. A frontal face reads about 0, 6, 0.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pose {
    /// Nose towards the right edge of the picture is positive.
    pub yaw: f32,
    /// Nose down is positive.
    pub pitch: f32,
    /// Leaning counter-clockwise in the picture is positive.
    pub roll: f32,
}

/// Pose-free shape of the face; lengths in outer-eye-corner distances unless said otherwise.
///
/// Pairs are `[right, left]` of the subject. Heights grow upwards, sideways lengths grow to
/// the subject's left (the picture's right).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Features {
    /// Gap between the lids of the eye turned to the camera (of both for a frontal face).
    pub eye_opening: f32,
    /// How much wider the right eye's gap is than the left's.
    pub eye_difference: f32,
    /// Inner-lip height over inner-lip width, a ratio.
    pub mouth_opening: f32,
    /// Mouth width.
    pub mouth_width: f32,
    /// Height of each mouth corner over the line between the lips, were the mouth shut.
    pub corner_height: [f32; 2],
    /// Shift of the mouth's middle.
    pub mouth_shift: f32,
    /// Shift of the chin.
    pub chin_shift: f32,
    /// Thickness of upper and lower lip together, times the mouth's width (a lip's area stays
    /// when a smile stretches it).
    pub lip_area: f32,
    /// Height of each brow's inner end over the eye's corners.
    pub brow_inner: [f32; 2],
    /// Height of each brow's outer half over the eye's corners.
    pub brow_outer: [f32; 2],
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
    /// Pixels of the picture in a centimetre on an average face; 0 when nothing was measured.
    pub pixels_per_centimetre: f32,
    /// Between the eyes, `[x, y]` in pixels.
    pub between_eyes: [f32; 2],
    /// The pose-free shape.
    pub features: Features,
}

impl Measurement {
    /// Whether the landmarks were a face: finite, of some size, roughly of a face's shape.
    pub fn is_plausible(&self) -> bool {
        let f = &self.features;
        let finite = [
            self.pose.yaw,
            self.pose.pitch,
            self.pose.roll,
            self.between_eyes[0],
            self.between_eyes[1],
            f.eye_opening,
            f.eye_difference,
            f.mouth_opening,
            f.mouth_shift,
            f.chin_shift,
            f.lip_area,
        ]
        .iter()
        .chain(&f.corner_height)
        .chain(&f.brow_inner)
        .chain(&f.brow_outer)
        .all(|value| value.is_finite());
        finite && self.pixels_per_centimetre > 0.05 && (0.1..3.0).contains(&f.mouth_width)
    }
}

/// Eye outlines as `[outer or inner corner, top, top, other corner, bottom, bottom]`, the
/// pairs (1, 5) and (2, 4) facing each other, `[right, left]`.
const EYES: [[usize; 6]; 2] = [
    [33, 160, 158, 133, 153, 144],
    [362, 385, 387, 263, 373, 380],
];

/// Brow points `[inner, inner, outer half × 4]`, and eye corners, `[right, left]`.
const BROWS_INNER: [[usize; 2]; 2] = [[55, 107], [285, 336]];
const BROWS_OUTER: [[usize; 4]; 2] = [[70, 63, 105, 66], [300, 293, 334, 296]];
const EYE_CORNERS: [[usize; 2]; 2] = [[33, 133], [263, 362]];

/// The outer half of a brow seems to rise on the side turned to the camera, by this much a
/// degree: the mesh's depth is too flat there. Measured on two turning heads.
const BROW_OUTER_PER_DEGREE: f32 = 0.000_55;

/// Width of an eye in spans: turns an aspect ratio into a gap.
const EYE_WIDTH: f32 = 0.30;

/// Opening the mouth lowers the line between the lips, so that the corners seem to rise: by
/// this much for each unit of mouth opening. Measured on three people.
const CORNER_RISE_BY_OPENING: f32 = 0.10;

/// Measures one face; `landmarks` in pixels.
///
/// Landmarks that are no face (not finite, all in one place) give a measurement that is not
/// [plausible](Measurement::is_plausible).
pub fn measure(landmarks: &[Landmark; LANDMARKS]) -> Measurement {
    let Some(fit) = fit_canonical(landmarks) else {
        return Measurement::default();
    };
    let pose = pose_of(&fit);
    let canonical = |index: usize| fit.undo(upright(&landmarks[index]));
    let picture = |index: usize| upright(&landmarks[index]);
    let eye_span = flat_distance(picture(33), picture(263));
    let right = picture(33);
    let left = picture(263);
    let eye_aspect = EYES.map(|eye| {
        let p = eye.map(picture);
        (flat_distance(p[1], p[5]) + flat_distance(p[2], p[4])) / (2.0 * flat_distance(p[0], p[3]))
    });
    Measurement {
        pose,
        eye_aspect,
        mouth: flat_distance(picture(13), picture(14)) / flat_distance(picture(78), picture(308)),
        smile: flat_distance(picture(61), picture(291)) / eye_span,
        pixels_per_centimetre: fit.scale,
        between_eyes: [0.5 * (right[0] + left[0]), -0.5 * (right[1] + left[1])],
        features: features(canonical, pose, eye_aspect),
    }
}

fn features(at: impl Fn(usize) -> Vector, pose: Pose, eye_aspect: [f32; 2]) -> Features {
    let span = distance(at(33), at(263));
    let [right_gap, left_gap] = EYES.map(|eye| {
        0.5 * (distance(at(eye[1]), at(eye[5])) + distance(at(eye[2]), at(eye[4]))) / span
    });
    // The eye that turns away is guessed more than seen; trust the other one.
    let trust_right = 1.0 / (1.0 + libm::expf(-pose.yaw / 6.0));
    // Half from the upright face, half from the picture, where lids move more clearly.
    let [right_aspect, left_aspect] = eye_aspect;
    let both_seen = 4.0 * trust_right * (1.0 - trust_right);
    let middle = |a: usize, b: usize| 0.5 * (at(a)[0] + at(b)[0]);
    let lips = 0.5 * (at(13)[1] + at(14)[1]);
    // With and without depth: the mean follows small openings better than either.
    let mouth_opening = 0.5
        * (flat_distance(at(13), at(14)) / flat_distance(at(78), at(308))
            + distance(at(13), at(14)) / distance(at(78), at(308)));
    let mouth_width = distance(at(61), at(291)) / span;
    let eye_heights = EYE_CORNERS.map(|c| 0.5 * (at(c[0])[1] + at(c[1])[1]));
    let mut brow_inner = [0.0; 2];
    let mut brow_outer = [0.0; 2];
    for side in 0..2 {
        let height = |index: usize| (at(index)[1] - eye_heights[side]) / span;
        let towards = if side == 0 { -1.0 } else { 1.0 };
        brow_inner[side] = BROWS_INNER[side].map(height).iter().sum::<f32>() / 2.0;
        brow_outer[side] = BROWS_OUTER[side].map(height).iter().sum::<f32>() / 4.0
            + towards * BROW_OUTER_PER_DEGREE * pose.yaw;
    }
    let face_middle = 0.25 * (at(33)[0] + at(133)[0] + at(263)[0] + at(362)[0]);
    Features {
        eye_opening: 0.5
            * (trust_right * (right_gap + EYE_WIDTH * right_aspect)
                + (1.0 - trust_right) * (left_gap + EYE_WIDTH * left_aspect)),
        eye_difference: both_seen * (right_gap - left_gap),
        mouth_opening,
        mouth_width,
        corner_height: [61, 291]
            .map(|corner| (at(corner)[1] - lips) / span - CORNER_RISE_BY_OPENING * mouth_opening),
        mouth_shift: (middle(61, 291) - face_middle) / span,
        chin_shift: (at(152)[0] - face_middle) / span,
        lip_area: (distance(at(0), at(13)) + distance(at(14), at(17))) / span * mouth_width,
        brow_inner,
        brow_outer,
    }
}

/// Fits the canonical face to the landmarks; None when they are no face.
fn fit_canonical(landmarks: &[Landmark; LANDMARKS]) -> Option<Similarity> {
    let from = RIGID_POINTS.map(|index| VERTICES[index]);
    let to = RIGID_POINTS.map(|index| upright(&landmarks[index]));
    rigid::fit(&from, &to)
}

/// A landmark with y up and z towards the camera, as the canonical face has them.
fn upright(landmark: &Landmark) -> Vector {
    [landmark.x, -landmark.y, -landmark.z]
}

fn pose_of(fit: &Similarity) -> Pose {
    let r = &fit.rotation;
    let degrees = |radians: f32| radians * (180.0 / core::f32::consts::PI);
    Pose {
        yaw: degrees(libm::atan2f(r[0][2], r[2][2])),
        pitch: degrees(libm::asinf((-r[1][2]).clamp(-1.0, 1.0))),
        roll: degrees(libm::atan2f(r[1][0], r[1][1])),
    }
}

fn distance(a: Vector, b: Vector) -> f32 {
    let d = subtract(a, b);
    libm::sqrtf(d[0] * d[0] + d[1] * d[1] + d[2] * d[2])
}

/// Distance without depth: across the picture, or across the upright face.
fn flat_distance(a: Vector, b: Vector) -> f32 {
    libm::hypotf(a[0] - b[0], a[1] - b[1])
}
