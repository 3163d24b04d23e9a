//! Whole numbers of few bytes: seven bits a byte, the lowest first, the top bit set where more follow.
//!
//! As LEB128 and Protocol Buffers write them. Signed numbers are folded first (0, -1, 1, -2, … become 0, 1, 2, 3, …). There
//! is one way only to write a number: what is longer than it must be is refused.

/// Appends `value`.
pub(crate) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed value.
pub(crate) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, (value << 1 ^ value >> 63) as u64);
}

/// Takes a value off the front; none when the bytes end first or are no number.
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            return None;
        }
        value |= bits << shift;
        if byte < 0x80 {
            return (byte != 0 || shift == 0).then_some(value);
        }
    }
    None
}

/// Takes a signed value off the front.
pub(crate) fn take_signed(bytes: &mut &[u8]) -> Option<i64> {
    let folded = take(bytes)?;
    Some((folded >> 1) as i64 ^ -((folded & 1) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_numbers_take_a_byte() {
        for (value, wanted) in [(0, 0u8), (-1, 1), (1, 2), (63, 126), (-64, 127)] {
            let mut out = Vec::new();
            put_signed(&mut out, value);
            assert_eq!(out, [wanted]);
        }
    }

    #[test]
    fn there_is_one_way_to_write_a_number() {
        assert_eq!(take(&mut &[0x80, 0x00][..]), None);
        assert_eq!(take(&mut &[0x80][..]), None);
        assert_eq!(take(&mut &[0xff; 11][..]), None);
    }

    proptest! {
        #[test]
        fn written_and_read_back(value: i64) {
            let mut out = Vec::new();
            put_signed(&mut out, value);
            prop_assert!(out.len() <= 10);
            let mut rest = &out[..];
            prop_assert_eq!(take_signed(&mut rest), Some(value));
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn any_bytes_read_as_they_would_be_written(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut rest = &bytes[..];
            if let Some(value) = take(&mut rest) {
                let mut out = Vec::new();
                put(&mut out, value);
                prop_assert_eq!(&out[..], &bytes[..bytes.len() - rest.len()]);
            }
        }
    }
}
