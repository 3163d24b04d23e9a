//! A small pack that has everything.

use sfumato_compositor::{EyeLayers, Picture, Portrait};
use sfumato_core::geometry::{Point, Rect};
use sfumato_core::pixels::xrgb;
use sfumato_pack::{Manifest, Pack};
use std::sync::OnceLock;

pub fn textured(width: u32, height: u32, top: u32) -> Picture {
    let pixels = (0..width * height)
        .map(|i| xrgb([(i * 7) as u8, (i / 3) as u8, (i ^ 0x5a) as u8]) & 0xff_ffff | top << 24)
        .collect();
    Picture::from_pixels(width, height, pixels).unwrap()
}

pub fn sample() -> Pack {
    let eye = |x: u32, top: u32| EyeLayers {
        rect: Rect {
            x,
            y: 20,
            width: 12,
            height: 9,
        },
        sclera: textured(12, 9, 255),
        iris: textured(12, 9, top),
        iris_centre: Point {
            x: x as f32 + 6.3,
            y: 24.7,
        },
        iris_radius: 3.1,
    };
    let mut manifest = Manifest::new("Test");
    manifest.source_sha256 = "00".repeat(32);
    Pack {
        manifest,
        portrait: Portrait {
            painting: textured(60, 70, 255),
            region: Rect {
                x: 8,
                y: 10,
                width: 40,
                height: 40,
            },
            plate: Some(textured(40, 40, 255)),
            eyes: [eye(12, 17), EyeLayers::default()],
            mouth_size: [0.3, 0.2],
            grain: Some(Picture::new(5, 4, xrgb([130; 3]))),
        },
        rig: (0..5000_u32).map(|i| (i * i) as u8).collect(),
        network: Some(vec![1, 2, 3]),
    }
}

pub fn bytes() -> &'static [u8] {
    static BYTES: OnceLock<Vec<u8>> = OnceLock::new();
    BYTES.get_or_init(|| sample().to_bytes().unwrap())
}
