//! The skin of a closing lid, where its paint would be drawn out into threads.
//!
//! An open eye shows a strip of its upper lid, and a shut one is that strip several times as tall. Paint moved
//! so far shows its cracks and brush marks as streaks, and no lid looks like that. Where skin is drawn out, its
//! tone is taken from the painting smoothed along the eye, and the paint's own grain is laid over it.

use crate::blend::FULL;
use crate::picture::Picture;
use alloc::vec;
use alloc::vec::Vec;
use sfumato_core::pixels::{rgb, xrgb};

/// How much of the skin's height is drawn over a pixel of it, of [`FULL`], down to which its paint is kept, and from which on
/// nothing of its paint is left: two thirds (drawn out one and a half times) and a third (three times).
const KEEPS: i32 = FULL * 2 / 3;
const LOSES: i32 = FULL / 3;

/// How much of a drawn-out skin's paint gives way to its tone, of [`FULL`].
///
/// `step` is how much farther the flow leads a row of nodes farther down, `row` the height of a row of nodes; both in positions.
pub fn softened(step: i32, row: i32) -> i32 {
    let row = i64::from(row.max(1));
    let left = (i64::from(step) + row) * i64::from(FULL) / row;
    let lost = i64::from(KEEPS) - left.clamp(i64::from(LOSES), i64::from(KEEPS));
    (lost * i64::from(FULL) / i64::from(KEEPS - LOSES)) as i32
}

/// The tone of the skin around an eye: the painting smoothed, the eyeball left out.
///
/// The top byte of `painted` says how much of a place is eyeball. Both pictures are of one size.
pub fn tone(skin: &Picture, painted: &Picture) -> Picture {
    let (width, height) = (skin.width() as usize, skin.height() as usize);
    let mut sums: Vec<[u64; 4]> = (skin.pixels().iter().zip(painted.pixels()))
        .map(|(&pixel, &mask)| {
            // A trace is left, so that a place amid the eyeball still has a colour.
            let weight = u64::from(255 - (mask >> 24)) * 64 + 1;
            let [red, green, blue] = rgb(pixel).map(u64::from);
            [red * weight, green * weight, blue * weight, weight]
        })
        .collect();
    let radius = [(width / 24).max(1), (height / 40).max(1)];
    for _ in 0..2 {
        sums = summed(&sums, [width, height], [1, width], radius[0]);
        sums = summed(&sums, [height, width], [width, 1], radius[1]);
    }
    let pixels = sums.into_iter().map(|[red, green, blue, weight]| {
        xrgb([red, green, blue].map(|sum| ((sum + weight / 2) / weight.max(1)).min(255) as u8))
    });
    Picture::from_pixels(skin.width(), skin.height(), pixels.collect()).unwrap_or_default()
}

/// Sums over `radius` places to both sides, along lines of `sides[0]` places that are `steps[0]` apart.
fn summed(from: &[[u64; 4]], sides: [usize; 2], steps: [usize; 2], radius: usize) -> Vec<[u64; 4]> {
    let mut to = vec![[0; 4]; from.len()];
    for line in 0..sides[1] {
        let at = |i: usize| line * steps[1] + i * steps[0];
        let mut sum = [0; 4];
        for i in 0..sides[0] + radius {
            for channel in 0..4 {
                if i < sides[0] {
                    sum[channel] += from[at(i)][channel];
                }
                if i > 2 * radius {
                    sum[channel] -= from[at(i - 2 * radius - 1)][channel];
                }
            }
            if i >= radius {
                to[at(i - radius)] = sum;
            }
        }
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skin_keeps_its_paint_until_it_is_drawn_out() {
        // Rows of 100: what is left of them is 100 and the flow's step.
        for (step, share) in [
            (0, 0),
            (40, 0),
            (-30, 0),
            (-50, FULL / 2),
            (-67, FULL),
            (-300, FULL),
        ] {
            let soft = softened(step, 100);
            assert!((soft - share).abs() < FULL / 90, "{step}: {soft}");
        }
        // A patch without rows, and steps as long as any.
        assert_eq!(softened(0, 0), softened(0, 1));
        softened(i32::MIN, i32::MAX);
    }

    #[test]
    fn the_tone_is_smooth_and_leaves_the_eyeball_out() {
        let (width, height) = (96, 72);
        let eyeball = |x: i32, y: i32| (x - 48).abs() < 30 && (y - 36).abs() < 12;
        let of = |pixel: &dyn Fn(i32, i32) -> u32| {
            let places = (0..height).flat_map(|y| (0..width).map(move |x| [x, y]));
            let pixels = places.map(|[x, y]| pixel(x, y)).collect();
            Picture::from_pixels(width as u32, height as u32, pixels).unwrap()
        };
        // Skin with upright cracks, and a white eyeball.
        let skin = of(&|x, y| match (eyeball(x, y), x % 6) {
            (true, _) => xrgb([255; 3]),
            (false, 0) => xrgb([60; 3]),
            _ => xrgb([120; 3]),
        });
        let painted = of(&|x, y| if eyeball(x, y) { 255 << 24 } else { 0 });
        let tone = tone(&skin, &painted);
        for y in [2, 10, 22, 24, 70] {
            for x in 8..88 {
                let [light, ..] = rgb(tone.get(x, y).unwrap());
                assert!((105..=115).contains(&light), "{light} at {x}, {y}");
            }
        }
    }

    #[test]
    fn sums_run_to_the_edges() {
        let row: Vec<[u64; 4]> = (1..=4).map(|value| [value, 0, 0, 1]).collect();
        let sums = summed(&row, [4, 1], [1, 4], 1);
        assert_eq!(
            sums.iter().map(|sum| sum[0]).collect::<Vec<_>>(),
            [3, 6, 9, 7]
        );
        assert_eq!(
            sums.iter().map(|sum| sum[3]).collect::<Vec<_>>(),
            [2, 3, 3, 2]
        );
        let wide = summed(&row, [4, 1], [1, 4], 9);
        assert!(wide.iter().all(|sum| sum[0] == 10));
    }
}
