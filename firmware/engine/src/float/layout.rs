//! How a tensor lies in the arena.

use crate::shape::{Geometry, Shape};

/// Channels are padded to a multiple of this.
pub(crate) const GRANULE: usize = 8;

/// Rows of pixels with a border of zeros around them, as wide as those who read it need.
///
/// Channels lie together, `stride` floats from pixel to pixel; those past the shape's are zeros. A *planar*
/// tensor, a picture as networks take it, has a plane for each channel instead and no border: it is the
/// caller's own memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    pub shape: Shape,
    pub planar: bool,
    /// Rows and columns of zeros: top, left, bottom, right.
    pub border: [usize; 4],
}

impl Layout {
    pub fn new(shape: Shape, planar: bool) -> Layout {
        Layout {
            shape,
            planar,
            border: [0; 4],
        }
    }

    /// Floats from pixel to pixel.
    pub fn stride(&self) -> usize {
        if self.planar {
            1
        } else {
            self.shape.channels.next_multiple_of(GRANULE)
        }
    }

    /// Floats of a row, with its border.
    pub fn row(&self) -> usize {
        let [_, left, _, right] = self.border;
        (left + self.shape.width + right) * self.stride()
    }

    /// Rows, with the border's.
    pub fn rows(&self) -> usize {
        let [top, _, bottom, _] = self.border;
        top + self.shape.height + bottom
    }

    /// Floats of a plane, where the tensor is planar.
    pub fn plane(&self) -> usize {
        self.shape.height * self.shape.width
    }

    /// Floats of the tensor.
    pub fn len(&self) -> usize {
        if self.planar {
            self.shape.len()
        } else {
            self.rows() * self.row()
        }
    }

    /// Where the first pixel lies.
    pub fn origin(&self) -> usize {
        let [top, left, ..] = self.border;
        top * self.row() + left * self.stride()
    }

    /// Where the window of the first output lies.
    pub fn window(&self, geometry: Geometry) -> usize {
        let [top, left, ..] = geometry.padding;
        self.origin() - top * self.row() - left * self.stride()
    }

    /// Widens the border for a reader whose output has `height` and `width`.
    pub fn reach(&mut self, geometry: Geometry, height: usize, width: usize) {
        if self.planar {
            return;
        }
        let [top, left, ..] = geometry.padding;
        let end = |count: usize, before: usize, size: usize| {
            ((count - 1) * geometry.stride + geometry.kernel).saturating_sub(before + size)
        };
        let needed = [
            top,
            left,
            end(height, top, self.shape.height),
            end(width, left, self.shape.width),
        ];
        for (border, needed) in self.border.iter_mut().zip(needed) {
            *border = (*border).max(needed);
        }
    }

    /// Zeroes the border.
    pub fn clear_border(&self, tensor: &mut [f32]) {
        let [top, left, bottom, right] = self.border;
        let row = self.row();
        if row == 0 {
            return;
        }
        let end = self.len() - bottom * row;
        tensor[..top * row].fill(0.0);
        tensor[end..].fill(0.0);
        let (left, right) = (left * self.stride(), right * self.stride());
        if left + right == 0 {
            return;
        }
        for row in tensor[top * row..end].chunks_exact_mut(row) {
            let length = row.len();
            row[..left].fill(0.0);
            row[length - right..].fill(0.0);
        }
    }
}
