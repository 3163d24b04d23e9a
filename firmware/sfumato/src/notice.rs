//! What visitors are told over the painting: a line of words along the lower edge, and a light while the camera is on.
//!
//! Drawn with every picture, always the same pixels at the same places, so that nothing of it is left over
//! and nothing flickers. Colours are as bright as the picture is.

use embedded_graphics::Drawable;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::MonoTextStyle;
use embedded_graphics::mono_font::iso_8859_15::FONT_10X20;
use embedded_graphics::pixelcolor::Rgb888;
use embedded_graphics::primitives::{Circle, Primitive, PrimitiveStyle, Rectangle};
use embedded_graphics::text::{Baseline, Text};
use sfumato_compositor::Tone;
use sfumato_compositor::overlay::{self, Enlarged, Surface};
use sfumato_core::pixels::{PixelsMut, Xrgb, rgb, xrgb};

/// Width and height of a letter, before it is enlarged.
const LETTER: [u32; 2] = [10, 20];

/// Letters are enlarged once more for every so many pixels of the screen's longer side.
const ENLARGED_AT: u32 = 1600;

/// Words, and the light: warm and quiet beside a painting.
const WORDS: Xrgb = xrgb([176, 166, 148]);
const LIGHT: Xrgb = xrgb([96, 200, 120]);

/// What is told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notice {
    /// The words; none: nothing is said.
    pub words: Option<String>,
    /// Whether the camera's light is on.
    pub light: bool,
}

impl Notice {
    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        self.words.is_none() && !self.light
    }

    /// Draws it on a strip of the wall's colour.
    pub fn draw(&self, pixels: PixelsMut<'_, Xrgb>, wall: Xrgb, tone: &Tone) {
        let mut surface = Surface::new(pixels);
        let size = surface.size();
        let scale = 1 + size.width.max(size.height) / ENLARGED_AT;
        let [width, height] = LETTER.map(|side| side * scale);
        let lines = match &self.words {
            Some(words) => wrapped(words, (size.width / width).saturating_sub(6) as usize),
            None => Vec::new(),
        };
        let colour = |colour: Xrgb| {
            let [red, green, blue] = rgb(tone.of(colour));
            Rgb888::new(red, green, blue)
        };
        if !lines.is_empty() {
            let strip = (lines.len() as u32 * height + height / 2).min(size.height);
            let top = size.height - strip;
            let area = Rectangle::new(Point::new(0, top as i32), Size::new(size.width, strip));
            overlay::fill(&mut surface, area, colour(wall));
            let style = MonoTextStyle::new(&FONT_10X20, colour(WORDS));
            for (row, line) in (0u32..).zip(&lines) {
                let long = line.chars().count() as u32 * width;
                let left = size.width.saturating_sub(long) / 2;
                let at = Point::new(left as i32, (top + height / 4 + row * height) as i32);
                let mut enlarged = Enlarged::new(&mut surface, at, scale);
                let Ok(_) = Text::with_baseline(line, Point::zero(), style, Baseline::Top)
                    .draw(&mut enlarged);
            }
        }
        if self.light {
            let side = height / 2;
            let at = Point::new(
                size.width.saturating_sub(side + side / 2) as i32,
                size.height.saturating_sub(side + side / 2) as i32,
            );
            let style = PrimitiveStyle::with_fill(colour(LIGHT));
            let Ok(()) = Circle::new(at, side).into_styled(style).draw(&mut surface);
        }
    }
}

/// Words on lines of at most so many letters; a longer word has a line of its own and is cut by the edge.
fn wrapped(words: &str, letters: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        let long = word.chars().count();
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + long <= letters => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_compositor::Picture;

    #[test]
    fn words_are_wrapped_between_words() {
        assert_eq!(wrapped("eins zwei drei", 9), ["eins zwei", "drei"]);
        assert_eq!(wrapped("Überraschung", 4), ["Überraschung"]);
        assert!(wrapped("  ", 4).is_empty());
    }

    #[test]
    fn it_is_drawn_alike_over_anything_and_only_below() {
        let notice = Notice {
            words: Some("Dieses Gemälde sieht Sie.".to_owned()),
            light: true,
        };
        let drawn = |ground: Xrgb, tone: &Tone| {
            let mut picture = Picture::new(400, 200, ground);
            for _ in 0..2 {
                notice.draw(picture.view_mut(), xrgb([12, 11, 10]), tone);
            }
            picture
        };
        let tone = Tone::default();
        let (light, dark) = (drawn(xrgb([255; 3]), &tone), drawn(xrgb([0; 3]), &tone));
        assert_eq!(light.pixels()[400 * 170..], dark.pixels()[400 * 170..]);
        assert!(
            light.pixels()[..400 * 170]
                .iter()
                .all(|pixel| *pixel == xrgb([255; 3]))
        );
        assert!(dark.pixels()[400 * 170..].contains(&WORDS) && dark.pixels().contains(&LIGHT));
        // In a dark picture it is dark.
        let night = drawn(xrgb([0; 3]), &Tone::new(0, [100; 3]));
        assert!(night.pixels().iter().all(|pixel| *pixel == xrgb([0; 3])));
    }
}
