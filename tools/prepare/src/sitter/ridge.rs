//! Least squares from few examples: what follows from what, drawn towards nothing.
//!
//! Ridge regression (Hoerl and Kennard 1970) in the form that Gaussian processes have it: with fewer examples than causes
//! the answer is the smallest one that tells the examples, as far as they can be told from noise.

/// Least squares whose causes are known and whose effects are asked one after the other.
#[derive(Debug)]
pub struct Ridge {
    /// Causes by examples: an effect's weight in each answer.
    gains: Vec<Vec<f64>>,
}

impl Ridge {
    /// `rows` has each example's causes, `usual` how large an effect of each cause is usually, `noise` how far off each
    /// example's effect usually is; infinite where it says nothing.
    pub fn new(rows: &[&[f64]], usual: &[f64], noise: &[f64]) -> Ridge {
        let heard: Vec<usize> = (0..rows.len()).filter(|&k| noise[k].is_finite()).collect();
        let size = heard.len();
        let mut matrix = vec![0.0; size * size];
        for (i, &a) in heard.iter().enumerate() {
            for (j, &b) in heard.iter().enumerate() {
                let alike = rows[a].iter().zip(rows[b]).zip(usual);
                matrix[i * size + j] = alike.map(|((x, y), u)| x * y * u * u).sum();
            }
            matrix[i * size + i] += noise[a].powi(2).max(1e-12);
        }
        let factor = cholesky(matrix, size);
        let gains = (0..usual.len()).map(|cause| {
            let side = heard.iter().map(|&k| rows[k][cause] * usual[cause].powi(2));
            let solved = substituted(&factor, side.collect());
            let mut gains = vec![0.0; rows.len()];
            for (&k, gain) in heard.iter().zip(solved) {
                gains[k] = gain;
            }
            gains
        });
        Ridge {
            gains: gains.collect(),
        }
    }

    /// How much of the effect one of a cause brings.
    pub fn answer(&self, cause: usize, effect: impl Fn(usize) -> f64) -> f64 {
        let gains = self.gains[cause].iter().enumerate();
        gains
            .map(|(k, gain)| if *gain == 0.0 { 0.0 } else { gain * effect(k) })
            .sum()
    }
}

/// The lower triangular factor of a positive definite matrix, row by row.
pub fn cholesky(mut matrix: Vec<f64>, size: usize) -> Vec<f64> {
    for row in 0..size {
        for column in 0..=row {
            let mut sum = matrix[row * size + column];
            for k in 0..column {
                sum -= matrix[row * size + k] * matrix[column * size + k];
            }
            matrix[row * size + column] = if row == column {
                sum.max(1e-300).sqrt()
            } else {
                sum / matrix[column * size + column]
            };
        }
    }
    matrix
}

/// The solution for one right-hand side, by forward and backward substitution.
pub fn substituted(factor: &[f64], mut side: Vec<f64>) -> Vec<f64> {
    let size = side.len();
    for row in 0..size {
        for k in 0..row {
            side[row] -= factor[row * size + k] * side[k];
        }
        side[row] /= factor[row * size + row];
    }
    for row in (0..size).rev() {
        for k in row + 1..size {
            side[row] -= factor[k * size + row] * side[k];
        }
        side[row] /= factor[row * size + row];
    }
    side
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_examples_tell_what_follows_from_what() {
        let truth = [0.7, -0.3, 0.0];
        let rows: Vec<[f64; 3]> = (0..12)
            .map(|k| [0, 1, 2].map(|c| f64::from((k * 7 + c * 5) % 11) / 11.0))
            .collect();
        let rows: Vec<&[f64]> = rows.iter().map(<[f64; 3]>::as_slice).collect();
        let effect = |k: usize| (0..3).map(|c| truth[c] * rows[k][c]).sum::<f64>();
        let ridge = Ridge::new(&rows, &[1.0; 3], &[1e-4; 12]);
        for (cause, truth) in truth.into_iter().enumerate() {
            assert!((ridge.answer(cause, effect) - truth).abs() < 1e-3);
        }
    }

    #[test]
    fn one_example_is_shared_out_and_one_that_says_nothing_is_not_heard() {
        let rows: [&[f64]; 2] = [&[1.0, 1.0], &[1.0, 0.0]];
        let ridge = Ridge::new(&rows, &[1.0, 1.0], &[1e-3, f64::INFINITY]);
        let effect = |k: usize| if k == 0 { 2.0 } else { f64::NAN };
        for cause in 0..2 {
            assert!((ridge.answer(cause, effect) - 1.0).abs() < 1e-3);
        }
        // In much noise, next to nothing follows.
        let ridge = Ridge::new(&rows, &[1.0, 1.0], &[100.0, f64::INFINITY]);
        assert!(ridge.answer(0, effect).abs() < 1e-3);
    }
}
