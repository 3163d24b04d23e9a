//! From the nodes of an ONNX file to operators of the engine.
//!
//! Pictures change from channels first to channels last, which the engine does by itself. A reshaped picture is
//! only ever a list of numbers here, and lists can only be put one after the other.

use super::Unsupported;
use super::file::{Fixed, integer, list, shape, text, unsupported};
use prost::Message;
use sfumato_engine::float::{Activation, Builder, Order, Tensor, Weights};
use sfumato_engine::{BuildError, Geometry, Shape};
use std::collections::HashMap;
use tract_onnx::pb::{ModelProto, NodeProto};

/// What a name of the file stands for.
#[derive(Clone, Debug)]
enum Value {
    /// `[1, channels, height, width]`.
    Picture(Tensor),
    /// `[1, height, width, channels]`.
    ChannelsLast(Tensor),
    /// `[1, count, each]` numbers: pictures with channels last, one after the other.
    List {
        parts: Vec<Tensor>,
        count: usize,
        each: usize,
    },
}

struct Lowering<'a> {
    fixed: Fixed<'a>,
    values: HashMap<&'a str, Value>,
    builder: Builder,
}

/// The operators of a file whose one input has the shape `input`.
pub(crate) fn compile(onnx: &[u8], input: &[usize]) -> Result<Builder, Unsupported> {
    let model = ModelProto::decode(onnx).map_err(|error| Unsupported(error.to_string()))?;
    let known = model
        .opset_import
        .iter()
        .all(|set| set.domain.is_empty() && (11..=21).contains(&set.version));
    if !known {
        return Err(Unsupported::new(
            "operators of another version than 11 to 21",
        ));
    }
    let graph = model
        .graph
        .as_ref()
        .ok_or_else(|| Unsupported::new("a file without a graph"))?;
    let fixed = Fixed::of(graph);
    let mut inputs = graph.input.iter().filter(|value| !fixed.is(&value.name));
    let (Some(given), None) = (inputs.next(), inputs.next()) else {
        return Err(Unsupported::new("not one input"));
    };
    let &[1, channels, height, width] = input else {
        return Err(Unsupported::new("an input that is not one picture"));
    };
    if shape(given).as_deref() != Some(input) {
        return Err(Unsupported::new("an input of another shape"));
    }
    let mut builder = Builder::new();
    let picture = builder
        .input(Shape::new(height, width, channels))
        .map_err(|error| Unsupported(error.to_string()))?;
    let mut lowering = Lowering {
        fixed,
        values: HashMap::from([(given.name.as_str(), Value::Picture(picture))]),
        builder,
    };
    for node in &graph.node {
        let value = lowering.node(node)?;
        let [name] = node.output.as_slice() else {
            return Err(unsupported(node, "not one result"));
        };
        lowering.values.insert(name, value);
    }
    for output in &graph.output {
        lowering.output(&output.name)?;
    }
    Ok(lowering.builder)
}

impl<'a> Lowering<'a> {
    fn output(&mut self, name: &str) -> Result<(), Unsupported> {
        let value = self.values.get(name).cloned();
        let (parts, order) = match value {
            Some(Value::Picture(tensor)) => (vec![tensor], Order::Planes),
            Some(Value::ChannelsLast(tensor)) => (vec![tensor], Order::Pixels),
            Some(Value::List { parts, .. }) => (parts, Order::Pixels),
            None => return Err(Unsupported(format!("no node makes the output `{name}`"))),
        };
        self.builder
            .output(&parts, order)
            .map_err(|error| Unsupported(error.to_string()))
    }

    fn value(&self, node: &NodeProto, index: usize) -> Result<Value, Unsupported> {
        let name = node.input.get(index).map_or("", String::as_str);
        let value = self.values.get(name).cloned();
        value.ok_or_else(|| unsupported(node, "an input that is no picture"))
    }

    fn picture(&self, node: &NodeProto, index: usize) -> Result<Tensor, Unsupported> {
        match self.value(node, index)? {
            Value::Picture(tensor) => Ok(tensor),
            _ => Err(unsupported(node, "an input that is no picture")),
        }
    }

    fn shape(&self, node: &NodeProto, tensor: Tensor) -> Result<Shape, Unsupported> {
        self.builder
            .shape(tensor)
            .map_err(|error| unsupported(node, &error.to_string()))
    }

