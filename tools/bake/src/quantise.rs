//! Quantising: a chain as the device will run it.
//!
//! Weights become whole numbers with a scale for each output channel; what lies between layers
//! becomes bytes with one scale for each layer, found by looking at what examples give
//! ([`calibrate`]). A chain can go on learning as if that had happened already ([`rounded`]).

use crate::branch::Branch;
use crate::chain::forward::Run;
use crate::chain::{Chain, Layer};
use crate::examples::{Example, unit};
use crate::learner::Learner;
use sfumato_generator::network::INPUTS_KEY;
use sfumato_generator::network::inputs::{self, INPUT_BITS, INPUTS};
use sfumato_infer::quantised::{Description, Form, Input, Kind, Weights};

/// Largest whole number of a weight.
///
/// Six bits and a sign of the seven there are: then two products of a weight and a byte add up
/// within 16 bits, which processors without 8-bit dot products need to be fast and exact.
pub const LARGEST: f32 = 63.0;

/// What one step of an input stands for.
const INPUT_SCALE: f32 = 1.0 / (1u32 << INPUT_BITS) as f32;

/// What the bytes of a layer's output count: the smallest steps with which all that the examples
/// give fits; larger numbers than these will be cut off. Zero where a layer gives no bytes: the last.
pub fn calibrate(branch: &Branch, examples: &[Example]) -> Vec<f32> {
    let chain = &branch.chain;
    let mut most = vec![0.0f32; chain.layers().len()];
    let mut run = Run::new(chain, 1);
    for example in examples {
        let input = branch.reads(&example.input);
        chain.forward(&branch.parameters, None, &input, &mut run);
        for (most, map) in most.iter_mut().zip(&run.maps[1..]) {
            *most = map.iter().copied().fold(*most, f32::max);
        }
    }
    let last = most.len().saturating_sub(1);
    most[last] = 0.0;
    most.iter().map(|most| most / 255.0).collect()
}

/// Most that a step of a sum may be of a step of the byte it becomes; the engine's limit is a quarter.
const MOST_RATIO: f32 = 0.24;

