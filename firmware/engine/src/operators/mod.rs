//! The operators. What their files say in plain Rust is the definition, and what runs where the
//! processor has no version of its own.

pub(crate) mod add;
pub(crate) mod convolution;
pub(crate) mod copies;
pub(crate) mod depthwise;
pub(crate) mod max_pool;
pub(crate) mod rescale;
pub(crate) mod wide;

use crate::requantise::{Multiplier, Requantise};
use crate::shape::{LANES, Shape};
use alloc::vec::Vec;
use core::ops::Range;

/// Where rows of an output go.
#[derive(Debug)]
pub(crate) enum Destination<'a> {
    /// A tensor in the arena, with its layout's stride.
    Bytes(&'a mut [u8]),
    /// A fixed-point output of the plan: channels only.
    Fixed(&'a mut [i32]),
}

impl Destination<'_> {
    /// Divides rows: the first `rows` of them, and the others.
    pub fn split(self, shape: Shape, rows: usize) -> (Self, Self) {
        match self {
            Destination::Bytes(bytes) => {
                let row = shape.width * shape.channels.next_multiple_of(LANES);
                let (first, second) = bytes.split_at_mut(rows * row);
                (Destination::Bytes(first), Destination::Bytes(second))
            }
            Destination::Fixed(values) => {
                let (first, second) = values.split_at_mut(rows * shape.width * shape.channels);
                (Destination::Fixed(first), Destination::Fixed(second))
            }
        }
    }
}

/// What becomes of a layer's sums.
#[derive(Clone, Debug)]
pub(crate) enum Finish {
    /// Bytes for the next layer.
    Bytes(Requantise),
    /// Whole numbers with binary places, less a constant.
    Fixed(Fixed),
}

/// `apply(sum) - rest`: the last layer of a head keeps all its 32 bits.
#[derive(Clone, Debug)]
pub(crate) struct Fixed {
    /// For each channel.
    pub multipliers: Vec<Multiplier>,
    /// Height, width, channels of the output; empty for none. Within 30 bits, as are the products.
    pub rest: Vec<i32>,
}

impl Finish {
    /// Writes the output of one sum; `line` is its row in `out`, `y` its row in the tensor.
    #[inline]
    fn put(
        &self,
        shape: Shape,
        (y, line, x, channel): (usize, usize, usize, usize),
        sum: i32,
        out: &mut Destination<'_>,
    ) {
        match (self, out) {
            (Finish::Bytes(requantise), Destination::Bytes(bytes)) => {
                let stride = shape.channels.next_multiple_of(LANES);
                bytes[(line * shape.width + x) * stride + channel] = requantise.byte(channel, sum);
            }
            (Finish::Fixed(fixed), Destination::Fixed(values)) => {
                let at = |row: usize| (row * shape.width + x) * shape.channels + channel;
                values[at(line)] = fixed.value(at(y), channel, sum);
            }
            // The builder pairs them; see `Builder::layer`.
            _ => debug_assert!(false, "a layer writes to the other kind of output"),
        }
    }
}

impl Fixed {
    /// The output at `index` (within the tensor) for its sum.
    #[inline]
    pub fn value(&self, index: usize, channel: usize, sum: i32) -> i32 {
        let rest = self.rest.get(index).copied().unwrap_or(0);
        self.multipliers[channel].apply(sum) as i32 - rest
    }
}

/// Every operator, ready to run.
#[derive(Clone, Debug)]
pub(crate) enum Operator {
    Convolution(convolution::Convolution),
    Wide(wide::Wide),
    Depthwise(depthwise::Depthwise),
    Add(add::Add),
    Rescale(rescale::Rescale),
    MaxPool(max_pool::MaxPool),
    Upsample(copies::Upsample),
    Pad(copies::Pad),
    Concat(copies::Concat),
}

impl Operator {
    /// The size of what it computes.
    pub fn output(&self) -> Shape {
        match self {
            Operator::Convolution(operator) => operator.output,
            Operator::Wide(operator) => operator.output,
            Operator::Depthwise(operator) => operator.output,
            Operator::Add(operator) => operator.shape,
            Operator::Rescale(operator) => operator.shape,
            Operator::MaxPool(operator) => operator.output(),
            Operator::Upsample(operator) => operator.output(),
            Operator::Pad(operator) => operator.output,
            Operator::Concat(operator) => operator.output(),
        }
    }

    /// How many multiplications it takes, as one counts them for a network.
    pub fn multiplications(&self) -> u64 {
        let (output, terms) = match self {
            Operator::Convolution(operator) => (
                operator.output,
                operator.geometry.kernel.pow(2) * operator.input.shape.channels,
            ),
            Operator::Wide(operator) => (operator.output, operator.inputs),
            Operator::Depthwise(operator) => (operator.output, operator.geometry.kernel.pow(2)),
            _ => return 0,
        };
        output.len() as u64 * terms as u64
    }

    /// Computes `rows` of the output; `out` is these rows alone.
    pub fn run(&self, inputs: [&[u8]; 2], rows: Range<usize>, out: Destination<'_>) {
        let [first, second] = inputs;
        let out = match (self, out) {
            (Operator::Convolution(operator), out) => return operator.run(first, rows, out),
            // Its output is one pixel, which is never divided.
            (Operator::Wide(operator), out) => return operator.run(first, out),
            (_, Destination::Bytes(out)) => out,
            // Only those two may be heads; see `Builder::head`.
            (_, Destination::Fixed(_)) => return,
        };
        match self {
            Operator::Convolution(_) | Operator::Wide(_) => {}
            Operator::Depthwise(operator) => operator.run(first, rows, out),
            Operator::Add(operator) => operator.run(first, second, rows, out),
            Operator::Rescale(operator) => operator.run(first, rows, out),
            Operator::MaxPool(operator) => operator.run(first, rows, out),
            Operator::Upsample(operator) => operator.run(first, rows, out),
            Operator::Pad(operator) => operator.run(first, rows, out),
            Operator::Concat(operator) => operator.run(first, second, rows, out),
        }
    }
}
