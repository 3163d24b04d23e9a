//! The whole command on files: what it asks, says and does.
#![allow(clippy::unwrap_used)]
// A list of one range is meant as that.
#![allow(clippy::single_range_in_vec_init)]

mod common;

use common::{MIB, bmap, file, picture};
use sfumato_flash::command::{CommandError, Console, Request, run};
use sfumato_flash::survey::Survey;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Runs a request with an answer; gives the text, too.
fn told(
    request: &Request,
    answer: Option<&str>,
    width: Option<usize>,
) -> (Result<(), CommandError>, String) {
    let mut out = Vec::new();
    let mut answers = answer.map(|answer| answer.as_bytes());
    let result = run(
        request,
        &Survey::default(),
        Console {
            answers: answers
                .as_mut()
                .map(|answers| answers as &mut dyn std::io::BufRead),
            out: &mut out,
            width,
        },
    );
    (result, String::from_utf8(out).unwrap())
}

fn device(folder: &Path, name: &str, size: u64) -> PathBuf {
    file(folder, name, &vec![0x5A; size as usize])
}

fn request(image: &Path, devices: &[&Path]) -> Request {
    Request {
        image: image.to_owned(),
        devices: devices.iter().map(|path| path.to_path_buf()).collect(),
        files: true,
        ..Request::default()
    }
}

#[test]
fn raw_zstd_and_xz_by_their_bytes_whatever_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = picture(11 * MIB + 77, &[2 * MIB..8 * MIB], 4);
    let xz = by_xz(&bytes, folder.path());
    let packed = [
        ("raw.xz", Some(bytes.clone())),
        ("zstd.img", Some(zstd::encode_all(&bytes[..], 3).unwrap())),
        ("xz.zst", (!xz.is_empty()).then_some(xz)),
    ];
    for (name, packed) in packed {
        let Some(packed) = packed else { continue };
        let image = file(folder.path(), name, &packed);
        let disk = device(folder.path(), "disk", 16 * MIB);
        let (result, text) = told(
            &request(&image, &[&disk]),
            Some(&format!("{}\n", disk.display())),
            None,
        );
        result.unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert!(
            std::fs::read(&disk).unwrap()[..bytes.len()] == bytes[..],
            "{name}"
        );
        assert!(text.contains("flashed and verified: 11.5 MB"), "{text}");
    }
}

/// The bytes as the stock `xz` packs them; none, with a line, where it is not there.
fn by_xz(bytes: &[u8], folder: &Path) -> Vec<u8> {
    let from = file(folder, "to-pack", bytes);
    match std::process::Command::new("xz")
        .args(["-1", "-c"])
        .arg(&from)
        .output()
    {
        Ok(packed) if packed.status.success() => packed.stdout,
        _ => {
            println!("left out: xz is not there");
            Vec::new()
        }
    }
}

