//! A synthetic visitor: the canonical face, deformed and turned by known amounts.
#![allow(dead_code)] // each test file uses its own part

use sfumato_core::canonical::VERTICES;
use sfumato_core::face::{Face, LANDMARKS, Landmark, TrackId};
use sfumato_core::geometry::Box2;
use sfumato_core::time::Moment;

pub const PICTURE: (u32, u32) = (640, 480);
/// Distance between the canonical face's outer eye corners, in centimetres.
pub const SPAN: f32 = 8.891_718;
/// The canonical face's eyes are narrow: most people's are this many times as open.
const USUAL_EYES: f32 = 1.17;
/// How far an opening of one takes the mouth's corners down, in spans, as on real faces.
const CORNER_FALL: f32 = 0.13;

/// What the visitor does. Angles in degrees with the signs of `core::motion`.
#[derive(Clone, Copy, Debug)]
pub struct Act {
    pub track: u32,
    pub yaw: f32,
    pub pitch: f32,
    pub roll: f32,
    /// Share of most people's lid gap.
    pub eyes: [f32; 2],
    /// Inner-lip height over width.
    pub mouth: f32,
    /// Mouth width as a multiple of the canonical one.
    pub width: f32,
    /// Brow rise in spans.
    pub brows: f32,
    /// Pixels a centimetre and the place of the head's middle in the picture.
    pub scale: f32,
    pub at: [f32; 2],
}

impl Default for Act {
    fn default() -> Act {
        Act {
            track: 1,
            yaw: 0.0,
            pitch: 6.0,
            roll: 0.0,
            eyes: [1.0; 2],
            mouth: 0.01,
            width: 1.0,
            brows: 0.0,
            scale: 12.0,
            at: [320.0, 240.0],
        }
    }
}

/// Upper and lower inner lip from corner to corner, and lids as `(upper, lower)` pairs.
const LIPS: [(usize, usize); 9] = [
    (191, 95),
    (80, 88),
    (81, 178),
    (82, 87),
    (13, 14),
    (312, 317),
    (311, 402),
    (310, 318),
    (415, 324),
];
const RIGHT_LIDS: [(usize, usize); 7] = [
    (246, 7),
    (161, 163),
    (160, 144),
    (159, 145),
    (158, 153),
    (157, 154),
    (173, 155),
];
const LEFT_LIDS: [(usize, usize); 7] = [
    (466, 249),
    (388, 390),
    (387, 373),
    (386, 374),
    (385, 380),
    (384, 381),
    (398, 382),
];
const BROWS: [usize; 20] = [
    55, 107, 65, 66, 52, 105, 53, 63, 46, 70, 285, 336, 295, 296, 282, 334, 283, 293, 276, 300,
];
const LIP_SKIN: [usize; 40] = [
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409, 78,
    95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
];

pub fn face(act: &Act) -> Face {
    let mut shape = VERTICES;
    for &index in &LIP_SKIN {
        shape[index][0] *= act.width;
    }
    let inner_width = shape[308][0] - shape[78][0];
    let full = act.mouth * inner_width;
    // The jaw takes the lower lip along, and the corners a little.
    for &index in &LIP_SKIN {
        shape[index][1] -= CORNER_FALL * act.mouth * SPAN;
    }
    for &(upper, lower) in &LIPS {
        let line = 0.5 * (shape[upper][1] + shape[lower][1]) + CORNER_FALL * act.mouth * SPAN;
        let across = shape[upper][0] / (0.5 * inner_width);
        let drop = full * (1.0 - across * across).max(0.0);
        shape[upper][1] = line;
        shape[lower][1] = line - drop;
        shape[lower][2] = shape[upper][2];
    }
    for (lids, open) in [(RIGHT_LIDS, act.eyes[0]), (LEFT_LIDS, act.eyes[1])] {
        for (upper, lower) in lids {
            let [x, y, z] = shape[lower];
            for (axis, low) in [x, y, z].into_iter().enumerate() {
                shape[upper][axis] = low + USUAL_EYES * open * (shape[upper][axis] - low);
            }
        }
    }
    for &index in &BROWS {
        shape[index][1] += act.brows * SPAN;
    }
    let mut landmarks = [Landmark::default(); LANDMARKS];
    for (landmark, point) in landmarks.iter_mut().zip(shape) {
        let [x, y, z] = turn(point, act);
        *landmark = Landmark {
            x: act.at[0] + act.scale * x,
            y: act.at[1] - act.scale * y,
            z: -act.scale * z,
        };
    }
    Face {
        track: TrackId(act.track),
        score: 0.95,
        bounds: around(&landmarks),
        landmarks,
        irises: Default::default(),
    }
}

fn around(landmarks: &[Landmark; LANDMARKS]) -> Box2 {
    let least = |of: fn(&Landmark) -> f32| landmarks.iter().map(of).fold(f32::INFINITY, f32::min);
    let most =
        |of: fn(&Landmark) -> f32| landmarks.iter().map(of).fold(f32::NEG_INFINITY, f32::max);
    Box2 {
        left: least(|point| point.x),
        top: least(|point| point.y),
        right: most(|point| point.x),
        bottom: most(|point| point.y),
    }
}

/// Leans, then nods, then turns: Ry(yaw) Rx(pitch) Rz(roll), whose angles are the reference's.
fn turn(p: [f32; 3], act: &Act) -> [f32; 3] {
    let (a, b, c) = (
        act.yaw.to_radians(),
        act.pitch.to_radians(),
        act.roll.to_radians(),
    );
    let [x, y, z] = p;
    let (x, y) = (x * c.cos() - y * c.sin(), x * c.sin() + y * c.cos());
    let (y, z) = (y * b.cos() - z * b.sin(), y * b.sin() + z * b.cos());
    let (x, z) = (x * a.cos() + z * a.sin(), -x * a.sin() + z * a.cos());
    [x, y, z]
}

/// Adds repeatable noise of about `sigma` pixels.
pub fn shake(face: &mut Face, sigma: f32, seed: u32) {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let mut next = || {
        let mut sum = 0.0;
        for _ in 0..4 {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            sum += (state >> 8) as f32 / (1 << 24) as f32 - 0.5;
        }
        // Four uniforms have a standard deviation of 0.577.
        sum / 0.577 * sigma
    };
    for landmark in &mut face.landmarks {
        landmark.x += next();
        landmark.y += next();
        landmark.z += next();
    }
}

/// The moment of frame `index` at `fps`.
pub fn frame(index: u64, fps: u64) -> Moment {
    Moment(1_000_000 + index * 1_000_000 / fps)
}

pub fn correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len().min(b.len()) as f64;
    let (ma, mb) = (
        a.iter().sum::<f64>() / a.len() as f64,
        b.iter().sum::<f64>() / b.len() as f64,
    );
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (x, y) in a.iter().zip(b) {
        ab += (x - ma) * (y - mb);
        aa += (x - ma) * (x - ma);
        bb += (y - mb) * (y - mb);
    }
    assert!(
        n > 2.0 && aa > 0.0 && bb > 0.0,
        "one of the tracks does not move"
    );
    ab / (aa * bb).sqrt()
}

/// Best correlation of `shown` with `visitor` for lags of 0 to 6 frames, and that lag.
pub fn best_lag(shown: &[f64], visitor: &[f64]) -> (f64, usize) {
    (0..7)
        .map(|lag| {
            (
                correlation(&shown[lag..], &visitor[..visitor.len() - lag]),
                lag,
            )
        })
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .unwrap_or((-1.0, 0))
}
