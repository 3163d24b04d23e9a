//! Whether it is open, and when that changes.

use super::{Holidays, Span, WeeklyHours};
use crate::calendar::{DAY, Date, LocalTime, TimeOfDay};

/// Days ahead in which [`next_change`] looks: a year with all its holidays.
pub const HORIZON: u16 = 400;

/// It opens or closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The first minute at which it is so.
    pub at: LocalTime,
    /// Whether it opens.
    pub opens: bool,
}

/// The spans that begin on a date: a holiday's own, or the week's.
fn spans<'a>(
    hours: &'a WeeklyHours,
    holidays: &Holidays,
    date: Date,
) -> impl Iterator<Item = Span> + 'a {
    let holiday = holidays.on(date);
    let own = holiday.and_then(|holiday| holiday.open);
    let weekly = hours.on(date.weekday()).filter(move |_| holiday.is_none());
    own.into_iter().chain(weekly)
}

/// Whether it is open at that minute of the museum's own clock.
pub fn is_open(hours: &WeeklyHours, holidays: &Holidays, now: LocalTime) -> bool {
    let minute = now.time.minute();
    let began_today = spans(hours, holidays, now.date).any(|span| span.contains(minute));
    // Before the first day there is none.
    let began_yesterday = now.date > Date::FIRST
        && spans(hours, holidays, now.date.previous()).any(|span| span.contains(minute + DAY));
    began_today || began_yesterday
}

