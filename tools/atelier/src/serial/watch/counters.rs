//! Counters, and how they moved within the last minute.

use std::collections::VecDeque;
use std::time::Duration;

/// How far back a change is looked for.
const MINUTE: Duration = Duration::from_secs(60);

/// The least that has passed before a change is told.
const SHORTEST: Duration = Duration::from_secs(4);

/// Words of names that count what should not happen.
const FAULTS: [&str; 15] = [
    "away", "bad", "corrupt", "dropped", "errors", "failed", "failures", "faults", "frozen",
    "late", "lost", "missed", "panics", "refused", "stalls",
];

/// Names that mean it without such a word.
const FAULTY: [&str; 2] = ["long_lines", "not_text"];

/// All counters, in the board's order.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    rows: Vec<Counter>,
}

/// One counter.
#[derive(Clone, Debug)]
pub struct Counter {
    /// Its name, with its group.
    pub name: String,
    history: VecDeque<(Duration, u64)>,
}

impl Counters {
    /// Takes new counts; those that are no more told are forgotten.
    pub fn take(&mut self, now: Duration, counts: Vec<(String, u64)>) {
        let mut before = std::mem::take(&mut self.rows);
        for (name, count) in counts {
            let known = before.iter().position(|counter| counter.name == name);
            let mut counter = match known {
                Some(index) => before.swap_remove(index),
                None => Counter {
                    name,
                    history: VecDeque::new(),
                },
            };
            counter.push(now, count);
            self.rows.push(counter);
        }
    }

    /// Counting begins anew: another program runs there.
    pub fn forget(&mut self) {
        self.rows.clear();
    }

    /// All of them.
    pub fn all(&self) -> &[Counter] {
        &self.rows
    }

    /// Those that mean faults and rose within the last minute.
    pub fn rising_faults(&self) -> impl Iterator<Item = &Counter> {
        self.rows.iter().filter(|counter| counter.is_alarming())
    }
}

impl Counter {
    fn push(&mut self, now: Duration, count: u64) {
        self.history.push_back((now, count));
        // One that is as old as a minute stays, to compare with.
        while self
            .history
            .get(1)
            .is_some_and(|(at, _)| *at + MINUTE <= now)
        {
            self.history.pop_front();
        }
    }

    /// The newest count.
    pub fn count(&self) -> u64 {
        self.history.back().map_or(0, |(_, count)| *count)
    }

    /// Whether it counts what should not happen.
    pub fn is_fault(&self) -> bool {
        let name = self.name.rsplit('.').next().unwrap_or_default();
        FAULTY.contains(&name) || name.split('_').any(|word| FAULTS.contains(&word))
    }

    /// How much it rose within the last minute.
    ///
    /// None if it fell, or is not known for long enough.
    pub fn rise(&self) -> Option<u64> {
        let (first, last) = (self.history.front()?, self.history.back()?);
        if last.0.saturating_sub(first.0) < SHORTEST {
            return None;
        }
        last.1.checked_sub(first.1)
    }

    /// How fast it rises, a minute.
    ///
    /// Faults are told as they were counted: one is one, not twelve a minute.
    pub fn per_minute(&self) -> Option<u64> {
        let rise = self.rise()?;
        let (first, last) = (self.history.front()?, self.history.back()?);
        let passed = last.0.saturating_sub(first.0).as_secs_f64();
        let per_minute = rise as f64 * MINUTE.as_secs_f64() / passed;
        Some(if self.is_fault() {
            rise
        } else {
            per_minute.round() as u64
        })
    }

    /// Whether it means a fault and rose.
    pub fn is_alarming(&self) -> bool {
        self.is_fault() && self.rise().is_some_and(|rise| rise > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(counters: &mut Counters, second: u64, shown: u64, lost: u64) {
        let counts = vec![
            ("picture.shown".to_owned(), shown),
            ("camera.lost".to_owned(), lost),
        ];
        counters.take(Duration::from_secs(second), counts);
    }

    #[test]
    fn change_is_of_the_last_minute() {
        let mut counters = Counters::default();
        told(&mut counters, 0, 0, 5);
        assert_eq!(counters.all()[0].per_minute(), None);
        told(&mut counters, 10, 600, 5);
        assert_eq!(counters.all()[0].per_minute(), Some(3600));
        for tens in 2..=20 {
            let rate = if tens < 12 { 600 } else { 300 };
            let shown = counters.all()[0].count() + rate;
            told(&mut counters, tens * 10, shown, 5);
        }
        assert_eq!(counters.all()[0].per_minute(), Some(1800));
        assert_eq!(counters.rising_faults().count(), 0);
    }

    #[test]
    fn a_fault_stands_out_for_a_minute() {
        let mut counters = Counters::default();
        told(&mut counters, 0, 0, 5);
        told(&mut counters, 5, 300, 6);
        let rising: Vec<&str> = counters
            .rising_faults()
            .map(|counter| counter.name.as_str())
            .collect();
        assert_eq!(rising, ["camera.lost"]);
        assert_eq!(counters.all()[1].per_minute(), Some(1));
        for fives in 2..=14 {
            told(&mut counters, fives * 5, fives * 300, 6);
        }
        assert_eq!(counters.rising_faults().count(), 0);
    }

    #[test]
    fn what_falls_has_no_change_and_what_is_gone_is_gone() {
        let mut counters = Counters::default();
        told(&mut counters, 0, 100, 5);
        told(&mut counters, 20, 3, 0);
        assert_eq!(counters.all()[0].per_minute(), None);
        assert_eq!(counters.rising_faults().count(), 0);
        counters.take(Duration::from_secs(30), vec![("a".to_owned(), 1)]);
        assert_eq!(counters.all().len(), 1);
        assert_eq!(counters.all()[0].count(), 1);
    }

    #[test]
    fn names_tell_faults() {
        let is_fault = |name: &str| {
            let name = name.to_owned();
            Counter {
                name,
                history: VecDeque::new(),
            }
            .is_fault()
        };
        for name in [
            "camera.away",
            "serial.bad_packets",
            "serial.panics",
            "picture.missed_flips",
            "serial.not_text",
        ] {
            assert!(is_fault(name), "{name}");
        }
        for name in [
            "picture.shown",
            "camera.faces_now",
            "serial.openings",
            "camera.looked_at",
            "serial.saves",
            "picture.latency",
        ] {
            assert!(!is_fault(name), "{name}");
        }
    }
}
