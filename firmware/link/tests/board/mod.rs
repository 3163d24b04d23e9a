//! A board and somebody who talks to it.

#![allow(dead_code)] // not every test uses all of it

use sfumato_core::time::{Micros, Moment};
use sfumato_link::Conversation;
use sfumato_link_scripted::Board;
use sfumato_settings::{Settings, Store};

/// A board and somebody who talks to it.
pub struct Line {
    pub board: Board,
    pub conversation: Conversation,
    pub now: Moment,
    sequence: u8,
}

impl Line {
    pub fn new() -> Line {
        let settings = Settings::default();
        Line {
            board: Board::default(),
            conversation: Conversation::new(Store::new(settings.clone(), settings)),
            now: Moment(1_000_000),
            sequence: 0,
        }
    }

    /// What comes back.
    pub fn send(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        let mut out = |bytes: &[u8]| sent.extend_from_slice(bytes);
        self.conversation
            .receive(bytes, self.now, &mut self.board, &mut out);
        sent
    }

    /// The lines that answer a line.
    pub fn say(&mut self, line: &str) -> Vec<String> {
        let answer = self.send(format!("{line}\r").as_bytes());
        let answer = String::from_utf8(answer).unwrap();
        assert!(answer.ends_with("\r\n"), "{answer:?}");
        answer.lines().map(str::to_owned).collect()
    }

    /// The last of them.
    pub fn last(&mut self, line: &str) -> String {
        self.say(line).pop().unwrap()
    }

    pub fn wait(&mut self, seconds: u64) {
        self.now = self.now + Micros::from_secs(seconds);
        self.conversation.tick(self.now);
    }

    /// The payload of the packet that answers a packet, in version two.
    pub fn ask(&mut self, write: bool, group: u16, command: u8, payload: &[u8]) -> Vec<u8> {
        self.sequence = self.sequence.wrapping_add(1);
        self.ask_again(write, group, command, payload)
    }

    /// The same with the sequence number of the last one.
    pub fn ask_again(&mut self, write: bool, group: u16, command: u8, payload: &[u8]) -> Vec<u8> {
        let operation = 0x08 | if write { 2 } else { 0 };
        let [l1, l0] = (payload.len() as u16).to_be_bytes();
        let [g1, g0] = group.to_be_bytes();
        let header = [operation, 0, l1, l0, g1, g0, self.sequence, command];
        let packet = [&header[..], payload].concat();
        let bytes: Vec<u8> = sfumato_wire::frame::lines(&packet)
            .unwrap()
            .flat_map(|line| line.to_vec())
            .collect();
        let answer = self.send(&bytes);
        self.packet(&answer)
    }

    fn packet(&self, bytes: &[u8]) -> Vec<u8> {
        let mut other = sfumato_wire::Demultiplexer::<4096, 64, 1>::new();
        for &byte in bytes {
            if let Some(sfumato_wire::Event::Packet(packet)) = other.push(byte, &mut |_| {}) {
                let (header, payload) = sfumato_wire::Header::read(packet).unwrap();
                assert_eq!(header.sequence, self.sequence);
                return payload.to_vec();
            }
        }
        panic!("no packet in {bytes:?}");
    }
}

/// A map of CBOR with texts of fewer than 24 bytes.
pub fn map(entries: &[(&str, &str)]) -> Vec<u8> {
    let text = |text: &str| [&[0x60 | text.len() as u8][..], text.as_bytes()].concat();
    let mut bytes = vec![0xa0 | entries.len() as u8];
    for (key, value) in entries {
        bytes.extend([text(key), text(value)].concat());
    }
    bytes
}
