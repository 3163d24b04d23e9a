//! A branch: the chain of one of a part's heads, with what it has learned.

use crate::adam::Adam;
use crate::chain::Chain;
use crate::quantise;
use sfumato_generator::network::Head;
use sfumato_generator::network::heads::sources;
use sfumato_generator::network::inputs::INPUTS;
use std::borrow::Cow;

/// Weight decay of the optimiser.
pub const DECAY: f32 = 1e-4;

/// Times that a halved picture is made to make up for what its doubling misses.
const HALVINGS: usize = 3;

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
    /// A branch that knows nothing yet, and says nothing: what is finer than the broad strokes learns
    /// beside them, and shall not spoil them first.
    pub fn new(head: Head, chain: Chain, seed: u64) -> Branch {
        let mut parameters = chain.initial(seed);
        if let Some(last) = chain.layers().len().checked_sub(1) {
            parameters[chain.slots(last).weights.clone()].fill(0.0);
        }
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

    /// What the chain reads of some rows of the motion's numbers: of each the first.
    pub fn reads<'a>(&self, rows: &'a [f32]) -> Cow<'a, [f32]> {
        let own = self.chain.input();
        if own == INPUTS {
            return Cow::Borrowed(rows);
        }
        let rows = rows.chunks_exact(INPUTS);
        Cow::Owned(rows.flat_map(|row| &row[..own]).copied().collect())
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

/// The small picture of `shape`'s half which, doubled, comes near to a large one; of that, what is missing is left.
pub fn halve(large: &mut [f32], shape: [usize; 3], small: &mut [f32]) {
    let length = shape[1] / 2 * shape[2];
    small.fill(0.0);
    let mut more = vec![0.0; small.len()];
    for _ in 0..HALVINGS {
        // Twice as long a row of the large picture has as many numbers as two of the small one.
        for (rows, small) in large
            .chunks_exact(4 * length)
            .zip(more.chunks_exact_mut(length))
        {
            let (upper, lower) = rows.split_at(2 * length);
            for (index, small) in small.iter_mut().enumerate() {
                let (column, channel) = (index / shape[2], index % shape[2]);
                let own = 2 * column * shape[2] + channel;
                let next = own + shape[2];
                *small = -0.25 * (upper[own] + upper[next] + lower[own] + lower[next]);
            }
        }
        add_doubled(&more, shape, large);
        for (small, more) in small.iter_mut().zip(&more) {
            *small -= more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn doubling_is_the_devices_gathering_its_transpose_and_halving_its_inverse() {
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
        // Halved it is itself again, as far as that goes.
        let even: Vec<f32> = (0..36)
            .map(|at| {
                let (row, column) = (at / 12, at / 3 % 4);
                (at % 3) as f32 + (0.3 * row as f32 - 0.2 * column as f32).sin()
            })
            .collect();
        let mut doubled = vec![0.0; 144];
        add_doubled(&even, shape, &mut doubled);
        let mut halved = vec![0.0; 36];
        halve(&mut doubled, shape, &mut halved);
        for (halved, even) in halved.iter().zip(&even) {
            assert!((halved - even).abs() < 0.03, "{halved} {even}");
        }
        assert!(doubled.iter().all(|left| left.abs() < 0.02), "{doubled:?}");
        let (there, back) = (product(&large, &slopes), product(&small, &gathered));
        assert!((there - back).abs() < 1e-2, "{there} {back}");
    }
}
