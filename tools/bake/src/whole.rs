//! Weights made whole one after another, each making up for what those before it left.
//!
//! A layer's output is a sum over its inputs. Rounded by themselves, the errors of its weights add up; but
//! inputs go together, so that a weight still to be rounded can take over most of what was lost. To go
//! through them in the order of a Cholesky factor of the inputs' moments is GPTQ (Frantar et al.
//! 2023), and Babai's nearest plane (1986).

use crate::moments::{Moments, cholesky};

/// Part of the moments' mean diagonal that is added to it: what examples are not sure about.
const DAMPING: f64 = 1e-4;

/// Times that a scale is looked for with which the largest weight stays the largest number.
const TRIES: usize = 6;

/// Makes `weights` (input by output) whole multiples of a scale for each output, up to `largest`,
/// so that the outputs change little on the inputs seen.
///
/// The largest of an output's weights is `largest` times its scale, by which the scale is known.
pub fn whole(moments: &Moments, largest: f32, weights: &mut [f32], outputs: usize) {
    let inputs = moments.inputs();
    // What varies most comes last: nothing makes up for the first of the factor's columns.
    let mut order: Vec<usize> = (0..inputs).collect();
    order.sort_by(|&a, &b| moments.of(a, a).total_cmp(&moments.of(b, b)));
    let factor = cholesky(moments.matrix(&order, DAMPING), inputs);
    // How much of the error of input `column` input `row` before it takes over.
    let share =
        |row: usize, column: usize| factor[column * inputs + row] / factor[row * inputs + row];
    let shares: Vec<f64> = (0..inputs * inputs)
        .map(|at| match (at / inputs, at % inputs) {
            (row, column) if column > row => share(row, column),
            _ => 0.0,
        })
        .collect();
    let largest = f64::from(largest);
    let mut numbers = vec![0.0; inputs];
    for output in 0..outputs {
        let wished: Vec<f64> = order
            .iter()
            .map(|&input| f64::from(weights[input * outputs + output]))
            .collect();
        let most = wished.iter().fold(1e-6, |most: f64, w| most.max(w.abs()));
        let mut scale = most / largest;
        for _ in 0..TRIES {
            nearest(&wished, &shares, scale, largest, &mut numbers);
            let most = numbers.iter().fold(1.0, |most: f64, n| most.max(n.abs()));
            if most == largest {
                break;
            }
            scale *= most / largest;
        }
        for (&input, number) in order.iter().zip(&numbers) {
            weights[input * outputs + output] = (number * scale) as f32;
        }
    }
}

/// Whole `numbers` of `scale`, the last first.
fn nearest(wished: &[f64], shares: &[f64], scale: f64, largest: f64, numbers: &mut [f64]) {
    let inputs = wished.len();
    for row in (0..inputs).rev() {
        let mut wish = wished[row];
        for column in row + 1..inputs {
            wish += shares[row * inputs + column] * (wished[column] - scale * numbers[column]);
        }
        numbers[row] = (wish / scale).round().clamp(-largest, largest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::gemm::{View, multiply};
    use crate::random::Random;

    const INPUTS: usize = 24;
    const OUTPUTS: usize = 40;

    /// Inputs that go together, as the units of a layer do.
    fn samples(random: &mut Random, count: usize) -> Vec<f32> {
        let mixing: Vec<f32> = (0..INPUTS * 6).map(|_| random.normal()).collect();
        let mut out = Vec::new();
        for _ in 0..count {
            let causes: Vec<f32> = (0..6).map(|_| random.normal()).collect();
            for row in mixing.chunks_exact(6) {
                let sum: f32 = row.iter().zip(&causes).map(|(a, b)| a * b).sum();
                out.push((sum + 0.05 * random.normal()).max(0.0));
            }
        }
        out
    }

    fn outputs(samples: &[f32], weights: &[f32]) -> Vec<f32> {
        let mut out = vec![0.0; samples.len() / INPUTS * OUTPUTS];
        multiply(
            [samples.len() / INPUTS, INPUTS, OUTPUTS],
            View::rows(samples, INPUTS),
            View::rows(weights, OUTPUTS),
            &mut out,
            true,
        );
        out
    }

    #[test]
    fn whole_weights_do_better_together_than_each_by_itself() {
        let mut random = Random::new(12);
        let seen = samples(&mut random, 4000);
        let mut moments = Moments::new(INPUTS);
        for some in seen.chunks(INPUTS * 100) {
            moments.add(some);
        }
        let weights: Vec<f32> = (0..INPUTS * OUTPUTS).map(|_| random.normal()).collect();
        let wished = outputs(&seen, &weights);
        let off = |weights: &[f32]| -> f32 {
            let given = outputs(&seen, weights);
            given
                .iter()
                .zip(&wished)
                .map(|(a, b)| (a - b).powi(2))
                .sum()
        };
        let mut together = weights.clone();
        whole(&moments, 15.0, &mut together, OUTPUTS);
        let mut scales = [0.0f32; OUTPUTS];
        for row in together.chunks_exact(OUTPUTS) {
            for (scale, weight) in scales.iter_mut().zip(row) {
                *scale = scale.max(weight.abs() / 15.0);
            }
        }
        let mut each = weights.clone();
        for (at, weight) in each.iter_mut().enumerate() {
            let scale = scales[at % OUTPUTS];
            *weight = (*weight / scale).round() * scale;
            let whole = together[at] / scale;
            assert!((whole - whole.round()).abs() < 1e-3, "{whole}");
        }
        let (clever, plain) = (off(&together), off(&each));
        assert!(clever < 0.4 * plain, "{clever} {plain}");
    }
}
