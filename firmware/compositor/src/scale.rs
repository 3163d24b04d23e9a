//! Scales pictures to the size shown, once, before the show starts.
//!
//! Lanczos' kernel with three lobes in linear light: fine strokes average to the tone that the
//! eye would average them to. Weights are whole numbers, so every processor gives the same bytes.

use crate::picture::Picture;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::PI;

/// How the top byte takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Top {
    /// Colour and top byte are scaled each for itself.
    Apart,
    /// The top byte is coverage; the result's colours are multiplied by it.
    Coverage,
}

/// One axis of a scaling: destination pixel `i` spans `first[i]` on, with `weights`.
struct Axis {
    first: Vec<usize>,
    weights: Vec<Vec<i32>>,
}

const WEIGHT_BITS: u32 = 14;
const LOBES: f64 = 3.0;

impl Axis {
    /// `scale` destination pixels to a source pixel; `origin` is where in the source the left
    /// edge of destination pixel 0 lies.
    fn new(source: usize, destination: usize, scale: f64, origin: f64) -> Axis {
        let stretch = (1.0 / scale).max(1.0);
        let mut axis = Axis {
            first: Vec::with_capacity(destination),
            weights: Vec::with_capacity(destination),
        };
        for i in 0..destination {
            let centre = origin + (i as f64 + 0.5) / scale;
            let low = libm::floor(centre - LOBES * stretch) as i64;
            let high = libm::ceil(centre + LOBES * stretch) as i64;
            // Taps beyond the edge read the edge: their weights are added to the edge's.
            let clamp = |tap: i64| tap.clamp(0, source as i64 - 1) as usize;
            let first = clamp(low);
            let mut exact = vec![0.0; clamp(high) - first + 1];
            for tap in low..=high {
                exact[clamp(tap) - first] += lanczos((tap as f64 + 0.5 - centre) / stretch);
            }
            axis.first.push(first);
            axis.weights.push(whole(&exact));
        }
        axis
    }
}

fn lanczos(x: f64) -> f64 {
    if x.abs() >= LOBES {
        0.0
    } else if x.abs() < 1e-9 {
        1.0
    } else {
        let angle = PI * x;
        LOBES * libm::sin(angle) * libm::sin(angle / LOBES) / (angle * angle)
    }
}

/// Whole weights that sum to one exactly: what rounding leaves over goes to the largest.
fn whole(exact: &[f64]) -> Vec<i32> {
    let sum: f64 = exact.iter().sum();
    let one = 1 << WEIGHT_BITS;
    let mut weights: Vec<i32> = exact
        .iter()
        .map(|weight| libm::round(weight / sum * f64::from(one)) as i32)
        .collect();
    let rest = one - weights.iter().sum::<i32>();
    if let Some(largest) = weights.iter_mut().max() {
        *largest += rest;
    }
    weights
}

/// Linear light in 65535ths of each sRGB byte, and back.
struct Light {
    linear: [i32; 256],
    encoded: Vec<u8>,
}

impl Light {
    fn new() -> Light {
        let mut linear = [0; 256];
        for (byte, value) in linear.iter_mut().enumerate() {
            let encoded = byte as f64 / 255.0;
            let light = if encoded <= 0.04045 {
                encoded / 12.92
            } else {
                libm::pow((encoded + 0.055) / 1.055, 2.4)
            };
            *value = libm::round(light * 65535.0) as i32;
        }
        // Nearest in encoded brightness: the border between two bytes lies midway in light's
        // own curve, which between neighbours is as good as straight.
        let mut encoded = Vec::with_capacity(65536);
        let mut byte = 0;
        for value in 0..65536 {
            while byte < 255 && 2 * value > linear[byte] + linear[byte + 1] {
                byte += 1;
            }
            encoded.push(byte as u8);
        }
        Light { linear, encoded }
    }

    fn encode(&self, value: i64) -> u32 {
        u32::from(self.encoded[value.clamp(0, 65535) as usize])
    }
}

/// Which part of the source becomes the destination.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Destination pixels to a source pixel, across and down.
    pub scale: [f64; 2],
    /// Where in the source the destination's top left corner lies.
    pub origin: [f64; 2],
    /// Destination pixels across and down.
    pub size: [u32; 2],
}

/// Scales a part of the source. One to one at whole pixels copies exactly.
pub fn scale(source: &Picture, window: &Window, top: Top) -> Picture {
    let [width, height] = window.size;
    if source.is_empty() || width == 0 || height == 0 {
        return Picture::new(width, height, 0);
    }
    let exact = (0..2).all(|axis| {
        let origin = window.origin[axis];
        window.scale[axis] == 1.0 && origin == libm::floor(origin)
    });
    if exact {
        return copy(source, window, top);
    }
    let light = Light::new();
    let across = Axis::new(
        source.width() as usize,
        width as usize,
        window.scale[0],
        window.origin[0],
    );
    let down = Axis::new(
        source.height() as usize,
        height as usize,
        window.scale[1],
        window.origin[1],
    );
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    // Down first, one destination row at a time: red, green, blue in light, top byte.
    let mut sums = vec![[0_i64; 4]; source.width() as usize];
    for (first, weights) in down.first.iter().zip(&down.weights) {
        sums.fill([0; 4]);
        for (row, &weight) in (*first..).zip(weights) {
            if weight == 0 {
                continue;
            }
            for (sum, &pixel) in sums.iter_mut().zip(source.row(row)) {
                let [blue, green, red, top_byte] = pixel.to_le_bytes();
                let share = match top {
                    Top::Apart => i64::from(weight),
                    Top::Coverage => i64::from(weight) * i64::from(top_byte),
                };
                for (sum, byte) in sum.iter_mut().zip([red, green, blue]) {
                    *sum += share * i64::from(light.linear[usize::from(byte)]);
                }
                sum[3] += i64::from(weight) * i64::from(top_byte);
            }
        }
        for (first, weights) in across.first.iter().zip(&across.weights) {
            let mut total = [0_i64; 4];
            for (sum, &weight) in sums[*first..].iter().zip(weights) {
                for (total, sum) in total.iter_mut().zip(sum) {
                    *total += i64::from(weight) * sum;
                }
            }
            pixels.push(finish(&light, total, top));
        }
    }
    Picture::from_pixels(width, height, pixels).unwrap_or_default()
}

