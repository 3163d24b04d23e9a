//! Reading a picture between its pixels.
//!
//! Paint that moves must stay as sharp as paint that rests, or the picture flickers between
//! crisp and soft as it starts and stops. Bilinear reading halves the finest strokes' contrast
//! midway between pixels, so a four by four kernel of Keys' family is used, in steps of 1/64
//! pixel.
//!
//! Weights are whole numbers out of 64. The outer two, `a` and `b`, are the kernel's; the inner
//! two follow from them so that a flat area stays exactly flat and a slope stays exactly a
//! slope: `(a, 1 - t - 2a + b, t + a - 2b, b)`. At `t` = 0 the kernel is the pixel itself.

use crate::source::Source;
use sfumato_core::pixels::Xrgb;

/// Fractional bits of positions and flows, in shown pixels.
pub const POSITION_BITS: u32 = 10;
/// One shown pixel.
pub const ONE: i32 = 1 << POSITION_BITS;
/// Steps between two pixels.
pub const PHASES: usize = 64;
/// Fractional bits of a weight.
const WEIGHT_BITS: u32 = 6;
/// Position bits below a phase.
pub const PHASE_SHIFT: u32 = POSITION_BITS - WEIGHT_BITS;
/// Half a phase: added before cutting to the nearest one.
pub const HALF_PHASE: i32 = 1 << (PHASE_SHIFT - 1);
/// Added to the weighted sum before its `SUM_SHIFT` fractional bits are cut.
pub const SUM_HALF: i32 = 1 << (SUM_SHIFT - 1);
/// Fractional bits of the weighted sum.
pub const SUM_SHIFT: u32 = 2 * WEIGHT_BITS;

/// How strong the outer taps are, in 64ths; 32 is the Catmull-Rom spline. More keeps finer
/// strokes but rings: see the test `fine_strokes_keep_their_contrast`.
const SHARPNESS: i32 = 48;

/// The four weights at each phase.
pub static WEIGHTS: [[i32; 4]; PHASES] = weights();

const fn weights() -> [[i32; 4]; PHASES] {
    let mut table = [[0; 4]; PHASES];
    let mut phase = 0;
    while phase < PHASES {
        let t = phase as i32;
        let s = 64 - t;
        // -sharpness t (1 - t)^2 and its mirror image, rounded.
        let a = -((SHARPNESS * t * s * s + (1 << 17)) >> 18);
        let b = -((SHARPNESS * s * t * t + (1 << 17)) >> 18);
        table[phase] = [a, s - 2 * a + b, t + a - 2 * b, b];
        phase += 1;
    }
    table
}

/// The picture at a position of [`POSITION_BITS`]; pixel centres lie at whole numbers.
///
/// Positions beyond the picture read its edge. All four bytes of the pixel are read alike.
pub fn sample(source: &Source, x: i32, y: i32) -> Xrgb {
    let (index, phase_x, phase_y) = source.locate(x, y);
    // Down first: four pixels of four bytes, in sixteen bits. A sum is at most 255 * 76.
    let mut sums = [0_i16; 16];
    let mut start = index;
    for weight in WEIGHTS[phase_y] {
        let mut bytes = [0_u8; 16];
        if let Some(pixels) = source.pixels().get(start..start + 4) {
            for (bytes, pixel) in bytes.chunks_exact_mut(4).zip(pixels) {
                bytes.copy_from_slice(&pixel.to_le_bytes());
            }
        }
        for (sum, byte) in sums.iter_mut().zip(bytes) {
            *sum = sum.wrapping_add(i16::from(byte).wrapping_mul(weight as i16));
        }
        start += source.stride();
    }
    // Then across, channel by channel.
    let mut totals = [SUM_HALF; 4];
    for (sums, weight) in sums.chunks_exact(4).zip(WEIGHTS[phase_x]) {
        for (total, &sum) in totals.iter_mut().zip(sums) {
            *total = total.wrapping_add(i32::from(sum).wrapping_mul(weight));
        }
    }
    Xrgb::from_le_bytes(totals.map(|total| (total >> SUM_SHIFT).clamp(0, 255) as u8))
}

