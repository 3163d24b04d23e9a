//! Reading a crop of a picture into a network's input.
//!
//! The rule is that of MediaPipe on a processor (`ImageToTensorCalculator` over OpenCV's
//! `warpPerspective`): column `i` of `n` reads the picture at `i / n` of the crop's side, so column
//! 0 reads the crop's very edge, and pixel numbers are taken as positions, without half a pixel
//! between. Between pixels it interpolates linearly, at 32 steps a pixel (`perspective` says how
//! positions are rounded to them), and rounds to a whole level before scaling. There is no low-pass filter when the crop is larger than the input. Landmarks agree with
//! MediaPipe's only if this is followed; a better sampler would move them by half a pixel.
//!
//! No image library has this sampler with a rotated source and planes of floats as its result;
//! upright resizers among them put pixel centres at halves. It reads four pixels for each that it
//! writes, whatever the size of the picture.

use crate::crop::Crop;
use crate::perspective::{BLOCK, Perspective};
use sfumato_core::pixels::{Pixels, Rgb};

/// What lies outside the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Black.
    Black,
    /// The nearest pixel of the picture.
    Nearest,
}

/// How levels 0 to 255 become a network's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Levels {
    /// The number for 0.
    pub black: f32,
    /// The number for 255.
    pub white: f32,
}

/// Steps between two pixels, as a power of two.
const FRACTION_BITS: u32 = 5;
const STEPS: i32 = 1 << FRACTION_BITS;

/// Reads `crop` of `picture` into `planes`: all red, then all green, then all blue.
///
/// `planes` holds 3 x `size` x `size` numbers; if it holds fewer, the missing ones are not
/// written. An empty picture or an unusable crop reads as black.
pub fn sample(
    picture: Pixels<'_, Rgb>,
    crop: &Crop,
    outside: Outside,
    levels: Levels,
    size: usize,
    planes: &mut [f32],
) {
    let plane = size * size;
    if size == 0 || planes.len() < 3 * plane {
        return;
    }
    let (red, rest) = planes.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let scale = (levels.white - levels.black) / 255.0;
    let path = Perspective::new(crop, size).filter(|_| crop.is_usable());
    let Some(path) = path.filter(|_| picture.width() > 0 && picture.height() > 0) else {
        for plane in [red, green, &mut blue[..plane]] {
            plane.fill(levels.black);
        }
        return;
    };

    let reader = Reader::new(picture, outside);
    let rows = red
        .chunks_exact_mut(size)
        .zip(green.chunks_exact_mut(size))
        .zip(blue.chunks_exact_mut(size));
    for (y, ((red, green), blue)) in rows.enumerate() {
        let blocks = red
            .chunks_mut(BLOCK)
            .zip(green.chunks_mut(BLOCK))
            .zip(blue.chunks_mut(BLOCK));
        for (index, ((red, green), blue)) in blocks.enumerate() {
            let [us, vs] = path.block(index * BLOCK, y);
            let places = us.iter().zip(&vs);
            for (((red, green), blue), (u, v)) in red.iter_mut().zip(green).zip(blue).zip(places) {
                let [r, g, b] = reader.read(*u, *v);
                *red = f32::from(r) * scale + levels.black;
                *green = f32::from(g) * scale + levels.black;
                *blue = f32::from(b) * scale + levels.black;
            }
        }
    }
}

struct Reader<'a> {
    picture: Pixels<'a, Rgb>,
    last_column: i32,
    last_row: i32,
    outside: Outside,
}

impl<'a> Reader<'a> {
    fn new(picture: Pixels<'a, Rgb>, outside: Outside) -> Self {
        Reader {
            picture,
            last_column: picture.width() as i32 - 1,
            last_row: picture.height() as i32 - 1,
            outside,
        }
    }

    /// The colour at a position given in steps.
    #[inline]
    fn read(&self, u: i32, v: i32) -> Rgb {
        let (x, y) = (u >> FRACTION_BITS, v >> FRACTION_BITS);
        let (fx, fy) = ((u & (STEPS - 1)) as u32, (v & (STEPS - 1)) as u32);
        if x >= 0 && y >= 0 && x < self.last_column && y < self.last_row {
            let start = y as usize * self.picture.stride() + x as usize;
            let data = self.picture.data();
            let below = start + self.picture.stride();
            if let (Some([a, b]), Some([c, d])) =
                (data.get(start..start + 2), data.get(below..below + 2))
            {
                return blend(*a, *b, *c, *d, fx, fy);
            }
        }
        let at = |x: i32, y: i32| self.at(x, y);
        blend(
            at(x, y),
            at(x + 1, y),
            at(x, y + 1),
            at(x + 1, y + 1),
            fx,
            fy,
        )
    }

    #[cold]
    fn at(&self, x: i32, y: i32) -> Rgb {
        let (inside_x, inside_y) = (x.clamp(0, self.last_column), y.clamp(0, self.last_row));
        if self.outside == Outside::Black && (inside_x, inside_y) != (x, y) {
            return [0; 3];
        }
        self.picture
            .get(inside_x as usize, inside_y as usize)
            .unwrap_or_default()
    }
}

/// Mixes four neighbours by 32nds.
///
/// The three channels lie side by side in one word, 21 bits each, so that one multiplication
/// serves all: weights add up to 1024, and 255 times that has 18 bits.
#[inline]
fn blend(a: Rgb, b: Rgb, c: Rgb, d: Rgb, fx: u32, fy: u32) -> Rgb {
    const HALVES: u64 = side_by_side([512; 3]);
    let (fx, fy, one) = (u64::from(fx), u64::from(fy), STEPS as u64);
    let [a, b, c, d] = [a, b, c, d].map(|pixel| side_by_side(pixel.map(u64::from)));
    let upper = a * (one - fx) + b * fx;
    let lower = c * (one - fx) + d * fx;
    let sum = upper * (one - fy) + lower * fy + HALVES;
    // The cast keeps the channel's eight bits of what is above the ten of the weights.
    [10, 31, 52].map(|shift| (sum >> shift) as u8)
}

const fn side_by_side(channels: [u64; 3]) -> u64 {
    channels[0] | channels[1] << 21 | channels[2] << 42
}
