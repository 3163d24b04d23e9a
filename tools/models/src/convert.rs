//! From a TensorFlow Lite graph to ONNX.
//!
//! Pictures change their layout from channels last to channels first; a tensor of rank 4 that is
//! not a weight is a picture. Two things are rearranged, neither changes a bit of the result:
//! zeros padded around a picture just before a convolution become the convolution's own padding,
//! and an activation fused into an operator becomes an operator of its own (the engine fuses it
//! again).
//!
//! The result is the same bytes on every machine.

use crate::ModelsError;
use crate::parts::{int, ints, tensor, text, value_info};
use crate::tflite::{Activation, Graph, Operation, Operator, Padding, Values};
use sfumato_infer::onnx::{
    AttributeProto, DataType, GraphProto, Message, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, ValueInfoProto,
};
use std::collections::HashMap;

/// Name and version of this converter, written into every file: a change of what it writes is
/// a change of this, so that old files are made anew.
pub const CONVERTER: (&str, &str) = ("sfumato-models", "1");

/// Converts a graph; `name` and `origin` (the source file's hash) are written into the file.
pub fn convert(graph: &Graph, name: &str, origin: &str) -> Result<Vec<u8>, ModelsError> {
    let mut writer = Writer {
        graph,
        nodes: Vec::new(),
        weights: Vec::new(),
        pads: HashMap::new(),
    };
    for operator in &graph.operators {
        writer.operator(operator)?;
    }
    // Padding that could not be given to a convolution has been written by now, but for outputs.
    let ends = |list: &[usize]| -> Result<Vec<ValueInfoProto>, ModelsError> {
        list.iter().map(|index| writer.value_info(*index)).collect()
    };
    let (input, output) = (ends(&graph.inputs)?, ends(&graph.outputs)?);
    if graph
        .outputs
        .iter()
        .any(|index| writer.pads.contains_key(index))
    {
        return Err(ModelsError::format("an output that is padding"));
    }
    let model = ModelProto {
        ir_version: 8,
        producer_name: CONVERTER.0.to_owned(),
        producer_version: CONVERTER.1.to_owned(),
        doc_string: origin.to_owned(),
        opset_import: vec![OperatorSetIdProto {
            domain: String::new(),
            version: 13,
        }],
        graph: Some(GraphProto {
            name: name.to_owned(),
            input,
            output,
            node: writer.nodes,
            initializer: writer.weights,
            ..GraphProto::default()
        }),
        ..ModelProto::default()
    };
    Ok(model.encode_to_vec())
}

/// How many multiplications a run takes and how many weights there are, in that order.
pub fn cost(graph: &Graph) -> (u64, u64) {
    let (mut products, mut weights) = (0, 0);
    for operator in &graph.operators {
        let tensors = operator
            .inputs
            .iter()
            .filter_map(|index| graph.tensors.get(*index));
        for tensor in tensors {
            if let Some(Values::Float(values)) = &tensor.values {
                weights += values.len() as u64;
            }
        }
        let size = |index: usize| {
            graph
                .tensors
                .get(index)
                .map(|tensor| tensor.shape.as_slice())
        };
        let kernel = operator.inputs.get(1).and_then(|index| size(*index));
        let (Some(output), Some(&[_, height, width, depth])) = (size(operator.output), kernel)
        else {
            continue;
        };
        let outputs = output.iter().product::<usize>();
        products += match operator.operation {
            Operation::Conv { .. } => outputs * height * width * depth,
            Operation::DepthwiseConv { .. } => outputs * height * width,
            _ => 0,
        } as u64;
    }
    (products, weights)
}

/// Zeros around a picture: top, left, bottom, right.
type Pads = [usize; 4];

struct Writer<'a> {
    graph: &'a Graph,
    nodes: Vec<NodeProto>,
    weights: Vec<TensorProto>,
    /// Tensors that are another tensor with zeros around it, not written yet.
    pads: HashMap<usize, (usize, Pads)>,
}

