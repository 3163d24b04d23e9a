//! How large the network of each part begins.

use crate::branch::Branch;
use crate::chain::{Chain, Layer, Map};
use sfumato_generator::network::inputs::{INPUTS, TURN_INPUTS};
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

/// How a head is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// A [polynomial](crate::polynomial) of the head's angles: at once.
    Polynomial,
    /// A sum of pictures behind bends of the motion: as a [sketch](crate::sketch).
    Sum,
    /// Convolutions: layer by layer, down the slopes of the loss.
    Descent,
}

/// The way of a head.
pub fn way(head: Head) -> Way {
    match (head.part, head.grain) {
        (Part::Turn, _) => Way::Polynomial,
        (Part::Skin, _) | (_, Grain::Broad) => Way::Sum,
        _ => Way::Descent,
    }
}

/// How many of the motion's numbers a head reads, from the first on.
pub fn reads(head: Head) -> usize {
    match way(head) {
        Way::Polynomial => TURN_INPUTS,
        _ => INPUTS,
    }
}

fn chain(head: Head, width: Width) -> Chain {
    match way(head) {
        Way::Polynomial | Way::Sum => pictures(head),
        Way::Descent => convolutions(head, width),
    }
}

/// Bends of the motion, and a picture for each mixture of them; for eyes of each bend; for the turn of each
/// product of angles.
///
/// The pictures have nearly all the bytes of a network and hardly any of its multiplications. How
/// many there are is what its size allows.
fn pictures(head: Head) -> Chain {
    let [rows, columns, channels] = head.shape();
    let pictures = Layer::Connected(Map::new(rows, columns, channels));
    let hidden = |numbers| Layer::Connected(Map::vector(numbers));
    match head.part {
        Part::Turn => Chain::new(reads(head), &[pictures]),
        Part::Skin => Chain::new(INPUTS, &[hidden(192), hidden(64), pictures]),
        Part::Mouth => Chain::new(INPUTS, &[hidden(192), hidden(64), pictures]),
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
