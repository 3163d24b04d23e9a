//! What becomes of a layer's sums: [`crate::requantise`] in vectors, sixteen channels at a time.
//!
//! A factor's shift is 33 or more, so the rounded product is
//! `(high half of (sum * factor) + 2^(shift - 33)) >> (shift - 32)`: dropping the low half first loses nothing, as
//! what is added is a multiple of 2^32.

use super::fixed::Fixed;
use super::lanes::{ordered, pack, store, store_bytes};
use crate::operators;
use crate::operators::Destination;
use crate::requantise::Requantise;
use crate::scratch::Sums;
use crate::shape::{LANES, Shape};
use alloc::vec::Vec;
use core::arch::x86_64::*;

/// The finish of a layer.
#[derive(Clone, Debug)]
pub enum Finish {
    Bytes(Bytes),
    Fixed(Fixed),
}

/// Sums to bytes.
#[derive(Clone, Debug)]
pub struct Bytes {
    blocks: Vec<Block>,
    /// Whether negative sums have factors of their own.
    slopes: bool,
    zero_point: __m256i,
    low: __m128i,
    high: __m128i,
}

/// Parameters of sixteen channels.
#[derive(Clone, Debug)]
struct Block {
    factor: [Factor; 2],
    below: [Factor; 2],
    half: [__m256i; 2],
    shift: [__m256i; 2],
}

/// Eight factors, and those of odd lanes moved to even ones.
#[derive(Clone, Copy, Debug)]
pub struct Factor {
    pub even: __m256i,
    pub odd: __m256i,
}

/// One row of a layer's output.
pub enum Line<'a> {
    /// Pixels as the arena holds them.
    Bytes(&'a mut [u8]),
    /// Values of one pixel after the other, all blocks of it, in the lanes' order.
    Sums(&'a mut [Sums]),
}

impl Finish {
    #[target_feature(enable = "avx2")]
    pub fn new(finish: &operators::Finish, channels: usize, vectors: usize) -> Finish {
        match finish {
            operators::Finish::Bytes(requantise) => Finish::Bytes(Bytes::new(requantise, channels)),
            operators::Finish::Fixed(fixed) => Finish::Fixed(Fixed::new(fixed, channels, vectors)),
        }
    }

    /// How many [`Sums`] of scratch memory a row needs.
    pub fn line_sums(&self, shape: Shape) -> usize {
        match self {
            Finish::Bytes(_) => 0,
            Finish::Fixed(_) => shape.width * shape.channels.div_ceil(LANES),
        }
    }

    /// Takes the sums of a block of channels of neighbouring pixels, from `first` on.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn put<const VECTORS: usize>(
        &self,
        line: &mut Line<'_>,
        blocks: usize,
        (first, block): (usize, usize),
        sums: &[[__m256i; VECTORS]],
    ) {
        let at = first * blocks + block;
        match (self, line) {
            (Finish::Bytes(finish), Line::Bytes(bytes)) => {
                let (places, _) = bytes.as_chunks_mut::<LANES>();
                for (place, &sums) in places[at..].iter_mut().step_by(blocks).zip(sums) {
                    store_bytes(place, finish.bytes(block, [sums[0], sums[VECTORS - 1]]));
                }
            }
            (Finish::Fixed(finish), Line::Sums(line)) => {
                for (line, &sums) in line[at..].iter_mut().step_by(blocks).zip(sums) {
                    line.put(finish.values(block, sums));
                }
            }
            // The builder pairs them.
            (Finish::Bytes(_), Line::Sums(_)) | (Finish::Fixed(_), Line::Bytes(_)) => {}
        }
    }

    /// Ends a fixed-point row whose values are all there; `y` is its row in the output.
    pub fn end(&self, shape: Shape, y: usize, values: &[Sums], out: &mut [i32]) {
        let Finish::Fixed(fixed) = self else {
            return;
        };
        let pixels = out.chunks_exact_mut(shape.channels);
        let blocks = shape.channels.div_ceil(LANES);
        for (out, values) in pixels.zip(values.chunks_exact(blocks)) {
            for (out, values) in out.chunks_mut(LANES).zip(values) {
                for (out, &at) in out.iter_mut().zip(&fixed.positions) {
                    *out = values.0[at % LANES];
                }
            }
        }
        // `rest` is empty where nothing is subtracted.
        let row = out.len();
        let rest = fixed.rest.get(y * row..).unwrap_or_default();
        for (out, rest) in out.iter_mut().zip(rest) {
            *out -= rest;
        }
    }
}

/// Hands out the lines of an output, one or two at a time.
pub struct Lines<'a> {
    shape: Shape,
    finish: &'a Finish,
    out: Destination<'a>,
    sums: &'a mut [Sums],
}