impl Writer<'_> {
    fn operator(&mut self, operator: &Operator) -> Result<(), ModelsError> {
        let output = operator.output;
        let result = tensor_name(output);
        match &operator.operation {
            Operation::Conv {
                padding,
                stride,
                activation,
            } => self.conv(operator, *padding, *stride, *activation, false),
            Operation::DepthwiseConv {
                padding,
                stride,
                activation,
            } => self.conv(operator, *padding, *stride, *activation, true),
            Operation::MaxPool {
                padding,
                stride,
                window,
            } => {
                let input = input(operator, 0)?;
                let pads = self.pads_of(input, *padding, *stride, *window)?;
                let name = self.value(input)?;
                self.node(
                    "MaxPool",
                    vec![name],
                    &result,
                    vec![
                        ints("kernel_shape", window),
                        ints("pads", &pads),
                        ints("strides", stride),
                    ],
                );
                Ok(())
            }
            Operation::Add { activation } => {
                let (a, b) = (input(operator, 0)?, input(operator, 1)?);
                if self.shape(a) != self.shape(output) || self.shape(b) != self.shape(output) {
                    return Err(ModelsError::format("a sum of different shapes"));
                }
                let names = vec![self.value(a)?, self.value(b)?];
                self.activated("Add", names, &result, vec![], *activation);
                Ok(())
            }
            Operation::Relu => {
                let name = self.value(input(operator, 0)?)?;
                self.node("Relu", vec![name], &result, vec![]);
                Ok(())
            }
            Operation::Relu6 => {
                let name = self.value(input(operator, 0)?)?;
                self.clip6(name, &result);
                Ok(())
            }
            Operation::PRelu => {
                let name = self.value(input(operator, 0)?)?;
                let factors = self.floats(input(operator, 1)?)?.to_vec();
                let channels = self.channels(output)?;
                if factors.len() != channels {
                    return Err(ModelsError::format(
                        "PRELU whose factors are not one a channel",
                    ));
                }
                let weights = self.weight(&format!("{result}_slope"), &[channels, 1, 1], &factors);
                self.node("PRelu", vec![name, weights], &result, vec![]);
                Ok(())
            }
            Operation::Pad => self.pad(operator),
            Operation::Reshape => {
                let source = input(operator, 0)?;
                let mut name = self.value(source)?;
                if self.is_picture(source) {
                    let moved = format!("{result}_channels_last");
                    self.node(
                        "Transpose",
                        vec![name],
                        &moved,
                        vec![ints("perm", &[0, 2, 3, 1])],
                    );
                    name = moved;
                }
                if self.is_picture(output) {
                    return Err(ModelsError::format("a reshape that makes a picture"));
                }
                let shape = self.shape(output).to_vec();
                let shape = self.integers(&format!("{result}_shape"), &shape);
                self.node("Reshape", vec![name, shape], &result, vec![]);
                Ok(())
            }
            Operation::Concat { axis } => {
                let axis = if self.is_picture(output) {
                    *[0, 2, 3, 1].get(*axis).unwrap_or(&0)
                } else {
                    *axis
                };
                let names = operator
                    .inputs
                    .iter()
                    .map(|input| self.value(*input))
                    .collect::<Result<_, _>>()?;
                self.node("Concat", names, &result, vec![int("axis", axis)]);
                Ok(())
            }
            Operation::ResizeBilinear {
                half_pixel_centers,
                align_corners,
            } => {
                let source = input(operator, 0)?;
                let name = self.value(source)?;
                let mode = match (half_pixel_centers, align_corners) {
                    (true, false) => "half_pixel",
                    (false, true) => "align_corners",
                    (false, false) => "asymmetric",
                    (true, true) => {
                        return Err(ModelsError::format("a resize that contradicts itself"));
                    }
                };
                let (from, to) = (self.picture(source)?, self.picture(output)?);
                let scales = [
                    1.0,
                    1.0,
                    to[0] as f32 / from[0] as f32,
                    to[1] as f32 / from[1] as f32,
                ];
                let scales = self.weight(&format!("{result}_scales"), &[4], &scales);
                self.node(
                    "Resize",
                    vec![name, String::new(), scales],
                    &result,
                    vec![
                        text("mode", "linear"),
                        text("coordinate_transformation_mode", mode),
                    ],
                );
                Ok(())
            }
            Operation::Other(name) => Err(ModelsError::format(format!(
                "operator {name} is not known here"
            ))),
            Operation::DepthToSpace { block } => {
                let name = self.value(input(operator, 0)?)?;
                self.node(
                    "DepthToSpace",
                    vec![name],
                    &result,
                    vec![int("blocksize", *block), text("mode", "DCR")],
                );
                Ok(())
            }
        }
    }

    fn conv(
        &mut self,
        operator: &Operator,
        padding: Padding,
        stride: [usize; 2],
        activation: Activation,
        depthwise: bool,
    ) -> Result<(), ModelsError> {
        let result = tensor_name(operator.output);
        let mut source = input(operator, 0)?;
        let weights = input(operator, 1)?;
        let &[a, height, width, d] = self.shape(weights) else {
            return Err(ModelsError::format("convolution weights of another rank"));
        };
        let mut pads = self.pads_of(source, padding, stride, [height, width])?;
        if let (Some((inner, zeros)), true) = (self.pads.get(&source), pads == [0; 4]) {
            (source, pads) = (*inner, *zeros);
        }
        let channels = self.channels(source)?;
        // Depthwise weights are [1, height, width, channels], others [out, height, width, in].
        let (outputs, inputs, group) = if depthwise {
            (d, 1, channels)
        } else {
            (a, d, 1)
        };
        let fits = if depthwise {
            a == 1 && d == channels
        } else {
            d == channels
        };
        if !fits || self.channels(operator.output)? != outputs {
            return Err(ModelsError::format("convolution weights of another shape"));
        }
        let values = self.floats(weights)?;
        let mut moved = Vec::with_capacity(values.len());
        for output in 0..outputs {
            for input in 0..inputs {
                for place in 0..height * width {
                    let index = if depthwise {
                        place * outputs + output
                    } else {
                        (output * height * width + place) * inputs + input
                    };
                    moved.push(values.get(index).copied().unwrap_or_default());
                }
            }
        }
        let bias = self.floats(input(operator, 2)?)?.to_vec();
        if bias.len() != outputs {
            return Err(ModelsError::format("a bias of another length"));
        }
        let names = vec![
            self.value(source)?,
            self.weight(
                &format!("{result}_weights"),
                &[outputs, inputs, height, width],
                &moved,
            ),
            self.weight(&format!("{result}_bias"), &[outputs], &bias),
        ];
        let attributes = vec![
            int("group", group),
            ints("kernel_shape", &[height, width]),
            ints("pads", &pads),
            ints("strides", &stride),
        ];
        self.activated("Conv", names, &result, attributes, activation);
        Ok(())
    }

    fn pad(&mut self, operator: &Operator) -> Result<(), ModelsError> {
        let source = input(operator, 0)?;
        let output = operator.output;
        let Some(Values::Int(counts)) = &self.tensor(input(operator, 1)?).values else {
            return Err(ModelsError::format("padding that is not fixed"));
        };
        let counts: Vec<usize> = counts
            .iter()
            .map(|count| usize::try_from(*count).unwrap_or(usize::MAX))
            .collect();
        let &[0, 0, top, bottom, left, right, before, after] = counts.as_slice() else {
            return Err(ModelsError::format(
                "padding of something that is no picture",
            ));
        };
        if !self.is_picture(source) {
            return Err(ModelsError::format(
                "padding of something that is no picture",
            ));
        }
        let users = self
            .graph
            .operators
            .iter()
            .filter(|user| user.inputs.contains(&output));
        let convolutions_only = users.clone().count() > 0
            && users.clone().all(|user| {
                matches!(
                    user.operation,
                    Operation::Conv {
                        padding: Padding::Valid,
                        ..
                    } | Operation::DepthwiseConv {
                        padding: Padding::Valid,
                        ..
                    }
                )
            });
        if (before, after) == (0, 0) && convolutions_only && !self.pads.contains_key(&source) {
            self.pads
                .insert(output, (source, [top, left, bottom, right]));
            return Ok(());
        }
        let result = tensor_name(output);
        let name = self.value(source)?;
        let pads = self.integers(
            &format!("{result}_pads"),
            &[0, before, top, left, 0, after, bottom, right],
        );
        self.node("Pad", vec![name, pads], &result, vec![]);
        Ok(())
    }

    /// Writes a node followed by an activation.
    fn activated(
        &mut self,
        kind: &str,
        inputs: Vec<String>,
        result: &str,
        attributes: Vec<AttributeProto>,
        activation: Activation,
    ) {
        let raw = format!("{result}_raw");
        match activation {
            Activation::None => self.node(kind, inputs, result, attributes),
            Activation::Relu => {
                self.node(kind, inputs, &raw, attributes);
                self.node("Relu", vec![raw], result, vec![]);
            }
            Activation::Relu6 => {
                self.node(kind, inputs, &raw, attributes);
                self.clip6(raw, result);
            }
        }
    }

    fn clip6(&mut self, name: String, result: &str) {
        let least = self.weight(&format!("{result}_least"), &[], &[0.0]);
        let most = self.weight(&format!("{result}_most"), &[], &[6.0]);
        self.node("Clip", vec![name, least, most], result, vec![]);
    }

    fn node(
        &mut self,
        kind: &str,
        input: Vec<String>,
        result: &str,
        attribute: Vec<AttributeProto>,
    ) {
        self.nodes.push(NodeProto {
            op_type: kind.to_owned(),
            name: format!("{kind}_{result}"),
            input,
            output: vec![result.to_owned()],
            attribute,
            ..NodeProto::default()
        });
    }

    fn weight(&mut self, name: &str, shape: &[usize], values: &[f32]) -> String {
        let bytes = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        self.fixed(name, DataType::Float, shape, bytes)
    }

    fn integers(&mut self, name: &str, values: &[usize]) -> String {
        let bytes = values
            .iter()
            .flat_map(|value| (*value as i64).to_le_bytes())
            .collect();
        self.fixed(name, DataType::Int64, &[values.len()], bytes)
    }

    fn fixed(&mut self, name: &str, kind: DataType, shape: &[usize], bytes: Vec<u8>) -> String {
        self.weights.push(tensor(name, kind, shape, bytes));
        name.to_owned()
    }

    /// The name of a tensor that is computed; fixed ones and padding have their own ways.
    fn value(&self, index: usize) -> Result<String, ModelsError> {
        if self.tensor(index).values.is_some() || self.pads.contains_key(&index) {
            return Err(ModelsError::format(format!(
                "tensor {} where a picture is needed",
                self.tensor(index).name
            )));
        }
        Ok(tensor_name(index))
    }

    fn floats(&self, index: usize) -> Result<&[f32], ModelsError> {
        match &self.tensor(index).values {
            Some(Values::Float(values)) => Ok(values),
            _ => Err(ModelsError::format(format!(
                "tensor {} is not a weight",
                self.tensor(index).name
            ))),
        }
    }

    // The reader has proved all indices of operators.
    fn tensor(&self, index: usize) -> &crate::tflite::Tensor {
        &self.graph.tensors[index]
    }

    fn shape(&self, index: usize) -> &[usize] {
        &self.tensor(index).shape
    }

    fn is_picture(&self, index: usize) -> bool {
        self.shape(index).len() == 4
    }

    fn channels(&self, index: usize) -> Result<usize, ModelsError> {
        match self.shape(index) {
            &[_, _, _, channels] => Ok(channels),
            shape => Err(ModelsError::format(format!("{shape:?} is no picture"))),
        }
    }

    /// Height and width, not 0.
    fn picture(&self, index: usize) -> Result<[usize; 2], ModelsError> {
        match self.shape(index) {
            &[_, height, width, _] if height > 0 && width > 0 => Ok([height, width]),
            shape => Err(ModelsError::format(format!("{shape:?} is no picture"))),
        }
    }

    fn pads_of(
        &self,
        index: usize,
        padding: Padding,
        stride: [usize; 2],
        window: [usize; 2],
    ) -> Result<Pads, ModelsError> {
        let size = self.picture(index)?;
        if padding == Padding::Valid {
            return Ok([0; 4]);
        }
        let total = |axis: usize| {
            let outputs = size[axis].div_ceil(stride[axis]);
            ((outputs - 1) * stride[axis] + window[axis]).saturating_sub(size[axis])
        };
        let (vertical, horizontal) = (total(0), total(1));
        // An odd one goes to the end.
        Ok([
            vertical / 2,
            horizontal / 2,
            vertical - vertical / 2,
            horizontal - horizontal / 2,
        ])
    }

    fn value_info(&self, index: usize) -> Result<ValueInfoProto, ModelsError> {
        let shape = match self.shape(index) {
            &[batch, height, width, channels] => vec![batch, channels, height, width],
            other => other.to_vec(),
        };
        Ok(value_info(&self.value(index)?, &shape))
    }
}

fn tensor_name(index: usize) -> String {
    format!("t{index}")
}

fn input(operator: &Operator, index: usize) -> Result<usize, ModelsError> {
    operator.inputs.get(index).copied().ok_or_else(|| {
        ModelsError::format(format!("{:?} without input {index}", operator.operation))
    })
}
