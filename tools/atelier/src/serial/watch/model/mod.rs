//! What is known about the board and being done: fed with answers, keys and time.

mod actions;
mod news;
#[cfg(test)]
mod tests;

use super::answers::{Setting, Vitals};
use super::ask::Ask;
use super::counters::Counters;
use super::field::Field;
use super::keys::Keys;
use super::trace::{Trace, Worst};
use std::time::Duration;

/// How long good news is shown.
const SHOWN: Duration = Duration::from_secs(8);

/// How much an uptime may fall behind by rounding before it is another program's.
const ANEW: f64 = 3.0;

/// How long a plan of the room stays as deep as the farthest visitor made it.
const DEPTH_KEPT: Duration = Duration::from_secs(30);

/// An unlocked board is locked again so long after a key, unless it says when.
const IDLE: Duration = Duration::from_secs(300);

/// Everything that is shown.
#[derive(Debug)]
pub struct Model {
    /// The time, from any beginning.
    pub now: Duration,
    /// The port that was found, or that is looked for.
    pub port: String,
    /// Whether the board answers.
    pub link: Link,
    /// What it said last.
    pub vitals: Vitals,
    /// The board is of a version without `vitals`.
    pub is_old: bool,
    /// What it said to `status`.
    pub status: Vec<(String, String)>,
    /// Pictures a second.
    pub pictures: Trace,
    /// Camera frames a second.
    pub frames: Trace,
    /// Milliseconds from camera to screen.
    pub latency: Trace,
    /// What was counted.
    pub counters: Counters,
    /// All settings.
    pub settings: Vec<Setting>,
    /// Which of them is chosen.
    pub chosen: usize,
    /// What is being done.
    pub mode: Mode,
    /// What there is to say about it.
    message: Option<(Duration, Message)>,
    /// When visitors stood how far away, of late.
    farthest: Option<(Duration, f64)>,
    /// The PIN that was given at the start, not tried yet.
    pin: Option<String>,
    unlocked: bool,
    last_key: Duration,
    /// To be asked next.
    asks: Vec<Ask>,
    /// Whether to leave.
    pub is_over: bool,
}

/// Whether the board answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Link {
    /// It does.
    There,
    /// It does not.
    Away {
        /// Since when.
        since: Duration,
        /// Why.
        why: String,
        /// It did before.
        was_there: bool,
    },
}

/// Something to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// In words.
    pub words: String,
    /// Something went wrong.
    pub is_error: bool,
}

/// What is being done.
#[derive(Clone, Debug, PartialEq)]
pub enum Mode {
    /// Looking.
    Watch,
    /// A setting gets another value.
    Edit(Editor),
    /// The PIN is asked for.
    Pin(Asking),
    /// The keys are explained.
    Help,
}

/// A setting that gets another value.
#[derive(Clone, Debug, PartialEq)]
pub struct Editor {
    /// The setting.
    pub name: String,
    /// What is typed.
    pub field: Field,
    /// What it can be set to.
    pub range: Option<String>,
    /// Why the board did not take it.
    pub error: Option<String>,
    /// It is on its way.
    pub is_sent: bool,
}

/// The PIN, asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// What is typed.
    pub field: Field,
    /// What was to be done.
    pub then: Ask,
    /// The setting that is edited meanwhile.
    pub editor: Option<Editor>,
    /// Why it was not accepted.
    pub error: Option<String>,
    /// It is on its way.
    pub is_sent: bool,
}

impl Model {
    /// Nothing is known yet about the board at `port`; `pin` is tried when asked.
    pub fn new(port: String, pin: Option<String>) -> Model {
        Model {
            now: Duration::ZERO,
            port,
            link: Link::Away {
                since: Duration::ZERO,
                why: String::new(),
                was_there: false,
            },
            vitals: Vitals::default(),
            is_old: false,
            status: Vec::new(),
            pictures: Trace::new(Worst::Lowest),
            frames: Trace::new(Worst::Lowest),
            latency: Trace::new(Worst::Highest),
            counters: Counters::default(),
            settings: Vec::new(),
            chosen: 0,
            mode: Mode::Watch,
            message: None,
            farthest: None,
            pin,
            unlocked: false,
            last_key: Duration::ZERO,
            asks: Vec::new(),
            is_over: false,
        }
    }

    /// What is to be asked next.
    pub fn take_asks(&mut self) -> Vec<Ask> {
        std::mem::take(&mut self.asks)
    }

    /// What keys mean just now.
    pub fn keys(&self) -> Keys {
        match self.mode {
            Mode::Watch => Keys::Commands,
            Mode::Edit(_) | Mode::Pin(_) => Keys::Typing,
            Mode::Help => Keys::Reading,
        }
    }

    /// What there is to say, while it is new.
    pub fn message(&self) -> Option<&Message> {
        let (at, message) = self.message.as_ref()?;
        let is_new = message.is_error || self.now.saturating_sub(*at) < SHOWN;
        is_new.then_some(message)
    }

    /// The setting's value.
    pub fn setting(&self, name: &str) -> Option<&str> {
        let setting = self.settings.iter().find(|setting| setting.name == name)?;
        Some(&setting.value)
    }

    /// What the installation is called, if it has a name.
    pub fn name(&self) -> Option<&str> {
        self.setting("name").filter(|name| *name != "empty")
    }

    /// How far away visitors stood of late, metres.
    pub fn depth(&self) -> f64 {
        self.farthest.map_or(0.0, |(_, away)| away)
    }

    /// Whether somebody's PIN was accepted and the board is to be locked behind him.
    pub fn is_unlocked(&self) -> bool {
        self.unlocked
    }

    /// Time passes.
    pub fn pass(&mut self, now: Duration) {
        self.now = now;
        // Polling keeps the board from locking itself: whoever leaves the laptop alone must not leave it open.
        if self.unlocked && now.saturating_sub(self.last_key) >= self.timeout() {
            self.unlocked = false;
            self.asks.push(Ask::Lock);
            self.say("locked again: no key was pressed for a while");
        }
    }

    fn timeout(&self) -> Duration {
        let told = self.setting("access.timeout");
        let seconds = told.and_then(|value| value.split_whitespace().next()?.parse().ok());
        seconds.map_or(IDLE, Duration::from_secs)
    }

    fn say(&mut self, words: &str) {
        self.message = Some((
            self.now,
            Message {
                words: words.to_owned(),
                is_error: false,
            },
        ));
    }

    fn complain(&mut self, words: &str) {
        self.message = Some((
            self.now,
            Message {
                words: words.to_owned(),
                is_error: true,
            },
        ));
    }
}
