//! Payloads: maps in CBOR, read where they lie and written where they go.
//!
//! Reading yields key and value; the value is the still encoded item, and asking it for a number,
//! a text or a list decodes it. Keys nobody asks for cost nothing, so clients may be newer than we
//! are. Maps and lists may be of definite or indefinite length. Text and byte strings must be of
//! definite length, because they are borrowed in one piece; all clients send them so.
//!
//! Nothing may be nested deeper than [`DEPTH`]: skipping recurses.
//!
//! Source: RFC 8949.

use cbor4ii::core::dec::{self, Decode, IgnoredAny, Read, Reference, is_break};
use cbor4ii::core::enc::{self, Encode};
use cbor4ii::core::{marker, types};
use core::convert::Infallible;
use core::fmt;

/// How many maps and lists may lie within each other.
pub const DEPTH: u8 = 8;

/// Not CBOR, or not of the type that was expected.
///
/// The client is to be told [`Status::InvalidValue`](crate::Status::InvalidValue).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// The reply does not fit its buffer.
///
/// The client is to be told [`Status::TooLarge`](crate::Status::TooLarge).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reply does not fit its buffer")
    }
}

impl core::error::Error for Full {}

impl From<enc::Error<Full>> for Full {
    fn from(_: enc::Error<Full>) -> Full {
        Full
    }
}

impl From<dec::Error<Infallible>> for Malformed {
    fn from(_: dec::Error<Infallible>) -> Malformed {
        Malformed
    }
}

/// Encoded bytes with a bound on nesting.
#[derive(Clone, Debug)]
struct Source<'a> {
    bytes: &'a [u8],
    depth: u8,
}

impl<'a> Source<'a> {
    fn new(bytes: &'a [u8]) -> Source<'a> {
        Source {
            bytes,
            depth: DEPTH,
        }
    }

    /// The next item, still encoded.
    fn item(&mut self) -> Result<Value<'a>, Malformed> {
        let before = self.bytes;
        IgnoredAny::decode(self)?;
        let length = before.len() - self.bytes.len();
        before.get(..length).map(Value).ok_or(Malformed)
    }
}

impl<'a> Read<'a> for Source<'a> {
    type Error = Infallible;

    fn fill<'short>(&'short mut self, want: usize) -> Result<Reference<'a, 'short>, Infallible> {
        Ok(Reference::Long(
            self.bytes.get(..want).unwrap_or(self.bytes),
        ))
    }

    fn advance(&mut self, count: usize) {
        self.bytes = self.bytes.get(count..).unwrap_or_default();
    }

    fn step_in(&mut self) -> bool {
        self.depth = match self.depth.checked_sub(1) {
            Some(depth) => depth,
            None => return false,
        };
        true
    }

    fn step_out(&mut self) {
        self.depth += 1;
    }
}

/// Items of a list, or keys and values of a map, in turn.
#[derive(Clone, Debug)]
struct Items<'a> {
    source: Source<'a>,
    /// Items that are left; none if a break ends them.
    left: Option<usize>,
    done: bool,
}

impl<'a> Items<'a> {
    fn next(&mut self) -> Result<Option<Value<'a>>, Malformed> {
        if self.done {
            return Ok(None);
        }
        let more = match &mut self.left {
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
            None => !is_break(&mut self.source)?,
        };
        if !more {
            self.done = true;
            return Ok(None);
        }
        self.source.item().map(Some)
    }
}

/// A payload's keys and values.
#[derive(Clone, Debug)]
pub struct Map<'a>(Items<'a>);

impl<'a> Map<'a> {
    /// The map that a payload begins with; no payload at all is an empty map.
    ///
    /// What follows the map is left alone, as other servers do.
    ///
    /// # Errors
    /// [`Malformed`] if it does not begin with a map.
    pub fn new(payload: &'a [u8]) -> Result<Map<'a>, Malformed> {
        let mut source = Source::new(payload);
        let left = if payload.is_empty() {
            Some(0)
        } else {
            match types::Map::len(&mut source)? {
                Some(pairs) => Some(pairs.checked_mul(2).ok_or(Malformed)?),
                None => None,
            }
        };
        Ok(Map(Items {
            source,
            left,
            done: false,
        }))
    }

    /// The next key that is text, with its value; none at the end of the map.
    ///
    /// Keys of other types are skipped, and so are keys whose value is null or undefined: some
    /// clients send those for what others leave out.
    ///
    /// # Errors
    /// [`Malformed`] if the payload is not CBOR here, ends too early or is nested too deeply.
    pub fn next_entry(&mut self) -> Result<Option<(&'a str, Value<'a>)>, Malformed> {
        while let Some(key) = self.0.next()? {
            let value = self.0.next()?.ok_or(Malformed)?;
            let absent = matches!(value.0, [marker::NULL | marker::UNDEFINED]);
            if let (Ok(key), false) = (key.text(), absent) {
                return Ok(Some((key, value)));
            }
        }
        Ok(None)
    }
}

/// One item, still encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Value<'a>(&'a [u8]);

impl<'a> Value<'a> {
    /// A text string.
    ///
    /// # Errors
    /// [`Malformed`] if it is something else, of indefinite length or not UTF-8.
    pub fn text(self) -> Result<&'a str, Malformed> {
        Ok(<&str>::decode(&mut Source::new(self.0))?)
    }

