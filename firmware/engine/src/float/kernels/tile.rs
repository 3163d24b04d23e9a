//! The loop in which nearly all time is spent: a tile's sums, in registers.
//!
//! Each of a few vectors of output channels has a sum for each pixel of the tile. A step takes one number of every
//! pixel, repeated over all lanes, and multiplies it with one vector of weights for each.

use super::super::lanes::{Lanes, Work};
use super::finish::Finisher;

/// The most vectors of a group: many where the tile is a single pixel.
pub(crate) const MOST_VECTORS: usize = 8;

/// Where a tile's pixels go and what is added to them, in vectors.
pub(crate) struct Spots<const TILE: usize> {
    /// How many pixels exist.
    pub count: usize,
    pub out: [usize; TILE],
    pub second: [usize; TILE],
}

impl<const TILE: usize> Spots<TILE> {
    #[inline(always)]
    pub fn new(count: usize) -> Self {
        Spots {
            count,
            out: [0; TILE],
            second: [0; TILE],
        }
    }
}

/// Which lanes of the gathered blocks count.
#[derive(Clone, Copy)]
pub(crate) struct Depth {
    /// Blocks of a pixel.
    pub blocks: usize,
    /// Channels in the last of them.
    pub last: usize,
}

/// A tile whose numbers have been gathered, and a group of vectors.
pub(crate) struct Gathered<'a, L: Lanes, const TILE: usize> {
    pub lanes: L,
    pub gathered: &'a [[L::Array; TILE]],
    pub depth: Depth,
    pub weights: &'a [L::Array],
    pub start: &'a [L::Array],
    /// The group's first vector.
    pub first: usize,
    pub finish: Finisher<'a, L>,
    pub spots: &'a Spots<TILE>,
    pub out: &'a mut [L::Array],
}

impl<L: Lanes, const TILE: usize> Gathered<'_, L, TILE> {
    /// Computes and stores the tile's sums of a group of so many vectors.
    #[inline(always)]
    pub fn multiply(self, vectors: usize) {
        let lanes = self.lanes;
        match vectors {
            1 => lanes.vectorise(Group::<L, TILE, 1>(self)),
            2 => lanes.vectorise(Group::<L, TILE, 2>(self)),
            3 => lanes.vectorise(Group::<L, TILE, 3>(self)),
            _ => lanes.vectorise(Group::<L, TILE, MOST_VECTORS>(self)),
        }
    }
}

/// The same with the number of vectors as a constant.
struct Group<'a, L: Lanes, const TILE: usize, const VECTORS: usize>(Gathered<'a, L, TILE>);

impl<L: Lanes, const TILE: usize, const VECTORS: usize> Work for Group<'_, L, TILE, VECTORS> {
    #[inline(always)]
    fn run(self) {
        let tile = self.0;
        let lanes = tile.lanes;
        let mut weights = tile.weights.as_chunks::<VECTORS>().0;
        let mut sums = start::<L, TILE, VECTORS>(lanes, tile.start);
        for (index, block) in tile.gathered.iter().enumerate() {
            let last = (index + 1) % tile.depth.blocks == 0;
            let count = if last { tile.depth.last } else { L::COUNT };
            let (now, later) = weights.split_at(count.min(L::COUNT));
            weights = later;
            for (lane, weights) in now.iter().enumerate() {
                let mut row = [lanes.splat(0.0); VECTORS];
                for (row, weights) in row.iter_mut().zip(weights) {
                    *row = lanes.load(weights);
                }
                for (sums, pixel) in sums.iter_mut().zip(block) {
                    let number = lanes.splat(pixel.as_ref()[lane]);
                    for (sum, weight) in sums.iter_mut().zip(&row) {
                        *sum = lanes.mul_add(number, *weight, *sum);
                    }
                }
            }
        }
        store(lanes, &tile.finish, tile.first, &sums, tile.spots, tile.out);
    }
}

/// Sums before the first product.
#[inline(always)]
pub(crate) fn start<L: Lanes, const TILE: usize, const VECTORS: usize>(
    lanes: L,
    bias: &[L::Array],
) -> [[L::Vector; VECTORS]; TILE] {
    let mut sums = [[lanes.splat(0.0); VECTORS]; TILE];
    for sums in &mut sums {
        for (sum, bias) in sums.iter_mut().zip(bias) {
            *sum = lanes.load(bias);
        }
    }
    sums
}

/// Finishes and stores a tile's sums.
#[inline(always)]
pub(crate) fn store<L: Lanes, const TILE: usize, const VECTORS: usize>(
    lanes: L,
    finish: &Finisher<'_, L>,
    first: usize,
    sums: &[[L::Vector; VECTORS]; TILE],
    spots: &Spots<TILE>,
    out: &mut [L::Array],
) {
    for (pixel, sums) in sums.iter().enumerate() {
        if pixel >= spots.count {
            break;
        }
        let out = &mut out[spots.out[pixel] + first..][..VECTORS];
        for (vector, (out, sum)) in out.iter_mut().zip(sums).enumerate() {
            let value = finish.finish(spots.second[pixel], first + vector, *sum);
            lanes.store(out, value);
        }
    }
}
