//! A picture made ready to be read between its pixels.

use crate::cubic::{HALF_PHASE, ONE, PHASE_SHIFT, PHASES, POSITION_BITS};
use crate::picture::Picture;
use alloc::vec::Vec;
use core::fmt;
use sfumato_core::pixels::Xrgb;

/// Pixels repeated around the picture, so that no reading needs to ask where the edge is.
const PAD: usize = 4;

/// A picture with its edge repeated around it.
///
/// Invariant, on which the vector kernels rely: for every index that [`Source::locate`] can
/// return, `index + 3 * stride + 4 <= pixels.len()`.
pub struct Source {
    pixels: Vec<Xrgb>,
    stride: usize,
    width: usize,
    height: usize,
}

impl Source {
    /// Repeats the picture's edge around it.
    pub fn new(picture: &Picture) -> Source {
        Source::build(picture, false)
    }

    /// Surrounds the picture with nothing: what lies beyond a layer covers nothing.
    pub fn layer(picture: &Picture) -> Source {
        Source::build(picture, true)
    }

    fn build(picture: &Picture, nothing_around: bool) -> Source {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (stride, rows) = (width + 2 * PAD, height + 2 * PAD);
        let mut pixels = Vec::with_capacity(stride * rows);
        let held = |i: usize, side: usize| i.clamp(PAD, PAD + side.max(1) - 1) - PAD;
        for row in 0..rows {
            for column in 0..stride {
                let (x, y) = (held(column, width), held(row, height));
                let outside = (x + PAD, y + PAD) != (column, row);
                let pixel = picture.get(x as u32, y as u32).unwrap_or(0);
                pixels.push(if outside && nothing_around { 0 } else { pixel });
            }
        }
        Source {
            pixels,
            stride,
            width,
            height,
        }
    }

    /// Pixels from one row's start to the next's, edges included.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All pixels, edges included.
    pub fn pixels(&self) -> &[Xrgb] {
        &self.pixels
    }

    /// Row `y` of the picture itself.
    pub fn row(&self, y: usize) -> &[Xrgb] {
        let start = (y + PAD) * self.stride + PAD;
        &self.pixels[start..start + self.width]
    }

    /// The least and the largest position that are read as they are, half a phase added.
    pub fn bounds(&self) -> [[i32; 2]; 2] {
        [self.width, self.height].map(|side| [-2 * ONE, (side as i32 + 1) * ONE - 1])
    }

    /// What to add to whole column and row to get the index of the kernel's first pixel.
    pub fn first_tap(&self) -> i32 {
        ((PAD - 1) * self.stride + PAD - 1) as i32
    }

    /// The kernel's first pixel and the phases across and down.
    pub fn locate(&self, x: i32, y: i32) -> (usize, usize, usize) {
        let [[left, right], [top, bottom]] = self.bounds();
        let x = x.saturating_add(HALF_PHASE).clamp(left, right);
        let y = y.saturating_add(HALF_PHASE).clamp(top, bottom);
        let index =
            (y >> POSITION_BITS) * self.stride as i32 + (x >> POSITION_BITS) + self.first_tap();
        let phase = |position: i32| (position >> PHASE_SHIFT) as usize & (PHASES - 1);
        (index as usize, phase(x), phase(y))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Source {} x {}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_position_reads_inside(width in 0..50_u32, height in 0..50_u32, x: i32, y: i32) {
            let source = Source::new(&Picture::new(width, height, 7));
            let (index, _, _) = source.locate(x, y);
            prop_assert!(index + 3 * source.stride() + 4 <= source.pixels().len());
        }
    }
}
