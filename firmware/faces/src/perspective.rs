//! Where each pixel of a network's input lies in the picture, to OpenCV's last bit.
//!
//! Positions are rounded to 32nds of a pixel, and for half of all picture sizes the letterbox puts
//! every other position exactly between two 32nds. Which way such a tie falls decides thousands
//! of pixels at once and can push a detector's candidate over its threshold, and there the
//! rounding errors of OpenCV's own arithmetic decide. So this module repeats that arithmetic step by
//! step: corners in 32-bit floats (`RotatedRect::points`), the transform by Gaussian elimination
//! (`getPerspectiveTransform`), its inverse by cofactors (`invert`), positions in blocks of 64
//! columns (`warpPerspective`), ties to even.
//!
//! The transform of a rotated square needs no perspective; its two coefficients are rounding errors
//! too, and carried along.

use crate::crop::Crop;

/// Columns whose positions are counted from the same start.
pub(crate) const BLOCK: usize = 64;

/// Steps between two pixels.
pub(crate) const STEPS: f64 = 32.0;

/// From an input's columns and rows to positions in the picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Perspective {
    m: [f64; 9],
}

impl Perspective {
    /// The positions of an input of `size` x `size` pixels that shows `crop`; none if the crop
    /// has no area.
    pub(crate) fn new(crop: &Crop, size: usize) -> Option<Perspective> {
        let side = size as f32;
        let inputs = [[0.0, side], [0.0, 0.0], [side, 0.0], [side, side]];
        let mut equations = [[0.0; 9]; 8];
        for (index, (picture, input)) in corners(crop).iter().zip(inputs).enumerate() {
            let [x, y] = picture.map(f64::from);
            let [u, v] = input.map(f64::from);
            equations[index] = [x, y, 1.0, 0.0, 0.0, 0.0, -x * u, -y * u, u];
            equations[index + 4] = [0.0, 0.0, 0.0, x, y, 1.0, -x * v, -y * v, v];
        }
        let [a, b, c, d, e, f, g, h] = solve(equations)?;
        Some(Perspective {
            m: invert([a, b, c, d, e, f, g, h, 1.0])?,
        })
    }

    /// Positions in 32nds of a pixel of the columns of row `y` from `start` on, a multiple of
    /// [`BLOCK`].
    #[inline]
    pub(crate) fn block(&self, start: usize, y: usize) -> [[i32; BLOCK]; 2] {
        let m = &self.m;
        let (x, y) = (start as f64, y as f64);
        let [u, v, w] = [0, 3, 6].map(|row| m[row] * x + m[row + 1] * y + m[row + 2]);
        let mut block = [[0; BLOCK]; 2];
        let [us, vs] = &mut block;
        // Almost always the perspective is nothing, or too little to change a sum.
        if w + m[6] * (BLOCK - 1) as f64 == w && w != 0.0 {
            let scale = STEPS / w;
            for (column, (out_u, out_v)) in us.iter_mut().zip(vs).enumerate() {
                let column = column as f64;
                *out_u = to_steps((u + m[0] * column) * scale);
                *out_v = to_steps((v + m[3] * column) * scale);
            }
            return block;
        }
        for (column, (out_u, out_v)) in us.iter_mut().zip(vs).enumerate() {
            let column = column as f64;
            let w = w + m[6] * column;
            let scale = if w == 0.0 { 0.0 } else { STEPS / w };
            *out_u = to_steps((u + m[0] * column) * scale);
            *out_v = to_steps((v + m[3] * column) * scale);
        }
        block
    }
}

/// To the nearest whole number, a half to the even one.
///
/// Adding and taking away a number so large that its last bit stands for 1 rounds without a
/// library call. Crops are held under a million pixels, so that nothing leaves its range.
#[inline]
fn to_steps(position: f64) -> i32 {
    const LARGE: f64 = 6_755_399_441_055_744.0; // 1.5 * 2^52
    ((position + LARGE) - LARGE) as i32
}

/// Bottom left, top left, top right and bottom right corner of the crop.
fn corners(crop: &Crop) -> [[f32; 2]; 4] {
    let degrees = crop.rotation * 180.0 / core::f32::consts::PI;
    let angle = f64::from(degrees) * core::f64::consts::PI / 180.0;
    let along = libm::cos(angle) as f32 * 0.5 * crop.size;
    let across = libm::sin(angle) as f32 * 0.5 * crop.size;
    let (x, y) = (crop.centre.x, crop.centre.y);
    let bottom_left = [x - across - along, y + along - across];
    let top_left = [x + across - along, y - along - across];
    [
        bottom_left,
        top_left,
        [2.0 * x - bottom_left[0], 2.0 * y - bottom_left[1]],
        [2.0 * x - top_left[0], 2.0 * y - top_left[1]],
    ]
}

/// Solves eight equations; each row holds eight coefficients and the right side.
fn solve(mut a: [[f64; 9]; 8]) -> Option<[f64; 8]> {
    for column in 0..8 {
        let mut pivot = column;
        for row in column + 1..8 {
            if a[row][column].abs() > a[pivot][column].abs() {
                pivot = row;
            }
        }
        if a[pivot][column].abs() < f64::EPSILON * 100.0 {
            return None;
        }
        a.swap(column, pivot);
        let factor = -1.0 / a[column][column];
        for row in column + 1..8 {
            let alpha = a[row][column] * factor;
            let above = a[column];
            for (value, pivot) in a[row].iter_mut().zip(above).skip(column + 1) {
                *value += alpha * pivot;
            }
        }
    }
    let mut x = [0.0; 8];
    for row in (0..8).rev() {
        let mut sum = a[row][8];
        for k in row + 1..8 {
            sum -= a[row][k] * x[k];
        }
        x[row] = sum / a[row][row];
    }
    Some(x)
}

/// The inverse of a 3 x 3 matrix by cofactors.
fn invert(s: [f64; 9]) -> Option<[f64; 9]> {
    let minor = |a: usize, b: usize, c: usize, d: usize| s[a] * s[b] - s[c] * s[d];
    let determinant =
        s[0] * minor(4, 8, 5, 7) - s[1] * minor(3, 8, 5, 6) + s[2] * minor(3, 7, 4, 6);
    if determinant == 0.0 || !determinant.is_finite() {
        return None;
    }
    let d = 1.0 / determinant;
    Some([
        minor(4, 8, 5, 7) * d,
        minor(2, 7, 1, 8) * d,
        minor(1, 5, 2, 4) * d,
        minor(5, 6, 3, 8) * d,
        minor(0, 8, 2, 6) * d,
        minor(2, 3, 0, 5) * d,
        minor(3, 7, 4, 6) * d,
        minor(1, 6, 0, 7) * d,
        minor(0, 4, 1, 3) * d,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What OpenCV 4.11 gives for the letterbox of a picture of 1808 x 2138 pixels at 128.
    #[test]
    fn rounding_errors_are_those_of_opencv() {
        let perspective = Perspective::new(&Crop::letterbox(1808, 2138), 128).unwrap();
        let expected = [
            16.703125,
            2.318_024_244_774_008_5e-16,
            -165.000_000_000_000_03,
            0.0,
            16.703125,
            0.0,
            0.0,
            0.0,
            1.0,
        ];
        assert_eq!(perspective.m, expected);
    }
}
