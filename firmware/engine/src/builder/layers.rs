//! Layers: operators with weights.

use super::finish::{FixedPoint, bytes, fixed, steps, within};
use super::{Builder, Node, Source, Target, Tensor, Work, size};
use crate::error::BuildError;
use crate::operators::convolution::{self, Convolution, Weights, check, reach};
use crate::operators::depthwise::Depthwise;
use crate::operators::{Finish, Operator};
use crate::requantise::{Activation, Quantisation, Requantise, length};
use crate::shape::{Geometry, Layout, Shape};
use alloc::vec::Vec;

impl Builder {
    /// A convolution with as many output channels as there are biases.
    pub fn convolution(
        &mut self,
        input: Tensor,
        geometry: Geometry,
        weights: &Weights<'_>,
        activation: Activation<'_>,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        let finish = bytes(self.scale(input)?, weights, activation, stored)?;
        let layer = Self::layer(self.node(input)?, geometry, weights, finish)?;
        self.push(Operator::Convolution(layer), [input; 2], stored)
    }

    /// A convolution that is the last layer of a head: the next output of the plan.
    pub fn convolution_head(
        &mut self,
        input: Tensor,
        geometry: Geometry,
        weights: &Weights<'_>,
        form: FixedPoint<'_>,
    ) -> Result<(), BuildError> {
        let finish = fixed(self.scale(input)?, weights, form)?;
        let layer = Self::layer(self.node(input)?, geometry, weights, finish)?;
        self.head(Operator::Convolution(layer), input, form)
    }

    /// A convolution of each channel alone.
    pub fn depthwise(
        &mut self,
        input: Tensor,
        geometry: Geometry,
        weights: &Weights<'_>,
        activation: Activation<'_>,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        let finish = Requantise::new(steps(self.scale(input)?, weights)?, activation, stored)?;
        let node = self.node(input)?;
        let channels = node.layout.shape.channels;
        let output = sums(node.layout.shape, geometry, channels)?;
        check(weights, channels, geometry.kernel * geometry.kernel)?;
        let zero_point = node.quantisation.zero_point;
        reach(
            weights,
            geometry.kernel * geometry.kernel,
            convolution::bytes(zero_point),
        )?;
        let operator = Operator::Depthwise(Depthwise {
            input: node.layout,
            output,
            geometry,
            zero_point,
            weights: weights.values.to_vec(),
            bias: weights.bias.to_vec(),
            finish,
        });
        self.push(operator, [input; 2], stored)
    }

    /// Every input number to every output number, which together have the given shape.
    ///
    /// Weights are in the order output number, input number; both tensors in the order of their
    /// rows, columns, channels. Where the output is larger than 1x1, its channels must be a
    /// multiple of 16.
    pub fn fully_connected(
        &mut self,
        input: Tensor,
        shape: Shape,
        weights: &Weights<'_>,
        activation: Activation<'_>,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        size(shape)?;
        let finish = bytes(self.scale(input)?, weights, activation, stored)?;
        let layer = self.connected(input, shape.len(), weights, finish)?;
        self.map(Operator::Convolution(layer), input, shape, stored)
    }

    /// A fully connected layer that is the last of a head: the next output of the plan.
    pub fn fully_connected_head(
        &mut self,
        input: Tensor,
        weights: &Weights<'_>,
        form: FixedPoint<'_>,
    ) -> Result<(), BuildError> {
        let finish = fixed(self.scale(input)?, weights, form)?;
        let layer = self.connected(input, weights.bias.len(), weights, finish)?;
        self.head(Operator::Convolution(layer), input, form)
    }

    pub(super) fn head(
        &mut self,
        layer: Operator,
        input: Tensor,
        form: FixedPoint<'_>,
    ) -> Result<(), BuildError> {
        let output = layer.output();
        size(output)?;
        if let Some(rest) = form.rest {
            length("rest", output.len(), rest.len())?;
        }
        let number = self.outputs.len();
        self.outputs.push(Source::Fixed(output));
        self.work.push(Work {
            operator: layer,
            inputs: [input; 2],
            output: Target::Output(number),
        });
        Ok(())
    }

    /// A vector whose bytes are a map of `shape` from here on.
    pub(super) fn map(
        &mut self,
        layer: Operator,
        input: Tensor,
        shape: Shape,
        stored: Quantisation,
    ) -> Result<Tensor, BuildError> {
        if Layout::new(shape).bytes() != Layout::new(layer.output()).bytes() {
            return Err(BuildError::Geometry(
                "a fully connected layer that makes a map needs channels in multiples of 16",
            ));
        }
        let output = self.push(layer, [input; 2], stored)?;
        self.nodes[output.0].layout = Layout::new(shape);
        Ok(output)
    }

    fn scale(&self, input: Tensor) -> Result<f32, BuildError> {
        Ok(self.node(input)?.quantisation.scale)
    }

    fn layer(
        node: Node,
        geometry: Geometry,
        weights: &Weights<'_>,
        finish: Finish,
    ) -> Result<Convolution, BuildError> {
        let output = sums(node.layout.shape, geometry, weights.bias.len())?;
        let channels = node.layout.shape.channels;
        let terms = channels.saturating_mul(geometry.kernel * geometry.kernel);
        check(weights, output.channels, terms)?;
        let zero_point = node.quantisation.zero_point;
        let reach = reach(weights, terms, convolution::bytes(zero_point))?;
        within(&finish, &reach)?;
        Ok(Convolution {
            input: node.layout,
            output,
            geometry,
            zero_point,
            weights: weights.values.to_vec(),
            bias: weights.bias.to_vec(),
            reach: reach.into_iter().max().unwrap_or(0),
            finish,
        })
    }

    /// A fully connected layer: a 1x1 convolution that sees its whole input as one pixel.
    ///
    /// Bytes between the input's pixels get zero weights.
    fn connected(
        &self,
        input: Tensor,
        outputs: usize,
        weights: &Weights<'_>,
        finish: Finish,
    ) -> Result<Convolution, BuildError> {
        let node = self.node(input)?;
        let shape = node.layout.shape;
        size(Shape::vector(outputs))?;
        check(weights, outputs, shape.len())?;
        let pixels = weights.values.chunks_exact(shape.channels);
        let mut values = Vec::with_capacity(outputs * node.layout.bytes());
        for pixel in pixels {
            values.extend_from_slice(pixel);
            values.resize(values.len() + node.layout.stride - shape.channels, 0);
        }
        let view = Node {
            layout: Layout::new(Shape::vector(node.layout.bytes())),
            ..node
        };
        let weights = Weights {
            values: &values,
            ..*weights
        };
        Self::layer(view, Geometry::POINT, &weights, finish)
    }
}

/// The shape of a layer's sums; refuses what the engine does not do.
pub(crate) fn sums(input: Shape, geometry: Geometry, channels: usize) -> Result<Shape, BuildError> {
    if !(1..=7).contains(&geometry.kernel) {
        return Err(BuildError::Geometry("kernels have sides from 1 to 7"));
    }
    if !(1..=2).contains(&geometry.stride) {
        return Err(BuildError::Geometry("a stride is 1 or 2"));
    }
    if geometry
        .padding
        .iter()
        .any(|&border| border >= geometry.kernel)
    {
        return Err(BuildError::Geometry("padding must be less than the kernel"));
    }
    let Some((height, width)) = geometry.output(input.height, input.width) else {
        return Err(BuildError::Geometry(
            "the kernel does not fit into the input",
        ));
    };
    Ok(Shape::new(height, width, channels))
}
