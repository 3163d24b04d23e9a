//! A chain: the layers of the network for one head, one after the other, in floating point.
//!
//! ```text
//! motion -> connected -> connected -> map -> convolution -> twice the size -> … -> head
//! ```
//!
//! Every layer but the last ends in ReLU. Maps are stored for several samples below one another,
//! row by row, the channels of a place together, with a border of zeros one place wide around each
//! sample ([`Map::padded`]): so a window of three places is one run of numbers, and a convolution is
//! three products of matrices whose rows overlap, without anything being copied.

pub mod backward;
pub mod forward;
pub mod gemm;

use core::ops::Range;
use serde::{Deserialize, Serialize};
use sfumato_generator::network::Head;

/// Size of a map: rows, columns, channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Map {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
}

impl Map {
    /// A row of numbers.
    pub const fn vector(channels: usize) -> Map {
        Map {
            height: 1,
            width: 1,
            channels,
        }
    }

    /// A picture.
    pub const fn new(height: usize, width: usize, channels: usize) -> Map {
        Map {
            height,
            width,
            channels,
        }
    }

    /// Places of one sample.
    pub fn places(self) -> usize {
        self.height * self.width
    }

    /// Numbers of one sample.
    pub fn numbers(self) -> usize {
        self.places() * self.channels
    }

    /// Width of the border of zeros: vectors have none.
    pub fn border(self) -> usize {
        usize::from(self.places() > 1)
    }

    /// Places from the start of one row to that of the next.
    pub fn stride(self) -> usize {
        self.width + 2 * self.border()
    }

    /// Places of one sample with its border.
    pub fn padded(self) -> usize {
        (self.height + 2 * self.border()) * self.stride()
    }

    /// The numbers of row `row` of sample `sample`, its border left out.
    pub fn row(self, sample: usize, row: usize) -> Range<usize> {
        let place = sample * self.padded() + (row + self.border()) * self.stride() + self.border();
        place * self.channels..(place + self.width) * self.channels
    }
}

/// A layer of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layer {
    /// Every number to every number of a map.
    Connected(Map),
    /// 3x3, to so many channels.
    Convolution(usize),
    /// 1x1, to so many channels.
    Point(usize),
    /// 3x3 of each channel alone.
    Depthwise,
    /// Twice as many rows and columns, each place four times.
    Upsample,
}

/// Where a layer's weights and biases lie among all parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slots {
    pub weights: Range<usize>,
    pub bias: Range<usize>,
}

/// The layers of one head's network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    input: usize,
    layers: Vec<Layer>,
    maps: Vec<Map>,
    slots: Vec<Slots>,
}

impl Chain {
    /// A chain for `input` numbers.
    ///
    /// # Panics
    ///
    /// When there is no layer: chains are made by this crate.
    pub fn new(input: usize, layers: &[Layer]) -> Chain {
        assert!(!layers.is_empty(), "a chain has layers");
        let mut maps = vec![Map::vector(input)];
        let mut slots = Vec::new();
        let mut at = 0;
        for &layer in layers {
            let from = maps[maps.len() - 1];
            let (to, weights) = match layer {
                Layer::Connected(map) => (map, from.numbers() * map.numbers()),
                Layer::Convolution(channels) => {
                    (Map { channels, ..from }, 9 * from.channels * channels)
                }
                Layer::Point(channels) => (Map { channels, ..from }, from.channels * channels),
                Layer::Depthwise => (from, 9 * from.channels),
                Layer::Upsample => {
                    let twice = Map::new(2 * from.height, 2 * from.width, from.channels);
                    (twice, 0)
                }
            };
            let bias = match layer {
                Layer::Connected(map) => map.numbers(),
                Layer::Upsample => 0,
                _ => to.channels,
            };
            slots.push(Slots {
                weights: at..at + weights,
                bias: at + weights..at + weights + bias,
            });
            at += weights + bias;
            maps.push(to);
        }
        Chain {
            input,
            layers: layers.to_vec(),
            maps,
            slots,
        }
    }

    /// A chain whose layers come from a file: none where they cannot be, or ask for more than
    /// `most` parameters.
    pub fn checked(input: usize, layers: &[Layer], most: usize) -> Option<Chain> {
        let side = |side: usize| (1..=256).contains(&side);
        let mut map = Map::vector(input);
        let mut parameters = 0usize;
        for &layer in layers {
            let (from, vector) = (map, map.places() == 1);
            let fits = match layer {
                Layer::Connected(to) => {
                    map = to;
                    vector
                }
                Layer::Convolution(channels) | Layer::Point(channels) => {
                    map.channels = channels;
                    !vector
                }
                Layer::Depthwise => !vector,
                Layer::Upsample => {
                    map = Map::new(2 * map.height, 2 * map.width, map.channels);
                    !vector
                }
            };
            let sides = [map.height, map.width, map.channels];
            if !fits || !sides.into_iter().all(side) {
                return None;
            }
            let numbers = match layer {
                Layer::Connected(to) => (from.numbers() + 1) * to.numbers(),
                _ => 10 * from.channels * map.channels,
            };
            parameters += numbers;
            if parameters > most {
                return None;
            }
        }
        (!layers.is_empty()).then(|| Chain::new(input, layers))
    }

