//! Whether one side is preferred more often than a coin would: the exact sign test, and its power.

/// Logarithm of how many ways there are to choose `k` of `n`.
fn ways(n: u32, k: u32) -> f64 {
    (1..=k.min(n - k))
        .map(|i| (f64::from(n - i + 1) / f64::from(i)).ln())
        .sum()
}

/// How likely exactly `k` of `n` are, each with probability `share` in (0, 1).
fn exactly(k: u32, n: u32, share: f64) -> f64 {
    let log = f64::from(k) * share.ln() + f64::from(n - k) * (1.0 - share).ln();
    (ways(n, k) + log).exp()
}

/// How likely a fair coin falls at least as unevenly as `for_it` to `against`; two-sided, exact.
///
/// 1 where there is nothing to count.
pub fn sign_test(for_it: u32, against: u32) -> f64 {
    let n = for_it + against;
    let tail: f64 = (0..=for_it.min(against)).map(|k| exactly(k, n, 0.5)).sum();
    (2.0 * tail).min(1.0)
}

/// How likely `n` answers, of which `share` go one way in truth, give a sign test below `level`.
pub fn power(n: u32, share: f64, level: f64) -> f64 {
    (0..=n)
        .filter(|&k| sign_test(k, n - k) < level)
        .map(|k| exactly(k, n, share))
        .sum()
}

/// How many independent answers `raters` people are worth who give `each` answers on average, when two
/// answers of one person are correlated by `alike` (Kish's design effect), rounded down.
pub fn worth(raters: u32, each: f64, alike: f64) -> u32 {
    (f64::from(raters) * each / (1.0 + (each - 1.0).max(0.0) * alike)) as u32
}

/// The p values of several tests made together, by the steps of Holm (1979), in the same order.
pub fn holm(alone: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..alone.len()).collect();
    let value = |index: usize| alone.get(index).copied().unwrap_or(1.0);
    order.sort_by(|&a, &b| value(a).total_cmp(&value(b)));
    let mut together = alone.to_vec();
    let mut least = 0.0_f64;
    for (rank, &index) in order.iter().enumerate() {
        least = least.max((value(index) * (alone.len() - rank) as f64).min(1.0));
        if let Some(slot) = together.get_mut(index) {
            *slot = least;
        }
    }
    together
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tests_values_are_those_of_the_tables() {
        for (won, lost, known) in [
            (8, 2, 0.109_375),
            (9, 1, 0.021_484_375),
            (15, 5, 0.041_389_465),
            (5, 5, 1.0),
            (0, 0, 1.0),
            (0, 6, 0.031_25),
        ] {
            assert!((sign_test(won, lost) - known).abs() < 1e-9, "{won} {lost}");
        }
        // Hundreds of answers do not overflow.
        assert!(sign_test(1_000, 1_200) > 1e-6 && sign_test(1_000, 1_200) < 1e-3);
    }

    #[test]
    fn power_is_what_the_binomial_says() {
        // At 20, 15 of one side are needed; of 0.75 that many or more come with 0.6172 (tables).
        assert!((power(20, 0.75, 0.05) - 0.6172).abs() < 1e-3);
        // A coin is called uneven no more often than the level says.
        assert!(power(20, 0.5, 0.05) <= 0.05);
        assert!(power(480, 0.65, 0.05) > 0.999);
        // What docs/study.md says of answers to one comparison.
        let least = (1..200).find(|&n| (n..n + 4).all(|n| power(n, 0.65, 0.05) >= 0.8));
        assert_eq!(least, Some(NEEDED_FOR_65));
    }

    const NEEDED_FOR_65: u32 = 92;

    #[test]
    fn people_who_answer_alike_are_worth_less() {
        assert_eq!(worth(20, 24.0, 0.0), 480);
        assert_eq!(worth(20, 24.0, 1.0), 20);
        assert_eq!(worth(20, 24.0, 0.1), 145);
    }

    #[test]
    fn several_tests_are_held_to_more() {
        assert_eq!(holm(&[0.01, 0.04, 0.03]), [0.03, 0.06, 0.06]);
        assert!(holm(&[]).is_empty());
    }
}
