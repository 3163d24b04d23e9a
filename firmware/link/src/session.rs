//! Who sits at the line, whether they may write, and what they have prepared.
//!
//! Reading is free. With a PIN set, writing needs an answer to a challenge: the board sends its PIN's salt and
//! numbers that it never sent before, and whoever knows the PIN answers with
//!
//! ```text
//! HMAC-SHA-256(PBKDF2(PIN, salt), challenge)
//! ```
//!
//! The PIN does not go over the line, and what was heard there is of no use later: each challenge counts once.
//! After wrong answers the next one is not looked at for a while, each time twice as long. A session that is
//! silent for the time set locks itself and forgets what it has prepared.

use crate::fault::Fault;
use sfumato_core::time::{Micros, Moment};
use sfumato_settings::pin::{CHALLENGE, Verifier};
use sfumato_settings::{Settings, Staged};

/// Wrong answers that cost nothing.
const FREE: u32 = 2;
/// The first wait, and the longest.
const FIRST_WAIT: Micros = Micros::from_secs(2);
const LONGEST_WAIT: Micros = Micros::from_secs(15 * 60);

/// One who talks to the board.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// Changes that are not in force yet.
    pub staged: Staged,
    unlocked: bool,
    challenge: Option<[u8; CHALLENGE]>,
    failures: u32,
    closed_until: Moment,
    last_heard: Moment,
}

impl Session {
    /// Whether this one may change something.
    pub fn may_write(&self, settings: &Settings) -> bool {
        settings.pin().is_none() || self.unlocked
    }

    /// Something came from this one.
    pub fn heard(&mut self, now: Moment) {
        self.last_heard = now;
    }

    /// Locks a session that has been silent for too long.
    pub fn tick(&mut self, now: Moment, settings: &Settings) {
        if self.last_heard.until(now) >= settings.session_timeout() {
            self.lock();
        }
    }

    /// Asks for the PIN again, and forgets what is staged.
    pub fn lock(&mut self) {
        self.unlocked = false;
        self.challenge = None;
        self.staged.discard();
    }

    /// Lets this one write until it is locked.
    pub fn admit(&mut self) {
        self.unlocked = true;
    }

    /// Takes a new challenge, which must be random.
    pub fn set_challenge(&mut self, challenge: [u8; CHALLENGE]) {
        self.challenge = Some(challenge);
    }

    /// Takes the answer to the challenge, in hexadecimal.
    pub fn answer(&mut self, response: &str, pin: &Verifier, now: Moment) -> Result<(), Fault> {
        if now < self.closed_until {
            return Err(Fault::Wait(
                now.until(self.closed_until).0.div_ceil(1_000_000),
            ));
        }
        let challenge = self.challenge.take().ok_or(Fault::WrongAnswer)?;
        if pin.accepts(&challenge, response) {
            self.admit();
            self.failures = 0;
            return Ok(());
        }
        self.failures = self.failures.saturating_add(1);
        let doubled = self.failures.checked_sub(FREE + 1);
        if let Some(times) = doubled {
            let wait = FIRST_WAIT.0.checked_shl(times.min(20)).unwrap_or(u64::MAX);
            self.closed_until = now + Micros(wait.min(LONGEST_WAIT.0));
        }
        Err(Fault::WrongAnswer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_settings::pin::SALT;
    use std::string::{String, ToString};

    fn at(seconds: u64) -> Moment {
        Moment(seconds * 1_000_000)
    }

    fn answer_to(challenge: [u8; CHALLENGE], pin: &str) -> String {
        let verifier = Verifier::new("4711", [7; SALT]).unwrap();
        verifier.challenge(challenge).answer(pin).to_string()
    }

    #[test]
    fn an_answer_counts_once() {
        let pin = Verifier::new("4711", [7; SALT]).unwrap();
        let mut session = Session::default();
        let right = answer_to([1; CHALLENGE], "4711");
        assert_eq!(session.answer(&right, &pin, at(1)), Err(Fault::WrongAnswer));
        session.set_challenge([1; CHALLENGE]);
        assert_eq!(session.answer(&right, &pin, at(1)), Ok(()));
        session.lock();
        // Heard on the line and sent again: there is no challenge, or another one.
        assert_eq!(session.answer(&right, &pin, at(2)), Err(Fault::WrongAnswer));
        session.set_challenge([2; CHALLENGE]);
        assert_eq!(session.answer(&right, &pin, at(2)), Err(Fault::WrongAnswer));
    }

    #[test]
    fn guessing_becomes_slow() {
        let pin = Verifier::new("4711", [7; SALT]).unwrap();
        let mut session = Session::default();
        let (mut now, mut tries) = (at(10), 0);
        // A day of somebody who tries whenever it is allowed.
        while now < at(24 * 3600) {
            session.set_challenge([3; CHALLENGE]);
            match session.answer("00", &pin, now) {
                Err(Fault::Wait(seconds)) => now = now + Micros::from_secs(seconds),
                Err(Fault::WrongAnswer) => tries += 1,
                other => panic!("{other:?}"),
            }
        }
        assert!((90..120).contains(&tries), "{tries}");
        // The right one is not looked at before its time either.
        session.set_challenge([3; CHALLENGE]);
        let right = answer_to([3; CHALLENGE], "4711");
        let early = session.answer(&right, &pin, now);
        if let Err(Fault::Wait(seconds)) = early {
            now = now + Micros::from_secs(seconds);
            assert_eq!(session.answer(&right, &pin, now), Ok(()));
        } else {
            assert_eq!(early, Ok(()));
        }
    }

    #[test]
    fn silence_locks() {
        let mut staged = Staged::default();
        staged.set_pin(Some("4711"), [7; SALT]).unwrap();
        let settings = staged.over(&Settings::default());
        let mut session = Session::default();
        assert!(!session.may_write(&settings));
        assert!(session.may_write(&Settings::default()));
        session.set_challenge([1; CHALLENGE]);
        session
            .answer(
                &answer_to([1; CHALLENGE], "4711"),
                settings.pin().unwrap(),
                at(1),
            )
            .unwrap();
        session.staged.set("display.brightness", "50").unwrap();
        session.heard(at(5));
        session.tick(at(6), &settings);
        assert!(session.may_write(&settings));
        session.tick(at(5) + settings.session_timeout(), &settings);
        assert!(!session.may_write(&settings));
        assert!(session.staged.changed().is_empty());
    }
}
