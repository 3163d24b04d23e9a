//! Reading TensorFlow Lite files: tables of offsets become a plain graph.
//!
//! The bytes are checked twice. The verifier of the `flatbuffers` library proves that all
//! offsets stay inside the file; this module proves that all numbers of tensors, buffers and
//! operators exist and that weights have the size of their shape. What it returns can be used
//! without a further check. A damaged file gives an error, never a panic.
//!
//! Weights come out as 32-bit floats (16-bit ones widened, which is exact; sparse ones with their
//! zeros filled in), so that `DEQUANTIZE` and `DENSIFY` of a weight disappear.

use crate::tflite_generated::tflite as schema;
use crate::{ModelsError, sparse};
use half::f16;

/// Most values of a tensor: far more than any face model has, far less than memory.
pub(crate) const MOST_VALUES: usize = 1 << 26;

/// A network: tensors and the operators that connect them, in the order they run.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All tensors; operators name them by index.
    pub tensors: Vec<Tensor>,
    /// The operators in order.
    pub operators: Vec<Operator>,
    /// Tensors that go in.
    pub inputs: Vec<usize>,
    /// Tensors that come out.
    pub outputs: Vec<usize>,
}

/// A tensor of a network.
#[derive(Clone, Debug, Default)]
pub struct Tensor {
    /// Its name in the file.
    pub name: String,
    /// Its shape; pictures are batch, height, width, channels.
    pub shape: Vec<usize>,
    /// Its values if they are fixed.
    pub values: Option<Values>,
}

/// Fixed values.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Weights.
    Float(Vec<f32>),
    /// Shapes and paddings.
    Int(Vec<i32>),
}

/// One step of a network.
#[derive(Clone, Debug)]
pub struct Operator {
    /// What it does.
    pub operation: Operation,
    /// The tensors it reads.
    pub inputs: Vec<usize>,
    /// The tensor it makes.
    pub output: usize,
}

/// How a window is padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// So that the output has the input's size over the stride, rounded up.
    Same,
    /// Not at all.
    Valid,
}

/// What follows an operator at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    None,
    /// Negative values become 0.
    Relu,
    /// Values are held within 0 and 6.
    Relu6,
}

/// What an operator does; pairs are vertical, horizontal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Convolution: picture, weights `[out, height, width, in]`, bias.
    Conv {
        /// How it is padded.
        padding: Padding,
        /// Step from one output to the next.
        stride: [usize; 2],
        /// What follows.
        activation: Activation,
    },
    /// Convolution of each channel by itself: picture, weights `[1, height, width, channels]`, bias.
    DepthwiseConv {
        /// How it is padded.
        padding: Padding,
        /// Step from one output to the next.
        stride: [usize; 2],
        /// What follows.
        activation: Activation,
    },
    /// Largest value of a window.
    MaxPool {
        /// How it is padded.
        padding: Padding,
        /// Step from one output to the next.
        stride: [usize; 2],
        /// Size of the window.
        window: [usize; 2],
    },
    /// Sum of two tensors of one shape.
    Add {
        /// What follows.
        activation: Activation,
    },
    /// Negative values become 0.
    Relu,
    /// Values are held within 0 and 6.
    Relu6,
    /// Negative values are multiplied, by a factor for each channel.
    PRelu,
    /// Zeros around a tensor: tensor, counts before and after for each axis.
    Pad,
    /// Same values, other shape: that of the output.
    Reshape,
    /// Tensors one after the other.
    Concat {
        /// Along which axis.
        axis: usize,
    },
    /// Linear interpolation to the output's size.
    ResizeBilinear {
        /// Whether pixel centres lie at halves; else corners have positions 0.
        half_pixel_centers: bool,
        /// Whether the first and last pixels stay where they are.
        align_corners: bool,
    },
    /// Channels become `block` x `block` pixels.
    DepthToSpace {
        /// Pixels a side.
        block: usize,
    },
    /// None of these; by its name.
    Other(String),
}

/// Reads a model with one subgraph.
pub fn parse(bytes: &[u8]) -> Result<Graph, ModelsError> {
    let model = schema::root_as_model(bytes)
        .map_err(|error| ModelsError::format(format!("damaged: {error}")))?;
    if !schema::model_buffer_has_identifier(bytes) || model.version() != 3 {
        return Err(ModelsError::format("not version 3 of the format"));
    }
    let subgraphs = model.subgraphs().unwrap_or_default();
    if subgraphs.len() != 1 {
        return Err(ModelsError::format(format!(
            "{} subgraphs instead of 1",
            subgraphs.len()
        )));
    }
    let subgraph = subgraphs.get(0);
    let mut graph = Graph::default();
    for tensor in subgraph.tensors().unwrap_or_default() {
        graph.tensors.push(read_tensor(&model, tensor)?);
    }
    let count = graph.tensors.len();
    graph.inputs = indices(subgraph.inputs(), count)?;
    graph.outputs = indices(subgraph.outputs(), count)?;
    for operator in subgraph.operators().unwrap_or_default() {
        read_operator(&model, operator, &mut graph)?;
    }
    Ok(graph)
}

