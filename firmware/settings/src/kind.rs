//! What a setting can be set to: the kind of value, its unit and its range.

use crate::calendar::TimeOfDay;
use crate::decimal::{Decimal, DecimalError};
use crate::hours::{Holidays, HoursError, WeeklyHours};
use crate::pin::Verifier;
use crate::short_text::{ShortText, TextError};
use crate::value::{Value, parse_colour};
use core::fmt;

/// Bytes of the longest name in the time zone database, `America/Argentina/ComodRivadavia`.
const ZONE: usize = 32;

/// The kind of value that a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A whole number, ends included.
    Whole {
        /// The smallest.
        min: i32,
        /// The largest.
        max: i32,
        /// Its unit as printed, such as `%`.
        unit: &'static str,
    },
    /// A decimal number, ends included.
    Decimal {
        /// The smallest, without its point: -150 with two places is -1.50.
        min: i32,
        /// The largest, without its point.
        max: i32,
        /// Digits behind the point.
        places: u8,
        /// Its unit as printed, such as `m`.
        unit: &'static str,
    },
    /// `on` or `off`.
    Switch,
    /// One of these names.
    Choice(&'static [&'static str]),
    /// The name of something installed, in small letters, digits and hyphens; these are always there.
    Name {
        /// Names that are always there.
        known: &'static [&'static str],
        /// Its longest, in bytes.
        most: usize,
    },
    /// A text on one line.
    Text {
        /// Its longest, in bytes of UTF-8; at most [`crate::short_text::SHORT_TEXT`].
        most: usize,
    },
    /// The name of a time zone in the IANA database, such as `Europe/Rome`. Whether the board knows
    /// the name is for the caller to find out.
    Zone,
    /// A time of day such as `08:30`.
    Time,
    /// The hours of a week such as `Mo-Fr 10:00-18:00, Sa 10:00-20:00`.
    Hours,
    /// Holidays such as `12-25, 2027-04-02, 12-24 10:00-14:00`.
    Dates,
    /// A colour such as `#0c0b0a`.
    Colour,
    /// A PIN of 4 to 12 digits, kept as a verifier.
    Pin,
}

/// Why a text is no value of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Not written like a value of this kind: write it as the help line shows.
    Form,
    /// A number outside its range, or a name that is not among the choices: take one that is.
    Range,
    /// More digits behind the point than are kept: round it.
    TooFine,
    /// A text with too many bytes: shorten it. Letters with accents take two bytes and more.
    TooLong,
    /// A text with a control character: write it on one line.
    Control,
    /// Hours or holidays that cannot be understood.
    Hours(HoursError),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Form => f.write_str("it is written otherwise"),
            Reason::Range => f.write_str("it is not one of these"),
            Reason::TooFine => f.write_str("it has too many digits behind the point"),
            Reason::TooLong => f.write_str("it is too long"),
            Reason::Control => f.write_str("it has a line break or another control character"),
            Reason::Hours(error) => write!(f, "{error}"),
        }
    }
}

impl From<TextError> for Reason {
    fn from(error: TextError) -> Reason {
        match error {
            TextError::TooLong => Reason::TooLong,
            TextError::Control => Reason::Control,
        }
    }
}

impl From<DecimalError> for Reason {
    fn from(error: DecimalError) -> Reason {
        match error {
            DecimalError::NotANumber => Reason::Form,
            DecimalError::TooFine => Reason::TooFine,
            DecimalError::TooLarge => Reason::Range,
        }
    }
}

