//! Files show what was painted.

#![allow(clippy::unwrap_used)] // A test fails by panicking.

mod common;

use sfumato_core::pixels::xrgb;
use std::io::BufReader;
use std::path::Path;
use std::time::Duration;

/// Width, height and bytes of a PNG file.
fn read(path: &Path) -> (u32, u32, Vec<u8>) {
    let file = BufReader::new(std::fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.color_type, png::ColorType::Rgb);
    (info.width, info.height, bytes)
}

/// Shows `count` pictures; picture n has the colour (x, y, n) at x, y.
fn show(uri: &str, size: (usize, usize), count: u8) {
    let mut screen = common::open(uri, size).unwrap();
    for number in 0..count {
        screen
            .draw(&mut |mut pixels, _| {
                for y in 0..pixels.height() {
                    for (x, pixel) in pixels.row_mut(y).iter_mut().enumerate() {
                        *pixel = xrgb([x as u8, y as u8, number]);
                    }
                }
            })
            .unwrap();
        screen.present(Duration::ZERO).unwrap();
    }
}

#[test]
fn every_picture_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    show(&format!("frames:{}", folder.path().display()), (33, 17), 3);
    for number in 0..3u8 {
        let (width, height, bytes) = read(&folder.path().join(format!("{number:06}.png")));
        assert_eq!((width, height), (33, 17));
        let at = (16 * 33 + 32) * 3;
        assert_eq!(bytes[at..at + 3], [32, 16, number]);
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn every_second_and_turned() {
    let folder = tempfile::tempdir().unwrap();
    show(
        &format!("frames:{}?every=2&rotate=90", folder.path().display()),
        (33, 17),
        5,
    );
    let mut names: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["000000.png", "000002.png", "000004.png"]);
    let (width, height, bytes) = read(&folder.path().join("000002.png"));
    // What was painted upright lies on its side: its top left corner is at the top right.
    assert_eq!((width, height), (17, 33));
    let corner = 16 * 3;
    assert_eq!(bytes[corner..corner + 3], [0, 0, 2]);
}

#[test]
fn the_same_pictures_are_the_same_bytes() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for folder in [&one, &other] {
        show(&format!("frames:{}", folder.path().display()), (33, 17), 2);
    }
    let bytes =
        |folder: &tempfile::TempDir| std::fs::read(folder.path().join("000001.png")).unwrap();
    assert_eq!(bytes(&one), bytes(&other));
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error() {
    let error = common::open("frames:/dev/null/pictures", (33, 17))
        .err()
        .unwrap();
    assert!(error.to_string().contains("/dev/null/pictures"), "{error}");
}
