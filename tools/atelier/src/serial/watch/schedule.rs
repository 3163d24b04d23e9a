//! What is asked when, so that the line is never flooded.

use super::ask::Ask;
use std::time::Duration;

/// Between looks at the board.
const VITALS: Duration = Duration::from_millis(500);

/// Between counts.
const COUNTERS: Duration = Duration::from_secs(5);

/// Between lists: an AV controller may change something, too.
const LIST: Duration = Duration::from_secs(30);

/// When a board without `vitals` is asked again: it may have been updated.
const AGAIN: Duration = Duration::from_secs(60);

/// When each question is due, from any beginning.
#[derive(Clone, Debug, Default)]
pub struct Schedule {
    vitals: Duration,
    counters: Duration,
    status: Duration,
    list: Duration,
    /// Until then nothing is asked.
    free: Duration,
    /// Until then `status` stands in for `vitals`.
    old_until: Duration,
}

impl Schedule {
    /// Everything is due: a board has been found.
    pub fn new(now: Duration) -> Schedule {
        Schedule {
            vitals: now,
            counters: now,
            status: now,
            list: now,
            free: now,
            old_until: Duration::ZERO,
        }
    }

    /// The question that is due, if one is.
    pub fn due(&self, now: Duration) -> Option<Ask> {
        let questions = [
            (self.list, Ask::List),
            (self.vitals, self.look(now)),
            (self.status, Ask::Status),
            (self.counters, Ask::Counters),
        ];
        let longest_due = questions.into_iter().min_by_key(|(due, _)| *due);
        longest_due.and_then(|(due, ask)| (due.max(self.free) <= now).then_some(ask))
    }

    /// How long nothing is due.
    pub fn pause(&self, now: Duration) -> Duration {
        let next = [self.vitals, self.counters, self.status, self.list];
        let next = next.into_iter().min().unwrap_or(now);
        next.max(self.free).saturating_sub(now)
    }

    /// A question was asked at `asked` and answered at `now`.
    ///
    /// After it the line is left alone for as long as the answer took: half of the time stays free on the slowest one.
    pub fn answered(&mut self, ask: &Ask, asked: Duration, now: Duration) {
        self.free = now + now.saturating_sub(asked);
        let is_look = *ask == self.look(asked);
        match ask {
            Ask::Vitals => self.vitals = asked + VITALS,
            Ask::Counters => self.counters = asked + COUNTERS,
            Ask::Status => self.status = asked + LIST,
            Ask::List => self.list = asked + LIST,
            _ => {}
        }
        if is_look {
            self.vitals = asked + VITALS;
        }
    }

    /// The board does not know `vitals`.
    pub fn is_old(&mut self, now: Duration) {
        self.old_until = now + AGAIN;
    }

    fn look(&self, now: Duration) -> Ask {
        if now < self.old_until {
            Ask::Status
        } else {
            Ask::Vitals
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is asked within a minute, and the share of it that the line is busy.
    fn minute(took: Duration, is_old: bool) -> (Vec<Ask>, f64) {
        let (mut now, mut busy) = (Duration::ZERO, Duration::ZERO);
        let mut schedule = Schedule::new(now);
        let mut asked = Vec::new();
        while now < Duration::from_secs(60) {
            let Some(ask) = schedule.due(now) else {
                now += schedule.pause(now).max(Duration::from_millis(1));
                continue;
            };
            let begin = now;
            now += took;
            busy += took;
            if is_old && ask == Ask::Vitals {
                schedule.is_old(now);
            }
            schedule.answered(&ask, begin, now);
            asked.push(ask);
        }
        (asked, busy.as_secs_f64() / now.as_secs_f64())
    }

    fn count(asked: &[Ask], wanted: &Ask) -> usize {
        asked.iter().filter(|ask| *ask == wanted).count()
    }

    #[test]
    fn looks_twice_a_second_and_lists_seldom() {
        let (asked, busy) = minute(Duration::from_millis(50), false);
        assert!((115..=121).contains(&count(&asked, &Ask::Vitals)));
        assert!((11..=12).contains(&count(&asked, &Ask::Counters)));
        assert!((2..=3).contains(&count(&asked, &Ask::List)));
        assert!(busy < 0.15, "{busy}");
    }

    #[test]
    fn a_slow_line_is_busy_for_half_the_time_at_most() {
        let (asked, busy) = minute(Duration::from_secs(1), false);
        assert!(busy <= 0.51, "{busy}");
        assert!(count(&asked, &Ask::Vitals) >= 10);
        assert!(count(&asked, &Ask::Counters) >= 5);
        assert!(count(&asked, &Ask::List) >= 1);
    }

    #[test]
    fn status_stands_in_for_vitals() {
        let (asked, _) = minute(Duration::from_millis(50), true);
        assert_eq!(count(&asked, &Ask::Vitals), 1);
        assert!(count(&asked, &Ask::Status) > 100);
    }
}
