//! From a part's error back to what each parameter has to do with it.

use super::forward::{Run, Steps, clear_border, convolution, inner};
use super::gemm::{View, multiply};
use super::{Chain, Layer, Map};

/// Memory of the way back for a few samples.
#[derive(Clone, Debug)]
pub struct Back {
    /// Slope of the error by each number between the layers, stored as in [`Run`].
    slopes: Vec<Vec<f32>>,
    /// Weights turned round, for the slopes of a convolution's input.
    turned: Vec<f32>,
    /// What channels matter, when that is wanted: added to on each way back.
    pub importance: Option<Importance>,
}

impl Back {
    /// Room for `samples` at a time.
    pub fn new(chain: &Chain, samples: usize) -> Back {
        Back {
            slopes: Run::new(chain, samples).maps,
            turned: Vec::new(),
            importance: None,
        }
    }

    /// Sets the error's slope by the output of one sample, `len` numbers row by row.
    pub fn set(&mut self, chain: &Chain, sample: usize, slope: &[f32]) {
        let map = chain.output();
        if let Some(last) = self.slopes.last_mut() {
            let rows = slope.chunks_exact(map.width * map.channels);
            for (row, slope) in rows.enumerate() {
                last[map.row(sample, row)].copy_from_slice(slope);
            }
        }
    }
}

impl Chain {
    /// Adds to `gradient` the slope of the error by each parameter.
    ///
    /// `run` is what [`Chain::forward`] left, with the same parameters and steps; `back` holds the
    /// slopes by the output. Rounding to bytes counts as no change, being cut off as a stop
    /// (straight-through estimation, Bengio et al. 2013).
    pub fn backward(
        &self,
        parameters: &[f32],
        steps: Option<&Steps>,
        samples: usize,
        run: &Run,
        back: &mut Back,
        gradient: &mut [f32],
    ) {
        for (index, &layer) in self.layers().iter().enumerate().rev() {
            let (from, to) = (self.maps()[index], self.maps()[index + 1]);
            let slots = self.slots(index);
            let weights = &parameters[slots.weights.clone()];
            let (before, after) = back.slopes.split_at_mut(index + 1);
            let (slope, out) = (&mut before[index], &mut after[0]);
            let input = &run.maps[index];
            if layer == Layer::Upsample {
                gather(samples, from, out, slope);
                continue;
            }
            let last = index + 1 == self.layers().len();
            if !last {
                if let Some(importance) = &mut back.importance {
                    importance.see(index, samples, to, out, &run.maps[index + 1]);
                }
                let most = steps.map_or(f32::INFINITY, |steps| 254.5 * steps[index]);
                let most = if most > 0.0 { most } else { f32::INFINITY };
                for (slope, value) in out.iter_mut().zip(&run.maps[index + 1]) {
                    if !(*value > 0.0 && *value < most) {
                        *slope = 0.0;
                    }
                }
            }
            let wanted = index > 0;
            // Only with a border of zeros do nonsense sums at borders count for nothing.
            clear_border(samples, to, out);
            add_bias(samples, to, out, &mut gradient[slots.bias.clone()]);
            let gradient = &mut gradient[slots.weights.clone()];
            match layer {
                Layer::Connected(_) => {
                    let dense = dense(samples, to, out);
                    let right = View::rows(&dense, to.numbers());
                    let size = [from.numbers(), samples, to.numbers()];
                    let left = View::rows(input, from.numbers()).transposed();
                    multiply(size, left, right, gradient, false);
                    if wanted {
                        let size = [samples, to.numbers(), from.numbers()];
                        let turned = View::rows(weights, to.numbers()).transposed();
                        multiply(size, right, turned, slope, true);
                    }
                }
                Layer::Convolution(_) => {
                    let (first, places) = inner(samples, from);
                    let size = [3 * from.channels, places, to.channels];
                    let right = View::rows(&out[first * to.channels..], to.channels);
                    let taps = gradient.chunks_exact_mut(3 * from.channels * to.channels);
                    for (row, taps) in taps.enumerate() {
                        let window =
                            (first - from.stride() - 1 + row * from.stride()) * from.channels;
                        let left = View::rows(&input[window..], from.channels).transposed();
                        multiply(size, left, right, taps, false);
                    }
                    if wanted {
                        turn(weights, [from.channels, to.channels], &mut back.turned);
                        convolution(samples, [to, from], &back.turned, out, slope);
                    }
                }
                Layer::Point(_) => {
                    let places = samples * from.padded();
                    let right = View::rows(out, to.channels);
                    let left = View::rows(input, from.channels).transposed();
                    multiply(
                        [from.channels, places, to.channels],
                        left,
                        right,
                        gradient,
                        false,
                    );
                    if wanted {
                        let turned = View::rows(weights, to.channels).transposed();
                        multiply(
                            [places, to.channels, from.channels],
                            right,
                            turned,
                            slope,
                            true,
                        );
                    }
                }
                Layer::Depthwise => {
                    depthwise(samples, to, weights, input, out, slope, gradient);
                }
                Layer::Upsample => {}
            }
        }
    }
}

