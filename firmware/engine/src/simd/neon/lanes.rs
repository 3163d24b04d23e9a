//! Vectors from memory and back, and instructions that must be written out.
//!
//! Everything else in [`super`] is arithmetic on values, which Rust calls safe inside a function
//! that has the instructions.

use crate::shape::LANES;
use core::arch::aarch64::*;
use core::arch::asm;

/// Thirty-two bits of each of `4 * VECTORS` channels.
#[inline]
#[target_feature(enable = "neon")]
pub fn ordered<const VECTORS: usize>(channel: impl Fn(usize) -> i32) -> [int32x4_t; VECTORS] {
    let mut vectors = [vdupq_n_s32(0); VECTORS];
    for (index, vector) in vectors.iter_mut().enumerate() {
        *vector = load(&core::array::from_fn(|lane| channel(4 * index + lane)));
    }
    vectors
}

/// Four numbers.
#[inline]
#[target_feature(enable = "neon")]
pub fn load(from: &[i32; 4]) -> int32x4_t {
    // SAFETY: the array is 16 readable bytes; the instruction takes any address.
    unsafe { vld1q_s32(from.as_ptr()) }
}

/// Four cells of words.
#[inline]
#[target_feature(enable = "neon")]
pub fn load_words(from: &[i32; 4]) -> int16x8_t {
    vreinterpretq_s16_s32(load(from))
}

/// Four cells of bytes.
#[inline]
#[target_feature(enable = "neon")]
pub fn load_bytes(from: &[i32; 4]) -> int8x16_t {
    vreinterpretq_s8_s32(load(from))
}

/// Sixteen bytes, widened to words.
#[inline]
#[target_feature(enable = "neon")]
pub fn widen(from: &[u8; LANES]) -> [int16x8_t; 2] {
    // SAFETY: the array is 16 readable bytes; the instruction takes any address.
    let bytes = unsafe { vld1q_u8(from.as_ptr()) };
    [
        vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(bytes))),
        vreinterpretq_s16_u16(vmovl_high_u8(bytes)),
    ]
}

/// Writes four numbers.
#[inline]
#[target_feature(enable = "neon")]
pub fn store(to: &mut [i32; 4], lanes: int32x4_t) {
    // SAFETY: the array is 16 writable bytes; the instruction takes any address.
    unsafe { vst1q_s32(to.as_mut_ptr(), lanes) }
}

/// Writes sixteen bytes.
#[inline]
#[target_feature(enable = "neon")]
pub fn store_bytes(to: &mut [u8; LANES], lanes: uint8x16_t) {
    // SAFETY: the array is 16 writable bytes; the instruction takes any address.
    unsafe { vst1q_u8(to.as_mut_ptr(), lanes) }
}

/// Sixteen sums as bytes: plus the zero point, within the limits.
///
/// Narrowing saturates to words, adding saturates, narrowing saturates to bytes: for sums within 31
/// bits and a zero point of a byte that equals clamping once.
#[inline]
#[target_feature(enable = "neon")]
pub fn pack(
    [a, b, c, d]: [int32x4_t; 4],
    zero_point: int16x8_t,
    low: uint8x16_t,
    high: uint8x16_t,
) -> uint8x16_t {
    let first = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(a), b), zero_point);
    let second = vqaddq_s16(vqmovn_high_s32(vqmovn_s32(c), d), zero_point);
    let bytes = vqmovun_high_s16(vqmovun_s16(first), second);
    vminq_u8(vmaxq_u8(bytes, low), high)
}

/// Adds the products of the upper eight bytes to words.
///
/// Rust's own name for it, `vmlal_high_s8`, takes the upper bytes apart first where they are used twice.
#[inline]
#[target_feature(enable = "neon")]
pub fn add_high_products(mut sums: int16x8_t, first: int8x16_t, second: int8x16_t) -> int16x8_t {
    // SAFETY: works on three registers alone; the function has the instruction.
    unsafe {
        asm!(
            "smlal2 {sums:v}.8h, {first:v}.16b, {second:v}.16b",
            sums = inout(vreg) sums,
            first = in(vreg) first,
            second = in(vreg) second,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}

/// Adds to each lane four products of its bytes with the input's cell `LANE`.
#[inline]
#[target_feature(enable = "neon,dotprod")]
pub fn dot_with<const LANE: i32>(
    mut sums: int32x4_t,
    bytes: int8x16_t,
    input: int8x16_t,
) -> int32x4_t {
    // SAFETY: works on three registers alone; the function has the instruction.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {bytes:v}.16b, {input:v}.4b[{lane}]",
            sums = inout(vreg) sums,
            bytes = in(vreg) bytes,
            input = in(vreg) input,
            lane = const LANE,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}

/// Adds to each lane four products of its bytes.
#[inline]
#[target_feature(enable = "neon,dotprod")]
pub fn dot(mut sums: int32x4_t, first: int8x16_t, second: int8x16_t) -> int32x4_t {
    // SAFETY: works on three registers alone; the function has the instruction.
    unsafe {
        asm!(
            "sdot {sums:v}.4s, {first:v}.16b, {second:v}.16b",
            sums = inout(vreg) sums,
            first = in(vreg) first,
            second = in(vreg) second,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sums
}