    fn node(&mut self, node: &'a NodeProto) -> Result<Value, Unsupported> {
        if !node.domain.is_empty() {
            return Err(unsupported(node, "an operator of another domain"));
        }
        let made = match node.op_type.as_str() {
            "Conv" => self.convolution(node)?,
            "Relu" => {
                let input = self.picture(node, 0)?;
                self.builder.activation(input, Activation::Relu)
            }
            "PRelu" => self.slopes(node)?,
            "Clip" => self.clamp(node)?,
            "Add" => {
                let terms = (self.picture(node, 0)?, self.picture(node, 1)?);
                self.builder.add(terms.0, terms.1)
            }
            "Pad" => self.pad(node)?,
            "MaxPool" => self.max_pool(node)?,
            "Resize" => self.resize(node)?,
            "DepthToSpace" => {
                if text(node, "mode").is_some_and(|mode| mode != b"DCR") {
                    return Err(unsupported(node, "another order of channels"));
                }
                let block =
                    integer(node, "blocksize").and_then(|block| usize::try_from(block).ok());
                let input = self.picture(node, 0)?;
                self.builder.depth_to_space(input, block.unwrap_or(0))
            }
            "Transpose" => {
                let input = self.picture(node, 0)?;
                if list(node, "perm")?.as_deref() != Some(&[0, 2, 3, 1]) {
                    return Err(unsupported(node, "another order of axes"));
                }
                return Ok(Value::ChannelsLast(input));
            }
            "Reshape" => return self.reshape(node),
            "Concat" => return self.concat(node),
            _ => return Err(unsupported(node, "not an operator of this engine")),
        };
        made.map(Value::Picture)
            .map_err(|error| unsupported(node, &error.to_string()))
    }

    fn convolution(&mut self, node: &NodeProto) -> Made {
        let input = self.picture(node, 0)?;
        let shape = self.shape(node, input)?;
        let (values, weights) = self.fixed.floats(node, 1)?;
        let &[outputs, inputs, kernel, also] = weights.as_slice() else {
            return Err(unsupported(node, "weights that are not of a picture"));
        };
        let bias = match node.input.get(2) {
            Some(name) if !name.is_empty() => self.fixed.floats(node, 2)?.0,
            _ => vec![0.0; outputs],
        };
        let ones = |sizes: Option<Vec<usize>>| sizes.is_none_or(|sizes| sizes == [1, 1]);
        let padding = list(node, "pads")?.unwrap_or_else(|| vec![0; 4]);
        let (Ok(padding), true, true) = (
            <[usize; 4]>::try_from(padding),
            kernel == also && ones(list(node, "dilations")?),
            text(node, "auto_pad").is_none_or(|pad| pad == b"NOTSET"),
        ) else {
            return Err(unsupported(node, "another geometry"));
        };
        let [top, left, bottom, right] = padding;
        // Where the kernel fits just once, any step will do.
        let once = (shape.height + top + bottom, shape.width + left + right) == (kernel, kernel);
        let stride = match list(node, "strides")?.as_deref() {
            _ if once => 1,
            None => 1,
            Some(&[stride, other]) if stride == other => stride,
            Some(_) => return Err(unsupported(node, "steps that differ")),
        };
        let geometry = Geometry {
            kernel,
            stride,
            padding,
        };
        let group = integer(node, "group").unwrap_or(1);
        // Both have the kernel last; ours has it before the input channels.
        let values = channels_last(&values, inputs, kernel * kernel);
        let weights = Weights {
            values: &values,
            bias: &bias,
        };
        if group == 1 {
            Ok(self.builder.convolution(input, geometry, &weights))
        } else if inputs == 1 && outputs == shape.channels && i64::try_from(outputs) == Ok(group) {
            Ok(self.builder.depthwise(input, geometry, &weights))
        } else {
            Err(unsupported(node, "groups of channels"))
        }
    }

    fn slopes(&mut self, node: &NodeProto) -> Made {
        let input = self.picture(node, 0)?;
        let channels = self.shape(node, input)?.channels;
        let (mut slopes, shape) = self.fixed.floats(node, 1)?;
        match shape.as_slice() {
            [] | [1] | [1, 1, 1] | [1, 1, 1, 1] => slopes = vec![slopes[0]; channels],
            [_, 1, 1] | [1, _, 1, 1] => {}
            _ => return Err(unsupported(node, "slopes that are not one a channel")),
        }
        Ok(self.builder.activation(input, Activation::Slopes(&slopes)))
    }

    fn clamp(&mut self, node: &NodeProto) -> Made {
        let input = self.picture(node, 0)?;
        let limit = |index: usize, none: f32| match node.input.get(index) {
            Some(name) if !name.is_empty() => match self.fixed.floats(node, index)?.0.as_slice() {
                [limit] => Ok(*limit),
                _ => Err(unsupported(node, "a limit that is not one number")),
            },
            _ => Ok(none),
        };
        let (low, high) = (limit(1, f32::NEG_INFINITY)?, limit(2, f32::INFINITY)?);
        Ok(self.builder.activation(input, Activation::Clamp(low, high)))
    }

