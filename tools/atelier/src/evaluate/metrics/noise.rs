//! Chance that is the same each time: for blocks of frames and for a camera's noise.

use sfumato_core::pixels::Rgb;

/// Deviation of a camera's noise in levels, of a webcam in a lit room.
const LEVELS: f32 = 2.0;

/// A sequence of chances (splitmix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A whole number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        // The bias of 2^-40 for limits of a few thousands does not matter here.
        self.next() % limit.max(1)
    }

    /// Near a normal distribution of mean 0 and deviation 1: the sum of twelve even ones.
    pub fn bell(&mut self) -> f32 {
        let even = |bits: u64| (bits & 0xffff) as f32 / 65_536.0;
        let mut sum = 0.0;
        for _ in 0..3 {
            let bits = self.next();
            for part in 0..4 {
                sum += even(bits >> (16 * part));
            }
        }
        sum - 6.0
    }
}

/// The picture as a camera would have taken it at another moment.
pub fn taken_again(picture: &[Rgb], random: &mut Random) -> Vec<Rgb> {
    let noisy = |level: u8, noise: f32| (f32::from(level) + LEVELS * noise).round() as u8;
    let pixel = |pixel: &Rgb| pixel.map(|level| noisy(level, random.bell()));
    picture.iter().map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_is_seeded_and_as_strong_as_said() {
        let grey = vec![[128; 3]; 10_000];
        let once = taken_again(&grey, &mut Random::new(5));
        assert_eq!(once, taken_again(&grey, &mut Random::new(5)));
        assert_ne!(once, taken_again(&grey, &mut Random::new(6)));
        let away = once
            .as_flattened()
            .iter()
            .map(|&level| (f64::from(level) - 128.0).powi(2));
        let deviation = (away.sum::<f64>() / 30_000.0).sqrt();
        assert!((deviation - f64::from(LEVELS)).abs() < 0.1, "{deviation}");
    }
}
