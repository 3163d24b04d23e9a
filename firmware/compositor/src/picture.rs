//! Owned pictures: what [`Pixels`] borrows.

use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use sfumato_core::pixels::{Pixels, PixelsMut, TooShort, Xrgb};

/// A picture that owns its pixels, row by row without gaps.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<Xrgb>,
}

impl Picture {
    /// A picture of `width` by `height` pixels, all the same.
    pub fn new(width: u32, height: u32, pixel: Xrgb) -> Picture {
        Picture {
            width,
            height,
            pixels: vec![pixel; width as usize * height as usize],
        }
    }

    /// Takes over `pixels`, `width` to a row; fails when their number is not `width * height`.
    pub fn from_pixels(width: u32, height: u32, pixels: Vec<Xrgb>) -> Result<Picture, TooShort> {
        let needed = width as usize * height as usize;
        if pixels.len() == needed {
            Ok(Picture {
                width,
                height,
                pixels,
            })
        } else {
            Err(TooShort {
                needed,
                got: pixels.len(),
            })
        }
    }

    /// Columns.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Whether there is not a single pixel.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// All pixels, row by row.
    pub fn pixels(&self) -> &[Xrgb] {
        &self.pixels
    }

    /// All pixels to write, row by row.
    pub fn pixels_mut(&mut self) -> &mut [Xrgb] {
        &mut self.pixels
    }

    /// Row `y`, `width` pixels; an empty slice below the picture.
    pub fn row(&self, y: usize) -> &[Xrgb] {
        let width = self.width as usize;
        self.pixels
            .get(y.saturating_mul(width)..)
            .and_then(|rest| rest.get(..width))
            .unwrap_or(&[])
    }

    /// The pixel at column `x`, row `y`; none outside.
    pub fn get(&self, x: u32, y: u32) -> Option<Xrgb> {
        self.row(y as usize).get(x as usize).copied()
    }

    /// The picture, to read.
    pub fn view(&self) -> Pixels<'_, Xrgb> {
        let (width, height) = (self.width as usize, self.height as usize);
        match Pixels::new(&self.pixels, width, height, width) {
            Ok(view) => view,
            Err(_) => unreachable!("the constructors hold width * height pixels"),
        }
    }

    /// The picture, to draw on.
    pub fn view_mut(&mut self) -> PixelsMut<'_, Xrgb> {
        let (width, height) = (self.width as usize, self.height as usize);
        match PixelsMut::new(&mut self.pixels, width, height, width) {
            Ok(view) => view,
            Err(_) => unreachable!("the constructors hold width * height pixels"),
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture {} x {}", self.width, self.height)
    }
}
