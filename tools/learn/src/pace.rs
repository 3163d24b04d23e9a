//! Pace: how much of a movement is slow and how much is quick.
//!
//! A film of a head is short and has gaps, so its spectrum is read off the *structure function*: the mean square of how far
//! the angle goes within a lag, for lags from a frame to some seconds (A. N. Kolmogorov 1941; in use wherever series are
//! short or uneven). Independent movements add up in it, so that what is measured is a sum of what each pace of the
//! portrait's own noise would give, and of the landmarks' tremble, which is the same for every lag. The shares are found
//! by least squares, none below zero.

use sfumato_motion::style::{BEATS, PACES};

/// Lags in seconds.
const LAGS: [f64; 8] = [0.08, 0.16, 0.32, 0.64, 1.28, 1.92, 2.56, 3.84];

/// How strongly neighbouring paces are drawn together, against the weight of one lag.
const SMOOTH: f64 = 0.25;

/// Tracks of one number, stretch by stretch, `(seconds, value)`.
type Tracks = [Vec<(f64, f64)>];

/// Mean square of the change within `lag`, and how many pairs of rows say so.
fn structure(tracks: &Tracks, lag: f64) -> (f64, usize) {
    let (mut sum, mut count) = (0.0, 0);
    for track in tracks {
        let mut later = 0;
        for (time, value) in track {
            while track.get(later).is_some_and(|(t, _)| t - time < lag - 1e-6) {
                later += 1;
            }
            // Frames do not fall on every lag; a half more is another one.
            let Some((at, then)) = track.get(later).filter(|(t, _)| t - time < lag * 1.5) else {
                continue;
            };
            // As far as it would have gone in the lag itself, for a walk.
            sum += (then - value).powi(2) * lag / (at - time);
            count += 1;
        }
    }
    (sum / count.max(1) as f64, count)
}

/// The same of the portrait's noise with a root mean square of 1 and this beat, all in seconds.
///
/// The noise is a row of independent numbers with the Catmull-Rom kernel between them; what it keeps over a lag is that
/// kernel's autocorrelation.
fn noise_structure(lag: f64, beat: f64) -> f64 {
    let kernel = |x: f64| {
        let x = x.abs();
        if x < 1.0 {
            1.0 - 2.5 * x * x + 1.5 * x * x * x
        } else if x < 2.0 {
            2.0 - 4.0 * x + 2.5 * x * x - 0.5 * x * x * x
        } else {
            0.0
        }
    };
    let kept = |shift: f64| -> f64 {
        let steps = 800;
        let at = |i: i32| -2.0 + 4.0 * (f64::from(i) + 0.5) / f64::from(steps);
        (0..steps)
            .map(|i| kernel(at(i)) * kernel(at(i) + shift))
            .sum()
    };
    2.0 * (1.0 - kept(lag / beat) / kept(0.0))
}

/// Root mean squares by pace ([`BEATS`]) of a movement, the tremble of its landmarks left out.
///
/// Slow paces that the stretches are too short to show are nought.
pub(crate) fn by_pace(tracks: &Tracks) -> [f64; PACES] {
    let longest = (tracks.iter())
        .filter_map(|track| Some(track.last()?.0 - track.first()?.0))
        .fold(0.0, f64::max);
    // Rows: lags; columns: paces, then tremble.
    let mut rows: Vec<([f64; PACES + 1], f64)> = Vec::new();
    for lag in LAGS.into_iter().filter(|lag| *lag <= longest * 0.6) {
        let (measured, count) = structure(tracks, lag);
        if count < 5 || measured <= 0.0 {
            continue;
        }
        let mut row = [2.0; PACES + 1];
        for (entry, beat) in row.iter_mut().zip(BEATS) {
            let beat = beat.0 as f64 / 1e6;
            // What has not turned once is drift or a pose, not a pace.
            *entry = if beat <= longest {
                noise_structure(lag, beat)
            } else {
                0.0
            };
        }
        // In proportion, and long lags less: they are seen less often.
        let weight = (1.0 - 0.8 * lag / longest) / measured;
        rows.push((row.map(|x| x * weight), measured * weight));
    }
    // A film shows one of many ways in which the head could have gone: spectra of heads are smooth, so neighbouring paces
    // are drawn together, a little.
    let total = rows.iter().map(|(_, wanted)| wanted).sum::<f64>() / rows.len().max(1) as f64;
    let whole = (LAGS.iter().rev())
        .map(|lag| structure(tracks, *lag))
        .find(|(_, count)| *count >= 5)
        .map_or(0.0, |(square, _)| square / 2.0);
    if whole <= 0.0 {
        return [0.0; PACES];
    }
    for pace in 1..PACES {
        let mut row = [0.0; PACES + 1];
        (row[pace - 1], row[pace]) = (SMOOTH * total / whole, -SMOOTH * total / whole);
        rows.push((row, 0.0));
    }
    let squares = least_squares(&rows);
    std::array::from_fn(|pace| squares[pace].max(0.0).sqrt())
}

