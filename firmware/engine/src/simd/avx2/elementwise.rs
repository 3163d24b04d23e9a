//! Addition and rescaling, sixteen channels at a time. The scalar definitions, term by term.

use super::depthwise::interleave;
use super::lanes::{load_words, pack, store_bytes, widen};
use crate::operators::{add, rescale};
use crate::shape::{LANES, Layout};
use alloc::vec::Vec;
use core::arch::x86_64::*;
use core::array::from_fn;
use core::ops::Range;

/// What ends either: an offset that holds zero point and half, a shift, limits.
#[derive(Clone, Copy, Debug)]
struct End {
    offset: __m256i,
    shift: __m128i,
    low: __m128i,
    high: __m128i,
}

impl End {
    #[target_feature(enable = "avx2")]
    fn new(offset: i32, shift: u32, low: u8, high: u8) -> End {
        End {
            offset: _mm256_set1_epi32(offset),
            shift: _mm_cvtsi32_si128(shift as i32),
            low: _mm_set1_epi8(low as i8),
            high: _mm_set1_epi8(high as i8),
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn bytes(&self, sums: [__m256i; 2]) -> __m128i {
        let shifted = [
            _mm256_sra_epi32(_mm256_add_epi32(sums[0], self.offset), self.shift),
            _mm256_sra_epi32(_mm256_add_epi32(sums[1], self.offset), self.shift),
        ];
        pack(shifted, _mm256_setzero_si256(), self.low, self.high)
    }
}

/// See [`add::Add`].
#[derive(Clone, Debug)]
pub struct Add {
    row: usize,
    /// The two factors in turn.
    factors: __m256i,
    end: End,
}

impl Add {
    #[target_feature(enable = "avx2")]
    pub fn new(add: &add::Add) -> Add {
        let [first, second] = add.factors;
        Add {
            row: Layout::new(add.shape).row(),
            factors: load_words(&from_fn(|lane| if lane % 2 == 0 { first } else { second })),
            end: End::new(add.offset, add.shift, add.low, add.high),
        }
    }

    #[target_feature(enable = "avx2")]
    pub fn run(&self, first: &[u8], second: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let bytes = rows.start * self.row..rows.end * self.row;
        let (first, _) = first[bytes.clone()].as_chunks::<LANES>();
        let (second, _) = second[bytes].as_chunks::<LANES>();
        let (out, _) = out.as_chunks_mut::<LANES>();
        for (out, (first, second)) in out.iter_mut().zip(first.iter().zip(second)) {
            let [low, high] = interleave([widen(first), widen(second)]);
            let sums = [
                _mm256_madd_epi16(low, self.factors),
                _mm256_madd_epi16(high, self.factors),
            ];
            store_bytes(out, self.end.bytes(sums));
        }
    }
}

/// See [`rescale::Rescale`].
#[derive(Clone, Debug)]
pub struct Rescale {
    layout: Layout,
    zero_point: __m256i,
    above: __m256i,
    /// For each block of sixteen channels.
    below: Vec<__m256i>,
    end: End,
}

impl Rescale {
    #[target_feature(enable = "avx2")]
    pub fn new(rescale: &rescale::Rescale) -> Rescale {
        let below = rescale
            .below
            .chunks(LANES)
            .map(|block| load_words(&from_fn(|lane| block.get(lane).copied().unwrap_or(0))));
        Rescale {
            layout: Layout::new(rescale.shape),
            zero_point: _mm256_set1_epi16(i16::from(rescale.zero_point)),
            above: _mm256_set1_epi16(rescale.above),
            below: below.collect(),
            end: End::new(rescale.offset, rescale.shift, rescale.low, rescale.high),
        }
    }

    #[target_feature(enable = "avx2")]
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let row = self.layout.row();
        let (input, _) = input[rows.start * row..rows.end * row].as_chunks::<LANES>();
        let (out, _) = out.as_chunks_mut::<LANES>();
        let blocks = self.below.len();
        let pixels = out.chunks_exact_mut(blocks).zip(input.chunks_exact(blocks));
        for (out, input) in pixels {
            for ((out, input), &below) in out.iter_mut().zip(input).zip(&self.below) {
                let value = _mm256_sub_epi16(widen(input), self.zero_point);
                let negative = _mm256_srai_epi16::<15>(value);
                let factor = _mm256_blendv_epi8(self.above, below, negative);
                let low = _mm256_mullo_epi16(value, factor);
                let high = _mm256_mulhi_epi16(value, factor);
                store_bytes(out, self.end.bytes(interleave([low, high])));
            }
        }
    }
}
