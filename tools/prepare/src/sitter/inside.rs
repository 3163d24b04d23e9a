//! What shows between this sitter's lips: teeth, tongue and the dark behind them.

use super::Told;
use super::ridge::{cholesky, substituted};
use super::tones::{Tones, lit, mean};
use crate::mouth::{INNER_LOWER, INNER_UPPER};
use sfumato_generator::rig::model::{Model, Mouth};
use sfumato_generator::rig::sitter::Inside;

/// Lips nearer to each other than this, in mouth widths, show nothing.
const PARTED: f32 = 0.06;

/// Columns and rows at which a mouth is looked at.
const LOOKS: [usize; 2] = [40, 24];

/// So near the lips, in mouth widths, their own colour shines in.
const EDGE: f32 = 0.02;

/// How much what is made up counts, and that neighbours are alike, against one look that is fully heard.
const MADE_UP: f64 = 0.02;
const ALIKE: f64 = 0.3;

/// A place of an open mouth and its colour.
struct Glimpse {
    across: f32,
    from_upper: f32,
    from_lower: f32,
    colour: [f32; 3],
    weight: f64,
}

/// Learns it; none where no picture shows parted lips.
pub fn learn(model: &Model, tones: &Tones, told: &[Told<'_>]) -> Option<Inside> {
    let glimpses: Vec<Glimpse> = (told.iter().zip(&tones.lights))
        .flat_map(|(told, light)| look(model, told, *light))
        .collect();
    (!glimpses.is_empty()).then(|| fit(&model.mouth, &glimpses))
}

/// What one picture shows between its lips.
fn look(model: &Model, told: &Told<'_>, light: [f32; 3]) -> Vec<Glimpse> {
    let line = |indices: &[usize; 11]| indices.map(|index| told.points[index]);
    let (upper, lower) = (line(&INNER_UPPER), line(&INNER_LOWER));
    let seam = &model.mouth.seam;
    let wide = match (seam.first(), seam.last()) {
        (Some(a), Some(b)) => (b[0] - a[0]).hypot(b[1] - a[1]) * told.scale,
        _ => return Vec::new(),
    };
    let tall = (upper[5][0] - lower[5][0]).hypot(upper[5][1] - lower[5][1]);
    // Also ends here for what is not a number.
    if !(tall > PARTED * wide && wide > 8.0) {
        return Vec::new();
    }
    let mut glimpses = Vec::new();
    for column in 0..LOOKS[0] {
        let across = 1.9 * ((column as f32 + 0.5) / LOOKS[0] as f32 - 0.5);
        let (top, bottom) = (along(&upper, across), along(&lower, across));
        let open = (bottom[0] - top[0]).hypot(bottom[1] - top[1]) / wide;
        for row in 0..LOOKS[1] {
            let part = (row as f32 + 0.5) / LOOKS[1] as f32;
            let (from_upper, from_lower) = (part * open, (1.0 - part) * open);
            if from_upper.min(from_lower) < EDGE {
                continue;
            }
            let at = [0, 1].map(|axis| top[axis] + (bottom[axis] - top[axis]) * part);
            glimpses.push(Glimpse {
                across,
                from_upper,
                from_lower,
                colour: lit(mean(told.picture, at, 0.02 * wide), light).map(|c| c.clamp(0.0, 1.0)),
                weight: f64::from(told.weight) * f64::from(open),
            });
        }
    }
    glimpses
}

/// The place at `across`, -1 to 1, of a line of evenly spread points.
fn along(line: &[[f32; 2]; 11], across: f32) -> [f32; 2] {
    let at = (0.5 * (across + 1.0)).clamp(0.0, 1.0) * 10.0;
    let first = (at as usize).min(9);
    let part = at - first as f32;
    [0, 1].map(|axis| line[first][axis] + (line[first + 1][axis] - line[first][axis]) * part)
}

/// Least squares over both halves, near to what is made up where nothing was seen.
fn fit(mouth: &Mouth, glimpses: &[Glimpse]) -> Inside {
    const SIZE: usize = 2 * Inside::CELLS;
    let mut matrix = vec![0.0; SIZE * SIZE];
    let mut sides = [0, 1, 2].map(|_| vec![0.0; SIZE]);
    for glimpse in glimpses {
        let upper = Inside::upper_part(glimpse.from_upper, glimpse.from_lower);
        let of_upper = Inside::cells(glimpse.across, glimpse.from_upper);
        let of_upper = of_upper.map(|(cell, share)| (cell, share * upper));
        let of_lower = Inside::cells(glimpse.across, glimpse.from_lower);
        let of_lower = of_lower.map(|(cell, share)| (Inside::CELLS + cell, share * (1.0 - upper)));
        let cells = || of_upper.into_iter().chain(of_lower);
        for (a, share) in cells() {
            let share = glimpse.weight * f64::from(share);
            for (b, other) in cells() {
                matrix[a * SIZE + b] += share * f64::from(other);
            }
            for (side, colour) in sides.iter_mut().zip(glimpse.colour) {
                side[a] += share * f64::from(colour);
            }
        }
    }
    for cell in 0..SIZE {
        let (half, cell_of_half) = (cell / Inside::CELLS, cell % Inside::CELLS);
        let (column, row) = (
            cell_of_half % Inside::COLUMNS,
            cell_of_half / Inside::COLUMNS,
        );
        matrix[cell * SIZE + cell] += MADE_UP;
        for (side, colour) in sides.iter_mut().zip(made_up(mouth, half, row)) {
            side[cell] += MADE_UP * f64::from(colour);
        }
        let right = (column + 1 < Inside::COLUMNS).then_some(cell + 1);
        let deeper = (row + 1 < Inside::ROWS).then_some(cell + Inside::COLUMNS);
        for other in right.into_iter().chain(deeper) {
            matrix[cell * SIZE + cell] += ALIKE;
            matrix[other * SIZE + other] += ALIKE;
            matrix[cell * SIZE + other] -= ALIKE;
            matrix[other * SIZE + cell] -= ALIKE;
        }
    }
    let factor = cholesky(matrix, SIZE);
    let solved = sides.map(|side| substituted(&factor, side));
    let half = |first: usize| {
        let cells = first..first + Inside::CELLS;
        cells.map(|cell| [0, 1, 2].map(|c: usize| super::short(solved[c][cell].clamp(0.0, 1.0))))
    };
    Inside {
        upper: half(0).collect(),
        lower: half(Inside::CELLS).collect(),
    }
}

/// What the rig makes up: the dark behind the upper lip, the tongue behind the lower.
fn made_up(mouth: &Mouth, half: usize, row: usize) -> [f32; 3] {
    let tongue = if half == 0 {
        0.0
    } else {
        0.6 / (1.0 + row as f32)
    };
    core::array::from_fn(|c| mouth.cavity[c] + tongue * (mouth.tongue[c] - mouth.cavity[c]))
}
