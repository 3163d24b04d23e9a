//! What the portrait is up to: asleep, alone, meeting somebody, or seeing them off.
//!
//! ```text
//!            closed            somebody            for a moment
//!   any ----------> Asleep   Alone ------> Noticing ----------> Engaged
//!                     | open   ^  \ long alone  ^                  | nobody
//!                     v        |   v            | somebody         v
//!                   Alone      |  Drowsy -------+              Goodbye
//!                              +--------------------------------- | over
//! ```
//!
//! A [`Behaviour`] only says which it is and since when; what each looks like is the mover's. Two
//! things come and go by themselves and are never a jump: how drowsy the portrait is and how fast asleep.

use crate::curve::ease;
use crate::personality::Personality;
use sfumato_core::motion::Real;
use sfumato_core::time::{Micros, Moment};

/// How long a portrait looks after somebody who has left.
const GOODBYE: Micros = Micros::from_millis(2_600);

/// To get drowsy takes so long; to be wide awake again so long.
const DROOP: Micros = Micros::from_secs(30);
const ROUSE: Micros = Micros::from_millis(900);

/// To fall asleep when the house closes, and to wake when it opens.
const FALL_ASLEEP: Micros = Micros::from_secs(6);
const WAKE: Micros = Micros::from_secs(4);

/// What the portrait is up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// The house is closed: eyes shut, breathing.
    Asleep,
    /// Nobody there: a life of its own.
    #[default]
    Alone,
    /// Nobody there for long: heavy lids, few glances.
    Drowsy,
    /// Somebody has come: the eyes are there already, the head and the face follow.
    Noticing,
    /// A visitor is answered.
    Engaged,
    /// The visitor has left: the eyes stay where they went for a moment.
    Goodbye,
}

impl State {
    /// All of them.
    pub const ALL: [State; 6] = [
        State::Asleep,
        State::Alone,
        State::Drowsy,
        State::Noticing,
        State::Engaged,
        State::Goodbye,
    ];

    /// The word used in reports and status lines.
    pub const fn name(self) -> &'static str {
        match self {
            State::Asleep => "asleep",
            State::Alone => "alone",
            State::Drowsy => "drowsy",
            State::Noticing => "noticing",
            State::Engaged => "engaged",
            State::Goodbye => "goodbye",
        }
    }
}

/// Follows what the portrait is up to. Deterministic; the caller says what time it is.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    state: State,
    since: Moment,
    /// When somebody was there last, or it woke.
    company: Option<Moment>,
    open: bool,
    drowsy: Swell,
    asleep: Swell,
}

impl Behaviour {
    /// Alone, in an open house.
    pub fn new() -> Behaviour {
        Behaviour {
            state: State::Alone,
            since: Moment::default(),
            company: None,
            open: true,
            drowsy: Swell::default(),
            asleep: Swell::default(),
        }
    }

    /// Whether the house is open from now on.
    pub fn set_open(&mut self, open: bool) {
        self.open = open;
    }

    /// Whether visitors are answered at all.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// What the portrait is up to at `now`, when somebody is `there` or nobody. Moments must not
    /// run backwards.
    pub fn at(&mut self, now: Moment, there: bool, personality: &Personality) -> State {
        if there || self.state == State::Asleep {
            self.company = Some(now);
        }
        let company = *self.company.get_or_insert(now);
        let age = self.since.until(now);
        let tired =
            personality.drowsy_after > Micros(0) && company.until(now) >= personality.drowsy_after;
        let next = match self.state {
            _ if !self.open => State::Asleep,
            State::Noticing if there && age < personality.engage_time => State::Noticing,
            State::Noticing | State::Engaged if there => State::Engaged,
            _ if there => State::Noticing,
            State::Noticing | State::Engaged => State::Goodbye,
            State::Goodbye if age < GOODBYE => State::Goodbye,
            State::Goodbye | State::Asleep => State::Alone,
            State::Alone | State::Drowsy if tired => State::Drowsy,
            State::Alone | State::Drowsy => State::Alone,
        };
        if next != self.state {
            (self.state, self.since) = (next, now);
        }
        // Whoever has eyes shut is not drowsy as well: it wakes refreshed.
        self.drowsy.turn(next == State::Drowsy, now, [DROOP, ROUSE]);
        self.asleep
            .turn(next == State::Asleep, now, [FALL_ASLEEP, WAKE]);
        next
    }

