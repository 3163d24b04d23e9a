//! What the skin around an eye looks like, so that what is no skin can be told from it.
//!
//! Painted skin changes its tone slowly across a socket; sclera, iris, lashes and the dark corners
//! do not follow that. The tone is a plane over the picture, one a channel, fitted to a ring
//! around the eye; places that fit badly (creases, the brow, the ground beyond a far cheek) are
//! left out in turns.

use crate::eye::{Light, from_eye};
use sfumato_generator::rig::model::{CURVE, Eye};

/// Turns of fitting, each without the worst of the places before it.
const TURNS: usize = 4;

/// Share of the ring's places that are kept in the last turn.
const KEPT: f32 = 0.5;

/// How much something darker than skin counts as no skin where skin may lie in shadow.
const IN_SHADOW: f32 = 0.25;

/// How far every place around one eye is from looking like skin.
#[derive(Debug)]
pub struct Skin {
    /// Distance from the tone (0 for skin, 1 for anything else), and whether brighter than it.
    distances: Light,
}

/// Tone of skin: for each channel its level at the middle and its growth to the right and down.
struct Tone {
    middle: [f32; 2],
    channels: [[f32; 3]; 3],
}

impl Skin {
    /// Fits the tone to a ring around the mesh's eye.
    pub fn around(eye: &Eye, light: &Light) -> Skin {
        let mut places = ring(eye);
        let all = places.len();
        let mut tone = Tone::fit(eye.centre, light, &places);
        for turn in 1..=TURNS {
            places.sort_by(|a, b| tone.misses(light, *a).total_cmp(&tone.misses(light, *b)));
            let share = 1.0 - (1.0 - KEPT) * turn as f32 / TURNS as f32;
            places.truncate(((all as f32 * share) as usize).max(12));
            tone = Tone::fit(eye.centre, light, &places);
        }
        let spread =
            places.iter().map(|&p| tone.misses(light, p)).sum::<f32>() / places.len() as f32;
        // What the skin itself varies by, and some of the contrast.
        let scale = 3.0 * spread + 0.8 * light.contrast();
        Skin {
            distances: light.mapped(|place, colour| {
                let [off, above] = tone.off(place, colour);
                [(off / scale).min(1.0), f32::from(u8::from(above > 0.0))]
            }),
        }
    }

    /// How far a place of the region is from looking like skin: 0 for skin, 1 for anything else.
    pub fn distance(&self, place: [f32; 2]) -> f32 {
        self.distances.colour(place)[0]
    }

    /// The same, but darker places count less: they may be skin in shadow.
    pub fn surely_not(&self, place: [f32; 2]) -> f32 {
        let [off, brighter, _] = self.distances.colour(place);
        off * (IN_SHADOW + (1.0 - IN_SHADOW) * brighter)
    }
}

/// Places above and below an eye, near enough to be skin of its socket.
fn ring(eye: &Eye) -> Vec<[f32; 2]> {
    let mut places = Vec::new();
    for column in 0..CURVE {
        let s = 2.6 * (column as f32 / (CURVE - 1) as f32 - 0.5);
        let at = |line: &[f32]| {
            let index = ((s + 1.0) * 0.5 * (CURVE - 1) as f32).clamp(0.0, (CURVE - 1) as f32);
            line.get(index as usize).copied().unwrap_or(0.0)
        };
        let (upper, lower) = (at(&eye.upper), at(&eye.lower));
        for step in 0..6 {
            let away = eye.iris_radius * (0.55 + 0.12 * step as f32);
            places.push(from_eye(eye, s, upper - away));
            places.push(from_eye(eye, s, lower + away));
        }
    }
    places
}

impl Tone {
    /// The least-squares fit to the colours at `places`.
    fn fit(middle: [f32; 2], light: &Light, places: &[[f32; 2]]) -> Tone {
        let mut matrix = [[0.0f64; 3]; 3];
        let mut sides = [[0.0f64; 3]; 3];
        for place in places {
            let row = [
                1.0,
                f64::from(place[0] - middle[0]),
                f64::from(place[1] - middle[1]),
            ];
            let colour = light.colour(*place);
            for i in 0..3 {
                for j in 0..3 {
                    matrix[i][j] += row[i] * row[j];
                }
                for (side, seen) in sides.iter_mut().zip(colour) {
                    side[i] += row[i] * f64::from(seen);
                }
            }
        }
        Tone {
            middle,
            channels: sides.map(|side| solve(matrix, side).map(|value| value as f32)),
        }
    }

    /// Distance of a colour from the tone at a place, and how much brighter it is.
    fn off(&self, place: [f32; 2], colour: [f32; 3]) -> [f32; 2] {
        let (x, y) = (place[0] - self.middle[0], place[1] - self.middle[1]);
        let (mut squared, mut above) = (0.0, 0.0);
        for ([level, right, down], seen) in self.channels.iter().zip(colour) {
            let off = seen - level - right * x - down * y;
            squared += off * off;
            above += off;
        }
        [squared.sqrt(), above]
    }

    fn misses(&self, light: &Light, place: [f32; 2]) -> f32 {
        self.off(place, light.colour(place))[0]
    }
}

/// Solves three equations by Cramer's rule; the mean alone where they do not tell more.
fn solve(matrix: [[f64; 3]; 3], side: [f64; 3]) -> [f64; 3] {
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
            - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&matrix);
    if whole.abs() < 1e-12 {
        return [side[0] / matrix[0][0].max(1.0), 0.0, 0.0];
    }
    core::array::from_fn(|column| {
        let mut replaced = matrix;
        for (row, value) in replaced.iter_mut().zip(side) {
            row[column] = value;
        }
        determinant(&replaced) / whole
    })
}
