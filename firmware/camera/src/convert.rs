//! From what cameras and files deliver to RGB.
//!
//! The arithmetic is done by libraries that use the processor's vector units (`yuv`,
//! `zune-jpeg`); this module knows the layouts, checks sizes, and falls back for what the
//! libraries do not take. A picture shorter than it says it is counts as damaged.

use crate::Frame;
use yuv::{
    YuvBiPlanarImage, YuvConversionMode, YuvError, YuvGrayImage, YuvPackedImage, YuvPlanarImage,
    YuvRange, YuvStandardMatrix,
};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::bytestream::ZCursor;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// How the bytes of an uncompressed picture are arranged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Layout {
    /// `Y0 U Y1 V`, two pixels in four bytes.
    Yuyv,
    /// `U Y0 V Y1`, two pixels in four bytes.
    Uyvy,
    /// A plane of Y, then one of interleaved U and V at half size both ways.
    Nv12,
    /// Planes of Y, U, V, the last two at half size both ways.
    Planar420,
    /// Planes of Y, U, V, the last two at half width.
    Planar422,
    /// Planes of Y, U, V, all at full size.
    Planar444,
    /// `R G B`.
    Rgb,
    /// `B G R`.
    Bgr,
    /// One byte of brightness, taken as it is.
    Grey,
    /// One byte of brightness in the colour's range.
    Luma,
}

impl Layout {
    /// Bytes a row of `width` pixels has at least, in the first plane.
    pub(crate) fn row_bytes(self, width: usize) -> usize {
        match self {
            Layout::Yuyv | Layout::Uyvy => width.div_ceil(2) * 4,
            Layout::Rgb | Layout::Bgr => width * 3,
            Layout::Nv12
            | Layout::Planar420
            | Layout::Planar422
            | Layout::Planar444
            | Layout::Grey
            | Layout::Luma => width,
        }
    }

    /// Bytes from one row of the U plane to the next, when the first plane has `stride`.
    fn chroma_stride(self, stride: usize) -> usize {
        match self {
            // Interleaved, at least an even number of bytes.
            Layout::Nv12 => stride.next_multiple_of(2),
            Layout::Planar444 => stride,
            _ => stride.div_ceil(2),
        }
    }

    /// Bytes of a whole picture.
    pub(crate) fn picture_bytes(self, stride: usize, height: usize) -> usize {
        let chroma = self.chroma_stride(stride);
        stride * height
            + match self {
                Layout::Nv12 => chroma * height.div_ceil(2),
                Layout::Planar420 => 2 * chroma * height.div_ceil(2),
                Layout::Planar422 | Layout::Planar444 => 2 * chroma * height,
                _ => 0,
            }
    }
}

/// What brightness and colour difference mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Colour {
    /// The coefficients of ITU-R BT.709 instead of BT.601.
    pub(crate) bt709: bool,
    /// All 256 values are used, as in JPEG; otherwise black is 16 and white 235.
    pub(crate) full_range: bool,
}

impl Colour {
    /// What cameras deliver when they say nothing.
    #[cfg(test)]
    pub(crate) const BT601: Colour = Colour {
        bt709: false,
        full_range: false,
    };

    fn range(self) -> YuvRange {
        if self.full_range {
            YuvRange::Full
        } else {
            YuvRange::Limited
        }
    }

    fn matrix(self) -> YuvStandardMatrix {
        if self.bt709 {
            YuvStandardMatrix::Bt709
        } else {
            YuvStandardMatrix::Bt601
        }
    }
}

/// A picture as a camera or a file delivers it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Raw<'a> {
    pub(crate) layout: Layout,
    pub(crate) colour: Colour,
    pub(crate) width: usize,
    pub(crate) height: usize,
    /// Bytes from one row of the first plane to the next.
    pub(crate) stride: usize,
    pub(crate) bytes: &'a [u8],
}

/// The picture is damaged or shorter than it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Damaged(pub(crate) String);

impl From<YuvError> for Damaged {
    fn from(error: YuvError) -> Self {
        Damaged(error.to_string())
    }
}

