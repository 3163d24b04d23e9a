//! Every board's data is right, and mistakes in it are named with file and key.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use xtask::board::{
    Architecture, Board, Common, Entry, Kind, Proved, Tree, debian, elf, files, hardening, jetson,
    packages, page, serial_device,
};

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
        ("esp_mib = 96", "esp_mib = 1", &["image.esp_mib", "64"]),
        ("slot_mib = ", "# ", &["image.slot_mib", "needs it"]),
        (
            "\"uefi\"",
            "\"none\"",
            &["image.kernel", "image.packages", "image.release"],
        ),
        ("\"v4l-utils\"", "\"a b\"", &["image.packages", "a b"]),
        ("\"bochs\"", "\"vivid\"", &["image.modules", "twice"]),
        (
            "\"console=ttyS0",
            "\"sfumato.slot=a",
            &["image.command_line"],
        ),
        ("update = ", "upgrade = ", &["upgrade"]),
    ] {
        refused(file, from, to, words);
    }
    refused(
        file,
        "flash = \"booted in QEMU\"",
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

/// What a golden copy must be; with SFUMATO_REWRITE=1 it is made.
fn golden(name: &str, made: &str) {
    let path = root().join(name);
    if std::env::var_os("SFUMATO_REWRITE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "{name} is not what is made now; SFUMATO_REWRITE=1 cargo test -p xtask --test boards makes it again. Now:\n{made}"
    );
}

/// Every generated file and link of a tree, one after the other.
fn whole(tree: &Tree) -> String {
    let mut text = String::new();
    for (path, entry) in tree.entries() {
        match entry {
            Entry::File { bytes, runs } => {
                let mode = if *runs { "0755" } else { "0644" };
                let content = String::from_utf8(bytes.clone()).unwrap();
                text.push_str(&format!("=== {path} ({mode})\n{content}\n"));
            }
            Entry::Link(target) => text.push_str(&format!("=== {path} -> {target}\n\n")),
            Entry::Folder => text.push_str(&format!("=== {path}/\n\n")),
        }
    }
    text
}

#[test]
fn what_is_generated_is_pinned() {
    let common = Common::load(&root()).unwrap();
    for board in Board::all(&root()).unwrap() {
        let name = &board.name;
        let made = files::generated(&board, &common).unwrap();
        golden(&format!("tests/boards/{name}/generated.txt"), &whole(&made));
        let package = packages::own(&board, &common, "1.2.3", true).unwrap();
        let scripts = format!(
            "=== control\n{}\n=== conffiles\n{}\n=== postinst\n{}\n=== prerm\n{}\n=== files\n{}",
            package.control(),
            package.conffiles(),
            package.after_install(),
            package.before_removal().unwrap_or_default(),
            package.tree.listing()
        );
        // The licences' length is not the board's.
        let scripts: String = scripts
            .lines()
            .filter(|line| !line.starts_with("Installed-Size"))
            .fold(String::new(), |text, line| text + line + "\n");
        golden(&format!("tests/boards/{name}/package.txt"), &scripts);
        if board.image.kind == Kind::L4t {
            let overlay = jetson::overlay(&board).unwrap();
            golden(
                &format!("tests/boards/{name}/overlay.txt"),
                &overlay.listing(),
            );
        }
        if board.image.kind == Kind::Uefi {
            let image = format!(
                "packages: {}\nmodules: {}\nload: {}\ninitrd: {}\ncommand line: {}\n",
                board.packages(&common).join(" "),
                board.modules(&common).join(" "),
                board.load_at_start(&common).join(" "),
                board.initrd_modules(&common).join(" "),
                board.command_line(&common)
            );
            golden(&format!("tests/boards/{name}/image.txt"), &image);
        }
    }
}

#[test]
fn the_page_of_boards_is_made_from_them() {
    let boards = Board::all(&root()).unwrap();
    golden("docs/boards.md", &page::page(&boards));
}

#[test]
fn nothing_is_claimed_for_hardware_that_was_not_seen() {
    for board in Board::all(&root()).unwrap() {
        if board.name.starts_with("qemu-") {
            continue;
        }
        // An image of a real board can be started in the emulator; its camera, screen and port cannot.
        for (row, proved) in board.proof.rows() {
            let devices = ["camera", "screen", "serial"].contains(&row);
            assert!(
                !(devices && proved == Proved::Booted),
                "{}: {row} was seen in an emulator, which is another device",
                board.name
            );
        }
    }
}

#[test]
fn the_login_prompt_of_the_portraits_port_is_masked() {
    let common = Common::load(&root()).unwrap();
    for board in Board::all(&root()).unwrap() {
        if board.image.kind == Kind::None {
            continue;
        }
        let tree = files::generated(&board, &common).unwrap();
        let masked = |unit: &str| {
            tree.get(&format!("etc/systemd/system/{unit}"))
                == Some(&Entry::Link("/dev/null".into()))
        };
        assert!(masked("getty@tty1.service"), "{}", board.name);
        let port = serial_device(&board.devices.serial).unwrap();
        let ports = match port {
            "sfumato-serial" => vec!["ttyUSB0", "ttyACM0"],
            port => vec![port],
        };
        for port in ports {
            assert!(
                masked(&format!("serial-getty@{port}.service")),
                "{}: {port}",
                board.name
            );
        }
    }
}

/// Lays everything of a board down where systemd would find it; gone when dropped.
struct Laid(PathBuf);

impl Laid {
    fn new(name: &str) -> Laid {
        let folder = std::env::temp_dir().join(format!("sfumato-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Laid(folder)
    }
}

impl Drop for Laid {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[test]
fn services_are_hardened() {
    if !hardening::measurable() {
        eprintln!("SKIPPED: systemd-analyze is not here, or cannot measure unit files");
        return;
    }
    let common = Common::load(&root()).unwrap();
    for board in Board::all(&root()).unwrap() {
        let laid = Laid::new(&format!("hardening-{}", board.name));
        let mut tree = packages::portraits_files(&root()).unwrap();
        tree.extend(files::board_files(&board, &common).unwrap());
        tree.write(&laid.0, 0).unwrap();
        for unit in ["sfumato.service", "sfumato-clock.service"] {
            let level = hardening::exposure(&laid.0, unit).unwrap();
            println!("{}: {unit} {level}", board.name);
            assert!(
                level < hardening::LIMIT,
                "{}: {unit} reaches {level} of 10",
                board.name
            );
        }
    }
    let open = Laid::new("hardening-open");
    let mut tree = Tree::default();
    let unit = "usr/lib/systemd/system/open.service";
    tree.text(unit, "[Service]\nExecStart=/bin/true\n");
    tree.write(&open.0, 0).unwrap();
    let level = hardening::exposure(&open.0, "open.service").unwrap();
    assert!(level > 8.0, "the measure measures nothing: {level}");
}

/// A small program of the given source, linked with the given linker options.
fn compiled(folder: &Path, source: &str, options: &[&str]) -> Option<Vec<u8>> {
    compiled_by("cc", folder, source, options)
}

/// The same by a compiler of this name.
fn compiled_by(name: &str, folder: &Path, source: &str, options: &[&str]) -> Option<Vec<u8>> {
    let from = folder.join("program.c");
    let to = folder.join("program");
    std::fs::write(&from, source).unwrap();
    let made = std::process::Command::new(name)
        .args(["-O1", "-o"])
        .args([&to, &from])
        .args(options)
        .output();
    match made {
        Ok(output) if output.status.success() => Some(std::fs::read(to).unwrap()),
        _ => {
            eprintln!("SKIPPED: no {name}, or it cannot make this program");
            None
        }
    }
}

fn here() -> Architecture {
    if cfg!(target_arch = "aarch64") {
        Architecture::Arm64
    } else {
        Architecture::Amd64
    }
}

#[test]
fn what_a_program_needs_is_read_out_of_it() {
    let laid = Laid::new("elf");
    let source = "#include <stdio.h>\nint main(void) { puts(\"x\"); return 0; }";
    let Some(program) = compiled(&laid.0, source, &[]) else {
        return;
    };
    let needs = elf::Needs::read(&program, here()).unwrap();
    assert!(needs.libraries.contains("libc.so.6"), "{needs:?}");
    needs.hold_to_glibc().unwrap();
    assert!(
        needs.depends().unwrap().starts_with("libc6 (>= 2."),
        "{needs:?}"
    );
    let other = match here() {
        Architecture::Amd64 => Architecture::Arm64,
        Architecture::Arm64 => Architecture::Amd64,
    };
    let message = format!("{:#}", elf::Needs::read(&program, other).unwrap_err());
    assert!(message.contains("another processor"), "{message}");
    for damaged in [
        &b""[..],
        b"#!/bin/sh\n",
        &program[..100],
        &program[..program.len() / 2],
    ] {
        assert!(elf::Needs::read(damaged, here()).is_err());
    }
}

#[test]
fn a_program_for_another_processor_is_read_as_well() {
    let laid = Laid::new("arm64");
    let source = "#include <stdio.h>\nint main(void) { puts(\"x\"); return 0; }";
    let Some(program) = compiled_by("aarch64-linux-gnu-gcc", &laid.0, source, &[]) else {
        return;
    };
    let needs = elf::Needs::read(&program, Architecture::Arm64).unwrap();
    needs.hold_to_glibc().unwrap();
    assert_eq!(needs.depends().unwrap(), "libc6 (>= 2.34)");
    assert!(elf::Needs::read(&program, Architecture::Amd64).is_err());
}

#[test]
fn a_symbol_that_is_too_new_is_named() {
    let mut needs = elf::Needs::default();
    for (version, symbol) in [
        ("GLIBC_2.34", "main"),
        ("GLIBC_2.2.5", "puts"),
        ("GCC_3.0", "u"),
    ] {
        needs.versions.insert(version.into(), symbol.into());
    }
    needs
        .libraries
        .extend(["libc.so.6".into(), "libgcc_s.so.1".into()]);
    needs.hold_to_glibc().unwrap();
    assert_eq!(
        needs.depends().unwrap(),
        "libc6 (>= 2.34), libgcc-s1 (>= 3.0)"
    );
    for version in [
        "GLIBC_2.36",
        "GLIBC_2.100",
        "GLIBC_3.0",
        "GLIBC_ABI_DT_RELR",
        "GLIBC_PRIVATE",
    ] {
        let mut needs = needs.clone();
        needs.versions.insert(version.into(), "arc4random".into());
        let message = format!("{:#}", needs.hold_to_glibc().unwrap_err());
        assert!(
            message.contains("arc4random") && message.contains(version),
            "{message}"
        );
    }
    needs.libraries.insert("libturbojpeg.so.0".into());
    let message = format!("{:#}", needs.depends().unwrap_err());
    assert!(message.contains("libturbojpeg.so.0"), "{message}");
}

#[test]
fn a_real_program_that_is_too_new_is_refused() {
    let laid = Laid::new("too-new");
    // Came with version 2.36 of the C library.
    let source = "#include <stdlib.h>\nint main(void) { return (int)arc4random(); }";
    let Some(program) = compiled(&laid.0, source, &[]) else {
        return;
    };
    let needs = elf::Needs::read(&program, here()).unwrap();
    let message = format!("{:#}", needs.hold_to_glibc().unwrap_err());
    assert!(message.contains("arc4random (GLIBC_2.36)"), "{message}");
}

#[test]
fn packages_are_the_same_bytes_every_time() {
    if !xtask::prerequisites::runs("dpkg-deb", &["--version"]) {
        eprintln!("SKIPPED: dpkg-deb is not here");
        return;
    }
    let laid = Laid::new("packages");
    let Some(program) = compiled(&laid.0, "int main(void) { return 0; }", &[]) else {
        return;
    };
    let models = laid.0.join("models");
    std::fs::create_dir_all(&models).unwrap();
    std::fs::write(models.join("face.onnx"), "a network").unwrap();
    std::fs::write(models.join("face.onnx.sha256"), "a sum").unwrap();
    std::fs::write(models.join("notes.txt"), "no network").unwrap();
    let painting = laid.0.join("a.pack");
    std::fs::write(&painting, "a painting").unwrap();
    let parts = packages::Parts {
        version: "1.2.3".into(),
        portrait: program.clone(),
        update: Some(program),
        notices: ("whose work".into(), "whose work".into()),
        models,
        painting,
    };
    let common = Common::load(&root()).unwrap();
    let mut board = Board::load(&root(), "generic-uefi-x86_64").unwrap();
    board.architecture = here();
    let build = |folder: &str| -> Vec<(String, Vec<u8>)> {
        let folder = laid.0.join(folder);
        std::fs::create_dir_all(&folder).unwrap();
        let made = packages::packages(&board, &common, &parts).unwrap();
        let read = |package: &debian::Package| {
            let path = package.write(&folder, 1_700_000_000).unwrap();
            (package.file_name(), std::fs::read(path).unwrap())
        };
        made.iter().map(read).collect()
    };
    let first = build("one");
    assert_eq!(first.len(), 3);
    assert!(
        first == build("two"),
        "a package differs from the one made before"
    );
    let list = std::process::Command::new("dpkg-deb")
        .arg("--contents")
        .arg(laid.0.join("one").join(&first[0].0))
        .env("TZ", "UTC")
        .output()
        .unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    for line in [
        "-rwxr-xr-x root/root",
        "2023-11-14 22:13 ./usr/bin/sfumato",
        "./usr/lib/systemd/system/sfumato.service",
        "./usr/share/sfumato/models/face.onnx.sha256",
        "./usr/share/sfumato/painting.pack",
        "./usr/share/doc/sfumato/copyright",
        "./usr/lib/systemd/system-preset/50-sfumato.preset",
    ] {
        assert!(list.contains(line), "{line} is not in:\n{list}");
    }
    assert!(!list.contains("notes.txt"), "{list}");
    let written = list.lines().all(|line| line.contains(" 2023-11-14 22:13 "));
    assert!(written, "not all of one time:\n{list}");
}
