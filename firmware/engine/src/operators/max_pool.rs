//! The largest of each 2x2 block; an odd last row or column is left out.

use crate::shape::{Layout, Shape};
use core::ops::Range;

/// Halves a tensor.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MaxPool {
    pub input: Shape,
}

impl MaxPool {
    /// Half the size, rounded down.
    pub fn output(&self) -> Shape {
        let Shape {
            height,
            width,
            channels,
        } = self.input;
        Shape::new(height / 2, width / 2, channels)
    }

    /// Computes `rows`; `out` is these rows alone.
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let layout = Layout::new(self.input);
        let row = self.output().width * layout.stride;
        for (out, y) in out.chunks_exact_mut(row).zip(rows) {
            let (above, below) = input[2 * y * layout.row()..].split_at(layout.row());
            let blocks = above
                .chunks_exact(2 * layout.stride)
                .zip(below.chunks_exact(2 * layout.stride));
            for (out, (above, below)) in out.chunks_exact_mut(layout.stride).zip(blocks) {
                let (a, b) = above.split_at(layout.stride);
                let (c, d) = below.split_at(layout.stride);
                let pixels = a.iter().zip(b).zip(c.iter().zip(d));
                for (out, ((a, b), (c, d))) in out.iter_mut().zip(pixels) {
                    *out = *a.max(b).max(c.max(d));
                }
            }
        }
    }
}
