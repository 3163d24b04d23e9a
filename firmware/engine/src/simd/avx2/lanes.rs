//! Vectors from memory and back: the crate's only pointers.
//!
//! Everything else in [`super`] is arithmetic on values, which Rust calls safe inside a function
//! that has the instructions.

use crate::shape::LANES;
use core::arch::x86_64::*;

/// The channel that each of two vectors' lanes holds.
///
/// Packing two vectors of 32 bits to one of 16 works within halves; in this order the result of packing is in
/// the channels' own order.
pub const ORDER: [usize; LANES] = [0, 1, 2, 3, 8, 9, 10, 11, 4, 5, 6, 7, 12, 13, 14, 15];

/// Where [`ORDER`] holds each channel.
pub const POSITION: [usize; LANES] = ORDER; // It is its own inverse; a test says so.

/// Thirty-two bits of each channel: sixteen in [`ORDER`], or with one vector eight in their own.
#[inline]
#[target_feature(enable = "avx2")]
pub fn ordered<const VECTORS: usize>(channel: impl Fn(usize) -> i32) -> [__m256i; VECTORS] {
    let mut lanes = [0; LANES];
    for (lane, value) in lanes.iter_mut().enumerate().take(8 * VECTORS) {
        *value = channel(if VECTORS == 1 { lane } else { ORDER[lane] });
    }
    let mut vectors = [_mm256_setzero_si256(); VECTORS];
    for (vector, lanes) in vectors.iter_mut().zip(lanes.as_chunks().0) {
        *vector = load(lanes);
    }
    vectors
}

/// Eight numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub fn load(from: &[i32; 8]) -> __m256i {
    // SAFETY: the array is 32 readable bytes; the instruction takes any address.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

/// Sixteen words.
#[inline]
#[target_feature(enable = "avx2")]
pub fn load_words(from: &[i16; LANES]) -> __m256i {
    // SAFETY: the array is 32 readable bytes; the instruction takes any address.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

/// Sixteen bytes, widened to words.
#[inline]
#[target_feature(enable = "avx2")]
pub fn widen(from: &[u8; LANES]) -> __m256i {
    // SAFETY: the array is 16 readable bytes; the instruction takes any address.
    _mm256_cvtepu8_epi16(unsafe { _mm_loadu_si128(from.as_ptr().cast()) })
}

/// Writes eight numbers.
#[inline]
#[target_feature(enable = "avx2")]
pub fn store(to: &mut [i32; 8], lanes: __m256i) {
    // SAFETY: the array is 32 writable bytes; the instruction takes any address.
    unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), lanes) }
}

/// Writes sixteen bytes.
#[inline]
#[target_feature(enable = "avx2")]
pub fn store_bytes(to: &mut [u8; LANES], lanes: __m128i) {
    // SAFETY: the array is 16 writable bytes; the instruction takes any address.
    unsafe { _mm_storeu_si128(to.as_mut_ptr().cast(), lanes) }
}

/// Two vectors of sums, as bytes in the channels' order: plus the zero point, within the limits.
///
/// Packing saturates to words, adding saturates, packing saturates to bytes: for sums within 31
/// bits and a zero point of a byte that equals clamping once.
#[inline]
#[target_feature(enable = "avx2")]
pub fn pack(lanes: [__m256i; 2], zero_point: __m256i, low: __m128i, high: __m128i) -> __m128i {
    let words = _mm256_adds_epi16(_mm256_packs_epi32(lanes[0], lanes[1]), zero_point);
    let bytes = _mm_packus_epi16(
        _mm256_castsi256_si128(words),
        _mm256_extracti128_si256::<1>(words),
    );
    _mm_min_epu8(_mm_max_epu8(bytes, low), high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_its_own_inverse() {
        for lane in 0..LANES {
            assert_eq!(ORDER[POSITION[lane]], lane);
        }
    }
}
