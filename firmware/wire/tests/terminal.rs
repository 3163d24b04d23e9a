//! Somebody at a terminal: the line that is edited, the screen that shows it, and silence before.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

use proptest::prelude::*;
use sfumato_wire::editor::{Editor, PROMPT, Typed};

const LINE: usize = 24;
const HISTORY: usize = 3;
type Small = Editor<LINE, HISTORY>;

/// Pushes bytes; gives the lines and the echo.
fn push(editor: &mut Small, bytes: &[u8]) -> (Vec<Result<String, bool>>, Vec<u8>) {
    let (mut lines, mut echoed) = (Vec::new(), Vec::new());
    for &byte in bytes {
        match editor.push(byte, &mut |echo| echoed.extend_from_slice(echo)) {
            Some(Typed::Line(line)) => lines.push(Ok(line.to_string())),
            Some(Typed::TooLong) => lines.push(Err(true)),
            Some(Typed::NotText) => lines.push(Err(false)),
            None => {}
        }
    }
    (lines, echoed)
}

/// The last row of a terminal, as far as the editor uses it.
#[derive(Default)]
struct Screen {
    row: Vec<char>,
    column: usize,
}

impl Screen {
    fn show(&mut self, bytes: &[u8]) {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let mut rest = text.as_str();
        while let Some(character) = rest.chars().next() {
            rest = &rest[character.len_utf8()..];
            match character {
                '\r' => self.column = 0,
                '\n' => self.row.clear(),
                '\x08' => self.column = self.column.checked_sub(1).unwrap(),
                '\x07' => {}
                '\x1b' => {
                    rest = rest.strip_prefix("[K").unwrap();
                    self.row.truncate(self.column);
                }
                _ => {
                    self.row.resize(self.row.len().max(self.column + 1), ' ');
                    self.row[self.column] = character;
                    self.column += 1;
                }
            }
        }
    }
}

/// The editor as one would write it with all the memory in the world.
#[derive(Default)]
struct Model {
    line: Vec<char>,
    cursor: usize,
    history: Vec<Vec<char>>,
    shown: Option<usize>,
    draft: Vec<char>,
    too_long: bool,
}

impl Model {
    fn size(&self) -> usize {
        self.line.iter().map(|c| c.len_utf8()).sum()
    }

    fn press(&mut self, key: &Press) -> Option<Result<String, bool>> {
        let shown = self.shown;
        match *key {
            Press::Character(c) if self.size() + c.len_utf8() > LINE => {
                self.too_long = true;
                return None;
            }
            Press::Character(c) => {
                self.line.insert(self.cursor, c);
                self.cursor += 1;
                return None;
            }
            Press::Enter => {
                let line = std::mem::take(&mut self.line);
                let too_long = std::mem::take(&mut self.too_long);
                self.cursor = 0;
                self.shown = None;
                if line.is_empty() {
                    return None;
                }
                if too_long {
                    return Some(Err(true));
                }
                if self.history.last() != Some(&line) {
                    self.history.push(line.clone());
                    if self.history.len() > HISTORY {
                        self.history.remove(0);
                    }
                }
                return Some(Ok(line.into_iter().collect()));
            }
            Press::GiveUp => {
                let history = std::mem::take(&mut self.history);
                *self = Model {
                    history,
                    ..Model::default()
                };
                return None;
            }
            Press::Backspace if self.cursor > 0 => {
                self.cursor -= 1;
                self.line.remove(self.cursor);
            }
            Press::Delete if self.cursor < self.line.len() => {
                self.line.remove(self.cursor);
            }
            Press::Backspace | Press::Delete => {}
            Press::All => {
                self.line.drain(..self.cursor);
                self.cursor = 0;
            }
            Press::Word => {
                let is_space = |model: &Model| model.line[model.cursor - 1] == ' ';
                while self.cursor > 0 && is_space(self) {
                    self.cursor -= 1;
                    self.line.remove(self.cursor);
                }
                while self.cursor > 0 && !is_space(self) {
                    self.cursor -= 1;
                    self.line.remove(self.cursor);
                }
            }
            Press::Left => self.cursor = self.cursor.saturating_sub(1),
            Press::Right => self.cursor = (self.cursor + 1).min(self.line.len()),
            Press::Home => self.cursor = 0,
            Press::End => self.cursor = self.line.len(),
            Press::Up => {
                let index = shown.unwrap_or(self.history.len()).checked_sub(1)?;
                self.look_at(Some(index));
            }
            Press::Down => {
                let next = shown? + 1;
                self.look_at((next < self.history.len()).then_some(next));
            }
        }
        self.too_long = false;
        None
    }

