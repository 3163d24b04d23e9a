//! How far a figure could lie elsewhere with other people: the bootstrap over raters.

use crate::evaluate::Random;

/// For each figure of `figures`, the interval that holds 95 of 100 of its values when as many
/// people are drawn anew with repetition from `people`. `figures` is told each draw; the same
/// `seed` draws the same. Nobody, no interval: empty.
pub fn intervals<P>(
    people: &[P],
    draws: usize,
    seed: u64,
    figures: impl Fn(&[&P]) -> Vec<f64>,
) -> Vec<[f64; 2]> {
    let mut random = Random::new(seed);
    let mut series: Vec<Vec<f64>> = Vec::new();
    if people.is_empty() {
        return Vec::new();
    }
    for _ in 0..draws {
        let drawn: Vec<&P> = (0..people.len())
            .filter_map(|_| people.get(random.below(people.len() as u64) as usize))
            .collect();
        let found = figures(&drawn);
        series.resize(found.len(), Vec::new());
        for (values, value) in series.iter_mut().zip(found) {
            values.push(value);
        }
    }
    series.into_iter().map(middle).collect()
}

fn middle(mut values: Vec<f64>) -> [f64; 2] {
    values.sort_by(f64::total_cmp);
    let last = values.len().saturating_sub(1) as f64;
    let at = |share: f64| values.get((share * last).round() as usize).copied();
    [0.025, 0.975].map(|share| at(share).unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_numbers_has_its_textbook_interval() {
        // 0 to 99: the mean's standard error is 28.87 / 10, so 49.5 ± 5.66.
        let people: Vec<f64> = (0..100).map(f64::from).collect();
        let mean = |drawn: &[&f64]| vec![drawn.iter().copied().sum::<f64>() / drawn.len() as f64];
        let found = intervals(&people, 4_000, 1, mean);
        assert!((found[0][0] - 43.84).abs() < 0.5, "{found:?}");
        assert!((found[0][1] - 55.16).abs() < 0.5, "{found:?}");
        assert_eq!(found, intervals(&people, 4_000, 1, mean));
        assert_ne!(found, intervals(&people, 4_000, 2, mean));
    }

    #[test]
    fn nobody_has_no_interval() {
        assert!(intervals::<f64>(&[], 10, 1, |_| vec![0.0]).is_empty());
    }
}
