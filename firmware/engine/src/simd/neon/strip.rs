//! Sums along a row of pixels: the loop in which nearly all time is spent.
//!
//! A tile is a few neighbouring pixels by a block of output channels, two or four vectors of
//! sums for each pixel. Three versions share everything but the multiplying instructions ([`Multiply`]). Cells of
//! input are loaded four at a time and multiplied by lanes.

use super::Dots;
use super::lanes::{add_high_products, dot_with, load_bytes};
use crate::simd::rows::Cell;
use core::arch::aarch64::*;
use core::array::from_fn;

/// How cells are multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Multiply {
    /// `smlal` on words, one channel after the other: for any weights.
    Words,
    /// `smull`, `smlal` and `sadalp`: two products of signed bytes are added as words.
    Bytes,
    /// `sdot` on signed bytes, for any weights.
    Dots(Dots),
}

/// One block of output channels along a row: what is multiplied with what.
#[derive(Clone, Copy)]
pub struct Strip<'a, const VECTORS: usize> {
    /// The input rows under the kernel.
    pub rows: &'a [&'a [i32]],
    /// Cells from one pixel's first cell to the next one's.
    pub step: usize,
    /// Cells of a kernel row.
    pub length: usize,
    /// For each kernel row and cell of it, as [`Multiply::pack`] makes them.
    pub weights: &'a [[int8x16_t; VECTORS]],
    /// What sums start from.
    pub start: [int32x4_t; VECTORS],
}

/// The most pixels of a tile.
const MOST: usize = 8;

impl Multiply {
    /// What a cell holds.
    pub fn cell(self) -> Cell {
        match self {
            Multiply::Words => Cell::Words,
            Multiply::Bytes | Multiply::Dots(_) => Cell::Bytes,
        }
    }

    /// One cell of weights for `4 * VECTORS` output channels, as instructions want it.
    #[target_feature(enable = "neon")]
    pub fn pack<const VECTORS: usize>(self, cell: impl Fn(usize) -> i32) -> [int8x16_t; VECTORS] {
        let byte = |output: usize, byte: usize| cell(output).to_le_bytes()[byte];
        let mut vectors = [vdupq_n_s8(0); VECTORS];
        for (index, vector) in vectors.iter_mut().enumerate() {
            let bytes: [u8; 16] = match self {
                Multiply::Dots(_) => from_fn(|at| byte(4 * index + at / 4, at % 4)),
                // The first two channels of four outputs, then the other two.
                Multiply::Bytes => from_fn(|at| byte(4 * index + at % 8 / 2, at / 8 * 2 + at % 2)),
                // The first channel of all outputs, then the other one.
                Multiply::Words => {
                    let (channel, vector) = (index / (VECTORS / 2), index % (VECTORS / 2));
                    from_fn(|at| byte(8 * vector + at / 2, 2 * channel + at % 2))
                }
            };
            let (cells, _) = bytes.as_chunks::<4>();
            *vector = load_bytes(&from_fn(|lane| i32::from_le_bytes(cells[lane])));
        }
        vectors
    }
}

impl<const VECTORS: usize> Strip<'_, VECTORS> {
    /// Hands `put` each tile's first pixel and all its sums, for `count` pixels.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn sum(
        &self,
        multiply: Multiply,
        count: usize,
        put: impl FnMut(usize, &[[int32x4_t; VECTORS]]),
    ) {
        match multiply {
            Multiply::Words => self.words(count, put),
            Multiply::Bytes => self.bytes(count, put),
            // SAFETY: `Dots` is the proof that the processor has the instructions.
            Multiply::Dots(_) => unsafe { self.dots(count, put) },
        }
    }
}

