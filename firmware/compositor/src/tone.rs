//! Brightness and colour of the whole picture, as a display's own controls would set them.
//!
//! A table for each channel, of the coded values (sRGB) as display controls work on them: half the
//! brightness looks half as bright. Applied to each pixel on its way to the screen's buffer, which is
//! never read.

use sfumato_core::pixels::{Xrgb, rgb, xrgb};

/// How bright the picture is, and how strong its colours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tone {
    tables: [[u8; 256]; 3],
    brightness: u16,
    gains: [u8; 3],
}

/// Parts that brightness is divided into: steps too small to be seen.
pub const FULL: u16 = 1000;

impl Default for Tone {
    fn default() -> Tone {
        Tone::new(FULL, [100; 3])
    }
}

impl Tone {
    /// `brightness` of [`FULL`]; `gains` of red, green and blue in percent. What would be too bright is
    /// as bright as can be.
    pub fn new(brightness: u16, gains: [u8; 3]) -> Tone {
        let whole = u32::from(FULL) * 100;
        let table = |gain: u8| {
            let factor = u32::from(brightness.min(FULL)) * u32::from(gain);
            core::array::from_fn(|value| {
                ((value as u32 * factor + whole / 2) / whole).min(255) as u8
            })
        };
        Tone {
            tables: gains.map(table),
            brightness: brightness.min(FULL),
            gains,
        }
    }

    /// Whether it changes nothing.
    pub fn is_neutral(&self) -> bool {
        self.brightness == FULL && self.gains == [100; 3]
    }

    /// A pixel as it is shown.
    pub fn of(&self, pixel: Xrgb) -> Xrgb {
        let [red, green, blue] = rgb(pixel);
        let [reds, greens, blues] = &self.tables;
        xrgb([
            reds[usize::from(red)],
            greens[usize::from(green)],
            blues[usize::from(blue)],
        ])
    }

    /// Pixels as they are shown, written to `out`.
    pub fn copy(&self, pixels: &[Xrgb], out: &mut [Xrgb]) {
        for (out, &pixel) in out.iter_mut().zip(pixels) {
            *out = self.of(pixel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neutral_changes_nothing_and_dark_is_black() {
        let (neutral, dark) = (Tone::default(), Tone::new(0, [150; 3]));
        assert!(neutral.is_neutral() && !dark.is_neutral());
        for value in 0..=255 {
            let pixel = xrgb([value, 255 - value, value / 2]);
            assert_eq!(neutral.of(pixel), pixel);
            assert_eq!(dark.of(pixel), xrgb([0; 3]));
        }
    }

    #[test]
    fn brightness_and_gains_multiply_and_stop_at_white() {
        let tone = Tone::new(500, [100, 150, 50]);
        assert_eq!(tone.of(xrgb([200, 200, 200])), xrgb([100, 150, 50]));
        let tone = Tone::new(FULL, [150, 100, 100]);
        assert_eq!(tone.of(xrgb([200, 200, 1])), xrgb([255, 200, 1]));
    }
}
