//! A convolution of a picture that lies in planes: the first layer of most networks.
//!
//! Neighbouring pixels of a plane lie together, so nothing needs to be gathered: a tile's numbers
//! under one place of the kernel are a stretch of a row, or every second number of one. Only what lies under tiles that reach
//! past an edge is copied first, with the zeros around it. Tiles do not go on in the next row.

use super::super::lanes::Lanes;
use super::super::layout::Layout;
use super::finish::Finisher;
use super::panel::Panel;
use super::rows::Target;
use super::tile::{Spots, Tile};
use crate::shape::{Geometry, Shape};
use alloc::vec::Vec;
use core::ops::Range;

/// The convolution during a run.
pub(crate) struct Planar<'a, L: Lanes> {
    pub lanes: L,
    pub input: &'a [f32],
    pub layout: Layout,
    pub geometry: Geometry,
    pub panel: &'a Panel,
    /// As [`Panel::places`], for numbers gathered at an edge.
    pub edges: &'a [usize],
    pub finish: Finisher<'a, L>,
    pub target: Target,
}

impl<L: Lanes> Planar<'_, L> {
    #[inline(always)]
    pub fn run<const TILE: usize>(
        &self,
        rows: Range<usize>,
        out: &mut [L::Array],
        scratch: &mut [f32],
    ) {
        let Shape { height, width, .. } = self.layout.shape;
        let Geometry {
            kernel,
            stride,
            padding: [top, left, ..],
        } = self.geometry;
        let columns = edge_columns(self.geometry, TILE);
        for y in rows {
            for x in (0..self.target.width).step_by(TILE) {
                let mut spots = Spots::<TILE>::new(TILE.min(self.target.width - x));
                for index in 0..spots.count {
                    spots.out[index] = self.target.at(y, x + index) / L::COUNT;
                    spots.second[index] = self.finish.place(y, x + index);
                }
                // With the border before it.
                let (row, column) = (y * stride, x * stride);
                let inside = (top <= row && row + kernel <= top + height)
                    && (left <= column && column + columns <= left + width);
                let (numbers, places) = if inside {
                    let first = (row - top) * width + column - left;
                    (&self.input[first..], &*self.panel.places)
                } else {
                    self.gather(row, column, columns, scratch);
                    (&*scratch, self.edges)
                };
                for group in self.panel.groups(self.lanes) {
                    let tile = Tile {
                        lanes: self.lanes,
                        numbers,
                        places,
                        weights: group.weights,
                        bias: group.bias,
                        first: group.first,
                        finish: &self.finish,
                        spots: &spots,
                        out,
                    };
                    match stride {
                        1 => tile.multiply::<1>(group.vectors),
                        _ => tile.multiply::<2>(group.vectors),
                    }
                }
            }
        }
    }

    /// Copies what lies under a tile, from (`row`, `column`) of the picture with its border on.
    fn gather(&self, row: usize, column: usize, columns: usize, scratch: &mut [f32]) {
        let Shape { height, width, .. } = self.layout.shape;
        let Geometry {
            kernel,
            padding: [top, left, ..],
            ..
        } = self.geometry;
        let lines = scratch.chunks_exact_mut(columns);
        let planes = self.input.chunks_exact(self.layout.plane());
        let rows = planes.flat_map(|plane| (row..row + kernel).map(move |row| (plane, row)));
        for (line, (plane, row)) in lines.zip(rows) {
            line.fill(0.0);
            let Some(row) = row.checked_sub(top).filter(|row| *row < height) else {
                continue;
            };
            // The picture's columns that the line has, and where in the line they begin.
            let before = left.saturating_sub(column).min(columns);
            let first = column.saturating_sub(left).min(width);
            let count = (columns - before).min(width - first);
            let from = &plane[row * width + first..][..count];
            line[before..before + count].copy_from_slice(from);
        }
    }
}

/// How many columns lie under a tile.
pub(crate) fn edge_columns(geometry: Geometry, tile: usize) -> usize {
    (tile - 1) * geometry.stride + geometry.kernel
}

/// Where a picture's numbers lie from a window's first on, in the order of products.
pub(crate) fn places(input: Layout, geometry: Geometry) -> Vec<usize> {
    products(input, geometry, input.plane(), input.shape.width)
}

/// The same for numbers that have been gathered at an edge.
pub(crate) fn edge_places(input: Layout, geometry: Geometry, tile: usize) -> Vec<usize> {
    let columns = edge_columns(geometry, tile);
    products(input, geometry, geometry.kernel * columns, columns)
}

fn products(input: Layout, geometry: Geometry, plane: usize, row: usize) -> Vec<usize> {
    let Geometry { kernel, .. } = geometry;
    let channels = input.shape.channels;
    let place = |index: usize| {
        let (channel, place) = (index % channels, index / channels);
        channel * plane + place / kernel * row + place % kernel
    };
    (0..kernel.pow(2) * channels).map(place).collect()
}
