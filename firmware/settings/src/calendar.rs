//! Dates and times of day on the museum's own clock.
//!
//! No time zones here: whoever calls turns the system's clock into local time first, so that the
//! change to summer time is decided in one place and by the system's own tables.

use core::fmt;

/// Minutes of a day.
pub const DAY: u16 = 24 * 60;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekday {
    /// Monday.
    Monday,
    /// Tuesday.
    Tuesday,
    /// Wednesday.
    Wednesday,
    /// Thursday.
    Thursday,
    /// Friday.
    Friday,
    /// Saturday.
    Saturday,
    /// Sunday.
    Sunday,
}

impl Weekday {
    /// All of them, from Monday on.
    pub const ALL: [Weekday; 7] = [
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ];

    /// Its two letters, as in OpenStreetMap's opening hours: `Mo`, `Tu`, …
    pub const fn letters(self) -> &'static str {
        ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"][self as usize]
    }

    /// The day of these two letters, in either case.
    pub fn from_letters(letters: &str) -> Option<Weekday> {
        Self::ALL
            .into_iter()
            .find(|day| day.letters().eq_ignore_ascii_case(letters))
    }
}

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// How many days a month has; 0 for a month there is not.
const fn days_of(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 0,
    }
}

impl Date {
    /// The first day there is.
    pub const FIRST: Date = Date {
        year: 1970,
        month: 1,
        day: 1,
    };
    /// The last day there is.
    pub const LAST: Date = Date {
        year: 9999,
        month: 12,
        day: 31,
    };

    /// That day, if the calendar has it; years from 1970 to 9999, month and day from 1.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let known = year >= 1970 && year <= 9999;
        if known && day >= 1 && day <= days_of(year, month) {
            Some(Date { year, month, day })
        } else {
            None
        }
    }

    /// The year, from 1970 to 9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1 to 12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The day after; the last day stays.
    pub fn next(self) -> Date {
        let Date { year, month, day } = self;
        Date::new(year, month, day + 1)
            .or(Date::new(year, month + 1, 1))
            .or(Date::new(year + 1, 1, 1))
            .unwrap_or(Date::LAST)
    }

    /// The day before; the first day stays.
    pub fn previous(self) -> Date {
        let Date { year, month, day } = self;
        Date::new(year, month, day - 1)
            .or(Date::new(year, month - 1, days_of(year, month - 1)))
            .or(Date::new(year - 1, 12, 31))
            .unwrap_or(Date::FIRST)
    }

    /// Its day of the week, by Sakamoto's rule.
    pub fn weekday(self) -> Weekday {
        // Days that the months before a month shift the week by; the leap day counts from March on.
        const SHIFT: [u16; 13] = [0, 0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];
        let year = self.year - u16::from(self.month < 3);
        let shift = SHIFT[usize::from(self.month.min(12))];
        let from_sunday = year + year / 4 - year / 100 + year / 400 + shift + u16::from(self.day);
        Weekday::ALL[usize::from((from_sunday + 6) % 7)]
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// A minute of a day, from 00:00 to 23:59.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

impl TimeOfDay {
    /// So many hours and minutes after midnight, if a day has them.
    pub const fn new(hours: u8, minutes: u8) -> Option<TimeOfDay> {
        if hours < 24 && minutes < 60 {
            Some(TimeOfDay(hours as u16 * 60 + minutes as u16))
        } else {
            None
        }
    }

    /// So many minutes after midnight, below [`DAY`].
    pub const fn from_minute(minute: u16) -> Option<TimeOfDay> {
        if minute < DAY {
            Some(TimeOfDay(minute))
        } else {
            None
        }
    }

    /// Minutes since midnight, below [`DAY`].
    pub const fn minute(self) -> u16 {
        self.0
    }

    /// Reads `8:30` or `08:30`.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        parse_minute(text).and_then(TimeOfDay::from_minute)
    }
}

/// Reads `08:30` as minutes since midnight; `24:00` is the end of the day.
pub(crate) fn parse_minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let digits = |text: &str, lengths: core::ops::RangeInclusive<usize>| {
        let good = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| good)
    };
    let (hours, minutes) = (digits(hours, 1..=2)?, digits(minutes, 2..=2)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= DAY).then_some(minute)
}

/// Writes minutes since midnight as `08:30`.
pub(crate) fn write_minute(f: &mut fmt::Formatter<'_>, minute: u16) -> fmt::Result {
    write!(f, "{:02}:{:02}", minute / 60, minute % 60)
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_minute(f, self.0)
    }
}

/// A minute of a date on the museum's own clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime {
    /// The date.
    pub date: Date,
    /// The minute of that date.
    pub time: TimeOfDay,
}

impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.date, self.time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_day_follows_the_one_before_and_so_does_its_weekday() {
        // 1 January 1970 was a Thursday.
        let (mut date, mut weekday, mut count) = (Date::FIRST, 3, 0);
        while date != Date::LAST {
            assert_eq!(date.weekday(), Weekday::ALL[weekday], "{date}");
            let next = date.next();
            assert!(next > date && next.previous() == date, "{date}");
            (date, weekday, count) = (next, (weekday + 1) % 7, count + 1);
        }
        // 8030 years with their leap days.
        assert_eq!(count + 1, 8030 * 365 + 1947);
        assert_eq!(date.next(), Date::LAST);
        assert_eq!(Date::FIRST.previous(), Date::FIRST);
        // Two days known from elsewhere.
        assert_eq!(Date::new(2000, 2, 29).unwrap().weekday(), Weekday::Tuesday);
        assert_eq!(
            Date::new(2026, 11, 26).unwrap().weekday(),
            Weekday::Thursday
        );
        assert_eq!(Date::new(2100, 2, 29), None);
    }

    #[test]
    fn times_are_read_as_written() {
        for minute in 0..DAY {
            let time = TimeOfDay::from_minute(minute).unwrap();
            assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time));
            let (hours, minutes) = ((minute / 60) as u8, (minute % 60) as u8);
            assert_eq!(TimeOfDay::new(hours, minutes), Some(time));
        }
        assert_eq!(TimeOfDay::parse("8:05"), TimeOfDay::new(8, 5));
        for wrong in [
            "24:00", "8", "8:5", "08:60", "008:00", "-1:00", "+8:00", "8:00 ", "::",
        ] {
            assert_eq!(TimeOfDay::parse(wrong), None, "{wrong}");
        }
        assert_eq!(parse_minute("24:00"), Some(DAY));
        assert_eq!(parse_minute("24:01"), None);
    }
}
