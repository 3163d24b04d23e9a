//! A short text that lives where its value lives: no allocation, copied like a number.

use core::fmt;

/// Bytes of UTF-8 that a [`ShortText`] can hold.
pub const SHORT_TEXT: usize = 160;

/// At most [`SHORT_TEXT`] bytes of UTF-8 on one line.
///
/// Free of control characters and of space at either end, so that it can be printed on a line and
/// read back as it was.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ShortText {
    bytes: [u8; SHORT_TEXT],
    length: u8,
}

/// Why a text is not a [`ShortText`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextError {
    /// More bytes than there is room for: say it shorter.
    TooLong,
    /// A control character, such as a line break or a tabulator: write it on one line.
    Control,
}

impl ShortText {
    /// No text.
    pub const EMPTY: ShortText = ShortText {
        bytes: [0; SHORT_TEXT],
        length: 0,
    };

    /// A text that was written into the program.
    ///
    /// # Panics
    ///
    /// At compile time, when it does not fit; to be used in constants only.
    pub(crate) const fn constant(text: &str) -> ShortText {
        let from = text.as_bytes();
        assert!(from.len() <= SHORT_TEXT, "the text is too long");
        let mut bytes = [0; SHORT_TEXT];
        let mut index = 0;
        while index < from.len() {
            bytes[index] = from[index];
            index += 1;
        }
        ShortText {
            bytes,
            length: from.len() as u8,
        }
    }

    /// The text without the space around it, if it has at most `most` bytes and no control characters.
    pub fn new(text: &str, most: usize) -> Result<ShortText, TextError> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err(TextError::Control);
        }
        if text.len() > most.min(SHORT_TEXT) {
            return Err(TextError::TooLong);
        }
        let mut short = ShortText::EMPTY;
        for (to, from) in short.bytes.iter_mut().zip(text.bytes()) {
            *to = from;
        }
        short.length = text.len() as u8;
        Ok(short)
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        let used = self.bytes.get(..usize::from(self.length));
        // Only whole characters are ever put in.
        used.and_then(|bytes| core::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }
}

impl fmt::Display for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ShortText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn space_around_it_goes_and_control_characters_are_refused() {
        assert_eq!(ShortText::new("  a b\r\n", 10).unwrap().as_str(), "a b");
        assert_eq!(ShortText::new("a\nb", 10), Err(TextError::Control));
        assert_eq!(ShortText::new("Größe", 6), Err(TextError::TooLong));
        assert_eq!(ShortText::new("Größe", 7).unwrap().to_string(), "Größe");
        assert_eq!(
            ShortText::new(&"x".repeat(SHORT_TEXT + 1), 999),
            Err(TextError::TooLong)
        );
    }
}
