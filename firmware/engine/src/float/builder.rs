//! Describing a network. Every call checks its operator at once.

use super::fuse::fuse;
use super::instructions::Instructions;
use super::operators::{Dense, Depthwise, Function, Operator};
use super::plan::Plan;
use crate::builder::{size, sums};
use crate::error::BuildError;
use crate::shape::{Geometry, Shape};
use alloc::vec::Vec;

/// A tensor of a network under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tensor(pub(crate) usize);

/// A layer's weights; all finite.
#[derive(Clone, Copy, Debug)]
pub struct Weights<'a> {
    /// Output channel, kernel row, kernel column, input channel; for a depthwise convolution channel,
    /// kernel row, kernel column.
    pub values: &'a [f32],
    /// One number for each output channel.
    pub bias: &'a [f32],
}

/// What becomes of a layer's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation<'a> {
    /// Below 0 they become 0.
    Relu,
    /// They are held within two limits, the lower one first.
    Clamp(f32, f32),
    /// Those with a minus sign are multiplied by the channel's slope, as PReLU does.
    Slopes(&'a [f32]),
}

/// In which order a tensor leaves a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Rows, columns, channels.
    Pixels,
    /// Channels, rows, columns.
    Planes,
}

/// One operator and what it reads and makes.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub operation: Operation,
    pub inputs: Vec<usize>,
    pub output: usize,
}

/// Operators before they are put together to steps.
#[derive(Clone, Debug)]
pub(crate) enum Operation {
    Step(Operator),
    Function(Function),
    Add,
}

/// An output of the plan: tensors, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub parts: Vec<usize>,
    pub order: Order,
}

/// Collects the operators of a network, in the order they will run.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    pub(crate) shapes: Vec<Shape>,
    pub(crate) work: Vec<Work>,
    pub(crate) inputs: Vec<usize>,
    pub(crate) outputs: Vec<Output>,
}

impl Builder {
    /// A network without operators.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// An input: the next in the order [`Plan::run`] takes them; channels, rows, columns.
    pub fn input(&mut self, shape: Shape) -> Result<Tensor, BuildError> {
        let tensor = self.tensor(shape)?;
        self.inputs.push(tensor.0);
        Ok(tensor)
    }

    /// An output of tensors one after the other: the next in the order [`Plan::run`] takes them.
    pub fn output(&mut self, parts: &[Tensor], order: Order) -> Result<(), BuildError> {
        for part in parts {
            self.shape(*part)?;
        }
        if parts.is_empty() {
            return Err(BuildError::NoOutput);
        }
        self.outputs.push(Output {
            parts: parts.iter().map(|part| part.0).collect(),
            order,
        });
        Ok(())
    }

    /// The size of a tensor.
    pub fn shape(&self, tensor: Tensor) -> Result<Shape, BuildError> {
        self.shapes
            .get(tensor.0)
            .copied()
            .ok_or(BuildError::Foreign)
    }

