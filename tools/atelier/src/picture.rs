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
use sfumato_core::pixels::{Pixels, Rgb, xrgb};
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
    /// As the compositor has it.
    pub fn painting(&self) -> Result<sfumato_compositor::Picture> {
        Ok(sfumato_compositor::Picture::from_pixels(
            u32::try_from(self.width)?,
            u32::try_from(self.height)?,
            self.pixels.iter().map(|&pixel| xrgb(pixel)).collect(),
        )?)
    }

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
        let mut exact = None;
        if format == ImageFormat::Jpeg {
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
            if !has_end(&bytes) {
                bail!("{name} is cut short; fetch or copy it again");
            }
            exact = decode_jpeg(&bytes);
        }
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
fn decode_jpeg(bytes: &[u8]) -> Option<DynamicImage> {
    // The C code reports errors by unwinding through it, which it is built for.
    let decode = || {
        let decoder = mozjpeg::Decompress::new_mem(bytes).ok()?;
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

/// Whether a JPEG's last scan is followed by the end mark. Decoders paint what is missing grey
/// and say nothing. Inside a scan neither mark can occur; a thumbnail's lie before it.
fn has_end(bytes: &[u8]) -> bool {
    let last = |mark: u8| bytes.windows(2).rposition(|pair| pair == [0xff, mark]);
    last(0xd9) > last(0xda)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that goes away with the test.
    struct Scratch(std::path::PathBuf);

    impl Scratch {
        fn new(name: &str, bytes: &[u8]) -> Scratch {
            let name = format!("sfumato-picture-{}-{name}", std::process::id());
            let path = std::env::temp_dir().join(name);
            std::fs::write(&path, bytes).unwrap();
            Scratch(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_file(&self.0);
        }
    }

    /// 64 x 32 pixels, red on the left, blue on the right.
    fn jpeg() -> Vec<u8> {
        let picture = RgbImage::from_fn(64, 32, |x, _| {
            image::Rgb(if x < 32 { [200, 20, 20] } else { [20, 20, 200] })
        });
        let mut bytes = Vec::new();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode_image(&picture)
            .unwrap();
        bytes
    }

    fn is_red(picture: &Picture, x: usize, y: usize) -> bool {
        let [red, _, blue] = picture.pixels().unwrap().get(x, y).unwrap();
        red > 150 && blue < 80
    }

    #[test]
    fn a_jpeg_is_read() {
        let file = Scratch::new("plain.jpg", &jpeg());
        let picture = Picture::read(&file.0).unwrap();
        assert_eq!((picture.width(), picture.height()), (64, 32));
        assert!(is_red(&picture, 5, 16) && !is_red(&picture, 60, 16));
        assert_eq!(Picture::stored_size(&file.0), Some((64, 32)));
    }

    #[test]
    fn the_camera_s_orientation_is_applied() {
        // EXIF with one entry: orientation 6, to be shown turned a quarter clockwise.
        let exif = b"\xff\xe1\x00\x22Exif\0\0II\x2a\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
        let mut bytes = jpeg();
        bytes.splice(2..2, exif.iter().copied());
        let file = Scratch::new("turned.jpg", &bytes);
        let picture = Picture::read(&file.0).unwrap();
        assert_eq!((picture.width(), picture.height()), (32, 64));
        assert!(is_red(&picture, 16, 5) && !is_red(&picture, 16, 60));
    }

    #[test]
    fn a_jpeg_that_is_cut_short_is_refused() {
        let bytes = jpeg();
        let file = Scratch::new("cut.jpg", &bytes[..bytes.len() - 20]);
        let error = Picture::read(&file.0).unwrap_err().to_string();
        assert!(error.contains("cut short"), "{error}");
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for (name, bytes) in [
            ("text.jpg", &b"hello"[..]),
            ("empty.png", b""),
            ("mark.jpg", b"\xff\xd8\xff\xd9"),
        ] {
            let file = Scratch::new(name, bytes);
            assert!(Picture::read(&file.0).is_err(), "{name}");
        }
    }
}
