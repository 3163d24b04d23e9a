//! What programs send, and what they get.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod board;

use board::{Line, map};
use sfumato_link::Restart;
use sfumato_link_scripted::Slots;

/// Groups.
const OS: u16 = 0;
const IMAGE: u16 = 1;
const STATISTICS: u16 = 2;
const SETTINGS: u16 = 3;
const FILES: u16 = 8;
const SHELL: u16 = 9;
const ENUMERATION: u16 = 10;

fn has(payload: &[u8], part: &[u8]) -> bool {
    payload.windows(part.len()).any(|window| window == part)
}

#[test]
fn settings_are_written_committed_and_saved() {
    let mut line = Line::new();
    let read =
        |line: &mut Line| line.ask(false, SETTINGS, 0, &map(&[("name", "display/brightness")]));
    assert_eq!(read(&mut line), b"\xa1\x63val\x43100");
    let write = map(&[("name", "display/brightness"), ("val", "70")]);
    assert_eq!(line.ask(true, SETTINGS, 0, &write), b"\xa0");
    assert_eq!(
        read(&mut line),
        b"\xa1\x63val\x43100",
        "not before the commit"
    );
    assert_eq!(line.ask(true, SETTINGS, 2, b"\xa0"), b"\xa0");
    assert_eq!(read(&mut line), b"\xa1\x63val\x4270");
    assert!(line.board.saved.is_empty());
    assert_eq!(line.ask(true, SETTINGS, 3, b"\xa0"), b"\xa0");
    assert_eq!(line.board.saved[0].brightness(), 70);
    // Back to the default, and from there to what was saved.
    line.ask(true, SETTINGS, 1, &map(&[("name", "brightness")]));
    line.ask(true, SETTINGS, 2, b"\xa0");
    assert_eq!(read(&mut line), b"\xa1\x63val\x43100");
    line.ask(false, SETTINGS, 3, b"\xa0");
    assert_eq!(read(&mut line), b"\xa1\x63val\x4270");
    // The Go client saves as it writes.
    let write = b"\xa3\x64name\x6abrightness\x63val\x6260\x64save\xf5";
    assert_eq!(line.ask(true, SETTINGS, 0, write), b"\xa0");
    assert_eq!(line.board.saved[1].brightness(), 60);
}

#[test]
fn refusals_have_numbers_and_reasons() {
    let mut line = Line::new();
    let group = |rc: u8| [&b"\xa1\x63err\xa2\x65group\x03\x62rc"[..], &[rc]].concat();
    assert_eq!(
        line.ask(false, SETTINGS, 0, &map(&[("name", "volume")])),
        group(3)
    );
    let write = map(&[("name", "volume"), ("val", "3")]);
    assert_eq!(line.ask(true, SETTINGS, 0, &write), group(3));
    assert_eq!(
        line.ask(false, SETTINGS, 0, &map(&[("name", "pin")])),
        group(4)
    );
    assert_eq!(
        line.ask(true, SETTINGS, 1, &map(&[("name", "pin")])),
        group(7)
    );
    let write = map(&[("name", "pin"), ("val", "4711")]);
    assert_eq!(line.ask(true, SETTINGS, 0, &write), group(6));
    assert_eq!(
        line.ask(true, SETTINGS, 3, &map(&[("name", "volume")])),
        group(5)
    );
    // Out of range: the protocol's own number, and what would have been right.
    let write = map(&[("name", "brightness"), ("val", "170")]);
    let refused = line.ask(true, SETTINGS, 0, &write);
    assert!(has(&refused, b"\x62rc\x03") && has(&refused, b"0 to 100 %, not 170"));
    let write = map(&[("name", "brightness_max"), ("val", "40")]);
    assert_eq!(line.ask(true, SETTINGS, 0, &write), b"\xa0");
    let refused = line.ask(true, SETTINGS, 2, b"\xa0");
    assert!(has(&refused, b"\x62rc\x03") && has(&refused, b"must not exceed"));
    line.board.save_fails = true;
    let refused = line.ask(true, SETTINGS, 3, b"\xa0");
    assert!(has(&refused, b"\x62rc\x01") && has(&refused, b"the storage is full"));
}

#[test]
fn a_write_that_comes_twice_is_done_once() {
    let mut line = Line::new();
    assert_eq!(line.ask(true, OS, 5, b"\xa0"), b"\xa0");
    assert_eq!(line.ask_again(true, OS, 5, b"\xa0"), b"\xa0");
    assert_eq!(line.board.restarts, [Restart::Board]);
    // Long after, the same number is another request.
    line.wait(11);
    line.ask_again(true, OS, 5, b"\xa0");
    assert_eq!(line.board.restarts.len(), 2);
}

