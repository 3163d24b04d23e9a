//! The built-in painting: the sitter in oil.
//!
//! Made as such a picture is made. The *study* (`study`) is what the painter sees: the sitter in the
//! light of one window, before a far landscape, in the colours of a small palette. The *brush*
//! (`brush`) lays it down on a toned ground in layers, from broad strokes to fine ones, each
//! stroke following the form. *Glazes* melt the strokes of the flesh into one another. Last
//! comes time (`age`): yellow varnish, and the cracks of an old panel with their lit edges.

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
    Picture {
        width,
        height,
        pixels,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_size_gives_the_same_bytes_and_a_lit_face_on_a_dark_ground() {
        let mut last = 0.0;
        let first = paint(90, 120, &mut |share| {
            assert!(share >= last);
            last = share;
        });
        assert_eq!(last, 1.0);
        assert_eq!(first, paint(90, 120, &mut |_| {}));
        let light = |x: usize, y: usize| -> u32 {
            let [r, g, b] = first.pixels[y * 90 + x];
            u32::from(r) + u32::from(g) + u32::from(b)
        };
        // A cheek outshines the sky above, the hair beside and the ground below.
        let cheek = light(36, 50);
        assert!(cheek > 350, "{cheek}");
        for (x, y) in [(45, 4), (62, 50), (10, 115), (80, 115)] {
            assert!(
                light(x, y) + 150 < cheek,
                "{x},{y}: {} to {cheek}",
                light(x, y)
            );
        }
    }

    #[test]
    fn the_smallest_pictures_are_pictures() {
        for (width, height) in [(0, 0), (1, 1), (5, 2)] {
            let picture = paint(width, height, &mut |_| {});
            assert_eq!(picture.pixels.len(), picture.width * picture.height);
            assert!(picture.as_pixels().is_ok());
        }
    }
}
