//! The loop in which nearly all time is spent: a tile's sums, in registers.
//!
//! Each of a few vectors of output channels has a sum for each pixel of the tile. A step takes one number of every
//! pixel, repeated over all lanes, and multiplies it with one vector of weights for each. It is one plain
//! loop, because among several the sums lose their registers.

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

/// A tile and a group of vectors.
pub(crate) struct Tile<'a, L: Lanes, const TILE: usize> {
    pub lanes: L,
    /// From the first pixel's first number on.
    pub numbers: &'a [f32],
    /// Where the first pixel's number for each product lies.
    pub places: &'a [usize],
    /// For each product, a vector of weights for each of the group's.
    pub weights: &'a [L::Array],
    pub bias: &'a [L::Array],
    /// The group's first vector.
    pub first: usize,
    pub finish: &'a Finisher<'a, L>,
    pub spots: &'a Spots<TILE>,
    pub out: &'a mut [L::Array],
}

/// The distance of a tile's pixels in [`Tile::numbers`]: this many floats, or a vector.
pub(crate) const A_VECTOR: usize = 0;

impl<L: Lanes, const TILE: usize> Tile<'_, L, TILE> {
    /// Computes and stores the sums of a group of so many vectors, for pixels `STEP` apart.
    #[inline(always)]
    pub fn multiply<const STEP: usize>(self, vectors: usize) {
        let lanes = self.lanes;
        match vectors {
            1 => lanes.vectorise(Group::<L, TILE, STEP, 1>(self)),
            2 => lanes.vectorise(Group::<L, TILE, STEP, 2>(self)),
            3 => lanes.vectorise(Group::<L, TILE, STEP, 3>(self)),
            _ => lanes.vectorise(Group::<L, TILE, STEP, MOST_VECTORS>(self)),
        }
    }
}

/// The same with the number of vectors as a constant.
struct Group<'a, L: Lanes, const TILE: usize, const STEP: usize, const VECTORS: usize>(
    Tile<'a, L, TILE>,
);

impl<L: Lanes, const TILE: usize, const STEP: usize, const VECTORS: usize> Work
    for Group<'_, L, TILE, STEP, VECTORS>
{
    #[inline(always)]
    fn run(self) {
        let tile = self.0;
        let lanes = tile.lanes;
        let step = if STEP == A_VECTOR { L::COUNT } else { STEP };
        let mut sums = [[lanes.splat(0.0); VECTORS]; TILE];
        for sums in &mut sums {
            for (sum, bias) in sums.iter_mut().zip(tile.bias) {
                *sum = lanes.load(bias);
            }
        }
        let weights = tile.weights.as_chunks::<VECTORS>().0;
        for (&place, weights) in tile.places.iter().zip(weights) {
            // All are there. Not to index, which could panic, keeps the sums in their registers.
            let Some(numbers) = tile.numbers.get(place..place + (TILE - 1) * step + 1) else {
                break;
            };
            let mut row = [lanes.splat(0.0); VECTORS];
            for (row, weights) in row.iter_mut().zip(weights) {
                *row = lanes.load(weights);
            }
            for (pixel, sums) in sums.iter_mut().enumerate() {
                let number = lanes.splat(numbers[pixel * step]);
                for (sum, weight) in sums.iter_mut().zip(&row) {
                    *sum = lanes.mul_add(number, *weight, *sum);
                }
            }
        }
        for (pixel, sums) in sums.iter().enumerate() {
            if pixel >= tile.spots.count {
                break;
            }
            let out = &mut tile.out[tile.spots.out[pixel] + tile.first..][..VECTORS];
            let second = tile.spots.second[pixel];
            for (vector, (out, sum)) in out.iter_mut().zip(sums).enumerate() {
                let value = tile.finish.finish(second, tile.first + vector, *sum);
                lanes.store(out, value);
            }
        }
    }
}