fn finish(light: &Light, total: [i64; 4], top: Top) -> u32 {
    const ONE: i64 = 1 << (2 * WEIGHT_BITS);
    let top_byte = ((total[3] + ONE / 2) >> (2 * WEIGHT_BITS)).clamp(0, 255) as u32;
    let colour = |channel: usize| match top {
        Top::Apart => light.encode((total[channel] + ONE / 2) >> (2 * WEIGHT_BITS)),
        Top::Coverage if total[3] <= 0 => 0,
        Top::Coverage => (light.encode(total[channel] / total[3]) * top_byte + 127) / 255,
    };
    top_byte << 24 | colour(0) << 16 | colour(1) << 8 | colour(2)
}

/// The same pixels; beyond the source its edge.
fn copy(source: &Picture, window: &Window, top: Top) -> Picture {
    let [width, height] = window.size;
    let mut pixels = Vec::with_capacity(width as usize * height as usize);
    let at = |origin: f64, i: u32, side: u32| {
        (origin as i64 + i64::from(i)).clamp(0, i64::from(side) - 1) as usize
    };
    for y in 0..height {
        let row = source.row(at(window.origin[1], y, source.height()));
        for x in 0..width {
            let pixel = row[at(window.origin[0], x, source.width())];
            pixels.push(match top {
                Top::Apart => pixel,
                Top::Coverage => premultiplied(pixel),
            });
        }
    }
    Picture::from_pixels(width, height, pixels).unwrap_or_default()
}

fn premultiplied(pixel: u32) -> u32 {
    let top = pixel >> 24;
    let colour = |shift: u32| (((pixel >> shift & 255) * top + 127) / 255) << shift;
    top << 24 | colour(16) | colour(8) | colour(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use sfumato_core::pixels::{rgb, xrgb};

    fn whole_window(width: u32, height: u32, scale: f64) -> Window {
        Window {
            scale: [scale; 2],
            origin: [0.0; 2],
            size: [width, height],
        }
    }

    #[test]
    fn bytes_survive_light_and_back() {
        let light = Light::new();
        for byte in 0..256 {
            assert_eq!(light.encode(i64::from(light.linear[byte])), byte as u32);
        }
    }

    #[test]
    fn black_and_white_average_in_light() {
        // A fine checkerboard seen from afar reflects half the light: sRGB 188, not 128.
        let pixels = (0..64 * 64)
            .map(|i| xrgb([if (i + i / 64) % 2 == 0 { 255 } else { 0 }; 3]))
            .collect();
        let board = Picture::from_pixels(64, 64, pixels).unwrap();
        let small = scale(&board, &whole_window(16, 16, 0.25), Top::Apart);
        assert_eq!(rgb(small.get(8, 8).unwrap()), [188; 3]);
    }

    #[test]
    fn edges_stay_where_they_were() {
        let pixels = (0..90 * 30)
            .map(|i| xrgb([if i % 90 < 45 { 10 } else { 240 }; 3]))
            .collect();
        let edge = Picture::from_pixels(90, 30, pixels).unwrap();
        for size in [30_u32, 60, 180, 240] {
            let factor = f64::from(size) / 90.0;
            let scaled = scale(&edge, &whole_window(size, 30, factor), Top::Apart);
            let half = (size / 2) as usize;
            let row = scaled.row(15);
            assert!(row[..half - 2].iter().all(|&p| rgb(p)[0] < 60), "{size}");
            assert!(row[half + 2..].iter().all(|&p| rgb(p)[0] > 200), "{size}");
        }
    }

    #[test]
    fn coverage_keeps_colour_out_of_what_is_not_covered() {
        // Red inside, green where nothing is covered: no green may leak to the edge.
        let pixels = (0..40 * 40)
            .map(|i| {
                if i % 40 < 20 {
                    0xffff_0000
                } else {
                    0x0000_ff00
                }
            })
            .collect();
        let layer = Picture::from_pixels(40, 40, pixels).unwrap();
        let small = scale(&layer, &whole_window(13, 13, 13.0 / 40.0), Top::Coverage);
        for &pixel in small.pixels() {
            let ([red, green, _], top) = (rgb(pixel), (pixel >> 24) as u8);
            assert_eq!((red, green), (top, 0));
        }
    }

    proptest! {
        #[test]
        fn flat_pictures_stay_flat(
            colour: u32,
            width in 1..60_u32,
            height in 1..60_u32,
            factor in 0.1..4.0_f64,
            origin in -3.0..3.0_f64,
        ) {
            let source = Picture::new(width, height, colour);
            let window = Window { scale: [factor; 2], origin: [origin; 2], size: [17, 9] };
            let scaled = scale(&source, &window, Top::Apart);
            prop_assert!(scaled.pixels().iter().all(|&pixel| pixel == colour));
        }

        #[test]
        fn one_to_one_is_the_picture(seed: u32) {
            let pixels = (0..20 * 10).map(|i: u32| (i ^ seed).wrapping_mul(40_503)).collect();
            let picture = Picture::from_pixels(20, 10, pixels).unwrap();
            prop_assert_eq!(&scale(&picture, &whole_window(20, 10, 1.0), Top::Apart), &picture);
        }
    }
}
