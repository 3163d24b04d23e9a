//! The paint's grain: what brush and age add to a flat tone.
//!
//! What is painted anew (the inside of a mouth) is a smooth tone; beside real paint it would look
//! pasted. The grain of a flat spot of the same painting, laid over it, ties it in.

use crate::picture::Picture;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::{rgb, xrgb};

/// Side of the tile as used, a power of two.
const SIDE: usize = 256;

/// A tile of grain at the size shown.
pub struct Grain(Vec<i8>);

impl Grain {
    /// From a scaled tile: grey 128 is even. Mirrored at its edges to fill the side.
    pub fn new(tile: &Picture) -> Grain {
        let (width, height) = (tile.width().max(1) as usize, tile.height().max(1) as usize);
        let mirror = |i: usize, side: usize| {
            let i = i % (2 * side);
            if i < side { i } else { 2 * side - 1 - i }
        };
        let mut grain = Vec::with_capacity(SIDE * SIDE);
        for y in 0..SIDE {
            for x in 0..SIDE {
                let pixel = tile.get(mirror(x, width) as u32, mirror(y, height) as u32);
                let grey = pixel.map_or(128, |pixel| i32::from(rgb(pixel)[1]));
                grain.push((grey - 128).clamp(-127, 127) as i8);
            }
        }
        Grain(grain)
    }

    /// The grain at a place, repeating.
    pub fn at(&self, x: i32, y: i32) -> i32 {
        let wrap = |i: i32| i.rem_euclid(SIDE as i32) as usize;
        i32::from(self.0[wrap(y) * SIDE + wrap(x)])
    }
}

impl fmt::Debug for Grain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Grain")
    }
}

/// Takes a tile of grain from the flattest well-lit spot of the region.
///
/// The tile has painting pixels; grey 128 is even. `region` is held within the painting.
pub fn take_grain(painting: &Picture, region: Rect) -> Picture {
    let side = region
        .width
        .min(painting.width().saturating_sub(region.x))
        .min(painting.height().saturating_sub(region.y));
    let tile = (side / 8).clamp(8, 192);
    if side < 2 * tile {
        return Picture::new(8, 8, xrgb([128; 3]));
    }
    let radius = (side as usize / 160).max(2);
    let light = brightness(painting, region, side);
    let low = blurred(&light, side as usize, radius);
    let mut best = (u64::MAX, 0, 0);
    let step = (tile / 2).max(1) as usize;
    let last = (side - tile) as usize;
    for top in (0..=last).step_by(step) {
        for left in (0..=last).step_by(step) {
            let score = unevenness(&low, side as usize, left, top, tile as usize);
            if score < best.0 {
                best = (score, left, top);
            }
        }
    }
    let (_, left, top) = best;
    let mut pixels = Vec::with_capacity((tile * tile) as usize);
    for y in top..top + tile as usize {
        for x in left..left + tile as usize {
            let at = y * side as usize + x;
            pixels.push(xrgb([(light[at] - low[at] + 128).clamp(0, 255) as u8; 3]));
        }
    }
    Picture::from_pixels(tile, tile, pixels).unwrap_or_default()
}

fn brightness(painting: &Picture, region: Rect, side: u32) -> Vec<i32> {
    let mut light = Vec::with_capacity((side * side) as usize);
    for y in region.y..region.y + side {
        let row = painting.row(y as usize);
        for &pixel in &row[region.x as usize..(region.x + side) as usize] {
            let [red, green, blue] = rgb(pixel).map(i32::from);
            light.push((54 * red + 183 * green + 19 * blue + 128) >> 8);
        }
    }
    light
}

/// Twice a running mean across and down.
fn blurred(light: &[i32], side: usize, radius: usize) -> Vec<i32> {
    let mut from = light.to_vec();
    let mut to = vec![0; from.len()];
    for _ in 0..2 {
        for (along, across) in [(1, side), (side, 1)] {
            for line in 0..side {
                let at = |i: usize| line * across + i * along;
                for i in 0..side {
                    let (low, high) = (i.saturating_sub(radius), (i + radius).min(side - 1));
                    let sum: i32 = (low..=high).map(|j| from[at(j)]).sum();
                    let count = (high - low + 1) as i32;
                    to[at(i)] = (sum + count / 2) / count;
                }
            }
            core::mem::swap(&mut from, &mut to);
        }
    }
    from
}

/// How far a spot is from one even, well-lit tone: its variance over its brightness.
fn unevenness(low: &[i32], side: usize, left: usize, top: usize, tile: usize) -> u64 {
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for y in top..top + tile {
        for &value in &low[y * side + left..y * side + left + tile] {
            sum += value as u64;
            squares += (value * value) as u64;
        }
    }
    let count = (tile * tile) as u64;
    let mean = sum / count;
    let variance = (squares / count).saturating_sub(mean * mean);
    ((variance + 4) << 16) / (mean * mean + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grain_comes_from_the_flat_bright_spot() {
        // Left half: a steep slope. Right half: even, with a fine checkerboard of +-6.
        let pixels = (0..200 * 200_i32)
            .map(|i| {
                let (x, y) = (i % 200, i / 200);
                let even = 150 + 6 - 12 * ((x + y) % 2);
                xrgb([if x < 100 { x * 2 } else { even } as u8; 3])
            })
            .collect();
        let painting = Picture::from_pixels(200, 200, pixels).unwrap();
        let region = Rect {
            x: 0,
            y: 0,
            width: 200,
            height: 200,
        };
        let tile = take_grain(&painting, region);
        let values: Vec<i32> = tile
            .pixels()
            .iter()
            .map(|&pixel| i32::from(rgb(pixel)[0]) - 128)
            .collect();
        assert!(values.iter().all(|value| (4..=8).contains(&value.abs())));
        assert!(values.iter().sum::<i32>().abs() <= values.len() as i32);
    }

    #[test]
    fn tiles_join_without_a_seam() {
        let pixels = (0..10 * 10)
            .map(|i| xrgb([100 + (i % 10) as u8 * 5; 3]))
            .collect();
        let grain = Grain::new(&Picture::from_pixels(10, 10, pixels).unwrap());
        for x in 0..200 {
            assert!((grain.at(x, 3) - grain.at(x + 1, 3)).abs() <= 5);
        }
        assert_eq!(grain.at(-1, 0), grain.at(255, 0));
    }
}