impl Kind {
    /// Reads a value of this kind. Space around it does not matter, nor does the unit behind a number,
    /// nor capital letters in words. A PIN is read as its verifier, the form in which it is kept.
    pub fn parse(&self, text: &str) -> Result<Value, Reason> {
        let text = text.trim();
        match *self {
            Kind::Whole { min, max, unit } => {
                let number = Decimal::parse(without_unit(text, unit), 0)?.scaled;
                let good = (min..=max).contains(&number);
                good.then_some(Value::Whole(number)).ok_or(Reason::Range)
            }
            Kind::Decimal {
                min,
                max,
                places,
                unit,
            } => {
                let number = Decimal::parse(without_unit(text, unit), places)?;
                let good = (min..=max).contains(&number.scaled);
                good.then_some(Value::Decimal(number)).ok_or(Reason::Range)
            }
            Kind::Switch => match one_of(&["on", "true", "off", "false"], text) {
                Some("on" | "true") => Ok(Value::Switch(true)),
                Some(_) => Ok(Value::Switch(false)),
                None => Err(Reason::Range),
            },
            Kind::Choice(names) => one_of(names, text).map(Value::Choice).ok_or(Reason::Range),
            Kind::Name { most, .. } => {
                let good = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
                let name = ShortText::new(text, most)?;
                let named = !name.is_empty() && text.bytes().all(good);
                named.then_some(Value::Text(name)).ok_or(Reason::Form)
            }
            Kind::Text { most } => Ok(Value::Text(ShortText::new(text, most)?)),
            Kind::Zone => {
                let inside =
                    |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'+' | b'-');
                let part = |part: &str| !part.is_empty() && part.bytes().all(inside);
                let name = ShortText::new(text, ZONE)?;
                let named = text.split('/').all(part);
                named.then_some(Value::Text(name)).ok_or(Reason::Form)
            }
            Kind::Time => TimeOfDay::parse(text).map(Value::Time).ok_or(Reason::Form),
            Kind::Hours => WeeklyHours::parse(text)
                .map(Value::Hours)
                .map_err(Reason::Hours),
            Kind::Dates => Holidays::parse(text)
                .map(Value::Dates)
                .map_err(Reason::Hours),
            Kind::Colour => parse_colour(text).map(Value::Colour).ok_or(Reason::Form),
            Kind::Pin if text.is_empty() => Ok(Value::Pin(None)),
            Kind::Pin => Verifier::parse(text)
                .map(|verifier| Value::Pin(Some(verifier)))
                .ok_or(Reason::Form),
        }
    }

    /// The unit of a number as printed; empty for everything else.
    pub fn unit(&self) -> &'static str {
        match self {
            Kind::Whole { unit, .. } | Kind::Decimal { unit, .. } => unit,
            _ => "",
        }
    }
}

/// `70 %`, `70%` and `70` are the same.
fn without_unit<'a>(text: &'a str, unit: &str) -> &'a str {
    text.strip_suffix(unit).unwrap_or(text).trim_end()
}

fn one_of(names: &'static [&'static str], text: &str) -> Option<&'static str> {
    let mut names = names.iter().copied();
    names.find(|name| name.eq_ignore_ascii_case(text))
}

/// What is allowed, in words: `0 to 100 %`.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Kind::Whole { min, max, unit } => write!(f, "{min} to {max} {unit}"),
            Kind::Decimal {
                min,
                max,
                places,
                unit,
            } => {
                let end = |scaled| Decimal { scaled, places };
                write!(f, "{} to {} {unit}", end(min), end(max))
            }
            Kind::Switch => f.write_str("on or off"),
            Kind::Choice(names) => either(f, names),
            Kind::Name { known, .. } => {
                for name in known {
                    write!(f, "{name}, ")?;
                }
                f.write_str("or the name of an installed one")
            }
            Kind::Text { most } => write!(f, "a text of at most {most} bytes"),
            Kind::Zone => f.write_str("the name of a time zone, such as Europe/Rome"),
            Kind::Time => f.write_str("a time of day, such as 08:30"),
            Kind::Hours => {
                f.write_str("always, never or hours such as Mo-Fr 10:00-18:00, Sa 10:00-20:00")
            }
            Kind::Dates => f.write_str("days such as 12-25, 2027-04-02, 12-24 10:00-14:00"),
            Kind::Colour => f.write_str("a colour #rrggbb, such as #0c0b0a"),
            Kind::Pin => f.write_str("4 to 12 digits"),
        }
    }
}

