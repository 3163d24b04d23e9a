//! The optimiser: Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).

const BETA: [f32; 2] = [0.9, 0.99];
const TINY: f32 = 1e-12;

/// Running means of each parameter's slope.
#[derive(Clone, Debug, PartialEq)]
pub struct Adam {
    mean: Vec<f32>,
    square: Vec<f32>,
    taken: i32,
}

impl Adam {
    /// For so many parameters.
    pub fn new(parameters: usize) -> Adam {
        Adam {
            mean: vec![0.0; parameters],
            square: vec![0.0; parameters],
            taken: 0,
        }
    }

    /// Goes on with the numbers that [`Adam::numbers`] gave.
    pub fn with(mean: Vec<f32>, square: Vec<f32>, taken: i32) -> Adam {
        Adam {
            mean,
            square,
            taken: taken.max(0),
        }
    }

    /// Running means, running means of squares, and steps taken.
    pub fn numbers(&self) -> (&[f32], &[f32], i32) {
        (&self.mean, &self.square, self.taken)
    }

    /// Moves `parameters` against `gradient` by about `rate` each, and `decay` times `rate` towards 0.
    pub fn step(&mut self, parameters: &mut [f32], gradient: &[f32], rate: f32, decay: f32) {
        self.taken = self.taken.saturating_add(1);
        let first = 1.0 - BETA[0].powi(self.taken);
        let second = 1.0 - BETA[1].powi(self.taken);
        let means = self.mean.iter_mut().zip(&mut self.square);
        for ((parameter, slope), (mean, square)) in parameters.iter_mut().zip(gradient).zip(means) {
            *mean = BETA[0] * *mean + (1.0 - BETA[0]) * slope;
            *square = BETA[1] * *square + (1.0 - BETA[1]) * slope * slope;
            let step = (*mean / first) / ((*square / second).sqrt() + TINY);
            *parameter -= rate * (step + decay * *parameter);
        }
    }

    /// Keeps what is known of the parameters at `kept` alone, in that order.
    pub fn keep(&mut self, kept: &[usize]) {
        for numbers in [&mut self.mean, &mut self.square] {
            *numbers = kept
                .iter()
                .map(|&at| numbers.get(at).copied().unwrap_or(0.0))
                .collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bowl_is_descended() {
        let mut adam = Adam::new(2);
        let mut at = [3.0, -2.0];
        for step in 0..2000 {
            let gradient = [2.0 * at[0], 200.0 * at[1]];
            adam.step(&mut at, &gradient, 0.01 * (1.0 - step as f32 / 2000.0), 0.0);
        }
        assert!(at[0].abs() < 1e-3 && at[1].abs() < 1e-3, "{at:?}");
    }
}
