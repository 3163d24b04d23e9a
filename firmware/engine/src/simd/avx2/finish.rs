//! What becomes of a layer's sums: [`crate::requantise`] in vectors, sixteen channels at a time.
//!
//! A factor's shift is 33 or more, so the rounded product is
//! `(high half of (sum * factor) + 2^(shift - 33)) >> (shift - 32)`: dropping the low half first loses nothing, as
//! what is added is a multiple of 2^32.

use super::fixed::Fixed;
use super::lanes::{ordered, pack, store, store_bytes};
use crate::operators;
use crate::requantise::Requantise;
use crate::scratch::Sums;
use crate::shape::LANES;
pub use crate::simd::lines::{Ending, Ends, Line, Lines};
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

impl Finish {
    #[target_feature(enable = "avx2")]
    pub fn new(finish: &operators::Finish, channels: usize, vectors: usize) -> Finish {
        match finish {
            operators::Finish::Bytes(requantise) => Finish::Bytes(Bytes::new(requantise, channels)),
            operators::Finish::Fixed(fixed) => Finish::Fixed(Fixed::new(fixed, channels, vectors)),
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
}

impl Ends for Finish {
    fn ending(&self) -> Option<&Ending> {
        match self {
            Finish::Bytes(_) => None,
            Finish::Fixed(fixed) => Some(&fixed.ending),
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
