//! Where a kernel's results go, row by row: to the arena, or to scratch memory.
//!
//! Fixed-point rows are kept in whole blocks of sixteen channels, in the lanes' order, until they
//! are complete; then the channels are put in order and the rest is subtracted.

use crate::operators::Destination;
use crate::scratch::Sums;
use crate::shape::{LANES, Shape};
use alloc::vec::Vec;

/// One row of a layer's output.
pub enum Line<'a> {
    /// Pixels as the arena holds them.
    Bytes(&'a mut [u8]),
    /// Values of one pixel after the other, all blocks of it, in the lanes' order.
    Sums(&'a mut [Sums]),
}

/// How fixed-point rows end.
#[derive(Clone, Debug)]
pub struct Ending {
    /// Where a block's lanes hold each channel.
    pub positions: [usize; LANES],
    /// What is subtracted, for the whole output; empty for none.
    pub rest: Vec<i32>,
}

/// The finish of a layer, which may be fixed point.
pub trait Ends {
    /// How fixed-point rows end; none for bytes.
    fn ending(&self) -> Option<&Ending>;

    /// How many [`Sums`] of scratch memory a row needs.
    fn line_sums(&self, shape: Shape) -> usize {
        match self.ending() {
            None => 0,
            Some(_) => shape.width * shape.channels.div_ceil(LANES),
        }
    }
}

impl Ending {
    /// Ends a row whose values are all there; `y` is its row in the output.
    fn end(&self, shape: Shape, y: usize, values: &[Sums], out: &mut [i32]) {
        let pixels = out.chunks_exact_mut(shape.channels);
        let blocks = shape.channels.div_ceil(LANES);
        for (out, values) in pixels.zip(values.chunks_exact(blocks)) {
            for (out, values) in out.chunks_mut(LANES).zip(values) {
                for (out, &at) in out.iter_mut().zip(&self.positions) {
                    *out = values.0[at % LANES];
                }
            }
        }
        // `rest` is empty where nothing is subtracted.
        let row = out.len();
        let rest = self.rest.get(y * row..).unwrap_or_default();
        for (out, rest) in out.iter_mut().zip(rest) {
            *out -= rest;
        }
    }
}

/// Hands out the lines of an output, one or two at a time.
pub struct Lines<'a, F> {
    shape: Shape,
    finish: &'a F,
    out: Destination<'a>,
    sums: &'a mut [Sums],
}

impl<'a, F: Ends> Lines<'a, F> {
    pub fn new(
        shape: Shape,
        finish: &'a F,
        out: Destination<'a>,
        sums: &'a mut [Sums],
    ) -> Lines<'a, F> {
        Lines {
            shape,
            finish,
            out,
            sums,
        }
    }

    /// The line for row `index` of the output.
    #[inline(always)]
    pub fn line(&mut self, index: usize) -> Line<'_> {
        let [line, _] = self.pair(index);
        line
    }

    /// The lines for rows `index` and the next one.
    ///
    /// Below the last row there is an empty one.
    /// Fixed-point values wait in places 0 and 1 for their line to end.
    #[inline(always)]
    pub fn pair(&mut self, index: usize) -> [Line<'_>; 2] {
        let row = self.shape.width * self.shape.channels.next_multiple_of(LANES);
        match &mut self.out {
            Destination::Bytes(bytes) => {
                let (line, below) = bytes[index * row..].split_at_mut(row);
                let below = below.get_mut(..row).unwrap_or_default();
                [Line::Bytes(line), Line::Bytes(below)]
            }
            Destination::Fixed(_) => {
                let length = self.finish.line_sums(self.shape);
                let (line, below) = self.sums.split_at_mut(length);
                [Line::Sums(line), Line::Sums(below)]
            }
        }
    }

    /// Ends the line for row `index`; its values wait in `slot`.
    ///
    /// In the whole output it is row `y`.
    #[inline(always)]
    pub fn end(&mut self, index: usize, slot: usize, y: usize) {
        if let (Destination::Fixed(values), Some(ending)) = (&mut self.out, self.finish.ending()) {
            let length = self.finish.line_sums(self.shape);
            let row = self.shape.width * self.shape.channels;
            let sums = &self.sums[slot * length..][..length];
            ending.end(self.shape, y, sums, &mut values[index * row..][..row]);
        }
    }
}
