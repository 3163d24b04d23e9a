//! An installation's own defaults, from a TOML file.
//!
//! All mistakes are reported at once, each with its line and column: whoever edits the file on a
//! ladder in a museum should not have to start the program once for each.

use crate::refusal::Refusal;
use crate::registry::{Id, SETTINGS};
use crate::rules::{self, Broken};
use crate::settings::Settings;
use crate::staged::{StageError, find, read};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::format;
use std::ops::Range;
use std::string::{String, ToString};
use std::vec::Vec;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// What is wrong at one place of a config file.
#[derive(Clone, Debug)]
pub enum Mistake {
    /// It is no TOML: the message says what was expected.
    Syntax(String),
    /// There is no such setting: correct the name or take the line away.
    Unknown {
        /// The name with its group.
        name: String,
        /// What may have been meant.
        nearest: Option<Id>,
    },
    /// The setting does not take this value.
    Refused(Refusal),
    /// A table where a value is expected, or a value where a table is expected.
    Shape(String),
    /// The PIN is not taken from a file that many can read: set it over the serial line.
    Pin,
    /// Each value is good, but together they break a rule.
    Broken(Broken),
}

/// A mistake and its place.
#[derive(Clone, Debug)]
pub struct ConfigError {
    /// The line, from 1.
    pub line: usize,
    /// The character in the line, from 1.
    pub column: usize,
    /// What is wrong there.
    pub mistake: Mistake,
}

/// All mistakes of a config file, in the order of their places.
#[derive(Clone, Debug)]
pub struct ConfigErrors(pub Vec<ConfigError>);

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: ", self.line, self.column)?;
        match &self.mistake {
            Mistake::Syntax(message) => f.write_str(message),
            Mistake::Unknown { name, nearest } => {
                write!(f, "there is no setting {name}")?;
                nearest.map_or(Ok(()), |id| write!(f, "; is it {}?", id.name()))
            }
            Mistake::Refused(refusal) => write!(f, "{refusal}"),
            Mistake::Shape(message) => f.write_str(message),
            Mistake::Pin => write!(f, "{} is set over the serial line only", Id::Pin.name()),
            Mistake::Broken(broken) => write!(f, "{broken}"),
        }
    }
}

impl std::fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// The registry's defaults with the values of a config file over them.
///
/// `not_settings` names what else the file may hold at its top, such as `camera` and `screen`; that is
/// for the caller to read.
pub fn defaults_from_toml(text: &str, not_settings: &[&str]) -> Result<Settings, ConfigErrors> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reading = Reading {
        settings: Settings::default(),
        places: BTreeMap::new(),
        mistakes: Vec::new(),
    };
    for error in errors {
        let place = error.span().unwrap_or_default();
        reading.mistake(place, Mistake::Syntax(error.message().to_string()));
    }
    for (key, value) in table.get_ref() {
        if not_settings.contains(&key.get_ref().as_ref()) {
            continue;
        }
        match value.get_ref() {
            DeValue::Table(entries) => reading.group(key, entries),
            _ => reading.entry("", key, value),
        }
    }
    // A rule is judged on whole settings: with some of them refused, it might only seem broken.
    if reading.mistakes.is_empty()
        && let Err(broken) = rules::check(&reading.settings)
    {
        let places = broken
            .rule
            .settings
            .iter()
            .filter_map(|id| reading.places.get(id));
        let last = places.max_by_key(|place| place.start).cloned();
        reading.mistake(last.unwrap_or_default(), Mistake::Broken(broken));
    }
    reading.end(text)
}

struct Reading {
    settings: Settings,
    /// Where each setting was read.
    places: BTreeMap<Id, Range<usize>>,
    mistakes: Vec<(Range<usize>, Mistake)>,
}

type Key<'a> = Spanned<Cow<'a, str>>;

impl Reading {
    fn mistake(&mut self, place: Range<usize>, mistake: Mistake) {
        self.mistakes.push((place, mistake));
    }

