//! Films the sitter for a camera that is fed from a file: raw pictures in YUYV, one after the other.
//!
//! `cargo run -p sfumato-sitter --example film -- calm|laugh WIDTHxHEIGHT COUNT FILE`. YUYV has two bytes a pixel, colours of
//! BT.601 in 16 to 235 shared by two pixels: what the kernel's virtual camera takes.

use sfumato_core::pixels::{PixelsMut, Rgb};
use sfumato_sitter::{Performance, Sitter};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [act, size, count, file] = arguments.as_slice() else {
        return Err("film calm|laugh WIDTHxHEIGHT COUNT FILE".into());
    };
    let (width, height) = size.split_once('x').ok_or("the size is WIDTHxHEIGHT")?;
    let (width, height): (usize, usize) = (width.parse()?, height.parse()?);
    let count: usize = count.parse()?;
    let face = match act.as_str() {
        "calm" => Performance::default(),
        "laugh" => Performance {
            jaw_open: 0.7,
            smile: 0.9,
            brow_up: 0.6,
            ..Performance::default()
        },
        other => return Err(format!("the sitter cannot act {other:?}: calm or laugh").into()),
    };
    let mut sitter = Sitter::new(width, height);
    let mut picture = vec![Rgb::default(); width * height];
    let mut out = std::io::BufWriter::new(std::fs::File::create(file)?);
    for index in 0..count {
        // Nobody stands quite still.
        let phase = index as f32 / count as f32 * std::f32::consts::TAU;
        let act = Performance {
            yaw: 0.2 * phase.sin(),
            roll: 0.1 * phase.cos(),
            ..face
        };
        let pixels = PixelsMut::new(&mut picture, width, height, width)?;
        sitter.render(&act, pixels);
        out.write_all(&yuyv(&picture))?;
    }
    Ok(())
}

fn yuyv(picture: &[Rgb]) -> Vec<u8> {
    let mut out = Vec::with_capacity(picture.len() * 2);
    for pair in picture.chunks_exact(2) {
        let both = [pair[0], pair[1]].map(|pixel| pixel.map(f32::from));
        let luma = |[r, g, b]: [f32; 3]| (16.0 + 0.257 * r + 0.504 * g + 0.098 * b) as u8;
        let mean = |channel: usize| f32::midpoint(both[0][channel], both[1][channel]);
        let [r, g, b] = [mean(0), mean(1), mean(2)];
        let cb = 128.0 - 0.148 * r - 0.291 * g + 0.439 * b;
        let cr = 128.0 + 0.439 * r - 0.368 * g - 0.071 * b;
        out.extend([luma(both[0]), cb as u8, luma(both[1]), cr as u8]);
    }
    out
}