    /// How drowsy it is, in [0, 1].
    pub fn drowsiness(&self, now: Moment) -> Real {
        self.drowsy.at(now)
    }

    /// How fast asleep it is, in [0, 1].
    pub fn sleep(&self, now: Moment) -> Real {
        self.asleep.at(now)
    }

    /// How much a portrait that sees somebody off does so: rises, stays and falls again within
    /// [`GOODBYE`]; in [0, 1].
    pub fn farewell(&self, now: Moment) -> Real {
        const THIRD: Micros = Micros(GOODBYE.0 / 3);
        if self.state != State::Goodbye {
            return Real::ZERO;
        }
        let age = self.since.until(now);
        let late = Micros(age.0.saturating_sub(2 * THIRD.0));
        ease(age, THIRD) - ease(late, THIRD)
    }
}

/// Something between 0 and 1 that comes and goes gently.
///
/// Turned on its way it goes back from where it is. Both ends of each way are at rest.
#[derive(Clone, Copy, Debug, Default)]
struct Swell {
    from: Real,
    to: Real,
    began: Moment,
    length: Micros,
}

impl Swell {
    fn at(&self, now: Moment) -> Real {
        let share = ease(self.began.until(now), self.length);
        self.from + (self.to - self.from) * share
    }

    /// Lets it come (`on`) or go from `now`; `lengths` are those of a whole way there and back.
    fn turn(&mut self, on: bool, now: Moment, [there, back]: [Micros; 2]) {
        let to = if on { Real::ONE } else { Real::ZERO };
        if to == self.to {
            return;
        }
        *self = Swell {
            from: self.at(now),
            to,
            began: now,
            length: if on { there } else { back },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(seconds: u64) -> Moment {
        Moment(seconds * 1_000_000)
    }

    #[test]
    fn a_day_from_opening_to_closing() {
        let mut behaviour = Behaviour::new();
        let sleepy = Personality {
            drowsy_after: Micros::from_secs(600),
            ..Personality::SERENE
        };
        let mut at = |seconds, there, open| {
            behaviour.set_open(open);
            behaviour.at(second(seconds), there, &sleepy)
        };
        assert_eq!(at(0, false, false), State::Asleep);
        // Nobody is answered in a closed house.
        assert_eq!(at(100, true, false), State::Asleep);
        assert_eq!(at(3_600, false, true), State::Alone);
        assert_eq!(at(4_199, false, true), State::Alone);
        assert_eq!(at(4_201, false, true), State::Drowsy);
        assert_eq!(at(4_300, true, true), State::Noticing);
        assert_eq!(at(4_302, true, true), State::Engaged);
        assert_eq!(at(4_400, false, true), State::Goodbye);
        assert_eq!(at(4_401, false, true), State::Goodbye);
        assert_eq!(at(4_404, false, true), State::Alone);
        assert_eq!(at(4_410, true, true), State::Noticing);
        // Gone before it was answered: still seen off.
        assert_eq!(at(4_410, false, true), State::Goodbye);
        assert_eq!(at(4_411, true, true), State::Noticing);
        assert_eq!(at(4_500, true, false), State::Asleep);
    }

    #[test]
    fn a_mirror_is_never_drowsy() {
        let mut behaviour = Behaviour::new();
        for hour in 0..48 {
            let state = behaviour.at(second(3_600 * hour), false, &Personality::MIRROR);
            assert_eq!(state, State::Alone);
        }
        assert_eq!(behaviour.drowsiness(second(200_000)), 0);
    }

    #[test]
    fn what_comes_and_goes_is_turned_without_a_jump() {
        let mut swell = Swell::default();
        let lengths = [Micros::from_secs(4), Micros::from_secs(2)];
        let mut before = Real::ZERO;
        for frame in 0..600u64 {
            let now = Moment(frame * 16_667);
            // On, turned back half-way, on again, off for good.
            let on = matches!(frame, 60..170 | 200..450);
            swell.turn(on, now, lengths);
            let value = swell.at(now);
            assert!((value - before).abs() < Real::lit("0.02"), "{frame}");
            assert!((Real::ZERO..=Real::ONE).contains(&value));
            before = value;
        }
        assert_eq!(before, 0);
    }
}
