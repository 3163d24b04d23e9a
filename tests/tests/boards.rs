//! The device program takes the settings file that every board's package brings.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato::options::{Devices, Installation};
use std::path::Path;
use xtask::board::{Board, Common, Entry, files};

#[test]
fn the_program_takes_every_boards_settings_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let common = Common::load(&root).unwrap();
    let boards = Board::all(&root).unwrap();
    assert!(!boards.is_empty());
    let folder = tempfile::tempdir().unwrap();
    for board in boards {
        let tree = files::generated(&board, &common).unwrap();
        let Some(Entry::File { bytes, .. }) = tree.get("etc/sfumato/config.toml") else {
            panic!("{}: no settings file", board.name);
        };
        let path = folder.path().join("config.toml");
        std::fs::write(&path, bytes).unwrap();
        let devices = Devices {
            config: Some(path),
            ..Devices::default()
        };
        let read = Installation::read(&devices);
        let read = read.unwrap_or_else(|error| panic!("{}: {error}", board.name));
        assert_eq!(read.camera_text, board.devices.camera);
        assert_eq!(read.screen_text, board.devices.screen);
        assert!(read.serial.is_some(), "{}", board.name);
        assert_eq!(read.tensorrt.is_some(), board.tensorrt.is_some());
    }
}
