//! Borrowed pictures: a slice of pixels with width, height and stride.
//!
//! Two kinds of pixel are used throughout. Pictures of the room are [`Rgb`] bytes; the painting
//! and the screen are [`Xrgb`] words, the layout every display driver takes.

use core::fmt;

/// One pixel of a camera picture: red, green, blue, 0 to 255 each, sRGB.
pub type Rgb = [u8; 3];

/// One pixel of painting or screen: `0xXXRRGGBB`, DRM's `XRGB8888`; the top byte means nothing.
pub type Xrgb = u32;

/// Packs red, green and blue into a screen pixel with a full top byte.
pub const fn xrgb(rgb: Rgb) -> Xrgb {
    0xff00_0000 | (rgb[0] as u32) << 16 | (rgb[1] as u32) << 8 | rgb[2] as u32
}

/// Takes a screen pixel apart into red, green and blue.
pub const fn rgb(pixel: Xrgb) -> Rgb {
    [(pixel >> 16) as u8, (pixel >> 8) as u8, pixel as u8]
}

/// A slice was too short for the picture it was said to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooShort {
    /// Pixels the stated size needs.
    pub needed: usize,
    /// Pixels there are.
    pub got: usize,
}

impl fmt::Display for TooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "picture needs {} pixels but only {} are there",
            self.needed, self.got
        )
    }
}

impl core::error::Error for TooShort {}

fn needed(width: usize, height: usize, stride: usize) -> usize {
    if height == 0 {
        0
    } else {
        (height - 1).saturating_mul(stride).saturating_add(width)
    }
}

fn check(width: usize, height: usize, stride: usize, got: usize) -> Result<(), TooShort> {
    let needed = needed(width, height, stride);
    if stride < width || got < needed {
        Err(TooShort { needed, got })
    } else {
        Ok(())
    }
}

/// A picture to read. `stride` counts pixels from one row's start to the next's.
#[derive(Clone, Copy, Debug)]
pub struct Pixels<'a, P> {
    data: &'a [P],
    width: usize,
    height: usize,
    stride: usize,
}

impl<P: 'static> Pixels<'static, P> {
    /// A picture of no pixels.
    pub const EMPTY: Self = Pixels {
        data: &[],
        width: 0,
        height: 0,
        stride: 0,
    };
}

impl<'a, P: Copy> Pixels<'a, P> {
    /// Views `data` as a picture; `stride` is in pixels and not less than `width`.
    pub fn new(
        data: &'a [P],
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self, TooShort> {
        check(width, height, stride, data.len())?;
        Ok(Pixels {
            data,
            width,
            height,
            stride,
        })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels from one row's start to the next's.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All pixels, rows `stride` apart.
    pub fn data(&self) -> &'a [P] {
        self.data
    }

    /// Row `y`, `width` pixels; an empty slice below the picture.
    pub fn row(&self, y: usize) -> &'a [P] {
        if y >= self.height {
            return &[];
        }
        let start = y * self.stride;
        self.data.get(start..start + self.width).unwrap_or(&[])
    }

    /// The pixel at column `x`, row `y`; none outside.
    pub fn get(&self, x: usize, y: usize) -> Option<P> {
        self.row(y).get(x).copied()
    }
}

/// A picture to draw on. `stride` counts pixels from one row's start to the next's.
#[derive(Debug)]
pub struct PixelsMut<'a, P> {
    data: &'a mut [P],
    width: usize,
    height: usize,
    stride: usize,
}

impl<'a, P: Copy> PixelsMut<'a, P> {
    /// Views `data` as a picture; `stride` is in pixels and not less than `width`.
    pub fn new(
        data: &'a mut [P],
        width: usize,
        height: usize,
        stride: usize,
    ) -> Result<Self, TooShort> {
        check(width, height, stride, data.len())?;
        Ok(PixelsMut {
            data,
            width,
            height,
            stride,
        })
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Pixels from one row's start to the next's.
    pub fn stride(&self) -> usize {
        self.stride
    }

    /// All pixels, rows `stride` apart.
    pub fn data_mut(&mut self) -> &mut [P] {
        self.data
    }

    /// Row `y` to write, `width` pixels; an empty slice below the picture.
    pub fn row_mut(&mut self, y: usize) -> &mut [P] {
        if y >= self.height {
            return &mut [];
        }
        let start = y * self.stride;
        self.data
            .get_mut(start..start + self.width)
            .unwrap_or(&mut [])
    }

    /// The same picture, to read.
    pub fn as_pixels(&self) -> Pixels<'_, P> {
        Pixels {
            data: self.data,
            width: self.width,
            height: self.height,
            stride: self.stride,
        }
    }

    /// The same picture for a shorter time, so that a callee can have it and give it back.
    pub fn reborrow(&mut self) -> PixelsMut<'_, P> {
        PixelsMut {
            data: self.data,
            width: self.width,
            height: self.height,
            stride: self.stride,
        }
    }

    /// The rows above `row` and the rest, to be drawn at the same time.
    pub fn split_at_row(self, row: usize) -> (PixelsMut<'a, P>, PixelsMut<'a, P>) {
        let row = row.min(self.height);
        let at = (row * self.stride).min(self.data.len());
        let (above, below) = self.data.split_at_mut(at);
        let part = |data, height| PixelsMut {
            data,
            width: self.width,
            height,
            stride: self.stride,
        };
        (part(above, row), part(below, self.height - row))
    }

    /// Fills the picture with one pixel.
    pub fn fill(&mut self, pixel: P) {
        for y in 0..self.height {
            self.row_mut(y).fill(pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stride_separates_rows() {
        let data = [1, 2, 0, 3, 4];
        let pixels = Pixels::new(&data, 2, 2, 3).unwrap();
        assert_eq!(pixels.row(1), &[3, 4]);
        assert_eq!(pixels.get(2, 0), None);
        assert_eq!(pixels.row(2), &[] as &[i32]);
        assert_eq!(
            Pixels::new(&data, 2, 3, 3).unwrap_err(),
            TooShort { needed: 8, got: 5 }
        );
        assert!(Pixels::new(&data, 3, 1, 2).is_err());
    }

    #[test]
    fn parts_together_are_the_whole() {
        for row in 0..4 {
            let mut data = [0; 8];
            let whole = PixelsMut::new(&mut data, 2, 3, 3).unwrap();
            let (mut above, mut below) = whole.split_at_row(row);
            assert_eq!(
                (above.height(), below.height()),
                (row.min(3), 3 - row.min(3))
            );
            above.fill(1);
            below.fill(2);
            let at = |y: usize| if y < row { 1 } else { 2 };
            assert_eq!(data, [at(0), at(0), 0, at(1), at(1), 0, at(2), at(2)]);
        }
    }

    #[test]
    fn colours_pack_and_unpack() {
        assert_eq!(rgb(xrgb([1, 2, 3])), [1, 2, 3]);
    }
}
