//! Mean products of numbers that come together: what least squares need of examples.

use crate::chain::gemm::{View, multiply};

/// Mean products of what came into a layer.
#[derive(Clone, Debug)]
pub struct Moments {
    inputs: usize,
    count: usize,
    products: Vec<f64>,
    /// Room for the sums of some samples.
    room: Vec<f32>,
}

impl Moments {
    /// Of a layer with so many inputs; nothing seen yet.
    pub fn new(inputs: usize) -> Moments {
        Moments {
            inputs,
            count: 0,
            products: vec![0.0; inputs * inputs],
            room: vec![0.0; inputs * inputs],
        }
    }

    /// Takes some samples into account, one after the other.
    pub fn add(&mut self, samples: &[f32]) {
        let inputs = self.inputs;
        let count = samples.len() / inputs;
        let rows = View::rows(samples, inputs);
        let size = [inputs, count, inputs];
        multiply(size, rows.transposed(), rows, &mut self.room, true);
        for (sum, product) in self.products.iter_mut().zip(&self.room) {
            *sum += f64::from(*product);
        }
        self.count += count;
    }

    /// How many numbers come together.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The mean product of two of them.
    pub fn of(&self, a: usize, b: usize) -> f64 {
        self.products[a * self.inputs + b] / self.count.max(1) as f64
    }

    /// Those of the inputs in `order`; `damping` times the mean square is added to each square.
    pub fn matrix(&self, order: &[usize], damping: f64) -> Vec<f64> {
        let trace: f64 = order.iter().map(|&input| self.of(input, input)).sum();
        let more = damping * trace / order.len() as f64 + 1e-30;
        let mut out = Vec::with_capacity(order.len().pow(2));
        for (row, &a) in order.iter().enumerate() {
            for (column, &b) in order.iter().enumerate() {
                out.push(self.of(a, b) + if row == column { more } else { 0.0 });
            }
        }
        out
    }

    /// The weights (input by output) whose sums come nearest to what was wished, by least squares.
    ///
    /// `wished` are sums over the samples of an input times an output's wish, input by output.
    pub fn nearest(&self, damping: f64, mut wished: Vec<f64>) -> Vec<f32> {
        let inputs = self.inputs;
        let outputs = wished.len() / inputs;
        let order: Vec<usize> = (0..inputs).collect();
        let factor = cholesky(self.matrix(&order, damping), inputs);
        let count = self.count.max(1) as f64;
        for number in &mut wished {
            *number /= count;
        }
        let mut take = |row: usize, others: &mut dyn Iterator<Item = (usize, f64)>| {
            for (other, share) in others {
                for output in 0..outputs {
                    wished[row * outputs + output] -= share * wished[other * outputs + output];
                }
            }
            for number in &mut wished[row * outputs..(row + 1) * outputs] {
                *number /= factor[row * inputs + row];
            }
        };
        for row in 0..inputs {
            take(
                row,
                &mut (0..row).map(|before| (before, factor[row * inputs + before])),
            );
        }
        for row in (0..inputs).rev() {
            take(
                row,
                &mut (row + 1..inputs).map(|after| (after, factor[after * inputs + row])),
            );
        }
        wished.into_iter().map(|number| number as f32).collect()
    }
}

/// The lower triangular factor of a positive definite matrix, row by row.
pub fn cholesky(mut matrix: Vec<f64>, size: usize) -> Vec<f64> {
    for column in 0..size {
        for before in 0..column {
            let factor = matrix[column * size + before];
            for row in column..size {
                matrix[row * size + column] -= matrix[row * size + before] * factor;
            }
        }
        // Damping keeps this above zero.
        let diagonal = matrix[column * size + column].max(1e-30).sqrt();
        for row in column..size {
            matrix[row * size + column] /= diagonal;
        }
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn weights_are_found_again_from_what_they_gave() {
        let (inputs, outputs, samples) = (7, 5, 400);
        let mut random = Random::new(4);
        let weights: Vec<f32> = (0..inputs * outputs).map(|_| random.normal()).collect();
        let mut seen: Vec<f32> = (0..inputs * samples).map(|_| random.normal()).collect();
        // Two inputs are nearly alike, as powers are.
        for row in seen.chunks_exact_mut(inputs) {
            row[1] = row[0] + 0.01 * row[1];
        }
        let mut moments = Moments::new(inputs);
        for some in seen.chunks(inputs * 64) {
            moments.add(some);
        }
        let mut wished = vec![0.0; inputs * outputs];
        for row in seen.chunks_exact(inputs) {
            for output in 0..outputs {
                let said: f64 = (0..inputs)
                    .map(|input| {
                        f64::from(row[input]) * f64::from(weights[input * outputs + output])
                    })
                    .sum();
                for input in 0..inputs {
                    wished[input * outputs + output] += f64::from(row[input]) * said;
                }
            }
        }
        let found = moments.nearest(1e-12, wished);
        for (found, weight) in found.iter().zip(&weights) {
            assert!((found - weight).abs() < 0.02, "{found} {weight}");
        }
    }
}
