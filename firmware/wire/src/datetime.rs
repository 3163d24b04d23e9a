//! The clock as text: what clients send to set it, and what they are told.
//!
//! Zephyr writes `yyyy-MM-dd'T'HH:mm:ss.SSSSSSZZZZZ`. Of that, clients leave out the fraction, parts
//! of it, and the zone; mcumgrctl sends `2026-11-22T09:58:55.290`, which is its local time. All of
//! these are understood; what they mean without a zone is for the caller to decide.
//!
//! Source: Zephyr, `doc/services/device_mgmt/smp_groups/smp_group_0.rst`, "Date-time command"; the
//! calendar of ISO 8601.

use core::fmt;

/// Not a date and time; see [`DateTime::parse`] for the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADateTime;

/// A date and time on the clock of some zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DateTime {
    /// Year, 0 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, from 1.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 59. Leap seconds are not told.
    pub second: u8,
    /// Microsecond, 0 to 999,999.
    pub microsecond: u32,
    /// Minutes that this clock is ahead of UTC, -1439 to 1439; none if no zone was told.
    pub zone: Option<i16>,
}

impl DateTime {
    /// Reads `yyyy-MM-ddTHH:mm:ss`, then perhaps `.` and 1 to 9 digits, then perhaps a zone.
    ///
    /// A space may stand for the `T`. The zone is `Z`, `+HH:mm` or `+HHmm`, or the same with `-`.
    /// Digits beyond microseconds are cut off.
    ///
    /// # Errors
    /// [`NotADateTime`] for any other shape, and for dates and times that do not exist.
    pub fn parse(text: &str) -> Result<DateTime, NotADateTime> {
        let mut rest = Digits(text.as_bytes());
        let year = rest.number(4)?;
        rest.one_of(b"-")?;
        let month = rest.number(2)? as u8;
        rest.one_of(b"-")?;
        let day = rest.number(2)? as u8;
        rest.one_of(b"T ")?;
        let hour = rest.number(2)? as u8;
        rest.one_of(b":")?;
        let minute = rest.number(2)? as u8;
        rest.one_of(b":")?;
        let second = rest.number(2)? as u8;
        let microsecond = match rest.one_of(b".") {
            Ok(_) => rest.fraction()?,
            Err(NotADateTime) => 0,
        };
        let zone = match rest.one_of(b"Z+-") {
            Err(NotADateTime) => None,
            Ok(b'Z') => Some(0),
            Ok(sign) => {
                let hours = rest.number(2)?;
                let _ = rest.one_of(b":");
                let minutes = rest.number(2)?;
                if hours > 23 || minutes > 59 {
                    return Err(NotADateTime);
                }
                let ahead = (hours * 60 + minutes) as i16;
                Some(if sign == b'-' { -ahead } else { ahead })
            }
        };
        let exists = rest.0.is_empty()
            && (1..=days(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !exists {
            return Err(NotADateTime);
        }
        Ok(DateTime {
            year,
            month,
            day,
            hour,
            minute,
            second,
            microsecond,
            zone,
        })
    }
}

/// As Zephyr writes it, with six digits of fraction; without a zone if there is none.
impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}",
            self.year, self.month, self.day, self.hour, self.minute, self.second, self.microsecond,
        )?;
        if let Some(zone) = self.zone {
            let sign = if zone < 0 { '-' } else { '+' };
            let ahead = zone.unsigned_abs();
            write!(f, "{sign}{:02}:{:02}", ahead / 60, ahead % 60)?;
        }
        Ok(())
    }
}

/// Days of a month, 0 if there is no such month.
fn days(year: u16, month: u8) -> u8 {
    let leap = if year.is_multiple_of(100) {
        year.is_multiple_of(400)
    } else {
        year.is_multiple_of(4)
    };
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    }
}

/// The rest of a text.
struct Digits<'a>(&'a [u8]);

impl Digits<'_> {
    fn one_of(&mut self, characters: &[u8]) -> Result<u8, NotADateTime> {
        match self.0.split_first() {
            Some((first, rest)) if characters.contains(first) => {
                self.0 = rest;
                Ok(*first)
            }
            _ => Err(NotADateTime),
        }
    }

    fn digit(&mut self) -> Result<u8, NotADateTime> {
        Ok(self.one_of(b"0123456789")? - b'0')
    }

    /// Exactly so many digits, at most four.
    fn number(&mut self, digits: u8) -> Result<u16, NotADateTime> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 10 + u16::from(self.digit()?);
        }
        Ok(number)
    }

    /// One to nine digits after the point, in microseconds.
    fn fraction(&mut self) -> Result<u32, NotADateTime> {
        let mut fraction = 0;
        let mut unit = 100_000;
        for position in 0..9 {
            match self.digit() {
                Ok(digit) => fraction += unit * u32::from(digit),
                Err(_) if position > 0 => break,
                Err(error) => return Err(error),
            }
            unit /= 10;
        }
        Ok(fraction)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn what_clients_send() {
        let plain = DateTime {
            year: 2026,
            month: 11,
            day: 22,
            hour: 9,
            minute: 58,
            second: 55,
            microsecond: 290_000,
            zone: None,
        };
        // mcumgrctl, with and without a fraction.
        assert_eq!(DateTime::parse("2026-11-22T09:58:55.290"), Ok(plain));
        let whole = DateTime {
            microsecond: 0,
            ..plain
        };
        assert_eq!(DateTime::parse("2026-11-22T09:58:55"), Ok(whole));
        // Zephyr's own form; RFC 3339 as the Go client has it; UTC.
        for (text, zone) in [
            ("2026-11-22T09:58:55.290000+0100", 60),
            ("2026-11-22T09:58:55.29-08:00", -480),
            ("2026-11-22 09:58:55.290000999Z", 0),
        ] {
            let zoned = DateTime {
                zone: Some(zone),
                ..plain
            };
            assert_eq!(DateTime::parse(text), Ok(zoned), "{text}");
        }
    }

    #[test]
    fn what_does_not_exist() {
        for text in [
            "",
            "now",
            "2026-11-22",
            "2026-11-22T09:58",
            "2026-11-22T09:58:55.",
            "2026-11-22T09:58:55.1234567890",
            "2026-11-22T09:58:55 ",
            "2026-11-22T09:58:55+1",
            "2026-11-22T09:58:55+24:00",
            "2026-11-22T24:00:00",
            "2026-11-22T09:60:00",
            "2026-11-22T09:58:60",
            "2026-00-22T09:58:55",
            "2026-13-22T09:58:55",
            "2026-11-31T09:58:55",
            "2026-02-29T09:58:55",
            "2100-02-29T09:58:55",
            "+026-11-22T09:58:55",
        ] {
            assert_eq!(DateTime::parse(text), Err(NotADateTime), "{text}");
        }
        assert!(DateTime::parse("2024-02-29T00:00:00").is_ok());
        assert!(DateTime::parse("2000-02-29T00:00:00").is_ok());
    }

    #[test]
    fn written_and_read_again() {
        for text in [
            "0000-01-01T00:00:00.000000",
            "2026-11-22T09:58:55.290001-00:30",
            "9999-12-31T23:59:59.999999+23:59",
        ] {
            assert_eq!(DateTime::parse(text).unwrap().to_string(), text);
        }
    }
}
