//! Base64 with the usual alphabet and padding, four characters at a time.
//!
//! Four characters hold three bytes, so neither direction needs more memory than that.
//!
//! Source: RFC 4648, section 4.

/// Four characters for one to three bytes; fewer than three are padded with `=`.
pub fn encode(bytes: &[u8]) -> [u8; 4] {
    let at = |index: usize| u32::from(bytes.get(index).copied().unwrap_or(0));
    let bits = at(0) << 16 | at(1) << 8 | at(2);
    let mut quad = [18, 12, 6, 0].map(|shift| ALPHABET[(bits >> shift) as usize & 63]);
    for padded in quad.iter_mut().skip(bytes.len() + 1) {
        *padded = b'=';
    }
    quad
}

/// One to three bytes from four characters; none if they are not Base64.
pub fn decode(quad: [u8; 4]) -> Option<([u8; 3], usize)> {
    let padding = quad.iter().rev().take_while(|&&c| c == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bits = 0;
    for character in &quad[..4 - padding] {
        bits = bits << 6 | value(*character)?;
    }
    let [_, bytes @ ..] = (bits << (6 * padding)).to_be_bytes();
    Some((bytes, 3 - padding))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn value(character: u8) -> Option<u32> {
    Some(u32::from(match character {
        b'A'..=b'Z' => character - b'A',
        b'a'..=b'z' => character - b'a' + 26,
        b'0'..=b'9' => character - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    #[test]
    fn vectors_of_the_standard() {
        // RFC 4648, section 10.
        for (plain, coded) in [
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            let quads = plain.as_bytes().chunks(3).flat_map(encode);
            assert_eq!(String::from_utf8(quads.collect()).unwrap(), coded);
            let bytes: Vec<u8> = (coded.as_bytes().chunks(4))
                .flat_map(|quad| {
                    let (bytes, count) = decode(quad.try_into().unwrap()).unwrap();
                    bytes.into_iter().take(count)
                })
                .collect();
            assert_eq!(bytes, plain.as_bytes());
        }
    }

    #[test]
    fn refuses_what_is_not_base64() {
        for quad in [
            b"A===", b"====", b"A=BC", b"A B ", b"AB-_", b"=ABC", b"AB=C",
        ] {
            assert_eq!(decode(*quad), None, "{quad:?}");
        }
    }
}
