//! Glimpses: has the picture of a face changed since it was last looked at?
//!
//! The landmark network's answer depends a little on the crop it looks at. As each answer gives
//! the next crop, one and the same picture swings between answers, by up to half a degree. So while
//! the picture in a face's crop stays, the crop stays, and then the answer does too, bit for bit.
//!
//! A glimpse is a coarse picture, made of the means of small cells. A camera's noise averages
//! out in them; an eyelid that moves by a pixel does not.

use crate::crop::Crop;
use crate::sample::{Levels, Outside, sample};
use sfumato_core::pixels::{Pixels, Rgb};

/// Pixels read along a side of the crop, and along a side of a cell.
const SIDE: usize = 64;
const CELL: usize = 8;

/// Numbers that [`Glimpse::take`] reads on the way.
pub const READ: usize = 3 * SIDE * SIDE;

/// Means of all cells of all colours.
const CELLS: usize = READ / (CELL * CELL);

/// A cell whose mean differs by more than this, in levels of 255, has changed. A still picture in a
/// compressed clip stays below it; faces that move slowly are still measured as MediaPipe does (r > 0.97).
const CHANGED: f32 = 1.5;

/// A coarse picture of a crop: 8 x 8 means of red, green and blue, in levels 0 to 255.
#[derive(Clone, Debug, PartialEq)]
pub struct Glimpse([f32; CELLS]);

impl Glimpse {
    /// Looks at `crop` of `picture`; `read` holds [`READ`] numbers of no further use.
    pub fn take(picture: Pixels<'_, Rgb>, crop: &Crop, read: &mut [f32]) -> Glimpse {
        let levels = Levels {
            black: 0.0,
            white: 255.0,
        };
        sample(picture, crop, Outside::Nearest, levels, SIDE, read);
        let mut means = [0.0; CELLS];
        // Rows of all three planes follow each other, so a band of cells is as many whole rows.
        let bands = read.chunks_exact(SIDE * CELL);
        for (band, means) in bands.zip(means.chunks_exact_mut(SIDE / CELL)) {
            for row in band.chunks_exact(SIDE) {
                for (part, mean) in row.chunks_exact(CELL).zip(&mut *means) {
                    *mean += part.iter().sum::<f32>() / (CELL * CELL) as f32;
                }
            }
        }
        Glimpse(means)
    }

    /// Whether both show the same picture.
    pub fn is_like(&self, other: &Glimpse) -> bool {
        let cells = self.0.iter().zip(&other.0);
        cells.into_iter().all(|(a, b)| (a - b).abs() <= CHANGED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::geometry::Point;

    const WIDTH: usize = 200;

    fn glimpse(pixel: impl Fn(usize, usize) -> u8) -> Glimpse {
        let pixels: Vec<Rgb> = (0..WIDTH * WIDTH)
            .map(|index| [pixel(index % WIDTH, index / WIDTH); 3])
            .collect();
        let picture = Pixels::new(&pixels, WIDTH, WIDTH, WIDTH).unwrap();
        let crop = Crop {
            centre: Point { x: 100.0, y: 100.0 },
            size: 128.0,
            rotation: 0.1,
        };
        Glimpse::take(picture, &crop, &mut vec![0.0; READ])
    }

    fn face(x: usize, y: usize) -> u8 {
        (120 + (x * 7 + y * 3) % 40) as u8
    }

    #[test]
    fn noise_is_no_change() {
        let noise = |seed: usize| {
            move |x: usize, y: usize| {
                // Mixed well enough; within ±2 levels.
                let mixed = (x + 31 * y + 977 * seed).wrapping_mul(2_654_435_761) >> 16;
                face(x, y) + (mixed % 5) as u8
            }
        };
        assert!(glimpse(noise(1)).is_like(&glimpse(noise(2))));
        assert!(glimpse(noise(1)).is_like(&glimpse(noise(3))));
    }

    #[test]
    fn a_lid_that_moves_is_a_change() {
        let lid = |low: usize| {
            move |x: usize, y: usize| {
                let eye = (70..95).contains(&x) && (low..90).contains(&y);
                if eye { 60 } else { face(x, y) }
            }
        };
        assert!(!glimpse(lid(84)).is_like(&glimpse(lid(83))));
    }

    #[test]
    fn slow_light_is_a_change_in_the_end() {
        let first = glimpse(face);
        assert!(!first.is_like(&glimpse(|x, y| face(x, y) + 2)));
    }
}
