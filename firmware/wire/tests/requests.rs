//! Requests as they come and answers as they go, through the whole of the crate.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod reference;

use proptest::prelude::*;
use sfumato_wire::header::Operation;
use sfumato_wire::requests::{Done, enumeration, os, settings, shell};
use sfumato_wire::{Demultiplexer, Event, Header, Repeats, Request, Status, frame, refuse, reply};

/// A device with one setting, as small as it can be.
struct Device {
    link: Demultiplexer,
    repeats: Repeats,
    value: Vec<u8>,
    writes: u32,
}

impl Device {
    fn new() -> Device {
        Device {
            link: Demultiplexer::new(),
            repeats: Repeats::new(),
            value: b"50".to_vec(),
            writes: 0,
        }
    }

    /// Takes what came over the line; gives what goes back.
    fn receive(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut sent = Vec::new();
        for &byte in bytes {
            let mut echo = |_: &[u8]| {};
            let Some(Event::Packet(packet)) = self.link.push(byte, &mut echo) else {
                continue;
            };
            let (header, payload) = Header::of_request(packet).unwrap();
            let mut buffer = [0; 512];
            let answer = match self.repeats.earlier_reply(&header, payload) {
                Some(earlier) => earlier.to_vec(),
                None => match Request::parse(&header, payload) {
                    Ok(Request::Settings(settings::Request::Write {
                        name: "b", value, ..
                    })) => {
                        self.value = value.to_vec();
                        self.writes += 1;
                        reply(&header, &Done, &mut buffer).to_vec()
                    }
                    Ok(Request::Settings(settings::Request::Read { name: "b", .. })) => {
                        let setting = settings::Setting {
                            value: &self.value,
                            max_size: None,
                        };
                        reply(&header, &setting, &mut buffer).to_vec()
                    }
                    Ok(_) => refuse(&header, Status::NotFound, "", &mut buffer).to_vec(),
                    Err(refusal) => refuse(&header, refusal, "", &mut buffer).to_vec(),
                },
            };
            self.repeats.answered(&answer);
            sent.extend(frame::lines(&answer).unwrap().flatten());
        }
        sent
    }
}

/// The bytes of a request in version two.
fn request(operation: u8, group: u8, sequence: u8, command: u8, payload: &[u8]) -> Vec<u8> {
    let length = payload.len() as u8;
    let header = [0x08 | operation, 0, 0, length, 0, group, sequence, command];
    reference::lines(&[&header[..], payload].concat()).concat()
}

#[test]
fn a_conversation() {
    let mut device = Device::new();
    let mut ask = |bytes: Vec<u8>, answer: &[u8]| {
        let expected = reference::lines(answer).concat();
        assert_eq!(device.receive(&bytes), expected, "{answer:?}");
        device.writes
    };
    let read = |sequence| request(0, 3, sequence, 0, b"\xa1\x64name\x61b");
    let write = |sequence| request(2, 3, sequence, 0, b"\xa2\x64name\x61b\x63val\x4270");
    ask(read(1), b"\x09\0\0\x08\0\x03\x01\0\xa1\x63val\x4250");
    assert_eq!(ask(write(2), b"\x0b\0\0\x01\0\x03\x02\0\xa0"), 1);
    // The answer was lost and the client tries again; then it writes once more on purpose.
    assert_eq!(ask(write(2), b"\x0b\0\0\x01\0\x03\x02\0\xa0"), 1);
    assert_eq!(ask(write(3), b"\x0b\0\0\x01\0\x03\x03\0\xa0"), 2);
    ask(read(4), b"\x09\0\0\x08\0\x03\x04\0\xa1\x63val\x4270");
    // Memory pools are not served; neither is a group of our own yet.
    ask(
        request(0, 0, 5, 3, b"\xa0"),
        b"\x09\0\0\x05\0\0\x05\x03\xa1\x62rc\x08",
    );
    ask(
        request(2, 64, 6, 0, b"\xa0"),
        b"\x0b\0\0\x05\0\x40\x06\0\xa1\x62rc\x08",
    );
}

/// Goes through everything a request holds.
fn exhaust(request: Request<'_>) {
    match request {
        Request::Os(os::Request::Information(format)) => assert!(format.fields().count() <= 9),
        Request::Shell(shell::Request::Execute(words)) => assert!(words.count() > 0),
        Request::Enumeration(enumeration::Request::Details {
            groups: Some(groups),
        }) => {
            assert!(groups.count() <= 2048);
        }
        _ => {}
    }
}

