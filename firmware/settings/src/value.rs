//! Values of settings: typed, read from text, printed as text.
//!
//! A value travels as UTF-8 text everywhere outside the program: typed by a technician, sent by a
//! controller, kept in the record. What is printed reads back as the same value.

use crate::calendar::TimeOfDay;
use crate::decimal::Decimal;
use crate::hours::{Holidays, WeeklyHours};
use crate::pin::Verifier;
use crate::short_text::ShortText;
use core::fmt;
use sfumato_core::pixels::Rgb;

/// A value of a setting; [`crate::Kind::parse`] makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// A whole number.
    Whole(i32),
    /// A decimal number.
    Decimal(Decimal),
    /// On or off.
    Switch(bool),
    /// One of the names of its kind.
    Choice(&'static str),
    /// A text.
    Text(ShortText),
    /// A time of day.
    Time(TimeOfDay),
    /// The hours of a week.
    Hours(WeeklyHours),
    /// Holidays.
    Dates(Holidays),
    /// Red, green and blue.
    Colour(Rgb),
    /// What the PIN is checked against; none: no PIN is asked for.
    Pin(Option<Verifier>),
}

impl Value {
    /// The value as it is kept: like `Display`, but with the PIN's verifier. Never shown to anyone.
    pub(crate) fn stored(&self) -> Stored<'_> {
        Stored(self)
    }
}

/// The value as it may be shown; of a PIN only whether there is one.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Whole(number) => write!(f, "{number}"),
            Value::Decimal(number) => write!(f, "{number}"),
            Value::Switch(on) => f.write_str(if *on { "on" } else { "off" }),
            Value::Choice(name) => f.write_str(name),
            Value::Text(text) => f.write_str(text.as_str()),
            Value::Time(time) => write!(f, "{time}"),
            Value::Hours(hours) => write!(f, "{hours}"),
            Value::Dates(holidays) => write!(f, "{holidays}"),
            Value::Colour([red, green, blue]) => write!(f, "#{red:02x}{green:02x}{blue:02x}"),
            Value::Pin(None) => f.write_str("not set"),
            Value::Pin(Some(_)) => f.write_str("set"),
        }
    }
}

/// Prints a value as it is kept.
pub(crate) struct Stored<'a>(&'a Value);

impl fmt::Display for Stored<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::Pin(None) => Ok(()),
            Value::Pin(Some(verifier)) => verifier.write(f),
            value => write!(f, "{value}"),
        }
    }
}

/// Reads `#rrggbb`.
pub(crate) fn parse_colour(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some([red, green, blue])
}
