//! How bright a picture is: a mean over a grid of it.

use crate::Frame;

/// Columns and rows of the grid that is looked at: 768 pixels whatever the frame's size.
const GRID: (usize, usize) = (32, 24);

/// The weights of red, green and blue in luma, in 256ths (ITU-R BT.601, as cameras use it).
const WEIGHTS: [u32; 3] = [77, 150, 29];

/// The mean luma of a frame in 256ths of a code value, 0 to 65280; none for an empty frame.
///
/// Looks at a grid of 32 x 24 pixels. Whole numbers throughout: the same everywhere.
pub fn mean_luma(frame: &Frame) -> Option<u16> {
    let pixels = frame.pixels();
    let (columns, rows) = (GRID.0.min(frame.width()), GRID.1.min(frame.height()));
    let mut sum = 0_u32;
    for row in 0..rows {
        let line = pixels.row((2 * row + 1) * frame.height() / (2 * rows));
        for column in 0..columns {
            let x = (2 * column + 1) * frame.width() / (2 * columns);
            let pixel = line.get(x)?;
            sum += pixel
                .iter()
                .zip(WEIGHTS)
                .map(|(value, weight)| u32::from(*value) * weight)
                .sum::<u32>();
        }
    }
    let count = u32::try_from(columns * rows).ok()?;
    u16::try_from(sum.checked_div(count)?).ok()
}

/// What mid grey reflects; automatic exposures bring a picture's mean about there.
const MID_GREY: f32 = 0.18;

/// The light on the sensor in stops from mid grey, from a mean luma in 256ths.
///
/// Undoes sRGB's curve, which cameras follow roughly. Black counts as half a code: -10.2 stops.
pub(crate) fn stops(luma: u16) -> f32 {
    let code = (f32::from(luma) / 256.0).max(0.5) / 255.0;
    let linear = if code <= 0.040_45 {
        code / 12.92
    } else {
        libm::powf((code + 0.055) / 1.055, 2.4)
    };
    libm::log2f(linear / MID_GREY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn flat(width: usize, height: usize, pixel: [u8; 3]) -> Frame {
        let mut frame = Frame::new();
        frame.resize(width, height);
        for bytes in frame.bytes_mut().chunks_mut(3) {
            bytes.copy_from_slice(&pixel);
        }
        frame
    }

    #[test]
    fn known_pictures() {
        assert_eq!(mean_luma(&Frame::new()), None);
        assert_eq!(mean_luma(&flat(640, 480, [255; 3])), Some(255 * 256));
        assert_eq!(mean_luma(&flat(1, 1, [0, 255, 0])), Some(255 * 150));
        assert_eq!(mean_luma(&flat(7, 5000, [9; 3])), Some(9 * 256));
        // The upper half white: half.
        let mut half = flat(100, 48, [0; 3]);
        half.bytes_mut()[..100 * 24 * 3].fill(255);
        assert_eq!(mean_luma(&half), Some(255 * 128));
    }

    #[test]
    fn mid_grey_is_zero_and_each_stop_doubles() {
        // sRGB codes of 0.18, 0.36, 0.09.
        for (code, expected) in [(117.6, 0.0), (161.0, 1.0), (84.9, -1.0)] {
            let stops = stops((code * 256.0) as u16);
            assert!((stops - expected).abs() < 0.02, "{code}: {stops}");
        }
        assert!((stops(0) + 10.2).abs() < 0.1);
    }

    proptest! {
        #[test]
        fn a_flat_picture_of_any_size_is_its_own_mean(
            width in 1usize..200, height in 1usize..200, code in 0u8..=255,
        ) {
            prop_assert_eq!(mean_luma(&flat(width, height, [code; 3])), Some(u16::from(code) * 256));
        }

        #[test]
        fn more_light_is_more_stops(luma in 128u16..65280) {
            prop_assert!(stops(luma) <= stops(luma + 1));
            prop_assert!(stops(luma).is_finite());
        }
    }
}
