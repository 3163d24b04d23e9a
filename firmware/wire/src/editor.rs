//! Text becomes lines: as they are for machines, edited and echoed for people.
//!
//! **Silent**, as it starts: bytes are collected up to a line's end and nothing is echoed, since an
//! AV controller would take an echo for an answer. Every end of a line that is not empty yields
//! exactly one [`Typed`], so that lines and answers stay in step. Control characters before a line
//! are noise of a plug and ignored; within it they spoil it, because what was meant is not known.
//!
//! **On a terminal** every character is echoed, keys edit the line, and earlier lines come back. It is
//! switched on by whoever sits there: by the command `terminal on`, which the caller passes on to
//! [`Editor::set_terminal`], or by any cursor key, whose three bytes no controller sends and
//! noise is unlikely to hit. Nothing but the caller switches it off again.
//!
//! | key | does |
//! |---|---|
//! | backspace, delete | removes the character before, at the cursor |
//! | left, right; home, ctrl-A; end, ctrl-E | moves the cursor |
//! | up, down | earlier, later lines |
//! | ctrl-U, ctrl-W | removes all, one word, before the cursor |
//! | ctrl-C | gives the line up |
//!
//! Ctrl-D, ctrl-F and ctrl-T are not keys here: packets begin with them. Each character takes one
//! column, and a line wider than the terminal is drawn less prettily, but right.
//!
//! Sources: the keys of GNU Readline; sequences of ECMA-48 as the DEC VT220 and xterm send them.

use crate::packets::Dropped;
use heapless::{Deque, Vec};

/// Stands before the line on a terminal.
pub const PROMPT: &str = "> ";

const BELL: &[u8] = b"\x07";
const ESCAPE: u8 = 0x1b;

/// Where the echo goes; called with a few bytes at a time.
pub type Echo<'e> = dyn FnMut(&[u8]) + 'e;

/// A line that has come to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed<'a> {
    /// A line, without its end, never empty.
    Line(&'a str),
    /// A line that was longer than the buffer.
    TooLong,
    /// A line that was not UTF-8 or had control characters in it.
    NotText,
}

/// Collects lines of up to `LINE` bytes and remembers `HISTORY` of them.
#[derive(Clone, Debug)]
pub struct Editor<const LINE: usize = 256, const HISTORY: usize = 8> {
    terminal: bool,
    /// On a terminal always UTF-8.
    line: Vec<u8, LINE>,
    /// Index into `line`; on a terminal only, and always between two characters.
    cursor: usize,
    /// What came did not fit.
    too_long: bool,
    /// A control character came in between.
    spoilt: bool,
    /// `line` has been handed out and is over.
    over: bool,
    /// The last byte was a return, so that a line feed adds nothing to it.
    after_return: bool,
    sequence: Sequence,
    /// The beginning of a character of several bytes.
    character: Vec<u8, 4>,
    history: Deque<Vec<u8, LINE>, HISTORY>,
    /// The line of the history that is shown, and edited.
    shown: Option<usize>,
    /// What was typed before the history was looked at.
    draft: Vec<u8, LINE>,
}

/// How much of a key's sequence has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sequence {
    None,
    Escape,
    /// After `ESC [` or `ESC O`, with the first number.
    Open {
        number: u8,
        more: bool,
    },
}

enum Key {
    Left,
    Right,
    Home,
    End,
    Up,
    Down,
    Delete,
}

impl<const LINE: usize, const HISTORY: usize> Editor<LINE, HISTORY> {
    /// Silent, and without a line.
    pub const fn new() -> Editor<LINE, HISTORY> {
        Editor {
            terminal: false,
            line: Vec::new(),
            cursor: 0,
            too_long: false,
            spoilt: false,
            over: false,
            after_return: false,
            sequence: Sequence::None,
            character: Vec::new(),
            history: Deque::new(),
            shown: None,
            draft: Vec::new(),
        }
    }

    /// Whether somebody sits at a terminal: keys edit, and there is an echo.
    pub fn terminal(&self) -> bool {
        self.terminal
    }

    /// Switches editing and echo on or off; a line that has begun is forgotten.
    pub fn set_terminal(&mut self, terminal: bool) {
        self.terminal = terminal;
        self.clear();
    }

    /// Shows prompt and line on a terminal; silent otherwise.
    ///
    /// To be called when the answer to a line, or anything else, has been written.
    pub fn prompt(&mut self, echo: &mut Echo<'_>) {
        if self.over {
            self.clear();
        }
        if self.terminal {
            self.draw(echo);
        }
    }

