//! The built-in painting: the sitter in oil.
//!
//! Made as such a picture is made. The *study* ([`study`]) is what the painter sees: the sitter in the
//! light of one window, before a far landscape, in the colours of a small palette. The *brush*
//! ([`brush`]) lays it down on a toned ground in layers, from broad strokes to fine ones, each
//! stroke following the form. *Glazes* melt the strokes of the flesh into one another. Last
//! comes time ([`age`]): yellow varnish, and the cracks of an old panel with their lit edges.

mod age;
mod brush;
mod landscape;
mod plane;
mod study;

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

/// Paints the built-in painting, `width` by `height` pixels (3:4; 1200 by 1600 is meant).
///
/// Other shapes show more or less of the landscape; the sitter's size follows the height. Calls
/// `progress` now and then with the share done, 0 to 1. The same size gives the same bytes on
/// every machine. Takes some tens of seconds at full size: keep the result.
pub fn paint(width: usize, height: usize, progress: &mut dyn FnMut(f32)) -> Picture {
    let (width, height) = (width.max(1), height.max(1));
    progress(0.0);
    let study = study::study(width, height, &mut |share| progress(0.45 * share));
    progress(0.45);
    let mut canvas = brush::paint(&study, &mut |share| progress(0.45 + 0.5 * share));
    progress(0.95);
    age::age(&mut canvas, &study);
    let pixels = canvas
        .colour
        .iter()
        .map(|c| {
            let byte = |k: f32| (k.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
            [byte(c.x), byte(c.y), byte(c.z)]
        })
        .collect();
    progress(1.0);
    Picture { width, height, pixels }
}
