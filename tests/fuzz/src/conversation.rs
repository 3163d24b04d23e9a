//! A whole conversation: whatever is sent, however it is cut, the next command and packet are answered.
//!
//! With a PIN set and nobody unlocking, nothing that is sent may change anything.
//!
//! | byte | is |
//! |---|---|
//! | 0 | bits: a PIN is set, the board has images, saving fails, no random numbers |
//! | 1 | bytes that come at once, 0 for all |
//! | 2 … | pieces: what it is (modulo 6), a number, as many bytes where it has any |
//!
//! Pieces: bytes; a line; a packet (operation, group, sequence, command, payload); silence of so
//! many seconds, squared; the line is unplugged; the PIN is given.

use crate::script::Script;
use sfumato_core::time::{Micros, Moment};
use sfumato_link::Conversation;
use sfumato_link_scripted::{Board, Slots};
use sfumato_settings::pin::{Challenge, SALT};
use sfumato_settings::{Settings, Staged, Store};
use sfumato_wire::{Demultiplexer, Event, Header, frame};
use std::sync::OnceLock;

const PIN: &str = "4711";

/// Most times that the PIN is given: each takes thousands of rounds.
const UNLOCKS: u32 = 2;

struct Line {
    board: Board,
    conversation: Conversation,
    now: Moment,
    /// Bytes that come at once.
    chunk: usize,
    unlocks: u32,
}

impl Line {
    /// What comes back.
    fn send(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        let mut out = |bytes: &[u8]| sent.extend_from_slice(bytes);
        for piece in bytes.chunks(self.chunk) {
            self.now = self.now + Micros::from_millis(1);
            self.conversation
                .receive(piece, self.now, &mut self.board, &mut out);
        }
        sent
    }

    fn send_packet(&mut self, packet: &[u8]) -> Vec<u8> {
        let lines = frame::lines(packet).into_iter().flatten();
        let bytes: Vec<u8> = lines.flat_map(|line| line.to_vec()).collect();
        self.send(&bytes)
    }

    fn unlock(&mut self) {
        if self.unlocks == UNLOCKS {
            return;
        }
        self.unlocks += 1;
        let said = self.send(b"\runlock\r");
        let said = String::from_utf8_lossy(&said);
        let challenge = said.lines().find_map(|line| {
            let (_, challenge) = line.split_once("OK challenge ")?;
            Challenge::parse(challenge)
        });
        if let Some(challenge) = challenge {
            let response = challenge.answer(PIN);
            self.send(format!("unlock {response}\r").as_bytes());
        }
    }

    fn piece(&mut self, script: &mut Script<'_>) {
        let kind = script.byte() % 6;
        let number = script.byte();
        match kind {
            0 => {
                self.send(script.take(number.into()));
            }
            1 => {
                let line = [script.take(number.into()), b"\r"].concat();
                self.send(&line);
            }
            2 => {
                let [operation, group, sequence, command] = [(); 4].map(|()| script.byte());
                let payload = script.take(number.into());
                let [high, low] = (payload.len() as u16).to_be_bytes();
                let header = [operation, 0, high, low, 0, group, sequence, command];
                self.send_packet(&[&header[..], payload].concat());
            }
            3 => {
                self.now = self.now + Micros::from_secs(u64::from(number).pow(2));
                self.conversation.tick(self.now);
            }
            4 => self.conversation.hang_up(),
            _ => self.unlock(),
        }
    }
}

/// Settings with the PIN; made once, for its thousands of rounds.
fn with_pin() -> Settings {
    static SETTINGS: OnceLock<Settings> = OnceLock::new();
    let make = || {
        let mut staged = Staged::default();
        staged.set_pin(Some(PIN), [7; SALT]).unwrap();
        staged.over(&Settings::default())
    };
    SETTINGS.get_or_init(make).clone()
}

pub fn run(bytes: &[u8]) {
    let mut script = Script(bytes);
    let bits = script.byte();
    let bit = |number: u8| bits >> number & 1 == 1;
    let saved = if bit(0) {
        with_pin()
    } else {
        Settings::default()
    };
    let board = Board {
        images: bit(1).then(Slots::default),
        save_fails: bit(2),
        no_random: bit(3),
        ..Board::default()
    };
    let mut line = Line {
        board: board.clone(),
        conversation: Conversation::new(Store::new(Settings::default(), saved)),
        now: Moment(1_000_000),
        chunk: match script.byte() {
            0 => usize::MAX,
            count => count.into(),
        },
        unlocks: 0,
    };
    while !script.is_over() {
        line.piece(&mut script);
    }
    the_next_is_answered(&mut line);
    if bit(0) && line.unlocks == 0 {
        let mut untouched = board;
        untouched.numbers = line.board.numbers;
        assert_eq!(line.board, untouched, "changed without the PIN");
        assert_eq!(line.conversation.store().current().version, 0);
    }
}

fn the_next_is_answered(line: &mut Line) {
    line.send(b"\r");
    let answer = line.send(b"echo x\r");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.contains("OK x\r\n"), "{answer:?}");
    // Read, group 0, echo of `hi`.
    let packet = b"\x08\0\0\x06\0\0\x5a\0\xa1\x61d\x62hi";
    let answer = line.send_packet(packet);
    let mut other = Demultiplexer::<4096, 64, 1>::new();
    let came = answer.iter().any(|&byte| {
        let Some(Event::Packet(packet)) = other.push(byte, &mut |_| {}) else {
            return false;
        };
        let (header, payload) = Header::read(packet).expect("what we say is well-formed");
        header.sequence == 0x5a && payload == b"\xa1\x61r\x62hi"
    });
    assert!(came, "{answer:?}");
}
