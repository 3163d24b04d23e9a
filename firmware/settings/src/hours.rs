//! Opening hours: when the museum lets people in.
//!
//! ```text
//! Mo-Fr 10:00-18:00, Sa,Su 10:00-12:00, 14:00-02:00     weekly hours
//! 12-24 10:00-14:00, 12-24/01-06, 2027-08-02/2027-08-13 holidays
//! ```
//!
//! The notation of weekly hours is a small part of [OpenStreetMap's][osm]. A *span* runs from a minute
//! to a minute; one that ends before it begins runs past midnight. It belongs to the day on which it
//! begins: what began on Saturday evening ends on Sunday at two, even when that Sunday is a holiday.
//! Where spans overlap, it is open.
//!
//! A *holiday* takes the place of the weekly hours on its days: closed, or open for a span of its own.
//!
//! [osm]: https://wiki.openstreetmap.org/wiki/Key:opening_hours

mod holidays;
mod opening;
mod span;
mod weekly;

pub use holidays::{Days, Holiday, Holidays, MAX_HOLIDAYS};
pub use opening::{Change, HORIZON, is_open, next_change};
pub use span::Span;
pub use weekly::{MAX_RULES, Rule, Weekdays, WeeklyHours};

/// Why hours or holidays could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HoursError {
    /// A part that is neither a day nor hours: write `Mo-Fr`, `Sa` and `10:00-18:00`.
    Part,
    /// Hours that no day belongs to, or a day without hours: write `Mo-Fr 10:00-18:00`.
    Incomplete,
    /// A span that is empty or not of a day: write `10:00-18:00`, `22:00-02:00` or `00:00-24:00`.
    Span,
    /// A date that the calendar does not have: write `12-25` for every year, or `2027-12-25`.
    Date,
    /// A range between a date of every year and one of a certain year, or one that ends before it
    /// begins: write `12-24/01-06` or `2027-12-24/2028-01-06`.
    Range,
    /// A semicolon: put a comma. In OpenStreetMap's notation what follows a semicolon takes the place of
    /// what is before; here every part adds to the others.
    Semicolon,
    /// More parts than there is room for: leave some out, or join days with the same hours.
    TooMany,
}

impl core::fmt::Display for HoursError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            HoursError::Part => "a part is neither a day nor hours",
            HoursError::Incomplete => "a day has no hours, or hours have no day",
            HoursError::Span => "hours must begin and end within a day, at different minutes",
            HoursError::Date => "the calendar has no such day",
            HoursError::Range => "both ends must be of every year or of certain years, in order",
            HoursError::Semicolon => "parts have commas between them, not semicolons",
            HoursError::TooMany => "there are too many parts",
        })
    }
}

/// Refuses what would mean something else elsewhere.
fn no_semicolon(text: &str) -> Result<(), HoursError> {
    match text.contains(';') {
        true => Err(HoursError::Semicolon),
        false => Ok(()),
    }
}
