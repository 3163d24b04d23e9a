//! What runs a baked network: our engine, or another in its place.

use super::{Head, Quantised};
use crate::InferError;
use std::fmt;

/// Something that runs one loaded network.
pub trait Runner: Send + fmt::Debug {
    /// What it is, for reports.
    fn name(&self) -> String;

    /// How many numbers the input has.
    fn input_numbers(&self) -> usize;

    /// The real number that one step of an input number stands for; a power of two.
    fn input_scale(&self) -> f32;

    /// The outputs, in the order [`Runner::run`] fills them.
    fn heads(&self) -> &[Head];

    /// Runs the network: see [`Quantised::run`] for lengths and numbers. May allocate.
    fn run(&mut self, input: &[i16], outputs: &mut [&mut [i32]]) -> Result<(), InferError>;
}

impl Runner for Quantised {
    fn name(&self) -> String {
        format!("sfumato {}", self.instructions().name())
    }

    fn input_numbers(&self) -> usize {
        Quantised::input_numbers(self)
    }

    fn input_scale(&self) -> f32 {
        Quantised::input_scale(self)
    }

    fn heads(&self) -> &[Head] {
        Quantised::heads(self)
    }

    fn run(&mut self, input: &[i16], outputs: &mut [&mut [i32]]) -> Result<(), InferError> {
        Quantised::run(self, input, outputs)
    }
}
