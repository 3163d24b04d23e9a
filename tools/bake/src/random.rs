//! Random numbers that are the same on every machine.

/// A generator by Marsaglia's xorshift with a multiplication (Vigna 2016), 64 bits of state.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// From a seed; neighbouring seeds give unrelated numbers.
    pub fn new(seed: u64) -> Random {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        random.bits();
        random
    }

    /// From a state that [`Random::state`] gave.
    pub fn resume(state: u64) -> Random {
        Random(state | u64::from(state == 0))
    }

    /// All that has to be kept to go on later.
    pub fn state(&self) -> u64 {
        self.0
    }

    fn bits(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Evenly in [0, 1).
    pub fn even(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1u32 << 24) as f32
    }

    /// Evenly between two numbers.
    pub fn between(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * self.even()
    }

    /// Below `count`, each equally often.
    pub fn below(&mut self, count: usize) -> usize {
        (((self.bits() >> 32) * count as u64) >> 32) as usize
    }

    /// Normally distributed, mean 0 and deviation 1 (Box and Muller).
    pub fn normal(&mut self) -> f32 {
        let radius = (-2.0 * (1.0 - self.even()).ln()).sqrt();
        radius * (core::f32::consts::TAU * self.even()).cos()
    }

    /// Whether something with this probability happens.
    pub fn happens(&mut self, probability: f32) -> bool {
        self.even() < probability
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_as_they_should() {
        let mut random = Random::new(1);
        let numbers: Vec<f32> = (0..20_000).map(|_| random.normal()).collect();
        let mean = numbers.iter().sum::<f32>() / 20_000.0;
        let square = numbers.iter().map(|n| n * n).sum::<f32>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (square - 1.0).abs() < 0.05);
        let mut seen = [0; 7];
        for _ in 0..7000 {
            seen[random.below(7)] += 1;
        }
        assert!(seen.iter().all(|&n| (850..1150).contains(&n)), "{seen:?}");
        let later = Random::resume(random.state()).even();
        assert_eq!(later, random.even());
    }
}
