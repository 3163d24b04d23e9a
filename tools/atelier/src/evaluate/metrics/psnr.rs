//! PSNR: peak signal to noise ratio over all three colours, in decibels; more is better.

use sfumato_core::pixels::Rgb;

/// What equal pictures get instead of infinity, which no mean survives.
pub const EQUAL: f64 = 100.0;

/// The ratio for two pictures of one size.
pub fn psnr(one: &[Rgb], other: &[Rgb]) -> f64 {
    let pairs = one.as_flattened().iter().zip(other.as_flattened());
    let squares: u64 = pairs.map(|(&a, &b)| u64::from(a.abs_diff(b)).pow(2)).sum();
    let mean = squares as f64 / (3 * one.len().max(1)) as f64;
    if mean == 0.0 {
        return EQUAL;
    }
    (10.0 * (255.0 * 255.0 / mean).log10()).min(EQUAL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        let grey = vec![[100; 3]; 64];
        assert_eq!(psnr(&grey, &grey), EQUAL);
        // One level everywhere: 20 log10 255.
        assert!((psnr(&grey, &[[101; 3]; 64]) - 48.1308).abs() < 1e-4);
        // Black against white is 0.
        assert!(psnr(&[[0; 3]; 64], &[[255; 3]; 64]).abs() < 1e-9);
        // Sixteen levels in one of three colours.
        let red = vec![[116, 100, 100]; 64];
        assert!((psnr(&grey, &red) - (48.1308 - 24.0824 + 4.7712)).abs() < 1e-3);
    }
}
