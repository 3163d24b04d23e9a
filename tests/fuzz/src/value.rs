//! Text as a setting's value: what is taken is printed such that it reads as the same value.
//!
//! The first byte is the setting; the rest is the text. The text is a `name=value` besides.

use sfumato_settings::calendar::{Date, LocalTime, TimeOfDay};
use sfumato_settings::hours::{Holidays, WeeklyHours, is_open, next_change};
use sfumato_settings::{Kind, SETTINGS, Staged, Value};

pub fn run(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let setting = &SETTINGS[usize::from(*first) % SETTINGS.len()];
    let kind = setting.kind;
    match kind.parse(text) {
        // Of a PIN only whether there is one is printed.
        Ok(_) if kind == Kind::Pin => {}
        Ok(value) => {
            let printed = value.to_string();
            assert_eq!(kind.parse(&printed), Ok(value), "{printed:?}");
            let with_unit = format!("{printed} {}", kind.unit());
            assert_eq!(kind.parse(&with_unit), Ok(value), "{with_unit:?}");
            opening(&value);
        }
        Err(reason) => assert!(!reason.to_string().is_empty()),
    }
    stage(setting.name, text);
    if let Some((name, value)) = text.split_once('=') {
        stage(name, value);
    }
}

/// A staged value is the parsed one; a refusal is one line.
fn stage(name: &str, text: &str) {
    let mut staged = Staged::default();
    match staged.set(name, text) {
        Ok(id) => {
            let parsed = id.setting().kind.parse(text);
            assert_eq!(staged.get(id).copied().ok_or(()), parsed.map_err(|_| ()));
        }
        Err(error) => {
            let told = error.to_string();
            assert!(!told.contains(char::is_control), "{told:?}");
            assert!(staged.changed().is_empty());
        }
    }
}

/// When it says that it opens, it opens.
fn opening(value: &Value) {
    let (hours, holidays) = match value {
        Value::Hours(hours) => (*hours, Holidays::NONE),
        Value::Dates(holidays) => (WeeklyHours::parse("Mo-Su 10:00-18:00").unwrap(), *holidays),
        _ => return,
    };
    for (year, month, day) in [(1970, 1, 1), (2026, 12, 24), (2028, 2, 29), (9999, 12, 31)] {
        let now = LocalTime {
            date: Date::new(year, month, day).unwrap(),
            time: TimeOfDay::new(9, 30).unwrap(),
        };
        if let Some(change) = next_change(&hours, &holidays, now) {
            assert!(change.at > now);
            assert_eq!(is_open(&hours, &holidays, change.at), change.opens);
            assert_ne!(is_open(&hours, &holidays, now), change.opens);
        }
    }
}
