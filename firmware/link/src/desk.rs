//! What packets and lines have in common: the settings, the session and the board, and what is done to them.

use crate::device::{Denied, Device};
use crate::fault::Fault;
use crate::names::find;
use crate::session::Session;
use sfumato_core::time::Moment;
use sfumato_settings::pin::{Challenge, SALT};
use sfumato_settings::{Id, Settings, StageError, Staged, Store};

/// Everything a request may need.
pub struct Desk<'a, D> {
    pub store: &'a mut Store,
    pub session: &'a mut Session,
    pub device: &'a mut D,
    pub now: Moment,
}

impl<D: Device> Desk<'_, D> {
    /// What is in force.
    pub fn settings(&self) -> &Settings {
        &self.store.current().settings
    }

    /// Whether this session may change something.
    pub fn writing(&self) -> Result<(), Fault> {
        if self.session.may_write(self.settings()) {
            Ok(())
        } else {
            Err(Fault::Locked)
        }
    }

    /// Prepares a change.
    pub fn stage(&mut self, name: &str, value: &str) -> Result<Id, Fault> {
        self.writing()?;
        let name = find(name).map_or(name, |id| id.name());
        Ok(self.session.staged.set(name, value)?)
    }

    /// Prepares a setting's way back to its default.
    pub fn stage_default(&mut self, id: Id) -> Result<(), Fault> {
        self.writing()?;
        if id == Id::Pin {
            return Err(StageError::IsPin.into());
        }
        self.session.staged.reset(id, self.store.defaults());
        Ok(())
    }

    /// Changes one setting at once. What else is prepared goes on waiting.
    pub fn change(&mut self, id: Id, value: &str) -> Result<(), Fault> {
        self.writing()?;
        let mut alone = Staged::default();
        alone.set(id.name(), value)?;
        self.put_into_force(&mut alone)
    }

    /// Sets or removes the PIN at once, and saves: a PIN that a power cut takes back is none.
    pub fn change_pin(&mut self, pin: Option<&str>) -> Result<(), Fault> {
        self.writing()?;
        let mut alone = Staged::default();
        let salt: [u8; SALT] = self.random()?;
        alone.set_pin(pin, salt).map_err(|_| Fault::NotAPin)?;
        self.put_into_force(&mut alone)?;
        // Who sets a PIN knows it.
        self.session.admit();
        self.save()
    }

    /// Puts into force what is prepared; says how many settings that were.
    pub fn commit(&mut self) -> Result<usize, Fault> {
        self.writing()?;
        let mut staged = self.session.staged.clone();
        let count = staged.changed().len();
        self.put_into_force(&mut staged)?;
        self.session.staged.discard();
        Ok(count)
    }

    /// Returns to what is saved.
    pub fn load(&mut self) -> Result<(), Fault> {
        self.writing()?;
        let mut saved = Staged::default();
        self.store.stage_saved(&mut saved);
        self.put_into_force(&mut saved)
    }

    /// Saves what is in force.
    pub fn save(&mut self) -> Result<(), Fault> {
        self.writing()?;
        let settings = self.settings().clone();
        let saved = self.device.save(&settings, self.store.defaults());
        saved.map_err(Fault::NotSaved)?;
        self.store.mark_saved(settings);
        Ok(())
    }

    /// Who may write, in words.
    pub fn access(&self) -> &'static str {
        match self.settings().pin() {
            None => "open, no PIN is set",
            Some(_) if self.writing().is_ok() => "unlocked",
            Some(_) => "locked",
        }
    }

    /// A new challenge for whoever knows the PIN; none where no PIN is set.
    pub fn challenge(&mut self) -> Result<Option<Challenge>, Fault> {
        let Some(pin) = self.settings().pin().copied() else {
            return Ok(None);
        };
        let number = self.random()?;
        self.session.set_challenge(number);
        Ok(Some(pin.challenge(number)))
    }

    /// The answer to a challenge; all is well where no PIN is set.
    pub fn unlock(&mut self, response: &str) -> Result<(), Fault> {
        match self.store.current().settings.pin() {
            Some(pin) => self.session.answer(response, pin, self.now),
            None => Ok(()),
        }
    }

    fn put_into_force(&mut self, staged: &mut Staged) -> Result<(), Fault> {
        let after = staged.over(self.settings());
        self.device.check(&after).map_err(Fault::Missing)?;
        self.store.commit(staged)?;
        self.device.apply(self.store.current());
        Ok(())
    }

    fn random<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        if self.device.random(&mut bytes) {
            Ok(bytes)
        } else {
            Err(Denied("the board has no random numbers yet; try again").into())
        }
    }
}
