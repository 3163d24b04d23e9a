//! The nodes that compute: each begins a layer, or says more about one.

use super::{PENDING, Parameter, Reader, Value, inputs, resized, size};
use crate::onnx::NodeProto;
use crate::quantised::description::{Kind, Weights};
use crate::quantised::nodes::{Attributes, Conv, check_gemm, check_resize};

impl Reader {
    pub(super) fn gemm(&mut self, node: &NodeProto) -> Result<(), String> {
        check_gemm(node)?;
        let [input, weights, bias] = inputs(node)?;
        let (input, first) = match self.value(input)? {
            Value::First(count) => (0, Some(count)),
            _ => (self.read(input)?, None),
        };
        let (weights, sizes) = self.weights(input, weights, bias)?;
        let &[outputs, terms] = sizes.as_slice() else {
            return Err("weights that are no table".to_owned());
        };
        // A description has no slices: there, fewer weights than inputs are one.
        let wanted = first.or((input == 0).then_some(self.input));
        if wanted.is_some_and(|wanted| size(terms) != Ok(wanted)) {
            return Err("weights for another number of inputs".to_owned());
        }
        let shape = [size(outputs)?, 1, 1];
        let kind = Kind::Connected {
            shape,
            weights,
            output: PENDING,
        };
        self.wait(node, input, kind)
    }

    pub(super) fn convolution(&mut self, node: &NodeProto) -> Result<(), String> {
        let [input, weights, bias] = inputs(node)?;
        let input = self.read(input)?;
        let (weights, sizes) = self.weights(input, weights, bias)?;
        let Conv { kernel, group } = Conv::of(node, &sizes)?;
        // With one input channel for each output, a group for each: depthwise, but for one channel.
        let depthwise = group > 1;
        if depthwise && (sizes[1] != 1 || sizes[0] != group) {
            return Err("a convolution in groups".to_owned());
        }
        if size(sizes[0])? != weights.bias.len() {
            return Err("kernels of another number than biases".to_owned());
        }
        let kind = Kind::Convolution {
            kernel,
            depthwise,
            weights,
            output: PENDING,
        };
        self.wait(node, input, kind)
    }

    pub(super) fn relu(&mut self, node: &NodeProto) -> Result<(), String> {
        Attributes::of(node, &[])?;
        let [from] = inputs(node)?;
        let value = self.value(from)?;
        let waiting = match value {
            Value::Waiting(index) => self.waiting.get_mut(index).and_then(Option::as_mut),
            _ => None,
        };
        match waiting {
            Some(waiting) if !waiting.relu && !matches!(waiting.layer.kind, Kind::Upsample) => {
                waiting.relu = true;
            }
            _ => return Err("a ReLU that belongs to no layer".to_owned()),
        }
        self.values.remove(from);
        self.define(node, value)
    }

    pub(super) fn add(&mut self, node: &NodeProto) -> Result<(), String> {
        Attributes::of(node, &[])?;
        let [input, other] = inputs(node)?;
        let (input, other) = (self.read(input)?, self.read(other)?);
        let kind = Kind::Add {
            other,
            output: PENDING,
        };
        self.wait(node, input, kind)
    }

    pub(super) fn resize(&mut self, node: &NodeProto) -> Result<(), String> {
        check_resize(node)?;
        let [input, _, scales] = inputs(node)?;
        if self.constants.floats(scales)? != [1.0, 1.0, 2.0, 2.0] {
            return Err("a resize to other than twice the size".to_owned());
        }
        let input = self.read(input)?;
        self.wait(node, input, Kind::Upsample)
    }

    pub(super) fn reshape(&mut self, node: &NodeProto) -> Result<(), String> {
        Attributes::of(node, &["allowzero"])?;
        let [from, to] = inputs(node)?;
        let to = self.constants.sizes(to)?;
        let &[1, channels, height, width] = to.as_slice() else {
            return Err("a reshape to something that is no map".to_owned());
        };
        let to = [size(channels)?, size(height)?, size(width)?];
        match self.value(from)? {
            Value::Tensor {
                number,
                quantised: false,
            } => self.define(node, Value::Shaped { number, shape: to }),
            value @ Value::Waiting(index) => {
                let waiting = self.waiting.get_mut(index).and_then(Option::as_mut);
                match waiting.map(|waiting| &mut waiting.layer.kind) {
                    Some(Kind::Connected { shape, .. }) if shape[1..] == [1, 1] => {
                        *shape = resized(*shape, to)?;
                    }
                    _ => return Err("a reshape of something else than a vector".to_owned()),
                }
                self.values.remove(from);
                self.define(node, value)
            }
            _ => Err("a reshape of something else than a vector".to_owned()),
        }
    }

    pub(super) fn slice(&mut self, node: &NodeProto) -> Result<(), String> {
        Attributes::of(node, &[])?;
        let [from, start, end, axis] = inputs(node)?;
        let range = [start, end, axis].map(|name| self.constants.sizes(name));
        let [start, end, axis] = range;
        let (&[0], &[end], &[1]) = (start?.as_slice(), end?.as_slice(), axis?.as_slice()) else {
            return Err("a slice of other than the first numbers".to_owned());
        };
        match self.value(from)? {
            Value::Tensor {
                number: 0,
                quantised: false,
            } if (1..=self.input).contains(&size(end)?) => {
                self.define(node, Value::First(size(end)?))
            }
            _ => Err("a slice of something else than the input, or of more than it has".to_owned()),
        }
    }

    /// The parameters of a layer that reads `input`.
    pub(super) fn weights(
        &mut self,
        input: usize,
        weights: &str,
        bias: &str,
    ) -> Result<(Weights, Vec<i64>), String> {
        let (weights, bias) = (
            self.parameters.remove(weights),
            self.parameters.remove(bias),
        );
        let (
            Some(Parameter::Weights(values, scales, sizes)),
            Some(Parameter::Bias(bias, bias_scales)),
        ) = (weights, bias)
        else {
            return Err("weights or biases that are not quantised, or used twice".to_owned());
        };
        // A bias is in steps of the sum: the product of the two scales, as near as floats go.
        let step = self.scales[input].0;
        let near = |(scale, found): (&f32, &f32)| {
            let product = f64::from(*scale) * f64::from(step);
            (f64::from(*found) - product).abs() <= 1e-6 * product
        };
        if scales.len() != bias_scales.len() || !scales.iter().zip(&bias_scales).all(near) {
            return Err("biases in other steps than sums".to_owned());
        }
        let weights = Weights {
            values,
            scales,
            bias,
        };
        Ok((weights, sizes))
    }
}
