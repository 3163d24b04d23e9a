//! The whole program on a board in a folder, with bundles that the real RAUC has made and checks.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Board, Workshop, initrd, kernel};
use serde_json::json;
use sfumato_slots::Slot;
use std::fs;

/// A board, or the end of the test where this machine lacks something; the reason is printed.
macro_rules! board {
    () => {{
        let Some(workshop) = Workshop::open() else {
            return;
        };
        (workshop, Board::new(workshop))
    }};
}

fn send(board: &Board, workshop: &Workshop, bundle: &str, wish: &str) {
    fs::copy(
        workshop.file(bundle),
        board.path("var/lib/sfumato/update/incoming.raucb"),
    )
    .unwrap();
    board.put("var/lib/sfumato/update/request", wish);
}

#[test]
fn a_newer_version_is_installed_tried_and_confirmed() {
    let (workshop, board) = board!();
    board.good(&["boot"]);
    assert_eq!(board.state()["slots"][0]["state"], "confirmed");
    send(&board, workshop, "newer", "install\n");
    board.good(&["request"]);

    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+3.conf"]);
    assert_eq!(
        fs::read(board.path("efi/sfumato/b/linux")).unwrap(),
        kernel("0.2.0")
    );
    assert_eq!(
        fs::read(board.path("efi/sfumato/b/initrd")).unwrap(),
        initrd("0.2.0")
    );
    let entry = board.text("efi/loader/entries/sfumato-b+3.conf");
    assert!(entry.contains("title Sfumato 0.2.0 (slot b)\n"), "{entry}");
    assert!(
        entry.contains("version 3\n") && entry.contains(" quiet console=ttyS0\n"),
        "{entry}"
    );
    assert_eq!(board.restarts(), 1);
    assert!(!board.path("var/lib/sfumato/update/incoming.raucb").exists());
    assert!(!board.path("var/lib/sfumato/update/request").exists());
    let seen: serde_json::Value = serde_json::from_str(&board.text("seen.json")).unwrap();
    assert!(
        seen["busy"].as_str().unwrap().starts_with("installing"),
        "{seen}"
    );
    assert_eq!(seen["slots"][1]["state"], "empty");
    let state = board.state();
    assert_eq!(
        (&state["busy"], &state["running"]),
        (&json!(null), &json!("a"))
    );
    assert_eq!(state["last"]["outcome"], "installed");
    assert_eq!(state["slots"][1]["tries_left"], 3);
    assert_eq!(state["slots"][1]["next"], true);
    let (hash, size) = (&state["slots"][1]["sha256"], &state["slots"][1]["size"]);
    assert!(
        entry.contains(hash.as_str().unwrap()) && size.as_u64().unwrap() > 500_000,
        "{state}"
    );

    assert_eq!(board.starts(), Slot::B);
    board.good(&["boot"]);
    board.put("run/sfumato/health", "state = starting\nflips = 12\n");
    board.good(&["confirm"]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+2-1.conf"]);
    board.put("run/sfumato/health", "state = healthy\nflips = 300\n");
    board.good(&["confirm"]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b.conf"]);
    assert_eq!(board.state()["last"]["outcome"], "confirmed");
    assert_eq!(board.starts(), Slot::B);
    let table = board.good(&["status"]);
    assert!(
        table.contains("slot b runs") && table.contains("0.2.0"),
        "{table}"
    );
}

#[test]
fn what_is_refused_is_refused_in_words_and_leaves_both_slots() {
    let (workshop, board) = board!();
    board.good(&["boot"]);
    for (bundle, words) in [
        (
            "foreign",
            "is for sfumato-jetson, this board is sfumato-sim",
        ),
        ("older", "older than 0.1.5"),
        ("tampered", "tampered with or is damaged"),
        ("renamed", "tampered with or is damaged"),
        ("truncated", "cut off"),
        ("short", "cut off"),
        ("nonsense", "cut off, or no bundle"),
        ("unsigned", "unsigned"),
        ("stranger", "does not trust"),
    ] {
        send(&board, workshop, bundle, "install\n");
        let (status, said) = board.run(&["request"]);
        assert_eq!(status, 3, "{bundle}: {said}");
        assert!(said.contains(words), "{bundle}: {said}");
        let last = &board.state()["last"];
        assert_eq!(last["outcome"], "refused", "{bundle}");
        assert!(
            last["reason"].as_str().unwrap().contains(words),
            "{bundle}: {last}"
        );
        assert_eq!(
            board.entries(),
            ["sfumato-a.conf", "sfumato-b.conf"],
            "{bundle}"
        );
        assert_eq!(
            fs::metadata(board.path("dev/disk/by-partlabel/root-b"))
                .unwrap()
                .len(),
            0
        );
        println!("{bundle}: {}", last["reason"]);
    }
    assert_eq!(board.restarts(), 0);
    fs::remove_file(board.path("etc/rauc/keyring.pem")).unwrap();
    let (_, said) = board.run(&["install", workshop.file("newer").to_str().unwrap()]);
    assert!(said.contains("trusts nobody"), "{said}");
}

#[test]
fn an_older_one_is_taken_where_the_boards_file_says_so() {
    let (workshop, board) = board!();
    board.put(
        "usr/lib/sfumato/board.toml",
        "name = \"sim\"\nallow_downgrade = true\nrestart = \"by-hand\"\n",
    );
    board.good(&["install", workshop.file("older").to_str().unwrap()]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+3.conf"]);
    assert_eq!(board.restarts(), 0);
    // The newest entry is started, whatever its version.
    assert_eq!(board.starts(), Slot::B);
}

#[test]
fn a_version_that_is_not_well_is_given_up() {
    let (workshop, board) = board!();
    board.good(&["install", workshop.file("newer").to_str().unwrap()]);
    assert_eq!(board.starts(), Slot::B);
    board.good(&["boot"]);
    board.put("run/sfumato/health", "state = waiting\n");
    board.put("proc/uptime", "700.0 1.0\n");
    board.good(&["expire"]);
    assert_eq!(
        board.entries(),
        ["sfumato-a.conf", "sfumato-b+2-1.conf"],
        "the display is away: no verdict"
    );
    board.put("run/sfumato/health", "state = starting\n");
    board.good(&["expire"]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+0-1.conf"]);
    assert_eq!(board.restarts(), 2);
    assert_eq!(board.starts(), Slot::A);
    board.good(&["boot"]);
    let last = &board.state()["last"];
    assert_eq!(
        (&last["outcome"], &last["version"]),
        (&json!("rolled-back"), &json!("0.2.0"))
    );
    assert!(
        last["reason"].as_str().unwrap().contains("10 minutes"),
        "{last}"
    );
}

#[test]
fn a_version_whose_program_ends_again_and_again_is_given_up_sooner() {
    let (workshop, board) = board!();
    board.good(&["install", workshop.file("newer").to_str().unwrap()]);
    assert_eq!(board.starts(), Slot::B);
    board.good(&["boot"]);
    board.put("run/sfumato/health", "state = starting\n");
    board.put("proc/uptime", "90.0 1.0\n");
    for ends in ["", "some\n", "9\n"] {
        board.put("ends", ends);
        board.good(&["expire"]);
        assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+2-1.conf"]);
    }
    board.put("ends", "11\n");
    board.good(&["expire"]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+0-1.conf"]);
    assert_eq!(board.restarts(), 2);
    assert_eq!(board.starts(), Slot::A);
    board.good(&["boot"]);
    let last = &board.state()["last"];
    assert_eq!(last["outcome"], json!("rolled-back"));
    let reason = last["reason"].as_str().unwrap();
    assert!(reason.contains("ended 11 times"), "{last}");
}

#[test]
fn a_version_that_never_comes_so_far_is_rolled_back_by_the_loader() {
    let (workshop, board) = board!();
    send(&board, workshop, "newer", "install at-night");
    board.good(&["request"]);
    assert_eq!(board.restarts(), 0);
    board.good(&["night"]);
    assert_eq!(board.restarts(), 1);
    assert_eq!(
        [(); 4].map(|()| board.starts()),
        [Slot::B, Slot::B, Slot::B, Slot::A]
    );
    board.good(&["boot"]);
    assert_eq!(board.state()["last"]["outcome"], "rolled-back");
    board.good(&["night"]);
    assert_eq!(board.restarts(), 1);
}

#[test]
fn a_slot_that_reads_back_differently_is_not_started() {
    let (workshop, mut board) = board!();
    board.fault = "slot";
    let (status, said) = board.run(&["install", workshop.file("newer").to_str().unwrap()]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("block 1 differs"), "{said}");
    assert_eq!(board.entries(), ["sfumato-a.conf"]);
    assert_eq!(board.state()["last"]["outcome"], "failed");
    board.fault = "before";
    let (_, said) = board.run(&["install", workshop.file("newer").to_str().unwrap()]);
    assert!(said.contains("copy it again"), "{said}");
    board.fault = "";
    board.good(&["install", workshop.file("newer").to_str().unwrap()]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+3.conf"]);
}

#[test]
fn an_update_that_was_cut_goes_on_by_itself() {
    let (workshop, mut board) = board!();
    board.fault = "cut";
    send(&board, workshop, "newer", "install\n");
    let (status, _) = board.run(&["request"]);
    assert_ne!(status, 0);
    assert_eq!(board.entries(), ["sfumato-a.conf"]);
    assert_eq!(board.starts(), Slot::A);
    board.fault = "";
    let said = board.good(&["boot"]);
    assert!(said.contains("the power was cut"), "{said}");
    assert_eq!(board.state()["last"]["outcome"], "failed");
    assert_eq!(board.text("var/lib/sfumato/update/request"), "install\n");
    board.good(&["request"]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+3.conf"]);
    // Not for ever.
    assert_eq!(board.starts(), Slot::B);
}

#[test]
fn a_stick_is_installed_once_and_the_newest_of_it() {
    let (workshop, board) = board!();
    let stick = board.path("stick");
    fs::create_dir_all(&stick).unwrap();
    for bundle in ["older", "newer", "newest", "foreign", "tampered"] {
        fs::copy(workshop.file(bundle), stick.join(format!("{bundle}.raucb"))).unwrap();
    }
    fs::write(stick.join("._newest.raucb"), "what macOS leaves").unwrap();
    let image = board.path("stick.img");
    let made = std::process::Command::new("mke2fs")
        .args(["-q", "-t", "ext4", "-d"])
        .args([&stick, &image])
        .arg("16M")
        .output();
    if !made.is_ok_and(|made| made.status.success()) {
        println!("skipped: mke2fs is not installed (apt install e2fsprogs)");
        return;
    }
    let device = image.to_str().unwrap();
    board.good(&["usb", device]);
    let state = board.state();
    assert_eq!(
        (&state["slots"][1]["version"], &state["last"]["from"]),
        (&json!("0.3.0"), &json!("usb"))
    );
    // It is still in its socket; or mounted by somebody else.
    assert!(
        board
            .good(&["usb", stick.to_str().unwrap()])
            .contains("waits for the restart")
    );
    let said = board.good(&["usb", device]);
    assert!(said.contains("waits for the restart"), "{said}");
    for _ in 0..3 {
        assert_eq!(board.starts(), Slot::B);
        let said = board.good(&["usb", device]);
        assert!(said.contains("runs already"), "{said}");
    }
    assert_eq!(board.starts(), Slot::A);
    board.good(&["boot"]);
    let said = board.good(&["usb", device]);
    assert!(said.contains("take the stick out"), "{said}");
    assert_eq!(board.restarts(), 1);
    assert_eq!(board.state()["last"]["outcome"], "rolled-back");
}

#[test]
fn wishes_are_fulfilled_or_refused() {
    let (_, board) = board!();
    board.good(&["boot"]);
    board.good(&["request"]);
    let hash = board.state()["slots"][1]["sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    for (wish, words) in [
        ("sing\n", "is no wish"),
        ("erase a\n", "slot a runs and is never written"),
        (
            &format!("test {}\n", "0".repeat(64)),
            "nothing of this hash",
        ),
        ("install\n", "there is no bundle"),
    ] {
        board.put("var/lib/sfumato/update/request", wish);
        let (status, said) = board.run(&["request"]);
        assert_eq!(status, 3, "{wish}: {said}");
        assert!(said.contains(words), "{wish}: {said}");
        assert_eq!(board.state()["last"]["outcome"], "refused");
    }
    board.put("var/lib/sfumato/update/request", &format!("test {hash}\n"));
    board.good(&["request"]);
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+3.conf"]);
    assert_eq!(board.restarts(), 1);
    assert_eq!(board.starts(), Slot::B);
    // Back again, in the middle of the trial.
    let hash = board.state_of_a();
    board.put("var/lib/sfumato/update/request", &format!("test {hash}\n"));
    board.good(&["request"]);
    assert_eq!(board.starts(), Slot::A);
    board.put("var/lib/sfumato/update/request", "erase b\n");
    board.good(&["request"]);
    assert_eq!(board.entries(), ["sfumato-a.conf"]);
    assert!(!board.path("efi/sfumato/b/linux").exists());
}

#[test]
fn a_confirmed_version_that_has_gone_bad_hands_over() {
    let (_, board) = board!();
    for _ in 0..5 {
        assert_eq!(board.starts(), Slot::A);
        board.good(&["boot"]);
        board.put("proc/uptime", "181.0 1.0\n");
        board.good(&["expire"]);
        board.good(&["expire"]);
        assert_eq!(board.restarts(), 0);
    }
    assert_eq!(board.starts(), Slot::A);
    board.good(&["boot"]);
    assert_eq!(board.restarts(), 1);
    assert_eq!(board.starts(), Slot::B);
}

#[test]
fn rauc_gets_the_answers_it_expects() {
    let (_, board) = board!();
    assert_eq!(board.good(&["bootloader", "get-primary"]), "a\n");
    assert_eq!(board.good(&["bootloader", "get-current"]), "a\n");
    assert_eq!(board.good(&["bootloader", "get-state", "b"]), "good\n");
    assert_eq!(board.good(&["bootloader", "set-state", "b", "bad"]), "");
    assert_eq!(board.good(&["bootloader", "set-state", "b", "bad"]), "");
    assert_eq!(board.good(&["bootloader", "get-state", "b"]), "bad\n");
    assert_eq!(board.run(&["bootloader", "set-state", "b", "good"]).0, 3);
    assert_eq!(board.run(&["bootloader", "set-state", "a", "bad"]).0, 3);
    let (status, said) = board.run(&["bootloader", "set-primary", "b"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("slot b holds no system"), "{said}");
    for words in [
        vec!["bootloader", "get-state", "c"],
        vec!["bootloader"],
        vec!["sing"],
        vec![],
    ] {
        assert_eq!(board.run(&words).0, 2, "{words:?}");
    }
}

#[test]
fn the_real_rauc_installs_by_way_of_our_backend() {
    let (workshop, board) = board!();
    if std::process::Command::new("dbus-run-session")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("skipped: dbus-run-session is not installed (apt install dbus)");
        return;
    }
    let root = board.root.path().to_str().unwrap().to_owned();
    let conf = board
        .text("etc/rauc/system.conf")
        .replace("bundle-formats=-plain", "bundle-formats=plain verity")
        .replace("=/usr/lib/sfumato/bootloader", &format!("={root}/backend"))
        .replace("=/dev/", &format!("={root}/dev/"))
        .replace("=/etc/", &format!("={root}/etc/"))
        .replace("=/data/", &format!("={root}/data/"));
    fs::create_dir_all(board.path("data")).unwrap();
    board.put("system.conf", &conf);
    board.put(
        "backend",
        "#!/bin/sh\necho \"$*\" >> \"$ROOT/asked\"\nexec \"$UPDATE\" --root \"$ROOT\" bootloader \"$@\"\n",
    );
    common::make_program(&board.path("backend"));
    for slot in ["root-a", "root-b"] {
        let slot = fs::File::create(board.path("dev/disk/by-partlabel").join(slot)).unwrap();
        slot.set_len(8 << 20).unwrap();
    }
    board.put("service.sh", include_str!("common/service.sh"));
    let (status, said) = board.start("dbus-run-session", |command| {
        command
            .args(["--", "sh"])
            .args([board.path("service.sh"), board.path("system.conf")]);
        command.arg(workshop.file("plain"));
    });
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("Activated: rootfs.1 (b)"), "{said}");
    assert_eq!(board.entries(), ["sfumato-a.conf", "sfumato-b+3.conf"]);
    let entry = board.text("efi/loader/entries/sfumato-b+3.conf");
    assert!(entry.contains("Sfumato 0.4.0 (slot b)"), "{entry}");
    assert_eq!(
        fs::read(board.path("efi/sfumato/b/linux")).unwrap(),
        kernel("0.4.0")
    );
    let asked = board.text("asked");
    let order = [
        "set-state a good",
        "set-state b bad",
        "set-state b bad",
        "set-primary b",
    ];
    let asked: Vec<&str> = asked
        .lines()
        .filter(|line| line.starts_with("set"))
        .collect();
    assert_eq!(asked, order);
    // What stands behind the system in its partition is not looked at.
    assert_eq!(board.starts(), Slot::B);
}

#[test]
fn a_board_that_is_none_says_so() {
    let (_, board) = board!();
    board.put("proc/cmdline", "quiet\n");
    assert!(
        board
            .run(&["status"])
            .1
            .contains("does not say which slot runs")
    );
    board.starts();
    fs::remove_dir_all(board.path("efi/loader")).unwrap();
    assert!(board.run(&["status"]).1.contains("is no boot partition"));
}
