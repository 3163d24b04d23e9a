//! One port, two languages: packets for programs, lines of text for people and AV controllers.
//!
//! ```text
//! bytes --Demultiplexer::push--> Event::Packet   header and payload, check sum verified
//!                                Event::Line     text, without its end
//!                                Event::TooLong, Event::NotText
//! ```
//!
//! A packet's line begins with 06 09 or 04 14, wherever that stands; everything else is text. Text
//! lines end with return, line feed or both. Bad packets are counted and dropped, since nobody can
//! tell whom to answer; bad lines are events, so that whoever waits for an answer gets one.
//!
//! Nothing lasts: after any garbage and a line feed, the next packet and the next line are read as if
//! nothing had been before (on a [terminal](crate::editor), a half line stays until it is given up).
//! After a return that is so on a terminal too: one that ends a packet's line gives the half line up, for
//! whoever pressed Enter does not see that a marker has swallowed it.
//! The memory is that of the value itself and does not grow.

use crate::editor::{Echo, Editor, Typed};
use crate::packets::{Dropped, Found, Packets};

/// Something whole that came over the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A packet: header and payload. See [`Header::of_request`](crate::Header::of_request).
    Packet(&'a [u8]),
    /// A line of text, without its end, never empty.
    Line(&'a str),
    /// A line of text longer than the buffer.
    TooLong,
    /// A line that is not UTF-8 or has control characters in it.
    NotText,
}

/// Splits a stream of bytes into packets and lines of text.
///
/// `PACKET` is the longest packet, header and payload, in bytes: what we tell clients as
/// [`buffer_size`](crate::requests::os::Parameters::buffer_size). `LINE` is the longest line in bytes,
/// `HISTORY` the number of lines that a terminal remembers.
///
/// ```
/// # use sfumato_wire::{Demultiplexer, Event};
/// # let (received, mut sent) = (b"status\r\n", Vec::new());
/// let mut link: Demultiplexer = Demultiplexer::new();
/// for &byte in received {
///     match link.push(byte, &mut |echo| sent.extend_from_slice(echo)) {
///         Some(Event::Line(line)) => assert_eq!(line, "status"),
///         other => assert_eq!(other, None),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Demultiplexer<
    const PACKET: usize = 2048,
    const LINE: usize = 256,
    const HISTORY: usize = 8,
> {
    packets: Packets<PACKET>,
    editor: Editor<LINE, HISTORY>,
    dropped: Dropped,
}

impl<const PACKET: usize, const LINE: usize, const HISTORY: usize>
    Demultiplexer<PACKET, LINE, HISTORY>
{
    /// Waits for a first byte.
    pub const fn new() -> Self {
        Demultiplexer {
            packets: Packets::new(),
            editor: Editor::new(),
            dropped: Dropped::NONE,
        }
    }

    /// Takes one byte; says what it completes.
    ///
    /// `echo` gets what a terminal is to show; it is called only on a terminal.
    pub fn push(&mut self, byte: u8, echo: &mut Echo<'_>) -> Option<Event<'_>> {
        match self.packets.push(byte, &mut self.dropped) {
            Found::Nothing => None,
            Found::Return => {
                self.editor.give_up(echo);
                None
            }
            Found::Begin => {
                self.editor.cut(&mut self.dropped);
                None
            }
            Found::Packet(packet) => Some(Event::Packet(packet)),
            Found::Text { byte, stray } => {
                // Half a marker is a control character and never ends a line.
                if let Some(stray) = stray {
                    self.editor.push(stray, echo);
                }
                Some(match self.editor.push(byte, echo)? {
                    Typed::Line(line) => Event::Line(line),
                    Typed::TooLong => {
                        Dropped::count(&mut self.dropped.long_lines);
                        Event::TooLong
                    }
                    Typed::NotText => {
                        Dropped::count(&mut self.dropped.not_text);
                        Event::NotText
                    }
                })
            }
        }
    }

    /// What has been dropped so far, by cause.
    pub fn dropped(&self) -> Dropped {
        self.dropped
    }

    /// Whether somebody sits at a terminal, see [`editor`](crate::editor).
    pub fn terminal(&self) -> bool {
        self.editor.terminal()
    }

    /// Switches a terminal's editing and echo on or off: the commands `terminal on` and `off`.
    pub fn set_terminal(&mut self, terminal: bool) {
        self.editor.set_terminal(terminal);
    }

    /// Shows the prompt on a terminal: to be called when an answer has been written.
    pub fn prompt(&mut self, echo: &mut Echo<'_>) {
        self.editor.prompt(echo);
    }
}

impl<const PACKET: usize, const LINE: usize, const HISTORY: usize> Default
    for Demultiplexer<PACKET, LINE, HISTORY>
{
    fn default() -> Self {
        Demultiplexer::new()
    }
}
