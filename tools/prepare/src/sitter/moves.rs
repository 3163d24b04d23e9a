//! How this face moves otherwise than the rig moves all faces.

use super::ridge::Ridge;
use super::{Told, amounts, causes, short};
use sfumato_core::face::LANDMARKS;
use sfumato_generator::Rig;
use sfumato_generator::rig::model::Model;
use sfumato_generator::rig::shapes::Lip;
use sfumato_generator::rig::sitter::Moves;
use sfumato_generator::rig::spread::{LOWER_LIP, UPPER_LIP};

/// How far a landmark usually goes otherwise for one of an expression, and for ten degrees of the head, centimetres.
const USUAL: f64 = 0.30;
const USUAL_TURNED: f64 = 0.12;

/// How far the landmarks of another picture usually lie elsewhere, whatever the face does, and how they tremble, centimetres.
const ELSEWHERE: f64 = 0.12;
const TREMBLE: f64 = 0.08;

/// Landmarks of lids and irises: eyes have patches of their own.
const EYES: [usize; 64] = [
    33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246, 130, 25, 110, 24,
    23, 22, 26, 112, 243, 190, 56, 28, 27, 29, 30, 247, 263, 249, 390, 373, 374, 380, 381, 382,
    362, 398, 384, 385, 386, 387, 388, 466, 359, 255, 339, 254, 253, 252, 256, 341, 463, 414, 286,
    258, 257, 259, 260, 467,
];

/// Learns it from what the pictures show beyond what the rig makes of their motions.
pub fn learn(model: &Model, rig: &mut Rig, told: &[Told<'_>]) -> Vec<Moves> {
    let places = places(model);
    let left: Vec<Vec<[f32; 2]>> = (told.iter())
        .map(|told| {
            let drawn = rig.skin(&told.motion, &places);
            let pairs = told.moved.iter().zip(&drawn);
            pairs
                .map(|(seen, drawn)| [seen[0] - drawn[0], seen[1] - drawn[1]])
                .collect()
        })
        .collect();
    let causes = causes();
    let rows: Vec<Vec<f64>> = told
        .iter()
        .map(|told| amounts(&causes, &told.motion))
        .collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let unit = f64::from(model.pose.scale);
    let usual = causes.iter().map(|cause| match cause {
        sfumato_generator::rig::sitter::Cause::Shape(_) => USUAL * unit,
        _ => USUAL_TURNED * unit,
    });
    let usual: Vec<f64> = usual.chain([ELSEWHERE * unit]).collect();
    let noise: Vec<f64> = (told.iter())
        .map(|told| TREMBLE * unit / f64::from(told.weight).sqrt())
        .collect();
    let ridge = Ridge::new(&rows, &usual, &noise);
    let learned = causes.iter().enumerate().map(|(index, &cause)| {
        let landmarks = (0..LANDMARKS).map(|point| {
            if EYES.contains(&point) {
                return [0.0; 2];
            }
            [0, 1].map(|axis| short(ridge.answer(index, |k| f64::from(left[k][point][axis]))))
        });
        Moves {
            cause,
            landmarks: landmarks.collect(),
        }
    });
    let moved = |moves: &Moves| moves.landmarks.as_flattened().iter().any(|&c| c != 0.0);
    learned.filter(moved).collect()
}

/// Where the landmarks lie, and on which lip's skin.
fn places(model: &Model) -> Vec<([f32; 2], Lip)> {
    let middle = model.mouth.seam.len() / 2;
    let line = model.mouth.seam.get(middle).map_or(0.0, |point| point[1]);
    let places = model.landmarks.iter().enumerate();
    let places = places.map(|(index, &[x, y, _])| {
        let lower = LOWER_LIP.contains(&index) || (y > line && !UPPER_LIP.contains(&index));
        ([x, y], if lower { Lip::Lower } else { Lip::Upper })
    });
    places.collect()
}
