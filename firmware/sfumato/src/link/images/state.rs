//! What the update service says of the board's two slots, read from its JSON.
//!
//! ```json
//! {"board": "qemu-x86_64", "running": "a",
//!  "slots": [{"slot": "a", "version": "0.2.0", "sha256": "9f…", "state": "confirmed",
//!             "tries_left": null, "next": true, "size": 536870912}, …],
//!  "busy": null,
//!  "last": {"what": "install", "version": "0.3.0", "outcome": "rolled-back", "reason": "…", "from": "usb"}}
//! ```
//!
//! `state` is `confirmed`, `trial`, `bad` or `empty`; `busy` says in words what is under way. What is told beside that is
//! passed over, so that a newer service can say more.

use serde::Deserialize;
use sfumato_wire::requests::image::HASH;
use std::fmt;

/// Characters of a text that are taken: a version's, a reason's.
const WIDTH: usize = 160;

/// A slot's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Name {
    /// Number 0 on the line.
    A,
    /// Number 1.
    B,
}

impl Name {
    /// Both.
    pub const BOTH: [Name; 2] = [Name::A, Name::B];

    /// Its number on the line.
    pub const fn number(self) -> u32 {
        match self {
            Name::A => 0,
            Name::B => 1,
        }
    }

    /// The other one.
    pub const fn other(self) -> Name {
        match self {
            Name::A => Name::B,
            Name::B => Name::A,
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Name::A => "a",
            Name::B => "b",
        })
    }
}

/// How far a slot is to be trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// It has proved itself.
    Confirmed,
    /// It has to.
    Trial,
    /// It was given up.
    Bad,
    /// There is nothing in it.
    #[default]
    Empty,
}

/// A text on one line, cut to a bearable length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Words(pub String);

impl From<String> for Words {
    fn from(text: String) -> Words {
        let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
        Words(plain.take(WIDTH).collect())
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A hash of 32 bytes, written in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Sha256(pub [u8; HASH]);

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Sha256, &'static str> {
        Sha256::parse(&text).ok_or("a hash has 64 hexadecimal digits")
    }
}

impl Sha256 {
    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Sha256> {
        let digits = text.as_bytes();
        if digits.len() != 2 * HASH {
            return None;
        }
        let mut hash = [0; HASH];
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            let [high, low] = pair else { return None };
            let digit = |letter: u8| char::from(letter).to_digit(16);
            *byte = u8::try_from(16 * digit(*high)? + digit(*low)?).ok()?;
        }
        Some(Sha256(hash))
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// One slot.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Slot {
    /// Its name.
    pub slot: Name,
    /// The version in it; empty where there is none.
    #[serde(default)]
    version: Option<Words>,
    /// The hash that names the system in it: the top of its dm-verity tree; none where that is not known.
    #[serde(default)]
    pub sha256: Option<Sha256>,
    /// How far it is to be trusted.
    #[serde(rename = "state")]
    pub standing: Standing,
    /// Starts that are left to a slot on trial.
    #[serde(default)]
    pub tries_left: Option<u32>,
    /// Whether it will be started next.
    #[serde(default)]
    pub next: bool,
    /// Its size in bytes.
    #[serde(default)]
    pub size: u64,
}

impl Slot {
    /// The version in it.
    pub fn version(&self) -> &str {
        self.version.as_ref().map_or("", |words| &words.0)
    }
}

/// How the last undertaking ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Last {
    /// What it was: an installation, as a rule.
    #[serde(default)]
    pub what: Words,
    /// The version that it was about.
    #[serde(default)]
    pub version: Option<Words>,
    /// `installed`, `refused`, `failed`, `confirmed`, `rolled-back`.
    #[serde(default)]
    pub outcome: Words,
    /// Why.
    #[serde(default)]
    pub reason: Option<Words>,
    /// Where it came from: `serial`, `usb`.
    #[serde(default)]
    pub from: Option<Words>,
}

impl Last {
    /// Whether a version did not prove itself.
    pub fn is_rolled_back(&self) -> bool {
        self.outcome.0 == "rolled-back"
    }
}

/// As it is told: `install of 0.3.0 from usb: refused, older than what runs`.
impl fmt::Display for Last {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what)?;
        // Refused before its version was read.
        if let Some(version) = self
            .version
            .as_ref()
            .filter(|version| !version.0.is_empty())
        {
            write!(f, " of {version}")?;
        }
        if let Some(from) = &self.from {
            write!(f, " from {from}")?;
        }
        write!(f, ": {}", self.outcome)?;
        match &self.reason {
            Some(reason) if !reason.0.is_empty() => write!(f, ", {reason}"),
            _ => Ok(()),
        }
    }
}