#[test]
fn a_block_map_is_found_beside_the_image() {
    for (image_name, map_name) in [
        ("kiosk.img", "kiosk.img.bmap"),
        ("kiosk.img", "kiosk.bmap"),
        ("kiosk.img.zst", "kiosk.img.bmap"),
        ("kiosk.img.zst", "kiosk.img.zst.bmap"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let bytes = picture(6 * MIB, &[2 * MIB..4 * MIB], 4);
        let packed = match image_name.ends_with("zst") {
            true => zstd::encode_all(&bytes[..], 1).unwrap(),
            false => bytes.clone(),
        };
        let image = file(folder.path(), image_name, &packed);
        file(
            folder.path(),
            map_name,
            bmap(&bytes, &[2 * MIB..4 * MIB]).as_bytes(),
        );
        let disk = device(folder.path(), "disk", 8 * MIB);
        let mut request = request(&image, &[&disk]);
        request.yes = true;
        let (result, text) = told(&request, None, None);
        result.unwrap();
        assert!(text.contains(&format!("by {map_name}")), "{text}");
        let after = std::fs::read(&disk).unwrap();
        assert!(
            after[2 * MIB as usize..4 * MIB as usize]
                .iter()
                .all(|&byte| byte == 0x5A)
        );
        request.reading.no_bmap = true;
        told(&request, None, None).0.unwrap();
        assert!(std::fs::read(&disk).unwrap()[..bytes.len()] == bytes[..]);
    }
}

#[test]
fn holes_are_zeros_unless_they_are_to_be_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sparse.img");
    let image = std::fs::File::create(&path).unwrap();
    image.set_len(12 * MIB).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&image, &[9; 8192], 0).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&image, &[8; 8192], 10 * MIB).unwrap();
    let disk = device(folder.path(), "disk", 16 * MIB);
    let mut request = request(&path, &[&disk]);
    request.yes = true;
    told(&request, None, None).0.unwrap();
    let after = std::fs::read(&disk).unwrap();
    assert!(after[..12 * MIB as usize] == std::fs::read(&path).unwrap());
    let disk = device(folder.path(), "disk", 16 * MIB);
    request.reading.leave_holes = true;
    let (result, text) = told(&request, None, None);
    result.unwrap();
    let after = std::fs::read(&disk).unwrap();
    assert_eq!(after[5 * MIB as usize], 0x5A, "{text}");
    assert_eq!((after[0], after[10 * MIB as usize]), (9, 8));
}

#[test]
fn nothing_is_written_without_the_right_word() {
    let folder = tempfile::tempdir().unwrap();
    let image = file(folder.path(), "kiosk.img", &picture(2 * MIB, &[], 4));
    let one = device(folder.path(), "one", 4 * MIB);
    let two = device(folder.path(), "two", 4 * MIB);
    let single = request(&image, &[&one]);
    let (result, text) = told(&single, Some("yes\n"), None);
    assert!(
        matches!(result, Err(CommandError::Declined)),
        "one device is asked for by name"
    );
    assert!(
        text.contains("Everything on this will be lost") && text.contains("4.19 MB"),
        "{text}"
    );
    for answer in ["", "\n", "y\n", "no\n"] {
        let (result, _) = told(&request(&image, &[&one, &two]), Some(answer), None);
        assert!(matches!(result, Err(CommandError::Declined)));
    }
    let (result, _) = told(&single, None, None);
    assert!(matches!(result, Err(CommandError::NobodyToAsk)));
    for path in [&one, &two] {
        assert!(
            std::fs::read(path)
                .unwrap()
                .iter()
                .all(|&byte| byte == 0x5A)
        );
    }
    told(&request(&image, &[&one, &two]), Some("yes\n"), None)
        .0
        .unwrap();
}

#[test]
fn one_refused_device_stops_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let image = file(folder.path(), "kiosk.img", &picture(2 * MIB, &[], 4));
    let good = device(folder.path(), "good", 4 * MIB);
    let small = device(folder.path(), "small", MIB);
    let missing = folder.path().join("missing");
    for (bad, reason) in [
        (&small, "too small"),
        (&missing, "no such device"),
        (&good, "named twice"),
    ] {
        let mut request = request(&image, &[&good, bad]);
        request.yes = true;
        let (result, text) = told(&request, None, None);
        assert!(matches!(result, Err(CommandError::Refused(_))), "{text}");
        assert!(
            text.contains(&format!("{} is refused", bad.display())) && text.contains(reason),
            "{text}"
        );
    }
    let mut itself = request(&image, &[&image]);
    itself.yes = true;
    assert!(told(&itself, None, None).1.contains("the image lies on it"));
    let mut plain = request(&image, &[&good]);
    (plain.files, plain.yes) = (false, true);
    assert!(
        told(&plain, None, None)
            .1
            .contains("it is a file; to write into files say --file")
    );
    assert!(
        std::fs::read(&good)
            .unwrap()
            .iter()
            .all(|&byte| byte == 0x5A)
    );
}

