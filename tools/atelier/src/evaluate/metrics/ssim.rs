//! SSIM: structural similarity on luma, 1 for equal pictures.
//!
//! As published: a Gaussian window of 11 x 11 with a deviation of 1.5 pixels, K1 = 0.01, K2 = 0.03, a range of 255, and the
//! mean over all places where the window lies inside. The picture is not reduced first.
//!
//! Source: Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to
//! structural similarity", IEEE Transactions on Image Processing 13 (2004).

use super::luma::Plane;

const WINDOW: usize = 11;
const DEVIATION: f32 = 1.5;
const C1: f32 = (0.01 * 255.0) * (0.01 * 255.0);
const C2: f32 = (0.03 * 255.0) * (0.03 * 255.0);

/// The similarity of two planes of one size, at least 11 x 11; 1 of smaller ones.
pub fn ssim(one: &Plane, other: &Plane) -> f64 {
    if one.width < WINDOW || one.height() < WINDOW {
        return 1.0;
    }
    let window = window();
    let mean = |plane: &Plane| blurred(plane, &window);
    let (mu_a, mu_b) = (mean(one), mean(other));
    let aa = mean(&one.zip(one, |a, b| a * b));
    let bb = mean(&other.zip(other, |a, b| a * b));
    let ab = mean(&one.zip(other, |a, b| a * b));
    let map = (0..mu_a.values.len()).map(|i| {
        let (a, b) = (mu_a.values[i], mu_b.values[i]);
        let variances = aa.values[i] - a * a + bb.values[i] - b * b;
        let together = ab.values[i] - a * b;
        let alike = (2.0 * a * b + C1) * (2.0 * together + C2);
        f64::from(alike / ((a * a + b * b + C1) * (variances + C2)))
    });
    map.sum::<f64>() / mu_a.values.len() as f64
}

fn window() -> [f32; WINDOW] {
    let bell = |i: usize| {
        let away = i as f32 - (WINDOW / 2) as f32;
        (-0.5 * (away / DEVIATION).powi(2)).exp()
    };
    let weights: [f32; WINDOW] = std::array::from_fn(bell);
    let all: f32 = weights.iter().sum();
    weights.map(|weight| weight / all)
}

/// The weighted mean around every place where the window lies inside.
fn blurred(plane: &Plane, window: &[f32; WINDOW]) -> Plane {
    let (width, height) = (plane.width + 1 - WINDOW, plane.height() + 1 - WINDOW);
    let mut across = Vec::with_capacity(width * plane.height());
    for row in plane.values.chunks_exact(plane.width) {
        for around in row.windows(WINDOW) {
            across.push(around.iter().zip(window).map(|(a, w)| a * w).sum::<f32>());
        }
    }
    let mut values = vec![0.0; width * height];
    for (y, line) in values.chunks_exact_mut(width).enumerate() {
        for (row, weight) in (y..).zip(window) {
            let from = &across[row * width..(row + 1) * width];
            for (value, a) in line.iter_mut().zip(from) {
                *value += weight * a;
            }
        }
    }
    Plane { width, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plane(side: usize, f: impl Fn(usize, usize) -> f32) -> Plane {
        Plane {
            width: side,
            values: (0..side * side).map(|i| f(i % side, i / side)).collect(),
        }
    }

    fn noise(seed: usize) -> impl Fn(usize, usize) -> f32 {
        move |x, y| ((x * 73 + y * 151 + seed * 977 + x * y * 31) % 256) as f32
    }

    /// The definition, place by place with a whole window.
    fn plain(a: &Plane, b: &Plane) -> f64 {
        let w = window();
        let places = a.width + 1 - WINDOW;
        let mut sum = 0.0;
        for y in 0..places {
            for x in 0..places {
                let over = |f: &dyn Fn(f32, f32) -> f32| -> f32 {
                    let mut all = 0.0;
                    for (j, v) in w.iter().enumerate() {
                        for (i, u) in w.iter().enumerate() {
                            all += u * v * f(a.at(x + i, y + j), b.at(x + i, y + j));
                        }
                    }
                    all
                };
                let (ma, mb) = (over(&|a, _| a), over(&|_, b| b));
                let va = over(&|a, _| (a - ma).powi(2));
                let vb = over(&|_, b| (b - mb).powi(2));
                let ab = over(&|a, b| (a - ma) * (b - mb));
                let top = (2.0 * ma * mb + C1) * (2.0 * ab + C2);
                sum += f64::from(top / ((ma * ma + mb * mb + C1) * (va + vb + C2)));
            }
        }
        sum / (places * places) as f64
    }

    #[test]
    fn equal_is_one_and_flat_ones_differ_by_their_level() {
        let picture = plane(24, noise(1));
        assert!((ssim(&picture, &picture) - 1.0).abs() < 1e-6);
        // Without structure only the first factor is left: (2ab + C1) / (a² + b² + C1).
        let (dark, light) = (plane(16, |_, _| 50.0), plane(16, |_, _| 100.0));
        let known = (2.0 * 50.0 * 100.0 + 6.5025) / (2500.0 + 10_000.0 + 6.5025);
        assert!((ssim(&dark, &light) - known).abs() < 1e-4);
    }

    #[test]
    fn as_defined_place_by_place() {
        let (a, b) = (plane(20, noise(3)), plane(20, noise(4)));
        let (fast, slow) = (ssim(&a, &b), plain(&a, &b));
        assert!((fast - slow).abs() < 1e-3, "{fast} {slow}");
        let mixed = a.zip(&b, |a, b| 0.8 * a + 0.2 * b);
        let (fast, slow) = (ssim(&a, &mixed), plain(&a, &mixed));
        assert!((fast - slow).abs() < 1e-3 && fast > 0.8, "{fast} {slow}");
    }
}