/// All of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct State {
    /// What the board is.
    #[serde(default)]
    pub board: Words,
    /// The slot that runs.
    pub running: Name,
    slots: Vec<Slot>,
    /// What is under way.
    #[serde(default)]
    pub busy: Option<Words>,
    /// How the last undertaking ended.
    #[serde(default)]
    pub last: Option<Last>,
}

impl State {
    /// Reads the JSON.
    pub fn read(bytes: &[u8]) -> Result<State, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// The slots that are told of, a before b.
    pub fn slots(&self) -> impl Iterator<Item = &Slot> {
        Name::BOTH.into_iter().filter_map(|name| self.slot(name))
    }

    /// A slot; none if nothing is told of it.
    pub fn slot(&self, name: Name) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.slot == name)
    }

    /// Whether what runs has yet to prove itself.
    pub fn is_on_trial(&self) -> bool {
        let running = self.slot(self.running);
        running.is_some_and(|slot| slot.standing == Standing::Trial)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn all_is_read() {
        let told = json!({
            "board": "qemu-x86_64", "running": "b", "busy": "installing 40 %", "new": [1],
            "slots": [
                {"slot": "b", "version": "0.3.0", "sha256": "0F".repeat(32), "state": "trial",
                 "tries_left": 2, "next": true, "size": 1000},
                {"slot": "a", "version": "0.2.0\nOK", "sha256": null, "state": "confirmed",
                 "tries_left": null, "next": false, "size": 900},
            ],
            "last": {"what": "install", "version": "0.3.0", "outcome": "rolled-back",
                     "reason": "no picture", "from": "usb"},
        });
        let state = State::read(&serde_json::to_vec(&told).unwrap()).unwrap();
        let slots: Vec<&Slot> = state.slots().collect();
        assert_eq!((slots[0].slot, slots[1].slot), (Name::A, Name::B));
        assert_eq!(slots[0].version(), "0.2.0 OK", "on one line");
        assert_eq!(slots[1].sha256, Some(Sha256([15; 32])));
        assert_eq!(slots[1].sha256.unwrap().to_string(), "0f".repeat(32));
        assert!(state.is_on_trial());
        let last = state.last.unwrap();
        assert!(last.is_rolled_back());
        assert_eq!(
            last.to_string(),
            "install of 0.3.0 from usb: rolled-back, no picture"
        );
        let unread = Last {
            version: Some(Words(String::new())),
            ..last
        };
        assert_eq!(
            unread.to_string(),
            "install from usb: rolled-back, no picture"
        );
        let little = br#"{"running": "a", "slots": [{"slot": "a", "state": "confirmed"}]}"#;
        let little = State::read(little).unwrap();
        assert_eq!(little.slot(Name::B), None);
        assert_eq!(little.slot(Name::A).unwrap().version(), "");
    }

    #[test]
    fn what_cannot_be_is_an_error() {
        for wrong in [
            "",
            "{}",
            r#"{"running": "c", "slots": []}"#,
            r#"{"running": "a", "slots": [{"slot": "a", "state": "fine"}]}"#,
            r#"{"running": "a", "slots": [{"slot": "a", "state": "bad", "sha256": "12"}]}"#,
            r#"{"running": "a", "slots": [{"slot": "a", "state": "bad", "size": -1}]}"#,
        ] {
            assert!(State::read(wrong.as_bytes()).is_err(), "{wrong}");
        }
        assert_eq!(Sha256::parse(&"é".repeat(32)), None);
        assert_eq!(Sha256::parse(&"+1".repeat(32)), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = State::read(&bytes);
        }

        #[test]
        fn a_hash_is_read_as_it_is_written(hash in any::<[u8; 32]>()) {
            prop_assert_eq!(Sha256::parse(&Sha256(hash).to_string()), Some(Sha256(hash)));
        }

        #[test]
        fn any_text_becomes_one_line(text in "\\PC{0,20}[\\x00-\\x1f]{0,3}.{0,400}") {
            let Words(words) = Words::from(text);
            prop_assert!(words.chars().count() <= WIDTH && !words.contains(char::is_control));
        }
    }
}
