//! Packets and lines through a port, with everything that can go wrong on one.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod reference;

use proptest::prelude::*;
use sfumato_wire::{Demultiplexer, Dropped, Event, frame};

/// An event that outlives its buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Came {
    Packet(Vec<u8>),
    Line(String),
    TooLong,
    NotText,
}

fn line(text: &str) -> Came {
    Came::Line(text.to_string())
}

/// A demultiplexer small enough to be filled.
type Link = Demultiplexer<300, 40, 2>;

/// What comes of these bytes; on a silent line there is no echo.
fn receive(link: &mut Link, bytes: &[u8]) -> Vec<Came> {
    let mut events = Vec::new();
    for &byte in bytes {
        let mut echo = |_: &[u8]| {};
        events.extend(link.push(byte, &mut echo).map(|event| match event {
            Event::Packet(packet) => Came::Packet(packet.to_vec()),
            Event::Line(line) => Came::Line(line.to_string()),
            Event::TooLong => Came::TooLong,
            Event::NotText => Came::NotText,
        }));
    }
    events
}

fn fresh(bytes: &[u8]) -> (Vec<Came>, Dropped) {
    let mut link = Link::new();
    let events = receive(&mut link, bytes);
    (events, link.dropped())
}

/// A packet of so many bytes, none of them alike for long.
fn packet(size: usize) -> Vec<u8> {
    (0..size)
        .map(|index| ((index * 37) >> 3) as u8 ^ index as u8)
        .collect()
}

/// What the Python library `smp` 4.2.0 puts on the line.
#[test]
fn packets_of_a_stock_client() {
    let upload: Vec<u8> = [
        &b"\x0a\0\0\xe3\0\x08\x04\0\xa4\x63len\x18\xc8\x63off\0\x64data\x58\xc8"[..],
        &(0..200).collect::<Vec<u8>>(),
        b"\x64name\x62/a",
    ]
    .concat();
    for (packet, expected) in [
        // The first question of every client: parameters.
        (
            &b"\x08\0\0\x01\0\0\x01\x06\xa0"[..],
            &b"\x06\x09AAsIAAABAAABBqBEIw==\n"[..],
        ),
        // Echo, as a write.
        (
            b"\x0a\0\0\x09\0\0\x02\0\xa1\x61d\x65hello",
            b"\x06\x09ABMKAAAJAAACAKFhZGVoZWxsbwLM\n",
        ),
        // portrait/brightness = 70.
        (
            b"\x0a\0\0\x21\0\x03\x03\0\xa2\x63val\x4270\x64name\x73portrait/brightness",
            b"\x06\x09ACsKAAAhAAMDAKJjdmFsQjcwZG5hbWVzcG9ydHJhaXQvYnJpZ2h0bmVzc3sb\n",
        ),
        // 200 bytes of a file: three lines.
        (
            &upload,
            b"\x06\x09AO0KAADjAAgEAKRjbGVuGMhjb2ZmAGRkYXRhWMgAAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0e\
              HyAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/\n\
              \x04\x14QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl9gYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7\
              fH1+f4CBgoOEhYaHiImKi4yNjo+QkZKTlJWWl5iZmpuc\n\
              \x04\x14nZ6foKGio6SlpqeoqaqrrK2ur7CxsrO0tba3uLm6u7y9vr/AwcLDxMXGx2RuYW1lYi9hK60=\n",
        ),
    ] {
        let sent: Vec<u8> = frame::lines(packet).unwrap().flatten().collect();
        assert_eq!(sent, expected);
        assert_eq!(reference::lines(packet).concat(), expected);
        assert_eq!(
            fresh(expected),
            (vec![Came::Packet(packet.to_vec())], Dropped::NONE)
        );
    }
}

#[test]
fn lines_end_as_they_like() {
    let (events, dropped) = fresh(b"one\rtwo\nthree\r\n\r\n\n\rfour\tx \xc3\xa4\n");
    assert_eq!(events, ["one", "two", "three", "four\tx \u{e4}"].map(line));
    assert_eq!(dropped, Dropped::NONE);
}

#[test]
fn bad_lines_are_told_at_their_end() {
    let mut link = Link::new();
    assert_eq!(receive(&mut link, &[b'x'; 40]), []);
    assert_eq!(receive(&mut link, b"\n"), [line(&"x".repeat(40))]);
    assert_eq!(receive(&mut link, &[b'x'; 41]), []);
    assert_eq!(
        receive(&mut link, b"\r\nnext\n"),
        [Came::TooLong, line("next")]
    );
    for bad in [
        &b"a\0b"[..],
        b"a\x08",
        b"a\x7fb",
        b"a\x1b[3~",
        b"\xff",
        b"\xc3",
        b"a\x06b",
        b"a\x04",
    ] {
        assert_eq!(receive(&mut link, bad), [], "{bad:?}");
        assert_eq!(
            receive(&mut link, b"\nnext\n"),
            [Came::NotText, line("next")],
            "{bad:?}"
        );
    }
    // Control characters before a line are the noise of a plug.
    assert_eq!(
        receive(&mut link, b"\0\x08\x06\x04\x7fnext\n\0\n"),
        [line("next")]
    );
    let expected = Dropped {
        long_lines: 1,
        not_text: 8,
        ..Dropped::NONE
    };
    assert_eq!(link.dropped(), expected);
}

