//! Noise: sway that has a pace and no pattern.
//!
//! A value that wanders around zero, from one turning point to the next in about a *beat*. It follows from seed and
//! moment alone: nothing is remembered, so that every frame rate sees the same. Turning points are chance, what
//! lies between is the cubic through four of them (E. Catmull, R. Rom, "A class of local interpolating splines", 1974):
//! it goes through them without stopping.

use crate::random::hash;
use sfumato_core::motion::Real;
use sfumato_core::time::{Micros, Moment};

/// The cubic between turning points is nearer to zero than they are; this makes up for it.
const FLATTENED: Real = Real::lit("1.108");

/// The value at `now`: root mean square 1, at most 4.3.
pub(crate) fn noise(seed: u64, now: Moment, beat: Micros) -> Real {
    let beat = beat.0.max(1);
    // Noises of different seeds turn at different moments.
    let at = now.0.saturating_add(hash(seed) % beat);
    let knot = at / beat;
    let u = Real::from_bits((u128::from(at % beat) * 65_536 / u128::from(beat)) as i32);
    let [before, from, to, after] = [0, 1, 2, 3].map(|step| turning(seed, knot.wrapping_add(step)));
    let (square, cube) = (u * u, u * u * u);
    let half = Real::lit("0.5");
    let value = before * (square - half * (cube + u))
        + from * (3 * half * cube - 5 * half * square + Real::ONE)
        + to * (2 * square - 3 * half * cube + half * u)
        + after * half * (cube - square);
    value * FLATTENED
}

/// About normal, variance 1, within ±3.5: four even chances together.
fn turning(seed: u64, knot: u64) -> Real {
    let chance = hash(seed ^ knot.wrapping_mul(0xd134_2543_de82_ef95));
    let sum: u64 = [0, 16, 32, 48]
        .map(|shift| chance >> shift & 0xffff)
        .iter()
        .sum();
    let centred = Real::from_bits(sum as i32) - Real::const_from_int(2);
    centred * Real::lit("1.732")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(seed: u64, beat: u64, step: u64) -> std::vec::Vec<f64> {
        (0..60_000)
            .map(|i| noise(seed, Moment(i * step), Micros(beat)).to_num())
            .collect()
    }

    #[test]
    fn it_has_its_size_and_no_direction() {
        let values = series(5, 500_000, 100_000);
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let square = values.iter().map(|v| v * v).sum::<f64>() / values.len() as f64;
        assert!(mean.abs() < 0.02, "{mean}");
        assert!((square.sqrt() - 1.0).abs() < 0.03, "{}", square.sqrt());
    }

    #[test]
    fn it_has_its_pace() {
        // Turning points of white noise: between two of three knots, one is a peak or a valley.
        let values = series(7, 1_000_000, 20_000);
        let turns = (values.windows(3))
            .filter(|w| (w[1] - w[0]) * (w[2] - w[1]) < 0.0)
            .count();
        let seconds = 60_000.0 * 0.02;
        let rate = turns as f64 / seconds;
        assert!((0.5..1.1).contains(&rate), "{rate} turns a second");
    }

    #[test]
    fn it_is_smooth_and_the_same_at_every_frame_rate() {
        let values = series(9, 250_000, 1_000);
        for pair in values.windows(2) {
            assert!((pair[1] - pair[0]).abs() < 0.05, "{pair:?}");
        }
        let coarse = series(9, 250_000, 40_000);
        assert_eq!(coarse[100], values[4_000]);
    }

    #[test]
    fn other_seeds_are_other_noises() {
        let (a, b) = (series(1, 500_000, 50_000), series(2, 500_000, 50_000));
        let product: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum::<f64>() / a.len() as f64;
        assert!(product.abs() < 0.05, "{product}");
    }

    #[test]
    fn no_moment_is_too_late() {
        noise(u64::MAX, Moment(u64::MAX), Micros(0));
        noise(3, Moment(u64::MAX), Micros(u64::MAX));
    }
}
