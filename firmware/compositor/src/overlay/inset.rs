//! The camera's picture in a corner, with marks on it.

use super::Surface;
use embedded_graphics::Drawable;
use embedded_graphics::geometry::{Point, Size};
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::{Primitive, PrimitiveStyle, Rectangle};
use sfumato_core::geometry::{Box2, Point as Place};
use sfumato_core::pixels::{Pixels, Rgb, xrgb};

/// Where on the screen the camera's picture is shown, and how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inset {
    /// Screen pixels of the picture, without its frame.
    pub area: Rectangle,
    /// Columns and rows of the camera's picture.
    pub camera: Size,
    /// Left and right changed, as in a mirror: people find their way better.
    pub mirrored: bool,
}

impl Inset {
    /// In the screen's top right corner, a quarter of its shorter side high, like a mirror.
    pub fn corner(screen: Size, camera: Size) -> Inset {
        let height = (screen.width.min(screen.height) / 4).max(1);
        let width = height * camera.width / camera.height.max(1);
        let margin = height as i32 / 10;
        Inset {
            area: Rectangle::new(
                Point::new(screen.width as i32 - width as i32 - margin, margin),
                Size::new(width, height),
            ),
            camera,
            mirrored: true,
        }
    }

    /// Shows the camera's picture in a thin frame.
    pub fn draw(&self, surface: &mut Surface<'_>, picture: &Pixels<'_, Rgb>) {
        let frame = Rectangle::new(
            self.area.top_left - Point::new(1, 1),
            self.area.size + Size::new(2, 2),
        );
        let style = PrimitiveStyle::with_stroke(Rgb888::new(160, 160, 160), 1);
        let Ok(()) = frame.into_styled(style).draw(surface);
        let (width, height) = (
            self.area.size.width as usize,
            self.area.size.height as usize,
        );
        let (columns, rows) = (picture.width(), picture.height());
        if width == 0 || height == 0 || columns == 0 {
            return;
        }
        let mut pixels = surface.pixels();
        for y in 0..height {
            let Ok(to_y) = usize::try_from(self.area.top_left.y + y as i32) else {
                continue;
            };
            let from = picture.row(y * rows / height);
            let to = pixels.row_mut(to_y);
            for x in 0..width {
                let column = if self.mirrored { width - 1 - x } else { x } * columns / width;
                let at = usize::try_from(self.area.top_left.x + x as i32);
                if let (Ok(at), Some(&colour)) = (at, from.get(column))
                    && let Some(pixel) = to.get_mut(at)
                {
                    *pixel = xrgb(colour);
                }
            }
        }
    }

    /// Where a place in the camera's picture is shown on the screen.
    pub fn place(&self, place: Place) -> Point {
        let share = place.x / self.camera.width.max(1) as f32;
        let across = if self.mirrored { 1.0 - share } else { share };
        let down = place.y / self.camera.height.max(1) as f32;
        self.area.top_left
            + Point::new(
                (across * self.area.size.width as f32) as i32,
                (down * self.area.size.height as f32) as i32,
            )
    }

    /// Draws a box of the camera's picture, for instance around a face.
    pub fn mark(&self, surface: &mut Surface<'_>, mark: &Box2, colour: Rgb888) {
        let corner = |x, y| self.place(Place { x, y });
        let from = corner(mark.left, mark.top);
        let to = corner(mark.right, mark.bottom);
        let style = PrimitiveStyle::with_stroke(colour, 1);
        let Ok(()) = Rectangle::with_corners(from, to)
            .into_styled(style)
            .draw(surface);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use sfumato_core::pixels::rgb;

    #[test]
    fn the_inset_is_a_mirror() {
        // Camera: left half red, right half blue.
        let camera: Vec<Rgb> = (0..8 * 6)
            .map(|i| if i % 8 < 4 { [255, 0, 0] } else { [0, 0, 255] })
            .collect();
        let camera = Pixels::new(&camera, 8, 6, 8).unwrap();
        let mut screen = Picture::new(80, 60, 0);
        let inset = Inset::corner(Size::new(80, 60), Size::new(8, 6));
        inset.draw(&mut Surface::new(screen.view_mut()), &camera);
        assert_eq!(
            inset.area,
            Rectangle::new(Point::new(59, 1), Size::new(20, 15))
        );
        assert_eq!(rgb(screen.get(60, 8).unwrap()), [0, 0, 255]);
        assert_eq!(rgb(screen.get(77, 8).unwrap()), [255, 0, 0]);
        assert_eq!(screen.get(57, 8), Some(0));
        let mark = Box2 {
            left: 0.0,
            top: 0.0,
            right: 4.0,
            bottom: 6.0,
        };
        inset.mark(
            &mut Surface::new(screen.view_mut()),
            &mark,
            Rgb888::new(0, 255, 0),
        );
        // The red half is marked where it is shown: on the right.
        assert_eq!(rgb(screen.get(69, 8).unwrap()), [0, 255, 0]);
        assert_eq!(rgb(screen.get(64, 1).unwrap()), [0, 0, 255]);
    }
}