fn read_tensor(
    model: &schema::Model<'_>,
    tensor: schema::Tensor<'_>,
) -> Result<Tensor, ModelsError> {
    let name = tensor.name().unwrap_or_default().to_owned();
    let mut shape = Vec::new();
    for size in tensor.shape().unwrap_or_default() {
        shape.push(to_size(size)?);
    }
    let values = shape
        .iter()
        .try_fold(1usize, |product, size| product.checked_mul(*size))
        .filter(|values| *values <= MOST_VALUES)
        .ok_or_else(|| ModelsError::format(format!("tensor {name} is too large")))?;
    let buffers = model.buffers().unwrap_or_default();
    let index = tensor.buffer() as usize;
    if index >= buffers.len() {
        return Err(ModelsError::format(format!(
            "tensor {name} has no buffer {index}"
        )));
    }
    let data = buffers
        .get(index)
        .data()
        .map(|data| data.bytes())
        .unwrap_or_default();
    if data.is_empty() {
        return Ok(Tensor {
            name,
            shape,
            values: None,
        });
    }
    let mut fixed = match tensor.type_() {
        schema::TensorType::FLOAT32 => Values::Float(numbers(data, f32::from_le_bytes)),
        schema::TensorType::FLOAT16 => {
            Values::Float(numbers(data, |bytes| f16::from_le_bytes(bytes).to_f32()))
        }
        schema::TensorType::INT32 => Values::Int(numbers(data, i32::from_le_bytes)),
        other => {
            return Err(ModelsError::format(format!(
                "tensor {name} holds {other:?}"
            )));
        }
    };
    if let (Some(sparsity), Values::Float(stored)) = (tensor.sparsity(), &mut fixed) {
        *stored = sparse::densify(&shape, stored, sparsity)?;
    }
    let got = match &fixed {
        Values::Float(values) => values.len(),
        Values::Int(values) => values.len(),
    };
    if got != values {
        return Err(ModelsError::format(format!(
            "tensor {name} of shape {shape:?} has {got} values"
        )));
    }
    Ok(Tensor {
        name,
        shape,
        values: Some(fixed),
    })
}

fn numbers<const N: usize, T>(data: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
    data.chunks_exact(N)
        .filter_map(|chunk| chunk.try_into().ok().map(&read))
        .collect()
}

