//! Luma: brightness as broadcasters weigh it (ITU-R BT.601), the plane that SSIM and GMSD are defined on.

use sfumato_core::pixels::Rgb;

/// A plane of numbers, row after row.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// Columns.
    pub width: usize,
    /// Numbers, 0 to 255 for luma.
    pub values: Vec<f32>,
}

impl Plane {
    /// The luma of a picture of `width` columns.
    pub fn luma(pixels: &[Rgb], width: usize) -> Plane {
        let luma = |&[red, green, blue]: &Rgb| {
            0.299 * f32::from(red) + 0.587 * f32::from(green) + 0.114 * f32::from(blue)
        };
        Plane {
            width,
            values: pixels.iter().map(luma).collect(),
        }
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.values.len() / self.width.max(1)
    }

    /// The number at column `x` and row `y`; 0 outside.
    pub fn at(&self, x: usize, y: usize) -> f32 {
        if x >= self.width {
            return 0.0;
        }
        self.values.get(y * self.width + x).copied().unwrap_or(0.0)
    }

    /// Two planes, number by number.
    pub fn zip(&self, other: &Plane, f: impl Fn(f32, f32) -> f32) -> Plane {
        let pairs = self.values.iter().zip(&other.values);
        Plane {
            width: self.width,
            values: pairs.map(|(&a, &b)| f(a, b)).collect(),
        }
    }

    /// The mean of all numbers; 0 of none.
    pub fn mean(&self) -> f64 {
        let sum: f64 = self.values.iter().copied().map(f64::from).sum();
        sum / self.values.len().max(1) as f64
    }

    /// Half as wide and high, each number the mean of four; a last odd row or column is left out.
    pub fn halved(&self) -> Plane {
        let (width, height) = (self.width / 2, self.height() / 2);
        let mut values = Vec::with_capacity(width * height);
        for y in 0..height {
            for x in 0..width {
                let pair = |y: usize| self.at(2 * x, y) + self.at(2 * x + 1, y);
                values.push(0.25 * (pair(2 * y) + pair(2 * y + 1)));
            }
        }
        Plane { width, values }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_is_full_and_green_is_brightest() {
        let plane = Plane::luma(&[[255; 3], [0, 255, 0], [255, 0, 0], [0, 0, 255]], 2);
        assert!((plane.at(0, 0) - 255.0).abs() < 0.01);
        assert!((plane.at(1, 0) - 149.685).abs() < 0.01);
        assert!((plane.at(0, 1) - 76.245).abs() < 0.01);
        assert!((plane.at(1, 1) - 29.07).abs() < 0.01);
        let halved = plane.halved();
        assert_eq!((halved.width, halved.height()), (1, 1));
        assert!((halved.at(0, 0) - 127.5).abs() < 0.01);
    }
}