#[test]
fn what_every_client_asks_first() {
    let mut line = Line::new();
    let parameters = line.ask(false, OS, 6, b"\xa0");
    assert_eq!(parameters, b"\xa2\x68buf_size\x19\x10\0\x69buf_count\x01");
    for write in [false, true] {
        assert_eq!(
            line.ask(write, OS, 0, &map(&[("d", "hi")])),
            b"\xa1\x61r\x62hi"
        );
    }
    let format = map(&[("format", "sn")]);
    assert_eq!(
        line.ask(false, OS, 7, &format),
        b"\xa1\x66output\x6bLinux saal3"
    );
    assert!(has(&line.ask(false, OS, 2, b"\xa0"), b"render"));
    assert!(
        has(&line.ask(false, OS, 4, b"\xa0"), b"\x62rc\x04"),
        "never set"
    );
    let time = map(&[("datetime", "2026-11-27T10:00:00")]);
    assert_eq!(line.ask(true, OS, 4, &time), b"\xa0");
    assert!(has(
        &line.ask(false, OS, 4, b"\xa0"),
        b"2026-11-27T10:00:00"
    ));
    // Recovery of a boot loader that is not ours.
    assert!(has(
        &line.ask(true, OS, 5, b"\xa1\x69boot_mode\x01"),
        b"\x62rc\x08"
    ));
    assert!(has(&line.ask(false, OS, 8, b"\xa0"), b"bootloader"));
}

#[test]
fn counters_images_and_groups() {
    let mut line = Line::new();
    let names = line.ask(false, STATISTICS, 1, b"\xa0");
    assert!(has(&names, b"picture") && has(&names, b"camera"));
    let counters = line.ask(false, STATISTICS, 0, &map(&[("name", "picture")]));
    assert!(has(&counters, b"\x65shown\x07") && has(&counters, b"late"));
    let unknown = line.ask(false, STATISTICS, 0, &map(&[("name", "volume")]));
    assert!(has(&unknown, b"\x62rc\x02"));
    // This board has no updates: there are no images, and none can be sent.
    assert!(has(&line.ask(false, IMAGE, 0, b"\xa0"), b"images"));
    let upload = b"\xa3\x63off\0\x63len\x01\x64data\x41a";
    assert_eq!(line.ask(true, IMAGE, 1, upload), b"\xa1\x62rc\x08");
    assert_eq!(
        line.ask(false, ENUMERATION, 0, b"\xa0"),
        b"\xa1\x65count\x07"
    );
    let groups = line.ask(false, ENUMERATION, 1, b"\xa0");
    assert!(has(&groups, &[0, 1, 2, 3, 8, 9, 10]));
    assert!(has(
        &line.ask(false, ENUMERATION, 2, b"\xa1\x65index\x06"),
        b"\x63end\xf5"
    ));
    let beyond = line.ask(false, ENUMERATION, 2, b"\xa1\x65index\x07");
    assert!(has(&beyond, b"\x62rc\x04"));
    let details = line.ask(false, ENUMERATION, 3, b"\xa1\x66groups\x82\x00\x09");
    assert!(
        has(&details, b"os mgmt") && has(&details, b"shell mgmt") && !has(&details, b"fs mgmt")
    );
}

#[test]
fn images_where_the_board_has_updates() {
    let mut line = Line::new();
    line.board.images = Some(Slots::default());
    let states = line.ask(false, IMAGE, 0, b"\xa0");
    assert!(has(&states, b"0.1.0") && has(&states, b"pending\xf4"));
    let test = [&b"\xa1\x64hash\x58\x20"[..], &[7; 32]].concat();
    assert!(has(&line.ask(true, IMAGE, 0, &test), b"pending\xf5"));
    let unknown = [&b"\xa1\x64hash\x58\x20"[..], &[8; 32]].concat();
    assert!(has(&line.ask(true, IMAGE, 0, &unknown), b"\x62rc\x08"));
    line.ask(true, IMAGE, 0, b"\xa1\x67confirm\xf5");
    let part = b"\xa3\x63off\0\x63len\x03\x64data\x43abc";
    assert_eq!(line.ask(true, IMAGE, 1, part), b"\xa1\x63off\x03");
    // Not where it goes on.
    assert!(has(&line.ask(true, IMAGE, 1, part), b"\x62rc\x14"));
    assert_eq!(line.ask(true, IMAGE, 5, b"\xa0"), b"\xa0");
    // What the protocol has no number for is refused in words.
    line.board.images.as_mut().unwrap().busy = true;
    let refused = line.ask(true, IMAGE, 0, b"\xa1\x67confirm\xf5");
    assert!(has(&refused, b"\x62rc\x06") && has(&refused, b"being installed"));
    let slots = line.ask(false, IMAGE, 6, b"\xa0");
    assert!(has(&slots, b"\x6emax_image_size\x19\x03\x84"));
    let images = line.board.images.as_ref().unwrap();
    assert_eq!(images.marked, [(Some(7), false), (None, true)]);
    assert_eq!(
        (&images.uploaded[..], &images.erased[..]),
        (&b"abc"[..], &[1][..])
    );
}

