//! Blinks: how often, how long, and how even.

use crate::series::Series;

/// Below this an eye is shut, above that it is open again.
const SHUT: f64 = 0.3;
const OPEN: f64 = 0.6;
/// Eyes shut for longer are closed on purpose: Caffier, Erdmann and Ullsperger 2003, "Experimental evaluation of
/// eye-blink parameters as a drowsiness measure", put even drowsy blinks below half a second.
const LONGEST: f64 = 0.5;

/// What the lids did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Blinks {
    /// How many.
    pub count: usize,
    /// Seconds in which one would have been seen.
    pub seconds: f64,
    /// Mean seconds for which the eye was more than half shut; none without a blink.
    pub length: Option<f64>,
    /// Standard deviation of the logarithm of the pauses; none for fewer than three.
    pub spread: Option<f64>,
}

impl Blinks {
    /// Counts them.
    pub fn of(series: &Series) -> Blinks {
        let mut blinks = Blinks {
            seconds: series.seconds(),
            ..Blinks::default()
        };
        let (mut lengths, mut pauses) = (0.0, Vec::new());
        for stretch in series.stretches() {
            let mut rows = stretch.iter().peekable();
            let mut last = None;
            while let Some(row) = rows.next() {
                if row.lids > SHUT {
                    continue;
                }
                let began = row.time;
                let mut ended = began;
                while let Some(row) = rows.next_if(|row| row.lids < OPEN) {
                    ended = row.time;
                }
                // A frame stands for the time until the next one.
                let frame = rows.peek().map_or(0.04, |next| next.time - ended);
                let length = ended - began + frame;
                if length > LONGEST {
                    blinks.seconds -= length;
                    last = None;
                    continue;
                }
                blinks.count += 1;
                lengths += length;
                pauses.extend(last.map(|last: f64| (began - last).ln()));
                last = Some(began);
            }
        }
        if blinks.count > 0 {
            blinks.length = Some(lengths / blinks.count as f64);
        }
        if pauses.len() >= 3 {
            let mean = pauses.iter().sum::<f64>() / pauses.len() as f64;
            let square = pauses.iter().map(|p| (p - mean).powi(2)).sum::<f64>();
            blinks.spread = Some((square / (pauses.len() - 1) as f64).sqrt());
        }
        blinks
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::Row;

    fn lids(at: impl Fn(f64) -> f64) -> Series {
        let mut series = Series::default();
        series.add((0..250).map(|i| {
            let time = f64::from(i) / 25.0;
            Row {
                time,
                head: [0.0; 3],
                shapes: [0.0; 19],
                lids: at(time),
                corners: 0.0,
                eyes: None,
            }
        }));
        series
    }

    #[test]
    fn blinks_are_counted_and_timed_and_shut_eyes_are_none() {
        let starts = [1.0, 2.0, 4.0, 8.0];
        let series = lids(|t| {
            let blink = starts.iter().any(|s| (*s - 1e-6..s + 0.19).contains(&t));
            let asleep = (5.0..6.0).contains(&t);
            if blink || asleep { 0.0 } else { 1.0 }
        });
        let blinks = Blinks::of(&series);
        assert_eq!(blinks.count, 4);
        assert!((blinks.length.unwrap() - 0.2).abs() < 0.01, "{blinks:?}");
        assert!((blinks.seconds - 9.0).abs() < 0.05, "{blinks:?}");
        // The pause that the closed eyes lie in is not one.
        assert_eq!(blinks.spread, None);
    }

    #[test]
    fn heavy_lids_are_no_blink() {
        let blinks = Blinks::of(&lids(|t| 0.7 - 0.3 * (t * 3.0).sin()));
        assert_eq!((blinks.count, blinks.length), (0, None));
    }
}