fn either(f: &mut fmt::Formatter<'_>, names: &[&str]) -> fmt::Result {
    for (index, name) in names.iter().enumerate() {
        let separator = match index {
            0 => "",
            _ if index + 1 == names.len() => " or ",
            _ => ", ",
        };
        write!(f, "{separator}{name}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    const PERCENT: Kind = Kind::Whole {
        min: 0,
        max: 100,
        unit: "%",
    };
    const METRES: Kind = Kind::Decimal {
        min: -150,
        max: 300,
        places: 2,
        unit: "m",
    };

    #[test]
    fn values_are_read_as_people_write_them_and_printed_in_one_way() {
        for (kind, written, printed) in [
            (PERCENT, " 70 ", "70"),
            (PERCENT, "070%", "70"),
            (PERCENT, "100 %", "100"),
            (METRES, "1.5", "1.50"),
            (METRES, "-1.50 m", "-1.50"),
            (Kind::Switch, "ON", "on"),
            (Kind::Switch, "false", "off"),
            (Kind::Choice(&["dpms", "ddc"]), "DDC", "ddc"),
            (
                Kind::Name {
                    known: &[],
                    most: 8,
                },
                "serene-2",
                "serene-2",
            ),
            (Kind::Text { most: 10 }, "  Saal 3 ", "Saal 3"),
            (Kind::Text { most: 10 }, "", ""),
            (
                Kind::Zone,
                "America/Argentina/ComodRivadavia",
                "America/Argentina/ComodRivadavia",
            ),
            (Kind::Zone, "Etc/GMT+5", "Etc/GMT+5"),
            (Kind::Time, "8:30", "08:30"),
            (Kind::Hours, "mo 10:00-18:00", "Mo 10:00-18:00"),
            (Kind::Dates, "12-25,12-26", "12-25, 12-26"),
            (Kind::Colour, "#0C0b0a", "#0c0b0a"),
            (Kind::Pin, "", ""),
        ] {
            let value = kind.parse(written).unwrap();
            assert_eq!(value.stored().to_string(), printed, "{kind}");
            assert_eq!(kind.parse(printed), Ok(value), "{kind}");
        }
    }

    #[test]
    fn what_is_no_value_is_refused_for_its_reason() {
        for (kind, written, reason) in [
            (PERCENT, "101", Reason::Range),
            (PERCENT, "-1", Reason::Range),
            (PERCENT, "99999999999", Reason::Range),
            (PERCENT, "7.5", Reason::TooFine),
            (PERCENT, "bright", Reason::Form),
            (PERCENT, "%", Reason::Form),
            (METRES, "3.01", Reason::Range),
            (METRES, "1.001", Reason::TooFine),
            (METRES, "1 cm", Reason::Form),
            (Kind::Switch, "yes", Reason::Range),
            (Kind::Choice(&["a", "b"]), "c", Reason::Range),
            (
                Kind::Name {
                    known: &[],
                    most: 4,
                },
                "happy",
                Reason::TooLong,
            ),
            (
                Kind::Name {
                    known: &[],
                    most: 4,
                },
                "",
                Reason::Form,
            ),
            (
                Kind::Name {
                    known: &[],
                    most: 9,
                },
                "Serene",
                Reason::Form,
            ),
            (Kind::Text { most: 3 }, "abcd", Reason::TooLong),
            (Kind::Text { most: 9 }, "a\tb", Reason::Control),
            (Kind::Zone, "", Reason::Form),
            (Kind::Zone, "../../etc/passwd", Reason::Form),
            (Kind::Zone, "Europe//Rome", Reason::Form),
            (Kind::Time, "24:00", Reason::Form),
            (Kind::Hours, "Mo", Reason::Hours(HoursError::Incomplete)),
            (Kind::Dates, "13-13", Reason::Hours(HoursError::Date)),
            (Kind::Colour, "#0c0b0", Reason::Form),
            (Kind::Colour, "#+c0b0a", Reason::Form),
            (Kind::Pin, "1234", Reason::Form),
        ] {
            assert_eq!(kind.parse(written), Err(reason), "{kind}: {written}");
        }
    }

    #[test]
    fn what_is_allowed_is_said_in_words() {
        assert_eq!(PERCENT.to_string(), "0 to 100 %");
        assert_eq!(METRES.to_string(), "-1.50 to 3.00 m");
        let modes = Kind::Choice(&["fixed", "schedule", "camera"]);
        assert_eq!(modes.to_string(), "fixed, schedule or camera");
    }
}
