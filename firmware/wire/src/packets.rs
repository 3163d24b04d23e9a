//! Packets out of a stream of bytes, whatever else is in it.
//!
//! The two markers are the only thing looked for: they begin a line of a packet wherever they stand,
//! because a line feed may have been lost before them. Everything else outside such a line is
//! somebody's text and is handed on.
//!
//! A packet is given up as soon as it cannot be right; the rest of its line is then skipped up to
//! the line's end, and whatever comes next starts afresh. Text between two lines of a packet does
//! not disturb it. Nothing waits for a time to pass: a packet that stops half way stays in memory
//! until the next one takes its place.

use crate::base64;
use crate::crc::Crc;
use crate::frame::{FIRST, MORE};
use crate::header::Header;
use heapless::Vec;

/// What was thrown away, and why; every number only grows, up to the largest there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    /// Packets whose check sum was wrong: noise on the line, or a rate that does not fit.
    pub check_sum: u32,
    /// Packets whose stated length was too short for a header or not what came.
    pub length: u32,
    /// Packets longer than the buffer: the sender ignored the buffer size we state.
    pub too_big: u32,
    /// Packets with something other than Base64 in them: something wrote in between.
    pub not_base64: u32,
    /// Packets that were unfinished when another began: the sender was cut off.
    pub unfinished: u32,
    /// Lines that continue a packet of which there was no beginning.
    pub orphans: u32,
    /// Half lines of text that a packet cut off.
    pub cut_lines: u32,
    /// Text lines longer than the buffer.
    pub long_lines: u32,
    /// Text lines with control characters in them, or that are not UTF-8.
    pub not_text: u32,
}

impl Dropped {
    /// Nothing yet.
    pub const NONE: Dropped = Dropped {
        check_sum: 0,
        length: 0,
        too_big: 0,
        not_base64: 0,
        unfinished: 0,
        orphans: 0,
        cut_lines: 0,
        long_lines: 0,
        not_text: 0,
    };

    /// Counts one more of `counter`.
    pub(crate) fn count(counter: &mut u32) {
        *counter = counter.saturating_add(1);
    }
}

/// What a byte turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// Part of a packet, or not known yet.
    Nothing,
    /// A packet's line ended with a return and made no packet: at a terminal, somebody pressed Enter.
    Return,
    /// A packet's line begins.
    Begin,
    /// A byte of text; `stray` is the half of a marker that came before it without its other half.
    Text { byte: u8, stray: Option<u8> },
    /// A whole packet, header first, its check sum verified.
    Packet(&'a [u8]),
}

/// Finds packets of up to `SIZE` bytes, header included.
#[derive(Clone, Debug)]
pub(crate) struct Packets<const SIZE: usize> {
    /// Half a marker, if that was the last byte.
    half: Option<u8>,
    line: Line,
    /// The packet being put together; none if there is none, or it was given up.
    open: bool,
    /// Bytes decoded so far, length and check sum included.
    count: usize,
    /// The stated length of packet and check sum.
    length: u16,
    check: Crc,
    packet: Vec<u8, SIZE>,
}

/// Where in a line we are.
#[derive(Clone, Debug)]
enum Line {
    /// Outside a packet's line.
    Text,
    /// In a packet's line, with the characters that do not make up four yet.
    Packet { quad: Vec<u8, 4>, padded: bool },
    /// In the rest of a packet's line that is of no use.
    Skip,
}

impl<const SIZE: usize> Packets<SIZE> {
    pub const fn new() -> Packets<SIZE> {
        Packets {
            half: None,
            line: Line::Text,
            open: false,
            count: 0,
            length: 0,
            check: Crc::new(),
            packet: Vec::new(),
        }
    }