/// Converts `raw` into `frame`, whose size becomes the picture's.
pub(crate) fn to_rgb(raw: Raw<'_>, frame: &mut Frame) -> Result<(), Damaged> {
    let Raw {
        layout,
        width,
        height,
        stride,
        bytes,
        ..
    } = raw;
    if width == 0 || height == 0 || stride < layout.row_bytes(width) {
        return Err(Damaged(format!(
            "{width} x {height} pixels do not fit rows of {stride} bytes"
        )));
    }
    let needed = layout.picture_bytes(stride, height);
    // The last row need not be padded.
    if bytes.len() < needed {
        return Err(Damaged(format!(
            "{} bytes where {needed} are needed",
            bytes.len()
        )));
    }
    let luma_bytes = stride * height;
    let (luma, chroma) = bytes.split_at(luma_bytes);
    frame.resize(width, height);
    let out = frame.bytes_mut();
    let out_stride = width * 3;
    match layout {
        Layout::Rgb => {
            for (to, from) in out.chunks_exact_mut(out_stride).zip(luma.chunks(stride)) {
                if let Some(from) = from.get(..out_stride) {
                    to.copy_from_slice(from);
                }
            }
            Ok(())
        }
        Layout::Bgr => {
            for (to, from) in out.chunks_exact_mut(out_stride).zip(luma.chunks(stride)) {
                for (to, from) in to.chunks_exact_mut(3).zip(from.chunks_exact(3)) {
                    if let ([r, g, b], [blue, green, red]) = (to, from) {
                        (*r, *g, *b) = (*red, *green, *blue);
                    }
                }
            }
            Ok(())
        }
        Layout::Grey => {
            for (to, from) in out.chunks_exact_mut(out_stride).zip(luma.chunks(stride)) {
                for (to, from) in to.chunks_exact_mut(3).zip(from) {
                    to.fill(*from);
                }
            }
            Ok(())
        }
        _ => planes(raw, luma, chroma, out, out_stride as u32),
    }
}

/// The layouts with colour difference, done by the library.
fn planes(
    raw: Raw<'_>,
    luma: &[u8],
    chroma: &[u8],
    out: &mut [u8],
    out_stride: u32,
) -> Result<(), Damaged> {
    let Raw { layout, colour, .. } = raw;
    let (range, matrix) = (colour.range(), colour.matrix());
    let (width, height) = (raw.width as u32, raw.height as u32);
    let stride = raw.stride as u32;
    let chroma_stride = layout.chroma_stride(raw.stride);
    let chroma_rows = match layout {
        Layout::Nv12 | Layout::Planar420 => raw.height.div_ceil(2),
        _ => raw.height,
    };
    let plane = chroma_stride * chroma_rows;
    let planar = || -> Result<YuvPlanarImage<'_, u8>, Damaged> {
        match (chroma.get(..plane), chroma.get(plane..2 * plane)) {
            (Some(u_plane), Some(v_plane)) => Ok(YuvPlanarImage {
                y_plane: luma,
                y_stride: stride,
                u_plane,
                u_stride: chroma_stride as u32,
                v_plane,
                v_stride: chroma_stride as u32,
                width,
                height,
            }),
            _ => Err(Damaged("a colour plane is missing".into())),
        }
    };
    let packed = YuvPackedImage {
        yuy: luma,
        yuy_stride: stride,
        width,
        height,
    };
    match layout {
        Layout::Yuyv => yuv::yuyv422_to_rgb(&packed, out, out_stride, range, matrix)?,
        Layout::Uyvy => yuv::uyvy422_to_rgb(&packed, out, out_stride, range, matrix)?,
        Layout::Nv12 => {
            let image = YuvBiPlanarImage {
                y_plane: luma,
                y_stride: stride,
                uv_plane: chroma
                    .get(..plane)
                    .ok_or_else(|| Damaged("the colour plane is missing".into()))?,
                uv_stride: chroma_stride as u32,
                width,
                height,
            };
            yuv::yuv_nv12_to_rgb(
                &image,
                out,
                out_stride,
                range,
                matrix,
                YuvConversionMode::Balanced,
            )?;
        }
        Layout::Planar420 => yuv::yuv420_to_rgb(&planar()?, out, out_stride, range, matrix)?,
        Layout::Planar422 => yuv::yuv422_to_rgb(&planar()?, out, out_stride, range, matrix)?,
        Layout::Planar444 => yuv::yuv444_to_rgb(&planar()?, out, out_stride, range, matrix)?,
        Layout::Luma => {
            let image = YuvGrayImage {
                y_plane: luma,
                y_stride: stride,
                width,
                height,
            };
            yuv::yuv400_to_rgb(&image, out, out_stride, range, matrix)?;
        }
        Layout::Rgb | Layout::Bgr | Layout::Grey => {}
    }
    Ok(())
}

/// Decodes JPEG pictures from cameras; keeps a buffer for those that leave out their tables.
#[derive(Debug, Default)]
pub(crate) struct Jpeg {
    completed: Vec<u8>,
}

