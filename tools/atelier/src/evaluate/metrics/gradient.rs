//! GMSD: gradient magnitude similarity deviation on luma; 0 for equal pictures, less is better.
//!
//! It stands where papers report LPIPS, whose weights are not here. It is another measure: it sees misplaced, blurred and
//! torn edges, which people mind, and knows nothing of what a learned measure learned. Never compare the two.
//!
//! As published: the picture is halved by means of four, gradients are Prewitt's, c = 170, and the deviation of the similarities
//! over the picture is the result. (Wang's SSIM is a mean; the deviation weighs a face torn in one place more.)
//!
//! Source: W. Xue, L. Zhang, X. Mou, A. C. Bovik, "Gradient Magnitude Similarity Deviation", IEEE Transactions on Image
//! Processing 23 (2014).

use super::luma::Plane;

const C: f32 = 170.0;

/// The deviation for two planes of one size; 0 of planes of fewer than 6 x 6.
pub fn gmsd(one: &Plane, other: &Plane) -> f64 {
    let (a, b) = (gradient(&one.halved()), gradient(&other.halved()));
    let map = a.zip(&b, |a, b| (2.0 * a * b + C) / (a * a + b * b + C));
    let mean = map.mean();
    let away = map
        .values
        .iter()
        .map(|&value| (f64::from(value) - mean).powi(2));
    (away.sum::<f64>() / map.values.len().max(1) as f64).sqrt()
}

/// Lengths of Prewitt's gradient where all neighbours are inside.
fn gradient(plane: &Plane) -> Plane {
    let width = plane.width.saturating_sub(2);
    let height = plane.height().saturating_sub(2);
    let mut values = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let column = |x: usize| plane.at(x, y) + plane.at(x, y + 1) + plane.at(x, y + 2);
            let row = |y: usize| plane.at(x, y) + plane.at(x + 1, y) + plane.at(x + 2, y);
            let (right, down) = (column(x + 2) - column(x), row(y + 2) - row(y));
            values.push((right / 3.0).hypot(down / 3.0));
        }
    }
    Plane { width, values }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(at: usize) -> Plane {
        Plane {
            width: 16,
            values: (0..256)
                .map(|i| if i % 16 < at { 0.0 } else { 90.0 })
                .collect(),
        }
    }

    #[test]
    fn equal_is_nothing_and_light_does_not_count() {
        assert_eq!(gmsd(&edge(8), &edge(8)), 0.0);
        let lighter = edge(8).zip(&edge(8), |a, _| a + 40.0);
        assert!(gmsd(&edge(8), &lighter) < 1e-6);
    }

    #[test]
    fn an_edge_that_is_gone_is_known() {
        // Halved: an edge between columns 3 and 4 of 8; two of six columns of gradients are 90, and
        // without it 0. There the similarity is c / (90² + c), elsewhere 1.
        let flat = edge(0);
        let low = 170.0 / (90.0 * 90.0 + 170.0);
        let known = (1.0 - low) * (2.0f64 / 6.0 * 4.0 / 6.0).sqrt();
        assert!((gmsd(&edge(8), &flat) - known).abs() < 1e-5);
    }
}
