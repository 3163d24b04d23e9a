//! The ledger: how long each stage takes and what it allocates, in fixed memory.
//!
//! Every thread keeps its own [`Ledger`], so that measuring needs no lock; at the end they are
//! added up. Times go into histograms of constant size with three significant digits, so that
//! a ledger can be kept for months.

use crate::counting::Allocations;
use hdrhistogram::Histogram;
use serde::Serialize;
use std::time::{Duration, Instant};

/// The stations between a visitor and the shown picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Getting a frame; includes waiting for it.
    Camera,
    /// Finding faces in it.
    Perception,
    /// From faces to motion.
    Motion,
    /// From motion to drawing.
    Generator,
    /// From drawing to pixels.
    Compositor,
    /// Handing the picture to the screen; includes waiting for its turn.
    Screen,
}

impl Stage {
    /// All of them, in the order a frame passes through.
    pub const ALL: [Stage; 6] = [
        Stage::Camera,
        Stage::Perception,
        Stage::Motion,
        Stage::Generator,
        Stage::Compositor,
        Stage::Screen,
    ];

    /// The word used in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Stage::Camera => "camera",
            Stage::Perception => "perception",
            Stage::Motion => "motion",
            Stage::Generator => "generator",
            Stage::Compositor => "compositor",
            Stage::Screen => "screen",
        }
    }
}

/// How often a stage runs before it counts as warm: buffers have then found their sizes.
pub const WARM_UP: u64 = 30;

/// Longest time told apart, in microseconds; longer ones count as this.
const LONGEST: u64 = 60_000_000;

/// Times of one kind, in microseconds.
#[derive(Clone, Debug)]
pub struct Times(Histogram<u32>);

impl Times {
    /// No times yet. All memory there will ever be is taken now.
    pub fn new() -> Self {
        // Bounds and digits are constants within what the library takes.
        #[allow(clippy::unwrap_used)]
        Times(Histogram::new_with_bounds(1, LONGEST, 3).unwrap())
    }

    /// Adds one.
    pub fn add(&mut self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(LONGEST);
        self.0.saturating_record(micros);
    }

    /// Adds all of another's.
    pub fn merge(&mut self, other: &Times) {
        // Same bounds on both sides: it always fits.
        let _ = self.0.add(&other.0);
    }

    /// The figures for a report; all zero when there were no times.
    pub fn summary(&self) -> Summary {
        if self.0.is_empty() {
            return Summary::default();
        }
        Summary {
            count: self.0.len(),
            min: self.0.min(),
            median: self.0.value_at_quantile(0.5),
            p95: self.0.value_at_quantile(0.95),
            p99: self.0.value_at_quantile(0.99),
            max: self.0.max(),
        }
    }
}

impl Default for Times {
    fn default() -> Self {
        Times::new()
    }
}

/// A distribution of times in microseconds, to three significant digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// How many times were taken.
    pub count: u64,
    /// The shortest.
    pub min: u64,
    /// Half are shorter.
    pub median: u64,
    /// 95 of 100 are shorter.
    pub p95: u64,
    /// 99 of 100 are shorter.
    pub p99: u64,
    /// The longest.
    pub max: u64,
}

/// What one stage took.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// How long each run took.
    pub times: Times,
    /// Allocations of ours after warm-up.
    pub allocations: u64,
    /// Allocations of the network engine after warm-up.
    pub engine_allocations: u64,
    /// Runs after warm-up.
    pub warm_runs: u64,
    runs: u64,
}

impl Entry {
    fn add(&mut self, time: Duration, allocations: Allocations) {
        self.times.add(time);
        self.runs += 1;
        if self.runs > WARM_UP {
            self.warm_runs += 1;
            self.allocations += allocations.ours;
            self.engine_allocations += allocations.engine;
        }
    }

    fn merge(&mut self, other: &Entry) {
        self.times.merge(&other.times);
        self.allocations += other.allocations;
        self.engine_allocations += other.engine_allocations;
        self.warm_runs += other.warm_runs;
        self.runs += other.runs;
    }
}

/// What every stage took on one thread; see the module text.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    entries: [Entry; Stage::ALL.len()],
}

impl Ledger {
    /// An empty ledger.
    pub fn new() -> Self {
        Ledger::default()
    }

    /// Runs `work` and enters its time and allocations under `stage`.
    pub fn measure<T>(&mut self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let before = Allocations::now();
        let start = Instant::now();
        let result = work();
        let time = start.elapsed();
        self.entries[stage as usize].add(time, Allocations::now().since(before));
        result
    }

    /// What `stage` took.
    pub fn entry(&self, stage: Stage) -> &Entry {
        &self.entries[stage as usize]
    }

    /// Adds another thread's ledger.
    pub fn merge(&mut self, other: &Ledger) {
        for (own, other) in self.entries.iter_mut().zip(&other.entries) {
            own.merge(other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_measured_is_all_zero() {
        assert_eq!(Times::new().summary(), Summary::default());
    }

    #[test]
    fn only_warm_runs_count_allocations() {
        let mut entry = Entry::default();
        let some = Allocations { ours: 2, engine: 3 };
        for _ in 0..WARM_UP + 4 {
            entry.add(Duration::from_micros(10), some);
        }
        assert_eq!(
            (entry.warm_runs, entry.allocations, entry.engine_allocations),
            (4, 8, 12)
        );
        assert_eq!(entry.times.summary().count, WARM_UP + 4);
    }

    #[test]
    fn ledgers_add_up() {
        let mut a = Ledger::new();
        let mut b = Ledger::new();
        a.measure(Stage::Motion, || ());
        b.measure(Stage::Motion, || ());
        b.measure(Stage::Screen, || {
            std::thread::sleep(Duration::from_millis(2))
        });
        a.merge(&b);
        assert_eq!(a.entry(Stage::Motion).times.summary().count, 2);
        assert!(a.entry(Stage::Screen).times.summary().max >= 2_000);
        assert_eq!(a.entry(Stage::Camera).times.summary().count, 0);
    }

    proptest! {
        #[test]
        fn figures_are_true_to_three_digits(mut micros in proptest::collection::vec(0u64..LONGEST, 1..300)) {
            let mut times = Times::new();
            for &time in &micros {
                times.add(Duration::from_micros(time));
            }
            micros.sort_unstable();
            let near = |a: u64, b: u64| a.abs_diff(b) <= 1 + b / 500;
            let summary = times.summary();
            prop_assert_eq!(summary.count, micros.len() as u64);
            prop_assert!(near(summary.min, micros[0]));
            prop_assert!(near(summary.max, micros[micros.len() - 1]));
            prop_assert!(near(summary.median, micros[micros.len().div_ceil(2) - 1]));
            prop_assert!(summary.min <= summary.median && summary.median <= summary.p95);
            prop_assert!(summary.p95 <= summary.p99 && summary.p99 <= summary.max);
        }
    }
}
