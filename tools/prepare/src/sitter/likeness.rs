//! How alike two pictures of a face look, place by place.

use super::over::Over;
use super::ridge::{cholesky, substituted};

/// Fewer places tell nothing.
const FEWEST: usize = 50;

/// Light that differs from place to place by less than this, of full intensity, is even: even faces are alike.
const EVEN: f64 = 0.015;

/// Correlation of the light on the face's places, in [-1, 1], less what changes evenly across the face: that is the lamp's.
///
/// Of places that `count` alone: a mouth looks otherwise whenever it moves. 0 where either shows too little of the face to tell.
pub fn likeness(
    over: &Over,
    counts: impl Fn([f32; 2]) -> bool,
    one: &[Option<[f32; 3]>],
    other: &[Option<[f32; 3]>],
) -> f32 {
    let pairs = one.iter().zip(other).enumerate();
    let seen: Vec<([f64; 3], [f64; 2])> = pairs
        .filter_map(|(node, (one, other))| {
            let [x, y] = Some(over.place(node)).filter(|place| counts(*place))?;
            Some(([1.0, x.into(), y.into()], [luma((*one)?), luma((*other)?)]))
        })
        .collect();
    let [one, other] = [0, 1].map(|which| left_over(&seen, which));
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let size = (product(&one, &one) * product(&other, &other)).sqrt();
    let even = EVEN * EVEN * seen.len() as f64;
    if seen.len() < FEWEST {
        return 0.0;
    }
    ((product(&one, &other) + even) / (size + even)) as f32
}

fn luma([red, green, blue]: [f32; 3]) -> f64 {
    f64::from(0.2126 * red + 0.7152 * green + 0.0722 * blue)
}

/// What a plane through all values leaves over.
fn left_over(seen: &[([f64; 3], [f64; 2])], which: usize) -> Vec<f64> {
    let mut matrix = vec![0.0; 9];
    let mut side = vec![0.0; 3];
    for (place, values) in seen {
        for row in 0..3 {
            for column in 0..3 {
                matrix[3 * row + column] += place[row] * place[column];
            }
            side[row] += place[row] * values[which];
        }
    }
    let plane = substituted(&cholesky(matrix, 3), side);
    let values = seen.iter();
    values
        .map(|(place, values)| {
            values[which] - place.iter().zip(&plane).map(|(p, c)| p * c).sum::<f64>()
        })
        .collect()
}