    /// A byte string; a text string counts as its bytes.
    ///
    /// Some clients send settings and data as text, so both are right wherever bytes are.
    ///
    /// # Errors
    /// [`Malformed`] if it is something else or of indefinite length.
    pub fn bytes(self) -> Result<&'a [u8], Malformed> {
        let mut source = Source::new(self.0);
        match types::Bytes::<&[u8]>::decode(&mut source) {
            Ok(types::Bytes(bytes)) => Ok(bytes),
            Err(_) => self.text().map(str::as_bytes),
        }
    }

    /// An unsigned number.
    ///
    /// # Errors
    /// [`Malformed`] if it is something else or beyond `T`.
    pub fn unsigned<T: TryFrom<u64>>(self) -> Result<T, Malformed> {
        T::try_from(u64::decode(&mut Source::new(self.0))?).map_err(|_| Malformed)
    }

    /// A truth value; a number counts as true unless it is 0.
    ///
    /// Clients disagree on which of the two a flag is.
    ///
    /// # Errors
    /// [`Malformed`] if it is something else.
    pub fn flag(self) -> Result<bool, Malformed> {
        match bool::decode(&mut Source::new(self.0)) {
            Ok(flag) => Ok(flag),
            Err(_) => self.unsigned::<u64>().map(|number| number != 0),
        }
    }

    /// A list.
    ///
    /// # Errors
    /// [`Malformed`] if it is something else.
    pub fn list(self) -> Result<List<'a>, Malformed> {
        let mut source = Source::new(self.0);
        let left = types::Array::len(&mut source)?;
        Ok(List(Items {
            source,
            left,
            done: false,
        }))
    }
}

/// The items of a list.
#[derive(Clone, Debug)]
pub struct List<'a>(Items<'a>);

impl<'a> Iterator for List<'a> {
    type Item = Value<'a>;

    // A list was walked through when it was cut out of its map, so it cannot be malformed.
    fn next(&mut self) -> Option<Value<'a>> {
        self.0.next().ok().flatten()
    }
}

/// Encodes a reply into a buffer.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    length: usize,
}

impl enc::Write for Writer<'_> {
    type Error = Full;

    fn push(&mut self, input: &[u8]) -> Result<(), Full> {
        let end = self.length.checked_add(input.len()).ok_or(Full)?;
        let room = self.buffer.get_mut(self.length..end).ok_or(Full)?;
        room.copy_from_slice(input);
        self.length = end;
        Ok(())
    }
}

impl<'b> Writer<'b> {
    /// Writes to the start of `buffer`.
    pub fn new(buffer: &'b mut [u8]) -> Writer<'b> {
        Writer { buffer, length: 0 }
    }

    /// What has been written.
    pub fn written(self) -> &'b mut [u8] {
        let length = self.length;
        self.buffer.get_mut(..length).unwrap_or_default()
    }

    /// Begins a map of so many keys; they and their values come next.
    ///
    /// # Errors
    /// [`Full`], as for all that follow.
    pub fn map(&mut self, pairs: usize) -> Result<(), Full> {
        Ok(types::Map::bounded(pairs, self)?)
    }

    /// Begins a map whose size is not known; [`end`](Writer::end) ends it.
    pub fn open_map(&mut self) -> Result<(), Full> {
        Ok(types::Map::unbounded(self)?)
    }

    /// Begins a list whose size is not known; [`end`](Writer::end) ends it.
    pub fn open_list(&mut self) -> Result<(), Full> {
        Ok(types::Array::unbounded(self)?)
    }

    /// Ends what was begun without a size.
    pub fn end(&mut self) -> Result<(), Full> {
        Ok(types::Map::end(self)?)
    }

    /// A text string, as key or value.
    pub fn text(&mut self, text: &str) -> Result<(), Full> {
        Ok(text.encode(self)?)
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) -> Result<(), Full> {
        Ok(types::Bytes(bytes).encode(self)?)
    }

    /// An unsigned number.
    pub fn unsigned(&mut self, number: impl Into<u64>) -> Result<(), Full> {
        Ok(number.into().encode(self)?)
    }

