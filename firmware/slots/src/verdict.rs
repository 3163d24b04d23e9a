//! What is done with a system on trial, or one that has gone bad, from what is known of its health.

use crate::boot::State;
use std::fmt;

/// Seconds that a system on trial has for its verdict.
pub const TRIAL: u64 = 600;

/// So many ends of the show in one start of a system on trial are a verdict, too.
///
/// A show that crashes once in a while is started anew and may still prove itself; one that ends this often shows
/// visitors nothing, and more time cures nothing.
pub const ENDS: u32 = 10;

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
    GiveUp(Because),
}

/// Why a trial is given up; the words are what a technician reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because {
    /// There was no verdict for [`TRIAL`] seconds.
    Late,
    /// The show ended this many times.
    Ends(u32),
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Because::Late => write!(f, "it was not healthy within {} minutes", TRIAL / 60),
            Because::Ends(times) => write!(f, "the portrait's program ended {times} times"),
        }
    }
}

/// What is to be done with the running system `seconds` after the board's start, in which the show ended `ends` times
/// by itself.
pub fn timer(state: State, health: Health, seconds: u64, ends: u32) -> Timer {
    match (state, health) {
        (_, Health::Waiting) => Timer::Wait,
        (State::Confirmed, Health::Healthy) => Timer::Wait,
        (_, Health::Healthy) => Timer::Confirm,
        (State::Confirmed, _) if seconds > crate::starts::LONG => Timer::Count,
        (State::Trial(_) | State::Bad, _) if ends >= ENDS => Timer::GiveUp(Because::Ends(ends)),
        (State::Trial(_) | State::Bad, _) if seconds >= TRIAL => Timer::GiveUp(Because::Late),
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
            assert_eq!(timer(ON_TRIAL, health, TRIAL - 1, 0), Timer::Wait);
            let late = Timer::GiveUp(Because::Late);
            assert_eq!(timer(ON_TRIAL, health, TRIAL, 0), late);
        }
        assert_eq!(timer(ON_TRIAL, Health::Waiting, 10 * TRIAL, 0), Timer::Wait);
        assert_eq!(timer(ON_TRIAL, Health::Healthy, 30, 0), Timer::Confirm);
        assert_eq!(timer(State::Bad, Health::Healthy, 30, 0), Timer::Confirm);
    }

    #[test]
    fn a_show_that_ends_again_and_again_is_given_up_sooner() {
        let ended = Timer::GiveUp(Because::Ends(ENDS));
        for health in [Health::Silent, Health::Starting] {
            assert_eq!(timer(ON_TRIAL, health, 60, ENDS - 1), Timer::Wait);
            assert_eq!(timer(ON_TRIAL, health, 60, ENDS), ended);
            assert_eq!(timer(State::Bad, health, 60, ENDS), ended);
            assert_eq!(timer(State::Confirmed, health, 60, 9 * ENDS), Timer::Wait);
        }
        // A verdict that is there, or cannot be, counts for more.
        assert_eq!(timer(ON_TRIAL, Health::Healthy, 60, ENDS), Timer::Confirm);
        assert_eq!(timer(ON_TRIAL, Health::Waiting, 60, ENDS), Timer::Wait);
    }

    #[test]
    fn a_confirmed_one_is_only_counted() {
        let confirmed = State::Confirmed;
        assert_eq!(timer(confirmed, Health::Silent, 180, 0), Timer::Wait);
        assert_eq!(timer(confirmed, Health::Starting, 181, 0), Timer::Count);
        assert_eq!(timer(confirmed, Health::Waiting, 9999, 0), Timer::Wait);
        assert_eq!(timer(confirmed, Health::Healthy, 9999, 0), Timer::Wait);
    }
}
