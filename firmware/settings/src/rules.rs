//! What settings owe to each other.
//!
//! A kind knows the range of one setting; a rule ties several together. Rules are checked at the commit,
//! so that settings can be staged in any order.

use crate::choices::BrightnessMode;
use crate::registry::Id;
use crate::settings::Settings;
use crate::value::Value;
use core::fmt;

/// Something that several settings owe to each other.
pub struct Rule {
    /// The settings, all that [`Rule::holds`] looks at.
    pub settings: &'static [Id],
    /// What is demanded, in words.
    pub demand: &'static str,
    holds: fn(&Settings) -> bool,
}

/// All rules. The registry's defaults keep them.
pub static RULES: [Rule; 5] = [
    Rule {
        settings: &[Id::Brightness, Id::BrightnessMax],
        demand: "display.brightness must not exceed display.brightness_max",
        holds: |settings| settings.brightness() <= settings.brightness_max(),
    },
    Rule {
        settings: &[Id::NightBrightness, Id::BrightnessMax],
        demand: "display.night_brightness must not exceed display.brightness_max",
        holds: |settings| settings.night_brightness() <= settings.brightness_max(),
    },
    Rule {
        settings: &[Id::BrightnessMin, Id::BrightnessMax],
        demand: "display.brightness_min must not exceed display.brightness_max",
        holds: |settings| settings.brightness_min() <= settings.brightness_max(),
    },
    Rule {
        settings: &[Id::BrightnessMode, Id::DayStarts, Id::NightStarts],
        demand: "with the schedule, display.day_starts and display.night_starts must differ",
        holds: |settings| {
            settings.brightness_mode() != BrightnessMode::Schedule
                || settings.day_starts() != settings.night_starts()
        },
    },
    Rule {
        settings: &[Id::Notice, Id::NoticeText],
        demand: "a notice that is shown needs visitors.notice_text",
        holds: |settings| {
            let on = *settings.get(Id::Notice) == Value::Switch(true);
            !on || settings.notice().is_some()
        },
    },
];

impl Rule {
    /// Whether these settings keep it.
    pub fn holds(&self, settings: &Settings) -> bool {
        (self.holds)(settings)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.demand)
    }
}

/// A rule that would be broken: change one of its settings too, then commit again.
#[derive(Clone, Copy, Debug)]
pub struct Broken {
    /// The first rule that would be broken.
    pub rule: &'static Rule,
}

/// A rule is known by what it demands.
impl PartialEq for Broken {
    fn eq(&self, other: &Broken) -> bool {
        self.rule.demand == other.rule.demand
    }
}

impl Eq for Broken {}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.rule.demand)
    }
}

impl core::error::Error for Broken {}

/// Whether these settings keep all rules.
pub fn check(settings: &Settings) -> Result<(), Broken> {
    match RULES.iter().find(|rule| !rule.holds(settings)) {
        None => Ok(()),
        Some(rule) => Err(Broken { rule }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_keep_all_and_each_can_be_broken() {
        assert!(check(&Settings::default()).is_ok());
        let breaking: [&[(Id, &str)]; 5] = [
            &[(Id::BrightnessMax, "90")],
            &[(Id::BrightnessMax, "30"), (Id::Brightness, "30")],
            &[
                (Id::BrightnessMax, "10"),
                (Id::Brightness, "9"),
                (Id::NightBrightness, "9"),
            ],
            &[(Id::BrightnessMode, "schedule"), (Id::NightStarts, "08:00")],
            &[(Id::Notice, "on"), (Id::NoticeText, "")],
        ];
        for (rule, changes) in RULES.iter().zip(breaking) {
            let mut settings = Settings::default();
            for (id, text) in changes {
                settings.put(*id, id.setting().kind.parse(text).unwrap());
            }
            let broken = check(&settings).unwrap_err();
            assert!(core::ptr::eq(broken.rule, rule), "{broken}");
            // Where all its settings are at their defaults, no rule is broken.
            for id in rule.settings {
                settings.put(*id, id.setting().default);
            }
            assert!(rule.holds(&settings), "{}", rule.demand);
        }
    }
}
