//! Fully connected layer on words, for a network's own numbers: the definition.
//!
//! ```text
//! sum(o) = bias[o] + sum over i of weight[o][i] * input[i]
//! ```
//!
//! Inputs are signed 16-bit numbers without a zero point, stored in the arena low byte first. That
//! the largest sum fits 32 bits is proven when the layer is made, as for convolutions.

use super::{Destination, Finish};
use crate::shape::Shape;
use alloc::vec::Vec;

/// A fully connected layer whose input is words.
#[derive(Clone, Debug)]
pub(crate) struct Wide {
    /// How many of the input's words are read, from the first on.
    pub inputs: usize,
    /// A vector.
    pub output: Shape,
    /// Output number, input number.
    pub weights: Vec<i8>,
    pub bias: Vec<i32>,
    pub finish: Finish,
}

impl Wide {
    /// The weights of one output number.
    pub fn weights_of(&self, output: usize) -> &[i8] {
        &self.weights[output * self.inputs..][..self.inputs]
    }

    /// Computes the whole output; `input` holds two bytes a word.
    pub fn run(&self, input: &[u8], mut out: Destination<'_>) {
        let (words, _) = input.as_chunks::<2>();
        for (output, &bias) in self.bias.iter().enumerate() {
            let pairs = words.iter().zip(self.weights_of(output));
            let products = pairs
                .map(|(&word, &weight)| i32::from(i16::from_le_bytes(word)) * i32::from(weight));
            let sum = bias + products.sum::<i32>();
            self.finish
                .put(self.output, (0, 0, 0, output), sum, &mut out);
        }
    }
}
