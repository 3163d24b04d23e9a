//! How large the network of each part begins.

use crate::branch::Branch;
use crate::chain::{Chain, Layer, Map};
use sfumato_generator::network::inputs::INPUTS;
use sfumato_generator::network::{Grain, Head, Part};

/// How much there is to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// More channels than the device needs: to be pruned.
    Wide,
    /// As small as pruning would make it, for a short bake.
    Narrow,
}

/// The branches of a part before they learn; chance begins at `seed`.
pub fn branches(part: Part, width: Width, seed: u64) -> Vec<Branch> {
    let heads = Head::ALL.into_iter().enumerate();
    heads
        .filter(|(_, head)| head.part == part)
        .map(|(index, head)| Branch::new(head, chain(head, width), seed + index as u64))
        .collect()
}

/// Whether a head is a sum of pictures, to be learned as a [sketch](crate::sketch).
pub fn is_sum(head: Head) -> bool {
    head.part == Part::Skin || head.grain == Grain::Broad
}

fn chain(head: Head, width: Width) -> Chain {
    if is_sum(head) {
        pictures(head)
    } else {
        convolutions(head, width)
    }
}

/// Bends of the motion, and a picture for each mixture of them; for eyes of each bend.
///
/// The pictures have nearly all the bytes of a network and hardly any of its multiplications. How
/// many there are is what its size allows.
fn pictures(head: Head) -> Chain {
    let [rows, columns, channels] = head.shape();
    let pictures = Layer::Connected(Map::new(rows, columns, channels));
    let hidden = |numbers| Layer::Connected(Map::vector(numbers));
    match head.part {
        Part::Turn => Chain::new(INPUTS, &[hidden(128), hidden(32), pictures]),
        Part::Skin => Chain::new(INPUTS, &[hidden(192), hidden(48), pictures]),
        Part::Mouth => Chain::new(INPUTS, &[hidden(192), hidden(48), pictures]),
        Part::EyeRight | Part::EyeLeft => Chain::new(INPUTS, &[hidden(32), pictures]),
    }
}

/// A small map of the motion, three times doubled. Channels are many where the map is small; at
/// full size each place looks around once (depthwise) and thinks (1x1), which costs a fifth of a
/// full convolution.
fn convolutions(head: Head, width: Width) -> Chain {
    let [rows, columns, channels] = head.shape();
    let [small, large] = match width {
        Width::Wide => [48, 32],
        Width::Narrow => [32, 16],
    };
    Chain::new(
        INPUTS,
        &[
            Layer::Connected(Map::vector(32)),
            Layer::Connected(Map::new(rows / 8, columns / 8, 16)),
            Layer::Convolution(small),
            Layer::Upsample,
            Layer::Convolution(small),
            Layer::Upsample,
            Layer::Convolution(large),
            Layer::Upsample,
            Layer::Depthwise,
            Layer::Point(large),
            Layer::Convolution(channels),
        ],
    )
}
