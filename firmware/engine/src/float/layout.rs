//! How a tensor lies in the arena.

use crate::shape::{Geometry, Shape};

/// Channels are padded to a multiple of this.
pub(crate) const GRANULE: usize = 8;

/// Rows of pixels with a border of zeros around them, as wide as those who read it need.
///
/// Channels lie together, `stride` floats from pixel to pixel; those past the shape's are zeros. A *planar*
/// tensor, a picture as networks take it, has a plane for each channel instead, each with its border.
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

    /// Floats of a plane; of the whole tensor if it is not planar.
    pub fn plane(&self) -> usize {
        self.rows() * self.row()
    }

    /// Floats of the tensor.
    pub fn len(&self) -> usize {
        let planes = if self.planar { self.shape.channels } else { 1 };
        planes * self.plane()
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
    ///
    /// The right border of a planar tensor also takes in tiles of `tile` outputs that reach past the end of a row.
    pub fn reach(&mut self, geometry: Geometry, height: usize, width: usize, tile: usize) {
        let width = if self.planar {
            width.next_multiple_of(tile)
        } else {
            width
        };
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

    /// Zeroes the border; `plane` is a plane.
    pub fn clear_border(&self, plane: &mut [f32]) {
        let [top, left, bottom, right] = self.border;
        let row = self.row();
        if row == 0 {
            return;
        }
        plane[..top * row].fill(0.0);
        let end = self.plane() - bottom * row;
        plane[end..self.plane()].fill(0.0);
        let (left, right) = (left * self.stride(), right * self.stride());
        if left + right == 0 {
            return;
        }
        for row in plane[top * row..end].chunks_exact_mut(row) {
            let length = row.len();
            row[..left].fill(0.0);
            row[length - right..].fill(0.0);
        }
    }
}