    fn group(&mut self, key: &Key<'_>, entries: &DeTable<'_>) {
        let group = key.get_ref().as_ref();
        if SETTINGS.iter().any(|setting| setting.name == group) {
            let message = format!("{group} is a setting, not a table");
            self.mistake(key.span(), Mistake::Shape(message));
            return;
        }
        // One report for a group that is not there, not one for each of its lines.
        if !SETTINGS.iter().any(|setting| setting.path().0 == group) {
            let name = group.to_string();
            let nearest = None;
            self.mistake(key.span(), Mistake::Unknown { name, nearest });
            return;
        }
        for (key, value) in entries {
            self.entry(group, key, value);
        }
    }

    fn entry(&mut self, group: &str, key: &Key<'_>, value: &Spanned<DeValue<'_>>) {
        let name = match group {
            "" => key.get_ref().to_string(),
            group => format!("{group}.{}", key.get_ref()),
        };
        if SETTINGS.iter().any(|setting| setting.path().0 == name) {
            let message =
                format!("{name} is a group of settings: write [{name}] on a line of its own");
            return self.mistake(key.span(), Mistake::Shape(message));
        }
        let id = match find(&name) {
            Ok(id) => id,
            Err(error) => {
                let nearest = match error {
                    StageError::Unknown { nearest, .. } => nearest,
                    _ => None,
                };
                return self.mistake(key.span(), Mistake::Unknown { name, nearest });
            }
        };
        let Some(text) = plain(value.get_ref()) else {
            let message = format!("{name} takes one value: {}", id.setting().kind);
            return self.mistake(value.span(), Mistake::Shape(message));
        };
        match read(id, &text) {
            Ok(value) => self.settings.put(id, value),
            Err(StageError::Refused(refusal)) => {
                self.mistake(value.span(), Mistake::Refused(refusal));
            }
            Err(_) => self.mistake(key.span(), Mistake::Pin),
        }
        self.places.insert(id, value.span());
    }

    fn end(mut self, text: &str) -> Result<Settings, ConfigErrors> {
        if self.mistakes.is_empty() {
            return Ok(self.settings);
        }
        self.mistakes.sort_by_key(|(place, _)| place.start);
        let errors = self.mistakes.into_iter().map(|(place, mistake)| {
            let (line, column) = line_and_column(text, place.start);
            ConfigError {
                line,
                column,
                mistake,
            }
        });
        Err(ConfigErrors(errors.collect()))
    }
}

/// A value as a technician would type it. Numbers are taken as written, without a detour through
/// binary fractions.
fn plain(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_string()),
        DeValue::Float(number) => Some(number.as_str().to_string()),
        DeValue::Boolean(on) => Some(on.to_string()),
        _ => None,
    }
}