/// Makes the steps of bytes as large as the engine needs them beside those of the sums.
///
/// A channel that hardly ever gives anything may have large weights: nothing holds them back.
pub fn widen(chain: &Chain, parameters: &[f32], steps: &mut [f32]) {
    let mut from = INPUT_SCALE;
    let last = steps.len().saturating_sub(1);
    for (layer, step) in steps[..last].iter_mut().enumerate() {
        if chain.layers()[layer] == Layer::Upsample {
            continue;
        }
        let scales = scales(chain, layer, parameters);
        let most = scales.into_iter().fold(0.0, f32::max);
        *step = step.max(from * most / MOST_RATIO);
        from = *step;
    }
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

/// The network of all parts, for the engine and for others.
///
/// Learners that have not learned with steps yet are looked at with `examples` first.
pub fn describe(learners: &[Learner], examples: &[Example]) -> Description {
    let names: Vec<String> = (0..INPUTS).filter_map(inputs::name).collect();
    let mut description = Description {
        input: Input {
            name: "motion".to_owned(),
            numbers: INPUTS,
            scale: INPUT_SCALE,
        },
        layers: Vec::new(),
        metadata: vec![(INPUTS_KEY.to_owned(), names.join(","))],
    };
    for branch in learners.iter().flat_map(|learner| &learner.branches) {
        let mut steps = match &branch.steps {
            Some(steps) => steps.clone(),
            None => calibrate(branch, examples),
        };
        widen(&branch.chain, &branch.parameters, &mut steps);
        let mut from = 0;
        let mut scale = description.input.scale;
        for (layer, &step) in steps.iter().enumerate() {
            description.layers.push(sfumato_infer::quantised::Layer {
                name: format!("{}_{layer}", branch.head.name()),
                input: from,
                kind: kind(branch, layer, scale, step),
            });
            from = description.layers.len();
            if branch.chain.layers()[layer] != Layer::Upsample {
                scale = step;
            }
        }
    }
    description
}

/// Layer `layer` of a branch, which reads bytes of `scale` and gives bytes of `step`.
fn kind(branch: &Branch, layer: usize, scale: f32, step: f32) -> Kind {
    let chain = &branch.chain;
    let map = chain.maps()[layer + 1];
    let output = if layer + 1 == chain.layers().len() {
        Form::Head {
            name: branch.head.name().to_owned(),
        }
    } else {
        Form::Bytes {
            scale: step,
            zero_point: 0,
            relu: true,
        }
    };
    match chain.layers()[layer] {
        Layer::Upsample => Kind::Upsample,
        Layer::Connected(_) => Kind::Connected {
            shape: [map.channels, map.height, map.width],
            weights: weights(branch, layer, scale),
            output,
        },
        Layer::Convolution(_) => Kind::Convolution {
            kernel: 3,
            depthwise: false,
            weights: weights(branch, layer, scale),
            output,
        },
        Layer::Point(_) => Kind::Convolution {
            kernel: 1,
            depthwise: false,
            weights: weights(branch, layer, scale),
            output,
        },
        Layer::Depthwise => Kind::Convolution {
            kernel: 3,
            depthwise: true,
            weights: weights(branch, layer, scale),
            output,
        },
    }
}

fn weights(branch: &Branch, layer: usize, scale: f32) -> Weights {
    let chain = &branch.chain;
    let (map, slots) = (chain.maps()[layer + 1], chain.slots(layer));
    let own = scales(chain, layer, &branch.parameters);
    let numbers = &branch.parameters[slots.weights.clone()];
    let bias = &branch.parameters[slots.bias.clone()];
    let last = layer + 1 == chain.layers().len();
    let connected = matches!(chain.layers()[layer], Layer::Connected(_));
    let mut weights = Weights {
        values: Vec::with_capacity(numbers.len()),
        scales: Vec::with_capacity(own.len()),
        bias: Vec::with_capacity(own.len()),
    };
    for number in 0..own.len() {
        // Here a map's channels lie together, in the file its places do.
        let (output, channel) = if connected {
            let (channel, place) = (number / map.places(), number % map.places());
            (place * map.channels + channel, channel)
        } else {
            (number, number)
        };
        let column = numbers.iter().skip(output).step_by(own.len());
        let whole = column.map(|weight| (weight / own[output]).round() as i8);
        if connected || chain.layers()[layer] == Layer::Depthwise {
            weights.values.extend(whole);
        } else {
            // From tap, input to input, tap.
            let whole: Vec<i8> = whole.collect();
            let taps = whole.len() / chain.maps()[layer].channels;
            let inputs = chain.maps()[layer].channels;
            let order = (0..inputs).flat_map(|input| (0..taps).map(move |tap| (input, tap)));
            weights
                .values
                .extend(order.map(|(input, tap)| whole[tap * inputs + input]));
        }
        let bias = f64::from(bias[output]) / (f64::from(scale) * f64::from(own[output]));
        weights.bias.push(bias.round() as i32);
        // A head's numbers come out as the drawing wants them.
        let unit = if last {
            unit(branch.head.part, channel)
        } else {
            1.0
        };
        weights.scales.push(own[output] / unit);
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::tests::every_kind;

    #[test]
    fn a_silent_channel_with_large_weights_is_given_room() {
        let chain = every_kind();
        let mut parameters = chain.initial(2);
        // Hardly anything comes out of the depthwise layer, as the examples had it.
        let mut steps = vec![0.01, 0.01, 0.01, 0.01, 1e-6, 0.0, 0.0];
        parameters[chain.slots(4).weights.start] = 63.0;
        widen(&chain, &parameters, &mut steps);
        assert_eq!(steps[..2], [0.01, 0.01]);
        assert!((steps[4] - 0.01 / MOST_RATIO).abs() < 1e-6, "{steps:?}");
        // A layer that gave nothing at all, too; a head has no bytes.
        assert!(steps[5] > 0.0 && steps[6] == 0.0);
    }

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
