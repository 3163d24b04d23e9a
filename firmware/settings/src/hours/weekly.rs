//! The hours of an ordinary week.

use super::{HoursError, Span, no_semicolon};
use crate::calendar::{DAY, Weekday};
use core::fmt;
use heapless::Vec;

/// Spans that weekly hours can hold: two for each day.
pub const MAX_RULES: usize = 14;

/// A set of days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weekdays(u8);

impl Weekdays {
    /// All seven.
    pub const ALL: Weekdays = Weekdays(0x7f);

    /// Whether the day is among them.
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 >> day as u8 & 1 == 1
    }

    /// These and all days from `first` to `last`; `Sa` to `Mo` runs over the end of the week.
    pub fn with(self, first: Weekday, last: Weekday) -> Weekdays {
        let length = (last as usize + 7 - first as usize) % 7 + 1;
        let days = Weekday::ALL.into_iter().cycle();
        days.skip(first as usize)
            .take(length)
            .fold(self, |days, day| Weekdays(days.0 | 1 << day as u8))
    }

    /// Reads `Mo` or `Mo-Fr`.
    fn parse(text: &str) -> Result<Weekdays, HoursError> {
        let day = |letters: &str| Weekday::from_letters(letters.trim()).ok_or(HoursError::Part);
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        Ok(Weekdays::default().with(day(first)?, day(last)?))
    }
}

impl fmt::Display for Weekdays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        let mut index = 0;
        while let Some(first) = Weekday::ALL.get(index) {
            let run = Weekday::ALL.iter().skip(index);
            let length = run.take_while(|day| self.contains(**day)).count();
            if length > 0 {
                write!(f, "{separator}{}", first.letters())?;
                separator = ",";
            }
            let end = index + length.saturating_sub(1);
            if let Some(last) = Weekday::ALL.get(end).filter(|_| length > 1) {
                write!(f, "-{}", last.letters())?;
            }
            index += length + 1;
        }
        Ok(())
    }
}

/// These days are open for this span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The days on which the span begins.
    pub days: Weekdays,
    /// From when to when.
    pub span: Span,
}

/// The hours of an ordinary week: at most [`MAX_RULES`] spans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WeeklyHours {
    rules: [Option<Rule>; MAX_RULES],
}

impl WeeklyHours {
    /// Never open: printed `never`.
    pub const NEVER: WeeklyHours = WeeklyHours {
        rules: [None; MAX_RULES],
    };

    /// Open day and night: printed `always`.
    pub const ALWAYS: WeeklyHours = {
        let mut hours = WeeklyHours::NEVER;
        if let Some(span) = Span::new(0, DAY) {
            hours.rules[0] = Some(Rule {
                days: Weekdays::ALL,
                span,
            });
        }
        hours
    };

    /// The rules, in the order in which they were written.
    pub fn rules(&self) -> impl Iterator<Item = Rule> + '_ {
        self.rules.iter().flatten().copied()
    }

    /// The spans that begin on such a day.
    pub fn on(&self, day: Weekday) -> impl Iterator<Item = Span> + '_ {
        self.rules()
            .filter(move |rule| rule.days.contains(day))
            .map(|rule| rule.span)
    }

    /// Reads `Mo-Fr 10:00-18:00, Sa,Su 10:00-12:00, 14:00-20:00`, `always` or `never`.
    ///
    /// Days gather until hours follow; hours without days belong to the days before them.
    pub fn parse(text: &str) -> Result<WeeklyHours, HoursError> {
        let text = text.trim();
        for (word, hours) in [
            ("always", Self::ALWAYS),
            ("24/7", Self::ALWAYS),
            ("never", Self::NEVER),
        ] {
            if text.eq_ignore_ascii_case(word) {
                return Ok(hours);
            }
        }
        no_semicolon(text)?;
        let mut rules: Vec<Rule, MAX_RULES> = Vec::new();
        let mut days = Weekdays::default();
        // Whether hours have followed the days; if so, the next day begins a new set.
        let mut settled = true;
        for part in text.split(',') {
            let part = part.trim();
            let hours_at = part.find(|character: char| character.is_ascii_digit());
            let (named, span) = part.split_at(hours_at.unwrap_or(part.len()));
            if !named.trim().is_empty() {
                let more = Weekdays::parse(named)?;
                days = Weekdays(more.0 | if settled { 0 } else { days.0 });
                settled = false;
            }
            if span.is_empty() {
                if settled {
                    return Err(HoursError::Part);
                }
                continue;
            }
            if days == Weekdays::default() {
                return Err(HoursError::Incomplete);
            }
            let span = Span::parse(span)?;
            rules
                .push(Rule { days, span })
                .map_err(|_| HoursError::TooMany)?;
            settled = true;
        }
        if !settled {
            return Err(HoursError::Incomplete);
        }
        let mut hours = WeeklyHours::NEVER;
        for (place, rule) in hours.rules.iter_mut().zip(rules) {
            *place = Some(rule);
        }
        Ok(hours)
    }
}

