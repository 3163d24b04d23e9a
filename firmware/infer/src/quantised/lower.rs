//! From a description to the engine's plan.
//!
//! The file stores maps channel by channel, the engine pixel by pixel: kernels change their
//! order, and so do the rows of a connected layer that makes a map.

use super::check::Tensor;
use super::description::{Description, Form, Kind, Layer, Weights};
use super::fault;
use crate::InferError;
use sfumato_engine::{
    self as engine, Activation, BuildError, Builder, FixedPoint, Geometry, Instructions, Plan,
    Quantisation, Shape, WideTensor,
};

/// Binary places of a head's numbers.
pub const FRACTION_BITS: u32 = 24;

/// A plan and, for each head, how far its numbers must be moved up to have [`FRACTION_BITS`].
pub struct Lowered {
    pub plan: Plan,
    pub shifts: Vec<u32>,
}

/// A tensor of the engine.
#[derive(Clone, Copy)]
enum Handle {
    Wide(WideTensor),
    Bytes(engine::Tensor),
    Head,
}

/// Builds the plan of a checked network.
pub fn lower(
    description: &Description,
    tensors: &[Tensor],
    instructions: Instructions,
) -> Result<Lowered, InferError> {
    let mut builder = Builder::new();
    let input = &description.input;
    let wide = builder
        .wide_input(input.numbers, input.scale)
        .map_err(|error| fault(format!("input: {error}")))?;
    let mut handles = vec![Handle::Wide(wide)];
    let mut shifts = Vec::new();
    for (layer, tensor) in description.layers.iter().zip(&tensors[1..]) {
        let handle = add(&mut builder, layer, tensor, &handles, &mut shifts)
            .map_err(|error| fault(format!("layer {}: {error}", layer.name)))?;
        handles.push(handle);
    }
    let plan = builder
        .build(instructions)
        .map_err(|error| fault(error.to_string()))?;
    Ok(Lowered { plan, shifts })
}

fn add(
    builder: &mut Builder,
    layer: &Layer,
    tensor: &Tensor,
    handles: &[Handle],
    shifts: &mut Vec<u32>,
) -> Result<Handle, BuildError> {
    let bytes = |number: usize| match handles[number] {
        Handle::Bytes(bytes) => Ok(bytes),
        _ => Err(BuildError::Foreign),
    };
    let (activation, stored) = match layer.form() {
        Some(Form::Bytes { relu: true, .. }) => (Activation::Relu, stored(tensor)),
        _ => (Activation::Linear, stored(tensor)),
    };
    let [channels, height, width] = tensor.shape;
    let head = tensor.head;
    match &layer.kind {
        Kind::Connected { weights, .. } => {
            let own = rows_by_pixel(weights, tensor.shape);
            let terms = weights.terms();
            let shape = Shape::new(height, width, channels);
            match handles[layer.input] {
                Handle::Wide(input) if head => deepest(builder, shifts, |builder, form| {
                    builder.wide_fully_connected_head(input.first(terms), &own.view(), form)
                }),
                Handle::Wide(input) => builder
                    .wide_fully_connected(
                        input.first(terms),
                        shape,
                        &own.view(),
                        activation,
                        stored,
                    )
                    .map(Handle::Bytes),
                Handle::Bytes(input) if head => deepest(builder, shifts, |builder, form| {
                    builder.fully_connected_head(input, &own.view(), form)
                }),
                Handle::Bytes(input) => builder
                    .fully_connected(input, shape, &own.view(), activation, stored)
                    .map(Handle::Bytes),
                Handle::Head => Err(BuildError::Foreign),
            }
        }
        Kind::Convolution {
            kernel,
            depthwise,
            weights,
            ..
        } => {
            let input = bytes(layer.input)?;
            let geometry = Geometry::centred(*kernel, 1);
            if *depthwise {
                let weights = view(weights, &weights.values);
                let output = builder.depthwise(input, geometry, &weights, activation, stored);
                return output.map(Handle::Bytes);
            }
            let values = inputs_last(&weights.values, channels, kernel * kernel);
            let weights = view(weights, &values);
            if head {
                return deepest(builder, shifts, |builder, form| {
                    builder.convolution_head(input, geometry, &weights, form)
                });
            }
            builder
                .convolution(input, geometry, &weights, activation, stored)
                .map(Handle::Bytes)
        }
        Kind::Upsample => builder.upsample(bytes(layer.input)?).map(Handle::Bytes),
        Kind::Add { other, .. } => builder
            .add([bytes(layer.input)?, bytes(*other)?], activation, stored)
            .map(Handle::Bytes),
    }
}

/// Adds a head with the most binary places at which its largest sums surely fit.
///
/// The engine proves that from the weights alone; what a head really gives is far smaller.
fn deepest(
    builder: &mut Builder,
    shifts: &mut Vec<u32>,
    mut head: impl FnMut(&mut Builder, FixedPoint<'_>) -> Result<(), BuildError>,
) -> Result<Handle, BuildError> {
    let mut fraction_bits = FRACTION_BITS;
    loop {
        let form = FixedPoint {
            fraction_bits,
            rest: None,
        };
        match head(builder, form) {
            Err(BuildError::Overflow { .. } | BuildError::Ratio { .. }) if fraction_bits > 0 => {
                fraction_bits -= 1;
            }
            result => {
                shifts.push(FRACTION_BITS - fraction_bits);
                return result.map(|()| Handle::Head);
            }
        }
    }
}

fn stored(tensor: &Tensor) -> Quantisation {
    Quantisation {
        scale: tensor.scale,
        zero_point: tensor.zero_point,
    }
}

fn view<'a>(weights: &'a Weights, values: &'a [i8]) -> engine::Weights<'a> {
    engine::Weights {
        values,
        scales: &weights.scales,
        bias: &weights.bias,
    }
}

impl Weights {
    fn view(&self) -> engine::Weights<'_> {
        view(self, &self.values)
    }
}

/// The rows of a connected layer's weights, from channel, row, column to row, column, channel.
fn rows_by_pixel(weights: &Weights, [channels, height, width]: [usize; 3]) -> Weights {
    let pixels = height * width;
    let order =
        (0..pixels).flat_map(|pixel| (0..channels).map(move |channel| channel * pixels + pixel));
    let terms = weights.terms();
    let mut own = Weights {
        values: Vec::with_capacity(weights.values.len()),
        scales: Vec::with_capacity(weights.scales.len()),
        bias: Vec::with_capacity(weights.bias.len()),
    };
    for row in order {
        own.values
            .extend_from_slice(&weights.values[row * terms..][..terms]);
        own.scales.push(weights.scales[row]);
        own.bias.push(weights.bias[row]);
    }
    own
}

/// Output, input, place of the kernel to output, place, input.
fn inputs_last(values: &[i8], outputs: usize, places: usize) -> Vec<i8> {
    let mut moved = Vec::with_capacity(values.len());
    for output in values.chunks_exact(values.len() / outputs) {
        for place in 0..places {
            moved.extend(output.iter().skip(place).step_by(places));
        }
    }
    moved
}