    /// Takes one byte; says when a line has come to its end.
    pub fn push(&mut self, byte: u8, echo: &mut Echo<'_>) -> Option<Typed<'_>> {
        if self.over {
            self.clear();
        }
        let after_return = core::mem::replace(&mut self.after_return, byte == b'\r');
        if byte == b'\n' && after_return {
            return None;
        }
        if self.in_sequence(byte, echo) {
            return None;
        }
        if byte == b'\r' || byte == b'\n' {
            return self.end(echo);
        }
        if self.terminal {
            self.key(byte, echo);
        } else if byte == b'\t' || (b' '..=b'~').contains(&byte) || byte >= 0x80 {
            self.too_long |= self.line.push(byte).is_err();
        } else {
            self.spoilt |= !self.line.is_empty();
        }
        None
    }

    /// A packet begins where a line was not at its end.
    ///
    /// Machines send a line in one go, so the rest of it is lost: it is forgotten, and nothing that
    /// comes after the packet is taken for its end. People at a terminal type on.
    pub(crate) fn cut(&mut self, dropped: &mut Dropped) {
        if !self.terminal {
            if !self.over && !self.line.is_empty() {
                Dropped::count(&mut dropped.cut_lines);
            }
            self.clear();
        }
    }

    /// Gives the line up on a terminal, as ctrl-C does.
    pub(crate) fn give_up(&mut self, echo: &mut Echo<'_>) {
        if self.terminal {
            echo(b"^C\r\n");
            self.clear();
            self.draw(echo);
        }
    }

    fn clear(&mut self) {
        self.line.clear();
        self.cursor = 0;
        self.too_long = false;
        self.spoilt = false;
        self.over = false;
        self.sequence = Sequence::None;
        self.character.clear();
        self.shown = None;
    }

    fn end(&mut self, echo: &mut Echo<'_>) -> Option<Typed<'_>> {
        if self.terminal {
            echo(b"\r\n");
        }
        if self.line.is_empty() {
            self.clear();
            self.prompt(echo);
            return None;
        }
        self.over = true;
        if self.too_long {
            return Some(Typed::TooLong);
        }
        if self.terminal {
            self.remember();
        }
        match core::str::from_utf8(&self.line) {
            Ok(line) if !self.spoilt => Some(Typed::Line(line)),
            _ => Some(Typed::NotText),
        }
    }

    fn remember(&mut self) {
        if self.history.back() != Some(&self.line) {
            if self.history.is_full() {
                self.history.pop_front();
            }
            let _ = self.history.push_back(self.line.clone());
        }
    }

    /// Follows a key's sequence; whether the byte was part of it.
    fn in_sequence(&mut self, byte: u8, echo: &mut Echo<'_>) -> bool {
        let sequence = core::mem::replace(&mut self.sequence, Sequence::None);
        self.sequence = match (sequence, byte) {
            (_, ESCAPE) => {
                self.character.clear();
                // Spoils a line, unless it turns out to be somebody at a terminal.
                self.spoilt |= !self.terminal && !self.line.is_empty();
                Sequence::Escape
            }
            (Sequence::Escape, b'[' | b'O') => Sequence::Open {
                number: 0,
                more: false,
            },
            (Sequence::Open { number, more }, b'0'..=b'9') if !more => Sequence::Open {
                number: number.saturating_mul(10).saturating_add(byte - b'0'),
                more,
            },
            // Further numbers tell of shift and control, which make no difference.
            (Sequence::Open { number, .. }, b' '..=b'?') => Sequence::Open { number, more: true },
            (Sequence::Open { number, .. }, b'@'..=b'~') => {
                self.sequence_end(number, byte, echo);
                Sequence::None
            }
            // Something else, cut off: the byte speaks for itself.
            _ => return false,
        };
        true
    }

    fn sequence_end(&mut self, number: u8, last: u8, echo: &mut Echo<'_>) {
        let key = match (last, number) {
            (b'A', _) => Key::Up,
            (b'B', _) => Key::Down,
            (b'C', _) => Key::Right,
            (b'D', _) => Key::Left,
            (b'H', _) | (b'~', 1 | 7) => Key::Home,
            (b'F', _) | (b'~', 4 | 8) => Key::End,
            (b'~', 3) => Key::Delete,
            _ => return,
        };
        if self.terminal {
            self.special(key, echo);
        } else if last != b'~' {
            self.set_terminal(true);
            echo(b"\r\n");
            self.draw(echo);
        }
    }

    /// A key of one byte, or part of a character, on a terminal.
    fn key(&mut self, byte: u8, echo: &mut Echo<'_>) {
        if byte >= 0x80 {
            self.long_character(byte, echo);
            return;
        }
        self.character.clear();
        match byte {
            b' '..=b'~' => self.insert(&[byte], echo),
            0x01 => self.special(Key::Home, echo),
            0x05 => self.special(Key::End, echo),
            0x08 | 0x7f => self.remove(self.before(self.cursor), self.cursor, echo),
            0x15 => self.remove(0, self.cursor, echo),
            0x17 => self.remove(self.word_before(), self.cursor, echo),
            0x03 => self.give_up(echo),
            _ => echo(BELL),
        }
    }

    /// A byte of a character that has more than one.
    fn long_character(&mut self, byte: u8, echo: &mut Echo<'_>) {
        // There are never four of them waiting: four make a character or a mistake.
        let _ = self.character.push(byte);
        match core::str::from_utf8(&self.character) {
            Ok(_) => {
                let character = core::mem::take(&mut self.character);
                self.insert(&character, echo);
            }
            Err(error) if error.error_len().is_none() => {}
            Err(_) => {
                self.character.clear();
                echo(BELL);
            }
        }
    }

    fn insert(&mut self, character: &[u8], echo: &mut Echo<'_>) {
        if self.line.extend_from_slice(character).is_err() {
            self.too_long = true;
            echo(BELL);
            return;
        }
        if let Some(tail) = self.line.get_mut(self.cursor..) {
            tail.rotate_right(character.len());
        }
        self.cursor += character.len();
        if self.cursor == self.line.len() {
            echo(character);
        } else {
            self.draw(echo);
        }
    }

    /// Removes what lies between two places in the line; the cursor ends at the first.
    fn remove(&mut self, from: usize, to: usize, echo: &mut Echo<'_>) {
        self.too_long = false;
        if from >= to {
            echo(BELL);
            return;
        }
        if let Some(tail) = self.line.get_mut(from..) {
            tail.rotate_left(to - from);
        }
        self.line.truncate(self.line.len() - (to - from));
        self.cursor = from;
        self.draw(echo);
    }

    fn special(&mut self, key: Key, echo: &mut Echo<'_>) {
        let place = match key {
            Key::Delete => return self.remove(self.cursor, self.after(self.cursor), echo),
            Key::Up => return self.show(self.earlier(), echo),
            Key::Down => return self.show(self.later(), echo),
            Key::Left => self.before(self.cursor),
            Key::Right => self.after(self.cursor),
            Key::Home => 0,
            Key::End => self.line.len(),
        };
        self.too_long = false;
        self.cursor = place;
        self.draw(echo);
    }

    /// The line of the history before the one that is shown.
    fn earlier(&self) -> Option<Option<usize>> {
        let shown = self.shown.unwrap_or(self.history.len());
        shown.checked_sub(1).map(Some)
    }

    /// The line after the one that is shown; behind the last one comes the draft.
    fn later(&self) -> Option<Option<usize>> {
        let next = self.shown? + 1;
        Some((next < self.history.len()).then_some(next))
    }

    /// Shows a line of the history, or the draft; the bell rings if there is none.
    fn show(&mut self, which: Option<Option<usize>>, echo: &mut Echo<'_>) {
        let Some(which) = which else {
            echo(BELL);
            return;
        };
        if self.shown.is_none() {
            self.draft.clone_from(&self.line);
        }
        let chosen = which.and_then(|index| self.history.get(index));
        self.line.clone_from(chosen.unwrap_or(&self.draft));
        self.shown = which;
        self.cursor = self.line.len();
        self.too_long = false;
        self.draw(echo);
    }

    /// The place one character before.
    fn before(&self, place: usize) -> usize {
        let head = self.line.get(..place).unwrap_or_default();
        head.iter().rposition(is_first).unwrap_or(0)
    }

    /// The place one character after.
    fn after(&self, place: usize) -> usize {
        let tail = self.line.get(place..).unwrap_or_default();
        let length = tail.iter().skip(1).position(is_first).map(|rest| rest + 1);
        place + length.unwrap_or(tail.len())
    }

    /// Where the word before the cursor begins.
    fn word_before(&self) -> usize {
        let head = self.line.get(..self.cursor).unwrap_or_default();
        let end = head
            .iter()
            .rposition(|&byte| byte != b' ')
            .map_or(0, |last| last + 1);
        let word = head.get(..end).unwrap_or_default();
        word.iter()
            .rposition(|&byte| byte == b' ')
            .map_or(0, |space| space + 1)
    }

    /// Draws the whole line anew, over the old one.
    fn draw(&self, echo: &mut Echo<'_>) {
        echo(b"\r");
        echo(PROMPT.as_bytes());
        echo(&self.line);
        echo(b"\x1b[K");
        let tail = self.line.get(self.cursor..).unwrap_or_default();
        for _ in tail.iter().filter(|byte| is_first(byte)) {
            echo(b"\x08");
        }
    }
}

impl<const LINE: usize, const HISTORY: usize> Default for Editor<LINE, HISTORY> {
    fn default() -> Self {
        Editor::new()
    }
}

/// Whether a byte of UTF-8 begins a character.
fn is_first(byte: &u8) -> bool {
    byte & 0xc0 != 0x80
}
