//! Reading a picture from a file, the way a person would see it.
//!
//! The file's content decides its kind, not its name. The EXIF orientation is applied, CMYK and
//! grey pictures become RGB, transparency is dropped, 16-bit pictures keep their upper eight
//! bits. Colour profiles are not applied: the numbers stay those of the file, as everywhere else
//! in the project.
//!
//! JPEG is decoded by libjpeg-turbo's code (in MozJPEG), to the same bits as by most programs, because
//! landmarks are sensitive: where a detector's candidate is just over its threshold, a decoder that
//! differs by a level moves a face's landmarks by up to half a per cent of its width. What that
//! code cannot read, and everything else, is decoded by the `image` library.

use anyhow::{Context, Result, bail};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};
use sfumato_core::pixels::{Pixels, Rgb};
use std::path::Path;

/// Sides beyond this are refused before they are decoded.
const LONGEST_SIDE: u32 = 32_768;

/// A picture in memory.
#[derive(Clone, Debug)]
pub struct Picture {
    width: usize,
    height: usize,
    pixels: Vec<Rgb>,
}

impl Picture {
    /// Reads a picture file, whichever kind it is.
    pub fn read(path: &Path) -> Result<Picture> {
        let name = path.display();
        let reader = ImageReader::open(path)
            .with_context(|| format!("cannot open {name}"))?
            .with_guessed_format()
            .with_context(|| format!("cannot read {name}"))?;
        let Some(format) = reader.format() else {
            bail!("{name} is no picture that can be read; JPEG and PNG are");
        };
        let mut decoder = reader
            .into_decoder()
            .with_context(|| format!("cannot decode {name}"))?;
        let (width, height) = decoder.dimensions();
        if width.max(height) > LONGEST_SIDE {
            bail!("{name} has {width} x {height} pixels; reduce it to {LONGEST_SIDE} a side");
        }
        let orientation = decoder
            .orientation()
            .with_context(|| format!("cannot decode {name}"))?;
        let exact = (format == ImageFormat::Jpeg)
            .then(|| decode_jpeg(path))
            .flatten();
        let mut decoded = exact
            .map_or_else(|| DynamicImage::from_decoder(decoder), Ok)
            .with_context(|| format!("cannot decode {name}"))?;
        decoded.apply_orientation(orientation);
        let decoded = decoded.into_rgb8();
        let (width, height) = (decoded.width() as usize, decoded.height() as usize);
        let pixels = decoded.pixels().map(|pixel| pixel.0).collect();
        Ok(Picture {
            width,
            height,
            pixels,
        })
    }

    /// Whether a file's first bytes are those of a picture that can be read.
    pub fn is_picture(path: &Path) -> bool {
        ImageReader::open(path)
            .and_then(ImageReader::with_guessed_format)
            .is_ok_and(|reader| reader.format().is_some())
    }

    /// Width and height as stored, without decoding the picture; none if it is none.
    pub fn stored_size(path: &Path) -> Option<(u32, u32)> {
        ImageReader::open(path)
            .and_then(ImageReader::with_guessed_format)
            .ok()?
            .into_dimensions()
            .ok()
    }

    /// Columns.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The picture.
    pub fn pixels(&self) -> Result<Pixels<'_, Rgb>> {
        Ok(Pixels::new(
            &self.pixels,
            self.width,
            self.height,
            self.width,
        )?)
    }
}

/// Decodes a JPEG of three components or one; none if it is of another kind or damaged.
fn decode_jpeg(path: &Path) -> Option<DynamicImage> {
    // The C code reports errors by unwinding through it, which it is built for.
    let decode = || {
        let decoder = mozjpeg::Decompress::new_path(path).ok()?;
        if !matches!(
            decoder.color_space(),
            mozjpeg::ColorSpace::JCS_YCbCr
                | mozjpeg::ColorSpace::JCS_RGB
                | mozjpeg::ColorSpace::JCS_GRAYSCALE
        ) {
            return None;
        }
        let mut started = decoder.rgb().ok()?;
        let (width, height) = (started.width(), started.height());
        let pixels: Vec<Rgb> = started.read_scanlines().ok()?;
        let picture = RgbImage::from_raw(
            u32::try_from(width).ok()?,
            u32::try_from(height).ok()?,
            pixels.into_flattened(),
        );
        picture.map(DynamicImage::ImageRgb8)
    };
    std::panic::catch_unwind(decode).ok().flatten()
}
