//! Fully connected layer on words: the same loop as convolutions of words, over one pixel.

use super::finish::{Ends, Finish, Lines};
use super::lanes::ordered;
use super::rows::Cell;
use super::strip::Strip;
use crate::operators::{Destination, wide};
use crate::scratch::{Needs, Scratch};
use crate::shape::Shape;
use crate::simd::packing::words_cell;
use alloc::vec::Vec;
use core::arch::x86_64::*;

/// A layer's weights and finish.
#[derive(Clone, Debug)]
pub struct Wide {
    output: Shape,
    /// Pairs of input numbers; the arena's padding may hold anything and meets zero weights.
    cells: usize,
    /// For each block of sixteen outputs, and pair of inputs.
    weights: Vec<[__m256i; 2]>,
    /// For each block, its biases.
    start: Vec<[__m256i; 2]>,
    finish: Finish,
}

impl Wide {
    #[target_feature(enable = "avx2")]
    pub fn new(layer: &wide::Wide) -> Wide {
        let cells = layer.inputs.div_ceil(2);
        let blocks = layer.output.channels.div_ceil(16);
        let weight = |output: usize, input: usize| -> i16 {
            if output >= layer.output.channels {
                return 0;
            }
            let weights = layer.weights_of(output);
            weights.get(input).copied().map_or(0, i16::from)
        };
        let mut weights = Vec::with_capacity(blocks * cells);
        for block in 0..blocks {
            for cell in 0..cells {
                weights.push(ordered(|lane| {
                    let output = 16 * block + lane;
                    words_cell([2 * cell, 2 * cell + 1].map(|input| weight(output, input)))
                }));
            }
        }
        let bias = |output: usize| layer.bias.get(output).copied().unwrap_or(0);
        Wide {
            output: layer.output,
            cells,
            weights,
            start: (0..blocks)
                .map(|block| ordered(|lane| bias(16 * block + lane)))
                .collect(),
            finish: Finish::new(&layer.finish, layer.output.channels, 2),
        }
    }

    pub fn needs(&self) -> Needs {
        Needs {
            rows: self.cells,
            sums: self.finish.line_sums(self.output),
            ..Needs::default()
        }
    }

    /// See [`wide::Wide::run`].
    #[target_feature(enable = "avx2")]
    pub fn run(&self, input: &[u8], out: Destination<'_>, scratch: &mut Scratch) {
        let cells = &mut scratch.rows[..self.cells];
        for (cell, &pair) in cells.iter_mut().zip(input.as_chunks::<4>().0) {
            *cell = i32::from_le_bytes(pair);
        }
        let mut lines = Lines::new(self.output, &self.finish, out, &mut scratch.sums);
        let mut line = lines.line(0);
        let blocks = self.start.len();
        let weights = self.weights.chunks_exact(self.cells);
        for (block, (weights, &start)) in weights.zip(&self.start).enumerate() {
            let strip = Strip {
                rows: &[&*cells],
                step: self.cells,
                length: self.cells,
                weights,
                start,
                dots: None,
            };
            strip.sum(Cell::Words, 1, |first, sums| {
                self.finish.put(&mut line, blocks, (first, block), sums);
            });
        }
        lines.end(0, 0, 0);
    }
}
