//! What the steps of a plan compute: the definitions.
//!
//! Numbers are 32-bit floats. A sum starts from its bias and takes in one product after the other,
//! each by one fused multiplication and addition, which rounds once. Then the second tensor is added,
//! then the activation is applied; each of these rounds once. Around a tensor are zeros; they are
//! multiplied and added like other numbers.

use crate::shape::{Geometry, Shape};
use alloc::vec::Vec;

/// What becomes of a number at the end of a step.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Function {
    Linear,
    Relu,
    Clamp(f32, f32),
    /// For each channel.
    Slopes(Vec<f32>),
}

/// Every output channel of all input channels; products in the order kernel row, kernel column, input channel.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    pub geometry: Geometry,
    /// Output channel, kernel row, kernel column, input channel.
    pub weights: Vec<f32>,
    /// For each output channel.
    pub bias: Vec<f32>,
    /// What its input goes through first; then this is a 1x1 convolution.
    pub before: Option<Depthwise>,
}

/// Each channel by itself; products in the order kernel row, kernel column.
#[derive(Clone, Debug)]
pub(crate) struct Depthwise {
    pub geometry: Geometry,
    /// Channel, kernel row, kernel column.
    pub weights: Vec<f32>,
    /// For each channel.
    pub bias: Vec<f32>,
    pub function: Function,
}

/// What a step computes from its first input.
#[derive(Clone, Debug)]
pub(crate) enum Operator {
    Dense(Dense),
    Depthwise(Depthwise),
    /// The input itself, with further channels of zeros where the output has more.
    Copy,
    /// The largest of 2x2 pixels `a b / c d`, as max(max(max(a, b), c), d) by channel.
    MaxPool,
    /// Twice the size, linearly between the pixels' centres: `mul_add(0.25, far, 0.75 * near)`
    /// of rows, then of columns; the last pixel goes on beyond the edge.
    Upsample,
    /// Channel `(by * block + bx) * c + i` becomes channel `i` of pixel `(y * block + by, x * block + bx)`.
    DepthToSpace(usize),
    /// A planar picture with its channels together.
    Interleave,
}

/// A tensor that is added before the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Second {
    pub tensor: usize,
    /// Its largest of 2x2 pixels instead.
    pub pooled: bool,
}

/// One step of a plan, in terms of tensors by number.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub operator: Operator,
    pub input: usize,
    /// Channels that it lacks are zeros.
    pub second: Option<Second>,
    pub function: Function,
    pub output: usize,
}

impl Operator {
    /// Whether a second tensor can be added at its end, and a function applied.
    pub fn has_end(&self) -> bool {
        !matches!(self, Operator::DepthToSpace(_) | Operator::Interleave)
    }

    /// What it looks at for one output number.
    pub fn geometry(&self) -> Geometry {
        match self {
            Operator::Dense(Dense {
                before: Some(depthwise),
                ..
            })
            | Operator::Depthwise(depthwise) => depthwise.geometry,
            Operator::Dense(dense) => dense.geometry,
            _ => Geometry::POINT,
        }
    }

    /// How many multiplications an output of this shape takes, as one counts them for a network.
    pub fn multiplications(&self, output: Shape) -> u64 {
        let pixels = (output.height * output.width) as u64;
        match self {
            Operator::Dense(dense) => {
                let before = dense.before.as_ref();
                pixels
                    * (dense.weights.len() + before.map_or(0, |before| before.weights.len())) as u64
            }
            Operator::Depthwise(depthwise) => pixels * depthwise.weights.len() as u64,
            _ => 0,
        }
    }
}
