//! From a minute of a day to another, past midnight if need be.

use super::HoursError;
use crate::calendar::{DAY, parse_minute, write_minute};
use core::fmt;

/// From a minute of a day to a minute of the same day or the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    opens: u16,
    closes: u16,
}

impl Span {
    /// From `opens` (below [`DAY`]) to `closes` (at most [`DAY`]), minutes since midnight. A span that
    /// closes before it opens runs past midnight; none is empty.
    pub const fn new(opens: u16, closes: u16) -> Option<Span> {
        if opens < DAY && closes <= DAY && opens != closes {
            Some(Span { opens, closes })
        } else {
            None
        }
    }

    /// The first open minute, counted from the midnight at which its day begins.
    pub const fn opens(self) -> u16 {
        self.opens
    }

    /// The first closed minute after it, counted from the same midnight; above [`DAY`] when it runs
    /// past the next.
    pub const fn closes(self) -> u16 {
        if self.closes < self.opens {
            self.closes + DAY
        } else {
            self.closes
        }
    }

    /// Whether that minute is open, counted from the midnight at which the span's day begins.
    pub const fn contains(self, minute: u16) -> bool {
        self.opens <= minute && minute < self.closes()
    }

    /// Reads `10:00-18:00`, `22:00-02:00` or `00:00-24:00`.
    pub(super) fn parse(text: &str) -> Result<Span, HoursError> {
        let (opens, closes) = text.split_once('-').ok_or(HoursError::Part)?;
        let minute = |text: &str| parse_minute(text.trim()).ok_or(HoursError::Span);
        Span::new(minute(opens)?, minute(closes)?).ok_or(HoursError::Span)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_minute(f, self.opens)?;
        f.write_str("-")?;
        write_minute(f, self.closes)
    }
}