impl<'a> Lines<'a> {
    pub fn new(
        shape: Shape,
        finish: &'a Finish,
        out: Destination<'a>,
        sums: &'a mut [Sums],
    ) -> Lines<'a> {
        Lines {
            shape,
            finish,
            out,
            sums,
        }
    }

    /// The line for row `index` of the output.
    pub fn line(&mut self, index: usize) -> Line<'_> {
        let [line, _] = self.pair(index);
        line
    }

    /// The lines for rows `index` and the next one; below the last row there is an empty one.
    ///
    /// Fixed-point values wait in places 0 and 1 for their line to end.
    pub fn pair(&mut self, index: usize) -> [Line<'_>; 2] {
        let row = self.shape.width * self.shape.channels.next_multiple_of(LANES);
        match &mut self.out {
            Destination::Bytes(bytes) => {
                let (line, below) = bytes[index * row..].split_at_mut(row);
                let below = below.get_mut(..row).unwrap_or_default();
                [Line::Bytes(line), Line::Bytes(below)]
            }
            Destination::Fixed(_) => {
                let length = self.finish.line_sums(self.shape);
                let (line, below) = self.sums.split_at_mut(length);
                [Line::Sums(line), Line::Sums(below)]
            }
        }
    }

    /// Ends the line for row `index`, which is row `y` of the whole output; its values wait in `slot`.
    pub fn end(&mut self, index: usize, slot: usize, y: usize) {
        if let Destination::Fixed(values) = &mut self.out {
            let length = self.finish.line_sums(self.shape);
            let row = self.shape.width * self.shape.channels;
            let sums = &self.sums[slot * length..][..length];
            self.finish
                .end(self.shape, y, sums, &mut values[index * row..][..row]);
        }
    }
}

impl Bytes {
    #[target_feature(enable = "avx2")]
    pub fn new(requantise: &Requantise, channels: usize) -> Bytes {
        let blocks = (0..channels.div_ceil(LANES))
            .map(|block| Block::new(requantise, block * LANES))
            .collect();
        Bytes {
            blocks,
            slopes: !requantise.below.is_empty(),
            zero_point: _mm256_set1_epi16(i16::from(requantise.zero_point)),
            low: _mm_set1_epi8(requantise.low as i8),
            high: _mm_set1_epi8(requantise.high as i8),
        }
    }

    /// Sixteen sums as bytes, in the channels' order.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn bytes(&self, block: usize, sums: [__m256i; 2]) -> __m128i {
        let block = &self.blocks[block];
        let lanes = if self.slopes {
            [block.sloped(0, sums[0]), block.sloped(1, sums[1])]
        } else {
            [block.plain(0, sums[0]), block.plain(1, sums[1])]
        };
        pack(lanes, self.zero_point, self.low, self.high)
    }
}

impl Sums {
    /// Stores eight or sixteen sums.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub fn put<const VECTORS: usize>(&mut self, vectors: [__m256i; VECTORS]) {
        for (place, vector) in self.0.as_chunks_mut().0.iter_mut().zip(vectors) {
            store(place, vector);
        }
    }
}

impl Block {
    /// The parameters of sixteen channels; those past the last are zero.
    #[target_feature(enable = "avx2")]
    fn new(requantise: &Requantise, first: usize) -> Block {
        let multiplier = |channel: usize| requantise.multipliers.get(first + channel);
        let factor = |channel| multiplier(channel).map_or(0, |multiplier| multiplier.factor);
        let below = |channel| match requantise.below.get(first + channel) {
            Some(&below) => below,
            None => factor(channel),
        };
        let shift =
            |channel| multiplier(channel).map_or(1, |multiplier| multiplier.shift as i32 - 32);
        Block {
            factor: ordered(factor).map(|lanes| Factor::new(lanes)),
            below: ordered(below).map(|lanes| Factor::new(lanes)),
            half: ordered(|channel| 1 << (shift(channel) - 1)),
            shift: ordered(shift),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn plain(&self, half: usize, sums: __m256i) -> __m256i {
        let Factor { even, odd } = self.factor[half];
        self.scale(half, [sums, _mm256_srli_epi64::<32>(sums)], [even, odd])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn sloped(&self, half: usize, sums: __m256i) -> __m256i {
        let (above, below) = (self.factor[half], self.below[half]);
        let odd_sums = _mm256_srli_epi64::<32>(sums);
        let negative = _mm256_srai_epi32::<31>(sums);
        let odd_negative = _mm256_srai_epi32::<31>(odd_sums);
        let even = _mm256_blendv_epi8(above.even, below.even, negative);
        let odd = _mm256_blendv_epi8(above.odd, below.odd, odd_negative);
        self.scale(half, [sums, odd_sums], [even, odd])
    }

    /// Even and odd lanes times their factors, rounded, together again.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn scale(&self, half: usize, sums: [__m256i; 2], factors: [__m256i; 2]) -> __m256i {
        let even = _mm256_srli_epi64::<32>(_mm256_mul_epi32(sums[0], factors[0]));
        let odd = _mm256_mul_epi32(sums[1], factors[1]);
        let high = _mm256_blend_epi32::<0b1010_1010>(even, odd);
        _mm256_srav_epi32(_mm256_add_epi32(high, self.half[half]), self.shift[half])
    }
}

impl Factor {
    #[target_feature(enable = "avx2")]
    pub fn new(lanes: __m256i) -> Factor {
        Factor {
            even: lanes,
            odd: _mm256_srli_epi64::<32>(lanes),
        }
    }
}
