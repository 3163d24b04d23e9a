//! What a technician should know first, in words.

use super::answers::Vitals;
use super::model::{Link, Model};

/// From so many °C on a sensor is hot: small boards slow down a little above.
pub const HOT: f64 = 80.0;

/// How much a notice matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// It wants a hand.
    Alarm,
    /// It is as it is meant to be, but explains what is seen.
    Note,
}

/// Something to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How much it matters.
    pub weight: Weight,
    /// In words.
    pub words: String,
}

fn alarm(words: impl Into<String>) -> Notice {
    let words = words.into();
    let weight = Weight::Alarm;
    Notice { weight, words }
}

fn note(words: impl Into<String>) -> Notice {
    let words = words.into();
    let weight = Weight::Note;
    Notice { weight, words }
}

/// All there is to know, what matters most first.
pub fn notices(model: &Model) -> Vec<Notice> {
    let mut notices = Vec::new();
    if let Some(message) = model.message() {
        let make = if message.is_error { alarm } else { note };
        notices.push(make(message.words.clone()));
    }
    if let Link::Away {
        since,
        why,
        was_there,
    } = &model.link
    {
        let seconds = model.now.saturating_sub(*since).as_secs();
        notices.push(match (was_there, why.as_str()) {
            (true, _) => alarm(format!("no line for {seconds} s, looking for it: {why}")),
            (false, "") => note("looking for the board"),
            (false, _) => alarm(format!("looking for the board: {why}")),
        });
        return notices;
    }
    let vitals = &model.vitals;
    if vitals.display.as_deref() == Some("away") {
        notices.push(alarm("the display is away: is it on, is its cable in?"));
    }
    if vitals.camera.as_deref() == Some("away") {
        notices.push(alarm(
            "the camera is away: is its cable in? the portrait lives by itself",
        ));
    }
    notices.extend(level(vitals));
    notices.extend(vitals.faults.iter().map(|fault| alarm(fault.as_str())));
    for (sensor, degrees) in &vitals.temperatures {
        if *degrees >= HOT {
            notices.push(alarm(format!(
                "{sensor} is hot: {degrees:.0} °C; is there air?"
            )));
        }
    }
    // What is away has been said in words.
    let told = |name: &str| name.ends_with("away");
    let rising = model.counters.rising_faults();
    for counter in rising.filter(|counter| !told(&counter.name)) {
        let rise = counter.rise().unwrap_or_default();
        notices.push(alarm(format!(
            "{} rose by {rise} within a minute",
            counter.name
        )));
    }
    if vitals.open == Some(false) {
        let hours = model.setting("opening.hours").unwrap_or("not told");
        notices.push(note(format!(
            "closed now, as it shall be: opening hours are {hours}"
        )));
    }
    if model.is_old {
        notices.push(note(
            "an older version runs there: it tells neither rates nor visitors",
        ));
    }
    notices
}

/// What less than a living portrait means.
fn level(vitals: &Vitals) -> Option<Notice> {
    let is_closed = vitals.open == Some(false);
    match vitals.level.as_deref()? {
        "living" => None,
        "idle" if is_closed || vitals.camera.as_deref() == Some("away") => None,
        "idle" => Some(note("no visitor is followed: the portrait lives by itself")),
        "rig-only" => Some(alarm(
            "the network is not used: the portrait is drawn by its rig, at fewer pictures a second",
        )),
        "still" if is_closed => None,
        "still" => Some(alarm(
            "only the still painting is shown; `restart` starts the program anew",
        )),
        other => Some(note(format!("the portrait's level is {other}"))),
    }
}

/// What the portrait does, in words.
pub fn doing(vitals: &Vitals) -> String {
    if vitals.open == Some(false) {
        return match vitals.display.as_deref() {
            Some("asleep") => "closed, the display sleeps".to_owned(),
            _ => "closed".to_owned(),
        };
    }
    // Without a camera nobody can tell who is there.
    let is_blind = vitals.camera.as_deref() == Some("away");
    let state = match vitals.state.as_deref() {
        _ if is_blind => Some("sees nothing"),
        Some("asleep") => Some("asleep"),
        Some("alone") => Some("alone in the room"),
        Some("drowsy") => Some("getting drowsy"),
        Some("noticing") => Some("noticing somebody"),
        Some("engaged") => Some("engaged with a visitor"),
        Some("goodbye") => Some("saying goodbye"),
        other => other,
    };
    match (vitals.level.as_deref(), state) {
        (Some(level), Some(state)) => format!("{level}, {state}"),
        (Some(word), None) | (None, Some(word)) => word.to_owned(),
        (None, None) => "not told".to_owned(),
    }
}
