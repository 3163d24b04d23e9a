//! How sure a mean is: intervals of 95 % by a circular block bootstrap.
//!
//! Frames that follow one another are alike, so frames drawn one by one would pretend to know more than they do.
//! Blocks of about a second are drawn instead, with replacement, until there are as many frames as before; the mean of each of
//! [`DRAWS`] such samples is taken, and the middle 95 % of them is the interval. The film is closed to a ring first, so that its
//! ends are drawn as often as its middle. The seed is fixed: same frames, same interval.
//!
//! A film has at least [`BLOCKS`] blocks: of a shorter one than so many seconds they are shorter, and the interval is narrower
//! than it should be. Such a film says little.
//!
//! Source: D. N. Politis, J. P. Romano, "A circular block-resampling procedure for stationary data", in "Exploring the
//! Limits of Bootstrap" (1992).

use super::noise::Random;

/// Samples drawn.
const DRAWS: usize = 1000;

/// Fewest blocks to a film.
const BLOCKS: usize = 4;

/// The mean of what is there; none of nothing.
pub fn mean(values: &[Option<f64>]) -> Option<f64> {
    let there: Vec<f64> = values.iter().flatten().copied().collect();
    (!there.is_empty()).then(|| there.iter().sum::<f64>() / there.len() as f64)
}

/// Low and high end of the interval around the mean; `block` is in frames.
pub fn interval(values: &[Option<f64>], block: usize, seed: u64) -> Option<[f64; 2]> {
    mean(values)?;
    let block = block.min(values.len() / BLOCKS).max(1);
    let mut random = Random::new(seed);
    let mut means = Vec::with_capacity(DRAWS);
    let mut sample = Vec::with_capacity(values.len() + block);
    for _ in 0..DRAWS {
        sample.clear();
        while sample.len() < values.len() {
            let start = random.below(values.len() as u64) as usize;
            let ring = values.iter().cycle().skip(start);
            sample.extend(ring.take(block).copied());
        }
        sample.truncate(values.len());
        means.extend(mean(&sample));
    }
    means.sort_by(f64::total_cmp);
    let at = |share: f64| {
        means
            .get((share * (means.len() as f64 - 1.0)).round() as usize)
            .copied()
    };
    Some([at(0.025)?, at(0.975)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_everywhere_is_sure() {
        assert_eq!(interval(&[Some(3.0); 40], 10, 1), Some([3.0, 3.0]));
        assert_eq!(interval(&[None; 40], 10, 1), None);
        assert_eq!(interval(&[], 10, 1), None);
        assert_eq!(mean(&[Some(1.0), None, Some(3.0)]), Some(2.0));
    }

    #[test]
    fn independent_frames_have_the_textbook_interval() {
        let mut random = Random::new(7);
        let values: Vec<Option<f64>> = (0..400).map(|_| Some(f64::from(random.bell()))).collect();
        let [low, high] = interval(&values, 1, 1).unwrap();
        // 1.96 deviations of a mean of 400, either side.
        assert!(
            (high - low - 2.0 * 1.96 / 20.0).abs() < 0.03,
            "{low} {high}"
        );
        assert_eq!(interval(&values, 1, 1), Some([low, high]));
    }

    #[test]
    fn the_mean_lies_within_also_of_a_short_film_that_rises() {
        let values: Vec<Option<f64>> = (0..15).map(|i| Some(f64::from(i * i))).collect();
        let [low, high] = interval(&values, 12, 3).unwrap();
        let middle = mean(&values).unwrap();
        assert!(low < middle && middle < high, "{low} {middle} {high}");
    }

    #[test]
    fn frames_that_are_alike_make_it_wider() {
        let mut random = Random::new(9);
        let seconds: Vec<f64> = (0..16).map(|_| f64::from(random.bell())).collect();
        let values: Vec<Option<f64>> = (0..400).map(|i| Some(seconds[i / 25])).collect();
        let width = |block| {
            interval(&values, block, 1)
                .map(|[low, high]| high - low)
                .unwrap()
        };
        assert!(width(25) > 3.0 * width(1), "{} {}", width(25), width(1));
    }
}
