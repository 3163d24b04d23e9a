//! Looks at a file before it is decoded: nothing in it may ask for much more memory than it has bytes.
//!
//! Decoding turns a message of two bytes into a structure of hundreds. Counting messages first, by
//! walking over the bytes, keeps a damaged or hostile file from filling the memory.

use super::fault;
use crate::InferError;

/// The largest file: a generator has about a megabyte.
pub const MOST_BYTES: usize = 8 << 20;
/// The most messages, of all kinds together; a generator has about a thousand.
const MOST_MESSAGES: usize = 40_000;

/// A kind of message.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
    /// Text, or a message that is not looked into.
    Leaf,
}

/// What a field of a message is.
enum Field {
    /// Memory beyond its bytes: counted and looked into.
    Message(Kind),
    /// A whole graph, or a tensor where we have none.
    Foreign,
    /// As long as its bytes say.
    Plain,
}

impl Kind {
    fn field(self, number: u64) -> Field {
        match (self, number) {
            (Kind::Model, 7) => Field::Message(Kind::Graph),
            (Kind::Graph, 1) => Field::Message(Kind::Node),
            (Kind::Graph, 5) => Field::Message(Kind::Tensor),
            (Kind::Graph, 11..=13) => Field::Message(Kind::Value),
            (Kind::Node, 5) => Field::Message(Kind::Attribute),
            (Kind::Value, 2) => Field::Message(Kind::Type),
            (Kind::Type, 1) => Field::Message(Kind::TensorType),
            (Kind::TensorType, 2) => Field::Message(Kind::Shape),
            (Kind::Model, 8 | 14)
            | (Kind::Graph, 16)
            | (Kind::Node, 1 | 2 | 9)
            | (Kind::Attribute, 9)
            | (Kind::Tensor, 3 | 6 | 13 | 16)
            | (Kind::Shape, 1) => Field::Message(Kind::Leaf),
            (Kind::Model, 20 | 25)
            | (Kind::Graph, 14 | 15)
            | (Kind::Attribute, 5 | 6 | 10 | 11 | 15 | 22 | 23) => Field::Foreign,
            _ => Field::Plain,
        }
    }
}

/// Refuses a file that is too large or has too many messages, or messages of other kinds.
pub fn scan(bytes: &[u8]) -> Result<(), InferError> {
    if bytes.len() > MOST_BYTES {
        let size = bytes.len();
        return Err(fault(format!("{size} bytes, more than {MOST_BYTES}")));
    }
    let mut left = MOST_MESSAGES;
    walk(bytes, Kind::Model, &mut left).map_err(|cause| fault(cause.to_owned()))
}

/// Counts the entries of a message and of those within; kinds do not contain themselves.
fn walk(mut bytes: &[u8], kind: Kind, left: &mut usize) -> Result<(), &'static str> {
    const CUT: &str = "the file is cut short or no ONNX file";
    while !bytes.is_empty() {
        let tag = varint(&mut bytes).ok_or(CUT)?;
        let length = match tag & 7 {
            0 => {
                varint(&mut bytes).ok_or(CUT)?;
                continue;
            }
            1 => 8,
            2 => varint(&mut bytes)
                .and_then(|length| usize::try_from(length).ok())
                .ok_or(CUT)?,
            5 => 4,
            _ => return Err(CUT),
        };
        let (field, rest) = bytes.split_at_checked(length).ok_or(CUT)?;
        bytes = rest;
        if tag & 7 != 2 {
            continue;
        }
        match kind.field(tag >> 3) {
            Field::Message(kind) => {
                *left = left.checked_sub(1).ok_or("more parts than a network has")?;
                if !matches!(kind, Kind::Leaf) {
                    walk(field, kind, left)?;
                }
            }
            Field::Foreign => return Err("parts that no generator has"),
            Field::Plain => {}
        }
    }
    Ok(())
}

/// A number of up to ten bytes, low bits first.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 127) << shift;
        if byte < 128 {
            return Some(value);
        }
    }
    None
}