    fn pad(&mut self, node: &NodeProto) -> Made {
        let input = self.picture(node, 0)?;
        let channels = self.shape(node, input)?.channels;
        let zero = match node.input.get(2) {
            Some(name) if !name.is_empty() => self.fixed.floats(node, 2)?.0 == [0.0],
            _ => true,
        };
        let constant = text(node, "mode").is_none_or(|mode| mode == b"constant");
        let pads = self.fixed.integers(node, 1)?;
        let (&[0, 0, 0, 0, 0, after, 0, 0], true) = (pads.as_slice(), zero && constant) else {
            return Err(unsupported(node, "other than further channels of zeros"));
        };
        let after = usize::try_from(after).map_err(|_| unsupported(node, "a size below 0"))?;
        Ok(self
            .builder
            .pad_channels(input, channels.saturating_add(after)))
    }

    fn max_pool(&mut self, node: &NodeProto) -> Made {
        let input = self.picture(node, 0)?;
        let two = |name| Ok(list(node, name)?.as_deref() == Some(&[2, 2]));
        let no =
            |name, one| Ok(list(node, name)?.is_none_or(|list| list.iter().all(|n| *n == one)));
        let known = two("kernel_shape")?
            && two("strides")?
            && no("pads", 0)?
            && no("dilations", 1)?
            && integer(node, "ceil_mode").unwrap_or(0) == 0
            && text(node, "auto_pad").is_none_or(|pad| pad == b"NOTSET");
        if !known {
            return Err(unsupported(node, "other than 2x2 pixels"));
        }
        Ok(self.builder.max_pool(input))
    }

    fn resize(&mut self, node: &NodeProto) -> Made {
        let input = self.picture(node, 0)?;
        let known = node.input.len() == 3
            && self.fixed.floats(node, 2)?.0 == [1.0, 1.0, 2.0, 2.0]
            && text(node, "mode") == Some(b"linear")
            && text(node, "coordinate_transformation_mode")
                .is_none_or(|mode| mode == b"half_pixel")
            && integer(node, "exclude_outside").unwrap_or(0) == 0
            && integer(node, "antialias").unwrap_or(0) == 0;
        if !known {
            return Err(unsupported(node, "other than twice the size, linearly"));
        }
        Ok(self.builder.upsample(input))
    }

    fn reshape(&self, node: &NodeProto) -> Result<Value, Unsupported> {
        let Value::ChannelsLast(picture) = self.value(node, 0)? else {
            return Err(unsupported(
                node,
                "of other than a picture with channels last",
            ));
        };
        let length = self.shape(node, picture)?.len();
        match self.fixed.integers(node, 1)?.as_slice() {
            &[1, count, each] => {
                let sizes = usize::try_from(count).ok().zip(usize::try_from(each).ok());
                let fits =
                    |(count, each): &(usize, usize)| count.checked_mul(*each) == Some(length);
                let (count, each) = sizes
                    .filter(fits)
                    .ok_or_else(|| unsupported(node, "sizes that are not stated or do not fit"))?;
                Ok(Value::List {
                    parts: vec![picture],
                    count,
                    each,
                })
            }
            _ => Err(unsupported(node, "other than to a list")),
        }
    }

    fn concat(&self, node: &NodeProto) -> Result<Value, Unsupported> {
        if !matches!(integer(node, "axis"), Some(1 | -2)) {
            return Err(unsupported(node, "along another axis"));
        }
        let (mut all, mut total, mut size) = (Vec::new(), 0, None);
        for index in 0..node.input.len() {
            let Value::List { parts, count, each } = self.value(node, index)? else {
                return Err(unsupported(node, "of other than lists"));
            };
            if *size.get_or_insert(each) != each {
                return Err(unsupported(node, "of lists that do not fit together"));
            }
            all.extend(parts);
            total += count;
        }
        Ok(Value::List {
            parts: all,
            count: total,
            each: size.unwrap_or(0),
        })
    }
}

/// A new tensor; the engine's own error still lacks the place where it happened.
type Made = Result<Result<Tensor, BuildError>, Unsupported>;

/// Weights in the order output, place, input of those in the order output, input, place.
fn channels_last(values: &[f32], inputs: usize, places: usize) -> Vec<f32> {
    let mut moved = Vec::with_capacity(values.len());
    for output in values.chunks_exact((inputs * places).max(1)) {
        for place in 0..places {
            moved.extend(output.iter().skip(place).step_by(places));
        }
    }
    moved
}