    fn look_at(&mut self, which: Option<usize>) {
        if self.shown.is_none() {
            self.draft = self.line.clone();
        }
        self.line = which.map_or(self.draft.clone(), |index| self.history[index].clone());
        self.cursor = self.line.len();
        self.shown = which;
    }
}

#[derive(Clone, Debug)]
enum Press {
    Character(char),
    Enter,
    GiveUp,
    Backspace,
    Delete,
    All,
    Word,
    Left,
    Right,
    Home,
    End,
    Up,
    Down,
}

impl Press {
    /// The key's bytes; `variant` picks one of the ways in which terminals send it.
    fn bytes(&self, variant: usize) -> Vec<u8> {
        let ways: &[&str] = match self {
            Press::Character(c) => return c.to_string().into_bytes(),
            Press::Enter => &["\r", "\n", "\r\n"],
            Press::GiveUp => &["\x03"],
            Press::Backspace => &["\x7f", "\x08"],
            Press::Delete => &["\x1b[3~"],
            Press::All => &["\x15"],
            Press::Word => &["\x17"],
            Press::Left => &["\x1b[D", "\x1bOD", "\x1b[1;5D"],
            Press::Right => &["\x1b[C", "\x1bOC"],
            Press::Home => &["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x01"],
            Press::End => &["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x05"],
            Press::Up => &["\x1b[A", "\x1bOA"],
            Press::Down => &["\x1b[B", "\x1bOB"],
        };
        ways[variant % ways.len()].as_bytes().to_vec()
    }
}

