//! A value that was refused, with all it takes to tell whoever sent it what would be accepted.

use crate::kind::Reason;
use crate::registry::{Id, Shown};
use core::fmt;
use heapless::String;

/// Bytes of somebody's text that are repeated to them.
const EXCERPT: usize = 40;

/// A text that is no value of a setting. Prints as `display.brightness: 0 to 100 %, not 170`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The setting.
    pub setting: Id,
    /// What is wrong with the text.
    pub reason: Reason,
    /// As much of the text as is worth repeating, free of control characters; nothing of a PIN.
    pub given: String<48>,
}

impl Refusal {
    pub(crate) fn new(setting: Id, reason: Reason, given: &str) -> Refusal {
        let secret = setting.setting().shown == Shown::ToNobody;
        Refusal {
            setting,
            reason,
            given: excerpt(if secret { "" } else { given }),
        }
    }
}

/// The first 40 bytes or so, with `?` for control characters and `…` where it was cut.
pub(crate) fn excerpt(text: &str) -> String<48> {
    let mut short = String::new();
    for character in text.trim().chars() {
        let cut = short.len() >= EXCERPT;
        let shown = if character.is_control() {
            '?'
        } else {
            character
        };
        // 40 bytes and two characters of at most four fit 48.
        if short.push(if cut { '…' } else { shown }).is_err() || cut {
            break;
        }
    }
    short
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let setting = self.setting.setting();
        write!(f, "{}: {}", setting.name, setting.kind)?;
        if setting.shown == Shown::ToNobody {
            return Ok(());
        }
        let given = if self.given.is_empty() {
            "nothing"
        } else {
            &self.given
        };
        write!(f, ", not {given}")?;
        match self.reason {
            Reason::Form | Reason::Range => Ok(()),
            reason => write!(f, "; {reason}"),
        }
    }
}

impl core::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::SETTINGS;
    use proptest::prelude::*;
    use std::string::ToString;

    fn refused(id: Id, text: &str) -> std::string::String {
        let reason = id.setting().kind.parse(text).unwrap_err();
        Refusal::new(id, reason, text).to_string()
    }

    #[test]
    fn a_refusal_says_what_would_be_accepted() {
        assert_eq!(
            refused(Id::Brightness, "170"),
            "display.brightness: 0 to 100 %, not 170"
        );
        assert_eq!(
            refused(Id::CameraAbove, "0.125"),
            "placement.camera_above: -3.00 to 3.00 m, not 0.125; it has too many digits behind the point"
        );
        assert_eq!(
            refused(Id::OpeningHours, "Mo"),
            "opening.hours: always, never or hours such as Mo-Fr 10:00-18:00, Sa 10:00-20:00, not Mo; \
             a day has no hours, or hours have no day"
        );
        assert_eq!(
            refused(Id::TimeZone, ""),
            "opening.time_zone: the name of a time zone, such as Europe/Rome, not nothing"
        );
        assert_eq!(refused(Id::Pin, "12x4"), "access.pin: 4 to 12 digits");
    }

    proptest! {
        #[test]
        fn any_text_for_any_setting_is_taken_or_refused(
            text in "[-+]?[0-9]{1,12}([.][0-9]{0,5})? ?%?|[a-z#/:, -]{0,24}|\\PC{0,200}|(?s).{0,20}",
        ) {
            for setting in &SETTINGS {
                match setting.kind.parse(&text) {
                    Ok(value) => {
                        let printed = value.stored().to_string();
                        prop_assert_eq!(setting.kind.parse(&printed), Ok(value), "{}", setting.name);
                    }
                    Err(reason) => {
                        let told = Refusal::new(setting.id, reason, &text).to_string();
                        prop_assert!(told.starts_with(setting.name));
                        prop_assert!(!told.contains(char::is_control), "{:?}", told);
                    }
                }
            }
        }
    }

    #[test]
    fn an_excerpt_is_harmless_and_short() {
        assert_eq!(excerpt("\x1b[2J"), "?[2J");
        let long = excerpt(&"ä😀".repeat(500));
        assert!(long.ends_with('…'), "{long}");
    }
}
