//! The picture by which a display is set up: are all edges seen, do greys and colours differ, is a circle round?

use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor, WebColors};
use embedded_graphics::primitives::{Primitive, PrimitiveStyle, Rectangle};
use sfumato_compositor::overlay::{self, Surface};
use sfumato_core::pixels::{PixelsMut, Xrgb};

/// Greys from black to white, and colours.
const GREYS: u32 = 17;
const COLOURS: [Rgb888; 6] = [
    Rgb888::RED,
    Rgb888::GREEN,
    Rgb888::BLUE,
    Rgb888::CYAN,
    Rgb888::MAGENTA,
    Rgb888::YELLOW,
];

/// Draws it over everything.
pub fn draw(pixels: PixelsMut<'_, Xrgb>) {
    let mut surface = Surface::new(pixels);
    let Ok(()) = surface.clear(Rgb888::CSS_DIM_GRAY);
    overlay::test_card(&mut surface);
    let size = surface.size();
    let row = size.height / 10;
    bars(&mut surface, size.height * 2 / 10, row, GREYS, |index| {
        let grey = (255 * index / (GREYS - 1)) as u8;
        Rgb888::new(grey, grey, grey)
    });
    let count = COLOURS.len() as u32;
    bars(&mut surface, size.height * 7 / 10, row, count, |index| {
        COLOURS[index as usize % COLOURS.len()]
    });
    overlay::status_line(&mut surface, &format!("{} x {}", size.width, size.height));
}

/// A row of bars over eight tenths of the width.
fn bars(
    surface: &mut Surface<'_>,
    top: u32,
    height: u32,
    count: u32,
    colour: impl Fn(u32) -> Rgb888,
) {
    let width = surface.size().width;
    let (left, whole) = (width / 10, width * 8 / 10);
    for index in 0..count {
        let from = left + whole * index / count;
        let to = left + whole * (index + 1) / count;
        let corner = Point::new(from as i32, top as i32);
        let bar = Rectangle::new(corner, Size::new(to - from, height));
        let style = PrimitiveStyle::with_fill(colour(index));
        let Ok(()) = bar.into_styled(style).draw(surface);
    }
}