/// Least squares with nothing below zero, by going down along one number after the other.
fn least_squares<const N: usize>(rows: &[([f64; N], f64)]) -> [f64; N] {
    let mut x = [0.0; N];
    for _ in 0..2_000 {
        for column in 0..N {
            let (mut slope, mut square) = (0.0, 0.0);
            for (row, wanted) in rows {
                let made: f64 = row.iter().zip(x).map(|(a, x)| a * x).sum();
                slope += row[column] * (wanted - made);
                square += row[column] * row[column];
            }
            if square > 0.0 {
                x[column] = (x[column] + slope / square).max(0.0);
            }
        }
    }
    x
}

/// Mean time between two turning points of a movement of one pace, in seconds; none if it does not move.
///
/// From how fast it goes for how far it goes, as for a sine.
pub(crate) fn beat(tracks: &Tracks) -> Option<f64> {
    let count = tracks.iter().map(Vec::len).sum::<usize>() as f64;
    let mean = tracks.iter().flatten().map(|(_, v)| v).sum::<f64>() / count;
    let square = tracks
        .iter()
        .flatten()
        .map(|(_, v)| (v - mean).powi(2))
        .sum::<f64>()
        / count;
    let lag = 0.16;
    let (change, pairs) = structure(tracks, lag);
    let speed = change.sqrt() / lag;
    (pairs >= 5 && speed > 0.0).then(|| std::f64::consts::PI * square.sqrt() / speed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A noise as the portrait makes it, by another way: numbers by chance, the kernel between them.
    fn noise(beat: f64, size: f64, seconds: f64, mut seed: u64) -> Vec<(f64, f64)> {
        let mut chance = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 40) as f64 / (1u64 << 24) as f64
        };
        let knots: Vec<f64> = (0..(seconds / beat) as usize + 5)
            .map(|_| ((0..12).map(|_| chance()).sum::<f64>() - 6.0) * 1.108 * size)
            .collect();
        (0..(seconds * 25.0) as usize)
            .map(|i| {
                let at = i as f64 / 25.0 / beat;
                let (k, u) = (at as usize, at.fract());
                let [a, b, c, d] = [knots[k], knots[k + 1], knots[k + 2], knots[k + 3]];
                let value = 0.5
                    * (2.0 * b
                        + (c - a) * u
                        + (2.0 * a - 5.0 * b + 4.0 * c - d) * u * u
                        + (3.0 * b - a - 3.0 * c + d) * u * u * u);
                (i as f64 / 25.0, value)
            })
            .collect()
    }

    #[test]
    fn a_sway_of_one_pace_is_found_at_its_pace() {
        for (pace, beat) in BEATS.iter().enumerate() {
            let track = noise(beat.0 as f64 / 1e6, 2.0, 200.0, 3);
            let found = by_pace(&[track]);
            let total = found.iter().map(|f| f * f).sum::<f64>().sqrt();
            assert!((total - 2.0).abs() < 0.4, "{pace}: {found:?}");
            let near = |p: usize| p.abs_diff(pace) <= 1;
            let inside = (0..PACES)
                .filter(|p| near(*p))
                .map(|p| found[p].powi(2))
                .sum::<f64>();
            assert!(inside > 0.8 * total * total, "{pace}: {found:?}");
        }
    }

    #[test]
    fn tremble_is_no_sway() {
        let mut track = noise(2.0, 1.0, 60.0, 5);
        let tremble = noise(0.04, 0.3, 60.0, 9);
        track.iter_mut().zip(tremble).for_each(|(a, b)| a.1 += b.1);
        let found = by_pace(&[track]);
        assert!(found[0] < 0.15, "{found:?}");
        let slow = (found[2].powi(2) + found[3].powi(2) + found[4].powi(2)).sqrt();
        assert!((0.75..1.25).contains(&slow), "{found:?}");
    }

    #[test]
    fn a_still_head_and_no_head_have_no_sway() {
        let still: Vec<(f64, f64)> = (0..100).map(|i| (i as f64 / 25.0, 3.0)).collect();
        assert_eq!(by_pace(std::slice::from_ref(&still)), [0.0; PACES]);
        assert_eq!(by_pace(&[]), [0.0; PACES]);
        assert_eq!(beat(&[still]), None);
    }

    #[test]
    fn the_beat_of_a_wave_is_half_its_length() {
        let wave: Vec<(f64, f64)> = (0..500)
            .map(|i| {
                (
                    i as f64 / 25.0,
                    (i as f64 / 25.0 * std::f64::consts::PI).sin(),
                )
            })
            .collect();
        let found = beat(&[wave]).unwrap();
        assert!((found - 1.0).abs() < 0.05, "{found}");
    }
}
