//! Describing a network. Every call checks its operator at once.
//!
//! `layers` has the operators with weights, `wide` those of them that read words, `others` the rest;
//! `finish` checks what becomes of sums.

mod finish;
mod layers;
mod others;
mod wide;

pub use finish::FixedPoint;
pub(crate) use layers::sums;
pub use wide::WideTensor;

use crate::error::BuildError;
use crate::operators::Operator;
use crate::plan::Plan;
use crate::requantise::{Quantisation, positive};
use crate::shape::{Layout, Shape};
use crate::simd::Instructions;
use alloc::vec::Vec;

/// A tensor of a network under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor(pub(crate) usize);

/// How a tensor looks to the operators that read it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub layout: Layout,
    pub numbers: Numbers,
    pub quantisation: Quantisation,
}

/// What a tensor's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    Bytes,
    /// Signed, low byte first; only inputs.
    Words,
}

/// What one step reads and writes.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub operator: Operator,
    /// One or two tensors; the second repeats the first where there is one.
    pub inputs: [Tensor; 2],
    pub output: Target,
}

/// Where a step writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Tensor(Tensor),
    /// An output of the plan, by its number.
    Output(usize),
}

/// An output of the plan.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Tensor(Tensor),
    Fixed(Shape),
}

/// Collects the operators of a network, in the order they will run.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    pub(crate) nodes: Vec<Node>,
    pub(crate) work: Vec<Work>,
    pub(crate) inputs: Vec<Tensor>,
    pub(crate) outputs: Vec<Source>,
}

/// The largest tensor and the longest list of weights, in numbers.
const MOST: usize = 1 << 28;

impl Builder {
    /// A network without operators.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// An input: the next in the order [`Plan::run`] takes them.
    pub fn input(&mut self, shape: Shape, stored: Quantisation) -> Result<Tensor, BuildError> {
        positive("input", stored.scale)?;
        let tensor = self.tensor(shape, stored)?;
        self.inputs.push(tensor);
        Ok(tensor)
    }

    /// Makes a tensor an output: the next in the order [`Plan::run`] takes them.
    pub fn output(&mut self, tensor: Tensor) -> Result<(), BuildError> {
        self.node(tensor)?;
        self.outputs.push(Source::Tensor(tensor));
        Ok(())
    }

    /// The size of a tensor.
    pub fn shape(&self, tensor: Tensor) -> Result<Shape, BuildError> {
        Ok(self.node(tensor)?.layout.shape)
    }

    /// The plan, for the given instructions.
    pub fn build(mut self, instructions: Instructions) -> Result<Plan, BuildError> {
        if self.outputs.is_empty() {
            return Err(BuildError::NoOutput);
        }
        self.narrow_inputs();
        Ok(Plan::new(self, instructions))
    }

    /// Pictures that only convolutions read are stored with four bytes a pixel.
    fn narrow_inputs(&mut self) {
        for &input in &self.inputs {
            let node = &mut self.nodes[input.0];
            if node.numbers == Numbers::Words {
                continue;
            }
            let mut readers: Vec<&mut Work> = self
                .work
                .iter_mut()
                .filter(|work| work.inputs.contains(&input))
                .collect();
            // A fully connected layer sees another shape: all its input as one pixel.
            let convolved = |work: &&mut Work| {
                matches!(&work.operator, Operator::Convolution(convolution)
                    if convolution.input.shape == node.layout.shape)
            };
            if !readers.iter().all(convolved) {
                continue;
            }
            node.layout = Layout::narrow(node.layout.shape);
            for work in &mut readers {
                if let Operator::Convolution(convolution) = &mut work.operator {
                    convolution.input = node.layout;
                }
            }
        }
    }

    fn node(&self, tensor: Tensor) -> Result<Node, BuildError> {
        let node = self.nodes.get(tensor.0).copied();
        node.filter(|node| node.numbers == Numbers::Bytes)
            .ok_or(BuildError::Foreign)
    }

    fn tensor(&mut self, shape: Shape, quantisation: Quantisation) -> Result<Tensor, BuildError> {
        size(shape)?;
        self.nodes.push(Node {
            layout: Layout::new(shape),
            numbers: Numbers::Bytes,
            quantisation,
        });
        Ok(Tensor(self.nodes.len() - 1))
    }

    fn push(
        &mut self,
        operator: Operator,
        inputs: [Tensor; 2],
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        let output = self.tensor(operator.output(), stored)?;
        self.work.push(Work {
            operator,
            inputs,
            output: Target::Tensor(output),
        });
        Ok(output)
    }
}

/// A tensor that exists and can be counted without overflow.
pub(crate) fn size(shape: Shape) -> Result<(), BuildError> {
    let Shape {
        height,
        width,
        channels,
    } = shape;
    let stride = channels.checked_next_multiple_of(crate::shape::LANES);
    let count = stride
        .and_then(|stride| stride.checked_mul(width)?.checked_mul(height))
        .filter(|&count| 0 < count && count < MOST);
    count.map(|_| ()).ok_or(BuildError::Size(shape))
}
