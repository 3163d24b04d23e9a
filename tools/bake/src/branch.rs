//! A branch: the chain of one of a part's heads, with what it has learned.

use crate::adam::Adam;
use crate::chain::Chain;
use crate::quantise;
use sfumato_generator::network::Head;
use sfumato_generator::network::heads::sources;

/// Weight decay of the optimiser.
pub const DECAY: f32 = 1e-4;

/// One head's network while it learns.
#[derive(Debug)]
pub struct Branch {
    /// What it says.
    pub head: Head,
    /// The layers.
    pub chain: Chain,
    /// Weights and biases.
    pub parameters: Vec<f32>,
    /// Of the optimiser.
    pub adam: Adam,
    /// Steps of the bytes between layers, once the chain learns as the device will run it: with
    /// rounded weights and bytes.
    pub steps: Option<Vec<f32>>,
    /// The rounded weights.
    rounded: Vec<f32>,
}

impl Branch {
    /// A branch that knows nothing yet.
    pub fn new(head: Head, chain: Chain, seed: u64) -> Branch {
        let parameters = chain.initial(seed);
        Branch {
            head,
            adam: Adam::new(parameters.len()),
            parameters,
            chain,
            steps: None,
            rounded: Vec::new(),
        }
    }

    /// The same knowledge, without the way there.
    pub fn copy(&self) -> Branch {
        Branch {
            head: self.head,
            chain: self.chain.clone(),
            parameters: self.parameters.clone(),
            adam: Adam::new(self.parameters.len()),
            steps: self.steps.clone(),
            rounded: Vec::new(),
        }
    }

    /// Makes ready what [`Branch::used`] gives.
    pub fn round(&mut self) {
        if let Some(steps) = &mut self.steps {
            quantise::widen(&self.chain, &self.parameters, steps);
            quantise::rounded(&self.chain, &self.parameters, &mut self.rounded);
        }
    }

    /// The parameters as they count now: whole, or rounded as [`Branch::round`] left them.
    pub fn used(&self) -> &[f32] {
        if self.steps.is_some() {
            &self.rounded
        } else {
            &self.parameters
        }
    }

    /// Moves the parameters against the sum of `gradients`.
    pub fn learn<'a>(&mut self, gradients: impl Iterator<Item = &'a Vec<f32>>, rate: f32) {
        let sum = gradients.fold(Vec::new(), |mut sum: Vec<f32>, gradient| {
            if sum.is_empty() {
                return gradient.clone();
            }
            for (sum, slope) in sum.iter_mut().zip(gradient) {
                *sum += slope;
            }
            sum
        });
        self.adam.step(&mut self.parameters, &sum, rate, DECAY);
    }
}

/// Adds a small picture, spread over one of `shape`, twice its rows and columns, to `out`.
///
/// The same weights as the device's (`sfumato_generator::network::heads::double`).
pub fn add_doubled(small: &[f32], [rows, columns, channels]: [usize; 3], out: &mut [f32]) {
    let length = columns / 2 * channels;
    for (row, out) in out
        .chunks_exact_mut(columns * channels)
        .take(rows)
        .enumerate()
    {
        let [near, far] = sources(row, rows).map(|row| &small[row * length..(row + 1) * length]);
        for (column, out) in out.chunks_exact_mut(channels).enumerate() {
            let [own, other] = sources(column, columns).map(|column| column * channels);
            for (channel, out) in out.iter_mut().enumerate() {
                let [a, b] =
                    [own, other].map(|at| 0.75 * near[at + channel] + 0.25 * far[at + channel]);
                *out += 0.75 * a + 0.25 * b;
            }
        }
    }
}

/// The slopes by the small picture of [`add_doubled`], from those by the large one.
pub fn gather_doubled(slopes: &[f32], [rows, columns, channels]: [usize; 3], small: &mut [f32]) {
    let length = columns / 2 * channels;
    small.fill(0.0);
    for (row, slopes) in slopes
        .chunks_exact(columns * channels)
        .take(rows)
        .enumerate()
    {
        let rows = sources(row, rows);
        for (column, slopes) in slopes.chunks_exact(channels).enumerate() {
            let columns = sources(column, columns);
            for (row, share) in rows.into_iter().zip([0.75, 0.25]) {
                for (column, part) in columns.into_iter().zip([0.75, 0.25]) {
                    let node = &mut small[row * length + column * channels..][..channels];
                    for (sum, slope) in node.iter_mut().zip(slopes) {
                        *sum += share * part * slope;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn doubling_is_the_devices_and_gathering_its_transpose() {
        let shape = [6, 8, 3];
        let mut random = Random::new(8);
        let small: Vec<f32> = (0..36).map(|_| 100.0 * random.normal()).collect();
        let mut large = vec![0.0; 144];
        add_doubled(&small, shape, &mut large);
        let whole: Vec<i32> = small.iter().map(|n| (n * 65536.0) as i32).collect();
        let mut exact = vec![0; 144];
        sfumato_generator::network::heads::double(&whole, shape, &mut exact);
        for (large, exact) in large.iter().zip(&exact) {
            assert!((large - *exact as f32 / 65536.0).abs() < 1e-3);
        }
        let slopes: Vec<f32> = (0..144).map(|_| random.normal()).collect();
        let mut gathered = vec![0.0; 36];
        gather_doubled(&slopes, shape, &mut gathered);
        let product = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
        let (there, back) = (product(&large, &slopes), product(&small, &gathered));
        assert!((there - back).abs() < 1e-2, "{there} {back}");
    }
}
