//! Changes that are being prepared and are not in force yet.

use crate::pin::{NotAPin, SALT, Verifier};
use crate::refusal::{Refusal, excerpt};
use crate::registry::{Id, IdSet, Shown, nearest};
use crate::settings::Settings;
use crate::value::Value;
use core::fmt;
use heapless::String;

/// Why a change was not staged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageError {
    /// There is no such setting: correct the name, or list them.
    Unknown {
        /// The name as given, or its beginning.
        name: String<48>,
        /// What may have been meant.
        nearest: Option<Id>,
    },
    /// The setting does not take this value: the refusal says what it takes.
    Refused(Refusal),
    /// A PIN is not set like other settings, because it is kept as a verifier: use
    /// [`Staged::set_pin`].
    IsPin,
}

impl fmt::Display for StageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StageError::Unknown { name, nearest } => {
                write!(f, "there is no setting {name}")?;
                match nearest {
                    Some(id) => write!(f, "; is it {}?", id.name()),
                    None => Ok(()),
                }
            }
            StageError::Refused(refusal) => write!(f, "{refusal}"),
            StageError::IsPin => write!(f, "{} is set with a command of its own", Id::Pin.name()),
        }
    }
}

impl core::error::Error for StageError {}

impl From<Refusal> for StageError {
    fn from(refusal: Refusal) -> StageError {
        StageError::Refused(refusal)
    }
}

/// Changes waiting for their commit. Each session may hold its own.
#[derive(Clone, Debug, Default)]
pub struct Staged {
    values: Settings,
    changed: IdSet,
}

/// The setting of that name, or what may have been meant.
pub fn find(name: &str) -> Result<Id, StageError> {
    let name = name.trim();
    Id::by_name(name).ok_or_else(|| StageError::Unknown {
        name: excerpt(name),
        nearest: nearest(name),
    })
}

/// The value that this text is for the setting. A PIN's verifier is not taken from anyone.
pub(crate) fn read(id: Id, text: &str) -> Result<Value, StageError> {
    let setting = id.setting();
    if setting.shown == Shown::ToNobody {
        return Err(StageError::IsPin);
    }
    let value = setting.kind.parse(text);
    Ok(value.map_err(|reason| Refusal::new(id, reason, text))?)
}

impl Staged {
    /// Stages a value as text for the setting of that name.
    pub fn set(&mut self, name: &str, text: &str) -> Result<Id, StageError> {
        let id = find(name)?;
        self.put(id, read(id, text)?);
        Ok(id)
    }

    /// Stages a new PIN; none: no PIN is asked for any more. `salt` must be random: take it from the
    /// system.
    pub fn set_pin(&mut self, pin: Option<&str>, salt: [u8; SALT]) -> Result<(), NotAPin> {
        let verifier = pin.map(|pin| Verifier::new(pin, salt)).transpose()?;
        self.put(Id::Pin, Value::Pin(verifier));
        Ok(())
    }

    /// Stages a setting's default, as the installation has it.
    pub fn reset(&mut self, id: Id, defaults: &Settings) {
        self.put(id, *defaults.get(id));
    }

    /// Stages all defaults; the PIN stays, lest a reset opens the door.
    pub fn reset_all(&mut self, defaults: &Settings) {
        for id in Id::all().filter(|id| *id != Id::Pin) {
            self.reset(id, defaults);
        }
    }

    /// Forgets all staged changes.
    pub fn discard(&mut self) {
        self.changed = IdSet::default();
    }

    /// Which settings have a staged value.
    pub fn changed(&self) -> IdSet {
        self.changed
    }

    /// The staged value of a setting, if there is one.
    pub fn get(&self, id: Id) -> Option<&Value> {
        (self.changed.contains(id)).then(|| self.values.get(id))
    }

    /// Those settings with these changes made.
    pub fn over(&self, settings: &Settings) -> Settings {
        let mut after = settings.clone();
        for id in self.changed.iter() {
            after.put(id, *self.values.get(id));
        }
        after
    }

    fn put(&mut self, id: Id, value: Value) {
        self.values.put(id, value);
        self.changed.insert(id);
    }
}