/// Each place of the smaller map gets the slopes of its four.
fn gather(samples: usize, from: Map, out: &[f32], slope: &mut [f32]) {
    let to = Map::new(2 * from.height, 2 * from.width, from.channels);
    let channels = from.channels;
    for sample in 0..samples {
        for row in 0..from.height {
            let upper = out[to.row(sample, 2 * row)].chunks_exact(2 * channels);
            let lower = out[to.row(sample, 2 * row + 1)].chunks_exact(2 * channels);
            let places = slope[from.row(sample, row)].chunks_exact_mut(channels);
            for (place, (upper, lower)) in places.zip(upper.zip(lower)) {
                for (channel, sum) in place.iter_mut().enumerate() {
                    *sum = upper[channel]
                        + upper[channels + channel]
                        + lower[channel]
                        + lower[channels + channel];
                }
            }
        }
    }
}

fn add_bias(samples: usize, map: Map, out: &[f32], gradient: &mut [f32]) {
    let whole = gradient.len() == map.numbers();
    let length = map.width * map.channels;
    for sample in 0..samples {
        for row in 0..map.height {
            let out = &out[map.row(sample, row)];
            if whole {
                let gradient = &mut gradient[row * length..(row + 1) * length];
                for (sum, slope) in gradient.iter_mut().zip(out) {
                    *sum += slope;
                }
            } else {
                for out in out.chunks_exact(map.channels) {
                    for (sum, slope) in gradient.iter_mut().zip(out) {
                        *sum += slope;
                    }
                }
            }
        }
    }
}

/// The samples without their borders.
fn dense(samples: usize, map: Map, padded: &[f32]) -> Vec<f32> {
    let rows = (0..samples * map.height).map(|row| map.row(row / map.height, row % map.height));
    rows.flat_map(|range| &padded[range]).copied().collect()
}

/// The weights of the convolution that leads back: taps the other way round, channels exchanged.
fn turn(weights: &[f32], [from, to]: [usize; 2], turned: &mut Vec<f32>) {
    turned.resize(weights.len(), 0.0);
    for tap in 0..9 {
        let source = &weights[(8 - tap) * from * to..][..from * to];
        let target = &mut turned[tap * from * to..][..from * to];
        for (input, row) in source.chunks_exact(to).enumerate() {
            for (output, &weight) in row.iter().enumerate() {
                target[output * from + input] = weight;
            }
        }
    }
}

fn depthwise(
    samples: usize,
    map: Map,
    weights: &[f32],
    input: &[f32],
    out: &[f32],
    slope: &mut [f32],
    gradient: &mut [f32],
) {
    let channels = map.channels;
    let mut turned = weights.to_vec();
    for (tap, turned) in turned.chunks_exact_mut(channels).enumerate() {
        turned.copy_from_slice(&weights[(8 - tap) * channels..(9 - tap) * channels]);
    }
    super::forward::depthwise(samples, map, &turned, out, slope);
    for sample in 0..samples {
        for row in 0..map.height {
            let range = map.row(sample, row);
            let start = range.start;
            let out = &out[range];
            for (tap, sums) in gradient.chunks_exact_mut(channels).enumerate() {
                let from = start + (tap / 3) * map.stride() * channels + (tap % 3) * channels
                    - (map.stride() + 1) * channels;
                let input = &input[from..from + out.len()];
                for (out, input) in out.chunks_exact(channels).zip(input.chunks_exact(channels)) {
                    for ((sum, out), input) in sums.iter_mut().zip(out).zip(input) {
                        *sum += out * input;
                    }
                }
            }
        }
    }
}

