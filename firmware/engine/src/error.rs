//! What can be wrong with a network, and with a call.

use crate::shape::Shape;

/// Why a network cannot become a plan.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum BuildError {
    /// Every side must be at least 1 and the tensor below 2^28 numbers.
    #[error("a tensor of {0:?} is empty or too large: sides from 1, in all below 2^28")]
    Size(Shape),
    /// A list of parameters has the wrong length.
    #[error("{what}: {expected} numbers are needed, {found} were given")]
    Length {
        /// Which list.
        what: &'static str,
        /// How many the shapes ask for.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// Kernel, stride or padding is outside what the engine does.
    #[error("{0}")]
    Geometry(&'static str),
    /// The two tensors must have the same shape here.
    #[error("shapes must agree here: {0:?} and {1:?}")]
    Shapes(Shape, Shape),
    /// The two tensors must have the same scale and zero point here; rescale one first.
    #[error("scale and zero point must agree here: rescale one of the two first")]
    Quantisation,
    /// Scales must be finite and above zero.
    #[error("{what}: a scale must be finite and above 0, not {value}")]
    Scale {
        /// Which scale.
        what: &'static str,
        /// What it was.
        value: f32,
    },
    /// A sum's step is so coarse that single steps jump over a quarter of the output's; check the scales.
    #[error(
        "channel {channel}: input scale times weight scale over output scale is {ratio}; it must be below {limit}"
    )]
    Ratio {
        /// The output channel.
        channel: usize,
        /// The step of a sum in steps of the output.
        ratio: f64,
        /// What it must stay below.
        limit: f64,
    },
    /// The largest sum that weights, bias and zero point allow leaves 32 bits (or 30 as fixed point).
    #[error(
        "channel {channel}: sums can reach {reach}, which does not fit; scale the weights down"
    )]
    Overflow {
        /// The output channel.
        channel: usize,
        /// The largest magnitude.
        reach: i64,
    },
    /// A weight or bias must be finite.
    #[error("a weight or bias must be finite, not {0}")]
    Weight(f32),
    /// A slope must be finite.
    #[error("a slope must be finite, not {0}")]
    Slope(f32),
    /// The lower limit of a clamp must not be above the upper one.
    #[error("a clamp from {0} to {1} is empty or not a number")]
    Clamp(f32, f32),
    /// The rest of a head must lie within 30 bits.
    #[error("the rest at {0} is outside +-2^30")]
    Rest(usize),
    /// The handle is another builder's; noticed where this one has no such tensor.
    #[error("this tensor is not of this network")]
    Foreign,
    /// A plan without output would do nothing.
    #[error("the network has no output")]
    NoOutput,
}

/// Why a run was refused; nothing has been computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// The number of inputs or outputs is wrong.
    #[error("{what}: the plan has {expected}, {found} were given")]
    Count {
        /// Inputs or outputs.
        what: &'static str,
        /// How many the plan has.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// A slice has the wrong length or kind.
    #[error("{what} {index}: {expected} numbers are needed, {found} were given")]
    Length {
        /// Input or output.
        what: &'static str,
        /// Which of them.
        index: usize,
        /// How many numbers it has.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// Bytes were offered for an input of words, or the other way round.
    #[error("input {0} is of the other kind: bytes against words")]
    InputKind(usize),
    /// Bytes were offered for a fixed-point output, or the other way round.
    #[error("output {0} is of the other kind: bytes against fixed point")]
    Kind(usize),
}
