//! From an ONNX file to a description.
//!
//! Understands the form that the writer makes (`sfumato_models::quantised`): numbers that are quantised and
//! dequantised again between float operators. Node by node, in the file's order, each value is
//! one of [`Value`] (`operators`, `quantisers`); a layer is complete when its sum is quantised, or is an output of the graph.

mod operators;
mod quantisers;

use super::constants::Constants;
use super::description::{Description, Form, Input, Kind, Layer};
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
    /// The first numbers of the input, dequantised; so many.
    First(usize),
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
    /// How many numbers the network's input has.
    input: usize,
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
        input: numbers,
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
            "Slice" => self.slice(node),
            other => Err(format!("operator {} is not known here", shown(other))),
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
