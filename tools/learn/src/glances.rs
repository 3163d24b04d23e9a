//! Glances: how often the eyes leap to the side, and how far.
//!
//! Where the irises lie says only roughly where somebody looks: one pixel of an eye 25 pixels wide is six degrees. So only
//! leaps are counted that stand out of the tremble, and small ones (microsaccades) are not measured at all.
//! A fixation is what lies between two leaps: D. Salvucci, J. Goldberg, "Identifying fixations and saccades in
//! eye-tracking protocols", 2000 (by dispersion).

use crate::series::Series;

/// Seconds on either side of a leap that are compared.
const SIDE: f64 = 0.2;
/// Smaller leaps are not told from tremble, in degrees …
const LEAST: f64 = 5.0;
/// … nor are those of fewer of its standard deviations.
const OVER_TREMBLE: f64 = 4.0;
/// With more tremble than this nothing is said, degrees.
const MOST_TREMBLE: f64 = 3.0;
/// Fewer seconds say nothing either.
const SHORTEST: f64 = 2.0;

/// What the eyes did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Glances {
    /// How many leaps.
    pub count: usize,
    /// Seconds in which one would have been seen; 0 where the eyes are too small.
    pub seconds: f64,
    /// Mean degrees of a leap, to the side; none without one.
    pub reach: Option<f64>,
}

impl Glances {
    /// Counts them.
    pub fn of(series: &Series) -> Glances {
        let mut glances = Glances::default();
        let mut reach = 0.0;
        for stretch in series.stretches() {
            // Where the eyes look in the room: the head's turn is not theirs.
            let looks: Vec<(f64, f64)> = (stretch.iter())
                .filter_map(|row| Some((row.time, row.eyes? + row.head[0])))
                .collect();
            let Some(tremble) = tremble(&looks) else {
                continue;
            };
            let (Some(first), Some(last)) = (looks.first(), looks.last()) else {
                continue;
            };
            if tremble > MOST_TREMBLE || last.0 - first.0 < SHORTEST {
                continue;
            }
            glances.seconds += last.0 - first.0;
            let least = LEAST.max(OVER_TREMBLE * tremble);
            let mut rested = first.0;
            for (time, _) in &looks {
                if *time - rested < SIDE {
                    continue;
                }
                let part = |from: f64, to: f64| {
                    let inside = looks.iter().filter(|(t, _)| (from..to).contains(t));
                    median(inside.map(|(_, v)| *v))
                };
                let (before, after) = (part(time - SIDE, *time), part(*time, time + SIDE));
                let (Some(before), Some(after)) = (before, after) else {
                    continue;
                };
                let leap = (after - before).abs();
                if leap > least {
                    glances.count += 1;
                    reach += leap;
                    rested = time + SIDE;
                }
            }
        }
        if glances.count > 0 {
            glances.reach = Some(reach / glances.count as f64);
        }
        glances
    }
}

/// Standard deviation of what a look differs by from that of the frame before, over √2; by the median, so that leaps
/// do not count.
fn tremble(looks: &[(f64, f64)]) -> Option<f64> {
    let steps = looks.windows(2).map(|pair| (pair[1].1 - pair[0].1).abs());
    Some(median(steps)? / 0.6745 / std::f64::consts::SQRT_2)
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Row;

    fn looking(at: impl Fn(usize) -> f64) -> Series {
        let mut series = Series::default();
        series.add((0..250).map(|i| Row {
            time: i as f64 / 25.0,
            head: [i as f64 * 0.1, 0.0, 0.0],
            shapes: [0.0; 19],
            lids: 1.0,
            corners: 0.0,
            // The eyes stay on what they look at while the head turns.
            eyes: Some(at(i) - i as f64 * 0.1),
        }));
        series
    }

    #[test]
    fn leaps_are_counted_and_a_turning_head_is_none() {
        let tremble = |i: usize| 0.4 * ((i * 7919) % 13) as f64 / 13.0;
        let glances = Glances::of(&looking(|i| {
            tremble(i) + if i / 50 % 2 == 0 { 0.0 } else { 12.0 }
        }));
        assert_eq!(glances.count, 4);
        assert!((glances.reach.unwrap() - 12.0).abs() < 0.6, "{glances:?}");
        assert_eq!(Glances::of(&looking(tremble)).count, 0);
    }

    #[test]
    fn eyes_too_small_to_tell_say_nothing() {
        let glances = Glances::of(&looking(|i| 20.0 * ((i * 7919) % 13) as f64 / 13.0));
        assert_eq!((glances.count, glances.seconds), (0, 0.0));
    }
}