#[test]
fn files_in_parts() {
    let mut line = Line::new();
    let whole: Vec<u8> = (0..9000u32).map(|at| (at % 251) as u8).collect();
    line.board.files.insert("log".to_owned(), whole.clone());
    let mut fetched = Vec::new();
    while fetched.len() < whole.len() {
        let [high, low] = (fetched.len() as u16).to_be_bytes();
        let ask = [&b"\xa2\x64name\x63log\x63off\x19"[..], &[high, low]].concat();
        let part = line.ask(false, FILES, 0, &ask);
        let at = part
            .windows(4)
            .position(|window| window == b"data")
            .unwrap()
            + 4;
        assert_eq!(part[at], 0x59, "a long string of bytes");
        let count = usize::from(u16::from_be_bytes([part[at + 1], part[at + 2]]));
        fetched.extend_from_slice(&part[at + 3..at + 3 + count]);
        assert_eq!(has(&part, b"\x63len"), high == 0 && low == 0);
    }
    assert_eq!(fetched, whole);
    assert_eq!(
        line.ask(false, FILES, 1, &map(&[("name", "log")])),
        b"\xa1\x63len\x19\x23\x28"
    );
    let behind = line.ask(false, FILES, 0, b"\xa2\x64name\x63log\x63off\x19\x23\x29");
    assert!(has(&behind, b"\x62rc\x0c"));
    let missing = line.ask(false, FILES, 1, &map(&[("name", "other")]));
    assert!(has(&missing, b"\x62rc\x03"));
    let part = b"\xa4\x64name\x61p\x63off\0\x63len\x03\x64data\x43abc";
    assert_eq!(line.ask(true, FILES, 0, part), b"\xa1\x63off\x03");
    // What the protocol has no number for is refused in words.
    let part = b"\xa4\x64name\x68unsigned\x63off\0\x63len\x03\x64data\x43abc";
    let refused = line.ask(true, FILES, 0, part);
    assert!(has(&refused, b"\x62rc\x06") && has(&refused, b"does not trust"));
    let part = b"\xa4\x64name\x64full\x63off\0\x63len\x03\x64data\x43abc";
    assert!(has(&line.ask(true, FILES, 0, part), b"\x62rc\x0a"));
    let hash = line.ask(false, FILES, 2, &map(&[("name", "p"), ("type", "crc32")]));
    assert!(has(&hash, b"\x65crc32") && has(&hash, b"\x1a\x12\x34\x56\x78"));
    let unknown = line.ask(false, FILES, 2, &map(&[("name", "p"), ("type", "md5")]));
    assert!(has(&unknown, b"\x62rc\x0d"));
}

#[test]
fn the_shell_is_the_text_commands() {
    let mut line = Line::new();
    // A word for each argument, or all in one.
    let answer = line.ask(true, SHELL, 0, b"\xa1\x64argv\x82\x6abrightness\x6270");
    assert!(has(&answer, b"OK display.brightness = 70 %") && has(&answer, b"\x63ret\x00"));
    let answer = line.ask(true, SHELL, 0, b"\xa1\x64argv\x81\x6fname Saal\\ drei");
    assert!(has(&answer, b"OK name = Saal\\ drei"));
    let answer = line.ask(true, SHELL, 0, b"\xa1\x64argv\x82\x6abrightness\x63170");
    assert!(has(&answer, b"ERR 21") && has(&answer, b"\x63ret\x15"));
    // All settings fit one answer.
    let answer = line.ask(true, SHELL, 0, b"\xa1\x64argv\x81\x64list");
    assert!(has(&answer, b"39 settings"));
}

#[test]
fn with_a_pin_packets_are_refused_too() {
    let mut line = Line::new();
    assert_eq!(line.last("pin 4711"), "OK the PIN is set");
    line.last("lock");
    let write = map(&[("name", "brightness"), ("val", "70")]);
    for (group, command, payload) in [
        (SETTINGS, 0, &write[..]),
        (SETTINGS, 1, &map(&[("name", "brightness")])),
        (SETTINGS, 2, b"\xa0"),
        (SETTINGS, 3, b"\xa0"),
        (OS, 4, &map(&[("datetime", "2026-11-27T10:00:00")])),
        (OS, 5, b"\xa0"),
        (
            FILES,
            0,
            b"\xa4\x64name\x61p\x63off\0\x63len\x03\x64data\x43abc",
        ),
        (IMAGE, 5, b"\xa0"),
    ] {
        let refused = line.ask(true, group, command, payload);
        assert!(
            has(&refused, b"\x62rc\x0b") && has(&refused, b"locked"),
            "{group} {command}"
        );
    }
    assert!(
        has(&line.ask(false, SETTINGS, 3, b"\xa0"), b"locked"),
        "loading changes, too"
    );
    assert_eq!(
        line.ask(false, SETTINGS, 0, &map(&[("name", "brightness")])),
        b"\xa1\x63val\x43100"
    );
    assert!(line.board.restarts.is_empty() && line.board.files.is_empty());
}

#[test]
fn another_version_of_the_protocol_is_told_so() {
    let mut line = Line::new();
    let packet = [0x10, 0, 0, 1, 0, 0, 7, 0, 0xa0];
    let bytes: Vec<u8> = sfumato_wire::frame::lines(&packet)
        .unwrap()
        .flat_map(|line| line.to_vec())
        .collect();
    assert!(!line.send(&bytes).is_empty());
}
