//! The words of a text line: a command and what it is to work on.
//!
//! ```text
//! brightness 70
//! brightness=70
//! set title "A lady, \"Lisa\""
//! ```
//!
//! Words are separated by spaces, tabs and `=`, any number of them: people, AV controllers and shell
//! habits disagree, and nothing is lost by letting each have its way. A word in double quotes
//! may hold all of these, and is what it takes for an empty word. Within quotes `\"`, `\\`, `\n`, `\r`
//! and `\t` stand for the quote, the backslash, line feed, return and tab; outside, a backslash is a
//! backslash. Nothing is copied: a [`Word`] undoes its escapes as it is read.
//!
//! [`Quoted`] writes a word so that it reads back as the same.

use core::fmt;
use heapless::Vec;

/// What is wrong with a line; the number is what the answer states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LineError {
    /// 1: longer than the buffer. Send less in one line.
    TooLong = 1,
    /// 2: control characters, or not UTF-8. Check the rate; edit lines only after `terminal on`.
    NotText = 2,
    /// 3: a quote was opened and not closed.
    OpenQuote = 3,
    /// 4: none of the escapes `\"`, `\\`, `\n`, `\r`, `\t`.
    UnknownEscape = 4,
    /// 5: a quote within a word. Quote the whole word, and write `\"` within.
    QuoteInWord = 5,
    /// 6: more words than any command takes.
    TooManyWords = 6,
}

impl LineError {
    /// The number in the answer.
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The words in the answer.
    pub const fn message(self) -> &'static str {
        match self {
            LineError::TooLong => "line too long",
            LineError::NotText => "not text",
            LineError::OpenQuote => "quote not closed",
            LineError::UnknownEscape => "unknown escape",
            LineError::QuoteInWord => "quote within a word",
            LineError::TooManyWords => "too many words",
        }
    }
}

/// One word of a line.
#[derive(Clone, Copy, Debug)]
pub struct Word<'a> {
    /// As it stands in the line, without the quotes around it.
    raw: &'a str,
    /// Escapes are to be undone.
    quoted: bool,
}

impl<'a> Word<'a> {
    /// Its characters, escapes undone.
    pub fn characters(self) -> impl Iterator<Item = char> + use<'a> {
        let mut raw = self.raw.chars();
        core::iter::from_fn(move || match raw.next()? {
            '\\' if self.quoted => raw.next().map(|escape| unescape(escape).unwrap_or(escape)),
            character => Some(character),
        })
    }

    /// The word as it stands in the line; none if it holds escapes.
    pub fn plain(self) -> Option<&'a str> {
        (!self.quoted || !self.raw.contains('\\')).then_some(self.raw)
    }

    /// A copy of the word; none if it has more than `N` bytes.
    pub fn copy<const N: usize>(self) -> Option<heapless::String<N>> {
        let mut copy = heapless::String::new();
        for character in self.characters() {
            copy.push(character).ok()?;
        }
        Some(copy)
    }
}

impl PartialEq<str> for Word<'_> {
    fn eq(&self, other: &str) -> bool {
        self.characters().eq(other.chars())
    }
}

impl PartialEq<&str> for Word<'_> {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

/// The words of a line, at most `N`; none for a line of separators.
///
/// # Errors
/// [`LineError`], but neither `TooLong` nor `NotText`: such lines do not come this far.
pub fn words<const N: usize>(line: &str) -> Result<Vec<Word<'_>, N>, LineError> {
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches(is_separator);
    while !rest.is_empty() {
        let word = match rest.strip_prefix('"') {
            Some(quoted) => {
                let end = closing_quote(quoted)?;
                let (raw, after) = quoted.split_at(end);
                rest = after.strip_prefix('"').unwrap_or(after);
                if !rest.is_empty() && !rest.starts_with(is_separator) {
                    return Err(LineError::QuoteInWord);
                }
                Word { raw, quoted: true }
            }
            None => {
                let end = rest.find(is_separator).unwrap_or(rest.len());
                let (raw, after) = rest.split_at(end);
                rest = after;
                if raw.contains('"') {
                    return Err(LineError::QuoteInWord);
                }
                Word { raw, quoted: false }
            }
        };
        words.push(word).map_err(|_| LineError::TooManyWords)?;
        rest = rest.trim_start_matches(is_separator);
    }
    Ok(words)
}

fn is_separator(character: char) -> bool {
    matches!(character, ' ' | '\t' | '=')
}

