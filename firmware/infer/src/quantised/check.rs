//! Whether a description makes sense, and what its tensors look like.

use super::description::{Description, Form, Input, Kind, Layer, Weights};
use super::fault;
use crate::InferError;

/// What a checked network's tensor looks like to those who read it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tensor {
    /// Channels, rows, columns.
    pub shape: [usize; 3],
    /// The real number that one step stands for; for a head that of nothing.
    pub scale: f32,
    /// The byte that stands for 0.
    pub zero_point: u8,
    /// A vector has neither rows nor columns.
    pub vector: bool,
    /// Nobody may read a head.
    pub head: bool,
}

impl Tensor {
    /// How many numbers it holds.
    pub fn numbers(&self) -> usize {
        self.shape.iter().product()
    }
}

/// More layers than any portrait needs; bounds what a foreign file can ask for.
const MOST_LAYERS: usize = 512;
/// The most numbers of a tensor: 256 channels at 128x128.
const MOST_NUMBERS: usize = 1 << 22;
/// The most inputs.
const MOST_INPUTS: usize = 4096;
/// The most bytes of all tensors together, with channels filled up to 16 as the engine does.
const MOST_BYTES: usize = 1 << 26;
/// The most multiplications of a run, ten times what is meant.
const MOST_MULTIPLICATIONS: u64 = 4_000_000_000;

impl Description {
    /// Checks everything that does not need the engine; answers with the tensors by number.
    ///
    /// What overflows or cannot be rescaled exactly is for the engine to refuse.
    pub fn check(&self) -> Result<Vec<Tensor>, InferError> {
        let Input {
            name,
            numbers,
            scale,
        } = &self.input;
        named(name)?;
        if !(1..=MOST_INPUTS).contains(numbers) {
            return Err(fault(format!(
                "{numbers} inputs; 1 to {MOST_INPUTS} can be"
            )));
        }
        if !(scale.is_normal() && *scale > 0.0 && scale.to_bits() << 9 == 0) {
            return Err(fault(format!("input scale {scale} is no power of two")));
        }
        if self.layers.is_empty() || self.layers.len() > MOST_LAYERS {
            let count = self.layers.len();
            return Err(fault(format!("{count} layers; 1 to {MOST_LAYERS} can be")));
        }
        let mut tensors = vec![Tensor {
            shape: [*numbers, 1, 1],
            scale: *scale,
            zero_point: 0,
            vector: true,
            head: false,
        }];
        let mut names = std::collections::HashSet::new();
        let mut values = std::collections::HashSet::from([name.as_str()]);
        let (mut multiplications, mut bytes) = (0u64, 0usize);
        for layer in &self.layers {
            let of = |cause: String| fault(format!("layer {}: {cause}", layer.name));
            named(&layer.name)?;
            if !names.insert(layer.name.as_str()) {
                return Err(of("another layer has this name".to_owned()));
            }
            if let Some(Form::Head { name }) = layer.form() {
                named(name)?;
                if !values.insert(name.as_str()) {
                    return Err(of(format!(
                        "{name} is another output's or the input's name"
                    )));
                }
            }
            let tensor = layer.check(&tensors).map_err(of)?;
            multiplications += layer.multiplications(&tensor, &tensors);
            if multiplications > MOST_MULTIPLICATIONS {
                return Err(of(
                    "more multiplications than a portrait can need".to_owned()
                ));
            }
            // Neither can overflow: a tensor has at most 2^22 numbers.
            let [channels, height, width] = tensor.shape;
            bytes += channels.next_multiple_of(16) * height * width;
            if bytes > MOST_BYTES {
                return Err(of("more memory than a portrait can need".to_owned()));
            }
            tensors.push(tensor);
        }
        if tensors.iter().any(|tensor| tensor.head) {
            Ok(tensors)
        } else {
            Err(fault("no head".to_owned()))
        }
    }
}

impl Layer {
    /// How many multiplications a run takes; `tensors` are those before it.
    fn multiplications(&self, output: &Tensor, tensors: &[Tensor]) -> u64 {
        let terms = match &self.kind {
            Kind::Connected { weights, .. } => weights.terms(),
            Kind::Convolution {
                kernel,
                depthwise: true,
                ..
            } => kernel * kernel,
            Kind::Convolution { kernel, .. } => kernel * kernel * tensors[self.input].shape[0],
            Kind::Upsample | Kind::Add { .. } => 0,
        };
        // Neither factor is above 2^28.
        output.numbers() as u64 * terms as u64
    }

