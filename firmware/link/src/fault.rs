//! What can go wrong with a line, by number: what the answer `ERR n words` states.
//!
//! | number | what |
//! |---|---|
//! | 1 to 6 | the line cannot be read: [`LineError`] |
//! | 10 | no such command |
//! | 11 | the command is written otherwise |
//! | 20 | no such setting |
//! | 21 | the setting does not take this value |
//! | 22 | settings contradict each other |
//! | 23 | the board does not have what the setting names |
//! | 30 | locked: a PIN is set |
//! | 31 | wrong answer to the challenge |
//! | 32 | too many wrong answers: wait |
//! | 40 | not saved |
//! | 41 | the board cannot do that |

use crate::device::Denied;
use core::fmt;
use sfumato_settings::rules::Broken;
use sfumato_settings::{Id, StageError};
use sfumato_wire::text::LineError;

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The line cannot be read.
    Line(LineError),
    /// There is no such command or setting: `help` lists them.
    Unknown,
    /// How the command is written.
    Usage(&'static str),
    /// A setting or its value.
    Setting(StageError),
    /// Each value is good, but together they break a rule.
    Broken(Broken),
    /// The board does not have what a setting names.
    Missing(Denied),
    /// It was no PIN: 4 to 12 digits.
    NotAPin,
    /// A PIN is set: `unlock` first.
    Locked,
    /// The answer to the challenge was wrong, or there was no challenge.
    WrongAnswer,
    /// Too many wrong answers; so many seconds are left.
    Wait(u64),
    /// Settings were not saved.
    NotSaved(Denied),
    /// The board cannot do that.
    Denied(Denied),
}

impl Fault {
    /// The number in the answer.
    pub fn number(&self) -> u8 {
        match self {
            Fault::Line(error) => error.number(),
            Fault::Unknown => 10,
            Fault::Usage(_) => 11,
            Fault::Setting(StageError::Unknown { .. }) => 20,
            Fault::Setting(_) | Fault::NotAPin => 21,
            Fault::Broken(_) => 22,
            Fault::Missing(_) => 23,
            Fault::Locked => 30,
            Fault::WrongAnswer => 31,
            Fault::Wait(_) => 32,
            Fault::NotSaved(_) => 40,
            Fault::Denied(_) => 41,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Line(error) => f.write_str(error.message()),
            Fault::Unknown => f.write_str("no such command; help lists them"),
            Fault::Usage(usage) => write!(f, "write {usage}"),
            Fault::Setting(StageError::IsPin) => {
                write!(f, "write pin DIGITS to set {}", Id::Pin.name())
            }
            Fault::Setting(error) => write!(f, "{error}"),
            Fault::Broken(broken) => write!(f, "{broken}"),
            Fault::NotAPin => f.write_str("a PIN has 4 to 12 digits"),
            Fault::Locked => f.write_str("locked by a PIN; unlock first"),
            Fault::WrongAnswer => {
                f.write_str("wrong answer; ask for another challenge with unlock")
            }
            Fault::Wait(seconds) => write!(f, "too many wrong answers; wait {seconds} s"),
            Fault::NotSaved(Denied(why)) => write!(f, "not saved: {why}"),
            Fault::Missing(Denied(why)) | Fault::Denied(Denied(why)) => f.write_str(why),
        }
    }
}

impl From<StageError> for Fault {
    fn from(error: StageError) -> Fault {
        Fault::Setting(error)
    }
}

impl From<Broken> for Fault {
    fn from(broken: Broken) -> Fault {
        Fault::Broken(broken)
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Fault {
        Fault::Denied(denied)
    }
}

impl From<LineError> for Fault {
    fn from(error: LineError) -> Fault {
        Fault::Line(error)
    }
}
