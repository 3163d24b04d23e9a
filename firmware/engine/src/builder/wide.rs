//! Inputs of words, and the layer that reads them.

use super::finish::{FixedPoint, bytes, fixed, within};
use super::{Builder, Node, Numbers, Tensor, size};
use crate::error::BuildError;
use crate::operators::convolution::{Weights, check, reach};
use crate::operators::wide::Wide;
use crate::operators::{Finish, Operator};
use crate::requantise::{Activation, Quantisation, positive};
use crate::shape::{Layout, Shape};

/// An input of 16-bit numbers; only fully connected layers read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WideTensor {
    node: usize,
    /// How many of the numbers, from the first on.
    words: usize,
}

impl WideTensor {
    /// The first `words` of these numbers; all where there are no more.
    ///
    /// A layer that needs only some of the numbers has no weights for the others.
    pub fn first(self, words: usize) -> WideTensor {
        WideTensor {
            words: words.min(self.words),
            ..self
        }
    }
}

impl Builder {
    /// An input of `numbers` words: the next in the order [`crate::Plan::run`] takes them.
    ///
    /// A word stands for `scale` times itself, -32768 to 32767, without a zero point. For a
    /// network's own numbers, which eight bits would crush.
    pub fn wide_input(&mut self, numbers: usize, scale: f32) -> Result<WideTensor, BuildError> {
        positive("input", scale)?;
        size(Shape::vector(numbers))?;
        self.nodes.push(Node {
            layout: Layout::words(numbers),
            numbers: Numbers::Words,
            quantisation: Quantisation {
                scale,
                zero_point: 0,
            },
        });
        let tensor = Tensor(self.nodes.len() - 1);
        self.inputs.push(tensor);
        Ok(WideTensor {
            node: tensor.0,
            words: numbers,
        })
    }

    /// [`Builder::fully_connected`] for an input of words.
    pub fn wide_fully_connected(
        &mut self,
        input: WideTensor,
        shape: Shape,
        weights: &Weights<'_>,
        activation: Activation<'_>,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        size(shape)?;
        let node = self.wide(input)?;
        let finish = bytes(node.quantisation.scale, weights, activation, stored)?;
        let layer = wide(input.words, shape.len(), weights, finish)?;
        self.map(layer, Tensor(input.node), shape, stored)
    }

    /// [`Builder::fully_connected_head`] for an input of words.
    pub fn wide_fully_connected_head(
        &mut self,
        input: WideTensor,
        weights: &Weights<'_>,
        form: FixedPoint<'_>,
    ) -> Result<(), BuildError> {
        let node = self.wide(input)?;
        let finish = fixed(node.quantisation.scale, weights, form)?;
        let layer = wide(input.words, weights.bias.len(), weights, finish)?;
        self.head(layer, Tensor(input.node), form)
    }

    fn wide(&self, input: WideTensor) -> Result<Node, BuildError> {
        let node = self.nodes.get(input.node).copied();
        node.filter(|node| node.numbers == Numbers::Words)
            .ok_or(BuildError::Foreign)
    }
}

fn wide(
    inputs: usize,
    outputs: usize,
    weights: &Weights<'_>,
    finish: Finish,
) -> Result<Operator, BuildError> {
    let output = Shape::vector(outputs);
    size(output)?;
    check(weights, outputs, inputs)?;
    let words = [i64::from(i16::MIN), i64::from(i16::MAX)];
    within(&finish, &reach(weights, inputs, words)?)?;
    Ok(Operator::Wide(Wide {
        inputs,
        output,
        weights: weights.values.to_vec(),
        bias: weights.bias.to_vec(),
        finish,
    }))
}
