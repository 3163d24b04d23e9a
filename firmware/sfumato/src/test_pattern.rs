//! The picture by which a display is set up: are all edges seen, do greys and colours differ, is a circle round?

use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::pixelcolor::{Rgb888, RgbColor, WebColors};
use embedded_graphics::primitives::{Circle, Line, Primitive, PrimitiveStyle, Rectangle};
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
    let size = surface.size();
    let Ok(()) = surface.clear(Rgb888::CSS_DIM_GRAY);
    let thin = |colour| PrimitiveStyle::with_stroke(colour, 1);
    // One pixel wide, at the very edge: what a display cuts off is missed at once.
    let edge = Rectangle::new(Point::zero(), size);
    let Ok(()) = edge.into_styled(thin(Rgb888::WHITE)).draw(&mut surface);
    let (width, height) = (size.width as i32, size.height as i32);
    for (from, to) in [
        ((0, 0), (width - 1, height - 1)),
        ((width - 1, 0), (0, height - 1)),
    ] {
        let line = Line::new(Point::new(from.0, from.1), Point::new(to.0, to.1));
        let Ok(()) = line.into_styled(thin(Rgb888::CSS_GRAY)).draw(&mut surface);
    }
    let middle = Point::new(width / 2, height / 2);
    let round = Circle::with_center(middle, size.width.min(size.height) * 9 / 10);
    let Ok(()) = round.into_styled(thin(Rgb888::WHITE)).draw(&mut surface);
    let row = size.height / 10;
    bars(&mut surface, size.height * 3 / 10, row, GREYS, |index| {
        let grey = (255 * index / (GREYS - 1)) as u8;
        Rgb888::new(grey, grey, grey)
    });
    bars(
        &mut surface,
        size.height * 6 / 10,
        row,
        COLOURS.len() as u32,
        |index| COLOURS[index as usize % COLOURS.len()],
    );
    let words = format!("{width} x {height}");
    let letters = 9 * (words.len() as i32 + 1) * overlay::text_scale(&surface) as i32;
    let at = Point::new(width / 2 - letters / 2, height / 2 - row as i32 / 4);
    overlay::text(&mut surface, at, &words, Rgb888::WHITE);
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
