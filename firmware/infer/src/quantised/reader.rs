//! From an ONNX file to a description.
//!
//! Understands the form that the writer makes (`sfumato_models::quantised`): numbers that are quantised and
//! dequantised again between float operators. Node by node, in the file's order, each value is
//! one of [`Value`]; a layer is complete when its sum is quantised, or is an output of the graph.

use super::constants::Constants;
use super::description::{Description, Form, Input, Kind, Layer, Weights};
use super::nodes::{Attributes, Conv, check_gemm, check_resize};
use super::{fault, scan};
use crate::InferError;
use crate::onnx::{DataType, GraphProto, Message, ModelProto, NodeProto, ValueInfoProto};
use std::collections::{HashMap, HashSet};

/// Reads a file and checks it; every mistake is an error that says what to do.
pub fn read(onnx: &[u8]) -> Result<Description, InferError> {
    scan::scan(onnx)?;
    let model = ModelProto::decode(onnx).map_err(|error| fault(error.to_string()))?;
    if !model
        .opset_import
        .iter()
        .any(|set| set.domain.is_empty() && set.version == 21)
    {
        return Err(fault("another set of operators than ONNX's 21".to_owned()));
    }
    let metadata = model.metadata_props.into_iter();
    let metadata = metadata.map(|entry| (entry.key, entry.value)).collect();
    let graph = model.graph.unwrap_or_default();
    let description = graph_of(graph, metadata).map_err(fault)?;
    description.check()?;
    Ok(description)
}

/// Something that has a name in the graph.
#[derive(Clone, Copy, Debug)]
enum Value {
    /// The graph's input, as floats.
    Input,
    /// The input as 16-bit integers.
    Words,
    /// A tensor of the description, dequantised; as bytes where `quantised`.
    Tensor { number: usize, quantised: bool },
    /// A connected layer's vector, dequantised, in another shape.
    Shaped { number: usize, shape: [usize; 3] },
    /// A layer's result in floats, not yet stored; an index into the waiting layers.
    Waiting(usize),
}

/// Parameters that have been dequantised.
enum Parameter {
    Weights(Vec<i8>, Vec<f32>, Vec<i64>),
    Bias(Vec<i32>, Vec<f32>),
}

/// A layer whose sums wait for their form.
struct Waiting {
    layer: Layer,
    relu: bool,
}

struct Reader {
    constants: Constants,
    values: HashMap<String, Value>,
    parameters: HashMap<String, Parameter>,
    waiting: Vec<Option<Waiting>>,
    layers: Vec<Layer>,
    /// Scale and zero point of each tensor; the first is the input's.
    scales: Vec<(f32, u8)>,
    /// Tensors whose shape may no longer change, as somebody reads them.
    used: HashSet<usize>,
    heads: Vec<String>,
}

fn graph_of(graph: GraphProto, metadata: Vec<(String, String)>) -> Result<Description, String> {
    let [input] = graph.input.as_slice() else {
        return Err(format!("{} inputs, not one", graph.input.len()));
    };
    let numbers = numbers(input).ok_or("an input that is no list of floats")?;
    let name = input.name.clone();
    let mut reader = Reader {
        constants: Constants::new(graph.initializer)?,
        values: HashMap::from([(name.clone(), Value::Input)]),
        parameters: HashMap::new(),
        waiting: Vec::new(),
        layers: Vec::new(),
        scales: vec![(0.0, 0)],
        used: HashSet::new(),
        heads: graph.output.into_iter().map(|output| output.name).collect(),
    };
    for node in &graph.node {
        reader
            .node(node)
            .map_err(|cause| format!("{}: {cause}", shown(&node.name)))?;
    }
    if reader.waiting.iter().any(Option::is_some) {
        return Err("a layer whose result is neither stored nor an output".to_owned());
    }
    let heads = reader.layers.iter().filter_map(|layer| match layer.form() {
        Some(Form::Head { name }) => Some(name),
        _ => None,
    });
    if !heads.eq(reader.heads.iter()) {
        return Err("outputs in another order than their layers".to_owned());
    }
    let scale = reader.scales[0].0;
    Ok(Description {
        input: Input {
            name,
            numbers,
            scale,
        },
        layers: reader.layers,
        metadata,
    })
}

