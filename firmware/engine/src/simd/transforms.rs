//! Winograd's F(2x2, 3x3), exactly: 2.25 times fewer multiplications.
//!
//! For 3x3 convolutions at stride 1: four outputs of a 2x2 tile come from the 4x4 inputs under it:
//!
//! ```text
//! Y = A' [ (G g G') * (B' d B) ] A        * is element by element, ' transposes
//! B' = 1  0 -1  0     2G = 2  0  0     A' = 1  1  1  0
//!      0  1  1  0          1  1  1          0  1 -1 -1
//!      0 -1  1  0          1 -1  1
//!      0  1  0 -1          0  0  2
//! ```
//!
//! With `2G` for `G` all numbers are whole and the result is four times the sum, so a shift by two
//! is exact. Transformed bytes stay within 4 * 255, transformed weights within 9 * 128: words. Sums are taken
//! modulo 2^32; four times the largest one fits ([`fits`]).

use super::rows::{Cell, Padding};
use crate::operators::convolution::Convolution;

/// Places of a transformed tile.
pub const PLACES: usize = 16;
/// The place whose product counts once in each output: biases enter there.
pub const ONCE: usize = 5;
/// Tiles transformed together: their inputs and sums stay in the nearest cache.
pub const CHUNK: usize = 20;
/// With fewer input channels the transforms cost more than they save.
///
/// So they do with eight output channels.
const LEAST_CHANNELS: usize = 32;

/// `2G`.
const DOUBLE_G: [[i16; 3]; 4] = [[2, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 2]];

/// Whether it can compute this convolution, and should.
pub fn fits(convolution: &Convolution) -> bool {
    convolution.geometry.kernel == 3
        && convolution.geometry.stride == 1
        && convolution.input.stride >= LEAST_CHANNELS
        && convolution.output.channels > 8
        && convolution.reach <= i64::from(i32::MAX) / 4
}

/// The input rows that it looks at.
pub fn padding(convolution: &Convolution) -> Padding {
    Padding {
        input: convolution.input,
        cell: Cell::Words,
        zero_point: convolution.zero_point,
        signed: false,
        left: convolution.geometry.padding[1],
        columns: convolution.output.width.next_multiple_of(2) + 2,
        rows: 4,
    }
}

/// A place of `2G g 2G'` for one output and one input channel.
///
/// Zero past the last channels.
pub fn transformed(convolution: &Convolution, output: usize, input: usize, place: usize) -> i16 {
    if output >= convolution.output.channels || input >= convolution.input.shape.channels {
        return 0;
    }
    let (row, column) = (DOUBLE_G[place / 4], DOUBLE_G[place % 4]);
    let place = |(ky, kx): (usize, usize)| {
        let weight = convolution.weights_at(output, ky, kx)[input];
        row[ky] * column[kx] * i16::from(weight)
    };
    (0..9).map(|at| place((at / 3, at % 3))).sum()
}
