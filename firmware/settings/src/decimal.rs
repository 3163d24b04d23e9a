//! Decimal numbers kept as typed: whole hundredths or tenths, never a binary fraction.

use core::fmt;

/// `scaled` units of 10 to the power of minus `places`: `(150, 2)` is 1.50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    /// The number without its point.
    pub scaled: i32,
    /// Digits behind the point, at most 4.
    pub places: u8,
}

/// Why a text is not a decimal number of so many places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// It is not written like `-1.5`.
    NotANumber,
    /// More digits behind the point than are kept: round it.
    TooFine,
    /// It does not fit 32 bits; whatever the range, it is outside.
    TooLarge,
}

impl Decimal {
    /// The nearest `f32`.
    pub fn to_f32(self) -> f32 {
        self.scaled as f32 / 10i32.pow(u32::from(self.places.min(4))) as f32
    }

    /// Reads `-1.5`, `2`, `0.250`. Zeros behind the last place that is kept are allowed.
    pub fn parse(text: &str, places: u8) -> Result<Decimal, DecimalError> {
        let places = places.min(4);
        let (negative, digits) = match text.as_bytes() {
            [b'-', ..] => (true, &text[1..]),
            [b'+', ..] => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(DecimalError::NotANumber),
            None => (digits, ""),
        };
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(DecimalError::NotANumber);
        }
        let kept = usize::from(places);
        if fraction.bytes().skip(kept).any(|digit| digit != b'0') {
            return Err(DecimalError::TooFine);
        }
        let padded = fraction.bytes().chain(core::iter::repeat(b'0')).take(kept);
        let mut scaled = 0i32;
        for digit in whole.bytes().chain(padded) {
            let digit = i32::from(digit - b'0');
            scaled = scaled
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(digit))
                .ok_or(DecimalError::TooLarge)?;
        }
        Ok(Decimal {
            scaled: if negative { -scaled } else { scaled },
            places,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let one = 10u32.pow(u32::from(self.places.min(4)));
        let size = self.scaled.unsigned_abs();
        let sign = if self.scaled < 0 { "-" } else { "" };
        write!(f, "{sign}{}", size / one)?;
        if self.places > 0 {
            write!(
                f,
                ".{:0width$}",
                size % one,
                width = usize::from(self.places)
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::ToString;

    #[test]
    fn what_is_typed_is_what_is_kept() {
        let read = |text| Decimal::parse(text, 2).map(|decimal| decimal.scaled);
        assert_eq!(read("1.5"), Ok(150));
        assert_eq!(read("-0.25"), Ok(-25));
        assert_eq!(read("+007"), Ok(700));
        assert_eq!(read("1.500"), Ok(150));
        assert_eq!(read("1.501"), Err(DecimalError::TooFine));
        assert_eq!(read("21474836.48"), Err(DecimalError::TooLarge));
        for wrong in ["", "-", ".", "1.", ".5", "1,5", "1e3", "--1", "1 ", "٣"] {
            assert_eq!(read(wrong), Err(DecimalError::NotANumber), "{wrong}");
        }
        assert_eq!(
            Decimal {
                scaled: -5,
                places: 2
            }
            .to_string(),
            "-0.05"
        );
        assert_eq!(
            Decimal {
                scaled: 650,
                places: 1
            }
            .to_f32(),
            65.0
        );
    }

    proptest! {
        #[test]
        fn printed_and_read_it_is_the_same(scaled in -i32::MAX..=i32::MAX, places in 0u8..=4) {
            let decimal = Decimal { scaled, places };
            prop_assert_eq!(Decimal::parse(&decimal.to_string(), places), Ok(decimal));
        }
    }
}
