//! Every board's data is right, and mistakes in it are named with file and key.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use xtask::board::{Board, Common, Kind};

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap().to_owned()
}

#[test]
fn every_board_is_read() {
    let boards = Board::all(&root()).unwrap();
    let names: Vec<&str> = boards.iter().map(|board| board.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "generic-uefi-arm64",
            "generic-uefi-x86_64",
            "jetson-orin-nano",
            "qemu-arm64",
            "qemu-x86_64",
            "sim"
        ]
    );
    let common = Common::load(&root()).unwrap();
    for board in boards {
        let modules = board.modules(&common);
        for module in board.load_at_start(&common) {
            assert!(
                board.image.kind != Kind::Uefi || modules.contains(&module),
                "{}: {module} is to be loaded but is not in the image",
                board.name
            );
        }
    }
}

/// A copy of the data with one text exchanged for another must be refused with these words.
fn refused(file: &str, from: &str, to: &str, words: &[&str]) {
    let folder = std::env::temp_dir().join(format!(
        "sfumato-boards-{}-{}",
        std::process::id(),
        words.join("-").replace('/', "_")
    ));
    let board = folder.join("board/qemu-x86_64");
    std::fs::create_dir_all(&board).unwrap();
    std::fs::create_dir_all(folder.join("board/qemu-common/root")).unwrap();
    std::fs::create_dir_all(folder.join("board/common")).unwrap();
    for name in ["qemu-x86_64/board.toml", "common/image.toml"] {
        let path = Path::new("board").join(name);
        let mut text = std::fs::read_to_string(root().join(&path)).unwrap();
        if name == file {
            assert!(text.contains(from), "{from} is not in {file}");
            text = text.replacen(from, to, 1);
        }
        std::fs::write(folder.join(path), text).unwrap();
    }
    let result = Common::load(&folder).and_then(|_| Board::load(&folder, "qemu-x86_64"));
    let message = format!("{:#}", result.unwrap_err());
    std::fs::remove_dir_all(&folder).unwrap();
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
    assert!(message.contains(file), "{message}");
}

#[test]
fn mistakes_are_named_with_file_and_key() {
    let file = "qemu-x86_64/board.toml";
    for (from, to, words) in [
        ("camera = ", "camra = ", &["camra"][..]),
        ("\"amd64\"", "\"m68k\"", &["architecture", "m68k"]),
        (
            "\"v4l2:",
            "\"webcam:",
            &["devices.camera", "webcam", "v4l2:"],
        ),
        ("\"drm:", "\"beamer:", &["devices.screen", "beamer"]),
        ("\"/dev/ttyS1", "\"COM3", &["devices.serial", "COM3"]),
        ("\"/dev/watchdog0", "\"dog", &["devices.watchdog", "dog"]),
        ("\"sfumato-qemu-x86_64", "\"other", &["compatible", "other"]),
        (
            "\"qemu-common",
            "\"no-such",
            &["layers", "board/no-such/root"],
        ),
        ("esp_mib = 256", "esp_mib = 1", &["image.esp_mib", "64"]),
        ("slot_mib = ", "# ", &["image.slot_mib", "needs it"]),
        (
            "\"uefi\"",
            "\"none\"",
            &["image.kernel", "image.packages", "image.release"],
        ),
        ("\"v4l-utils\"", "\"a b\"", &["image.packages", "a b"]),
        ("\"bochs\"", "\"vivid\"", &["image.modules", "twice"]),
        (
            "\"console=tty0",
            "\"sfumato.slot=a",
            &["image.command_line"],
        ),
        ("update = ", "upgrade = ", &["upgrade"]),
    ] {
        refused(file, from, to, words);
    }
    refused(
        file,
        "flash = \"not tried\"",
        "flash = \"surely\"",
        &["surely"],
    );
    refused(
        "common/image.toml",
        "without = ",
        "with_out = ",
        &["with_out"],
    );
}

#[test]
fn an_unknown_board_is_answered_with_those_there_are() {
    let message = format!("{:#}", Board::load(&root(), "toaster").unwrap_err());
    assert!(message.contains("toaster"), "{message}");
    assert!(message.contains("generic-uefi-x86_64"), "{message}");
}

#[test]
fn only_virtual_boards_have_the_test_beds_hand() {
    for board in Board::all(&root()).unwrap() {
        let rig = board.folders().iter().any(|folder| {
            folder
                .join("usr/lib/systemd/system/sfumato-rig.service")
                .exists()
        });
        assert_eq!(rig, board.name.starts_with("qemu-"), "{}", board.name);
    }
}
