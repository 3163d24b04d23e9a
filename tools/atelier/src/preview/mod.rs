//! `atelier preview`: what a pack's portrait can do, as a contact sheet or a clip.

mod clip;
mod expressions;
mod sheet;
mod zoom;

pub use clip::{performance, write_clip};
pub use expressions::{Expression, expressions};
pub use sheet::contact_sheet;
pub use zoom::Zoom;

use crate::generator;
use anyhow::{Context, bail};
use sfumato_compositor::Picture;
use sfumato_core::pixels::rgb;
use sfumato_pack::Pack;
use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

/// What `atelier preview` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pack to show.
    pub pack: PathBuf,
    /// Where to write: a `.png` is a contact sheet, an `.mp4` a clip (needs ffmpeg).
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
    /// Pixels of one picture's side in the sheet, of the longer side in the clip.
    #[arg(long, default_value_t = 400, value_parser = clap::value_parser!(u32).range(64..=4096))]
    pub size: u32,
    /// Pictures in a row of the sheet.
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=20))]
    pub columns: u32,
    /// What each picture of the sheet shows.
    #[arg(long, value_enum, default_value_t = Zoom::Face)]
    pub zoom: Zoom,
    /// Only the expressions whose name contains this.
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub only: String,
    /// What draws.
    #[arg(long, value_enum, default_value_t)]
    pub generator: generator::Choice,
}

/// Runs `atelier preview`.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let pack = Pack::read(&arguments.pack)?;
    let mut generator = generator::of(&pack, arguments.generator)?;
    let ending = arguments.output.extension().and_then(|e| e.to_str());
    match ending {
        Some("png") => {
            let mut wanted = expressions();
            wanted.retain(|expression| expression.name.contains(&arguments.only));
            if wanted.is_empty() {
                bail!("no expression has `{}` in its name", arguments.only);
            }
            let sheet = contact_sheet(
                &pack.portrait,
                generator.as_mut(),
                &wanted,
                arguments.zoom.part(&pack.portrait),
                arguments.size,
                arguments.columns,
            )?;
            write_png(&arguments.output, &sheet)?;
        }
        Some("mp4") => write_clip(
            &pack.portrait,
            generator.as_mut(),
            arguments.size,
            &arguments.output,
        )?,
        _ => bail!(
            "{}: write a `.png` (contact sheet) or an `.mp4` (clip)",
            arguments.output.display()
        ),
    }
    println!("{}", arguments.output.display());
    Ok(())
}

/// Writes a picture as PNG, without its top byte.
pub fn write_png(path: &Path, picture: &Picture) -> anyhow::Result<()> {
    let name = || format!("{} cannot be written", path.display());
    let file = BufWriter::new(File::create(path).with_context(name)?);
    let mut encoder = png::Encoder::new(file, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    let bytes: Vec<u8> = picture.pixels().iter().flat_map(|&p| rgb(p)).collect();
    let mut writer = encoder.write_header().with_context(name)?;
    writer.write_image_data(&bytes).with_context(name)?;
    writer.finish().with_context(name)
}
