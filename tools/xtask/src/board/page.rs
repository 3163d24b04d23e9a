//! The page `docs/boards.md`: what was proved of each board.

use super::{Board, Kind, Proved};
use std::fmt::Write as _;

const HEAD: &str = "\
# Boards

What can be built for which computer, and how far that was proved. Made from `board/NAME/board.toml`; change it there.

*Booted in QEMU*: it ran in the emulator, from the board's own image. *Built only*: it was built and looked at from outside.
*Simulated by the tests*: the test suite runs it without hardware. *Not tried*: nobody has; it may work. *–*: there is no such thing.
Nothing is claimed for hardware that was not seen.

";

/// The page's text for these boards.
pub fn page(boards: &[Board]) -> String {
    let mut text = HEAD.to_owned();
    let Some(first) = boards.first() else {
        return text;
    };
    // Writing to a string cannot fail, here and below.
    let _ = write!(text, "| board |");
    for (row, _) in first.proof.rows() {
        let _ = write!(text, " {row} |");
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(first.proof.rows().len()));
    for board in boards {
        let _ = write!(text, "| [{0}](#{0}) |", board.name);
        for (_, proved) in board.proof.rows() {
            let _ = write!(text, " {} |", proved.words());
        }
        text.push('\n');
    }
    for board in boards {
        describe(board, &mut text);
    }
    text
}

fn describe(board: &Board, text: &mut String) {
    let _ = writeln!(text, "\n## {}\n", board.name);
    let kind = match (board.image.kind, &board.image.release) {
        (Kind::Uefi, Some(release)) => format!("an image with Debian {release}, started by UEFI"),
        (Kind::L4t, Some(release)) => format!("files laid over NVIDIA's L4T {release}"),
        _ => "no image; packages for a system that is there".to_owned(),
    };
    let _ = writeln!(
        text,
        "{}; {}: {kind}.\n",
        board.title,
        board.architecture.debian()
    );
    let devices = &board.devices;
    let _ = writeln!(text, "- camera `{}`", devices.camera);
    let _ = writeln!(text, "- screen `{}`", devices.screen);
    let _ = writeln!(text, "- serial `{}`", devices.serial);
    if let Some(watchdog) = &devices.watchdog {
        let _ = writeln!(text, "- watchdog `{watchdog}`");
    }
    if let (Some(esp), Some(slot)) = (board.image.esp_mib, board.image.slot_mib) {
        let _ = writeln!(
            text,
            "- disk: {esp} MiB to start from, two systems of {slot} MiB, the rest for what is kept"
        );
    }
    if board.image.kind == Kind::None {
        return;
    }
    let rows = board.proof.rows();
    if rows.iter().all(|(_, proved)| *proved != Proved::Booted) {
        let _ = writeln!(
            text,
            "\nNobody has started it yet, neither on such a computer nor in an emulator."
        );
    } else if board.proof.camera != Proved::Booted {
        let _ = writeln!(
            text,
            "\nIt was started in an emulator alone; nobody has seen it on such a computer."
        );
    }
}