#[test]
fn every_line_for_programs_is_json() {
    let folder = tempfile::tempdir().unwrap();
    let image = file(folder.path(), "kiosk.img", &picture(2 * MIB, &[], 4));
    let disk = device(folder.path(), "disk", 4 * MIB);
    let mut request = request(&image, &[&disk]);
    (request.yes, request.json) = (true, true);
    let (result, text) = told(&request, None, Some(80));
    result.unwrap();
    let lines: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let last = lines.last().unwrap();
    assert_eq!(
        (&last["event"], &last["outcome"]),
        (&"outcome".into(), &"flashed".into())
    );
    assert_eq!(last["verified"], 2 * MIB);
    assert!(lines.iter().any(|line| line["event"] == "progress"));
    std::fs::File::create(&disk)
        .unwrap()
        .write_all(&[0; 512])
        .unwrap();
    let (result, text) = told(&request, None, None);
    assert!(result.is_err());
    let line: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!(line["event"], "refused");
    assert!(line["reason"].as_str().unwrap().contains("too small"));
}

#[test]
fn images_of_other_kinds_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let disk = device(folder.path(), "disk", 4 * MIB);
    for (bytes, word) in [
        (&b"\x1F\x8B\x08rest"[..], "gunzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"QFI\xFBrest", "qemu-img"),
        (b"<?xml version", "block map"),
        (b"", "empty"),
    ] {
        let image = file(folder.path(), "image", bytes);
        let (result, _) = told(&request(&image, &[&disk]), None, None);
        let error = result.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    let (result, _) = told(&request(folder.path(), &[&disk]), None, None);
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("name an image file")
    );
}

#[test]
fn a_damaged_block_map_is_not_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = picture(2 * MIB, &[], 4);
    let image = file(folder.path(), "kiosk.img", &bytes);
    let map = bmap(&bytes, &[]).replace("4096", "8192");
    file(folder.path(), "kiosk.img.bmap", map.as_bytes());
    let disk = device(folder.path(), "disk", 4 * MIB);
    let (result, _) = told(&request(&image, &[&disk]), None, None);
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("changed or damaged") && error.contains("--no-bmap"),
        "{error}"
    );
}

#[test]
fn a_terminal_has_one_line_a_device() {
    let folder = tempfile::tempdir().unwrap();
    let image = file(folder.path(), "kiosk.img", &picture(2 * MIB, &[], 4));
    let disk = device(folder.path(), "disk", 4 * MIB);
    let mut request = request(&image, &[&disk]);
    request.yes = true;
    let (result, text) = told(&request, None, Some(60));
    result.unwrap();
    let drawn: Vec<&str> = text
        .lines()
        .filter(|line| line.contains("\x1b[2K"))
        .collect();
    assert!(!drawn.is_empty());
    for line in drawn {
        let shown = line.rsplit("\x1b[2K").next().unwrap();
        assert!(shown.chars().count() <= 60, "{shown}");
    }
}

#[test]
fn a_damaged_xz_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = picture(3 * MIB, &[], 4);
    let sound = by_xz(&bytes, folder.path());
    if sound.is_empty() {
        return;
    }
    let mut flipped = sound.clone();
    flipped[MIB as usize] ^= 4;
    for damaged in [
        &flipped[..],
        &sound[..sound.len() / 2],
        &sound[..sound.len() - 8],
    ] {
        let image = file(folder.path(), "kiosk.img.xz", damaged);
        let disk = device(folder.path(), "disk", 4 * MIB);
        let mut request = request(&image, &[&disk]);
        request.yes = true;
        let (result, text) = told(&request, None, None);
        assert!(matches!(result, Err(CommandError::Failed { .. })), "{text}");
        assert!(text.contains("damaged"), "{text}");
        let after = std::fs::read(&disk).unwrap();
        assert!(after[..MIB as usize].iter().all(|&byte| byte == 0));
    }
}
