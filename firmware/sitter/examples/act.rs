//! Draws the sitter acting the built-in script: `act FOLDER [WIDTH HEIGHT [FPS]]` writes PNG files
//! and the truth, one line a frame, and prints the drawing's speed.

use sfumato_core::pixels::PixelsMut;
use sfumato_core::time::Moment;
use sfumato_sitter::{Script, Sitter};
use std::io::Write;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments
        .next()
        .ok_or("usage: act FOLDER [WIDTH HEIGHT [FPS]]")?;
    let mut number = |or: usize| arguments.next().map_or(Ok(or), |text| text.parse());
    let (width, height, fps) = (number(480)?, number(360)?, number(25)?);
    std::fs::create_dir_all(&folder)?;
    let mut truth = std::fs::File::create(format!("{folder}/truth.txt"))?;
    writeln!(
        truth,
        "# yaw pitch roll jaw_open smile pucker brow_up brow_down blink_right blink_left gaze_yaw gaze_pitch"
    )?;
    let made = std::time::Instant::now();
    let mut sitter = Sitter::new(width, height);
    println!("made in {:.2} s", made.elapsed().as_secs_f32());
    let script = Script::default();
    let frames = script.length().0 * fps as u64 / 1_000_000;
    let mut pixels = vec![[0u8; 3]; width * height];
    let mut drawing = 0.0;
    for frame in 0..frames {
        let p = script.at(Moment(frame * 1_000_000 / fps as u64));
        let began = std::time::Instant::now();
        sitter.render(&p, PixelsMut::new(&mut pixels, width, height, width)?);
        drawing += began.elapsed().as_secs_f32();
        writeln!(
            truth,
            "{} {} {} {} {} {} {} {} {} {} {} {}",
            p.yaw,
            p.pitch,
            p.roll,
            p.jaw_open,
            p.smile,
            p.pucker,
            p.brow_up,
            p.brow_down,
            p.blink_right,
            p.blink_left,
            p.gaze_yaw,
            p.gaze_pitch
        )?;
        let file = std::fs::File::create(format!("{folder}/{frame:06}.png"))?;
        let mut encoder = png::Encoder::new(file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        encoder
            .write_header()?
            .write_image_data(pixels.as_flattened())?;
    }
    println!(
        "{frames} frames, {:.1} frames a second on one core",
        frames as f32 / drawing
    );
    Ok(())
}
