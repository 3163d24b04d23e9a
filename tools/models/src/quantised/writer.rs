//! From a description to ONNX.
//!
//! Every layer is its float operator between numbers that are quantised and dequantised again:
//!
//! ```text
//! QuantizeLinear -> DequantizeLinear -> Conv | Gemm | Add | Resize -> Relu -> QuantizeLinear -> …
//!                   DequantizeLinear ------^ (weights, biases)
//! ```
//!
//! Values are named `layer/what`. A connected layer that makes a map is followed by a reshape with
//! its own pair of quantisers, which is the form that other runtimes fuse.

mod parameters;

use super::dialect::{Dialect, signed_scale};
use crate::ModelsError;
use crate::convert::CONVERTER;
use crate::parts::{int, ints, tensor, text, value_info};
use sfumato_infer::InferError;
use sfumato_infer::onnx::{
    AttributeProto, DataType, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto,
    StringStringEntryProto, TensorProto, ValueInfoProto,
};
use sfumato_infer::quantised::{Description, Form, Kind, Layer, Tensor};

/// Writes a network as a pack holds it.
///
/// Fails when the description contradicts itself.
pub fn write(description: &Description) -> Result<Vec<u8>, ModelsError> {
    write_as(description, Dialect::Integer)
}

/// Writes a network in a dialect.
pub fn write_as(description: &Description, dialect: Dialect) -> Result<Vec<u8>, ModelsError> {
    let tensors = description
        .check()
        .map_err(|error| ModelsError::Generator {
            cause: match error {
                InferError::Baked { cause } => cause,
                other => other.to_string(),
            },
        })?;
    let mut writer = Writer {
        dialect,
        tensors: &tensors,
        values: Vec::with_capacity(tensors.len()),
        nodes: Vec::new(),
        constants: Vec::new(),
    };
    let input = &description.input;
    writer.input(&input.name, input.scale);
    let mut outputs = Vec::new();
    for (index, layer) in description.layers.iter().enumerate() {
        let value = writer.layer(layer, index + 1);
        if let Some(Form::Head { name }) = layer.form() {
            outputs.push(output(name, &tensors[index + 1]));
        }
        writer.values.push(value);
    }
    let (version, ir_version) = dialect.versions();
    let model = ModelProto {
        ir_version,
        producer_name: CONVERTER.0.to_owned(),
        producer_version: VERSION.to_owned(),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version,
        }],
        metadata_props: description
            .metadata
            .iter()
            .map(|(key, value)| StringStringEntryProto {
                key: key.clone(),
                value: value.clone(),
            })
            .collect(),
        graph: Some(GraphProto {
            name: "generator".to_owned(),
            input: vec![value_info(&input.name, &[1, input.numbers])],
            output: outputs,
            node: writer.nodes,
            initializer: writer.constants,
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    };
    Ok(model.encode_to_vec())
}

/// The version of what this writes.
const VERSION: &str = "1";

fn output(name: &str, tensor: &Tensor) -> ValueInfoProto {
    let [channels, height, width] = tensor.shape;
    if tensor.vector {
        value_info(name, &[1, channels])
    } else {
        value_info(name, &[1, channels, height, width])
    }
}

struct Writer<'a> {
    dialect: Dialect,
    tensors: &'a [Tensor],
    /// What each tensor is called where operators read it.
    values: Vec<String>,
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
}

