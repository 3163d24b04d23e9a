//! Cutting a face out of a picture.
//!
//! Each pixel of the crop is the mean of a grid of readings, one for each pixel of the picture that it covers in either
//! direction (at most `MOST`), so that large pictures are not read with gaps; each reading is linear between
//! four pixels. Beyond the picture its nearest pixel is read: black would be an edge that no face has.
//! Which part of a crop that is, the frame's transform and the picture's size say.

use crate::align::{SIDE, Transform};
use sfumato_core::pixels::{Pixels, Rgb};

/// Readings for a pixel of the crop, in either direction.
const MOST: usize = 8;

/// Reads the crop, [`SIDE`] rows of [`SIDE`] pixels; black where the picture is empty.
pub fn cut_out(picture: Pixels<'_, Rgb>, transform: &Transform) -> Vec<Rgb> {
    cut_out_square(picture, transform, SIDE)
}

/// Reads a square of `side` rows and columns; `transform` leads from its pixels to the picture's.
pub fn cut_out_square(picture: Pixels<'_, Rgb>, transform: &Transform, side: usize) -> Vec<Rgb> {
    let mut crop = vec![[0; 3]; side * side];
    if picture.width() == 0 || picture.height() == 0 || !transform.is_usable() {
        return crop;
    }
    let steps = (libm::ceilf(transform.scale()) as usize).clamp(1, MOST);
    let step = 1.0 / steps as f32;
    let share = 1.0 / (steps * steps) as f32;
    for (row, line) in crop.chunks_exact_mut(side.max(1)).enumerate() {
        for (column, pixel) in line.iter_mut().enumerate() {
            let mut sum = [0.0; 3];
            for down in 0..steps {
                for right in 0..steps {
                    let u = column as f32 + (right as f32 + 0.5) * step;
                    let v = row as f32 + (down as f32 + 0.5) * step;
                    let [x, y] = transform.to_picture(u, v);
                    for (sum, level) in sum.iter_mut().zip(read(picture, x - 0.5, y - 0.5)) {
                        *sum += level;
                    }
                }
            }
            *pixel = sum.map(|sum| (sum * share + 0.5) as u8);
        }
    }
    crop
}

/// Linear between the four pixels around a place; `x` and `y` count from the first pixel's centre.
fn read(picture: Pixels<'_, Rgb>, x: f32, y: f32) -> [f32; 3] {
    let (last_x, last_y) = (picture.width() - 1, picture.height() - 1);
    let (x, y) = (x.clamp(0.0, last_x as f32), y.clamp(0.0, last_y as f32));
    let (left, top) = (x as usize, y as usize);
    let (across, down) = (x - left as f32, y - top as f32);
    let row = |row: usize| {
        let row = picture.row(row.min(last_y));
        let pixel = |column: usize| row.get(column.min(last_x)).copied().unwrap_or_default();
        let (a, b) = (pixel(left), pixel(left + 1));
        [0, 1, 2].map(|i: usize| mix(f32::from(a[i]), f32::from(b[i]), across))
    };
    let (a, b) = (row(top), row(top + 1));
    [0, 1, 2].map(|i: usize| mix(a[i], b[i], down))
}

fn mix(a: f32, b: f32, share: f32) -> f32 {
    a + (b - a) * share
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red grows to the right, green downwards.
    fn slope(width: usize, height: usize) -> Vec<Rgb> {
        (0..width * height)
            .map(|index| [(index % width) as u8, (index / width) as u8, 9])
            .collect()
    }

    #[test]
    fn the_picture_itself_is_read_unchanged() {
        let data = slope(256, 256);
        let picture = Pixels::new(&data, 256, 256, 256).unwrap();
        let same = Transform::around([128.0, 128.0], 256.0, 0.0);
        assert_eq!(cut_out(picture, &same), data);
    }

    #[test]
    fn a_larger_picture_is_averaged_and_edges_go_on() {
        // Stripes of one pixel become grey, whatever pixel is hit.
        let data: Vec<Rgb> = (0..1024 * 1024)
            .map(|index| [if index % 2 == 0 { 0 } else { 200 }; 3])
            .collect();
        let picture = Pixels::new(&data, 1024, 1024, 1024).unwrap();
        let crop = cut_out(picture, &Transform::around([512.0, 512.0], 1024.0, 0.0));
        assert!(
            crop.iter().all(|pixel| (99..=101).contains(&pixel[0])),
            "{:?}",
            crop[300]
        );

        let data = slope(100, 100);
        let picture = Pixels::new(&data, 100, 100, 100).unwrap();
        let crop = cut_out(picture, &Transform::around([50.0, 50.0], 256.0, 0.0));
        assert_eq!(crop[0], [0, 0, 9]);
        assert_eq!(crop[SIDE * SIDE - 1], [99, 99, 9]);
        assert_eq!(
            cut_out(Pixels::EMPTY, &Transform::around([50.0, 50.0], 256.0, 0.0))[7],
            [0; 3]
        );
    }

    #[test]
    fn a_crop_that_leans_shows_the_picture_upright() {
        let data = slope(200, 200);
        let picture = Pixels::new(&data, 200, 200, 200).unwrap();
        // What leans counter-clockwise by a quarter has its right above: the crop's right edge reads the picture's top.
        let crop = cut_out(picture, &Transform::around([100.0, 100.0], 128.0, 90.0));
        let (left, right) = (crop[128 * SIDE], crop[128 * SIDE + 255]);
        assert!(left[1] > 160 && right[1] < 40, "{left:?} {right:?}");
    }
}
