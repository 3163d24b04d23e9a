//! A write that was heard twice is done once.
//!
//! A client that hears no answer within its time sends the same request again, with the same
//! sequence number (mcumgrctl after a second, up to five times). If the answer and not the request
//! was lost, the command has been carried out already, and a second time might be once too often.
//!
//! **The rule.** A request is a repeat if it is a write, follows directly on an answered request, and
//! equals it in version, group, command, sequence number, length and check sum of the payload. The
//! answer to a repeat is the earlier answer, byte for byte; nothing is carried out.
//!
//! Reads are never repeats: answered afresh they tell what is true now. Only the request directly
//! before counts, because the sequence number has eight bits and comes round: mcumgrctl and smpmgr
//! begin each run with a read (of the parameters), and for all others the caller is to [`forget`]
//! when the line has been quiet for 10 seconds, long after a client has tried again.
//!
//! [`forget`]: Repeats::forget

use crate::crc::Crc;
use crate::header::{Header, Operation, Version};
use heapless::Vec;

/// Remembers the last write and its answer, up to `REPLY` bytes of it.
#[derive(Clone, Debug, Default)]
pub struct Repeats<const REPLY: usize = 2048> {
    last: Option<Write>,
    reply: Vec<u8, REPLY>,
}

/// What a write is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Write {
    version: Version,
    group: u16,
    command: u8,
    sequence: u8,
    length: u16,
    check: u16,
}

impl<const REPLY: usize> Repeats<REPLY> {
    /// Remembers nothing yet.
    pub const fn new() -> Repeats<REPLY> {
        Repeats {
            last: None,
            reply: Vec::new(),
        }
    }

    /// The earlier answer, if this request is a repeat: send it again and do nothing else.
    ///
    /// Must be asked for every request, reads too: they end what can be repeated.
    pub fn earlier_reply(&mut self, header: &Header, payload: &[u8]) -> Option<&[u8]> {
        let write = (header.operation == Operation::Write).then(|| Write {
            version: header.version,
            group: header.group,
            command: header.command,
            sequence: header.sequence,
            length: header.length,
            check: Crc::of(payload),
        });
        if write.is_some() && write == self.last && !self.reply.is_empty() {
            return Some(&self.reply);
        }
        self.last = write;
        self.reply.clear();
        None
    }

    /// Takes down the answer to the request that was last asked about.
    ///
    /// An answer of more than `REPLY` bytes is not kept; its request would be carried out again.
    pub fn answered(&mut self, reply: &[u8]) {
        self.reply.clear();
        if self.reply.extend_from_slice(reply).is_err() {
            self.last = None;
        }
    }

    /// Forgets the last request: whatever comes next is new.
    pub fn forget(&mut self) {
        self.last = None;
        self.reply.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::tests::header;

    fn write() -> Header {
        Header {
            length: 2,
            ..header(Operation::Write, 3, 0)
        }
    }

    #[test]
    fn the_same_write_again_is_a_repeat() {
        let mut repeats = Repeats::<16>::new();
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), None);
        repeats.answered(b"done");
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), Some(&b"done"[..]));
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), Some(&b"done"[..]));
        repeats.forget();
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), None);
    }

    #[test]
    fn any_difference_makes_it_new() {
        let others: [(Header, &[u8]); 7] = [
            (
                Header {
                    sequence: 6,
                    ..write()
                },
                b"ab",
            ),
            (
                Header {
                    group: 8,
                    ..write()
                },
                b"ab",
            ),
            (
                Header {
                    command: 1,
                    ..write()
                },
                b"ab",
            ),
            (
                Header {
                    version: Version::One,
                    ..write()
                },
                b"ab",
            ),
            (
                Header {
                    length: 3,
                    ..write()
                },
                b"ab\0",
            ),
            (
                Header {
                    operation: Operation::Read,
                    ..write()
                },
                b"ab",
            ),
            (write(), b"ac"),
        ];
        for (header, payload) in others {
            let mut repeats = Repeats::<16>::new();
            assert_eq!(repeats.earlier_reply(&write(), b"ab"), None);
            repeats.answered(b"done");
            assert_eq!(repeats.earlier_reply(&header, payload), None, "{header:?}");
            repeats.answered(b"else");
            // And then the first one is new again.
            assert_eq!(repeats.earlier_reply(&write(), b"ab"), None, "{header:?}");
        }
    }

    #[test]
    fn reads_are_answered_afresh() {
        let read = header(Operation::Read, 3, 0);
        let mut repeats = Repeats::<16>::new();
        for _ in 0..3 {
            assert_eq!(repeats.earlier_reply(&read, b""), None);
            repeats.answered(b"70");
        }
    }

    #[test]
    fn without_an_answer_there_is_nothing_to_repeat() {
        let mut repeats = Repeats::<4>::new();
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), None);
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), None);
        repeats.answered(b"much too long");
        assert_eq!(repeats.earlier_reply(&write(), b"ab"), None);
    }
}