/// Sums along a strip, tile by tile, with one way to multiply.
///
/// `$wide` pixels by four vectors of sums, with weights and inputs, fill the registers well.
macro_rules! strip {
    ($strip:ident, $tile:ident, $multiply_add:ident, $wide:literal, $features:literal) => {
        strip!($strip, $tile, $multiply_add, $wide, $features, 1 2 3 4 5 6 7 8);
    };
    (
        $strip:ident, $tile:ident, $multiply_add:ident, $wide:literal, $features:literal,
        $($size:literal)*
    ) => {
        impl<const VECTORS: usize> Strip<'_, VECTORS> {
            /// See [`Strip::sum`]. Tiles are of nearly equal size, the larger ones first.
            #[inline]
            #[target_feature(enable = $features)]
            fn $strip(&self, count: usize, mut put: impl FnMut(usize, &[[int32x4_t; VECTORS]])) {
                let most = if VECTORS == 4 { $wide } else { MOST };
                let tiles = count.div_ceil(most).max(1);
                let (size, larger) = (count / tiles, count % tiles);
                let mut sums = [[vdupq_n_s32(0); VECTORS]; MOST];
                let mut first = 0;
                for tile in 0..tiles {
                    let size = size + usize::from(tile < larger);
                    let sums = &mut sums[..size];
                    match size {
                        $($size if $size <= most => {
                            if let Some(sums) = sums.first_chunk_mut::<$size>() {
                                $tile(self, first, sums);
                            }
                        })*
                        _ => {}
                    }
                    put(first, sums);
                    first += size;
                }
            }
        }

        /// The sums of a tile of `PIXELS` pixels.
        ///
        /// Better a function of its own in the machine code too: among other loops, the sums may
        /// lose their registers.
        #[inline(never)]
        #[target_feature(enable = $features)]
        fn $tile<const VECTORS: usize, const PIXELS: usize>(
            strip: &Strip<'_, VECTORS>,
            first: usize,
            out: &mut [[int32x4_t; VECTORS]; PIXELS],
        ) {
            let mut sums = [strip.start; PIXELS];
            let groups = strip.length / 4;
            let rows = strip.rows.iter().zip(strip.weights.chunks_exact(strip.length));
            for (row, weights) in rows {
                let mut fours: [&[[i32; 4]]; PIXELS] = [&[]; PIXELS];
                let mut ends: [&[i32]; PIXELS] = [&[]; PIXELS];
                for pixel in 0..PIXELS {
                    let cells = &row[(first + pixel) * strip.step..][..strip.length];
                    fours[pixel] = &cells.as_chunks().0[..groups];
                    ends[pixel] = &cells[4 * groups..];
                }
                let (weights, end) = weights.as_chunks::<4>();
                for (group, weights) in weights.iter().enumerate().take(groups) {
                    let mut inputs = [vdupq_n_s8(0); PIXELS];
                    for pixel in 0..PIXELS {
                        inputs[pixel] = load_bytes(&fours[pixel][group]);
                    }
                    for pixel in 0..PIXELS {
                        $multiply_add::<VECTORS, 0, 0, 1>(&mut sums[pixel], inputs[pixel], &weights[0]);
                    }
                    for pixel in 0..PIXELS {
                        $multiply_add::<VECTORS, 1, 2, 3>(&mut sums[pixel], inputs[pixel], &weights[1]);
                    }
                    for pixel in 0..PIXELS {
                        $multiply_add::<VECTORS, 2, 4, 5>(&mut sums[pixel], inputs[pixel], &weights[2]);
                    }
                    for pixel in 0..PIXELS {
                        $multiply_add::<VECTORS, 3, 6, 7>(&mut sums[pixel], inputs[pixel], &weights[3]);
                    }
                }
                for (cell, weights) in end.iter().enumerate() {
                    for pixel in 0..PIXELS {
                        let input = vreinterpretq_s8_s32(vdupq_n_s32(ends[pixel][cell]));
                        $multiply_add::<VECTORS, 0, 0, 1>(&mut sums[pixel], input, weights);
                    }
                }
            }
            *out = sums;
        }
    };
}

strip!(words, tile_of_words, add_words, 5, "neon");
strip!(bytes, tile_of_bytes, add_bytes, 4, "neon");
strip!(dots, tile_of_dots, add_dots, 5, "neon,dotprod");

/// Adds two products of words to each lane: with places `FIRST` and `SECOND`.
#[inline]
#[target_feature(enable = "neon")]
fn add_words<const VECTORS: usize, const CELL: i32, const FIRST: i32, const SECOND: i32>(
    sums: &mut [int32x4_t; VECTORS],
    input: int8x16_t,
    weights: &[int8x16_t; VECTORS],
) {
    let input = vreinterpretq_s16_s8(input);
    let (first, second) = weights.split_at(VECTORS / 2);
    let (pairs, _) = sums.as_chunks_mut::<2>();
    for ([low, high], (&first, &second)) in pairs.iter_mut().zip(first.iter().zip(second)) {
        let (first, second) = (vreinterpretq_s16_s8(first), vreinterpretq_s16_s8(second));
        *low = vmlal_laneq_s16::<FIRST>(*low, vget_low_s16(first), input);
        *high = vmlal_high_laneq_s16::<FIRST>(*high, first, input);
        *low = vmlal_laneq_s16::<SECOND>(*low, vget_low_s16(second), input);
        *high = vmlal_high_laneq_s16::<SECOND>(*high, second, input);
    }
}

/// Adds four products of bytes to each lane; see [`super::direct::fits_bytes`].
#[inline]
#[target_feature(enable = "neon")]
fn add_bytes<const VECTORS: usize, const CELL: i32, const FIRST: i32, const SECOND: i32>(
    sums: &mut [int32x4_t; VECTORS],
    input: int8x16_t,
    weights: &[int8x16_t; VECTORS],
) {
    let input = vreinterpretq_s16_s8(input);
    let first = vreinterpret_s8_s16(vdup_laneq_s16::<FIRST>(input));
    let second = vreinterpretq_s8_s16(vdupq_laneq_s16::<SECOND>(input));
    for (sum, &weights) in sums.iter_mut().zip(weights) {
        let products = vmull_s8(vget_low_s8(weights), first);
        *sum = vpadalq_s16(*sum, add_high_products(products, weights, second));
    }
}

/// Adds four products of bytes to each lane in one instruction, for any weights.
#[inline]
#[target_feature(enable = "neon,dotprod")]
fn add_dots<const VECTORS: usize, const CELL: i32, const FIRST: i32, const SECOND: i32>(
    sums: &mut [int32x4_t; VECTORS],
    input: int8x16_t,
    weights: &[int8x16_t; VECTORS],
) {
    for (sum, &weights) in sums.iter_mut().zip(weights) {
        *sum = dot_with::<CELL>(*sum, weights, input);
    }
}
