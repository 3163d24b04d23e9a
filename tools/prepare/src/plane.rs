//! One channel of a picture as numbers, with the few filters that preparing needs.

use sfumato_compositor::Picture;
use sfumato_core::pixels::rgb;

/// A channel: `width * height` numbers, row by row.
#[derive(Clone, Debug)]
pub struct Plane {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The numbers.
    pub values: Vec<f32>,
}

impl Plane {
    /// A plane of one value.
    pub fn new(width: usize, height: usize, value: f32) -> Plane {
        Plane {
            width,
            height,
            values: vec![value; width * height],
        }
    }

    /// Luminance (Rec. 709 weights on the stored values) of a picture's part, in [0, 1].
    pub fn luminance(picture: &Picture, left: i64, top: i64, width: usize, height: usize) -> Plane {
        let mut plane = Plane::new(width, height, 0.0);
        let clamp = |value: i64, size: u32| value.clamp(0, i64::from(size) - 1) as u32;
        for y in 0..height {
            for x in 0..width {
                let column = clamp(left + x as i64, picture.width());
                let row = clamp(top + y as i64, picture.height());
                let [r, g, b] = rgb(picture.get(column, row).unwrap_or(0)).map(f32::from);
                plane.values[y * width + x] = (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255.0;
            }
        }
        plane
    }

    /// The value at a column and row; the nearest one outside.
    pub fn get(&self, x: i64, y: i64) -> f32 {
        let x = x.clamp(0, self.width as i64 - 1) as usize;
        let y = y.clamp(0, self.height as i64 - 1) as usize;
        self.values[y * self.width + x]
    }

    /// The bilinear value at a position; pixel centres lie at halves.
    pub fn read(&self, x: f32, y: f32) -> f32 {
        let (u, v) = (x - 0.5, y - 0.5);
        let (column, row) = (u.floor(), v.floor());
        let (right, down) = (u - column, v - row);
        let at = |dx: i64, dy: i64| self.get(column as i64 + dx, row as i64 + dy);
        let top = at(0, 0) + (at(1, 0) - at(0, 0)) * right;
        let bottom = at(0, 1) + (at(1, 1) - at(0, 1)) * right;
        top + (bottom - top) * down
    }

    /// Gaussian blur of the given standard deviation in pixels.
    pub fn blurred(&self, sigma: f32) -> Plane {
        if sigma < 0.2 {
            return self.clone();
        }
        let reach = (3.0 * sigma).ceil() as i64;
        let mut kernel: Vec<f32> = (-reach..=reach)
            .map(|i| (-0.5 * (i as f32 / sigma).powi(2)).exp())
            .collect();
        let sum: f32 = kernel.iter().sum();
        kernel.iter_mut().for_each(|weight| *weight /= sum);
        let pass = |from: &Plane, across: bool| {
            let mut to = Plane::new(self.width, self.height, 0.0);
            for y in 0..self.height as i64 {
                for x in 0..self.width as i64 {
                    let total: f32 = (-reach..=reach)
                        .zip(&kernel)
                        .map(|(offset, weight)| {
                            let (dx, dy) = if across { (offset, 0) } else { (0, offset) };
                            weight * from.get(x + dx, y + dy)
                        })
                        .sum();
                    to.values[y as usize * self.width + x as usize] = total;
                }
            }
            to
        };
        pass(&pass(self, true), false)
    }
}

/// Fills the unknown values with the smoothest surface over the known ones (Laplace's equation).
///
/// `known` has one entry a value. Works coarse to fine, so that large holes fill quickly.
pub fn fill_smoothly(plane: &mut Plane, known: &[bool]) {
    let (width, height) = (plane.width, plane.height);
    if width > 4 && height > 4 && known.iter().any(|k| !k) {
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        let mut coarse = Plane::new(half_width, half_height, 0.0);
        let mut coarse_known = vec![false; half_width * half_height];
        for y in 0..half_height {
            for x in 0..half_width {
                let (mut sum, mut count) = (0.0, 0.0);
                for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                    let (fx, fy) = (2 * x + dx, 2 * y + dy);
                    if fx < width && fy < height && known[fy * width + fx] {
                        sum += plane.values[fy * width + fx];
                        count += 1.0;
                    }
                }
                if count > 0.0 {
                    coarse.values[y * half_width + x] = sum / count;
                    coarse_known[y * half_width + x] = true;
                }
            }
        }
        if coarse_known.iter().any(|&k| k) {
            fill_smoothly(&mut coarse, &coarse_known);
        }
        for y in 0..height {
            for x in 0..width {
                if !known[y * width + x] {
                    plane.values[y * width + x] =
                        coarse.read(0.5 * (x as f32 + 0.5), 0.5 * (y as f32 + 0.5));
                }
            }
        }
    }
    for _ in 0..60 {
        for y in 0..height {
            for x in 0..width {
                if known[y * width + x] {
                    continue;
                }
                let (x, y) = (x as i64, y as i64);
                let around = plane.get(x - 1, y)
                    + plane.get(x + 1, y)
                    + plane.get(x, y - 1)
                    + plane.get(x, y + 1);
                plane.values[y as usize * width + x as usize] = 0.25 * around;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hole_in_a_ramp_is_filled_with_the_ramp() {
        let mut plane = Plane::new(40, 30, 0.0);
        let mut known = vec![true; 1200];
        for y in 0..30 {
            for x in 0..40 {
                plane.values[y * 40 + x] = x as f32;
                if (10..30).contains(&x) && (8..22).contains(&y) {
                    known[y * 40 + x] = false;
                    plane.values[y * 40 + x] = 999.0;
                }
            }
        }
        fill_smoothly(&mut plane, &known);
        for (i, value) in plane.values.iter().enumerate() {
            assert!(
                (value - (i % 40) as f32).abs() < 0.4,
                "{value} at {}",
                i % 40
            );
        }
    }

    #[test]
    fn blurring_keeps_the_mean() {
        let mut plane = Plane::new(21, 21, 0.0);
        plane.values[220] = 1.0;
        let sum: f32 = plane.blurred(2.0).values.iter().sum();
        assert!((sum - 1.0).abs() < 1e-3);
    }
}