fn read_operator(
    model: &schema::Model<'_>,
    operator: schema::Operator<'_>,
    graph: &mut Graph,
) -> Result<(), ModelsError> {
    use schema::BuiltinOperator as Code;
    let codes = model.operator_codes().unwrap_or_default();
    let index = operator.opcode_index() as usize;
    if index >= codes.len() {
        return Err(ModelsError::format(format!("no operator code {index}")));
    }
    let code = codes.get(index);
    // Old writers fill only the first field, which holds a byte.
    let code = Code(
        code.builtin_code()
            .0
            .max(i32::from(code.deprecated_builtin_code())),
    );
    let inputs = indices(operator.inputs(), graph.tensors.len())?;
    let outputs = indices(operator.outputs(), graph.tensors.len())?;
    let &[output] = outputs.as_slice() else {
        return Err(ModelsError::format(format!(
            "{code:?} with {} outputs",
            outputs.len()
        )));
    };
    let missing = || ModelsError::format(format!("{code:?} without its options"));
    let operation = match code {
        Code::DEQUANTIZE | Code::DENSIFY => {
            let values = inputs
                .first()
                .and_then(|input| graph.tensors.get(*input))
                .and_then(|tensor| tensor.values.clone());
            let tensor = graph.tensors.get_mut(output);
            return match (values, tensor) {
                (Some(Values::Float(values)), Some(tensor))
                    if values.len() == tensor.shape.iter().product::<usize>() =>
                {
                    tensor.values = Some(Values::Float(values));
                    Ok(())
                }
                _ => Err(ModelsError::format(format!(
                    "{code:?} of something that is not a weight"
                ))),
            };
        }
        Code::CONV_2D => {
            let options = operator
                .builtin_options_as_conv_2_doptions()
                .ok_or_else(missing)?;
            undilated(options.dilation_h_factor(), options.dilation_w_factor())?;
            Operation::Conv {
                padding: to_padding(options.padding())?,
                stride: to_pair(options.stride_h(), options.stride_w())?,
                activation: to_activation(options.fused_activation_function())?,
            }
        }
        Code::DEPTHWISE_CONV_2D => {
            let options = operator
                .builtin_options_as_depthwise_conv_2_doptions()
                .ok_or_else(missing)?;
            undilated(options.dilation_h_factor(), options.dilation_w_factor())?;
            Operation::DepthwiseConv {
                padding: to_padding(options.padding())?,
                stride: to_pair(options.stride_h(), options.stride_w())?,
                activation: to_activation(options.fused_activation_function())?,
            }
        }
        Code::MAX_POOL_2D => {
            let options = operator
                .builtin_options_as_pool_2_doptions()
                .ok_or_else(missing)?;
            if to_activation(options.fused_activation_function())? != Activation::None {
                return Err(ModelsError::format("pooling with an activation"));
            }
            Operation::MaxPool {
                padding: to_padding(options.padding())?,
                stride: to_pair(options.stride_h(), options.stride_w())?,
                window: to_pair(options.filter_height(), options.filter_width())?,
            }
        }
        Code::ADD => {
            let options = operator
                .builtin_options_as_add_options()
                .ok_or_else(missing)?;
            Operation::Add {
                activation: to_activation(options.fused_activation_function())?,
            }
        }
        Code::RELU => Operation::Relu,
        Code::RELU6 => Operation::Relu6,
        Code::PRELU => Operation::PRelu,
        Code::PAD => Operation::Pad,
        Code::RESHAPE => Operation::Reshape,
        Code::CONCATENATION => {
            let options = operator
                .builtin_options_as_concatenation_options()
                .ok_or_else(missing)?;
            if to_activation(options.fused_activation_function())? != Activation::None {
                return Err(ModelsError::format("concatenation with an activation"));
            }
            Operation::Concat {
                axis: to_size(options.axis())?,
            }
        }
        Code::RESIZE_BILINEAR => {
            let options = operator
                .builtin_options_as_resize_bilinear_options()
                .ok_or_else(missing)?;
            Operation::ResizeBilinear {
                half_pixel_centers: options.half_pixel_centers(),
                align_corners: options.align_corners(),
            }
        }
        Code::DEPTH_TO_SPACE => {
            let options = operator
                .builtin_options_as_depth_to_space_options()
                .ok_or_else(missing)?;
            Operation::DepthToSpace {
                block: to_size(options.block_size())?.max(1),
            }
        }
        other => Operation::Other(format!("{other:?}")),
    };
    graph.operators.push(Operator {
        operation,
        inputs,
        output,
    });
    Ok(())
}

fn indices(
    list: Option<flatbuffers::Vector<'_, i32>>,
    count: usize,
) -> Result<Vec<usize>, ModelsError> {
    list.unwrap_or_default()
        .iter()
        .map(|index| {
            usize::try_from(index)
                .ok()
                .filter(|index| *index < count)
                .ok_or_else(|| ModelsError::format(format!("no tensor {index}")))
        })
        .collect()
}

fn to_size(value: i32) -> Result<usize, ModelsError> {
    usize::try_from(value).map_err(|_| ModelsError::format(format!("a size of {value}")))
}

fn to_pair(vertical: i32, horizontal: i32) -> Result<[usize; 2], ModelsError> {
    let pair = [to_size(vertical)?, to_size(horizontal)?];
    if pair.contains(&0) {
        return Err(ModelsError::format("a stride or window of 0"));
    }
    Ok(pair)
}

fn undilated(vertical: i32, horizontal: i32) -> Result<(), ModelsError> {
    if (vertical, horizontal) == (1, 1) {
        return Ok(());
    }
    Err(ModelsError::format("dilated convolution"))
}

fn to_padding(padding: schema::Padding) -> Result<Padding, ModelsError> {
    match padding {
        schema::Padding::SAME => Ok(Padding::Same),
        schema::Padding::VALID => Ok(Padding::Valid),
        other => Err(ModelsError::format(format!("padding {other:?}"))),
    }
}

fn to_activation(activation: schema::ActivationFunctionType) -> Result<Activation, ModelsError> {
    match activation {
        schema::ActivationFunctionType::NONE => Ok(Activation::None),
        schema::ActivationFunctionType::RELU => Ok(Activation::Relu),
        schema::ActivationFunctionType::RELU6 => Ok(Activation::Relu6),
        other => Err(ModelsError::format(format!("activation {other:?}"))),
    }
}
