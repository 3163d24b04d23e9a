//! The museum's own clock: the system's time in the installation's time zone.

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use sfumato_settings::calendar::{Date, LocalTime, TimeOfDay};
use sfumato_wire::DateTime;

/// A clock before this day has never been set: boards without a battery begin in 1970.
const PLAUSIBLE_FROM: Timestamp = Timestamp::constant(1_735_689_600, 0);

/// Whether there is such a time zone, by its IANA name.
pub fn is_known(zone: &str) -> bool {
    TimeZone::get(zone).is_ok()
}

/// The present time in a zone (UTC where it is not known); none while the clock has not been set.
pub fn now(zone: &str) -> Option<Zoned> {
    let now = Timestamp::now();
    (now >= PLAUSIBLE_FROM).then(|| now.to_zoned(TimeZone::get(zone).unwrap_or(TimeZone::UTC)))
}

/// As opening hours want it.
pub fn local(time: &Zoned) -> Option<LocalTime> {
    let (year, month) = (
        u16::try_from(time.year()).ok()?,
        time.month().unsigned_abs(),
    );
    let minute =
        60 * u16::from(time.hour().unsigned_abs()) + u16::from(time.minute().unsigned_abs());
    Some(LocalTime {
        date: Date::new(year, month, time.day().unsigned_abs())?,
        time: TimeOfDay::from_minute(minute)?,
    })
}

/// As it is told on the wire.
pub fn told(time: &Zoned) -> Option<DateTime> {
    Some(DateTime {
        year: u16::try_from(time.year()).ok()?,
        month: time.month().unsigned_abs(),
        day: time.day().unsigned_abs(),
        hour: time.hour().unsigned_abs(),
        minute: time.minute().unsigned_abs(),
        second: time.second().unsigned_abs(),
        microsecond: time.subsec_nanosecond().unsigned_abs() / 1000,
        zone: i16::try_from(time.offset().seconds() / 60).ok(),
    })
}

/// The moment that was meant, seconds since 1970: in its own zone, or in the museum's where none was told.
///
/// A time that the clock skips when it is put forward means the time after; of one that comes twice the
/// first is meant.
pub fn meant(time: &DateTime, zone: &str) -> Option<i64> {
    let at = civil::date(
        i16::try_from(time.year).ok()?,
        time.month.cast_signed(),
        time.day.cast_signed(),
    )
    .at(
        time.hour.cast_signed(),
        time.minute.cast_signed(),
        time.second.cast_signed(),
        0,
    );
    let zone = match time.zone {
        Some(minutes) => {
            TimeZone::fixed(jiff::tz::Offset::from_seconds(60 * i32::from(minutes)).ok()?)
        }
        None => TimeZone::get(zone).unwrap_or(TimeZone::UTC),
    };
    Some(at.to_zoned(zone).ok()?.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64, zone: &str) -> LocalTime {
        let moment = Timestamp::from_second(second).unwrap();
        local(&moment.to_zoned(TimeZone::get(zone).unwrap())).unwrap()
    }

    #[test]
    fn the_clock_is_put_forward_and_back() {
        // Rome, 2026-03-29: at 1:00 UTC two o'clock becomes three.
        let change = 1_774_746_000;
        let time = |second| at(second, "Europe/Rome").time;
        assert_eq!(time(change - 60), TimeOfDay::parse("01:59").unwrap());
        assert_eq!(time(change), TimeOfDay::parse("03:00").unwrap());
        // 2026-10-25: at 1:00 UTC three o'clock becomes two.
        let change = 1_792_890_000;
        assert_eq!(time(change - 60), TimeOfDay::parse("02:59").unwrap());
        assert_eq!(time(change), TimeOfDay::parse("02:00").unwrap());
        assert!(is_known("Europe/Rome") && !is_known("Europe/Atlantis"));
    }

    #[test]
    fn a_time_that_is_set_is_the_time_that_is_told() {
        for (text, zone, second) in [
            ("2026-11-27T10:00:00", "Europe/Rome", 1_795_770_000),
            ("2026-11-27T10:00:00Z", "Europe/Rome", 1_795_773_600),
            ("2026-11-27T10:00:00+05:30", "Europe/Rome", 1_795_753_800),
            // Skipped in spring, and twice in autumn.
            ("2026-03-29T02:30:00", "Europe/Rome", 1_774_747_800),
            ("2026-10-25T02:30:00", "Europe/Rome", 1_792_888_200),
        ] {
            let time = DateTime::parse(text).unwrap();
            assert_eq!(meant(&time, zone), Some(second), "{text}");
        }
        let now = now("Europe/Rome").unwrap();
        let told = told(&now).unwrap();
        assert_eq!(meant(&told, "UTC"), Some(now.timestamp().as_second()));
    }
}
