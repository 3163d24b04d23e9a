//! A convolution of a picture that lies in planes: the first layer of most networks.
//!
//! Neighbouring pixels of a plane lie together, so nothing needs to be gathered: a tile's numbers
//! under one place of the kernel are a stretch of a row, or every second number of one.

use super::super::lanes::{Lanes, Work};
use super::super::layout::Layout;
use super::dense::Panel;
use super::finish::Finisher;
use super::rows::Target;
use super::tile::{Spots, start, store};
use crate::shape::Geometry;
use core::ops::Range;

/// The convolution during a run.
#[derive(Clone, Copy)]
pub(crate) struct Planar<'a, L: Lanes> {
    pub lanes: L,
    pub input: &'a [f32],
    pub layout: Layout,
    pub geometry: Geometry,
    pub panel: &'a Panel,
    pub finish: Finisher<'a, L>,
}

impl<L: Lanes> Planar<'_, L> {
    /// Tiles do not go on in the next row.
    #[inline(always)]
    pub fn run<const TILE: usize>(self, rows: Range<usize>, target: Target, out: &mut [L::Array]) {
        for y in rows {
            for x in (0..target.width).step_by(TILE) {
                let mut spots = Spots::<TILE>::new(TILE.min(target.width - x));
                for index in 0..spots.count {
                    spots.out[index] = target.at(y, x + index) / L::COUNT;
                    spots.second[index] = self.finish.place(y, x + index);
                }
                let stride = self.geometry.stride;
                let first = self.layout.window(self.geometry) + stride * (y * self.layout.row() + x);
                self.panel.each(self.lanes, |vectors, vector, weights, bias| {
                    let tile = Tile {
                        planar: self,
                        first,
                        weights,
                        bias,
                        vector,
                        spots: &spots,
                        out,
                    };
                    match stride {
                        1 => tile.multiply::<1>(vectors),
                        _ => tile.multiply::<2>(vectors),
                    }
                });
            }
        }
    }
}

/// A tile and a group of vectors.
struct Tile<'a, L: Lanes, const TILE: usize> {
    planar: Planar<'a, L>,
    /// Where the window of the first pixel begins.
    first: usize,
    weights: &'a [L::Array],
    bias: &'a [L::Array],
    /// The group's first vector.
    vector: usize,
    spots: &'a Spots<TILE>,
    out: &'a mut [L::Array],
}

impl<L: Lanes, const TILE: usize> Tile<'_, L, TILE> {
    #[inline(always)]
    fn multiply<const STRIDE: usize>(self, vectors: usize) {
        let lanes = self.planar.lanes;
        match vectors {
            1 => lanes.vectorise(Group::<L, TILE, STRIDE, 1>(self)),
            2 => lanes.vectorise(Group::<L, TILE, STRIDE, 2>(self)),
            3 => lanes.vectorise(Group::<L, TILE, STRIDE, 3>(self)),
            _ => lanes.vectorise(Group::<L, TILE, STRIDE, { super::tile::MOST_VECTORS }>(self)),
        }
    }
}

struct Group<'a, L: Lanes, const TILE: usize, const STRIDE: usize, const VECTORS: usize>(
    Tile<'a, L, TILE>,
);

impl<L: Lanes, const TILE: usize, const STRIDE: usize, const VECTORS: usize> Work
    for Group<'_, L, TILE, STRIDE, VECTORS>
{
    #[inline(always)]
    fn run(self) {
        let tile = self.0;
        let Planar {
            lanes,
            input,
            layout,
            geometry,
            finish,
            ..
        } = tile.planar;
        let (row, plane) = (layout.row(), layout.plane());
        let mut weights = tile.weights.as_chunks::<VECTORS>().0.iter();
        let mut sums = start::<L, TILE, VECTORS>(lanes, tile.bias);
        for ky in 0..geometry.kernel {
            for kx in 0..geometry.kernel {
                let place = tile.first + ky * row + kx;
                let channels = (0..layout.shape.channels).map(|channel| place + channel * plane);
                for (at, weights) in channels.zip(&mut weights) {
                    let numbers = &input[at..][..(TILE - 1) * STRIDE + 1];
                    let mut vectors = [lanes.splat(0.0); VECTORS];
                    for (vector, weights) in vectors.iter_mut().zip(weights) {
                        *vector = lanes.load(weights);
                    }
                    for (pixel, sums) in sums.iter_mut().enumerate() {
                        let number = lanes.splat(numbers[pixel * STRIDE]);
                        for (sum, weight) in sums.iter_mut().zip(&vectors) {
                            *sum = lanes.mul_add(number, *weight, *sum);
                        }
                    }
                }
            }
        }
        store(lanes, &finish, tile.vector, &sums, tile.spots, tile.out);
    }
}
