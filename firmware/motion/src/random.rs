//! Chance that can be repeated: SplitMix64.
//!
//! Blinks and glances must look unplanned, yet the same seed and the same times must give the
//! same show. Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014.

use sfumato_core::motion::Real;
use sfumato_core::time::Micros;

#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> Real {
        Real::from_bits((self.next() >> 48) as i32)
    }

    /// In [-1, 1), rarely near the ends.
    pub fn around_zero(&mut self) -> Real {
        self.unit() - self.unit()
    }

    /// Between `least` and `least + 2 * spread`, mostly near the middle.
    pub fn wait(&mut self, least: Micros, spread: Micros) -> Micros {
        let share = (self.unit() + self.unit()).to_bits() as u64;
        Micros(least.0 + ((spread.0.min(1 << 40) * share) >> 16))
    }
}
