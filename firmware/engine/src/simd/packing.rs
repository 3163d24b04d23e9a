//! Weights in cells, to be multiplied with cells of input; see [`super::rows`].

use super::rows::{Cell, Padding};
use crate::operators::convolution::Convolution;
use core::array::from_fn;

/// What a cell of weights holds; zeros past the last channels.
pub fn weights_cell(
    convolution: &Convolution,
    padding: Padding,
    output: usize,
    (ky, kx): (usize, usize),
    cell: usize,
) -> i32 {
    let weight = |channel: usize| -> i8 {
        if output >= convolution.output.channels {
            return 0;
        }
        let weights = convolution.weights_at(output, ky, kx);
        weights.get(channel).copied().unwrap_or(0)
    };
    match padding.cell {
        Cell::Words => words_cell(from_fn(|word| i16::from(weight(2 * cell + word)))),
        Cell::Bytes => i32::from_le_bytes(from_fn(|byte| weight(4 * cell + byte) as u8)),
    }
}

/// Two words in a cell.
pub fn words_cell([low, high]: [i16; 2]) -> i32 {
    i32::from(low as u16) | i32::from(high) << 16
}

/// The bias with the zero point taken out of all products.
///
/// Kernels multiply the cells as they are.
pub fn start(convolution: &Convolution, padding: Padding, output: usize) -> i32 {
    let Some(&bias) = convolution.bias.get(output) else {
        return 0;
    };
    let terms = convolution.weights.len() / convolution.output.channels;
    let weights = &convolution.weights[output * terms..][..terms];
    let total: i32 = weights.iter().map(|&weight| i32::from(weight)).sum();
    // Sums are taken modulo 2^32, and the whole one is known to fit.
    bias.wrapping_sub(total.wrapping_mul(padding.stored_zero()))
}