    /// A number.
    pub fn integer(&mut self, number: impl Into<i64>) -> Result<(), Full> {
        Ok(number.into().encode(self)?)
    }

    /// A truth value.
    pub fn boolean(&mut self, value: bool) -> Result<(), Full> {
        Ok(value.encode(self)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn entries(payload: &[u8]) -> Result<Vec<(&str, Value<'_>)>, Malformed> {
        let mut map = Map::new(payload)?;
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }

    #[test]
    fn definite_and_indefinite_maps() {
        let definite = b"\xa2\x61a\x01\x61b\x41x";
        let indefinite = b"\xbf\x61a\x01\x61b\x41x\xff";
        for payload in [&definite[..], indefinite] {
            let entries = entries(payload).unwrap();
            assert_eq!(entries.len(), 2);
            assert_eq!(entries[0].0, "a");
            assert_eq!(entries[0].1.unsigned(), Ok(1u8));
            assert_eq!(entries[1].0, "b");
            assert_eq!(entries[1].1.bytes(), Ok(&b"x"[..]));
        }
        assert_eq!(entries(b""), Ok(Vec::new()));
        assert_eq!(entries(b"\xa0"), Ok(Vec::new()));
        assert_eq!(entries(b"\xbf\xff"), Ok(Vec::new()));
    }

    #[test]
    fn skips_what_it_does_not_know() {
        // A key that is a number, then values of every kind: negative, half, tag, nested, null,
        // text of indefinite length.
        let payload = b"\xa7\x01\x02\x61a\x29\x61b\xf9\x3c\x00\x61c\xc1\x1a\x00\x00\x00\x00\
            \x61d\x9f\xa1\x61x\x80\xff\x61e\xf6\x61f\x7f\x61x\x61y\xff";
        let keys: Vec<&str> = entries(payload).unwrap().iter().map(|e| e.0).collect();
        // The null of "e" is as good as no key.
        assert_eq!(keys, ["a", "b", "c", "d", "f"]);
        assert_eq!(entries(payload).unwrap()[4].1.text(), Err(Malformed));
    }

    #[test]
    fn refuses_what_is_cut_off_or_no_map() {
        let whole = b"\xa2\x61a\x19\x01\x02\x61b\x82\x01\x02";
        assert!(entries(whole).is_ok());
        for length in 1..whole.len() {
            assert_eq!(entries(&whole[..length]), Err(Malformed), "{length} bytes");
        }
        assert_eq!(entries(b"\x80"), Err(Malformed));
        assert_eq!(entries(b"\xff"), Err(Malformed));
        // A map of 2^63 pairs, a string of 2^64-1 bytes.
        assert_eq!(entries(b"\xbb\x80\0\0\0\0\0\0\0"), Err(Malformed));
        assert_eq!(
            entries(b"\xa1\x61a\x5b\xff\xff\xff\xff\xff\xff\xff\xff"),
            Err(Malformed)
        );
        // An odd number of items in an indefinite map.
        assert_eq!(entries(b"\xbf\x61a\xff"), Err(Malformed));
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |depth: usize| {
            let mut payload = b"\xa1\x61a".to_vec();
            payload.extend(std::iter::repeat_n(0x81, depth));
            payload.push(0);
            payload
        };
        let deepest = usize::from(DEPTH) - 1;
        assert!(entries(&nested(deepest)).is_ok());
        assert_eq!(entries(&nested(deepest + 1)), Err(Malformed));
        assert_eq!(entries(&nested(100_000)), Err(Malformed));
        // The bound is on depth: any number side by side is fine.
        let mut wide = b"\xa1\x61a\x98\xff".to_vec();
        wide.extend([0x81, 0].repeat(255));
        assert!(entries(&wide).is_ok());
    }

    #[test]
    fn numbers_stop_at_the_type() {
        let value = Value(b"\x19\x01\x00");
        assert_eq!(value.unsigned(), Ok(256u16));
        assert_eq!(value.unsigned::<u8>(), Err(Malformed));
        assert_eq!(Value(b"\x20").unsigned::<u8>(), Err(Malformed));
        let flags = [0xf4, 0xf5, 0x00, 0x01].map(|byte| Value(&[byte]).flag());
        assert_eq!(flags, [Ok(false), Ok(true), Ok(false), Ok(true)]);
        assert_eq!(Value(b"\xf6").flag(), Err(Malformed));
    }

    #[test]
    fn a_full_buffer_is_an_error() {
        let mut buffer = [0; 5];
        let mut writer = Writer::new(&mut buffer);
        writer.map(1).unwrap();
        writer.text("abc").unwrap();
        assert_eq!(writer.unsigned(1u8), Err(Full));
        assert_eq!(writer.written(), b"\xa1\x63abc");
    }
}
