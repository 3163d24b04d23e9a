//! The last two minutes of a measured value, for a small curve.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back a curve goes.
pub const SPAN: Duration = Duration::from_secs(120);

/// How long a value counts as known: a slow line may take so long for the next.
const HOLDS: Duration = Duration::from_millis(2500);

/// Which of several values in one column is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worst {
    /// The lowest: of rates.
    Lowest,
    /// The highest: of delays.
    Highest,
}

/// Values with their times, newest last.
#[derive(Clone, Debug)]
pub struct Trace {
    values: VecDeque<(Duration, f64)>,
    worst: Worst,
}

impl Trace {
    /// An empty one.
    pub fn new(worst: Worst) -> Trace {
        Trace {
            values: VecDeque::new(),
            worst,
        }
    }

    /// Takes a value, which must be no older than those before.
    pub fn push(&mut self, now: Duration, value: f64) {
        self.values.push_back((now, value));
        while self.values.front().is_some_and(|(at, _)| *at + SPAN < now) {
            self.values.pop_front();
        }
    }

    /// The worst value of the span.
    pub fn worst(&self) -> Option<f64> {
        self.pick(self.values.iter().map(|(_, value)| *value))
    }

    /// The highest value of the span.
    pub fn highest(&self) -> Option<f64> {
        self.values.iter().map(|(_, value)| *value).reduce(f64::max)
    }

    /// One value a column, newest last: the worst of the column's time.
    ///
    /// None where nothing was heard. Columns stand at fixed times, so that the curve moves on by whole columns and
    /// keeps its shape.
    pub fn columns(&self, count: usize, now: Duration) -> Vec<Option<f64>> {
        let width = SPAN.as_secs_f64() / count.max(1) as f64;
        let newest = (now.as_secs_f64() / width).floor();
        let column = |index: usize| {
            let from = (newest - (count - 1 - index) as f64) * width;
            let to = from + width;
            let within = self
                .values
                .iter()
                .filter(|(at, _)| (from..to).contains(&at.as_secs_f64()))
                .map(|(_, value)| *value);
            self.pick(within).or_else(|| {
                let earlier = self
                    .values
                    .iter()
                    .rev()
                    .find(|(at, _)| at.as_secs_f64() < from)?;
                (earlier.0.as_secs_f64() + HOLDS.as_secs_f64() > to).then_some(earlier.1)
            })
        };
        (0..count).map(column).collect()
    }

    fn pick(&self, values: impl Iterator<Item = f64>) -> Option<f64> {
        values.reduce(match self.worst {
            Worst::Lowest => f64::min,
            Worst::Highest => f64::max,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn a_short_dip_is_seen_and_a_gap_is_a_gap() {
        let mut trace = Trace::new(Worst::Lowest);
        for half in 0..240 {
            let second = f64::from(half) / 2.0;
            if (60.0..80.0).contains(&second) {
                continue; // the line was lost
            }
            trace.push(at(second), if half == 20 { 12.0 } else { 60.0 });
        }
        let columns = trace.columns(24, at(119.5));
        assert_eq!(columns[2], Some(12.0)); // 10 to 15 s
        assert_eq!(columns[3], Some(60.0));
        assert_eq!(columns[12..16], [None; 4]);
        assert_eq!(columns[16], Some(60.0));
        assert_eq!(trace.worst(), Some(12.0));
        assert_eq!(trace.highest(), Some(60.0));
    }

    #[test]
    fn what_is_older_than_the_span_is_forgotten() {
        let mut trace = Trace::new(Worst::Highest);
        trace.push(at(1.0), 300.0);
        trace.push(at(200.0), 40.0);
        assert_eq!(trace.worst(), Some(40.0));
        let columns = trace.columns(10, at(200.0));
        assert_eq!(columns.iter().flatten().count(), 1);
        assert!(Trace::new(Worst::Highest).columns(0, at(1.0)).is_empty());
    }

    /// Values come more seldom than columns pass: the curve stays whole.
    #[test]
    fn a_slow_line_leaves_no_holes() {
        let mut trace = Trace::new(Worst::Highest);
        for second in 0..120 {
            trace.push(at(f64::from(second)), 50.0);
        }
        assert_eq!(trace.columns(200, at(119.5)).iter().flatten().count(), 200);
    }
}
