//! The clip: a short performance, as a film.

use super::expressions;
use anyhow::{Context, bail};
use sfumato_compositor::{Compositor, Layout, Picture, Portrait};
use sfumato_core::drawing::Drawing;
use sfumato_core::motion::{Motion, Real};
use sfumato_core::pixels::rgb;
use sfumato_generator::Generator;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const RATE: u32 = 30;
/// Frames to go from one expression to the next, and to stay there.
const GO: u32 = 14;
const STAY: u32 = 12;

/// The motions of the clip, frame by frame: each expression from rest, held, and back.
pub fn performance() -> Vec<Motion> {
    let mut frames = vec![Motion::REST; RATE as usize];
    for expression in expressions().iter().skip(1) {
        let ease = |step: u32| {
            let t = f64::from(step) / f64::from(GO);
            t * t * (3.0 - 2.0 * t)
        };
        let part = |share: f64| Motion::REST.between(&expression.motion, Real::from_num(share));
        frames.extend((1..=GO).map(|step| part(ease(step))));
        frames.extend((0..STAY).map(|_| expression.motion));
        frames.extend((1..=GO).map(|step| part(1.0 - ease(step))));
    }
    frames
}

/// Plays the performance into a film whose longer side has `side` pixels.
pub fn write_clip(
    portrait: &Portrait,
    generator: &mut dyn Generator,
    side: u32,
    path: &Path,
) -> anyhow::Result<()> {
    // The film shows the region with its surroundings, in the painting's proportions.
    let (width, height) = (portrait.painting.width(), portrait.painting.height());
    let scale = f64::from(side) / f64::from(width.max(height));
    // Film coders want even sides.
    let even = |side: u32| ((f64::from(side) * scale / 2.0).round() as u32 * 2).max(16);
    let layout = Layout::fit(even(width), even(height));
    let mut compositor = Compositor::new(portrait, layout)?;
    let mut picture = Picture::new(layout.width, layout.height, 0);
    let mut drawing = Box::new(Drawing::REST);
    let mut coder = Command::new("ffmpeg")
        .args([
            "-loglevel",
            "error",
            "-y",
            "-f",
            "rawvideo",
            "-pix_fmt",
            "rgb24",
        ])
        .args(["-s", &format!("{}x{}", layout.width, layout.height)])
        .args(["-r", &RATE.to_string(), "-i", "-", "-an"])
        .args(["-c:v", "libx264", "-crf", "18", "-pix_fmt", "yuv420p"])
        .arg(path)
        .stdin(Stdio::piped())
        .spawn()
        .context("films need ffmpeg: install it (`apt install ffmpeg`), or write a `.png`")?;
    let mut pipe = coder.stdin.take().context("ffmpeg takes no pictures")?;
    let mut bytes = Vec::new();
    let mut age = 0;
    for motion in performance() {
        generator.generate(&motion, &mut drawing)?;
        compositor.draw(&drawing, picture.view_mut(), age)?;
        age = 1;
        bytes.clear();
        bytes.extend(picture.pixels().iter().flat_map(|&pixel| rgb(pixel)));
        if pipe.write_all(&bytes).is_err() {
            break; // its own words say why
        }
    }
    drop(pipe);
    let status = coder.wait().context("ffmpeg was lost")?;
    if !status.success() {
        bail!("ffmpeg could not write {}", path.display());
    }
    Ok(())
}