#[test]
fn text_between_the_lines_of_a_packet() {
    let packet = packet(250);
    let lines = reference::lines(&packet);
    assert_eq!(lines.len(), 3);
    let bytes = [
        &lines[0][..],
        b"[12.3] usb 1-1: new\r\n",
        &lines[1],
        b"help\n",
        &lines[2],
    ]
    .concat();
    let (events, dropped) = fresh(&bytes);
    assert_eq!(
        events,
        [
            line("[12.3] usb 1-1: new"),
            line("help"),
            Came::Packet(packet)
        ]
    );
    assert_eq!(dropped, Dropped::NONE);
}

#[test]
fn a_packet_cuts_a_line() {
    let packet = packet(20);
    let lines = reference::lines(&packet).concat();
    let (events, dropped) = fresh(&[b"bright", &lines[..], b"ness\n"].concat());
    assert_eq!(events, [Came::Packet(packet), line("ness")]);
    let expected = Dropped {
        cut_lines: 1,
        ..Dropped::NONE
    };
    assert_eq!(dropped, expected);
}

/// Each fault alone: what is counted, and that the next packet and line come through.
#[test]
fn faults_are_counted_and_over() {
    let good = packet(120);
    let lines = reference::lines(&good);
    let [first, second] = &lines[..] else {
        panic!("two lines");
    };
    let with = |change: fn(&mut Dropped)| {
        let mut dropped = Dropped::NONE;
        change(&mut dropped);
        dropped
    };
    let mut wrong_sum = reference::body(&packet(50));
    *wrong_sum.last_mut().unwrap() ^= 1;
    let mut longer = reference::body(&packet(50));
    longer.push(0);
    let short = reference::body(&packet(7));
    let large = reference::body(&packet(301));
    let one = |body: &[u8]| reference::lines_of(body, 93).concat();
    let cases: [(&str, Vec<u8>, Dropped); 14] = [
        (
            "a wrong check sum",
            one(&wrong_sum),
            with(|d| d.check_sum = 1),
        ),
        ("more than was stated", one(&longer), with(|d| d.length = 1)),
        ("no room for a header", one(&short), with(|d| d.length = 1)),
        (
            "longer than the buffer",
            one(&large),
            with(|d| (d.too_big, d.orphans) = (1, 3)),
        ),
        (
            "cut off after a line",
            first.clone(),
            with(|d| d.unfinished = 1),
        ),
        (
            "cut off within a line",
            first[..50].to_vec(),
            with(|d| d.unfinished = 1),
        ),
        (
            "the first line lost",
            second.clone(),
            with(|d| d.orphans = 1),
        ),
        (
            "a line feed lost",
            [&first[..126], second].concat(),
            with(|d| d.unfinished = 1),
        ),
        (
            "no Base64",
            b"\x06\x09AAsxM*I0\n".to_vec(),
            with(|d| d.not_base64 = 1),
        ),
        (
            "not four by four",
            b"\x06\x09AAsxMjM\n".to_vec(),
            with(|d| d.not_base64 = 1),
        ),
        (
            "padding within",
            b"\x06\x09AA==sxMj\n".to_vec(),
            with(|d| d.not_base64 = 1),
        ),
        (
            "half a marker within",
            b"\x06\x09AAsx\x06MjM0\n".to_vec(),
            with(|d| d.not_base64 = 1),
        ),
        (
            "two halves within",
            b"\x06\x09AAsx\x04\x04\n".to_vec(),
            with(|d| d.not_base64 = 1),
        ),
        ("empty", b"\x06\x09\n".to_vec(), with(|d| d.unfinished = 1)),
    ];
    for (name, bytes, dropped) in cases {
        let mut link = Link::new();
        assert_eq!(receive(&mut link, &bytes), [], "{name}");
        let next = [&lines.concat()[..], b"next\n"].concat();
        let events = receive(&mut link, &next);
        assert_eq!(events, [Came::Packet(good.clone()), line("next")], "{name}");
        assert_eq!(link.dropped(), dropped, "{name}");
    }
}

#[test]
fn any_line_length_and_a_return_will_do() {
    let packet = packet(200);
    for share in [1, 2, 3, 50, 93, 204] {
        let bytes = reference::lines_of(&reference::body(&packet), share).concat();
        assert_eq!(fresh(&bytes).0, [Came::Packet(packet.clone())], "{share}");
        let returns: Vec<u8> = bytes
            .iter()
            .map(|&b| if b == b'\n' { b'\r' } else { b })
            .collect();
        assert_eq!(fresh(&returns).0, [Came::Packet(packet.clone())], "{share}");
    }
}

