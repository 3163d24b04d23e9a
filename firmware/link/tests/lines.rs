//! What people and AV controllers send, and what they get.

#![allow(clippy::unwrap_used)] // a test that cannot go on shall panic

mod board;

use board::Line;
use proptest::prelude::*;
use sfumato_link::{Picture, Restart};
use sfumato_link_scripted::Slots;
use sfumato_settings::pin::Challenge;

#[test]
fn a_controller_sets_and_is_told_the_value_in_force() {
    let mut line = Line::new();
    assert_eq!(line.say("brightness 70"), ["OK display.brightness = 70 %"]);
    assert_eq!(line.say("brightness=71"), ["OK display.brightness = 71 %"]);
    assert_eq!(line.say("BRIGHTNESS"), ["OK display.brightness = 71 %"]);
    assert_eq!(
        line.say("brightness 170"),
        ["ERR 21 display.brightness: 0 to 100 %, not 170"]
    );
    assert_eq!(line.say("brightness"), ["OK display.brightness = 71 %"]);
    assert_eq!(line.board.applied, [1, 2]);
    assert_eq!(
        line.say("hours Mo-Fr 10:00-18:00, Sa 10:00-20:00"),
        ["OK opening.hours = Mo-Fr 10:00-18:00, Sa 10:00-20:00"]
    );
    // Together with another it would be too bright.
    assert_eq!(
        line.say("brightness_max 40"),
        ["ERR 22 display.brightness must not exceed display.brightness_max"]
    );
}

#[test]
fn a_value_may_be_as_long_as_a_line() {
    let mut line = Line::new();
    let days: Vec<String> = (1..=20)
        .map(|day| format!("2027-08-{day:02} 10:00-14:00"))
        .collect();
    let answer = line.last(&format!("holidays {}", days.join(", ")));
    assert!(
        answer.starts_with("OK opening.holidays = 2027-08-01 10:00-14:00"),
        "{answer}"
    );
    assert!(answer.ends_with("2027-08-20 10:00-14:00"), "{answer}");
}

#[test]
fn changes_wait_for_their_commit() {
    let mut line = Line::new();
    assert_eq!(
        line.last("set brightness_max 60"),
        "OK display.brightness_max = 60 %, after commit"
    );
    assert!(line.last("commit").starts_with("ERR 22"));
    assert_eq!(
        line.last("set brightness 55"),
        "OK display.brightness = 55 %, after commit"
    );
    assert_eq!(
        line.say("staged"),
        [
            "display.brightness = 55 %",
            "display.brightness_max = 60 %",
            "OK 2 prepared"
        ]
    );
    assert_eq!(line.last("get brightness"), "OK display.brightness = 100 %");
    assert!(line.last("commit").starts_with("OK 2 put into force"));
    assert_eq!(line.last("get brightness"), "OK display.brightness = 55 %");
    assert!(line.board.saved.is_empty());
    assert!(line.last("save").starts_with("OK saved; 2 not"));
    assert_eq!(line.board.saved.len(), 1);
    assert_eq!(
        line.last("personality grumpy"),
        "ERR 23 there is no such personality"
    );
    assert_eq!(line.last("personality curious"), "OK personality = curious");
    line.last("brightness 10");
    assert_eq!(line.last("load"), "OK what was saved is in force");
    assert_eq!(line.last("brightness"), "OK display.brightness = 55 %");
    line.last("reset all");
    line.last("commit");
    assert_eq!(line.last("brightness"), "OK display.brightness = 100 %");
    line.board.save_fails = true;
    assert_eq!(line.last("save"), "ERR 40 not saved: the storage is full");
}

