//! Which rows of an output a worker makes, and where they lie.

use super::super::layout::Layout;
use core::ops::Range;

/// Rows to make.
pub(crate) struct Rows<'a> {
    pub target: Target,
    pub range: Range<usize>,
    /// The rows of the range with their borders, and nothing else.
    pub out: &'a mut [f32],
}

/// Where pixels lie in [`Rows::out`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub width: usize,
    /// The range's first row.
    first: usize,
    left: usize,
    row: usize,
    pixel: usize,
}

impl Target {
    pub fn new(output: Layout, first: usize) -> Target {
        let [_, left, ..] = output.border;
        Target {
            width: output.shape.width,
            first,
            left: left * output.stride(),
            row: output.row(),
            pixel: output.stride(),
        }
    }

    /// Where pixel (`y`, `x`) of the tensor begins.
    #[inline(always)]
    pub fn at(&self, y: usize, x: usize) -> usize {
        (y - self.first) * self.row + self.left + x * self.pixel
    }
}