impl fmt::Display for WeeklyHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ALWAYS {
            return f.write_str("always");
        }
        if *self == Self::NEVER {
            return f.write_str("never");
        }
        let mut before = None;
        for rule in self.rules() {
            if before.is_some() {
                f.write_str(", ")?;
            }
            if before != Some(rule.days) {
                write!(f, "{} ", rule.days)?;
            }
            write!(f, "{}", rule.span)?;
            before = Some(rule.days);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn written_as_people_write_and_printed_short() {
        for (written, printed) in [
            ("Mo-Fr 10:00-18:00, Sa 10:00-20:00", ""),
            ("Mo,We,Fr 10:00-18:00", ""),
            ("Tu-Su 10:00-12:00, 14:00-02:00", ""),
            ("sa-mo 9:00-17:00", "Mo,Sa-Su 09:00-17:00"),
            (
                "Mo 10:00-18:00, Tu 10:00 - 18:00",
                "Mo 10:00-18:00, Tu 10:00-18:00",
            ),
            ("Mo, Tu-We, Fr 10:00-18:00", "Mo-We,Fr 10:00-18:00"),
            ("Mo-Su 00:00-24:00", "always"),
            ("24/7", "always"),
            (" Never ", "never"),
        ] {
            let hours = WeeklyHours::parse(written).unwrap();
            let expected = if printed.is_empty() { written } else { printed };
            assert_eq!(hours.to_string(), expected);
            assert_eq!(WeeklyHours::parse(expected), Ok(hours), "{expected}");
        }
    }

    #[test]
    fn mistakes_are_told_apart() {
        for (written, error) in [
            ("", HoursError::Part),
            ("Mo 10:00-18:00,", HoursError::Part),
            ("Mo-Xy 10:00-18:00", HoursError::Part),
            ("Mo 10", HoursError::Part),
            ("10:00-18:00", HoursError::Incomplete),
            ("Mo", HoursError::Incomplete),
            ("Mo 10:00-18:00, Tu", HoursError::Incomplete),
            ("Mo 10:00-10:00", HoursError::Span),
            ("Mo 10:00-24:01", HoursError::Span),
            ("Mo 24:00-02:00", HoursError::Span),
            ("Mo 10-18", HoursError::Span),
            ("Mo-Su 10:00-18:00; We 12:00-20:00", HoursError::Semicolon),
        ] {
            assert_eq!(WeeklyHours::parse(written), Err(error), "{written}");
        }
        let fourteen = ["Mo 10:00-11:00"; MAX_RULES].join(",");
        assert!(WeeklyHours::parse(&fourteen).is_ok());
        let one_more = fourteen + ", 12:00-13:00";
        assert_eq!(WeeklyHours::parse(&one_more), Err(HoursError::TooMany));
    }
}