#[test]
fn everything_can_be_looked_up() {
    let mut line = Line::new();
    let all = line.say("list");
    assert_eq!(all.len(), sfumato_settings::SETTINGS.len() + 1);
    let help = line.say("help");
    for name in ["brightness", "commit", "reboot", "unlock"] {
        assert!(
            line.last(&format!("help {name}")).starts_with("OK "),
            "{name}"
        );
    }
    assert!(help.iter().any(|row| row.starts_with("commit ")));
    assert!(line.last("range rotation").contains("0, 90, 180 or 270"));
    assert_eq!(line.say("list pixel_shift").len(), 4);
    for (wrong, answer) in [
        ("volume 3", "ERR 10 "),
        ("get volume", "ERR 20 there is no setting volume"),
        ("get", "ERR 11 write get NAME"),
        ("get a b", "ERR 11 "),
        ("set brightness", "ERR 11 "),
        ("list volume", "ERR 20"),
        ("show nothing", "ERR 11"),
        ("say \"hello", "ERR 3 "),
        ("counters volume", "ERR 41"),
        ("time", "ERR 41"),
        ("time noon", "ERR 11"),
        ("pin 12", "ERR 21"),
        ("set pin 1234", "ERR 21 write pin DIGITS"),
        ("reset pin", "ERR 21"),
        ("terminal", "ERR 11"),
    ] {
        let found = line.last(wrong);
        assert!(found.starts_with(answer), "{wrong}: {found}");
    }
    assert_eq!(line.board.applied.len(), 0);
}

#[test]
fn the_board_does_what_it_is_told() {
    let mut line = Line::new();
    let status = line.say("status");
    assert_eq!(status[0], "picture: 60 a second");
    assert!(status.contains(&"access: open, no PIN is set".to_owned()));
    assert_eq!(line.say("counters picture").len(), 3);
    assert!(line.say("about").contains(&"name: saal3".to_owned()));
    assert_eq!(line.last("show test-pattern"), "OK test-pattern");
    assert_eq!(line.board.picture, Some(Picture::TestPattern));
    assert_eq!(line.last("restart"), "OK in a moment");
    assert_eq!(line.last("reboot"), "OK in a moment");
    assert_eq!(line.board.restarts, [Restart::Program, Restart::Board]);
    assert!(
        line.last("time 2026-11-27T10:00:00")
            .starts_with("OK 2026-11-27T10:00:00")
    );
    assert_eq!(line.last("echo  a   b"), "OK a b");
}

/// What somebody with the PIN answers to a challenge.
fn response(challenge: &str, pin: &str) -> String {
    let challenge = challenge.strip_prefix("OK challenge ").unwrap();
    Challenge::parse(challenge).unwrap().answer(pin).to_string()
}

#[test]
fn with_a_pin_reading_is_free_and_writing_is_not() {
    let mut line = Line::new();
    assert_eq!(line.last("unlock"), "OK open, no PIN is set");
    assert_eq!(line.last("pin 4711"), "OK the PIN is set");
    assert_eq!(line.board.saved.len(), 1, "a PIN outlives a power cut");
    assert_eq!(
        line.last("brightness 72"),
        "OK display.brightness = 72 %",
        "its owner is in"
    );
    assert_eq!(line.last("lock"), "OK locked");
    let locked = "ERR 30 locked by a PIN; unlock first";
    for write in [
        "brightness 70",
        "set brightness 70",
        "commit",
        "save",
        "load",
        "reset all",
        "reset brightness",
        "pin none",
        "pin 0000",
        "show test-pattern",
        "restart",
        "reboot",
        "time 2026-11-27T10:00:00",
    ] {
        assert_eq!(line.last(write), locked, "{write}");
    }
    assert!(line.last("brightness").starts_with("OK"));
    assert!(line.say("status").contains(&"access: locked".to_owned()));
    let challenge = line.last("unlock");
    let heard = response(&challenge, "4711");
    assert_eq!(line.last(&format!("unlock {heard}")), "OK unlocked");
    assert_eq!(line.last("brightness 70"), "OK display.brightness = 70 %");
    // Whoever heard it and says it again is not let in.
    line.last("lock");
    assert!(line.last(&format!("unlock {heard}")).starts_with("ERR 31"));
    line.last("unlock");
    assert!(line.last(&format!("unlock {heard}")).starts_with("ERR 31"));
    // Silence locks.
    let challenge = line.last("unlock");
    line.last(&format!("unlock {}", response(&challenge, "4711")));
    line.wait(3600);
    assert_eq!(line.last("brightness 71"), locked);
    // Without random numbers there is no challenge that can be trusted.
    line.board.no_random = true;
    assert!(line.last("unlock").starts_with("ERR 41"));
}

