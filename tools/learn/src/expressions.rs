//! Expressions: which coefficients go together.
//!
//! The principal components of what the face did: each is a set of coefficients that rise and fall together.
//! Coefficients are compared by [`USUAL`], how much each usually varies. Two or three say most of what a face does: K. Scherer,
//! P. Ekman, "Handbook of methods in nonverbal behavior research", 1982, and every morphable face since.

use crate::pace;
use crate::series::{Row, Series};
use sfumato_motion::style::{DIRECTIONS, MEASURED, USUAL};

/// Coefficients that rise and fall together.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// How much of each belongs to it, of length 1 by [`USUAL`].
    pub shapes: [f64; MEASURED],
    /// How much it varies: root mean square, by [`USUAL`].
    pub size: f64,
    /// Seconds from one turning point to the next.
    pub beat: f64,
}

/// A symmetric matrix over the coefficients.
type Square = [[f64; MEASURED]; MEASURED];

/// The expressions that vary most, and the share of all variation that is theirs, in [0, 1].
pub(crate) fn of(series: &Series) -> (Vec<Expression>, f64) {
    let rows: Vec<[f64; MEASURED]> = series.rows().map(scaled).collect();
    let count = rows.len().max(1) as f64;
    let mean: [f64; MEASURED] =
        std::array::from_fn(|i| rows.iter().map(|row| row[i]).sum::<f64>() / count);
    let mut left: Square = [[0.0; MEASURED]; MEASURED];
    for row in &rows {
        for (i, line) in left.iter_mut().enumerate() {
            for (j, entry) in line.iter_mut().enumerate() {
                *entry += (row[i] - mean[i]) * (row[j] - mean[j]) / count;
            }
        }
    }
    let all: f64 = (0..MEASURED).map(|i| left[i][i]).sum();
    let (mut found, mut theirs) = (Vec::new(), 0.0);
    for _ in 0..DIRECTIONS {
        let (square, vector) = largest(&left);
        // A fortieth of the usual is tremble.
        if square < 0.025 * 0.025 * MEASURED as f64 || all <= 0.0 {
            break;
        }
        theirs += square;
        for (i, line) in left.iter_mut().enumerate() {
            for (j, entry) in line.iter_mut().enumerate() {
                *entry -= square * vector[i] * vector[j];
            }
        }
        let score = |row: &Row| -> f64 { scaled(row).iter().zip(vector).map(|(a, b)| a * b).sum() };
        let beat = pace::beat(&series.track(score));
        found.push(Expression {
            shapes: std::array::from_fn(|i| vector[i] * f64::from(USUAL[i])),
            size: square.sqrt(),
            beat: beat.unwrap_or(1.0),
        });
    }
    let share = if all > 0.0 { theirs / all } else { 0.0 };
    (found, share)
}

fn scaled(row: &Row) -> [f64; MEASURED] {
    std::array::from_fn(|i| row.shapes[i] / f64::from(USUAL[i]))
}

/// The largest eigenvalue and its vector of length 1, whose largest number is positive. By multiplying again and again.
fn largest(matrix: &Square) -> (f64, [f64; MEASURED]) {
    // Begin where most varies: never at right angles to what is sought, unless there is nothing.
    let most = (0..MEASURED).max_by(|a, b| matrix[*a][*a].total_cmp(&matrix[*b][*b]));
    let mut vector = matrix[most.unwrap_or(0)];
    let mut value = 0.0;
    for _ in 0..300 {
        value = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
        if value < 1e-12 {
            return (0.0, [0.0; MEASURED]);
        }
        vector.iter_mut().for_each(|x| *x /= value);
        vector = std::array::from_fn(|i| matrix[i].iter().zip(vector).map(|(a, b)| a * b).sum());
        value = vector.iter().map(|x| x * x).sum::<f64>().sqrt();
    }
    if value < 1e-12 {
        return (0.0, [0.0; MEASURED]);
    }
    let peak = vector
        .into_iter()
        .fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
    vector.iter_mut().for_each(|x| *x /= value * peak.signum());
    (value, vector)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two expressions with their own pace: a smile with the jaw, and brows.
    fn face() -> Series {
        let mut series = Series::default();
        series.add((0..500).map(|i| {
            let time = f64::from(i) / 25.0;
            let (laugh, brows) = ((time * 3.0).sin(), (time * 7.0).sin());
            let mut shapes = [0.2; MEASURED];
            shapes[0] += 0.1 * laugh;
            shapes[2] += 0.3 * laugh;
            shapes[3] += 0.3 * laugh;
            shapes[14] += 0.08 * brows;
            shapes[15] += 0.08 * brows;
            Row {
                time,
                head: [0.0; 3],
                shapes,
                lids: 1.0,
                corners: 0.0,
                eyes: None,
            }
        }));
        series
    }

    #[test]
    fn what_goes_together_is_found_with_its_size_and_beat() {
        let (found, share) = of(&face());
        assert_eq!(found.len(), 2);
        assert!(share > 0.999, "{share}");
        let [laugh, brows] = &found[..] else { panic!() };
        assert!(
            (laugh.shapes[2] / laugh.shapes[0] - 3.0).abs() < 0.05,
            "{laugh:?}"
        );
        assert!(laugh.shapes[2] > 0.0 && laugh.shapes[14].abs() < 0.01);
        let size = laugh.shapes[2] * laugh.size * std::f64::consts::SQRT_2;
        assert!((size - 0.3).abs() < 0.02, "{size}");
        assert!(
            (laugh.beat - std::f64::consts::PI / 3.0).abs() < 0.1,
            "{}",
            laugh.beat
        );
        assert!(
            (brows.beat - std::f64::consts::PI / 7.0).abs() < 0.1,
            "{}",
            brows.beat
        );
    }

    #[test]
    fn a_face_at_rest_has_no_expression() {
        let mut series = Series::default();
        series.add(face().rows().map(|row| Row {
            shapes: [0.1; MEASURED],
            ..*row
        }));
        assert_eq!(of(&series), (Vec::new(), 0.0));
        assert_eq!(of(&Series::default()), (Vec::new(), 0.0));
    }
}