    fn check(&self, tensors: &[Tensor]) -> Result<Tensor, String> {
        let input = readable(tensors, self.input)?;
        let map = || {
            if input.vector {
                return Err("a map is needed, a vector was given".to_owned());
            }
            Ok(input)
        };
        match &self.kind {
            Kind::Connected {
                shape,
                weights,
                output,
            } => {
                if !input.vector {
                    return Err("a vector is needed, a map was given".to_owned());
                }
                let numbers = size(*shape)?;
                // Of the network's input the first numbers may be enough.
                let terms = match self.input {
                    0 => weights.terms().clamp(1, input.numbers()),
                    _ => input.numbers(),
                };
                weights.check(numbers, terms)?;
                form(output, *shape, shape[1..] == [1, 1])
            }
            Kind::Convolution {
                kernel,
                depthwise,
                weights,
                output,
            } => {
                let [inputs, height, width] = map()?.shape;
                if ![1, 3, 5, 7].contains(kernel) {
                    return Err(format!("a kernel of {kernel}; 1, 3, 5 and 7 can be"));
                }
                let outputs = if *depthwise {
                    inputs
                } else {
                    weights.bias.len()
                };
                if *depthwise && matches!(output, Form::Head { .. }) {
                    return Err("a depthwise convolution cannot end a head".to_owned());
                }
                let shape = [outputs, height, width];
                size(shape)?;
                let terms = if *depthwise { 1 } else { inputs };
                weights.check(outputs, terms * kernel * kernel)?;
                form(output, shape, false)
            }
            Kind::Upsample => {
                let Tensor {
                    shape: [channels, height, width],
                    ..
                } = map()?;
                let shape = [channels, 2 * height, 2 * width];
                size(shape)?;
                Ok(Tensor { shape, ..input })
            }
            Kind::Add { other, output } => {
                let other = readable(tensors, *other)?;
                if self.input == 0 || other.shape != input.shape || other.vector != input.vector {
                    return Err("two tensors of one shape are needed, made by layers".to_owned());
                }
                if matches!(output, Form::Head { .. }) {
                    return Err("an addition cannot end a head".to_owned());
                }
                form(output, input.shape, input.vector)
            }
        }
    }
}

impl Weights {
    fn check(&self, outputs: usize, terms: usize) -> Result<(), String> {
        let lists = [
            ("weights", self.values.len(), outputs.checked_mul(terms)),
            ("weight scales", self.scales.len(), Some(outputs)),
            ("biases", self.bias.len(), Some(outputs)),
        ];
        for (what, found, needed) in lists {
            if needed != Some(found) {
                return Err(format!(
                    "{found} {what} for {outputs} outputs of {terms} terms"
                ));
            }
        }
        let bad = |scale: &&f32| !(scale.is_normal() && **scale > 0.0);
        match self.scales.iter().find(bad) {
            Some(scale) => Err(format!("a weight scale of {scale}")),
            None => Ok(()),
        }
    }
}

/// A tensor that is there already and no head.
fn readable(tensors: &[Tensor], number: usize) -> Result<Tensor, String> {
    match tensors.get(number) {
        Some(tensor) if !tensor.head => Ok(*tensor),
        Some(_) => Err("reads a head, which is no longer bytes".to_owned()),
        None => Err(format!("reads tensor {number}, which comes later")),
    }
}

/// How many numbers, if they are neither none nor too many.
fn size(shape: [usize; 3]) -> Result<usize, String> {
    let numbers = shape
        .iter()
        .try_fold(1usize, |product, &side| product.checked_mul(side));
    numbers
        .filter(|numbers| (1..=MOST_NUMBERS).contains(numbers))
        .ok_or_else(|| format!("{shape:?} numbers; 1 to {MOST_NUMBERS} can be"))
}

fn form(form: &Form, shape: [usize; 3], vector: bool) -> Result<Tensor, String> {
    match *form {
        Form::Bytes { scale, .. } if !(scale.is_normal() && scale > 0.0) => {
            Err(format!("an output scale of {scale}"))
        }
        Form::Bytes {
            scale, zero_point, ..
        } => Ok(Tensor {
            shape,
            scale,
            zero_point,
            vector,
            head: false,
        }),
        Form::Head { .. } => Ok(Tensor {
            shape,
            scale: 0.0,
            zero_point: 0,
            vector,
            head: true,
        }),
    }
}

/// Names are parts of names in the file, where `/` divides.
fn named(name: &str) -> Result<(), InferError> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (1..=64).contains(&name.len()) && name.bytes().all(plain) {
        return Ok(());
    }
    let shown: String = name.chars().take(64).collect();
    Err(fault(format!("{shown:?} as a name")))
}