#[test]
fn a_terminal_gets_an_echo_and_a_controller_does_not() {
    let mut line = Line::new();
    assert!(
        line.send(b"terminal on\r")
            .starts_with(b"OK terminal on\r\n\r> ")
    );
    assert_eq!(line.send(b"na"), b"na");
    let answer = line.send(b"me\r");
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.contains("OK name = empty\r\n\r> "), "{answer:?}");
    line.conversation.hang_up();
    assert_eq!(line.send(b"name\r"), b"OK name = empty\r\n");
}

#[test]
fn after_garbage_the_next_command_is_answered() {
    let mut line = Line::new();
    line.send(&vec![b'x'; 10_000_000]);
    line.send(b"\r");
    assert_eq!(line.last("brightness 70"), "OK display.brightness = 70 %");
    line.send(b"\x06\x09AAAA\x00\xff\xfe\n\x04\x14////");
    line.send(b"\n");
    assert_eq!(line.last("brightness 71"), "OK display.brightness = 71 %");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_line_has_one_last_line(text in "[ -~]{1,200}|(set|get|list|reset|pin|unlock|help) [ -~]{0,40}") {
        let mut line = Line::new();
        prop_assume!(!text.trim().is_empty());
        let answer = line.say(&text);
        let ends = answer.iter().filter(|row| row.starts_with("OK") || row.starts_with("ERR ")).count();
        prop_assert_eq!(ends, 1, "{:?}", answer);
        prop_assert!(answer.iter().all(|row| !row.contains(char::is_control)));
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut line = Line::new();
        line.send(&bytes);
        line.send(b"\n");
        // A cursor key among them is somebody at a terminal, who gets an echo and a prompt as well.
        let answer = String::from_utf8(line.send(b"echo a\r")).unwrap();
        prop_assert!(answer.contains("OK a\r\n"), "{:?}", answer);
    }
}

#[test]
fn vitals_log_and_packs_are_told() {
    let mut line = Line::new();
    let vitals = line.say("vitals");
    assert_eq!(
        vitals,
        [
            "level = living",
            "visitor.1 = 0.31 -0.10 1.8 answered",
            "OK"
        ]
    );
    assert_eq!(line.say("log 1"), ["the camera is back", "OK"]);
    assert_eq!(line.say("log").len(), 3);
    assert!(line.last("log many").starts_with("ERR 11"));
    line.board.files.insert("girl".into(), vec![0; 7]);
    let packs = line.say("packs");
    assert_eq!(packs[0], "girl: 7 bytes");
    assert!(line.last("remove lady").starts_with("ERR 41"));
    assert_eq!(line.last("remove girl"), "OK girl is removed");
    line.last("pin 4711");
    line.last("lock");
    assert!(line.last("remove girl").starts_with("ERR 30"));
}

#[test]
fn versions_are_told_and_chosen() {
    let mut line = Line::new();
    assert!(
        line.last("update")
            .starts_with("ERR 41 this board has no updates")
    );
    assert!(line.last("update confirm").starts_with("ERR 41"));
    line.board.images = Some(Slots::default());
    assert_eq!(line.say("update"), ["slot a: 0.1.0, confirmed, runs", "OK"]);
    assert_eq!(line.last("update confirm"), "OK asked for; update tells");
    assert_eq!(
        line.last("update back"),
        "OK asked for; the board starts anew"
    );
    let images = line.board.images.as_mut().unwrap();
    assert_eq!((&images.marked[..], images.backs), (&[(None, true)][..], 1));
    images.busy = true;
    assert_eq!(
        line.last("update back"),
        "ERR 41 an update is being installed"
    );
    assert!(line.last("update now").starts_with("ERR 11 write update"));
    assert!(line.last("update back back").starts_with("ERR 11"));
    line.last("pin 4711");
    line.last("lock");
    assert!(line.last("update back").starts_with("ERR 30"));
    assert_eq!(line.last("update"), "OK");
}
