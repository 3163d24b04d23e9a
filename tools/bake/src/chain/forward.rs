//! From motion to a part, through a chain.

use super::gemm::{View, multiply};
use super::{Chain, Layer, Map};

/// What each layer gave for a few samples, kept for the way back.
#[derive(Clone, Debug)]
pub struct Run {
    /// Samples that there is room for.
    pub samples: usize,
    /// As [`Chain::maps`], each for all samples, with borders.
    pub maps: Vec<Vec<f32>>,
}

impl Run {
    /// Room for `samples` at a time.
    pub fn new(chain: &Chain, samples: usize) -> Run {
        let room = |map: &Map| vec![0.0; samples * map.padded() * map.channels];
        Run {
            samples,
            maps: chain.maps().iter().map(room).collect(),
        }
    }

    /// The last layer's output of one sample, `len` numbers row by row, written to `out`.
    pub fn output(&self, chain: &Chain, sample: usize, out: &mut [f32]) {
        let map = chain.output();
        let rows = out.chunks_exact_mut(map.width * map.channels);
        if let Some(last) = self.maps.last() {
            for (row, out) in rows.enumerate() {
                out.copy_from_slice(&last[map.row(sample, row)]);
            }
        }
    }
}

/// How the numbers between layers are stored on the device, for training as if they were.
///
/// One step for the output of each layer: bytes are 0 to 255 steps. Zero where they are not bytes.
pub type Steps = [f32];

impl Chain {
    /// Runs `inputs` (as many rows of numbers as samples) through the layers.
    ///
    /// With `steps` the numbers between the layers are rounded to the bytes that the device keeps.
    pub fn forward(
        &self,
        parameters: &[f32],
        steps: Option<&Steps>,
        inputs: &[f32],
        run: &mut Run,
    ) {
        let samples = inputs.len() / self.input();
        run.maps[0][..inputs.len()].copy_from_slice(inputs);
        for (index, &layer) in self.layers().iter().enumerate() {
            let (from, to) = (self.maps()[index], self.maps()[index + 1]);
            let slots = self.slots(index);
            let weights = &parameters[slots.weights.clone()];
            let bias = &parameters[slots.bias.clone()];
            let (before, after) = run.maps.split_at_mut(index + 1);
            let (input, output) = (&before[index], &mut after[0]);
            match layer {
                Layer::Connected(_) => connected(samples, [from, to], weights, input, output),
                Layer::Convolution(_) => {
                    convolution(samples, [from, to], weights, input, output);
                }
                Layer::Point(_) => point(samples, [from, to], weights, input, output),
                Layer::Depthwise => depthwise(samples, to, weights, input, output),
                Layer::Upsample => {
                    upsample(samples, from, input, output);
                    continue;
                }
            }
            let last = index + 1 == self.layers().len();
            let step = steps.map_or(0.0, |steps| steps[index]);
            finish(samples, to, bias, !last, step, output);
        }
    }
}

fn connected(
    samples: usize,
    [from, to]: [Map; 2],
    weights: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let size = [samples, from.numbers(), to.numbers()];
    // What comes into a connected layer is a vector, without a border.
    let left = View::rows(input, from.numbers());
    let right = View::rows(weights, to.numbers());
    if to.border() == 0 {
        multiply(size, left, right, output, true);
        return;
    }
    let mut dense = vec![0.0; samples * to.numbers()];
    multiply(size, left, right, &mut dense, true);
    for (index, row) in dense.chunks_exact(to.width * to.channels).enumerate() {
        output[to.row(index / to.height, index % to.height)].copy_from_slice(row);
    }
}

/// Places from the first to the last that are no border, of all samples together.
pub(super) fn inner(samples: usize, map: Map) -> (usize, usize) {
    let first = map.border() * (map.stride() + 1);
    (first, samples * map.padded() - 2 * first)
}

