//! `atelier paint`: the built-in painting as a picture file.

use anyhow::{Context, Result, bail};
use sfumato_sitter::painting;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

/// What `atelier paint` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Where the painting goes.
    #[arg(short, long, value_name = "FILE.png")]
    pub output: PathBuf,
    /// Columns and rows.
    #[arg(long, value_name = "WxH", default_value = "1200x1600", value_parser = size)]
    pub size: (usize, usize),
}

fn size(text: &str) -> Result<(usize, usize), String> {
    let side = |text: &str| text.parse().ok().filter(|side| (64..=8192).contains(side));
    text.split_once('x')
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| "say WIDTHxHEIGHT, each from 64 to 8192".into())
}

/// Runs `atelier paint`.
pub fn run(arguments: Arguments) -> Result<()> {
    if arguments
        .output
        .extension()
        .is_none_or(|ending| ending != "png")
    {
        bail!("{}: name a .png file", arguments.output.display());
    }
    let (width, height) = arguments.size;
    let mut tenths = 0;
    let picture = painting::paint(width, height, &mut |share| {
        // Where nobody watches, ten lines in a log are enough.
        let now = (share.clamp(0.0, 1.0) * 10.0) as u32;
        if now > tenths {
            tenths = now;
            let line_end = if std::io::stderr().is_terminal() {
                "\r"
            } else {
                "\n"
            };
            eprint!("painting: {:3} %{line_end}", now * 10);
            let _ = std::io::stderr().flush();
        }
    });
    eprintln!("painting: done ");
    write(&arguments.output, &picture)
}

/// Writes the picture whole or not at all.
fn write(path: &Path, picture: &painting::Picture) -> Result<()> {
    let unfinished = path.with_extension("png.unfinished");
    let file = std::fs::File::create(&unfinished)
        .with_context(|| format!("cannot write {}", unfinished.display()))?;
    let side = |pixels: usize| u32::try_from(pixels).context("the painting is too large");
    let mut encoder = png::Encoder::new(
        std::io::BufWriter::new(file),
        side(picture.width)?,
        side(picture.height)?,
    );
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_source_srgb(png::SrgbRenderingIntent::Perceptual);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(picture.pixels.as_flattened())?;
    writer.finish()?;
    std::fs::rename(&unfinished, path).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_mistakes_named() {
        assert_eq!(size("64x80"), Ok((64, 80)));
        for wrong in ["", "64", "0x64", "64x9999", "ax64"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_painted_is_what_is_read_back() {
        let path = std::env::temp_dir().join(format!("atelier-paint-{}.png", std::process::id()));
        let picture = painting::Picture {
            width: 2,
            height: 1,
            pixels: vec![[1, 2, 3], [250, 128, 0]],
        };
        write(&path, &picture).unwrap();
        let file = std::io::BufReader::new(std::fs::File::open(&path).unwrap());
        let mut reader = png::Decoder::new(file).read_info().unwrap();
        let mut bytes = [0; 6];
        reader.next_frame(&mut bytes).unwrap();
        assert_eq!(bytes, [1, 2, 3, 250, 128, 0]);
        std::fs::remove_file(path).unwrap();
    }
}
