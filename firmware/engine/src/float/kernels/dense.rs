//! All channels to all channels, a tile of pixels at a time.
//!
//! What a tile's sums need is first gathered so that it lies together: for each block of channels (of each
//! kernel place), a vector of every pixel. A depthwise convolution before this one is computed there
//! and then, and never written to the arena. `tile` then multiplies.

use super::super::lanes::{Lanes, Work};
use super::super::layout::Layout;
use super::super::operators;
use super::depthwise::Depthwise;
use super::finish::Finish;
use super::panel::{self, Panel};
use super::planar::{self, Planar};
use super::rows::Rows;
use super::tile::{A_VECTOR, Spots, Tile};
use crate::shape::{Geometry, Shape};
use alloc::vec::Vec;

/// A convolution, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    input: Layout,
    output: Shape,
    geometry: Geometry,
    before: Option<Depthwise>,
    panel: Panel,
    /// For a planar input: where numbers lie that have been gathered at its edges.
    edges: Vec<usize>,
    finish: Finish,
}

impl Dense {
    pub fn new<L: Lanes>(
        lanes: L,
        dense: &operators::Dense,
        input: Layout,
        output: Shape,
        second: Option<(Layout, bool)>,
        function: &operators::Function,
    ) -> Dense {
        let shape = panel::shape(lanes, output);
        let places = if input.planar {
            planar::places(input, dense.geometry)
        } else {
            gathered_places(lanes, input, dense.geometry, shape.0)
        };
        let edges = if input.planar {
            planar::edge_places(input, dense.geometry, shape.0)
        } else {
            Vec::new()
        };
        let before = dense
            .before
            .as_ref()
            .map(|depthwise| Depthwise::new(depthwise, input, None));
        Dense {
            input,
            output,
            geometry: dense.geometry,
            before,
            edges,
            panel: Panel::new(lanes, shape, places, &dense.weights, &dense.bias),
            finish: Finish::new(function, second),
        }
    }

    /// The name for reports.
    pub fn name(&self) -> &'static str {
        match (self.input.planar, &self.before, self.geometry.kernel) {
            (true, ..) => "planar",
            (_, Some(_), _) => "separable",
            (.., 1) => "point",
            _ => "patches",
        }
    }

    /// Floats of scratch memory.
    pub fn scratch(&self) -> usize {
        if self.input.planar {
            let columns = planar::edge_columns(self.geometry, self.panel.tile);
            return self.input.shape.channels * self.geometry.kernel * columns;
        }
        self.geometry.kernel.pow(2) * self.input.stride() * self.panel.tile
    }

    pub fn work<'a, L: Lanes>(
        &'a self,
        lanes: L,
        input: &'a [f32],
        second: &'a [f32],
        rows: Rows<'a>,
        scratch: &'a mut [f32],
    ) {
        /// Runs with the tile's size as a constant.
        macro_rules! tiles {
            ($($size:literal)*) => {
                match self.panel.tile {
                    $($size => lanes.vectorise(Run::<L, $size> {
                        lanes,
                        dense: self,
                        input,
                        second,
                        rows,
                        scratch,
                    }),)*
                    _ => {}
                }
            };
        }
        tiles!(1 4 6 8 12);
    }
}

/// The convolution during a run.
struct Run<'a, L: Lanes, const TILE: usize> {
    lanes: L,
    dense: &'a Dense,
    input: &'a [f32],
    second: &'a [f32],
    rows: Rows<'a>,
    scratch: &'a mut [f32],
}