    /// Whether what comes out is what a head needs.
    pub fn output_is(&self, head: Head) -> bool {
        let map = self.output();
        [map.height, map.width, map.channels] == head.shape()
    }

    /// Numbers that go in.
    pub fn input(&self) -> usize {
        self.input
    }

    /// The layers.
    pub fn layers(&self) -> &[Layer] {
        &self.layers
    }

    /// The maps between the layers: the input, then each layer's output.
    pub fn maps(&self) -> &[Map] {
        &self.maps
    }

    /// What comes out.
    pub fn output(&self) -> Map {
        self.maps[self.layers.len()]
    }

    /// Where the parameters of layer `layer` lie.
    ///
    /// Weights are in the order tap row, tap column, input channel, output channel (those of a
    /// connected layer: input number, output number; depthwise: tap, channel).
    pub fn slots(&self, layer: usize) -> &Slots {
        &self.slots[layer]
    }

    /// How many parameters there are.
    pub fn parameters(&self) -> usize {
        self.slots.last().map_or(0, |slots| slots.bias.end)
    }

    /// Multiplications of layer `layer` for one sample.
    pub fn macs_of(&self, layer: usize) -> usize {
        let (from, to) = (self.maps[layer], self.maps[layer + 1]);
        match self.layers[layer] {
            Layer::Connected(_) => from.numbers() * to.numbers(),
            Layer::Convolution(_) => 9 * from.channels * to.numbers(),
            Layer::Point(_) => from.channels * to.numbers(),
            Layer::Depthwise => 9 * to.numbers(),
            Layer::Upsample => 0,
        }
    }

    /// Multiplications for one sample.
    pub fn macs(&self) -> usize {
        (0..self.layers.len())
            .map(|layer| self.macs_of(layer))
            .sum()
    }

    /// How many numbers a sum of layer `layer` adds up: for first weights of a sound size.
    fn fan_in(&self, layer: usize) -> usize {
        let from = self.maps[layer];
        match self.layers[layer] {
            Layer::Connected(_) => from.numbers(),
            Layer::Convolution(_) => 9 * from.channels,
            Layer::Point(_) => from.channels,
            Layer::Depthwise => 9,
            Layer::Upsample => 1,
        }
    }

    /// Parameters to begin with: He et al. 2015, from `seed`; a quiet head.
    pub fn initial(&self, seed: u64) -> Vec<f32> {
        let mut random = crate::random::Random::new(seed);
        let mut parameters = vec![0.0; self.parameters()];
        for layer in 0..self.layers.len() {
            let last = layer + 1 == self.layers.len();
            let gain = if last { 0.1 } else { 1.0 };
            let size = gain * (2.0 / self.fan_in(layer) as f32).sqrt();
            for weight in &mut parameters[self.slots[layer].weights.clone()] {
                *weight = size * random.normal();
            }
            if layer == 0 {
                // Bends spread over the range of the motion rather than all lying at rest.
                for bias in &mut parameters[self.slots[layer].bias.clone()] {
                    *bias = 0.2 * random.normal();
                }
            }
        }
        parameters
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A small chain with every kind of layer.
    pub fn every_kind() -> Chain {
        Chain::new(
            5,
            &[
                Layer::Connected(Map::vector(6)),
                Layer::Connected(Map::new(2, 3, 4)),
                Layer::Convolution(5),
                Layer::Upsample,
                Layer::Depthwise,
                Layer::Point(3),
                Layer::Convolution(2),
            ],
        )
    }

    #[test]
    fn sizes_add_up() {
        let chain = every_kind();
        assert_eq!(chain.output(), Map::new(4, 6, 2));
        let weights = [30, 144, 180, 0, 45, 15, 54];
        let biases = [6, 24, 5, 0, 5, 3, 2];
        for layer in 0..7 {
            assert_eq!(chain.slots(layer).weights.len(), weights[layer]);
            assert_eq!(chain.slots(layer).bias.len(), biases[layer]);
        }
        assert_eq!(
            chain.parameters(),
            weights.iter().sum::<usize>() + biases.iter().sum::<usize>()
        );
        assert_eq!(chain.macs(), 30 + 144 + 6 * 180 + 24 * (45 + 15 + 54));
    }

    #[test]
    fn rows_leave_the_border_out() {
        let map = Map::new(2, 3, 4);
        assert_eq!(map.padded(), 4 * 5);
        assert_eq!(map.row(0, 0), 6 * 4..9 * 4);
        assert_eq!(map.row(1, 1), (20 + 11) * 4..(20 + 14) * 4);
        assert_eq!(Map::vector(7).row(2, 0), 14..21);
    }
}
