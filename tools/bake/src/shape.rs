//! How large the network of each part begins.

use crate::chain::{Chain, Layer, Map};
use sfumato_generator::network::Part;
use sfumato_generator::network::inputs::INPUTS;

/// How much there is to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// About 0.2 GMAC for all parts: to be pruned.
    Wide,
    /// About 0.12 GMAC: as small as pruning would make it, for a short bake.
    Narrow,
}

/// The chain of a part before it learns.
///
/// A hidden layer bends the motion, a second makes a small map of it, three times doubled. Channels
/// are many where the map is small; at full size each place looks around once (depthwise) and
/// thinks (1x1), which costs a fifth of a full convolution.
pub fn chain(part: Part, width: Width) -> Chain {
    let [rows, columns, channels] = part.shape();
    let [small, large] = match width {
        Width::Wide => [64, 48],
        Width::Narrow => [48, 32],
    };
    // The second connected layer has most of the weights and hardly any of the multiplications:
    // it decides how many bytes a network has.
    let hidden = match part {
        Part::Field => 96,
        Part::Mouth | Part::EyeRight | Part::EyeLeft => 64,
    };
    Chain::new(
        INPUTS,
        &[
            Layer::Connected(Map::vector(hidden)),
            Layer::Connected(Map::new(rows / 8, columns / 8, 32)),
            Layer::Convolution(small),
            Layer::Upsample,
            Layer::Convolution(small),
            Layer::Upsample,
            Layer::Convolution(large),
            Layer::Upsample,
            Layer::Depthwise,
            Layer::Point(32),
            Layer::Convolution(channels),
        ],
    )
}
