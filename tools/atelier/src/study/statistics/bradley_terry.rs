//! How strong each of several things is, from who was preferred to whom.
//!
//! The model of Bradley and Terry (1952): A is preferred to B with a probability of
//! `1 / (1 + exp(b - a))`, where `a` and `b` are their strengths. Fitted by the steps of Hunter
//! ("MM algorithms for generalized Bradley-Terry models", Annals of Statistics 32, 2004), which
//! never overshoot.

/// Steps that are taken at most; far fewer are needed where things were compared often.
const STEPS: usize = 10_000;
/// Largest change of a strength, relative, at which the fit is done.
const STILL: f64 = 1e-10;

/// Strengths as natural logarithms, with a mean of zero over those that were compared.
///
/// `wins[a][b]` is how often `a` was preferred to `b`. `prior` is added to both sides of every
/// pair that was compared at all: with 0 this is the maximum of the likelihood, where one that
/// always wins is infinitely strong; with a half (Jeffreys's for one pair) all stay finite.
/// One that was never compared has 0.
pub fn strengths(wins: &[Vec<f64>], prior: f64) -> Vec<f64> {
    let count = wins.len();
    let cell = |a: usize, b: usize| {
        let won = |a: usize, b: usize| wins.get(a).and_then(|row| row.get(b)).copied();
        let (here, there) = (won(a, b).unwrap_or(0.0), won(b, a).unwrap_or(0.0));
        if a != b && here + there > 0.0 {
            (here + prior, here + there + 2.0 * prior)
        } else {
            (0.0, 0.0)
        }
    };
    let table: Vec<Vec<(f64, f64)>> = (0..count)
        .map(|a| (0..count).map(|b| cell(a, b)).collect())
        .collect();
    let met = |row: &Vec<(f64, f64)>| row.iter().any(|(_, games)| *games > 0.0);
    let compared: Vec<bool> = table.iter().map(met).collect();
    // A floor instead of zero, so that logarithms exist: nobody is weaker than one in e^30.
    let floor = (-30.0_f64).exp();
    let mut strong = vec![1.0_f64; count];
    for _ in 0..STEPS {
        let mut next: Vec<f64> = (table.iter().zip(&strong))
            .map(|(row, &own)| {
                let won: f64 = row.iter().map(|cell| cell.0).sum();
                let met = row.iter().zip(&strong);
                let expected: f64 = met.map(|((_, games), other)| games / (own + other)).sum();
                if expected > 0.0 {
                    (won / expected).max(floor)
                } else {
                    own
                }
            })
            .collect();
        let logs = || next.iter().zip(&compared).filter(|(_, met)| **met);
        let mean = logs().map(|(one, _)| one.ln()).sum::<f64>() / logs().count().max(1) as f64;
        for (one, _) in next.iter_mut().zip(&compared).filter(|(_, met)| **met) {
            *one /= mean.exp();
        }
        let moved = next.iter().zip(&strong);
        let moved = moved.map(|(new, old)| (new / old - 1.0).abs());
        let most = moved.fold(0.0, f64::max);
        strong = next;
        if most < STILL {
            break;
        }
    }
    strong.iter().map(|one| one.ln()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The American League of 1987, from Agresti, "Categorical Data Analysis": Milwaukee, Detroit, Toronto,
    /// New York, Boston, Cleveland, Baltimore.
    const LEAGUE: [[f64; 7]; 7] = [
        [0., 7., 9., 7., 7., 9., 11.],
        [6., 0., 7., 5., 11., 9., 9.],
        [4., 6., 0., 7., 7., 8., 12.],
        [6., 8., 6., 0., 6., 7., 10.],
        [6., 2., 6., 7., 0., 7., 12.],
        [4., 4., 5., 6., 6., 0., 6.],
        [2., 4., 1., 3., 1., 7., 0.],
    ];

    #[test]
    fn the_textbooks_league_has_the_textbooks_strengths() {
        let wins: Vec<Vec<f64>> = LEAGUE.iter().map(|row| row.to_vec()).collect();
        let found = strengths(&wins, 0.0);
        // Relative to Baltimore.
        let known = [1.5814, 1.4364, 1.2945, 1.2476, 1.1077, 0.6839, 0.0];
        for (found, known) in found.iter().map(|one| one - found[6]).zip(known) {
            assert!((found - known).abs() < 1e-3, "{found} {known}");
        }
        assert!(found.iter().sum::<f64>().abs() < 1e-9);
        // Milwaukee beats Boston with 0.62 (Agresti).
        let preferred = 1.0 / (1.0 + (found[4] - found[0]).exp());
        assert!((preferred - 0.616).abs() < 1e-3);
    }

    #[test]
    fn two_alone_have_their_odds() {
        let found = strengths(&[vec![0.0, 30.0], vec![10.0, 0.0]], 0.0);
        assert!((found[0] - found[1] - 3.0_f64.ln()).abs() < 1e-8);
    }

    #[test]
    fn one_that_always_wins_stays_finite_with_a_prior_and_one_not_compared_is_nothing() {
        let wins = [vec![0.0, 10.0, 0.0], vec![0.0; 3], vec![0.0; 3]];
        let found = strengths(&wins, 0.5);
        assert!((found[0] - found[1] - 21.0_f64.ln()).abs() < 1e-8);
        assert!(found[2].abs() < 1e-9);
        assert!(strengths(&[], 0.5).is_empty());
    }
}
