//! Operators without weights.

use super::{Builder, MOST, Tensor};
use crate::error::BuildError;
use crate::operators::Operator;
use crate::operators::add::Add;
use crate::operators::copies::{Concat, Pad, Upsample};
use crate::operators::max_pool::MaxPool;
use crate::operators::rescale::Rescale;
use crate::requantise::{Activation, Quantisation};
use crate::shape::Shape;

impl Builder {
    /// The sum of two tensors of one shape, of whatever scales. Slopes are for [`Builder::rescale`].
    pub fn add(
        &mut self,
        inputs: [Tensor; 2],
        activation: Activation<'_>,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        let [first, second] = [self.node(inputs[0])?, self.node(inputs[1])?];
        let shape = first.layout.shape;
        if shape != second.layout.shape {
            return Err(BuildError::Shapes(shape, second.layout.shape));
        }
        if matches!(activation, Activation::Slopes(_)) {
            return Err(BuildError::Geometry(
                "an addition has no slopes: rescale its output",
            ));
        }
        let scales = [first.quantisation, second.quantisation];
        let operator = Operator::Add(Add::new(shape, scales, activation, stored)?);
        self.push(operator, inputs, stored)
    }

    /// The same numbers stored differently, or through an activation of their own (PReLU).
    pub fn rescale(
        &mut self,
        input: Tensor,
        activation: Activation<'_>,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        let node = self.node(input)?;
        let shape = node.layout.shape;
        let operator = Rescale::new(shape, node.quantisation, activation, stored)?;
        self.push(Operator::Rescale(operator), [input; 2], stored)
    }

    /// Twice the height and width, each pixel four times.
    pub fn upsample(&mut self, input: Tensor) -> Result<Tensor, BuildError> {
        let node = self.node(input)?;
        let operator = Upsample {
            input: node.layout.shape,
        };
        self.push(Operator::Upsample(operator), [input; 2], node.quantisation)
    }

    /// The largest of each 2x2 block; an odd last row or column is left out.
    pub fn max_pool(&mut self, input: Tensor) -> Result<Tensor, BuildError> {
        let node = self.node(input)?;
        let operator = MaxPool {
            input: node.layout.shape,
        };
        self.push(Operator::MaxPool(operator), [input; 2], node.quantisation)
    }

    /// Zeros around the input (top, left, bottom, right) and as further channels.
    pub fn pad(
        &mut self,
        input: Tensor,
        [top, left, bottom, right]: [usize; 4],
        channels: usize,
    ) -> Result<Tensor, BuildError> {
        if [top, left, bottom, right, channels]
            .iter()
            .any(|&n| n >= MOST)
        {
            return Err(BuildError::Geometry("a border this wide makes no tensor"));
        }
        let node = self.node(input)?;
        let shape = node.layout.shape;
        let output = Shape {
            height: shape.height + top + bottom,
            width: shape.width + left + right,
            channels: shape.channels + channels,
        };
        let operator = Pad {
            input: shape,
            output,
            top,
            left,
            zero_point: node.quantisation.zero_point,
        };
        self.push(Operator::Pad(operator), [input; 2], node.quantisation)
    }

    /// The channels of the first tensor, then those of the second; their scales must agree.
    pub fn concat(&mut self, inputs: [Tensor; 2]) -> Result<Tensor, BuildError> {
        let [first, second] = [self.node(inputs[0])?, self.node(inputs[1])?];
        let shapes = [first.layout.shape, second.layout.shape];
        if (shapes[0].height, shapes[0].width) != (shapes[1].height, shapes[1].width) {
            return Err(BuildError::Shapes(shapes[0], shapes[1]));
        }
        if first.quantisation != second.quantisation {
            return Err(BuildError::Quantisation);
        }
        let operator = Operator::Concat(Concat { inputs: shapes });
        self.push(operator, inputs, first.quantisation)
    }
}
