//! The nodes that quantise and dequantise: each ends a layer, or names numbers again.

use super::{Parameter, Reader, Value, Waiting, inputs, resized};
use crate::onnx::{DataType, NodeProto};
use crate::quantised::description::{Form, Kind};
use crate::quantised::nodes::Attributes;

impl Reader {
    pub(super) fn quantise(&mut self, node: &NodeProto) -> Result<(), String> {
        Attributes::of(node, &["axis"])?;
        let [from, scale, zero] = inputs(node)?;
        let scale = self.constants.scalar(scale)?;
        let value = match self.value(from)? {
            Value::Input => {
                self.constants.zeros(zero, DataType::Int16)?;
                if self.scales[0].0 != 0.0 {
                    return Err("the input is quantised twice".to_owned());
                }
                self.scales[0].0 = scale;
                Value::Words
            }
            Value::Waiting(index) => {
                let zero_point = self.constants.byte(zero)?;
                let waiting = self.waiting.get_mut(index).and_then(Option::take);
                let Waiting { mut layer, relu } =
                    waiting.ok_or("a layer's result is stored twice")?;
                if let Kind::Upsample = layer.kind {
                    self.same(layer.input, (scale, zero_point))?;
                }
                layer.set(Form::Bytes {
                    scale,
                    zero_point,
                    relu,
                });
                self.layers.push(layer);
                self.scales.push((scale, zero_point));
                Value::Tensor {
                    number: self.layers.len(),
                    quantised: true,
                }
            }
            Value::Shaped { number, shape } => {
                self.same(number, (scale, self.constants.byte(zero)?))?;
                self.reshape_layer(number, shape)?;
                Value::Tensor {
                    number,
                    quantised: true,
                }
            }
            Value::Words | Value::First(_) | Value::Tensor { .. } => {
                return Err("something is quantised that needs it not".to_owned());
            }
        };
        self.define(node, value)
    }

    /// A tensor keeps its scale and zero point.
    pub(super) fn same(&self, number: usize, found: (f32, u8)) -> Result<(), String> {
        if self.scales.get(number) == Some(&found) {
            return Ok(());
        }
        Err("moving numbers changes their scale".to_owned())
    }

    /// A connected layer's vector becomes a map, before anybody has read it as a vector.
    pub(super) fn reshape_layer(&mut self, number: usize, to: [usize; 3]) -> Result<(), String> {
        let layer = number
            .checked_sub(1)
            .and_then(|index| self.layers.get_mut(index));
        match layer.map(|layer| &mut layer.kind) {
            Some(Kind::Connected { shape, .. })
                if shape[1..] == [1, 1] && !self.used.contains(&number) =>
            {
                *shape = resized(*shape, to)?;
                Ok(())
            }
            _ => Err("only what a connected layer makes can become a map, once".to_owned()),
        }
    }

    pub(super) fn dequantise(&mut self, node: &NodeProto) -> Result<(), String> {
        let attributes = Attributes::of(node, &["axis"])?;
        let from = node.input.first().ok_or("no input")?.as_str();
        let per_channel = |reader: &Reader, scale: &str| -> Result<Vec<f32>, String> {
            if attributes.int("axis", 1) != 0 {
                return Err("parameters quantised along another axis than outputs".to_owned());
            }
            reader.constants.floats(scale)
        };
        if self.constants.kind(from) == Some(DataType::Int8 as i32) {
            let [_, scale, zero] = inputs(node)?;
            let scales = per_channel(self, scale)?;
            if self.constants.zeros(zero, DataType::Int8)? != scales.len() {
                return Err("zero points of another number than scales".to_owned());
            }
            let (values, sizes) = self.constants.take_weights(from)?;
            return self.parameter(node, Parameter::Weights(values, scales, sizes));
        }
        if self.constants.contains(from) {
            let [_, scale] = inputs(node)?;
            let scales = per_channel(self, scale)?;
            let values = self.constants.take_bias(from)?;
            return self.parameter(node, Parameter::Bias(values, scales));
        }
        let [_, scale, zero] = inputs(node)?;
        let scale = self.constants.scalar(scale)?;
        match self.value(from)? {
            Value::Words if scale == self.scales[0].0 => {
                self.constants.zeros(zero, DataType::Int16)?;
                self.define(
                    node,
                    Value::Tensor {
                        number: 0,
                        quantised: false,
                    },
                )
            }
            Value::Tensor {
                number,
                quantised: true,
            } => {
                self.same(number, (scale, self.constants.byte(zero)?))?;
                self.define(
                    node,
                    Value::Tensor {
                        number,
                        quantised: false,
                    },
                )
            }
            _ => Err("something is dequantised that was stored otherwise".to_owned()),
        }
    }
}
