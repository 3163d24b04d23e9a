//! Steps that only move numbers to other places, one by one: they are rare and small.

use super::super::layout::Layout;
use super::rows::Rows;

/// Moves numbers.
#[derive(Clone, Debug)]
pub(crate) struct Scatter {
    input: Layout,
    output: Layout,
    /// Output pixels along a side that come from one input pixel.
    block: usize,
    /// Floats from channel to channel, and from the channels of one pixel of a block to the next one's.
    steps: [usize; 2],
}

impl Scatter {
    pub fn depth_to_space(block: usize, input: Layout, output: Layout) -> Scatter {
        Scatter {
            input,
            output,
            block,
            steps: [1, output.shape.channels],
        }
    }

    pub fn interleave(input: Layout, output: Layout) -> Scatter {
        Scatter {
            input,
            output,
            block: 1,
            steps: [input.plane(), 0],
        }
    }

    pub fn run(&self, input: &[f32], rows: Rows<'_>) {
        let [channel, next] = self.steps;
        let channels = self.output.shape.channels;
        let block = self.block;
        for y in rows.range {
            for x in 0..rows.target.width {
                let from = self.input.origin()
                    + (y / block) * self.input.row()
                    + (x / block) * self.input.stride()
                    + ((y % block) * block + x % block) * next;
                let out = &mut rows.out[rows.target.at(y, x)..][..self.output.stride()];
                out[channels..].fill(0.0);
                for (index, out) in out[..channels].iter_mut().enumerate() {
                    *out = input[from + index * channel];
                }
            }
        }
    }
}