/// When it next opens or closes after that minute; `None` if nothing changes within [`HORIZON`] days.
///
/// The answer is of the clock on the wall. Where that clock is put forward or back meanwhile, ask again.
pub fn next_change(hours: &WeeklyHours, holidays: &Holidays, now: LocalTime) -> Option<Change> {
    let open = is_open(hours, holidays, now);
    let mut date = now.date;
    for _ in 0..=HORIZON {
        // It can only change where a span begins or ends.
        let begun = spans(hours, holidays, date);
        let ended = spans(hours, holidays, date.previous());
        let borders = begun
            .flat_map(|span| [span.opens(), span.closes()])
            .chain(ended.filter_map(|span| span.closes().checked_sub(DAY)));
        let changed = |minute| {
            let time = TimeOfDay::from_minute(minute)?;
            let at = LocalTime { date, time };
            (at > now && is_open(hours, holidays, at) != open).then_some(at)
        };
        if let Some(at) = borders.filter_map(changed).min() {
            return Some(Change { at, opens: !open });
        }
        if date == Date::LAST {
            return None;
        }
        date = date.next();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;
    use std::string::String;
    use std::vec::Vec;

    fn at(text: &str) -> LocalTime {
        let number = |range: core::ops::Range<usize>| text[range].parse().unwrap();
        LocalTime {
            date: Date::new(number(0..4), number(5..7) as u8, number(8..10) as u8).unwrap(),
            time: TimeOfDay::parse(&text[11..]).unwrap(),
        }
    }

    fn next(hours: &str, holidays: &str, now: &str) -> Option<(String, bool)> {
        let hours = WeeklyHours::parse(hours).unwrap();
        let holidays = Holidays::parse(holidays).unwrap();
        next_change(&hours, &holidays, at(now))
            .map(|change| (format!("{}", change.at), change.opens))
    }

    #[test]
    fn a_week_with_a_long_night_and_a_holiday() {
        let week = "Tu-Fr 10:00-18:00, Sa 20:00-02:00";
        let change = |now: &str| next(week, "2026-11-29, 2026-12-01 12:00-13:00", now).unwrap();
        // 26 November 2026 is a Thursday.
        let opens = |at: &str| (String::from(at), true);
        let closes = |at: &str| (String::from(at), false);
        assert_eq!(change("2026-11-26 09:59"), opens("2026-11-26 10:00"));
        assert_eq!(change("2026-11-26 10:00"), closes("2026-11-26 18:00"));
        assert_eq!(change("2026-11-27 18:00"), opens("2026-11-28 20:00"));
        // What began on Saturday goes on into the holiday.
        assert_eq!(change("2026-11-28 23:00"), closes("2026-11-29 02:00"));
        assert_eq!(change("2026-11-29 02:00"), opens("2026-12-01 12:00"));
        assert_eq!(change("2026-12-01 12:00"), closes("2026-12-01 13:00"));
    }

    #[test]
    fn what_never_changes_has_no_next_change() {
        assert_eq!(next("always", "", "2026-11-26 09:59"), None);
        assert_eq!(next("never", "", "2026-11-26 09:59"), None);
        let yearly = next("never", "01-01 00:00-24:00", "2026-01-02 00:00").unwrap();
        assert_eq!(yearly, (String::from("2027-01-01 00:00"), true));
        // Two days that touch at midnight are one.
        let touching = next("Mo 20:00-24:00, Tu 00:00-01:00", "", "2026-11-23 21:00").unwrap();
        assert_eq!(touching, (String::from("2026-11-24 01:00"), false));
    }

    #[test]
    fn the_ends_of_the_calendar_are_no_trap() {
        let (hours, none) = (
            WeeklyHours::parse("Mo-Su 20:00-04:00").unwrap(),
            Holidays::NONE,
        );
        assert!(!is_open(&hours, &none, at("1970-01-01 00:00")));
        let last = at("9999-12-31 23:59");
        assert!(is_open(&hours, &none, last));
        assert_eq!(next_change(&hours, &none, last), None);
    }

    /// The plain definition: every minute of every day, one by one.
    struct Model {
        open: Vec<bool>,
    }

    const DAYS: usize = 12;

    impl Model {
        fn new(hours: &WeeklyHours, holidays: &Holidays, first: Date) -> Model {
            let mut open = std::vec![false; (DAYS + 2) * usize::from(DAY)];
            // A day more in front, whose night may reach into the first.
            let mut date = first.previous();
            for day in 0..=DAYS {
                let mut spans = Vec::new();
                match holidays.entries().find(|entry| entry.days.contains(date)) {
                    Some(holiday) => spans.extend(holiday.open),
                    None => spans.extend(
                        (hours.rules())
                            .filter(|rule| rule.days.contains(date.weekday()))
                            .map(|rule| rule.span),
                    ),
                }
                for span in spans {
                    let mut minute = span.opens();
                    while minute != span.closes() {
                        open[day * usize::from(DAY) + usize::from(minute)] = true;
                        minute += 1;
                    }
                }
                date = date.next();
            }
            open.drain(..usize::from(DAY));
            Model { open }
        }
    }

    fn span() -> impl Strategy<Value = Span> {
        let minute = prop_oneof![0u16..=DAY, (0u16..=24).prop_map(|hour| 60 * hour)];
        (minute.clone(), minute)
            .prop_filter_map("empty", |(opens, closes)| Span::new(opens, closes))
    }

    fn weekly() -> impl Strategy<Value = WeeklyHours> {
        let day = || prop::sample::select(&crate::calendar::Weekday::ALL);
        let rule = (day(), day(), span());
        prop::collection::vec(rule, 0..6).prop_map(|rules| {
            let parts = rules.iter().map(|(first, last, span)| {
                format!("{}-{} {span}", first.letters(), last.letters())
            });
            let text = parts.collect::<Vec<_>>().join(", ");
            WeeklyHours::parse(if text.is_empty() { "never" } else { &text }).unwrap()
        })
    }

    fn some_holidays() -> impl Strategy<Value = Holidays> {
        let day = || (prop::sample::select(&[12u8, 1][..]), 1u8..=31);
        let entry = (any::<bool>(), day(), day(), prop::option::of(span()));
        prop::collection::vec(entry, 0..4).prop_map(|entries| {
            let parts = entries.iter().map(|(every_year, a, b, open)| {
                let hours = open.map_or(String::new(), |span| format!(" {span}"));
                if *every_year {
                    format!("{:02}-{:02}/{:02}-{:02}{hours}", a.0, a.1, b.0, b.1)
                } else {
                    let year = if a.0 == 12 { 2026 } else { 2027 };
                    format!("{year}-{:02}-{:02}{hours}", a.0, a.1)
                }
            });
            Holidays::parse(&parts.collect::<Vec<_>>().join(", ")).unwrap()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn every_minute_is_as_the_plain_definition_says(
            hours in weekly(), holidays in some_holidays(), start in 0usize..40,
        ) {
            let mut first = at("2026-12-10 00:00").date;
            for _ in 0..start {
                first = first.next();
            }
            let model = Model::new(&hours, &holidays, first);
            let mut date = first;
            for day in 0..DAYS {
                for minute in 0..DAY {
                    let time = TimeOfDay::from_minute(minute).unwrap();
                    let now = LocalTime { date, time };
                    let here = day * usize::from(DAY) + usize::from(minute);
                    let open = model.open[here];
                    prop_assert_eq!(is_open(&hours, &holidays, now), open, "{} {} {}", hours, holidays, now);
                    // One minute in 97, a number that meets every minute of an hour.
                    if here % 97 == 0 && day < 3 {
                        let window = &model.open[here..DAYS * usize::from(DAY)];
                        let away = window.iter().position(|later| *later != open);
                        let change = next_change(&hours, &holidays, now);
                        if let Some(away) = away {
                            let mut expected = now.date;
                            let ahead = usize::from(minute) + away;
                            for _ in 0..ahead / usize::from(DAY) {
                                expected = expected.next();
                            }
                            let time = TimeOfDay::from_minute((ahead % usize::from(DAY)) as u16).unwrap();
                            let at = LocalTime { date: expected, time };
                            prop_assert_eq!(change, Some(Change { at, opens: !open }), "{} {} {}", hours, holidays, now);
                        } else if let Some(change) = change {
                            let mut end = first;
                            for _ in 0..DAYS {
                                end = end.next();
                            }
                            prop_assert!(change.at.date >= end, "{} {} {}", hours, holidays, now);
                        }
                    }
                }
                date = date.next();
            }
        }

        #[test]
        fn printed_and_read_they_are_the_same(hours in weekly(), holidays in some_holidays()) {
            prop_assert_eq!(WeeklyHours::parse(&format!("{hours}")), Ok(hours));
            prop_assert_eq!(Holidays::parse(&format!("{holidays}")), Ok(holidays));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[MoTuSa0-9:,;/ -]{0,40}|\\PC{0,40}") {
            if let Ok(hours) = WeeklyHours::parse(&text) {
                prop_assert_eq!(WeeklyHours::parse(&format!("{hours}")), Ok(hours));
            }
            if let Ok(holidays) = Holidays::parse(&text) {
                prop_assert_eq!(Holidays::parse(&format!("{holidays}")), Ok(holidays));
            }
        }
    }
}