/// Line and character of a place, both from 1.
fn line_and_column(text: &str, place: usize) -> (usize, usize) {
    let before = text.get(..place).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |end| end + 1);
    (line, before[start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Shown;
    use crate::text::template;

    const OTHERS: &[&str] = &["pack", "camera", "screen", "tensorrt"];

    fn mistakes(text: &str) -> Vec<String> {
        let errors = defaults_from_toml(text, OTHERS).unwrap_err();
        errors.0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let text = r##"
            camera = "synthetic:"
            personality = "curious"
            wall = "#102030"
            display = { brightness = 70, rotation = 90 }
            [placement]
            camera_above = 0.3
            camera_right = -1
            mirrored = true
            [opening]
            hours = "Mo-Fr 10:00-18:00"
            holidays = "12-25"
            [room]
            mains = "off"
            [visitors]
            notice = "on"
            [tensorrt]
            network = "n.onnx"
        "##;
        let settings = defaults_from_toml(text, OTHERS).unwrap();
        assert_eq!(settings.personality(), "curious");
        assert_eq!(settings.wall(), [0x10, 0x20, 0x30]);
        assert_eq!((settings.brightness(), settings.rotation()), (70, 90));
        assert_eq!(
            (settings.camera_above(), settings.camera_right()),
            (0.3, -1.0)
        );
        assert!(settings.mirrored() && settings.notice().is_some());
        assert_eq!(settings.opening_hours().to_string(), "Mo-Fr 10:00-18:00");
        assert_eq!(settings.mains(), None);
        let differences = settings.differences(&Settings::default().clone()).count();
        assert_eq!(differences, 11);
        assert_eq!(defaults_from_toml("", &[]).unwrap(), Settings::default());
    }

    #[test]
    fn all_mistakes_are_named_with_their_places() {
        let text = "\
personality = \"Grumpy!\"
camara = \"synthetic:\"
[display]
brightness = 170
  brigthness_max = 80
day_starts = 08:00:00
[placement]
tilt_down = \"steep\"
[lights]
on = true
off = false
[access]
pin = \"4711\"
[port.baud_rate]
fast = true
";
        assert_eq!(
            mistakes(text),
            [
                "line 1, column 15: personality: serene, curious, playful, mirror, sunny, hearty, earnest, or the name of an \
                 installed one, not Grumpy!",
                "line 2, column 1: there is no setting camara",
                "line 4, column 14: display.brightness: 0 to 100 %, not 170",
                "line 5, column 3: there is no setting display.brigthness_max; is it \
                 display.brightness_max?",
                "line 6, column 14: display.day_starts takes one value: a time of day, such as 08:30",
                "line 8, column 13: placement.tilt_down: -60.0 to 60.0 degrees, not steep",
                "line 9, column 2: there is no setting lights",
                "line 13, column 1: access.pin is set over the serial line only",
                "line 14, column 1: port.baud_rate takes one value: 9600, 19200, 38400, 57600, 115200, \
                 230400, 460800 or 921600",
            ]
        );
    }

    #[test]
    fn mistakes_of_form_do_not_hide_the_others() {
        let text = "wall = \n[display]\nbrightness = 170\nfit = fill\n";
        let mistakes = mistakes(text);
        assert!(
            mistakes.iter().any(|told| told.starts_with("line 1, ")),
            "{mistakes:?}"
        );
        assert!(
            mistakes.iter().any(|told| told.contains("not 170")),
            "{mistakes:?}"
        );
        assert!(
            mistakes.iter().any(|told| told.starts_with("line 4, ")),
            "{mistakes:?}"
        );
    }

    #[test]
    fn tables_and_values_are_not_confused() {
        let told = mistakes("[wall]\ncolour = 1\n");
        assert_eq!(told, ["line 1, column 2: wall is a setting, not a table"]);
        let told = mistakes("display = 1\n");
        assert_eq!(
            told,
            [
                "line 1, column 1: display is a group of settings: write [display] on a line of its own"
            ]
        );
        // Where a name could be the group of the program's own, it is the program's.
        assert!(defaults_from_toml("[camera]\nfast = true", OTHERS).is_ok());
    }

    #[test]
    fn a_broken_rule_is_told_where_it_was_broken() {
        let text = "[display]\nbrightness_max = 60\nbrightness = 70\n";
        assert_eq!(
            mistakes(text),
            ["line 3, column 14: display.brightness must not exceed display.brightness_max"]
        );
        // The cap breaks it by itself, because the brightness is 100 % by default.
        assert!(mistakes("[display]\nbrightness_max = 60\n")[0].starts_with("line 2, "));
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(line_and_column("ä = 1\nöl = 2", 11), (2, 4));
    }

    #[test]
    fn the_template_read_without_its_comments_is_the_defaults() {
        let defaults = defaults_from_toml("name = 'Saal \"3\" \\'\nwall = '#102030'", &[]).unwrap();
        let mut text = String::new();
        template(&defaults, &mut text).unwrap();
        assert_eq!(
            defaults_from_toml(&text, &[]).unwrap(),
            Settings::default(),
            "all commented"
        );
        let is_setting = |line: &&str| !line.starts_with("# ");
        let bare: Vec<&str> = text.lines().filter(is_setting).collect();
        let bare: Vec<&str> = bare
            .iter()
            .map(|line| line.trim_start_matches('#'))
            .collect();
        assert_eq!(defaults_from_toml(&bare.join("\n"), &[]).unwrap(), defaults);
        let lines = bare.iter().filter(|line| line.contains(" = ")).count();
        let shown = SETTINGS
            .iter()
            .filter(|setting| setting.shown == Shown::ToAnyone);
        assert_eq!(lines, shown.count());
    }
}
