//! The light and the creases that come with what this face does.

use super::over::Over;
use super::ridge::Ridge;
use super::tones::Tones;
use super::{Told, amounts, causes, short};
use sfumato_generator::rig::sitter::{Shade, Shades};

/// How much colour usually comes with one of a cause, and with a picture as such, of full intensity.
const USUAL: f64 = 0.08;
const OTHERWISE: f64 = 0.03;

/// How far off a place's colour usually is in a picture that is fully heard.
const NOISE: f64 = 0.03;

/// The most that one of a cause brings.
const MOST: f64 = 0.25;

/// Learns them from how the places of the face differ from the painting's.
pub fn learn(over: &Over, tones: &Tones, told: &[Told<'_>]) -> Shades {
    let causes = causes();
    let rows: Vec<Vec<f64>> = told
        .iter()
        .map(|told| amounts(&causes, &told.motion))
        .collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let usual: Vec<f64> = causes.iter().map(|_| USUAL).chain([OTHERWISE]).collect();
    let mut colours = vec![vec![[0.0_f32; 3]; over.nodes()]; causes.len()];
    for node in 0..over.nodes() {
        let (Some(painted), within) = (tones.painted[node], over.within(node)) else {
            continue;
        };
        if within == 0.0 {
            continue;
        }
        let noise: Vec<f64> = (told.iter().zip(&tones.told))
            .map(|(told, tones)| match tones[node] {
                Some(_) => NOISE / f64::from(told.weight).sqrt(),
                None => f64::INFINITY,
            })
            .collect();
        let ridge = Ridge::new(&rows, &usual, &noise);
        for (cause, colours) in colours.iter_mut().enumerate() {
            colours[node] = core::array::from_fn(|channel| {
                let differs = |k: usize| {
                    let seen: Option<[f32; 3]> = tones.told[k][node];
                    seen.map_or(0.0, |seen| f64::from(seen[channel] - painted[channel]))
                };
                let answer = ridge.answer(cause, differs).clamp(-MOST, MOST);
                short(answer * f64::from(within))
            });
        }
    }
    let shades = causes.into_iter().zip(colours);
    let shades = shades.map(|(cause, colours)| Shade { cause, colours });
    Shades {
        first: over.first,
        size: over.size,
        causes: shades
            .filter(|shade| shade.colours.as_flattened().iter().any(|&c| c != 0.0))
            .collect(),
    }
}
