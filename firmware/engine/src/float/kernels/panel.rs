//! Weights and biases in the order in which tiles read them.

use super::super::lanes::Lanes;
use super::super::layout::GRANULE;
use super::super::memory::Aligned;
use super::tile::MOST_VECTORS;
use crate::shape::Shape;
use alloc::vec::Vec;

/// Weights and biases by groups of output vectors, for tiles of so many pixels.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub tile: usize,
    /// How many vectors each group has.
    groups: Vec<usize>,
    /// For each group: for each product, a vector for each of the group's.
    weights: Aligned,
    /// For each group: a vector for each of the group's.
    bias: Aligned,
    /// Where a tile's first number for each product lies.
    pub places: Vec<usize>,
}

impl Panel {
    /// `weights` in the order output channel, product; for tiles of so many pixels and at most so many vectors.
    pub fn new<L: Lanes>(
        _: L,
        (tile, most): (usize, usize),
        places: Vec<usize>,
        weights: &[f32],
        bias: &[f32],
    ) -> Panel {
        let products = places.len();
        // Those past the last whole granule exist only in the widest vectors.
        let vectors = bias.len().next_multiple_of(GRANULE).div_ceil(L::COUNT);
        let mut groups = Vec::new();
        let mut left = vectors;
        while left > 0 {
            let group = most.min(left);
            // Tiles exist for one, two, three and eight vectors.
            let group = if group == MOST_VECTORS {
                group
            } else {
                group.min(3)
            };
            groups.push(group);
            left -= group;
        }
        let mut aligned = Aligned::zeroed(vectors * products * L::COUNT);
        let mut start = Aligned::zeroed(vectors * L::COUNT);
        start.get_mut()[..bias.len()].copy_from_slice(bias);
        let mut first = 0;
        let mut at = 0;
        for group in &groups {
            let lanes = group * L::COUNT;
            for product in 0..products {
                for lane in 0..lanes {
                    if let Some(row) = weights.chunks_exact(products).nth(first + lane) {
                        aligned.get_mut()[at + lane] = row[product];
                    }
                }
                at += lanes;
            }
            first += lanes;
        }
        Panel {
            tile,
            groups,
            weights: aligned,
            bias: start,
            places,
        }
    }

    /// The groups, one after the other.
    #[inline(always)]
    pub fn groups<L: Lanes>(&self, lanes: L) -> Groups<'_, L> {
        Groups {
            sizes: &self.groups,
            products: self.places.len(),
            first: 0,
            weights: lanes.chunks(self.weights.get()),
            bias: lanes.chunks(self.bias.get()),
        }
    }
}

/// A few vectors of output channels.
pub(crate) struct Group<'a, L: Lanes> {
    pub vectors: usize,
    /// The first vector's number.
    pub first: usize,
    pub weights: &'a [L::Array],
    pub bias: &'a [L::Array],
}

/// What is left of a panel.
pub(crate) struct Groups<'a, L: Lanes> {
    sizes: &'a [usize],
    products: usize,
    first: usize,
    weights: &'a [L::Array],
    bias: &'a [L::Array],
}

impl<'a, L: Lanes> Iterator for Groups<'a, L> {
    type Item = Group<'a, L>;

    #[inline(always)]
    fn next(&mut self) -> Option<Group<'a, L>> {
        let (&vectors, others) = self.sizes.split_first()?;
        let (weights, further) = self.weights.split_at(vectors * self.products);
        let (bias, rest) = self.bias.split_at(vectors);
        let first = self.first;
        *self = Groups {
            sizes: others,
            products: self.products,
            first: first + vectors,
            weights: further,
            bias: rest,
        };
        Some(Group {
            vectors,
            first,
            weights,
            bias,
        })
    }
}

/// The tile for an output: how many pixels, and how many vectors at most.
pub(crate) fn shape<L: Lanes>(_: L, output: Shape) -> (usize, usize) {
    let [two, three] = L::TILES;
    let vectors = output.channels.next_multiple_of(GRANULE).div_ceil(L::COUNT);
    if output.height * output.width == 1 {
        (1, MOST_VECTORS)
    } else if vectors.is_multiple_of(3) {
        (three, 3)
    } else {
        (two, 2)
    }
}
