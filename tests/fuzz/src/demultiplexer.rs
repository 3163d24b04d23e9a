//! Any bytes over the line, and after them a packet and a line that must come through.

use sfumato_wire::{Demultiplexer, Event, frame};

type Link = Demultiplexer<300, 40, 2>;

const PACKET: [u8; 9] = [0x08, 0, 0, 1, 0, 0, 1, 6, 0xa0];

/// Pushes bytes; says whether the packet and the line `status` came of them.
fn push(link: &mut Link, bytes: &[u8]) -> (bool, bool) {
    let mut came = (false, false);
    for &byte in bytes {
        match link.push(byte, &mut |_| {}) {
            Some(Event::Packet(packet)) => {
                assert!((8..=300).contains(&packet.len()));
                came.0 |= packet == PACKET;
            }
            Some(Event::Line(line)) => {
                assert!((1..=40).contains(&line.len()));
                came.1 |= line == "status";
            }
            Some(Event::TooLong | Event::NotText) | None => {}
        }
    }
    came
}

pub fn run(bytes: &[u8]) {
    let mut link = Link::new();
    push(&mut link, bytes);
    // Somebody at a terminal keeps what was typed, and gives it up with ctrl-C.
    let end: &[u8] = if link.terminal() { b"\n\x03" } else { b"\n" };
    push(&mut link, end);
    let lines = frame::lines(&PACKET).expect("it is short");
    let mut next: Vec<u8> = lines.flatten().collect();
    next.extend(b"status\r\n");
    assert_eq!(push(&mut link, &next), (true, true));
}