/// Sums of all taps, as three products: one for each row of taps. What is summed up at borders is
/// nonsense, and cleared by whoever comes next.
pub(super) fn convolution(
    samples: usize,
    [from, to]: [Map; 2],
    weights: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let (first, places) = inner(samples, from);
    let size = [places, 3 * from.channels, to.channels];
    let taps = weights.chunks_exact(3 * from.channels * to.channels);
    for (row, taps) in taps.enumerate() {
        let window = (first - from.stride() - 1 + row * from.stride()) * from.channels;
        multiply(
            size,
            View::rows(&input[window..], from.channels),
            View::rows(taps, to.channels),
            &mut output[first * to.channels..],
            row == 0,
        );
    }
}

fn point(samples: usize, [from, to]: [Map; 2], weights: &[f32], input: &[f32], output: &mut [f32]) {
    multiply(
        [samples * from.padded(), from.channels, to.channels],
        View::rows(input, from.channels),
        View::rows(weights, to.channels),
        output,
        true,
    );
}

pub(super) fn depthwise(
    samples: usize,
    map: Map,
    weights: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let channels = map.channels;
    for sample in 0..samples {
        for row in 0..map.height {
            let range = map.row(sample, row);
            let start = range.start;
            let out = &mut output[range];
            out.fill(0.0);
            for (tap, weights) in weights.chunks_exact(channels).enumerate() {
                let from = start + (tap / 3) * map.stride() * channels + (tap % 3) * channels
                    - (map.stride() + 1) * channels;
                let input = &input[from..from + out.len()];
                for (out, input) in out
                    .chunks_exact_mut(channels)
                    .zip(input.chunks_exact(channels))
                {
                    for ((out, input), weight) in out.iter_mut().zip(input).zip(weights) {
                        *out += input * weight;
                    }
                }
            }
        }
    }
}

fn upsample(samples: usize, from: Map, input: &[f32], output: &mut [f32]) {
    let to = Map::new(2 * from.height, 2 * from.width, from.channels);
    for sample in 0..samples {
        for row in 0..from.height {
            let places = input[from.row(sample, row)].chunks_exact(from.channels);
            let range = to.row(sample, 2 * row);
            let (start, end) = (range.start, range.end);
            let pairs = output[range].chunks_exact_mut(2 * from.channels);
            for (pair, place) in pairs.zip(places) {
                pair[..from.channels].copy_from_slice(place);
                pair[from.channels..].copy_from_slice(place);
            }
            output.copy_within(start..end, to.row(sample, 2 * row + 1).start);
        }
    }
}

/// Adds the bias, applies ReLU, rounds to bytes and clears the border.
fn finish(samples: usize, map: Map, bias: &[f32], relu: bool, step: f32, output: &mut [f32]) {
    let channels = map.channels;
    // A connected layer has a bias for every number, a convolution one for every channel.
    let whole = bias.len() == map.numbers();
    let least = if relu { 0.0 } else { f32::NEG_INFINITY };
    for sample in 0..samples {
        for row in 0..map.height {
            let length = map.width * channels;
            let out = &mut output[map.row(sample, row)];
            if whole {
                let bias = &bias[row * length..(row + 1) * length];
                for (out, bias) in out.iter_mut().zip(bias) {
                    *out = (*out + bias).max(least);
                }
            } else {
                for out in out.chunks_exact_mut(channels) {
                    for (out, bias) in out.iter_mut().zip(bias) {
                        *out = (*out + bias).max(least);
                    }
                }
            }
            if step > 0.0 {
                let inverse = 1.0 / step;
                for out in out {
                    *out = (*out * inverse + 0.5).floor().min(255.0) * step;
                }
            }
        }
    }
    clear_border(samples, map, output);
}

/// Sets the border around each sample to zero.
pub(super) fn clear_border(samples: usize, map: Map, numbers: &mut [f32]) {
    if map.border() == 0 {
        return;
    }
    let row = map.stride() * map.channels;
    for sample in 0..samples {
        let start = sample * map.padded() * map.channels;
        let end = start + map.padded() * map.channels;
        numbers[start..start + row].fill(0.0);
        numbers[end - row..end].fill(0.0);
        for line in numbers[start..end].chunks_exact_mut(row) {
            line[..map.channels].fill(0.0);
            line[row - map.channels..].fill(0.0);
        }
    }
}