impl Jpeg {
    /// Decodes one JPEG into `frame`, whose size becomes the picture's.
    ///
    /// Many cameras leave out the Huffman tables, as motion JPEG allows; the standard ones are
    /// put in.
    pub(crate) fn decode(&mut self, bytes: &[u8], frame: &mut Frame) -> Result<(), Damaged> {
        let damaged = |error: zune_jpeg::errors::DecodeErrors| Damaged(error.to_string());
        let bytes = match missing_tables_at(bytes) {
            Some(place) => {
                let (head, tail) = bytes.split_at(place);
                self.completed.clear();
                self.completed.extend_from_slice(head);
                self.completed.extend_from_slice(&STANDARD_TABLES);
                self.completed.extend_from_slice(tail);
                &self.completed
            }
            None => bytes,
        };
        let options = DecoderOptions::default()
            .set_max_width(16_384)
            .set_max_height(16_384)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(damaged)?;
        let (width, height) = decoder
            .dimensions()
            .ok_or_else(|| Damaged("the picture has no size".into()))?;
        if decoder.output_buffer_size() != Some(width * height * 3) {
            return Err(Damaged("the picture cannot be made RGB".into()));
        }
        frame.resize(width, height);
        decoder.decode_into(frame.bytes_mut()).map_err(damaged)
    }
}

