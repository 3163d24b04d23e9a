//! What is done with a system on trial, or one that has gone bad, from what is known of its health.

use crate::boot::State;

/// Seconds that a system on trial has for its verdict.
pub const TRIAL: u64 = 600;

/// What the show says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// Nothing: it does not run.
    Silent,
    /// It has not shown enough yet.
    Starting,
    /// The display is away or asleep: no verdict is possible.
    Waiting,
    /// It is well.
    Healthy,
}

impl Health {
    /// Reads `/run/sfumato/health`: lines of `name = value`, of which `state` counts.
    ///
    /// ```
    /// # use sfumato_slots::Health;
    /// assert_eq!(Health::parse("state = healthy\nflips = 300\n"), Health::Healthy);
    /// assert_eq!(Health::parse(""), Health::Silent);
    /// ```
    pub fn parse(text: &str) -> Health {
        match crate::notes::value(text, "state") {
            Some("starting") => Health::Starting,
            Some("waiting") => Health::Waiting,
            Some("healthy") => Health::Healthy,
            _ => Health::Silent,
        }
    }
}

/// What the timer does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Nothing yet.
    Wait,
    /// The verdict is there: confirm.
    Confirm,
    /// Count a long start without a verdict.
    Count,
    /// Give the trial up.
    GiveUp,
}

/// What is to be done with the running system `seconds` after the board's start.
pub fn timer(state: State, health: Health, seconds: u64) -> Timer {
    match (state, health) {
        (_, Health::Waiting) => Timer::Wait,
        (State::Confirmed, Health::Healthy) => Timer::Wait,
        (_, Health::Healthy) => Timer::Confirm,
        (State::Confirmed, _) if seconds > crate::starts::LONG => Timer::Count,
        (State::Trial(_) | State::Bad, _) if seconds >= TRIAL => Timer::GiveUp,
        _ => Timer::Wait,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Counter;

    const ON_TRIAL: State = State::Trial(Counter { left: 2, done: 1 });

    #[test]
    fn a_trial_has_ten_minutes() {
        for health in [Health::Silent, Health::Starting] {
            assert_eq!(timer(ON_TRIAL, health, TRIAL - 1), Timer::Wait);
            assert_eq!(timer(ON_TRIAL, health, TRIAL), Timer::GiveUp);
        }
        assert_eq!(timer(ON_TRIAL, Health::Waiting, 10 * TRIAL), Timer::Wait);
        assert_eq!(timer(ON_TRIAL, Health::Healthy, 30), Timer::Confirm);
        assert_eq!(timer(State::Bad, Health::Healthy, 30), Timer::Confirm);
    }

    #[test]
    fn a_confirmed_one_is_only_counted() {
        let confirmed = State::Confirmed;
        assert_eq!(timer(confirmed, Health::Silent, 180), Timer::Wait);
        assert_eq!(timer(confirmed, Health::Starting, 181), Timer::Count);
        assert_eq!(timer(confirmed, Health::Waiting, 9999), Timer::Wait);
        assert_eq!(timer(confirmed, Health::Healthy, 9999), Timer::Wait);
    }
}
