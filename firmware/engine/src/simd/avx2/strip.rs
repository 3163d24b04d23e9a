//! Sums along a row of pixels, in registers: the loop in which nearly all time is spent.
//!
//! A tile is a few neighbouring pixels by a block of output channels, one or two vectors of
//! sums for each pixel. Four versions share everything but the multiplying instructions: `vpmaddwd`
//! on cells of words, `vpmaddubsw` on cells of bytes, and `vpdpbusd` on them, in either encoding, where
//! the processor has it, which also adds.

use super::rows::Cell;
use super::{Dots, Encoding};
use core::arch::x86_64::*;

/// One block of output channels along a row: what is multiplied with what.
#[derive(Clone, Copy)]
pub struct Strip<'a, const VECTORS: usize> {
    /// The input rows under the kernel.
    pub rows: &'a [&'a [i32]],
    /// Cells from one pixel's first cell to the next one's.
    pub step: usize,
    /// Cells of a kernel row.
    pub length: usize,
    /// For each kernel row and cell of it.
    pub weights: &'a [[__m256i; VECTORS]],
    /// What sums start from.
    pub start: [__m256i; VECTORS],
    /// Whether dot products multiply bytes, and which.
    pub dots: Option<Dots>,
}

/// The most pixels of a tile.
const MOST: usize = 8;

impl<const VECTORS: usize> Strip<'_, VECTORS> {
    /// With weights and inputs, ten vectors of sums fill the sixteen registers well.
    const TILE: usize = if VECTORS == 1 { MOST } else { 5 };

    /// Hands `put` the sums of pixels 0 to `count`: a tile's first pixel and all its sums.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn sum(&self, cell: Cell, count: usize, put: impl FnMut(usize, &[[__m256i; VECTORS]])) {
        match cell {
            Cell::Words => self.words(count, put),
            Cell::Bytes => self.bytes(count, put),
        }
    }
}

/// Sums along a strip, tile by tile.
macro_rules! strip {
    ($strip:ident, $tile:ident) => {
        strip!($strip, $tile, 1 2 3 4 5 6 7 8);
    };
    ($strip:ident, $tile:ident, $($size:literal)*) => {
        impl<const VECTORS: usize> Strip<'_, VECTORS> {
            /// See [`Strip::sum`]. Tiles are of nearly equal size, the larger ones first.
            #[inline]
            #[target_feature(enable = "avx2")]
            fn $strip(&self, count: usize, mut put: impl FnMut(usize, &[[__m256i; VECTORS]])) {
                let tiles = count.div_ceil(Self::TILE).max(1);
                let (size, larger) = (count / tiles, count % tiles);
                let mut sums = [[_mm256_setzero_si256(); VECTORS]; MOST];
                let mut first = 0;
                for tile in 0..tiles {
                    let size = size + usize::from(tile < larger);
                    let sums = &mut sums[..size];
                    match size {
                        $($size if $size <= Self::TILE => {
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
    };
}

/// Sums of a tile, with one multiplying instruction.
macro_rules! tile {
    ($tile:ident, $multiply_add:ident, $features:literal) => {
        /// The sums of a tile of `PIXELS` pixels.
        ///
        /// Better a function of its own in the machine code too: among other loops, the sums may
        /// lose their registers.
        #[inline(never)]
        #[target_feature(enable = $features)]
        fn $tile<const VECTORS: usize, const PIXELS: usize>(
            strip: &Strip<'_, VECTORS>,
            first: usize,
            out: &mut [[__m256i; VECTORS]; PIXELS],
        ) {
            let mut sums = [strip.start; PIXELS];
            let rows = strip
                .rows
                .iter()
                .zip(strip.weights.chunks_exact(strip.length));
            for (row, weights) in rows {
                let mut pixels: [&[i32]; PIXELS] = [&[]; PIXELS];
                for (pixel, cells) in pixels.iter_mut().enumerate() {
                    *cells = &row[(first + pixel) * strip.step..][..strip.length];
                }
                for (cell, weights) in weights.iter().enumerate().take(strip.length) {
                    for pixel in 0..PIXELS {
                        let input = _mm256_set1_epi32(pixels[pixel][cell]);
                        for vector in 0..VECTORS {
                            let sum = sums[pixel][vector];
                            sums[pixel][vector] = $multiply_add(sum, input, weights[vector]);
                        }
                    }
                }
            }
            *out = sums;
        }
    };
}

strip!(words, tile_of_words);
strip!(bytes, tile_of_any_bytes);
tile!(tile_of_words, add_words, "avx2");
tile!(tile_of_bytes, add_bytes, "avx2");
tile!(tile_of_dots, add_dots, "avx2,avx512vl,avx512vnni");
tile!(tile_of_vex_dots, add_vex_dots, "avx2,avxvnni");

/// A tile of bytes, with dot products where there are some.
#[inline]
#[target_feature(enable = "avx2")]
fn tile_of_any_bytes<const VECTORS: usize, const PIXELS: usize>(
    strip: &Strip<'_, VECTORS>,
    first: usize,
    out: &mut [[__m256i; VECTORS]; PIXELS],
) {
    match strip.dots {
        None => tile_of_bytes(strip, first, out),
        // SAFETY: `Dots` is the proof that the processor has the instructions.
        Some(Dots(Encoding::Avx512)) => unsafe { tile_of_dots(strip, first, out) },
        // SAFETY: as above.
        Some(Dots(Encoding::AvxVnni)) => unsafe { tile_of_vex_dots(strip, first, out) },
    }
}

/// Adds two products of words to each lane.
#[inline]
#[target_feature(enable = "avx2")]
fn add_words(sums: __m256i, input: __m256i, weights: __m256i) -> __m256i {
    _mm256_add_epi32(sums, _mm256_madd_epi16(input, weights))
}

/// Adds four products of bytes to each lane; see [`super::direct::fits_bytes`].
#[inline]
#[target_feature(enable = "avx2")]
fn add_bytes(sums: __m256i, input: __m256i, weights: __m256i) -> __m256i {
    let pairs = _mm256_maddubs_epi16(input, weights);
    _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
}

/// Adds four products of bytes to each lane in one instruction, for any weights.
#[inline]
#[target_feature(enable = "avx2,avx512vl,avx512vnni")]
fn add_dots(sums: __m256i, input: __m256i, weights: __m256i) -> __m256i {
    _mm256_dpbusd_epi32(sums, input, weights)
}

/// The same in the encoding of processors without AVX-512.
#[inline]
#[target_feature(enable = "avx2,avxvnni")]
fn add_vex_dots(sums: __m256i, input: __m256i, weights: __m256i) -> __m256i {
    _mm256_dpbusd_avx_epi32(sums, input, weights)
}