/// An item of CBOR, and now and then something that is none.
fn cbor() -> impl Strategy<Value = Vec<u8>> {
    let key = prop::sample::select(vec![
        "name", "val", "off", "len", "data", "argv", "groups", "hash", "confirm", "format", "d",
        "index", "datetime", "force", "query", "sha", "type", "max_size", "save", "slot",
    ]);
    let text = key.prop_map(|key| [&[0x60 | key.len() as u8][..], key.as_bytes()].concat());
    let leaf = prop_oneof![
        4 => text,
        2 => any::<u8>().prop_map(|number| vec![0x18, number]),
        2 => (0u8..16).prop_map(|size| [vec![0x40 | size], vec![b'7'; size.into()]].concat()),
        1 => prop::sample::select(vec![vec![0xf4], vec![0xf5], vec![0xf6], vec![0x20], vec![0x80]]),
        1 => prop::collection::vec(any::<u8>(), 0..4),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        (
            prop::sample::select(vec![0x80u8, 0xa0, 0x9f, 0xbf]),
            prop::collection::vec(inner, 0..6),
        )
            .prop_map(|(start, items)| {
                let mut bytes = match start {
                    0x80 => vec![start | items.len() as u8],
                    0xa0 => vec![start | (items.len() / 2) as u8],
                    _ => vec![start],
                };
                bytes.extend(items.concat());
                if start & 0x1f != 0 {
                    bytes.push(0xff);
                }
                bytes
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn no_payload_does_harm(
        payload in prop_oneof![cbor(), prop::collection::vec(any::<u8>(), 0..80)],
        write in any::<bool>(),
        group in prop::sample::select(vec![0u16, 1, 2, 3, 8, 9, 10]),
        command in 0u8..10,
    ) {
        let operation = if write { Operation::Write } else { Operation::Read };
        let packet = [&[operation as u8 & 2, 0, 0, payload.len() as u8, 0, group as u8, 0, command][..], &payload].concat();
        if let Ok((header, payload)) = Header::of_request(&packet)
            && let Ok(request) = Request::parse(&header, payload)
        {
            exhaust(request);
        }
    }

    #[test]
    fn order_and_unknown_keys_make_no_difference(
        name in "[a-z/]{1,20}",
        value in "[ -~]{0,20}",
        as_text in any::<bool>(),
        indefinite in any::<bool>(),
        unknown in prop::collection::vec(cbor().prop_filter("one whole item", |item| whole(item)), 0..4),
        order in any::<prop::sample::Index>(),
    ) {
        let short = |major: u8, bytes: &[u8]| [&[major | bytes.len() as u8][..], bytes].concat();
        let mut entries = vec![
            [short(0x60, b"name"), short(0x60, name.as_bytes())].concat(),
            [short(0x60, b"val"), short(if as_text { 0x60 } else { 0x40 }, value.as_bytes())].concat(),
        ];
        entries.extend(unknown.iter().map(|item| [&b"\x67unknown"[..], item].concat()));
        let turn = order.index(entries.len());
        entries.rotate_left(turn);
        let payload = if indefinite {
            [&[0xbf][..], &entries.concat(), &[0xff]].concat()
        } else {
            [&[0xa0 | entries.len() as u8][..], &entries.concat()].concat()
        };
        let packet = [&[2, 0, 0, payload.len() as u8, 0, 3, 0, 0][..], &payload].concat();
        prop_assume!(payload.len() < 256);
        let (header, payload) = Header::of_request(&packet).unwrap();
        let parsed = Request::parse(&header, payload).unwrap();
        let expected = settings::Request::Write { name: &name, value: value.as_bytes(), save: false };
        prop_assert!(matches!(parsed, Request::Settings(request) if request == expected));
    }
}

/// Whether bytes are one item of CBOR, by a reader that knows what [`cbor`] makes.
fn whole(bytes: &[u8]) -> bool {
    fn item(bytes: &[u8]) -> Option<&[u8]> {
        let (&first, mut rest) = bytes.split_first()?;
        let low = usize::from(first & 0x1f);
        match first {
            0x00..=0x17 | 0x20..=0x37 | 0xf4..=0xf6 => Some(rest),
            0x18 => rest.get(1..),
            0x40..=0x57 => rest.get(low..),
            0x60..=0x77 => {
                std::str::from_utf8(rest.get(..low)?).ok()?;
                rest.get(low..)
            }
            0x80..=0x97 | 0xa0..=0xb7 => {
                for _ in 0..if first < 0xa0 { low } else { 2 * low } {
                    rest = item(rest)?;
                }
                Some(rest)
            }
            0x9f | 0xbf => {
                let mut count = 0;
                while *rest.first()? != 0xff {
                    rest = item(rest)?;
                    count += 1;
                }
                (first == 0x9f || count % 2 == 0).then_some(&rest[1..])
            }
            _ => None,
        }
    }
    item(bytes) == Some(&[])
}
