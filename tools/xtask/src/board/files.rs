//! What is generated from a board's data: the files of its package `sfumato-board-NAME`.

use super::{Board, Common, Kind, Tree, serial_device};
use anyhow::{Context, Result};
use std::fmt::Write as _;
use std::path::Path;

/// Where the painting lies that an image comes with.
pub const PAINTING: &str = "usr/share/sfumato/painting.pack";

/// The board's name for programs that run on it, and what an update may do.
pub const BOARD: &str = "usr/lib/sfumato/board.toml";

/// RAUC's settings, made from this template where there is one.
const RAUC_TEMPLATE: &str = "board/common/rauc/system.conf.in";

/// Everything a board's package holds: its own files and those of its layers, and what is generated.
pub fn board_files(board: &Board, common: &Common) -> Result<Tree> {
    let mut tree = generated(board, common)?;
    for folder in board.folders() {
        tree.lay(&folder, "")?;
    }
    Ok(tree)
}

/// What is generated alone.
pub fn generated(board: &Board, common: &Common) -> Result<Tree> {
    let mut tree = Tree::default();
    tree.text("etc/sfumato/config.toml", config(board));
    tree.text(BOARD, about(board));
    if board.image.kind == Kind::None {
        return Ok(tree);
    }
    for unit in masks(board, common) {
        tree.link(&format!("etc/systemd/system/{unit}"), "/dev/null");
    }
    let modules = board.load_at_start(common);
    tree.text(
        "usr/lib/modules-load.d/sfumato.conf",
        lines(
            "Drivers whose devices the portrait may open, plugged in or not.",
            &modules,
        ),
    );
    if let Some(port) = real_port(board) {
        tree.text(
            "usr/lib/udev/rules.d/71-sfumato-port.rules",
            port_rule(port),
        );
        tree.text(
            "usr/lib/systemd/system/sfumato.service.d/20-port.conf",
            format!("# The portrait's port.\n[Service]\nDeviceAllow=/dev/{port} rw\n"),
        );
    }
    if let Some(device) = &board.devices.watchdog {
        tree.text(
            "usr/lib/systemd/system.conf.d/10-sfumato-watchdog.conf",
            watchdog(device),
        );
    }
    if board.image.kind == Kind::Uefi {
        for (name, text) in partitions(board) {
            tree.text(&format!("usr/lib/repart.d/{name}"), text);
        }
        if let Some(text) = rauc(&board.root, &board.compatible)? {
            tree.text("etc/rauc/system.conf", text);
        }
    }
    Ok(tree)
}

/// The portrait's settings file.
fn config(board: &Board) -> String {
    let devices = &board.devices;
    // Quotes and the like were refused when it was read.
    let quoted = |text: &str| format!("\"{text}\"");
    let mut text = format!(
        "# {}. What else can stand here: sfumato config\n\n",
        board.title
    );
    // Writing to a string cannot fail.
    let _ = writeln!(text, "pack = \"/{PAINTING}\"");
    let _ = writeln!(text, "camera = {}", quoted(&devices.camera));
    let _ = writeln!(text, "screen = {}", quoted(&devices.screen));
    let _ = writeln!(text, "serial = {}", quoted(&devices.serial));
    if let Some(tensorrt) = &board.tensorrt {
        let _ = writeln!(
            text,
            "\n# Where it cannot run there, the portrait's own engine does."
        );
        let _ = writeln!(text, "[tensorrt]");
        let _ = writeln!(text, "network = {}", quoted(&tensorrt.network));
        let _ = writeln!(text, "library = {}", quoted(&tensorrt.library));
        let _ = writeln!(text, "cache = {}", quoted(&tensorrt.cache));
    }
    text
}

fn about(board: &Board) -> String {
    format!(
        "board = \"{}\"\ncompatible = \"{}\"\nallow_downgrade = {}\n",
        board.name, board.compatible, board.allow_downgrade
    )
}

/// Units that must never run: common ones, the board's own, and the login prompt on the portrait's port, which would
/// fight over every byte.
fn masks(board: &Board, common: &Common) -> Vec<String> {
    let mut units = common.masks.clone();
    units.extend(board.image.masks.iter().cloned());
    units.extend(real_port(board).map(|port| format!("serial-getty@{port}.service")));
    units
}

/// The kernel's name of the port, unless a rule of the board's own finds the port.
fn real_port(board: &Board) -> Option<&str> {
    serial_device(&board.devices.serial).filter(|name| !name.starts_with("sfumato-"))
}

fn port_rule(port: &str) -> String {
    format!(
        "# The portrait's port; not every driver's have this group by themselves.\n\
         ACTION!=\"remove\", SUBSYSTEM==\"tty\", KERNEL==\"{port}\", GROUP=\"dialout\", MODE=\"0660\"\n"
    )
}

fn watchdog(device: &str) -> String {
    format!(
        "# The board starts anew where the system hangs as a whole; systemd watches over the portrait itself.\n\
         [Manager]\n\
         RuntimeWatchdogSec=60\n\
         RebootWatchdogSec=5min\n\
         WatchdogDevice={device}\n"
    )
}

fn lines(about: &str, lines: &[String]) -> String {
    format!("# {about}\n{}\n", lines.join("\n"))
}

/// Partitions in systemd-repart's words, by file name: boot partition, two slots, and what is kept. The image has the
/// first three; the last is made at the first start, as large as the disk allows.
pub fn partitions(board: &Board) -> Vec<(&'static str, String)> {
    let (Some(esp), Some(slot)) = (board.image.esp_mib, board.image.slot_mib) else {
        return Vec::new();
    };
    let fixed = |kind: &str, label: &str, mib: u32| {
        format!(
            "[Partition]\nType={kind}\nLabel={label}\nSizeMinBytes={mib}M\nSizeMaxBytes={mib}M\n"
        )
    };
    let data = "[Partition]\nType=linux-generic\nLabel=data\nFormat=ext4\nSizeMinBytes=256M\nWeight=1000\n";
    vec![
        ("10-esp.conf", fixed("esp", "esp", esp)),
        ("20-root-a.conf", fixed("linux-generic", "root-a", slot)),
        ("30-root-b.conf", fixed("linux-generic", "root-b", slot)),
        ("40-data.conf", data.to_owned()),
    ]
}

/// RAUC's settings for boards of this kind; none where the project has no template.
fn rauc(root: &Path, compatible: &str) -> Result<Option<String>> {
    let template = root.join(RAUC_TEMPLATE);
    if !template.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&template)
        .with_context(|| format!("cannot read {}", template.display()))?;
    Ok(Some(text.replace("@COMPATIBLE@", compatible)))
}
