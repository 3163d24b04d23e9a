//! Addition and rescaling, sixteen channels at a time.
//!
//! The scalar definitions, term by term.

use super::lanes::{pack, store_bytes, widen};
use crate::operators::{add, rescale};
use crate::shape::{LANES, Layout};
use alloc::vec::Vec;
use core::arch::aarch64::*;
use core::array::from_fn;
use core::ops::Range;

/// What ends either: an offset that holds zero point and half, a shift, limits.
#[derive(Clone, Copy, Debug)]
struct End {
    offset: int32x4_t,
    /// To the left, so not above 0.
    shift: int32x4_t,
    low: uint8x16_t,
    high: uint8x16_t,
}

impl End {
    #[target_feature(enable = "neon")]
    fn new(offset: i32, shift: u32, low: u8, high: u8) -> End {
        End {
            offset: vdupq_n_s32(offset),
            shift: vdupq_n_s32(-(shift as i32)),
            low: vdupq_n_u8(low),
            high: vdupq_n_u8(high),
        }
    }

    /// The sums, which hold the offset, as bytes.
    #[inline]
    #[target_feature(enable = "neon")]
    fn bytes(&self, sums: [int32x4_t; 4]) -> uint8x16_t {
        let [a, b, c, d] = sums;
        let shifted = [
            vshlq_s32(a, self.shift),
            vshlq_s32(b, self.shift),
            vshlq_s32(c, self.shift),
            vshlq_s32(d, self.shift),
        ];
        pack(shifted, vdupq_n_s16(0), self.low, self.high)
    }
}

/// Adds products of words to sums, lane by lane.
#[inline]
#[target_feature(enable = "neon")]
pub fn add_products(
    [a, b, c, d]: [int32x4_t; 4],
    values: [int16x8_t; 2],
    factors: [int16x8_t; 2],
) -> [int32x4_t; 4] {
    [
        vmlal_s16(a, vget_low_s16(values[0]), vget_low_s16(factors[0])),
        vmlal_high_s16(b, values[0], factors[0]),
        vmlal_s16(c, vget_low_s16(values[1]), vget_low_s16(factors[1])),
        vmlal_high_s16(d, values[1], factors[1]),
    ]
}

/// See [`add::Add`].
#[derive(Clone, Debug)]
pub struct Add {
    row: usize,
    factors: [int16x8_t; 2],
    end: End,
}

impl Add {
    #[target_feature(enable = "neon")]
    pub fn new(add: &add::Add) -> Add {
        let [first, second] = add.factors;
        Add {
            row: Layout::new(add.shape).row(),
            factors: [vdupq_n_s16(first), vdupq_n_s16(second)],
            end: End::new(add.offset, add.shift, add.low, add.high),
        }
    }

    #[target_feature(enable = "neon")]
    pub fn run(&self, first: &[u8], second: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let bytes = rows.start * self.row..rows.end * self.row;
        let (first, _) = first[bytes.clone()].as_chunks::<LANES>();
        let (second, _) = second[bytes].as_chunks::<LANES>();
        let (out, _) = out.as_chunks_mut::<LANES>();
        for (out, (first, second)) in out.iter_mut().zip(first.iter().zip(second)) {
            let [factor, other] = self.factors;
            let sums = add_products([self.end.offset; 4], widen(first), [factor; 2]);
            let sums = add_products(sums, widen(second), [other; 2]);
            store_bytes(out, self.end.bytes(sums));
        }
    }
}

/// See [`rescale::Rescale`].
#[derive(Clone, Debug)]
pub struct Rescale {
    layout: Layout,
    zero_point: int16x8_t,
    above: int16x8_t,
    /// For each block of sixteen channels.
    below: Vec<[int16x8_t; 2]>,
    end: End,
}

impl Rescale {
    #[target_feature(enable = "neon")]
    pub fn new(rescale: &rescale::Rescale) -> Rescale {
        let below = rescale.below.chunks(LANES).map(|block| {
            let eight = |first: usize| -> [i16; 8] {
                from_fn(|lane| block.get(first + lane).copied().unwrap_or(0))
            };
            [words(eight(0)), words(eight(8))]
        });
        Rescale {
            layout: Layout::new(rescale.shape),
            zero_point: vdupq_n_s16(i16::from(rescale.zero_point)),
            above: vdupq_n_s16(rescale.above),
            below: below.collect(),
            end: End::new(rescale.offset, rescale.shift, rescale.low, rescale.high),
        }
    }

    #[target_feature(enable = "neon")]
    pub fn run(&self, input: &[u8], rows: Range<usize>, out: &mut [u8]) {
        let row = self.layout.row();
        let (input, _) = input[rows.start * row..rows.end * row].as_chunks::<LANES>();
        let (out, _) = out.as_chunks_mut::<LANES>();
        let blocks = self.below.len();
        let pixels = out.chunks_exact_mut(blocks).zip(input.chunks_exact(blocks));
        for (out, input) in pixels {
            for ((out, input), below) in out.iter_mut().zip(input).zip(&self.below) {
                let mut values = widen(input);
                let mut factors = [self.above; 2];
                for half in 0..2 {
                    values[half] = vsubq_s16(values[half], self.zero_point);
                    let negative = vcltzq_s16(values[half]);
                    factors[half] = vbslq_s16(negative, below[half], self.above);
                }
                let sums = add_products([self.end.offset; 4], values, factors);
                store_bytes(out, self.end.bytes(sums));
            }
        }
    }
}

/// Eight words.
#[target_feature(enable = "neon")]
fn words(from: [i16; 8]) -> int16x8_t {
    let pair = |at: usize| i32::from(from[2 * at] as u16) | i32::from(from[2 * at + 1]) << 16;
    super::lanes::load_words(&from_fn(pair))
}