    pub fn push(&mut self, byte: u8, dropped: &mut Dropped) -> Found<'_> {
        let stray = match (self.half.take(), byte) {
            (Some(half), byte) if [half, byte] == FIRST => {
                self.begin(dropped);
                return Found::Begin;
            }
            (Some(half), byte) if [half, byte] == MORE => {
                self.go_on(dropped);
                return Found::Begin;
            }
            (stray, byte) if byte == FIRST[0] || byte == MORE[0] => {
                self.half = Some(byte);
                // Two halves in a row: the earlier one is noise in a packet's line, and in text
                // it counts for as much as the second, which is still to be judged.
                if stray.is_some() {
                    self.noise(dropped);
                }
                return Found::Nothing;
            }
            (stray, _) => stray,
        };
        if stray.is_some() {
            self.noise(dropped);
        }
        let end = byte == b'\n' || byte == b'\r';
        match &mut self.line {
            Line::Text => return Found::Text { byte, stray },
            Line::Skip | Line::Packet { .. } if end => {
                if self.end_of_line(dropped) {
                    return Found::Packet(&self.packet);
                }
                if byte == b'\r' {
                    return Found::Return;
                }
            }
            Line::Skip => {}
            Line::Packet { quad, padded } => {
                // There is room for the fourth; then the four are taken out.
                let _ = quad.push(byte);
                if let Ok(four) = <[u8; 4]>::try_from(quad.as_slice()) {
                    quad.clear();
                    match base64::decode(four).filter(|_| !*padded) {
                        Some((bytes, count)) => {
                            *padded = count < 3;
                            for byte in bytes.into_iter().take(count) {
                                self.decoded(byte, dropped);
                            }
                        }
                        None => self.give_up(&mut dropped.not_base64),
                    }
                }
            }
        }
        Found::Nothing
    }

    /// The first line of a packet begins.
    fn begin(&mut self, dropped: &mut Dropped) {
        if self.open {
            Dropped::count(&mut dropped.unfinished);
        }
        self.open = true;
        self.count = 0;
        self.length = 0;
        self.check = Crc::new();
        self.packet.clear();
        self.start_line();
    }

    /// A further line of a packet begins.
    fn go_on(&mut self, dropped: &mut Dropped) {
        match self.line {
            Line::Text if self.open => self.start_line(),
            // The line before had no end, so its end is missing too.
            Line::Packet { .. } => self.give_up(&mut dropped.unfinished),
            Line::Text | Line::Skip => {
                Dropped::count(&mut dropped.orphans);
                self.line = Line::Skip;
            }
        }
    }

    fn start_line(&mut self) {
        self.line = Line::Packet {
            quad: Vec::new(),
            padded: false,
        };
    }

    /// Something stood in a packet's line that does not belong there.
    fn noise(&mut self, dropped: &mut Dropped) {
        if matches!(self.line, Line::Packet { .. }) {
            self.give_up(&mut dropped.not_base64);
        }
    }

    fn give_up(&mut self, counter: &mut u32) {
        Dropped::count(counter);
        self.open = false;
        self.line = Line::Skip;
    }

    fn decoded(&mut self, byte: u8, dropped: &mut Dropped) {
        if !self.open {
            return;
        }
        self.count += 1;
        if self.count <= 2 {
            self.length = self.length << 8 | u16::from(byte);
            if self.count == 2 {
                match usize::from(self.length).checked_sub(2) {
                    Some(size) if size > SIZE => self.give_up(&mut dropped.too_big),
                    Some(size) if size >= Header::SIZE => {}
                    _ => self.give_up(&mut dropped.length),
                }
            }
        } else if self.count <= usize::from(self.length) {
            self.check.push(byte);
            // `size` was compared above.
            let _ = self.packet.push(byte);
        } else if self.count <= usize::from(self.length) + 2 {
            self.check.push(byte);
        } else {
            self.give_up(&mut dropped.length);
        }
    }

    /// A packet's line, of use or not, ends; whether the packet is whole now.
    fn end_of_line(&mut self, dropped: &mut Dropped) -> bool {
        match core::mem::replace(&mut self.line, Line::Text) {
            Line::Packet { quad, .. } if quad.is_empty() => {}
            Line::Packet { .. } => {
                self.give_up(&mut dropped.not_base64);
                self.line = Line::Text;
                return false;
            }
            Line::Text | Line::Skip => return false,
        }
        if !self.open || self.count < usize::from(self.length) + 2 {
            return false;
        }
        self.open = false;
        // A packet followed by its own check sum has the check sum 0.
        let good = self.check.value() == 0;
        if !good {
            Dropped::count(&mut dropped.check_sum);
        }
        good
    }
}