fn press() -> impl Strategy<Value = Press> {
    let keys = [
        Press::Enter,
        Press::GiveUp,
        Press::Backspace,
        Press::Backspace,
        Press::Delete,
        Press::All,
        Press::Word,
        Press::Left,
        Press::Left,
        Press::Right,
        Press::Home,
        Press::End,
        Press::Up,
        Press::Up,
        Press::Down,
    ];
    prop_oneof![
        2 => "[a-z \u{e4}\u{20ac}\u{1f600}]".prop_map(|c| Press::Character(c.chars().next().unwrap())),
        1 => prop::sample::select(keys.to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn edits_like_the_model_and_shows_it(
        keys in prop::collection::vec((press(), any::<usize>()), 0..80),
    ) {
        let mut editor = Small::new();
        editor.set_terminal(true);
        let mut screen = Screen::default();
        let mut model = Model::default();
        editor.prompt(&mut |echo| screen.show(echo));
        for (key, variant) in keys {
            let (lines, echo) = push(&mut editor, &key.bytes(variant));
            prop_assert_eq!(lines, Vec::from_iter(model.press(&key)), "{:?}", key);
            screen.show(&echo);
            // What the caller does after every answer.
            editor.prompt(&mut |echo| screen.show(echo));
            let shown: String = screen.row.iter().collect();
            let expected: String = PROMPT.chars().chain(model.line.iter().copied()).collect();
            prop_assert_eq!(shown, expected, "{:?}", key);
            prop_assert_eq!(screen.column, PROMPT.len() + model.cursor, "{:?}", key);
        }
    }

    #[test]
    fn bytes_of_any_kind_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut editor = Small::new();
        editor.set_terminal(true);
        push(&mut editor, &bytes);
        push(&mut editor, b"\n");
        prop_assert_eq!(push(&mut editor, b"status\r").0, [Ok("status".to_string())]);
    }
}

#[test]
fn silent_until_a_cursor_key_is_pressed() {
    let mut editor = Small::new();
    // Nothing that a controller or noise is likely to send gets an echo.
    let bytes = b"help\r\nx\x08\x7f\x1b\rx\x1bO\r\x1b[3~\x1b[\x1bZ\x15\x03\0\xff\n";
    let (_, echo) = push(&mut editor, bytes);
    assert_eq!(echo, b"");
    editor.prompt(&mut |_| panic!("an echo on a silent line"));
    assert!(!editor.terminal());
    for key in [
        "\x1b[A",
        "\x1b[B",
        "\x1b[C",
        "\x1b[D",
        "\x1bOA",
        "\x1b[H",
        "\x1b[F",
        "\x1b[1;2C",
    ] {
        let mut editor = Small::new();
        let (lines, echo) = push(&mut editor, key.as_bytes());
        assert_eq!(
            (lines, &echo[..]),
            (vec![], &b"\r\n\r> \x1b[K"[..]),
            "{key:?}"
        );
        assert!(editor.terminal());
        // What had been typed before is gone: it was not meant to be seen as edited.
        let (lines, echo) = push(&mut editor, b"a\r");
        assert_eq!(
            (lines, &echo[..]),
            (vec![Ok("a".to_string())], &b"a\r\n"[..])
        );
        editor.set_terminal(false);
        assert_eq!(push(&mut editor, b"a\r").1, b"");
    }
}

#[test]
fn every_end_of_a_line_is_shown_once() {
    let mut editor = Small::new();
    editor.set_terminal(true);
    for end in [&b"\r"[..], b"\n", b"\r\n"] {
        // The line, and the prompt by the caller; with nothing typed, the prompt at once.
        assert_eq!(push(&mut editor, &[b"a", end].concat()).1, b"a\r\n");
        assert_eq!(push(&mut editor, end).1, b"\r\n\r> \x1b[K");
    }
}

#[test]
fn a_cut_off_key_spoils_a_silent_line() {
    let mut editor = Small::new();
    for bad in [
        &b"ab\x1b[\r"[..],
        b"ab\x1b\r",
        b"ab\x1b[3~c\r",
        b"ab\x1bc\r",
    ] {
        assert_eq!(push(&mut editor, bad).0, [Err(false)], "{bad:?}");
    }
    assert_eq!(push(&mut editor, b"\x1b[3~ab\r").0, [Ok("ab".to_string())]);
}

#[test]
fn characters_that_are_not_one_ring_the_bell() {
    let mut editor = Small::new();
    editor.set_terminal(true);
    assert_eq!(push(&mut editor, b"\xff").1, b"\x07");
    assert_eq!(push(&mut editor, b"\xe2\x82").1, b"");
    // Cut off by another character, which is taken; then whole.
    assert_eq!(push(&mut editor, b"a").1, b"a");
    assert_eq!(push(&mut editor, b"\xe2\x82\xac").1, "\u{20ac}".as_bytes());
    assert_eq!(push(&mut editor, b"\t\0").1, b"\x07\x07");
    assert_eq!(push(&mut editor, b"\r").0, [Ok("a\u{20ac}".to_string())]);
}

#[test]
fn a_line_that_did_not_fit_is_not_run() {
    let mut editor = Small::new();
    editor.set_terminal(true);
    let (lines, echo) = push(&mut editor, &[b'x'; LINE + 1]);
    assert_eq!((lines.len(), echo.last()), (0, Some(&0x07)));
    assert_eq!(push(&mut editor, b"\r").0, [Err(true)]);
    // Whoever hears the bell and edits knows what the line is.
    push(&mut editor, &[b'x'; LINE + 1]);
    assert_eq!(
        push(&mut editor, b"\x7fy\r").0,
        [Ok("x".repeat(LINE - 1) + "y")]
    );
}

#[test]
fn an_enter_that_a_marker_swallowed_gives_the_line_up() {
    let lines = |bytes: &[u8]| {
        let mut link = sfumato_wire::Demultiplexer::<64, 40, 2>::new();
        link.set_terminal(true);
        let mut lines = Vec::new();
        for &byte in bytes {
            if let Some(event) = link.push(byte, &mut |_| {}) {
                lines.push(format!("{event:?}"));
                link.prompt(&mut |_| {});
            }
        }
        lines
    };
    // What a fuzzer found: noise like a packet's beginning, and the next command was taken for the
    // half line's other half.
    for noise in [
        "\x06\x09",
        "\x04\x14",
        "\x06\x09!!!!",
        "\x06\x09AAA",
        "\x06\x09AAAA",
    ] {
        let typed = format!("rebo{noise}ot\recho x\r");
        assert_eq!(lines(typed.as_bytes()), ["Line(\"echo x\")"], "{noise:?}");
        // A program ends with a line feed, which nobody at a terminal types.
        let typed = format!("rebo{noise}\not\r");
        assert_eq!(lines(typed.as_bytes()), ["Line(\"reboot\")"], "{noise:?}");
    }
}