    /// A convolution with as many output channels as there are biases.
    ///
    /// With a kernel as large as its input it is a fully connected layer.
    pub fn convolution(
        &mut self,
        input: Tensor,
        geometry: Geometry,
        weights: &Weights<'_>,
    ) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        let output = sums(shape, geometry, weights.bias.len())?;
        size(output)?;
        let terms = geometry.kernel.pow(2) * shape.channels;
        check(weights, output.channels, terms)?;
        let operator = Operator::Dense(Dense {
            geometry,
            weights: weights.values.to_vec(),
            bias: weights.bias.to_vec(),
            before: None,
        });
        self.push(Operation::Step(operator), &[input], output)
    }

    /// A convolution of each channel alone.
    pub fn depthwise(
        &mut self,
        input: Tensor,
        geometry: Geometry,
        weights: &Weights<'_>,
    ) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        let output = sums(shape, geometry, shape.channels)?;
        check(weights, output.channels, geometry.kernel.pow(2))?;
        let operator = Operator::Depthwise(Depthwise {
            geometry,
            weights: weights.values.to_vec(),
            bias: weights.bias.to_vec(),
            function: Function::Linear,
        });
        self.push(Operation::Step(operator), &[input], output)
    }

    /// An activation.
    pub fn activation(
        &mut self,
        input: Tensor,
        activation: Activation<'_>,
    ) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        let function = match activation {
            Activation::Relu => Function::Relu,
            Activation::Clamp(low, high) if low <= high => Function::Clamp(low, high),
            Activation::Clamp(low, high) => return Err(BuildError::Clamp(low, high)),
            Activation::Slopes(slopes) => {
                length("slopes", shape.channels, slopes.len())?;
                if let Some(slope) = slopes.iter().find(|slope| !slope.is_finite()) {
                    return Err(BuildError::Slope(*slope));
                }
                Function::Slopes(slopes.to_vec())
            }
        };
        self.push(Operation::Function(function), &[input], shape)
    }

    /// The sum of two tensors of the same shape.
    pub fn add(&mut self, first: Tensor, second: Tensor) -> Result<Tensor, BuildError> {
        let shapes = (self.shape(first)?, self.shape(second)?);
        if shapes.0 != shapes.1 {
            return Err(BuildError::Shapes(shapes.0, shapes.1));
        }
        self.push(Operation::Add, &[first, second], shapes.0)
    }

    /// The same with further channels of zeros, `channels` in all.
    pub fn pad_channels(&mut self, input: Tensor, channels: usize) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        if channels < shape.channels {
            return Err(BuildError::Geometry("padding takes no channels away"));
        }
        let output = Shape { channels, ..shape };
        self.push(Operation::Step(Operator::Copy), &[input], output)
    }

    /// The largest of each 2x2 pixels; a last row or column without a partner is left out.
    pub fn max_pool(&mut self, input: Tensor) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        let output = Shape::new(shape.height / 2, shape.width / 2, shape.channels);
        self.push(Operation::Step(Operator::MaxPool), &[input], output)
    }

    /// Twice the size, linearly between the pixels' centres.
    pub fn upsample(&mut self, input: Tensor) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        let output = Shape::new(2 * shape.height, 2 * shape.width, shape.channels);
        self.push(Operation::Step(Operator::Upsample), &[input], output)
    }

    /// Channels spread over `block` x `block` pixels; the first channels become the upper left pixel.
    pub fn depth_to_space(&mut self, input: Tensor, block: usize) -> Result<Tensor, BuildError> {
        let shape = self.shape(input)?;
        let pixels = block.saturating_mul(block);
        if !(1..=16).contains(&block) || !shape.channels.is_multiple_of(pixels) {
            return Err(BuildError::Geometry(
                "channels spread over 1 to 16 pixels each way, as many to each",
            ));
        }
        let channels = shape.channels / pixels;
        let output = Shape::new(block * shape.height, block * shape.width, channels);
        self.push(
            Operation::Step(Operator::DepthToSpace(block)),
            &[input],
            output,
        )
    }

    /// The plan, for the given instructions.
    pub fn build(self, instructions: Instructions) -> Result<Plan, BuildError> {
        if self.outputs.is_empty() {
            return Err(BuildError::NoOutput);
        }
        Ok(Plan::new(fuse(self), instructions))
    }

    fn tensor(&mut self, shape: Shape) -> Result<Tensor, BuildError> {
        size(shape)?;
        self.shapes.push(shape);
        Ok(Tensor(self.shapes.len() - 1))
    }

    fn push(
        &mut self,
        operation: Operation,
        inputs: &[Tensor],
        output: Shape,
    ) -> Result<Tensor, BuildError> {
        let tensor = self.tensor(output)?;
        self.work.push(Work {
            operation,
            inputs: inputs.iter().map(|input| input.0).collect(),
            output: tensor.0,
        });
        Ok(tensor)
    }
}

fn check(weights: &Weights<'_>, outputs: usize, terms: usize) -> Result<(), BuildError> {
    length("biases", outputs, weights.bias.len())?;
    let expected = outputs.saturating_mul(terms);
    length("weights", expected, weights.values.len())?;
    let numbers = weights.values.iter().chain(weights.bias);
    match numbers.into_iter().find(|number| !number.is_finite()) {
        Some(number) => Err(BuildError::Weight(*number)),
        None => Ok(()),
    }
}

fn length(what: &'static str, expected: usize, found: usize) -> Result<(), BuildError> {
    if expected == found {
        return Ok(());
    }
    Err(BuildError::Length {
        what,
        expected,
        found,
    })
}