/// The largest packet that fits and the smallest, a header alone.
#[test]
fn sizes_at_the_bounds() {
    for size in [8, 300] {
        let packet = packet(size);
        let (events, dropped) = fresh(&reference::lines(&packet).concat());
        assert_eq!(events, [Came::Packet(packet)]);
        assert_eq!(dropped, Dropped::NONE);
    }
}

/// No change of one byte makes another packet of it.
#[test]
fn one_wrong_byte_is_noticed() {
    let packet = packet(100);
    let lines = reference::lines(&packet).concat();
    for index in 0..lines.len() {
        for value in 0..=255 {
            let mut bytes = lines.clone();
            bytes[index] = value;
            for event in fresh(&bytes).0 {
                match event {
                    Came::Packet(found) => assert_eq!(found, packet, "{value} at {index}"),
                    Came::Line(_) | Came::TooLong | Came::NotText => {}
                }
            }
        }
    }
}

#[test]
fn ten_megabytes_without_an_end() {
    let good = reference::lines(&packet(30)).concat();
    for (start, filling, event) in [
        (&b""[..], b'a', Some(Came::TooLong)),
        (b"", 0xff, Some(Came::TooLong)),
        (b"", 0, None),
        (b"", 6, None),
        (b"\x06\x09", b'A', None),
        (b"\x04\x14", b'A', None),
        (b"\x1b[", b'1', None),
    ] {
        let mut link = Link::new();
        assert_eq!(receive(&mut link, start), []);
        for _ in 0..10 {
            assert_eq!(receive(&mut link, &[filling; 1 << 20]), []);
        }
        assert_eq!(
            receive(&mut link, b"\n"),
            Vec::from_iter(event),
            "{filling}"
        );
        let events = receive(&mut link, &[&good[..], b"next\n"].concat());
        assert_eq!(
            events,
            [Came::Packet(packet(30)), line("next")],
            "{filling}"
        );
    }
}

/// Bytes that look much like what the line carries, and some that do not.
fn soup() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"\x06\x09".to_vec()),
        Just(b"\x04\x14".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"\x1b[A".to_vec()),
        Just(b"\x1b".to_vec()),
        "[A-Za-z0-9+/=]{0,40}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..12),
        (
            prop::collection::vec(any::<u8>(), 8..120),
            any::<prop::sample::Index>()
        )
            .prop_map(|(packet, cut)| {
                let mut bytes = reference::lines(&packet).concat();
                bytes.truncate(cut.index(bytes.len()));
                bytes
            }),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Something well-formed, and what is to come of it.
fn item() -> impl Strategy<Value = (Vec<u8>, Option<Came>)> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 8..=300).prop_map(|packet| (
            reference::lines(&packet).concat(),
            Some(Came::Packet(packet))
        )),
        ("[ -~\u{a1}-\u{ff}]{1,20}", prop_oneof!["\n", "\r", "\r\n"])
            .prop_map(|(text, end)| ((text.clone() + &end).into_bytes(), Some(Came::Line(text)))),
        prop::collection::vec(any::<u8>(), 8..=300).prop_map(|packet| {
            let mut body = reference::body(&packet);
            *body.last_mut().unwrap() ^= 0x40;
            (reference::lines_of(&body, 93).concat(), None)
        }),
        Just((b"\n".to_vec(), None)),
    ]
}

proptest! {
    #[test]
    fn what_is_sent_is_received(
        packet in prop::collection::vec(any::<u8>(), 8..=300),
        noise in prop::collection::vec("[ -~\n\r]{0,50}", 4),
    ) {
        let lines: Vec<frame::Line> = frame::lines(&packet).unwrap().collect();
        prop_assert_eq!(lines.concat(), reference::lines(&packet).concat());
        // Text before and between, whatever it says and whether it has an end.
        let bytes: Vec<u8> = (lines.iter().zip(noise.iter().cycle()))
            .flat_map(|(line, noise)| [noise.as_bytes(), line].concat())
            .collect();
        let (events, _) = fresh(&bytes);
        let packets: Vec<&Came> = events.iter().filter(|e| matches!(e, Came::Packet(_))).collect();
        prop_assert_eq!(packets, [&Came::Packet(packet)]);
    }

    #[test]
    fn well_formed_things_come_in_order(items in prop::collection::vec(item(), 0..12)) {
        let bytes: Vec<u8> = items.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let expected: Vec<Came> = items.into_iter().filter_map(|(_, event)| event).collect();
        prop_assert_eq!(fresh(&bytes).0, expected);
    }

    #[test]
    fn nothing_lasts(soup in soup(), packet in prop::collection::vec(any::<u8>(), 8..=300)) {
        let mut link = Link::new();
        receive(&mut link, &soup);
        // Somebody at a terminal keeps what was typed, and gives it up with ctrl-C.
        let end: &[u8] = if link.terminal() { b"\n\x03" } else { b"\n" };
        receive(&mut link, end);
        let next = [&reference::lines(&packet).concat()[..], b"status\r\n"].concat();
        prop_assert_eq!(receive(&mut link, &next), [Came::Packet(packet), line("status")]);
    }
}
