//! All channels to all channels, a tile of pixels at a time.
//!
//! What a tile's sums need is first gathered so that it lies together: for each block of channels (of each
//! kernel place), a vector of every pixel. A depthwise convolution before this one is computed there
//! and then, and never written to the arena. `tile` then multiplies.

use super::super::lanes::{Lanes, Work};
use super::super::layout::{GRANULE, Layout};
use super::super::memory::Aligned;
use super::super::operators;
use super::depthwise::{self, Depthwise};
use super::finish::Finish;
use super::planar::Planar;
use super::rows::Rows;
use super::tile::{Depth, Gathered, MOST_VECTORS, Spots};
use crate::shape::{Geometry, Shape};
use alloc::vec::Vec;

/// A convolution, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    input: Layout,
    output: Shape,
    geometry: Geometry,
    before: Option<Depthwise>,
    pub panel: Panel,
    pub finish: Finish,
}

/// Weights and biases by groups of output vectors, for tiles of so many pixels.
#[derive(Clone, Debug)]
pub(crate) struct Panel {
    pub tile: usize,
    /// How many vectors each group has.
    pub groups: Vec<usize>,
    /// For each group: for each product, a vector for each of the group's.
    pub weights: Aligned,
    /// For each group: a vector for each of the group's.
    pub bias: Aligned,
    /// Products of an output number.
    pub products: usize,
}

impl Panel {
    /// `weights` in the order output channel, product.
    fn new<L: Lanes>(_: L, tile: usize, most: usize, weights: &[f32], bias: &[f32]) -> Panel {
        let products = weights.len() / bias.len();
        // Those past the last whole granule exist only in the widest vectors.
        let vectors = bias.len().next_multiple_of(GRANULE).div_ceil(L::COUNT);
        let mut groups = Vec::new();
        let mut left = vectors;
        while left > 0 {
            let group = most.min(left);
            // Tiles exist for one, two, three and eight vectors.
            let group = if group == MOST_VECTORS { group } else { group.min(3) };
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
            products,
        }
    }

    /// Calls `work` with each group: its size, its first vector, its weights, its biases.
    #[inline(always)]
    pub fn each<'a, L: Lanes>(
        &'a self,
        lanes: L,
        mut work: impl FnMut(usize, usize, &'a [L::Array], &'a [L::Array]),
    ) {
        let mut weights = lanes.chunks(self.weights.get());
        let mut bias = lanes.chunks(self.bias.get());
        let mut first = 0;
        for &group in &self.groups {
            let (of_group, others) = weights.split_at(group * self.products);
            let (start, further) = bias.split_at(group);
            work(group, first, of_group, start);
            first += group;
            (weights, bias) = (others, further);
        }
    }
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
        let (tile, most) = tile(lanes, output);
        let before = dense
            .before
            .as_ref()
            .map(|depthwise| Depthwise::new(depthwise, input, None));
        Dense {
            input,
            output,
            geometry: dense.geometry,
            before,
            panel: Panel::new(lanes, tile, most, &dense.weights, &dense.bias),
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
            return 0;
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

/// The tile for an output: how many pixels, and how many vectors at most.
pub(crate) fn tile<L: Lanes>(_: L, output: Shape) -> (usize, usize) {
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
                finish,
            };
            return planar.run::<TILE>(rows.range, rows.target, out);
        }
        let pixel = dense.input.stride() / L::COUNT;
        let blocks = dense.geometry.kernel.pow(2) * pixel;
        let gathered = &mut lanes.chunks_mut(scratch).as_chunks_mut::<TILE>().0[..blocks];
        let patches: Patches<'_, L> = Patches {
            input: lanes.chunks(input),
            pixel,
            row: dense.input.row() / L::COUNT,
            window: dense.input.window(dense.geometry) / L::COUNT,
            geometry: dense.geometry,
        };
        let before = dense.before.as_ref().map(|before| before.on(lanes, input, &[]));
        let depth = Depth {
            blocks: pixel,
            last: dense.input.shape.channels - (pixel - 1) * L::COUNT,
        };
        let width = dense.output.width;
        let total = rows.range.len() * width;
        let (mut y, mut x) = (rows.range.start, 0);
        for first in (0..total).step_by(TILE) {
            let count = TILE.min(total - first);
            let mut spots = Spots::<TILE>::new(count);
            let mut at = 0;
            while at < count {
                let run = (width - x).min(count - at);
                match &before {
                    Some(before) => {
                        for (vector, block) in gathered.iter_mut().enumerate() {
                            let block = &mut block[at..at + run];
                            depthwise_block(lanes, before, vector, (y, x), block);
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
            dense.panel.each(lanes, |vectors, first, weights, start| {
                let tile = Gathered {
                    lanes,
                    gathered,
                    depth,
                    weights,
                    start,
                    first,
                    finish,
                    spots: &spots,
                    out,
                };
                tile.multiply(vectors);
            });
        }
    }
}

/// One block of channels of a run of pixels, through the depthwise convolution and its function.
#[inline(always)]
fn depthwise_block<L: Lanes>(
    lanes: L,
    before: &depthwise::Run<'_, L>,
    vector: usize,
    place: (usize, usize),
    block: &mut [L::Array],
) {
    let count = block.len();
    before.pixels(vector, place, count, |index, sum| {
        lanes.store(&mut block[index], before.finish.finish(0, vector, sum));
    });
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
