//! Quantising: a chain as the device will run it.
//!
//! Weights become whole numbers with a scale for each output channel; what lies between layers
//! becomes bytes with one scale for each layer, found by looking at what examples give
//! ([`calibrate`]). A chain can go on learning as if that had happened already ([`rounded`]).

use crate::chain::forward::Run;
use crate::chain::{Chain, Layer};
use crate::examples::Example;
use crate::learner::Learner;

/// Largest whole number of a weight.
///
/// Seven bits and a sign are not used to the full: then two products of a weight and a byte add up within 16 bits,
/// which processors without 8-bit dot products need to be fast and to be exact.
pub const LARGEST: f32 = 63.0;

/// What the bytes of a layer's output count: the smallest steps with which nearly all of what
/// examples give fits. Zero where a layer gives no bytes: the last.
pub fn calibrate(learner: &Learner, examples: &[Example]) -> Vec<f32> {
    let chain = &learner.chain;
    let mut most = vec![0.0f32; chain.layers().len()];
    let mut run = Run::new(chain, 1);
    for example in examples {
        chain.forward(&learner.parameters, None, &example.input, &mut run);
        for (most, map) in most.iter_mut().zip(&run.maps[1..]) {
            *most = map.iter().copied().fold(*most, f32::max);
        }
    }
    let last = most.len().saturating_sub(1);
    most[last] = 0.0;
    // Twice as large as larger numbers not seen here: they are cut off, which hardly shows.
    most.iter().map(|most| most / 255.0).collect()
}

/// Scales of a layer's weights by output channel (for a connected layer: by output number).
pub fn scales(chain: &Chain, layer: usize, parameters: &[f32]) -> Vec<f32> {
    let slots = chain.slots(layer);
    let mut most = vec![0.0f32; slots.bias.len()];
    if most.is_empty() {
        return most;
    }
    for row in parameters[slots.weights.clone()].chunks_exact(most.len()) {
        for (most, weight) in most.iter_mut().zip(row) {
            *most = most.max(weight.abs());
        }
    }
    // A channel without weights still needs a scale for its bias.
    most.iter().map(|most| most.max(1e-6) / LARGEST).collect()
}

/// The parameters as they will be: weights rounded to whole steps. Biases are fine enough.
pub fn rounded(chain: &Chain, parameters: &[f32], out: &mut Vec<f32>) {
    out.clear();
    out.extend_from_slice(parameters);
    for layer in 0..chain.layers().len() {
        if chain.layers()[layer] == Layer::Upsample {
            continue;
        }
        let scales = scales(chain, layer, parameters);
        let weights = &mut out[chain.slots(layer).weights.clone()];
        for row in weights.chunks_exact_mut(scales.len()) {
            for (weight, scale) in row.iter_mut().zip(&scales) {
                *weight = (*weight / scale).round() * scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::every_kind;

    #[test]
    fn rounding_keeps_the_largest_and_moves_nothing_by_more_than_half_a_step() {
        let chain = every_kind();
        let parameters = chain.initial(2);
        let mut rounded_once = Vec::new();
        rounded(&chain, &parameters, &mut rounded_once);
        for layer in 0..chain.layers().len() {
            let scales = scales(&chain, layer, &parameters);
            let slots = chain.slots(layer);
            assert_eq!(
                rounded_once[slots.bias.clone()],
                parameters[slots.bias.clone()]
            );
            for (index, at) in slots.weights.clone().enumerate() {
                let scale = scales[index % scales.len()];
                assert!((rounded_once[at] - parameters[at]).abs() <= 0.501 * scale);
            }
        }
        let mut twice = Vec::new();
        rounded(&chain, &rounded_once, &mut twice);
        for (once, twice) in rounded_once.iter().zip(&twice) {
            assert!((once - twice).abs() < 1e-5);
        }
    }
}
