//! Pruning: a chain without the channels that matter least, sixteen at a time.
//!
//! Kernels compute channels in sixteens, so less than sixteen fewer saves nothing.

use crate::branch::Branch;
use crate::chain::backward::Importance;
use crate::chain::{Chain, Layer, Map};

/// Channels that are removed together.
pub const GROUP: usize = 16;

/// Sixteen channels that could go.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The layer whose output loses them.
    pub layer: usize,
    /// The channels that stay, in order.
    pub keep: Vec<usize>,
    /// What they matter, to first order; in the importance's unit.
    pub importance: f64,
    /// Multiplications that are saved.
    pub saved: usize,
}

/// The groups that could go, one for each layer that has more than one.
///
/// Within a layer these are its sixteen least important channels.
pub fn candidates(chain: &Chain, importance: &Importance) -> Vec<Candidate> {
    let mut found = Vec::new();
    for layer in 0..chain.layers().len().saturating_sub(1) {
        let channels = chain.maps()[layer + 1].channels;
        if !chooses(chain.layers()[layer]) || channels < 2 * GROUP {
            continue;
        }
        let matters = &importance.channels[layer];
        let mut order: Vec<usize> = (0..channels).collect();
        order.sort_by(|&a, &b| matters[a].total_cmp(&matters[b]));
        let (go, stay) = order.split_at(GROUP);
        let mut keep = stay.to_vec();
        keep.sort_unstable();
        let smaller = narrowed(chain, layer, keep.len());
        found.push(Candidate {
            layer,
            importance: go.iter().map(|&channel| f64::from(matters[channel])).sum(),
            saved: chain.macs() - smaller.macs(),
            keep,
        });
    }
    found
}

/// Whether a layer has a say in how many channels it gives.
fn chooses(layer: Layer) -> bool {
    matches!(
        layer,
        Layer::Connected(_) | Layer::Convolution(_) | Layer::Point(_)
    )
}

fn narrowed(chain: &Chain, layer: usize, channels: usize) -> Chain {
    let mut layers = chain.layers().to_vec();
    layers[layer] = match layers[layer] {
        Layer::Connected(map) => Layer::Connected(Map { channels, ..map }),
        Layer::Convolution(_) => Layer::Convolution(channels),
        Layer::Point(_) => Layer::Point(channels),
        other => other,
    };
    Chain::new(chain.input(), &layers)
}

/// Takes the channels away from a branch; what it knows of the others it keeps.
pub fn remove(branch: &mut Branch, candidate: &Candidate) {
    let smaller = narrowed(&branch.chain, candidate.layer, candidate.keep.len());
    let kept = kept(&branch.chain, candidate.layer, &candidate.keep);
    branch.parameters = kept.iter().map(|&at| branch.parameters[at]).collect();
    branch.adam.keep(&kept);
    branch.chain = smaller;
    branch.steps = None;
}

/// Where the parameters that stay lay before, in their new order.
fn kept(chain: &Chain, layer: usize, keep: &[usize]) -> Vec<usize> {
    let all = |map: &Map| (0..map.channels).collect::<Vec<usize>>();
    let mut channels: Vec<Vec<usize>> = chain.maps().iter().map(all).collect();
    channels[layer + 1] = keep.to_vec();
    // Layers that take channels as they come pass the choice on.
    for later in layer + 1..chain.layers().len() {
        if chooses(chain.layers()[later]) {
            break;
        }
        channels[later + 1] = keep.to_vec();
    }
    let mut kept = Vec::new();
    for (index, &kind) in chain.layers().iter().enumerate() {
        let (from, to) = (chain.maps()[index], chain.maps()[index + 1]);
        let (inputs, outputs) = (&channels[index], &channels[index + 1]);
        let slots = chain.slots(index);
        let rows: Vec<usize> = match kind {
            Layer::Convolution(_) => (0..9)
                .flat_map(|tap| inputs.iter().map(move |&input| tap * from.channels + input))
                .collect(),
            Layer::Connected(_) | Layer::Point(_) => inputs.clone(),
            Layer::Depthwise => (0..9).collect(),
            Layer::Upsample => Vec::new(),
        };
        let places = match kind {
            Layer::Connected(map) => map.places(),
            _ => 1,
        };
        let columns: Vec<usize> = (0..places)
            .flat_map(|place| {
                outputs
                    .iter()
                    .map(move |&output| place * to.channels + output)
            })
            .collect();
        for row in rows {
            let start = slots.weights.start + row * places * to.channels;
            kept.extend(columns.iter().map(|&column| start + column));
        }
        if !slots.bias.is_empty() {
            kept.extend(columns.iter().map(|&column| slots.bias.start + column));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::forward::Run;
    use crate::random::Random;
    use sfumato_generator::network::inputs::INPUTS;
    use sfumato_generator::network::{Grain, Head, Part};

    fn output(branch: &Branch, input: &[f32]) -> Vec<f32> {
        let mut run = Run::new(&branch.chain, 1);
        branch
            .chain
            .forward(&branch.parameters, None, input, &mut run);
        let mut out = vec![0.0; branch.chain.output().numbers()];
        run.output(&branch.chain, 0, &mut out);
        out
    }

    #[test]
    fn channels_that_say_nothing_go_without_a_trace() {
        let layers = [
            Layer::Connected(Map::vector(32)),
            Layer::Connected(Map::new(3, 4, 32)),
            Layer::Upsample,
            Layer::Depthwise,
            Layer::Convolution(32),
            Layer::Point(2),
        ];
        let mut random = Random::new(4);
        for layer in [0, 1, 4] {
            let head = Head::new(Part::Skin, Grain::Fine);
            let mut branch = Branch::new(head, Chain::new(INPUTS, &layers), 9);
            // A branch that knows nothing would say nothing, whatever is taken from it.
            branch.parameters = branch.chain.initial(9);
            // Silence every other channel of this layer: no weights, no bias.
            let to = branch.chain.maps()[layer + 1];
            let slots = branch.chain.slots(layer).clone();
            for range in [slots.weights, slots.bias] {
                for (index, parameter) in branch.parameters[range].iter_mut().enumerate() {
                    if index % to.channels % 2 == 1 {
                        *parameter = 0.0;
                    }
                }
            }
            let input: Vec<f32> = (0..INPUTS).map(|_| random.normal()).collect();
            let before = output(&branch, &input);
            assert!(before.iter().any(|said| said.abs() > 0.01), "{before:?}");
            let mut importance = Importance::new(&branch.chain);
            for channel in (0..32).step_by(2) {
                importance.channels[layer][channel] = 1.0;
            }
            let found = candidates(&branch.chain, &importance);
            let candidate = found.iter().find(|c| c.layer == layer).unwrap();
            assert_eq!(candidate.importance, 0.0);
            let macs = branch.chain.macs();
            remove(&mut branch, candidate);
            assert_eq!(branch.chain.macs(), macs - candidate.saved);
            assert_eq!(branch.parameters.len(), branch.chain.parameters());
            let after = output(&branch, &input);
            for (a, b) in before.iter().zip(&after) {
                assert!(
                    (a - b).abs() < 1e-4 * (1.0 + a.abs()),
                    "layer {layer}: {a} {b}"
                );
            }
        }
    }
}