/// Where the quote ends, escapes checked on the way.
fn closing_quote(quoted: &str) -> Result<usize, LineError> {
    let mut characters = quoted.char_indices();
    while let Some((index, character)) = characters.next() {
        match character {
            '"' => return Ok(index),
            '\\' => {
                let (_, escape) = characters.next().ok_or(LineError::OpenQuote)?;
                unescape(escape).ok_or(LineError::UnknownEscape)?;
            }
            _ => {}
        }
    }
    Err(LineError::OpenQuote)
}

fn unescape(character: char) -> Option<char> {
    Some(match character {
        '"' => '"',
        '\\' => '\\',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => return None,
    })
}

/// Writes a text as one word of a line, in quotes if it needs them.
///
/// Control characters that have no escape become U+FFFD: they must not reach a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let special = |c: char| is_separator(c) || c == '"' || c.is_control();
        if !self.0.is_empty() && !self.0.contains(special) {
            return f.write_str(self.0);
        }
        f.write_str("\"")?;
        for character in self.0.chars() {
            match character {
                '"' => f.write_str("\\\""),
                '\\' => f.write_str("\\\\"),
                '\n' => f.write_str("\\n"),
                '\r' => f.write_str("\\r"),
                '\t' => f.write_str("\\t"),
                control if control.is_control() => f.write_str("\u{fffd}"),
                other => fmt::Write::write_char(f, other),
            }?;
        }
        f.write_str("\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::string::{String, ToString};
    use std::vec::Vec as List;

    fn split(line: &str) -> Result<List<String>, LineError> {
        let words = words::<4>(line)?;
        Ok(words
            .iter()
            .map(|word| word.characters().collect())
            .collect())
    }

    #[test]
    fn separators() {
        for line in [
            "brightness 70",
            "brightness=70",
            " brightness\t=  70 ",
            "\"brightness\" \"70\"",
        ] {
            assert_eq!(split(line).unwrap(), ["brightness", "70"], "{line}");
        }
        assert_eq!(split("brightness=?").unwrap(), ["brightness", "?"]);
        assert_eq!(split("").unwrap(), List::<String>::new());
        assert_eq!(split(" =\t").unwrap(), List::<String>::new());
    }

    #[test]
    fn quotes_and_escapes() {
        assert_eq!(
            split(r#"title "A = \"b\" \\ \n\r\t""#).unwrap()[1],
            "A = \"b\" \\ \n\r\t"
        );
        assert_eq!(split(r#"title """#).unwrap(), ["title", ""]);
        assert_eq!(split(r"path C:\new").unwrap(), ["path", r"C:\new"]);
        let both = words::<4>(r#"plain "a b" "a\nb""#).unwrap();
        let plain: List<_> = both.iter().map(|word| word.plain()).collect();
        assert_eq!(plain, [Some("plain"), Some("a b"), None]);
        assert!(both[2] == "a\nb" && both[0] != "plai");
        assert_eq!(both[2].copy::<3>().unwrap(), "a\nb");
        assert_eq!(both[2].copy::<2>(), None);
    }

    #[test]
    fn errors_by_number() {
        for (line, error, number) in [
            (r#"a "b"#, LineError::OpenQuote, 3),
            (r#"a "b\"#, LineError::OpenQuote, 3),
            (r#"a "b\"  "#, LineError::OpenQuote, 3),
            (r#"a "\q""#, LineError::UnknownEscape, 4),
            (r#"a b"c""#, LineError::QuoteInWord, 5),
            (r#"a "b"c"#, LineError::QuoteInWord, 5),
            ("a b c d e", LineError::TooManyWords, 6),
        ] {
            assert_eq!(split(line), Err(error), "{line}");
            assert_eq!(error.number(), number);
        }
    }

    #[test]
    fn bare_unless_it_must_be_quoted() {
        for (text, word) in [
            ("70", "70"),
            (r"C:\", r"C:\"),
            ("", r#""""#),
            ("a b", r#""a b""#),
            ("a\"\\\n", r#""a\"\\\n""#),
            ("\u{1b}[2J", "\"\u{fffd}[2J\""),
        ] {
            assert_eq!(Quoted(text).to_string(), word);
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_reads_back(texts in prop::collection::vec("[ -~\n\r\täß€=\"\\\\]{0,9}", 0..5)) {
            let line: List<String> = texts.iter().map(|text| Quoted(text).to_string()).collect();
            match split(&line.join(" ")) {
                Ok(words) => prop_assert_eq!(words, texts),
                Err(error) => {
                    prop_assert!(texts.len() > 4);
                    prop_assert_eq!(error, LineError::TooManyWords);
                }
            }
        }

        #[test]
        fn any_line_is_words_or_an_error(line in "\\PC{0,40}") {
            let _ = split(&line);
        }
    }
}
