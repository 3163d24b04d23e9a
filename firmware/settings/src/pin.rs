//! The technician's PIN, kept so that it can be checked but not read.
//!
//! What is kept is a *verifier*: a salt and a key derived from both by PBKDF2 with HMAC-SHA-256
//! ([RFC 8018]). A PIN of a few digits can always be found by trying all of them on a stolen board; the
//! many rounds make it take a while, and the salt makes each board a search of its own.
//!
//! [RFC 8018]: https://www.rfc-editor.org/rfc/rfc8018

use core::fmt;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// Bytes of salt in a verifier.
pub const SALT: usize = 16;

/// Bytes of key in a verifier, and of a response.
pub const KEY: usize = 32;

/// Bytes of a challenge.
pub const CHALLENGE: usize = 16;

/// Rounds of PBKDF2: some milliseconds on a small board, paid once a session.
const ROUNDS: u32 = 10_000;

/// What a PIN is checked against.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Verifier {
    salt: [u8; SALT],
    key: [u8; KEY],
}

/// This is no PIN: it has 4 to 12 digits and nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPin;

impl fmt::Display for NotAPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a PIN has 4 to 12 digits")
    }
}

impl core::error::Error for NotAPin {}

/// What somebody who knows the PIN is asked: `salt:number` in hexadecimal.
///
/// The PIN does not go over the line. A number must be new each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Challenge {
    salt: [u8; SALT],
    number: [u8; CHALLENGE],
}

/// The answer to a challenge: the HMAC of its number with the verifier's key, in hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response([u8; KEY]);

impl Challenge {
    /// Reads what is printed.
    pub fn parse(text: &str) -> Option<Challenge> {
        let (salt, number) = text.split_once(':')?;
        Some(Challenge {
            salt: bytes(salt)?,
            number: bytes(number)?,
        })
    }

    /// What somebody with this PIN answers.
    pub fn answer(&self, pin: &str) -> Response {
        Response(respond(&derive(pin, &self.salt), &self.number).unwrap_or_default())
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.salt, f)?;
        f.write_str(":")?;
        hex(&self.number, f)
    }
}

impl fmt::Display for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// An HMAC takes keys of any length: there is always one.
fn respond(key: &[u8; KEY], challenge: &[u8; CHALLENGE]) -> Option<[u8; KEY]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(challenge);
    Some(mac.finalize().into_bytes().into())
}

fn derive(pin: &str, salt: &[u8; SALT]) -> [u8; KEY] {
    pbkdf2::pbkdf2_hmac_array::<Sha256, KEY>(pin.as_bytes(), salt, ROUNDS)
}

impl Verifier {
    /// The verifier of a PIN of 4 to 12 digits. `salt` must be random: take it from the system.
    pub fn new(pin: &str, salt: [u8; SALT]) -> Result<Verifier, NotAPin> {
        let digits = pin.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !(4..=12).contains(&pin.len()) {
            return Err(NotAPin);
        }
        let key = derive(pin, &salt);
        Ok(Verifier { salt, key })
    }

    /// The challenge with this number, which must be random.
    pub fn challenge(&self, number: [u8; CHALLENGE]) -> Challenge {
        Challenge {
            salt: self.salt,
            number,
        }
    }

    /// Whether this is the answer to the challenge with this number by somebody who knows the PIN.
    pub fn accepts(&self, number: &[u8; CHALLENGE], given: &str) -> bool {
        bytes::<KEY>(given).is_some_and(|given| respond(&self.key, number) == Some(given))
    }

    /// Reads what [`Verifier::write`] wrote.
    pub(crate) fn parse(text: &str) -> Option<Verifier> {
        let (salt, key) = text.split_once(':')?;
        Some(Verifier {
            salt: bytes(salt)?,
            key: bytes(key)?,
        })
    }

    /// Writes salt and key in hexadecimal; for the record only.
    pub(crate) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.salt, f)?;
        f.write_str(":")?;
        hex(&self.key, f)
    }
}

/// Hides salt and key: what is logged by mistake gives nothing away.
impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifier(hidden)")
    }
}

fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        if let [high, low] = *pair {
            *byte = digit(high)? << 4 | digit(low)?;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;
    use std::string::ToString;

    impl Verifier {
        /// Whether somebody with this PIN is let in.
        pub(crate) fn admits(&self, pin: &str) -> bool {
            let number = [9; CHALLENGE];
            self.accepts(&number, &self.challenge(number).answer(pin).to_string())
        }
    }

    struct Stored(Verifier);

    impl fmt::Display for Stored {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.write(f)
        }
    }

    #[test]
    fn the_right_pin_and_no_other() {
        let verifier = Verifier::new("4711", [7; SALT]).unwrap();
        assert!(verifier.admits("4711"));
        for wrong in ["4712", "471", "47110", "", "4711 "] {
            assert!(!verifier.admits(wrong), "{wrong}");
        }
        assert_ne!(verifier, Verifier::new("4711", [8; SALT]).unwrap());
        for wrong in ["123", "1234567890123", "12a4", "١٢٣٤"] {
            assert_eq!(Verifier::new(wrong, [7; SALT]), Err(NotAPin), "{wrong}");
        }
    }

    #[test]
    fn the_key_is_what_other_programs_derive() {
        // Python: hashlib.pbkdf2_hmac("sha256", b"4711", bytes(range(16)), 10_000).hex()
        let salt = core::array::from_fn(|index| index as u8);
        let stored = Stored(Verifier::new("4711", salt).unwrap()).to_string();
        assert_eq!(
            stored,
            "000102030405060708090a0b0c0d0e0f:\
             eb589c6bd5ced4d25af661f865d678b1a0b0db14661697e5278966bca80b1e26"
        );
    }

    #[test]
    fn the_response_is_what_other_programs_compute() {
        // Python: hmac.new(hashlib.pbkdf2_hmac("sha256", b"4711", bytes(range(16)), 10_000),
        //                  bytes(16), "sha256").hexdigest()
        let salt = core::array::from_fn(|index| index as u8);
        let verifier = Verifier::new("4711", salt).unwrap();
        let given = verifier
            .challenge([0; CHALLENGE])
            .answer("4711")
            .to_string();
        assert_eq!(
            given,
            "2c4d609c981a2546bd36af5e2f0c4b4967d50b0dd4486c32ae3512f240a06c53"
        );
        assert!(verifier.accepts(&[0; CHALLENGE], &given));
        assert!(!verifier.accepts(&[1; CHALLENGE], &given));
        for wrong in ["", "00", &given[1..], &given.to_uppercase()] {
            assert!(!verifier.accepts(&[0; CHALLENGE], wrong), "{wrong}");
        }
    }

    #[test]
    fn stored_and_read_it_is_the_same_and_logs_tell_nothing() {
        let verifier = Verifier::new("0000", [0xa5; SALT]).unwrap();
        let stored = Stored(verifier).to_string();
        assert_eq!(Verifier::parse(&stored), Some(verifier));
        assert_eq!(Verifier::parse(&stored[1..]), None);
        assert_eq!(Verifier::parse(&stored.replace('a', "A")), None);
        assert_eq!(format!("{verifier:?}"), "Verifier(hidden)");
        let asked = verifier.challenge([3; CHALLENGE]);
        assert_eq!(Challenge::parse(&asked.to_string()), Some(asked));
        for wrong in ["", ":", "00:00", &asked.to_string()[1..]] {
            assert_eq!(Challenge::parse(wrong), None, "{wrong}");
        }
    }
}
