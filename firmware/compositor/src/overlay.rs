//! Words and marks over the picture, for people who set the work up.
//!
//! Visitors never see them. Everything is drawn with `embedded-graphics` on a [`Surface`]; where
//! an overlay was drawn outside the region the buffer must be drawn whole the next time.

mod inset;
mod surface;

pub use inset::Inset;
pub use surface::{Enlarged, Surface};

use embedded_graphics::Drawable;
use embedded_graphics::draw_target::DrawTarget;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::ascii::FONT_9X18;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use embedded_graphics::primitives::{Circle, Line, Primitive, PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Baseline, Text};

const LETTER: Size = Size::new(9, 18);
const MARGIN: i32 = 4;

/// How many times letters are enlarged so that they can be read at arm's length: one for each
/// 1440 pixels of the screen's longer side.
pub fn text_scale(surface: &Surface<'_>) -> u32 {
    let size = surface.size();
    (size.width.max(size.height) / 1440).max(1)
}

/// Writes lines of text on a darkened strip, its top left corner at `at`; returns what it covers.
pub fn text(surface: &mut Surface<'_>, at: Point, lines: &str, colour: Rgb888) -> Rectangle {
    let scale = text_scale(surface);
    let columns = lines.lines().map(|line| line.chars().count()).max();
    let columns = columns.unwrap_or(0) as u32;
    let rows = lines.lines().count() as u32;
    let margins = 2 * MARGIN as u32;
    let size = Size::new(
        columns * LETTER.width + margins,
        rows * LETTER.height + margins,
    );
    let covered = Rectangle::new(at, size * scale);
    surface.darken(covered);
    let style = MonoTextStyle::new(&FONT_9X18, colour);
    let mut enlarged = Enlarged::new(surface, at, scale);
    for (row, line) in lines.lines().enumerate() {
        let corner = Point::new(MARGIN, MARGIN + row as i32 * LETTER.height as i32);
        let Ok(_) = Text::with_baseline(line, corner, style, Baseline::Top).draw(&mut enlarged);
    }
    covered
}

/// Writes one line as it is, not darkened and not enlarged, its top left corner at `at`.
pub fn label(surface: &mut Surface<'_>, at: Point, line: &str, colour: Rgb888) {
    let style = MonoTextStyle::new(&FONT_9X18, colour);
    let corner = at + Point::new(MARGIN, MARGIN);
    let Ok(_) = Text::with_baseline(line, corner, style, Baseline::Top).draw(surface);
}

/// A status line along the bottom edge; returns what it covers.
pub fn status_line(surface: &mut Surface<'_>, line: &str) -> Rectangle {
    let height = (LETTER.height + 2 * MARGIN as u32) * text_scale(surface);
    let top = surface.size().height as i32 - height as i32;
    text(surface, Point::new(0, top), line, Rgb888::WHITE)
}

/// A cross-hair with two rings, to see whether screen and camera agree about a place.
pub fn cross_hair(surface: &mut Surface<'_>, at: Point, radius: u32, colour: Rgb888) {
    let style = PrimitiveStyle::with_stroke(colour, text_scale(surface));
    let reach = radius as i32;
    let arms = [
        (Point::new(-reach, 0), Point::new(reach, 0)),
        (Point::new(0, -reach), Point::new(0, reach)),
    ];
    for (from, to) in arms {
        let Ok(()) = Line::new(at + from, at + to)
            .into_styled(style)
            .draw(surface);
    }
    for diameter in [radius, 2 * radius] {
        let ring = Circle::with_center(at, diameter + 1);
        let Ok(()) = ring.into_styled(style).draw(surface);
    }
}

/// The screen's edge, corners and middle, to see whether all of it is shown and upright.
pub fn test_card(surface: &mut Surface<'_>) {
    let scale = text_scale(surface);
    let size = surface.size();
    let style = PrimitiveStyle::with_stroke(Rgb888::WHITE, scale);
    let edge = Rectangle::new(Point::zero(), size);
    let Ok(()) = edge.into_styled(style).draw(surface);
    let radius = size.width.min(size.height) / 8;
    let middle = Point::new(size.width as i32 / 2, size.height as i32 / 2);
    cross_hair(surface, middle, radius, Rgb888::WHITE);
    text(
        surface,
        Point::new(8, 8) * scale as i32,
        "top left",
        Rgb888::YELLOW,
    );
}

/// Fills a rectangle, for instance behind an inset.
pub fn fill(surface: &mut Surface<'_>, area: Rectangle, colour: Rgb888) {
    let Ok(()) = surface.fill_solid(&area, colour);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use alloc::string::String;
    use sfumato_core::pixels::rgb;

    /// The picture as text: `#` bright, `+` darkened, `.` as it was.
    fn pattern(picture: &Picture) -> String {
        let mut text = String::new();
        for y in 0..picture.height() as usize {
            for &pixel in picture.row(y) {
                text.push(match rgb(pixel)[1] {
                    200..=255 => '#',
                    100 => '.',
                    _ => '+',
                });
            }
            text.push('\n');
        }
        text
    }

    #[test]
    fn a_cross_hair_is_centred() {
        let mut picture = Picture::new(11, 11, 0xff64_6464);
        let mut surface = Surface::new(picture.view_mut());
        cross_hair(&mut surface, Point::new(5, 5), 4, Rgb888::WHITE);
        let drawn = pattern(&picture);
        let rows: Vec<&str> = drawn.lines().collect();
        assert_eq!(rows[5], ".#########.");
        for (row, line) in rows.iter().enumerate() {
            let mirrored: String = line.chars().rev().collect();
            assert_eq!(*line, mirrored, "row {row}");
            assert_eq!(*line, rows[10 - row], "row {row}");
        }
    }

    #[test]
    fn letters_are_where_they_should_be() {
        let mut picture = Picture::new(24, 28, 0xff64_6464);
        let mut surface = Surface::new(picture.view_mut());
        let covered = text(&mut surface, Point::new(2, 1), "I", Rgb888::WHITE);
        assert_eq!(covered, Rectangle::new(Point::new(2, 1), Size::new(17, 26)));
        let drawn = pattern(&picture);
        for (y, line) in drawn.lines().enumerate() {
            for (x, mark) in line.chars().enumerate() {
                let inside = covered.contains(Point::new(x as i32, y as i32));
                assert_eq!(mark == '.', !inside, "{x} {y}\n{drawn}");
            }
        }
        assert!(
            drawn.contains("+#+") && drawn.matches('#').count() > 12,
            "\n{drawn}"
        );
    }

    #[test]
    fn overlays_may_leave_the_picture() {
        let mut picture = Picture::new(16, 9, 0);
        let mut surface = Surface::new(picture.view_mut());
        text(
            &mut surface,
            Point::new(-300, 5),
            "far away and long",
            Rgb888::RED,
        );
        cross_hair(&mut surface, Point::new(400, -3), 1000, Rgb888::RED);
        status_line(&mut surface, "wider than the picture");
        test_card(&mut surface);
    }
}
