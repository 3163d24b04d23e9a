//! What the dashboard asks the board, and what comes of it.

use super::super::line::Refused;
use sfumato_wire::text::Quoted;

/// A question, or something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// How it does, in numbers.
    Vitals,
    /// How it does, in the words of older boards; and what is not saved.
    Status,
    /// What was counted.
    Counters,
    /// All settings.
    List,
    /// What a setting can be set to.
    Range(String),
    /// A setting takes this value at once.
    Change {
        /// The setting.
        name: String,
        /// As it was typed.
        value: String,
    },
    /// Keep what is in force over a restart.
    Save,
    /// Answer the challenge with this PIN.
    Unlock(String),
    /// Ask for the PIN again.
    Lock,
}

/// What comes of it.
#[derive(Clone, Debug, PartialEq)]
pub enum News {
    /// A board answers, on this port.
    Found(String),
    /// None does, or no more; why.
    Lost(String),
    /// An answer's lines.
    Told(Ask, Vec<String>),
    /// The board says no.
    Refused(Ask, Refused),
}

/// The setting that has a command of its own.
const PIN: &str = "access.pin";

impl Ask {
    /// The line that is sent.
    pub fn line(&self) -> String {
        match self {
            Ask::Vitals => "vitals".to_owned(),
            Ask::Status => "status".to_owned(),
            Ask::Counters => "counters".to_owned(),
            Ask::List => "list".to_owned(),
            Ask::Range(name) => format!("range {name}"),
            Ask::Change { name, value } if name == PIN => format!("pin {}", Quoted(value)),
            Ask::Change { name, value } => format!("{name} {}", Quoted(value)),
            Ask::Save => "save".to_owned(),
            Ask::Unlock(_) => "unlock".to_owned(),
            Ask::Lock => "lock".to_owned(),
        }
    }
}

/// The number of a board that is locked by a PIN.
pub const LOCKED: u16 = 30;

/// The number of a wrong PIN.
pub const WRONG_PIN: u16 = 31;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_as_one_word() {
        let change = |name: &str, value: &str| {
            let (name, value) = (name.to_owned(), value.to_owned());
            Ask::Change { name, value }.line()
        };
        assert_eq!(change("display.brightness", "70"), "display.brightness 70");
        assert_eq!(change("name", "Saal  3"), "name \"Saal  3\"");
        assert_eq!(change("name", ""), "name \"\"");
        assert_eq!(
            change("visitors.notice_text", "a = \"b\""),
            r#"visitors.notice_text "a = \"b\"""#
        );
        assert_eq!(change("access.pin", "4711"), "pin 4711");
    }
}
