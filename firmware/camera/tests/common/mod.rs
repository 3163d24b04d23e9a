//! Clips made on the spot, and the shared ones where they are.

#![allow(dead_code)] // Each test file uses its own part.

use sfumato_camera::{Camera, CameraError, SharedClock, SystemClock};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

pub fn clock() -> SharedClock {
    Arc::new(SystemClock::new())
}

pub fn open(uri: &str) -> Result<Box<dyn Camera>, CameraError> {
    sfumato_camera::open(&uri.parse()?, clock())
}

/// A file of the shared test media; none, aloud, where they are absent.
pub fn media(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/media")
        .join(name);
    if path.exists() {
        Some(path)
    } else {
        println!("skipped: no test media at {}", path.display());
        None
    }
}

pub fn ffmpeg_is_there() -> bool {
    let there = Command::new("ffmpeg").arg("-version").output().is_ok();
    if !there {
        println!("skipped: ffmpeg is not installed");
    }
    there
}

/// Colour of picture `number`: every clip made here shows one flat colour per picture.
pub fn colour(number: u8) -> [u8; 3] {
    [40 + 20 * number, 200 - 20 * number, 90]
}

pub fn write_pictures(folder: &Path, count: u8) {
    for number in 0..count {
        let picture = image::RgbImage::from_pixel(48, 32, image::Rgb(colour(number)));
        let kind = if number % 2 == 0 { "png" } else { "JPG" };
        picture
            .save(folder.join(format!("{number:03}.{kind}")))
            .unwrap();
    }
}

pub fn jpeg(number: u8) -> Vec<u8> {
    let picture = image::RgbImage::from_pixel(48, 32, image::Rgb(colour(number)));
    let mut bytes = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
        .encode_image(&picture)
        .unwrap();
    bytes
}

/// Pictures with the part headers of a network camera between them.
pub fn motion_jpeg(count: u8) -> Vec<u8> {
    let mut bytes = Vec::new();
    for number in 0..count {
        bytes.extend_from_slice(b"--part\r\nContent-Type: image/jpeg\r\n\r\n");
        bytes.extend(jpeg(number));
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}

/// Grey pictures, brightness 20, 40, 60 …, 33 x 17 pixels, ten a second.
pub fn y4m(count: u8) -> Vec<u8> {
    let mut bytes = b"YUV4MPEG2 W33 H17 F10:1 Ip C420jpeg XCOLORRANGE=FULL\n".to_vec();
    for number in 0..count {
        bytes.extend_from_slice(b"FRAME\n");
        bytes.extend(std::iter::repeat_n(20 + 20 * number, 33 * 17));
        bytes.extend(std::iter::repeat_n(128, 2 * 17 * 9));
    }
    bytes
}