impl Reader {
    fn node(&mut self, node: &NodeProto) -> Result<(), String> {
        if !node.domain.is_empty() {
            return Err("an operator that ONNX does not have".to_owned());
        }
        match node.op_type.as_str() {
            "QuantizeLinear" => self.quantise(node),
            "DequantizeLinear" => self.dequantise(node),
            "Gemm" => self.gemm(node),
            "Conv" => self.convolution(node),
            "Relu" => self.relu(node),
            "Add" => self.add(node),
            "Resize" => self.resize(node),
            "Reshape" => self.reshape(node),
            other => Err(format!("operator {} is not known here", shown(other))),
        }
    }

    fn quantise(&mut self, node: &NodeProto) -> Result<(), String> {
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
            Value::Words | Value::Tensor { .. } => {
                return Err("something is quantised that needs it not".to_owned());
            }
        };
        self.define(node, value)
    }

    /// A tensor keeps its scale and zero point.
    fn same(&self, number: usize, found: (f32, u8)) -> Result<(), String> {
        if self.scales.get(number) == Some(&found) {
            return Ok(());
        }
        Err("moving numbers changes their scale".to_owned())
    }

    /// A connected layer's vector becomes a map, before anybody has read it as a vector.
    fn reshape_layer(&mut self, number: usize, to: [usize; 3]) -> Result<(), String> {
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

    fn dequantise(&mut self, node: &NodeProto) -> Result<(), String> {
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

    fn gemm(&mut self, node: &NodeProto) -> Result<(), String> {
        check_gemm(node)?;
        let [input, weights, bias] = inputs(node)?;
        let input = self.read(input)?;
        let (weights, sizes) = self.weights(input, weights, bias)?;
        let &[outputs, _] = sizes.as_slice() else {
            return Err("weights that are no table".to_owned());
        };
        let shape = [size(outputs)?, 1, 1];
        let kind = Kind::Connected {
            shape,
            weights,
            output: PENDING,
        };
        self.wait(node, input, kind)
    }

    fn convolution(&mut self, node: &NodeProto) -> Result<(), String> {
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

    fn relu(&mut self, node: &NodeProto) -> Result<(), String> {
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

    fn add(&mut self, node: &NodeProto) -> Result<(), String> {
        Attributes::of(node, &[])?;
        let [input, other] = inputs(node)?;
        let (input, other) = (self.read(input)?, self.read(other)?);
        let kind = Kind::Add {
            other,
            output: PENDING,
        };
        self.wait(node, input, kind)
    }

    fn resize(&mut self, node: &NodeProto) -> Result<(), String> {
        check_resize(node)?;
        let [input, _, scales] = inputs(node)?;
        if self.constants.floats(scales)? != [1.0, 1.0, 2.0, 2.0] {
            return Err("a resize to other than twice the size".to_owned());
        }
        let input = self.read(input)?;
        self.wait(node, input, Kind::Upsample)
    }

    fn reshape(&mut self, node: &NodeProto) -> Result<(), String> {
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

    /// The number of a tensor that an operator reads; its shape stays from now on.
    fn read(&mut self, name: &str) -> Result<usize, String> {
        match self.value(name)? {
            Value::Tensor {
                number,
                quantised: false,
            } => {
                self.used.insert(number);
                Ok(number)
            }
            _ => Err(format!("{} is not dequantised", shown(name))),
        }
    }

    /// The parameters of a layer that reads `input`.
    fn weights(
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

    /// A layer whose operator has been read; complete at once where it is an output of the graph.
    fn wait(&mut self, node: &NodeProto, input: usize, kind: Kind) -> Result<(), String> {
        let layer = Layer {
            name: node.name.clone(),
            input,
            kind,
        };
        self.waiting.push(Some(Waiting { layer, relu: false }));
        self.define(node, Value::Waiting(self.waiting.len() - 1))
    }

    fn value(&self, name: &str) -> Result<Value, String> {
        let value = self.values.get(name).copied();
        value.ok_or_else(|| format!("{} is not there, or comes later", shown(name)))
    }

    fn define(&mut self, node: &NodeProto, value: Value) -> Result<(), String> {
        let name = output(node)?;
        if self.heads.iter().any(|head| head == name) {
            let waiting = match value {
                Value::Waiting(index) => self.waiting.get_mut(index).and_then(Option::take),
                _ => None,
            };
            let Some(Waiting {
                mut layer,
                relu: false,
            }) = waiting
            else {
                return Err(format!("output {} is not a layer's sums", shown(name)));
            };
            if matches!(layer.kind, Kind::Upsample) {
                return Err("upsampling cannot end a head".to_owned());
            }
            layer.set(Form::Head {
                name: name.to_owned(),
            });
            self.layers.push(layer);
            self.scales.push((0.0, 0));
            return Ok(());
        }
        if self.values.insert(name.to_owned(), value).is_some() {
            return Err(format!("{} is there twice", shown(name)));
        }
        Ok(())
    }

    fn parameter(&mut self, node: &NodeProto, parameter: Parameter) -> Result<(), String> {
        self.parameters.insert(output(node)?.to_owned(), parameter);
        Ok(())
    }
}

/// Stands in a layer that waits.
const PENDING: Form = Form::Bytes {
    scale: 0.0,
    zero_point: 0,
    relu: false,
};

impl Layer {
    fn set(&mut self, form: Form) {
        match &mut self.kind {
            Kind::Connected { output, .. }
            | Kind::Convolution { output, .. }
            | Kind::Add { output, .. } => *output = form,
            Kind::Upsample => {}
        }
    }
}

/// A vector's numbers as a map.
fn resized(from: [usize; 3], to: [usize; 3]) -> Result<[usize; 3], String> {
    let numbers = to
        .iter()
        .try_fold(1usize, |product, &side| product.checked_mul(side));
    if numbers == Some(from[0]) {
        return Ok(to);
    }
    Err(format!("{to:?} numbers of {}", from[0]))
}

fn size(value: i64) -> Result<usize, String> {
    usize::try_from(value).map_err(|_| format!("a size of {value}"))
}

/// The inputs of a node, exactly as many as asked for.
fn inputs<const COUNT: usize>(node: &NodeProto) -> Result<[&str; COUNT], String> {
    let names: Vec<&str> = node.input.iter().map(String::as_str).collect();
    names.try_into().map_err(|names: Vec<&str>| {
        format!("{} with {} inputs, not {COUNT}", node.op_type, names.len())
    })
}

fn output(node: &NodeProto) -> Result<&str, String> {
    match node.output.as_slice() {
        [name] => Ok(name),
        _ => Err("more or fewer outputs than one".to_owned()),
    }
}

/// The length of an input of shape `[1, length]` in floats.
fn numbers(input: &ValueInfoProto) -> Option<usize> {
    use crate::onnx::{dimension::Value::DimValue, type_proto::Value::TensorType};
    let TensorType(tensor) = input.r#type.as_ref()?.value.as_ref()?;
    let sides = &tensor.shape.as_ref()?.dim;
    let [first, second] = sides.as_slice() else {
        return None;
    };
    match (&first.value, &second.value) {
        (Some(DimValue(1)), Some(DimValue(length)))
            if tensor.elem_type == DataType::Float as i32 =>
        {
            usize::try_from(*length).ok()
        }
        _ => None,
    }
}

/// A foreign name for a message, not longer than a line.
fn shown(name: &str) -> String {
    format!("{:?}", name.chars().take(64).collect::<String>())
}