/// Where the Huffman tables belong (just before the scan), if the picture has none.
fn missing_tables_at(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        let [0xff, marker, high, low] = *bytes.get(at..at + 4)? else {
            return None;
        };
        match marker {
            0xc4 => return None,
            0xda => return Some(at),
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
}

/// The tables of ITU-T T.81, annex K.3, as one DHT segment.
#[rustfmt::skip]
static STANDARD_TABLES: [u8; 420] = [
    0xff, 0xc4, 0x01, 0xa2,
    0x00, 0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    0x01, 0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    0x10, 0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d,
    0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07,
    0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0,
    0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x25, 0x26, 0x27, 0x28,
    0x29, 0x2a, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49,
    0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69,
    0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89,
    0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7,
    0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3, 0xc4, 0xc5,
    0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xe1, 0xe2,
    0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
    0xf9, 0xfa,
    0x11, 0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 0x77,
    0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61, 0x71,
    0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33, 0x52, 0xf0,
    0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1, 0x17, 0x18, 0x19, 0x1a, 0x26,
    0x27, 0x28, 0x29, 0x2a, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48,
    0x49, 0x4a, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
    0x69, 0x6a, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79, 0x7a, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87,
    0x88, 0x89, 0x8a, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0xa2, 0xa3, 0xa4, 0xa5,
    0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xb2, 0xb3, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xc2, 0xc3,
    0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda,
    0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8,
    0xf9, 0xfa,
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The textbook conversion, one pixel, in floating point.
    fn textbook(y: u8, u: u8, v: u8, colour: Colour) -> [u8; 3] {
        let (kr, kb) = if colour.bt709 {
            (0.2126, 0.0722)
        } else {
            (0.299, 0.114)
        };
        let (black, luma, chroma) = if colour.full_range {
            (0.0, 255.0, 255.0)
        } else {
            (16.0, 219.0, 224.0)
        };
        let y = (f64::from(y) - black) / luma;
        let u = (f64::from(u) - 128.0) / chroma;
        let v = (f64::from(v) - 128.0) / chroma;
        let r = y + 2.0 * (1.0 - kr) * v;
        let b = y + 2.0 * (1.0 - kb) * u;
        let g = (y - kr * r - kb * b) / (1.0 - kr - kb);
        [r, g, b].map(|value| (value * 255.0).round().clamp(0.0, 255.0) as u8)
    }

    /// The sample positions of each layout, written down a second time.
    fn expected(raw: Raw<'_>, x: usize, y: usize) -> [u8; 3] {
        let Raw {
            layout,
            stride,
            height,
            bytes,
            colour,
            ..
        } = raw;
        let base = stride * height;
        let half = stride.div_ceil(2);
        let row = y * stride;
        let [luma, u, v] = match layout {
            Layout::Yuyv => {
                let at = row + x / 2 * 4;
                [bytes[row + 2 * x], bytes[at + 1], bytes[at + 3]]
            }
            Layout::Uyvy => {
                let at = row + x / 2 * 4;
                [bytes[row + 2 * x + 1], bytes[at], bytes[at + 2]]
            }
            Layout::Nv12 => {
                let at = base + y / 2 * stride.next_multiple_of(2) + x / 2 * 2;
                [bytes[row + x], bytes[at], bytes[at + 1]]
            }
            Layout::Planar420 => {
                let at = base + y / 2 * half + x / 2;
                let plane = half * height.div_ceil(2);
                [bytes[row + x], bytes[at], bytes[at + plane]]
            }
            Layout::Planar422 => {
                let at = base + y * half + x / 2;
                [bytes[row + x], bytes[at], bytes[at + half * height]]
            }
            Layout::Planar444 => {
                let at = base + y * stride + x;
                [bytes[row + x], bytes[at], bytes[at + stride * height]]
            }
            Layout::Luma => [bytes[row + x], 128, 128],
            Layout::Grey => return [bytes[row + x]; 3],
            Layout::Rgb => return [0, 1, 2].map(|i| bytes[row + 3 * x + i]),
            Layout::Bgr => return [2, 1, 0].map(|i| bytes[row + 3 * x + i]),
        };
        textbook(luma, u, v, colour)
    }

    const LAYOUTS: [Layout; 10] = [
        Layout::Yuyv,
        Layout::Uyvy,
        Layout::Nv12,
        Layout::Planar420,
        Layout::Planar422,
        Layout::Planar444,
        Layout::Rgb,
        Layout::Bgr,
        Layout::Grey,
        Layout::Luma,
    ];

    fn noise(length: usize, seed: u32) -> Vec<u8> {
        let mut state = seed | 1;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Within the limited range, where the textbook does not clip differently.
                40 + (state >> 24) as u8 % 160
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        /// Every layout, odd sizes, padded rows: the textbook's values to two grey levels.
        #[test]
        fn every_layout_is_the_textbook(
            which in 0usize..LAYOUTS.len(),
            width in 1usize..90,
            height in 1usize..7,
            padding in 0usize..20,
            bt709: bool,
            full_range: bool,
            seed: u32,
        ) {
            let layout = LAYOUTS[which];
            let mut stride = layout.row_bytes(width) + padding;
            if matches!(layout, Layout::Yuyv | Layout::Uyvy) {
                stride = stride.next_multiple_of(4);
            }
            let bytes = noise(layout.picture_bytes(stride, height) + seed as usize % 3, seed);
            let colour = Colour { bt709, full_range };
            let raw = Raw { layout, colour, width, height, stride, bytes: &bytes };
            let mut frame = Frame::new();
            frame.resize(3, 3);
            prop_assert_eq!(to_rgb(raw, &mut frame), Ok(()));
            prop_assert_eq!((frame.width(), frame.height()), (width, height));
            for y in 0..height {
                for (x, got) in frame.pixels().row(y).iter().enumerate() {
                    let want = expected(raw, x, y);
                    for (got, want) in got.iter().zip(want) {
                        prop_assert!(
                            got.abs_diff(want) <= 2,
                            "{layout:?} {width}x{height} stride {stride} at {x},{y}: {got} not {want}"
                        );
                    }
                }
            }
        }

        /// A picture cut short anywhere is damaged, not a panic.
        #[test]
        fn short_pictures_are_damaged(
            which in 0usize..LAYOUTS.len(),
            width in 0usize..40,
            height in 0usize..6,
            stride in 0usize..150,
            short in 1usize..400,
        ) {
            let layout = LAYOUTS[which];
            let needed = layout.picture_bytes(stride, height);
            prop_assume!(needed >= short);
            let bytes = vec![0; needed - short];
            let raw = Raw { layout, colour: Colour::BT601, width, height, stride, bytes: &bytes };
            prop_assert!(to_rgb(raw, &mut Frame::new()).is_err());
        }

        /// Garbage is damaged or a picture, never a panic.
        #[test]
        fn garbage_is_not_a_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let mut jpeg = Jpeg::default();
            let _ = jpeg.decode(&bytes, &mut Frame::new());
            bytes.splice(0..0, [0xff, 0xd8, 0xff]);
            let _ = jpeg.decode(&bytes, &mut Frame::new());
        }
    }

    fn jpeg_bytes() -> Vec<u8> {
        let mut bytes = Vec::new();
        let pixels: Vec<u8> = (0..48 * 32 * 3).map(|i| (i / 3 % 48 * 5) as u8).collect();
        image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, 95)
            .encode(&pixels, 48, 32, image::ExtendedColorType::Rgb8)
            .unwrap();
        bytes
    }

    /// Removes every DHT segment, as many webcams do.
    fn without_tables(bytes: &[u8]) -> Vec<u8> {
        let mut out = bytes[..2].to_vec();
        let mut at = 2;
        loop {
            let length = usize::from(u16::from_be_bytes([bytes[at + 2], bytes[at + 3]]));
            match bytes[at + 1] {
                0xda => {
                    out.extend_from_slice(&bytes[at..]);
                    return out;
                }
                0xc4 => {}
                _ => out.extend_from_slice(&bytes[at..at + 2 + length]),
            }
            at += 2 + length;
        }
    }

    #[test]
    fn jpeg_without_tables_is_the_same_picture() {
        let whole = jpeg_bytes();
        let bare = without_tables(&whole);
        assert!(bare.len() + 400 < whole.len());
        let (mut one, mut other) = (Frame::new(), Frame::new());
        let mut jpeg = Jpeg::default();
        jpeg.decode(&whole, &mut one).unwrap();
        jpeg.decode(&bare, &mut other).unwrap();
        assert_eq!((one.width(), one.height()), (48, 32));
        assert_eq!(one.bytes(), other.bytes());
        assert!(one.pixels().get(20, 10).unwrap()[1].abs_diff(100) < 6);
    }
}