impl<L: Lanes, const TILE: usize> Work for Run<'_, L, TILE> {
    #[inline(always)]
    fn run(self) {
        let Run {
            lanes,
            dense,
            input,
            second,
            rows,
            scratch,
        } = self;
        let finish = dense.finish.on(lanes, second);
        let out = lanes.chunks_mut(rows.out);
        if dense.input.planar {
            let planar = Planar {
                lanes,
                input,
                layout: dense.input,
                geometry: dense.geometry,
                panel: &dense.panel,
                edges: &dense.edges,
                finish,
                target: rows.target,
            };
            return planar.run::<TILE>(rows.range, out, scratch);
        }
        let pixel = dense.input.stride() / L::COUNT;
        let blocks = dense.geometry.kernel.pow(2) * pixel;
        let scratch = &mut scratch[..blocks * TILE * L::COUNT];
        let patches: Patches<'_, L> = Patches {
            input: lanes.chunks(input),
            pixel,
            row: dense.input.row() / L::COUNT,
            window: dense.input.window(dense.geometry) / L::COUNT,
            geometry: dense.geometry,
        };
        let before = dense.before.as_ref();
        let before = before.map(|before| before.on(lanes, input, &[]));
        let width = dense.output.width;
        let total = rows.range.len() * width;
        let (mut y, mut x) = (rows.range.start, 0);
        for first in (0..total).step_by(TILE) {
            let count = TILE.min(total - first);
            let mut spots = Spots::<TILE>::new(count);
            let gathered = lanes.chunks_mut(scratch).as_chunks_mut::<TILE>().0;
            let mut at = 0;
            while at < count {
                let run = (width - x).min(count - at);
                match &before {
                    Some(before) => {
                        for (vector, block) in gathered.iter_mut().enumerate() {
                            before.pixels(vector, (y, x), &mut block[at..at + run]);
                        }
                    }
                    None => patches.gather(gathered, at, (y, x), run),
                }
                for index in 0..run {
                    spots.out[at + index] = rows.target.at(y, x + index) / L::COUNT;
                    spots.second[at + index] = finish.place(y, x + index);
                }
                at += run;
                x += run;
                if x == width {
                    (x, y) = (0, y + 1);
                }
            }
            for group in dense.panel.groups(lanes) {
                let tile = Tile {
                    lanes,
                    numbers: scratch,
                    places: &dense.panel.places,
                    weights: group.weights,
                    bias: group.bias,
                    first: group.first,
                    finish: &finish,
                    spots: &spots,
                    out,
                };
                tile.multiply::<A_VECTOR>(group.vectors);
            }
        }
    }
}

/// Where the numbers of the first pixel of a tile are gathered.
fn gathered_places<L: Lanes>(_: L, input: Layout, geometry: Geometry, tile: usize) -> Vec<usize> {
    let (channels, stride) = (input.shape.channels, input.stride());
    let place = |index: usize| {
        let (place, channel) = (index / channels, index % channels);
        let block = (place * stride + channel) / L::COUNT;
        block * tile * L::COUNT + channel % L::COUNT
    };
    let places = geometry.kernel.pow(2);
    (0..places * channels).map(place).collect()
}

/// Where the numbers under a kernel lie, in vectors.
struct Patches<'a, L: Lanes> {
    input: &'a [L::Array],
    pixel: usize,
    row: usize,
    window: usize,
    geometry: Geometry,
}

impl<L: Lanes> Patches<'_, L> {
    /// Copies what lies under the kernel for the outputs (`y`, `x`) and right of it.
    #[inline(always)]
    fn gather<const TILE: usize>(
        &self,
        gathered: &mut [[L::Array; TILE]],
        at: usize,
        (y, x): (usize, usize),
        count: usize,
    ) {
        let Geometry { kernel, stride, .. } = self.geometry;
        let first = self.window + stride * (y * self.row + x * self.pixel);
        for (place, blocks) in gathered.chunks_exact_mut(self.pixel).enumerate() {
            let (row, column) = (place / kernel, place % kernel);
            let first = first + row * self.row + column * self.pixel;
            for index in 0..count {
                let from = &self.input[first + index * stride * self.pixel..][..self.pixel];
                for (block, from) in blocks.iter_mut().zip(from) {
                    block[at + index] = *from;
                }
            }
        }
    }
}