/// Reads a row of pixels, each moved by its flow: the reference for the vector versions.
///
/// Pixel `i` of `out` is the picture at `(x + i + flow_x[i], y + flow_y[i])`.
pub fn warp_row(source: &Source, x: i32, y: i32, flow_x: &[i32], flow_y: &[i32], out: &mut [Xrgb]) {
    for (i, ((pixel, &flow_x), &flow_y)) in out.iter_mut().zip(flow_x).zip(flow_y).enumerate() {
        let at = ((x + i as i32) << POSITION_BITS).wrapping_add(flow_x);
        *pixel = sample(source, at, (y << POSITION_BITS).wrapping_add(flow_y));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::Picture;
    use proptest::prelude::*;
    use sfumato_core::pixels::{rgb, xrgb};

    #[test]
    fn weights_keep_flats_and_slopes() {
        for (phase, weights) in WEIGHTS.iter().enumerate() {
            assert_eq!(weights.iter().sum::<i32>(), 64);
            let moment: i32 = (-1..).zip(weights).map(|(tap, weight)| tap * weight).sum();
            assert_eq!(moment, phase as i32);
            assert!(weights.iter().all(|weight| i8::try_from(*weight).is_ok()));
            let mirror = WEIGHTS[(64 - phase) % 64];
            if phase > 0 {
                assert_eq!([mirror[3], mirror[2], mirror[1], mirror[0]], *weights);
            }
        }
        assert_eq!(WEIGHTS[0], [0, 64, 0, 0]);
    }

    /// The share of a sine's contrast that reading at phase 1/2 keeps, by its wavelength.
    fn kept(weights: &[i32; 4], wavelength: f64) -> f64 {
        let angle = core::f64::consts::TAU / wavelength;
        let gain = |distance: f64, weight: i32| f64::from(weight) / 64.0 * (angle * distance).cos();
        gain(1.5, weights[0])
            + gain(0.5, weights[1])
            + gain(0.5, weights[2])
            + gain(1.5, weights[3])
    }

    #[test]
    fn fine_strokes_keep_their_contrast() {
        // Midway between two pixels is the worst case. Strokes three pixels apart keep three
        // quarters of their contrast, where bilinear reading leaves a half; nothing coarser is
        // exaggerated by more than a twentieth.
        let bilinear = [0, 32, 32, 0];
        let ours = &WEIGHTS[32];
        std::println!("wavelength  bilinear  ours");
        for wavelength in [2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 16.0] {
            let pair = (kept(&bilinear, wavelength), kept(ours, wavelength));
            std::println!("{wavelength:10}  {:8.2}  {:4.2}", pair.0, pair.1);
            assert!(pair.1 > pair.0 && pair.1 < 1.05);
        }
        assert!(kept(&bilinear, 3.0) < 0.51 && kept(ours, 3.0) > 0.75);
    }

    fn noise(width: u32, height: u32, seed: u32) -> Picture {
        let pixels = (0..width * height)
            .map(|i| {
                (i ^ seed)
                    .wrapping_mul(2_654_435_761)
                    .rotate_left(9)
                    .wrapping_mul(40_503)
            })
            .collect();
        Picture::from_pixels(width, height, pixels).unwrap()
    }

    proptest! {
        #[test]
        fn whole_pixels_are_read_exactly(seed: u32, x in 0..40_i32, y in 0..30_i32) {
            let picture = noise(40, 30, seed);
            let source = Source::new(&picture);
            let read = sample(&source, x << POSITION_BITS, y << POSITION_BITS);
            prop_assert_eq!(Some(read), picture.get(x as u32, y as u32));
        }

        #[test]
        fn flat_areas_stay_flat(colour: u32, x: i32, y: i32) {
            let source = Source::new(&Picture::new(9, 7, colour));
            prop_assert_eq!(sample(&source, x, y), colour);
        }

        #[test]
        fn slopes_stay_slopes(x in 1024..30_000_i32) {
            let pixels = (0..40 * 8).map(|i| xrgb([(i % 40 * 6) as u8; 3])).collect();
            let source = Source::new(&Picture::from_pixels(40, 8, pixels).unwrap());
            let read = i32::from(rgb(sample(&source, x, 3 << POSITION_BITS))[1]);
            let phase = (x + HALF_PHASE) >> PHASE_SHIFT;
            prop_assert_eq!(read, (phase * 6 + 32) >> 6);
        }
    }
}