impl Writer<'_> {
    fn input(&mut self, name: &str, scale: f32) {
        if self.dialect != Dialect::Integer {
            self.values.push(name.to_owned());
            return;
        }
        let scale = self.floats(&format!("{name}/scale"), &[], &[scale]);
        let zero = self.constant(&format!("{name}/zero"), DataType::Int16, &[], vec![0; 2]);
        let value = self.quantised(name, "words", "real", name, [scale, zero]);
        self.values.push(value);
    }

    /// Writes a layer and answers what its tensor is called.
    fn layer(&mut self, layer: &Layer, number: usize) -> String {
        let mut input = self.values[layer.input].clone();
        let (kind, mut inputs, attributes) = match &layer.kind {
            Kind::Connected { weights, .. } => {
                let terms = weights.terms();
                if terms < self.tensors[layer.input].numbers() {
                    input = self.first(layer, input, terms);
                }
                let sizes = [weights.bias.len(), terms];
                let names = self.weights(layer, weights, &sizes);
                ("Gemm", names, vec![int("transB", 1)])
            }
            Kind::Convolution {
                kernel,
                depthwise,
                weights,
                ..
            } => {
                let channels = self.tensors[layer.input].shape[0];
                let (group, terms) = if *depthwise {
                    (channels, 1)
                } else {
                    (1, channels)
                };
                let sizes = [weights.bias.len(), terms, *kernel, *kernel];
                let names = self.weights(layer, weights, &sizes);
                let attributes = vec![
                    int("group", group),
                    ints("kernel_shape", &[*kernel; 2]),
                    ints("pads", &[kernel / 2; 4]),
                ];
                ("Conv", names, attributes)
            }
            Kind::Upsample => {
                let name = format!("{}/scales", layer.name);
                let scales = self.floats(&name, &[4], &[1.0, 1.0, 2.0, 2.0]);
                let attributes = vec![
                    text("mode", "nearest"),
                    text("coordinate_transformation_mode", "asymmetric"),
                    text("nearest_mode", "floor"),
                ];
                ("Resize", vec![String::new(), scales], attributes)
            }
            Kind::Add { other, .. } => ("Add", vec![self.values[*other].clone()], vec![]),
        };
        inputs.insert(0, input);
        let tensor = self.tensors[number];
        // A connected layer's sums are a vector, whatever they will be.
        let map = matches!(layer.kind, Kind::Connected { .. }) && !tensor.vector;
        let relu = match layer.form() {
            Some(Form::Head { name }) => {
                let sum = format!("{}/sum", layer.name);
                let sum = if map { &sum } else { name };
                self.node(kind, &layer.name, inputs, sum, attributes);
                if map {
                    self.reshape(layer, sum, name, tensor.shape);
                }
                return name.clone();
            }
            Some(Form::Bytes { relu, .. }) => *relu,
            None => false,
        };
        let mut value = self.named(layer, "sum");
        self.node(kind, &layer.name, inputs, &value, attributes);
        if relu {
            let name = self.named(layer, "relu");
            self.node("Relu", &name, vec![value], &name, vec![]);
            value = name;
        }
        match self.dialect {
            Dialect::Float if map => {
                let name = self.named(layer, "map");
                self.reshape(layer, &value, &name, tensor.shape);
                name
            }
            Dialect::Float => value,
            Dialect::Integer => {
                let pair = self.unsigned(layer, &tensor);
                if !map {
                    return self.quantised(&layer.name, "bytes", "real", &value, pair);
                }
                let vector = self.quantised(&layer.name, "bytes", "vector", &value, pair.clone());
                let name = self.named(layer, "shaped");
                self.reshape(layer, &vector, &name, tensor.shape);
                self.quantised(&layer.name, "map", "real", &name, pair)
            }
            Dialect::TensorRt => {
                if map {
                    let name = self.named(layer, "shaped");
                    self.reshape(layer, &value, &name, tensor.shape);
                    value = name;
                }
                let pair = self.signed(layer, &tensor);
                self.quantised(&layer.name, "bytes", "real", &value, pair)
            }
        }
    }

    fn named(&self, layer: &Layer, what: &str) -> String {
        format!("{}/{what}", layer.name)
    }

    /// Scale and zero point of a layer's unsigned bytes.
    fn unsigned(&mut self, layer: &Layer, tensor: &Tensor) -> [String; 2] {
        let scale = self.floats(&self.named(layer, "scale"), &[], &[tensor.scale]);
        let zero = self.named(layer, "zero");
        let zero = self.constant(&zero, DataType::Uint8, &[], vec![tensor.zero_point]);
        [scale, zero]
    }

    /// Scale and zero point of a layer's signed bytes.
    fn signed(&mut self, layer: &Layer, tensor: &Tensor) -> [String; 2] {
        let scale = signed_scale(tensor.scale, tensor.zero_point);
        let scale = self.floats(&self.named(layer, "scale"), &[], &[scale]);
        let zero = self.named(layer, "zero");
        [scale, self.constant(&zero, DataType::Int8, &[], vec![0])]
    }

    /// A pair of quantisers; answers with the value that operators read.
    fn quantised(
        &mut self,
        owner: &str,
        stored: &str,
        real: &str,
        value: &str,
        [scale, zero]: [String; 2],
    ) -> String {
        let (stored, real) = (format!("{owner}/{stored}"), format!("{owner}/{real}"));
        let inputs = |value: &str| vec![value.to_owned(), scale.clone(), zero.clone()];
        let quantiser = format!("{stored}/quantise");
        self.node("QuantizeLinear", &quantiser, inputs(value), &stored, vec![]);
        let dequantiser = format!("{real}/dequantise");
        self.node(
            "DequantizeLinear",
            &dequantiser,
            inputs(&stored),
            &real,
            vec![],
        );
        real
    }

    fn reshape(&mut self, layer: &Layer, from: &str, to: &str, shape: [usize; 3]) {
        let bytes = [1, shape[0], shape[1], shape[2]]
            .iter()
            .flat_map(|&side| (side as i64).to_le_bytes())
            .collect();
        let sizes = self.constant(&self.named(layer, "shape"), DataType::Int64, &[4], bytes);
        let name = self.named(layer, "reshape");
        self.node("Reshape", &name, vec![from.to_owned(), sizes], to, vec![]);
    }

    /// The first `count` numbers of the network's input.
    fn first(&mut self, layer: &Layer, from: String, count: usize) -> String {
        let mut range = |what: &str, value: usize| {
            let bytes = (value as i64).to_le_bytes().to_vec();
            self.constant(&self.named(layer, what), DataType::Int64, &[1], bytes)
        };
        let [start, end, axis] =
            [("start", 0), ("end", count), ("axis", 1)].map(|(what, value)| range(what, value));
        let (name, slice) = (self.named(layer, "first"), self.named(layer, "slice"));
        self.node("Slice", &slice, vec![from, start, end, axis], &name, vec![]);
        name
    }

    fn node(
        &mut self,
        kind: &str,
        name: &str,
        input: Vec<String>,
        output: &str,
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            op_type: kind.to_owned(),
            name: name.to_owned(),
            input,
            output: vec![output.to_owned()],
            attribute,
            ..NodeProto::default()
        });
    }

    fn floats(&mut self, name: &str, sizes: &[usize], values: &[f32]) -> String {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.constant(name, DataType::Float, sizes, bytes)
    }

    fn constant(&mut self, name: &str, kind: DataType, sizes: &[usize], bytes: Vec<u8>) -> String {
        self.constants.push(tensor(name, kind, sizes, bytes));
        name.to_owned()
    }
}
