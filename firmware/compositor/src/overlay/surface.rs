//! Our pixels as a target for `embedded-graphics`.

use core::convert::Infallible;
use embedded_graphics::Pixel;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{Dimensions, OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::Rectangle;
use sfumato_core::pixels::{PixelsMut, Xrgb, xrgb};

/// A picture to draw shapes and text on. What lies outside is not drawn.
#[derive(Debug)]
pub struct Surface<'a>(PixelsMut<'a, Xrgb>);

impl<'a> Surface<'a> {
    /// Draws on these pixels.
    pub fn new(pixels: PixelsMut<'a, Xrgb>) -> Surface<'a> {
        Surface(pixels)
    }

    /// The pixels it draws on.
    pub fn pixels(&mut self) -> PixelsMut<'_, Xrgb> {
        self.0.reborrow()
    }

    /// Takes three quarters of the light from an area, so that text on it can be read.
    pub fn darken(&mut self, area: Rectangle) {
        self.each_row(&area, |_, row| {
            for pixel in row {
                *pixel = 0xff00_0000 | (*pixel >> 2 & 0x003f_3f3f);
            }
        });
    }

    /// Calls `paint` with the visible part of each row of an area: row number, pixels.
    fn each_row(&mut self, area: &Rectangle, mut paint: impl FnMut(usize, &mut [Xrgb])) {
        let area = area.intersection(&self.bounding_box());
        let left = area.top_left.x.max(0) as usize;
        let width = area.size.width as usize;
        let top = area.top_left.y.max(0) as usize;
        for y in top..top + area.size.height as usize {
            if let Some(row) = self.0.row_mut(y).get_mut(left..left + width) {
                paint(y, row);
            }
        }
    }
}

fn word(colour: Rgb888) -> Xrgb {
    xrgb([colour.r(), colour.g(), colour.b()])
}

impl OriginDimensions for Surface<'_> {
    fn size(&self) -> Size {
        Size::new(self.0.width() as u32, self.0.height() as u32)
    }
}

impl DrawTarget for Surface<'_> {
    type Color = Rgb888;
    /// Memory cannot fail; what is outside is left out.
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(Point { x, y }, colour) in pixels {
            let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
                continue;
            };
            if let Some(pixel) = self.0.row_mut(y).get_mut(x) {
                *pixel = word(colour);
            }
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Infallible> {
        self.each_row(area, |_, row| row.fill(word(colour)));
        Ok(())
    }
}

/// Another target, enlarged by a whole number and moved: each pixel becomes a square.
#[derive(Debug)]
pub struct Enlarged<'t, 'a> {
    target: &'t mut Surface<'a>,
    origin: Point,
    scale: u32,
}

impl<'t, 'a> Enlarged<'t, 'a> {
    /// `origin` is where in `target` this one's top left corner lies.
    pub fn new(target: &'t mut Surface<'a>, origin: Point, scale: u32) -> Self {
        Enlarged {
            target,
            origin,
            scale: scale.max(1),
        }
    }
}

impl Dimensions for Enlarged<'_, '_> {
    fn bounding_box(&self) -> Rectangle {
        let full = self.target.size();
        Rectangle::new(Point::zero(), full / self.scale)
    }
}

impl DrawTarget for Enlarged<'_, '_> {
    type Color = Rgb888;
    type Error = Infallible;

    fn draw_iter<I>(&mut self, pixels: I) -> Result<(), Infallible>
    where
        I: IntoIterator<Item = Pixel<Rgb888>>,
    {
        for Pixel(at, colour) in pixels {
            let square = Rectangle::new(at, Size::new(1, 1));
            self.fill_solid(&square, colour)?;
        }
        Ok(())
    }

    fn fill_solid(&mut self, area: &Rectangle, colour: Rgb888) -> Result<(), Infallible> {
        let corner = self.origin + area.top_left * self.scale as i32;
        let area = Rectangle::new(corner, area.size * self.scale);
        self.target.fill_solid(&area, colour)
    }
}
