//! What becomes of a layer's sums: [`crate::requantise`] in vectors.
//!
//! `sqdmulh` gives the high half of twice the product, which is the product shifted by 31; `srshl` shifts by
//! the rest and rounds halves up. A factor's shift is 33 or more, so what is added for rounding is a
//! multiple of 2^31, and dropping the low bits first loses nothing. No factor is -2^31: nothing saturates.

use super::fixed::Fixed;
use super::lanes::{ordered, pack, store, store_bytes};
use crate::operators;
use crate::requantise::Requantise;
use crate::scratch::Sums;
use crate::shape::LANES;
use crate::simd::lines::{Ending, Ends, Line};
use alloc::vec::Vec;
use core::arch::aarch64::*;

/// The finish of a layer.
#[derive(Clone, Debug)]
pub enum Finish {
    Bytes(Bytes),
    Fixed(Fixed),
}

/// Sums to bytes, block by block.
#[derive(Clone, Debug)]
pub struct Bytes(Vec<Block>);

/// Parameters of sixteen channels.
///
/// Copied before a loop, they keep their registers in it.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    factor: [int32x4_t; 4],
    below: [int32x4_t; 4],
    /// To the left, so below 0.
    shift: [int32x4_t; 4],
    /// Whether negative sums have factors of their own.
    slopes: bool,
    zero_point: int16x8_t,
    low: uint8x16_t,
    high: uint8x16_t,
}

impl Finish {
    #[target_feature(enable = "neon")]
    pub fn new(finish: &operators::Finish, channels: usize, vectors: usize) -> Finish {
        match finish {
            operators::Finish::Bytes(requantise) => Finish::Bytes(Bytes::new(requantise, channels)),
            operators::Finish::Fixed(fixed) => Finish::Fixed(Fixed::new(fixed, channels, vectors)),
        }
    }

    /// Takes the sums of a block of channels of neighbouring pixels, from `first` on.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn put<const VECTORS: usize>(
        &self,
        line: &mut Line<'_>,
        blocks: usize,
        (first, block): (usize, usize),
        sums: &[[int32x4_t; VECTORS]],
    ) {
        let at = first * blocks + block;
        match (self, line) {
            (Finish::Bytes(finish), Line::Bytes(bytes)) => {
                let (places, _) = bytes.as_chunks_mut::<LANES>();
                let finish = finish.block(block);
                for (place, sums) in places[at..].iter_mut().step_by(blocks).zip(sums) {
                    // Only heads are narrower.
                    if let Some(&sums) = sums.first_chunk() {
                        store_bytes(place, finish.bytes(sums));
                    }
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
    #[target_feature(enable = "neon")]
    pub fn new(requantise: &Requantise, channels: usize) -> Bytes {
        let first = (0..channels).step_by(LANES);
        Bytes(first.map(|first| Block::new(requantise, first)).collect())
    }

    /// The finish of one block.
    #[inline(always)]
    pub fn block(&self, block: usize) -> Block {
        self.0[block]
    }
}

impl Block {
    /// The parameters of sixteen channels; factors past the last are zero.
    #[target_feature(enable = "neon")]
    fn new(requantise: &Requantise, first: usize) -> Block {
        let multiplier = |channel: usize| requantise.multipliers.get(first + channel);
        let factor = |channel| multiplier(channel).map_or(0, |multiplier| multiplier.factor);
        let below = |channel| match requantise.below.get(first + channel) {
            Some(&below) => below,
            None => factor(channel),
        };
        let shift =
            |channel| multiplier(channel).map_or(0, |multiplier| 31 - multiplier.shift as i32);
        Block {
            factor: ordered(factor),
            below: ordered(below),
            shift: ordered(shift),
            slopes: !requantise.below.is_empty(),
            zero_point: vdupq_n_s16(i16::from(requantise.zero_point)),
            low: vdupq_n_u8(requantise.low),
            high: vdupq_n_u8(requantise.high),
        }
    }

    /// Sixteen sums as bytes.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn bytes(&self, mut sums: [int32x4_t; 4]) -> uint8x16_t {
        for (index, sums) in sums.iter_mut().enumerate() {
            let mut factor = self.factor[index];
            if self.slopes {
                factor = vbslq_s32(vcltzq_s32(*sums), self.below[index], factor);
            }
            *sums = vrshlq_s32(vqdmulhq_s32(*sums, factor), self.shift[index]);
        }
        pack(sums, self.zero_point, self.low, self.high)
    }
}

impl Sums {
    /// Stores eight or sixteen sums.
    #[inline]
    #[target_feature(enable = "neon")]
    pub fn put<const VECTORS: usize>(&mut self, vectors: [int32x4_t; VECTORS]) {
        for (place, vector) in self.0.as_chunks_mut().0.iter_mut().zip(vectors) {
            store(place, vector);
        }
    }
}
