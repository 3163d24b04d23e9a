//! Texts for people, made from the registry so that they cannot go stale.
//!
//! All of them write to a [`core::fmt::Write`]: a serial line, a file, a string.

mod page;
mod template;

pub use page::page;
pub use template::template;

use crate::registry::{Applies, Id, SETTINGS, Setting, Shown};
use crate::settings::Settings;
use crate::value::Value;
use core::fmt::{self, Write};

/// One line about a setting: what it can be set to, its default, what it does.
///
/// ```text
/// display.brightness: 0 to 100 %, default 100. How bright the picture is, by day or always; …
/// ```
pub fn help(id: Id, defaults: &Settings, out: &mut impl Write) -> fmt::Result {
    let setting = id.setting();
    write!(out, "{}: {}", setting.name, setting.kind)?;
    write!(out, ", default ")?;
    shown(setting, defaults.get(id), out)?;
    if setting.applies == Applies::AtStart {
        write!(out, ", at the next start")?;
    }
    write!(out, ". {}", setting.help)
}

/// A setting and its value on a line, without the line's end: `display.brightness = 70 %`.
pub fn line(id: Id, settings: &Settings, out: &mut impl Write) -> fmt::Result {
    write!(out, "{} = ", id.name())?;
    shown(id.setting(), settings.get(id), out)
}

/// All settings, one on a line; those that are not at their default say so.
pub fn list(settings: &Settings, defaults: &Settings, out: &mut impl Write) -> fmt::Result {
    for setting in &SETTINGS {
        line(setting.id, settings, out)?;
        let default = defaults.get(setting.id);
        if settings.get(setting.id) != default {
            write!(out, " (default ")?;
            shown(setting, default, out)?;
            write!(out, ")")?;
        }
        writeln!(out)?;
    }
    Ok(())
}

/// A value as it is shown, with its unit; of one that nobody may see only whether there is one.
fn shown(setting: &Setting, value: &Value, out: &mut impl Write) -> fmt::Result {
    // A value's own printing hides a PIN too; this holds for whatever is hidden later.
    if setting.shown == Shown::ToNobody && !matches!(value, Value::Pin(_)) {
        return write!(out, "hidden");
    }
    match value {
        Value::Text(text) if text.is_empty() => write!(out, "empty"),
        Value::Dates(dates) if dates.entries().next().is_none() => write!(out, "none"),
        value => {
            write!(out, "{value}")?;
            match setting.kind.unit() {
                "" => Ok(()),
                unit => write!(out, " {unit}"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::staged::Staged;
    use std::string::String;

    fn text(write: impl FnOnce(&mut String) -> fmt::Result) -> String {
        let mut text = String::new();
        write(&mut text).unwrap();
        text
    }

    #[test]
    fn a_help_line_says_everything() {
        let defaults = Settings::default();
        let help_of = |id| text(|out| help(id, &defaults, out));
        assert_eq!(
            help_of(Id::Liveliness),
            "idle.liveliness: 0 to 200 %, default 100 %. How much the portrait breathes, blinks and \
             glances by itself; 0 % keeps it still."
        );
        assert_eq!(
            help_of(Id::Rotation),
            "display.rotation: 0, 90, 180 or 270, default 0, at the next start. Degrees clockwise by \
             which the picture is turned, for a display that hangs on its side."
        );
        assert!(help_of(Id::Pin).starts_with("access.pin: 4 to 12 digits, default not set. "));
    }

    #[test]
    fn the_list_shows_all_and_marks_what_is_not_default() {
        let defaults = Settings::default();
        let mut staged = Staged::default();
        staged.set("placement.camera_above", "0.3").unwrap();
        staged.set("name", "Saal 3").unwrap();
        let listed = text(|out| list(&staged.over(&defaults), &defaults, out));
        assert_eq!(listed.lines().count(), SETTINGS.len());
        let has = |line: &str| listed.lines().any(|listed| listed == line);
        assert!(
            has("placement.camera_above = 0.30 m (default 0.00 m)"),
            "{listed}"
        );
        assert!(has("name = Saal 3 (default empty)"), "{listed}");
        assert!(has("display.brightness = 100 %") && has("opening.holidays = none"));
    }

    #[test]
    fn nothing_shows_the_pins_verifier() {
        let defaults = Settings::default();
        let mut staged = Staged::default();
        staged.set_pin(Some("4711"), [0xab; 16]).unwrap();
        let settings = staged.over(&defaults);
        let everything = [
            text(|out| list(&settings, &defaults, out)),
            text(|out| list(&defaults, &settings, out)),
            text(|out| help(Id::Pin, &settings, out)),
            text(|out| line(Id::Pin, &settings, out)),
            text(|out| template(&settings, out)),
            std::format!("{settings:?} {staged:?}"),
        ];
        for text in &everything {
            assert!(!text.contains("abab"), "{text}");
        }
        assert!(everything[0].contains("access.pin = set (default not set)\n"));
    }
}