/// How much the error would change without a channel, to first order: the mean over samples of
/// the square of what its numbers times their slopes add up to (Molchanov et al. 2019).
#[derive(Clone, Debug)]
pub struct Importance {
    /// For the output of each layer, one number a channel.
    pub channels: Vec<Vec<f32>>,
}

impl Importance {
    /// Nothing seen yet.
    pub fn new(chain: &Chain) -> Importance {
        Importance {
            channels: chain.maps()[1..]
                .iter()
                .map(|map| vec![0.0; map.channels])
                .collect(),
        }
    }

    fn see(&mut self, layer: usize, samples: usize, map: Map, slopes: &[f32], values: &[f32]) {
        let mut sums = vec![0.0f32; map.channels];
        for sample in 0..samples {
            sums.fill(0.0);
            for row in 0..map.height {
                let range = map.row(sample, row);
                let slopes = slopes[range.clone()].chunks_exact(map.channels);
                let values = values[range].chunks_exact(map.channels);
                for (slopes, values) in slopes.zip(values) {
                    for ((sum, slope), value) in sums.iter_mut().zip(slopes).zip(values) {
                        *sum += slope * value;
                    }
                }
            }
            for (total, sum) in self.channels[layer].iter_mut().zip(&sums) {
                *total += sum * sum;
            }
        }
    }

    /// Adds what another has seen.
    pub fn add(&mut self, other: &Importance) {
        for (mine, theirs) in self.channels.iter_mut().zip(&other.channels) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::every_kind;
    use super::*;
    use crate::random::Random;

    /// Half the sum of the squares of the outputs less a wish; returns it and its gradient.
    fn error(chain: &Chain, parameters: &[f32], inputs: &[f32], wish: &[f32]) -> (f64, Vec<f32>) {
        let samples = inputs.len() / chain.input();
        let length = chain.output().numbers();
        let mut run = Run::new(chain, samples);
        let mut back = Back::new(chain, samples);
        chain.forward(parameters, None, inputs, &mut run);
        let mut sum = 0.0;
        let mut out = vec![0.0; length];
        for sample in 0..samples {
            run.output(chain, sample, &mut out);
            for (out, wish) in out.iter_mut().zip(&wish[sample * length..]) {
                *out -= wish;
                sum += 0.5 * f64::from(*out).powi(2);
            }
            back.set(chain, sample, &out);
        }
        let mut gradient = vec![0.0; parameters.len()];
        chain.backward(parameters, None, samples, &run, &mut back, &mut gradient);
        (sum, gradient)
    }

    #[test]
    fn gradients_are_the_errors_differences() {
        let chain = every_kind();
        let mut random = Random::new(7);
        let samples = 3;
        let mut parameters = chain.initial(3);
        // Biases too, and a head that is not nearly zero.
        for parameter in &mut parameters {
            *parameter += 0.3 * random.normal();
        }
        let inputs: Vec<f32> = (0..samples * 5).map(|_| random.normal()).collect();
        let wish: Vec<f32> = (0..samples * 48).map(|_| random.normal()).collect();
        let (_, gradient) = error(&chain, &parameters, &inputs, &wish);
        for layer in 0..chain.layers().len() {
            let slots = chain.slots(layer);
            for range in [slots.weights.clone(), slots.bias.clone()] {
                if range.is_empty() {
                    continue;
                }
                // Along a random direction within this layer alone.
                let direction: Vec<f32> = range.clone().map(|_| random.normal()).collect();
                let step = 1e-3;
                let at = |sign: f32| {
                    let mut moved = parameters.clone();
                    for (parameter, d) in moved[range.clone()].iter_mut().zip(&direction) {
                        *parameter += sign * step * d;
                    }
                    error(&chain, &moved, &inputs, &wish).0
                };
                let seen = (at(1.0) - at(-1.0)) / (2.0 * f64::from(step));
                let told: f64 = gradient[range.clone()]
                    .iter()
                    .zip(&direction)
                    .map(|(g, d)| f64::from(g * d))
                    .sum();
                let scale = seen.abs().max(told.abs()).max(0.1);
                assert!(
                    (seen - told).abs() < 0.02 * scale,
                    "layer {layer}: {seen} {told}"
                );
            }
        }
    }
}
