//! Days on which the week does not count.

use super::{HoursError, Span, no_semicolon};
use crate::calendar::Date;
use core::fmt;
use heapless::Vec;

/// Entries that a list of holidays can hold.
pub const MAX_HOLIDAYS: usize = 20;

/// A day of every year, by month and day; 29 February only comes in leap years.
type Yearly = (u8, u8);

/// One day or all days of a range, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// From a month and day to a month and day of every year; may run over the end of the year.
    EveryYear(Yearly, Yearly),
    /// From a date to a date.
    Once(Date, Date),
}

impl Days {
    /// Whether that date is among them.
    pub fn contains(&self, date: Date) -> bool {
        match *self {
            Days::Once(first, last) => first <= date && date <= last,
            Days::EveryYear(first, last) => {
                let day = (date.month(), date.day());
                if first <= last {
                    first <= day && day <= last
                } else {
                    first <= day || day <= last
                }
            }
        }
    }

    /// Reads `12-25`, `2027-12-25`, `12-24/01-06` or `2027-08-02/2027-08-13`.
    fn parse(text: &str) -> Result<Days, HoursError> {
        let (first, last) = text.split_once('/').unwrap_or((text, text));
        match (End::parse(first.trim())?, End::parse(last.trim())?) {
            (End::EveryYear(first), End::EveryYear(last)) => Ok(Days::EveryYear(first, last)),
            (End::Once(first), End::Once(last)) if first <= last => Ok(Days::Once(first, last)),
            _ => Err(HoursError::Range),
        }
    }
}

/// One end of a range.
enum End {
    EveryYear(Yearly),
    Once(Date),
}

impl End {
    fn parse(text: &str) -> Result<End, HoursError> {
        let number = |text: &str, length: usize| {
            let good = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<u16>()
                .ok()
                .filter(|_| good)
                .ok_or(HoursError::Date)
        };
        let (first, rest) = text.split_once('-').ok_or(HoursError::Date)?;
        match rest.split_once('-') {
            Some((month, day)) => {
                let (month, day) = (number(month, 2)? as u8, number(day, 2)? as u8);
                Date::new(number(first, 4)?, month, day).map(End::Once)
            }
            None => {
                let (month, day) = (number(first, 2)? as u8, number(rest, 2)? as u8);
                // Any leap year: it has all days that any year has.
                Date::new(2000, month, day).map(|_| End::EveryYear((month, day)))
            }
        }
        .ok_or(HoursError::Date)
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Days::EveryYear(first, last) => {
                write!(f, "{:02}-{:02}", first.0, first.1)?;
                if first != last {
                    write!(f, "/{:02}-{:02}", last.0, last.1)?;
                }
            }
            Days::Once(first, last) => {
                write!(f, "{first}")?;
                if first != last {
                    write!(f, "/{last}")?;
                }
            }
        }
        Ok(())
    }
}

/// Days on which something else counts than the hours of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The days.
    pub days: Days,
    /// Open for this span, or closed.
    pub open: Option<Span>,
}

/// At most [`MAX_HOLIDAYS`] holidays; where two name a day, the first counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holidays {
    entries: [Option<Holiday>; MAX_HOLIDAYS],
}

impl Holidays {
    /// No holidays; printed as nothing.
    pub const NONE: Holidays = Holidays {
        entries: [None; MAX_HOLIDAYS],
    };

    /// The holidays, in the order in which they were written.
    pub fn entries(&self) -> impl Iterator<Item = Holiday> + '_ {
        self.entries.iter().flatten().copied()
    }

    /// The holiday on that date.
    pub fn on(&self, date: Date) -> Option<Holiday> {
        self.entries().find(|holiday| holiday.days.contains(date))
    }

    /// Reads `12-25, 12-24 10:00-14:00, 2027-08-02/2027-08-13`; nothing for none.
    pub fn parse(text: &str) -> Result<Holidays, HoursError> {
        let mut list: Vec<Holiday, MAX_HOLIDAYS> = Vec::new();
        if text.trim().is_empty() {
            return Ok(Holidays::NONE);
        }
        no_semicolon(text)?;
        for part in text.split(',') {
            let part = part.trim();
            let (days, span) = part
                .split_once(char::is_whitespace)
                .map_or((part, None), |(days, span)| (days, Some(span)));
            let holiday = Holiday {
                days: Days::parse(days)?,
                open: span.map(Span::parse).transpose()?,
            };
            list.push(holiday).map_err(|_| HoursError::TooMany)?;
        }
        let mut holidays = Holidays::NONE;
        for (place, holiday) in holidays.entries.iter_mut().zip(list) {
            *place = Some(holiday);
        }
        Ok(holidays)
    }
}

impl fmt::Display for Holidays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for holiday in self.entries() {
            write!(f, "{separator}{}", holiday.days)?;
            if let Some(span) = holiday.open {
                write!(f, " {span}")?;
            }
            separator = ", ";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn day(year: u16, month: u8, day: u8) -> Date {
        Date::new(year, month, day).unwrap()
    }

    #[test]
    fn written_and_printed_alike() {
        for text in [
            "",
            "12-25",
            "12-24 10:00-14:00, 12-24/01-06, 2027-08-02/2027-08-13",
            "02-29, 2027-04-02 22:00-02:00",
        ] {
            let holidays = Holidays::parse(text).unwrap();
            assert_eq!(holidays.to_string(), text);
        }
    }

    #[test]
    fn the_first_that_names_a_day_counts() {
        let text = "12-24 10:00-14:00, 12-20/01-06, 2027-08-02/2027-08-03";
        let holidays = Holidays::parse(text).unwrap();
        assert_eq!(
            holidays.on(day(2030, 12, 24)).unwrap().open,
            Span::new(600, 840)
        );
        assert_eq!(holidays.on(day(2030, 12, 20)).unwrap().open, None);
        assert!(holidays.on(day(2031, 1, 6)).is_some());
        assert!(holidays.on(day(2031, 1, 7)).is_none());
        assert!(holidays.on(day(2027, 8, 3)).is_some());
        assert!(holidays.on(day(2028, 8, 3)).is_none());
    }

    #[test]
    fn mistakes_are_told_apart() {
        for (written, error) in [
            ("12-25,", HoursError::Date),
            ("12-25; 12-26", HoursError::Semicolon),
            ("13-01", HoursError::Date),
            ("02-30", HoursError::Date),
            ("2027-02-29", HoursError::Date),
            ("1-1", HoursError::Date),
            ("25.12.", HoursError::Date),
            ("12-24/2027-01-06", HoursError::Range),
            ("2027-08-13/2027-08-02", HoursError::Range),
            ("12-24 closed", HoursError::Part),
            ("12-24 10:00-10:00", HoursError::Span),
        ] {
            assert_eq!(Holidays::parse(written), Err(error), "{written}");
        }
        let many = ["12-25"; MAX_HOLIDAYS + 1].join(",");
        assert_eq!(Holidays::parse(&many), Err(HoursError::TooMany));
    }
}
