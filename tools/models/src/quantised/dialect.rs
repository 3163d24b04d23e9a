//! The three ways in which a generator is written, and where they differ.

/// A way to write a generator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// As it runs: 16-bit input, unsigned bytes between layers, signed weights, whole biases. Opset 21.
    Integer,
    /// The same numbers in 32-bit floats, nothing quantised on the way. Opset 13.
    Float,
    /// Explicit quantisation as TensorRT wants it. Opset 13.
    ///
    /// Signed bytes with zero point 0 everywhere: what is stored in 0 to 255 steps is stored in 0 to 127 steps of
    /// twice the size. Weights are floats, quantised and dequantised in the file; biases are floats; the first
    /// layers, which read the input itself, are not quantised at all, and nor are outputs.
    TensorRt,
}

impl Dialect {
    /// The set of operators that it needs, and the version of the file format that goes with it.
    pub(super) fn versions(self) -> (i64, i64) {
        match self {
            Dialect::Integer => (21, 10),
            Dialect::Float | Dialect::TensorRt => (13, 8),
        }
    }
}

/// How a layer's bytes are stored in TensorRT's dialect: the scale of a signed byte.
///
/// Twice the step where 0 is the least byte, as after a ReLU; otherwise what reaches as far on the
/// longer side. Both keep the range but for less than half a hundredth at its end.
pub(super) fn signed_scale(scale: f32, zero_point: u8) -> f32 {
    match zero_point {
        0 => 2.0 * scale,
        _ => scale * f32::from(zero_point.max(255 - zero_point)) / 127.0,
    }
}
