//! Pictures as PNG: small, lossless, and any image viewer opens them.

use crate::PackError;
use sfumato_compositor::{MAX_SIDE, Picture};
use sfumato_core::pixels::{rgb, xrgb};
use std::io::Cursor;

/// Pixels of the largest picture a pack may hold.
pub const MAX_PIXELS: u64 = 1 << 26;

/// How a picture's pixels are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Red, green, blue; the top byte is not kept and reads back as 255.
    Colour,
    /// Red, green, blue and the top byte.
    Layer,
    /// Brightness alone; reads back as equal red, green and blue.
    Grey,
}

/// Encodes a picture.
pub fn encode(name: &str, picture: &Picture, kind: Kind) -> Result<Vec<u8>, PackError> {
    let mut data = Vec::with_capacity(picture.pixels().len() * 4);
    for &pixel in picture.pixels() {
        let [red, green, blue] = rgb(pixel);
        match kind {
            Kind::Colour => data.extend([red, green, blue]),
            Kind::Layer => data.extend([red, green, blue, (pixel >> 24) as u8]),
            Kind::Grey => data.push(green),
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, picture.width(), picture.height());
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_color(match kind {
        Kind::Colour => png::ColorType::Rgb,
        Kind::Layer => png::ColorType::Rgba,
        Kind::Grey => png::ColorType::Grayscale,
    });
    encoder.set_compression(png::Compression::Fast);
    let written = encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(&data));
    match written {
        Ok(()) => Ok(file),
        Err(error) => Err(bad(name, error)),
    }
}

/// Decodes a picture of the size `wanted`, or of any sensible size when that is unknown; of `most` pixels at
/// most.
pub fn decode(
    name: &str,
    file: &[u8],
    kind: Kind,
    wanted: Option<(u32, u32)>,
    most: u64,
) -> Result<Picture, PackError> {
    let mut reader = png::Decoder::new(Cursor::new(file))
        .read_info()
        .map_err(|error| bad(name, error))?;
    let (width, height) = reader.info().size();
    // The size is checked before anything of that size is allocated.
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > most {
        return Err(PackError::TooLarge(format!(
            "`{name}` has {width} x {height} pixels"
        )));
    }
    if let Some((wanted_width, wanted_height)) = wanted
        && wanted != Some((width, height))
    {
        return Err(bad(
            name,
            format_args!("{width} x {height} pixels instead of {wanted_width} x {wanted_height}"),
        ));
    }
    let (colour, depth) = reader.output_color_type();
    let (expected, channels) = match kind {
        Kind::Colour => (png::ColorType::Rgb, 3),
        Kind::Layer => (png::ColorType::Rgba, 4),
        Kind::Grey => (png::ColorType::Grayscale, 1),
    };
    if (colour, depth) != (expected, png::BitDepth::Eight) {
        return Err(bad(
            name,
            format_args!("{colour:?} of {depth:?} bits instead of {expected:?} of eight"),
        ));
    }
    let mut data = vec![0; pixels as usize * channels];
    reader
        .next_frame(&mut data)
        .map_err(|error| bad(name, error))?;
    let pixels = data
        .chunks_exact(channels)
        .map(|bytes| match *bytes {
            [red, green, blue] => xrgb([red, green, blue]),
            [red, green, blue, top] => {
                xrgb([red, green, blue]) & 0x00ff_ffff | u32::from(top) << 24
            }
            [grey, ..] => xrgb([grey; 3]),
            [] => 0,
        })
        .collect();
    Picture::from_pixels(width, height, pixels).map_err(|error| bad(name, error))
}

fn bad(name: &str, reason: impl std::fmt::Display) -> PackError {
    PackError::Picture {
        name: name.to_owned(),
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn file() -> Vec<u8> {
        let pixels = (0..20 * 15)
            .map(|i: u32| i.wrapping_mul(2_654_435_761))
            .collect();
        let picture = Picture::from_pixels(20, 15, pixels).unwrap();
        encode("test", &picture, Kind::Layer).unwrap()
    }

    #[test]
    fn the_size_is_checked_before_memory_is_taken() {
        let mut huge = file();
        huge[16..24].copy_from_slice(&[0, 0, 0x3f, 0xff, 0, 0, 0x3f, 0xff]);
        // The header's checksum must fit, or the decoder never gets as far as the size.
        let mut crc = u32::MAX;
        for &byte in &huge[12..29] {
            crc ^= u32::from(byte);
            for _ in 0..8 {
                crc = crc >> 1 ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
            }
        }
        huge[29..33].copy_from_slice(&(!crc).to_be_bytes());
        let error = decode("test", &huge, Kind::Layer, None, MAX_PIXELS).unwrap_err();
        assert!(matches!(error, PackError::TooLarge(_)), "{error}");
    }

    #[test]
    fn another_size_or_kind_is_refused() {
        assert!(decode("test", &file(), Kind::Layer, Some((20, 15)), MAX_PIXELS).is_ok());
        assert!(decode("test", &file(), Kind::Layer, Some((20, 14)), MAX_PIXELS).is_err());
        assert!(decode("test", &file(), Kind::Colour, None, MAX_PIXELS).is_err());
    }

    proptest! {
        #[test]
        fn damaged_files_never_panic(at in 0_usize..10_000, flip in 1..=255_u8) {
            let mut data = file();
            let at = at % data.len();
            data[at] ^= flip;
            let _ = decode("test", &data, Kind::Layer, Some((20, 15)), MAX_PIXELS);
        }

        #[test]
        fn cut_files_are_refused(length in 0_usize..10_000) {
            let data = file();
            let length = length % (data.len() - 12);
            prop_assert!(decode("test", &data[..length], Kind::Layer, None, MAX_PIXELS).is_err());
        }
    }
}
