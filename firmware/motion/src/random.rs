//! Chance that can be repeated: SplitMix64.
//!
//! Blinks and glances must look unplanned, yet the same seed and the same times must give the
//! same show. Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014.

use sfumato_core::motion::Real;
use sfumato_core::time::Micros;

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

/// The number that follows `seed`: as good as any other, and always the same.
pub(crate) fn hash(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(STEP);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn next(&mut self) -> u64 {
        let chance = hash(self.0);
        self.0 = self.0.wrapping_add(STEP);
        chance
    }

    /// In [0, 1).
    pub fn unit(&mut self) -> Real {
        Real::from_bits((self.next() >> 48) as i32)
    }

    /// In [-1, 1), rarely near the ends.
    pub fn around_zero(&mut self) -> Real {
        self.unit() - self.unit()
    }

    /// A pause of this mean, often shorter and at times much longer: log-normal with a deviation of `spread`
    /// around its logarithm, at 0.6 from a quarter to two and a half times the mean. At most 0.8 is taken.
    pub fn skewed(&mut self, mean: Micros, spread: Real) -> Micros {
        // Quantiles at 1/32, 3/32 … 31/32 of a deviation of 0.6, in thousandths of the mean; a straight line between
        // neighbours. Other deviations are nearer to the mean or farther from it in proportion.
        const QUANTILES: [u64; 16] = [
            273, 379, 456, 524, 590, 656, 724, 797, 876, 963, 1063, 1182, 1331, 1531, 1842, 2554,
        ];
        /// Mean of what comes out, in thousandths.
        const MEAN: u64 = 955;
        let at = u64::try_from(self.unit().to_bits()).unwrap_or(0) * 15;
        let (first, share) = ((at >> 16) as usize, at & 0xffff);
        let quantile = |index: usize| QUANTILES.get(index).copied().unwrap_or(1_024);
        let (low, high) = (quantile(first), quantile(first + 1));
        let thousandths = low + (((high - low) * share) >> 16);
        let share = spread.clamp(Real::ZERO, Real::lit("0.8")) / Real::lit("0.6");
        let off = Real::from_bits(thousandths as i32 - MEAN as i32) * share;
        let thousandths = (MEAN as i32 + off.to_bits()).max(50).unsigned_abs();
        Micros(mean.0.min(1 << 40) * u64::from(thousandths) / MEAN)
    }

    /// Between `least` and `least + 2 * spread`, mostly near the middle.
    pub fn wait(&mut self, least: Micros, spread: Micros) -> Micros {
        let share = (self.unit() + self.unit()).to_bits() as u64;
        Micros(least.0 + ((spread.0.min(1 << 40) * share) >> 16))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn skewed_pauses_have_their_mean_and_are_mostly_short() {
        let mut random = Random::new(4);
        let mut pauses: std::vec::Vec<u64> = (0..20_000)
            .map(|_| random.skewed(Micros::from_secs(4), Real::lit("0.6")).0)
            .collect();
        pauses.sort_unstable();
        let mean = pauses.iter().sum::<u64>() / pauses.len() as u64;
        assert!((3_900_000..4_100_000).contains(&mean), "{mean}");
        let median = pauses[pauses.len() / 2];
        assert!(median < mean * 92 / 100, "{median} {mean}");
        assert!(pauses[0] > 1_000_000 && pauses[pauses.len() - 1] < 11_000_000);
        let even = |spread| {
            let pauses = (0..2_000).map(|_| random.skewed(Micros::from_secs(4), spread).0);
            pauses.collect::<std::collections::BTreeSet<_>>()
        };
        let [none, some] = [Real::ZERO, Real::lit("0.3")].map(even);
        assert_eq!(none.into_iter().collect::<std::vec::Vec<_>>(), [4_000_000]);
        assert!(*some.first().unwrap() > 2_300_000 && *some.last().unwrap() < 7_500_000);
    }
}
