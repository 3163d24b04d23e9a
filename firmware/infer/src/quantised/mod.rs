//! Quantised networks: an ONNX file in, the integer engine behind.
//!
//! ```text
//! network.onnx --scan, reader--> Description --check--> shapes --lower--> engine's plan
//! ```
//!
//! The file is standard ONNX (quantise and dequantise around float operators), so that other
//! runtimes can show the same network. It is read from its protobuf messages: tract's own model
//! would have folded the weights to floats (`docs/decisions/0085-read-onnx-ourselves.md`).
//!
//! A file is not trusted. It is refused, with what to do, when it is damaged, too large, asks for more memory
//! than its size allows, or has any operator, attribute or order that the writer does not make.

mod check;
mod constants;
mod description;
mod lower;
mod nodes;
mod reader;
mod runner;
mod scan;

pub use check::Tensor;
pub use description::{Description, Form, Input, Kind, Layer, Weights};
pub use lower::FRACTION_BITS;
pub use runner::Runner;
pub use sfumato_engine::{Instructions, OneThread, Workers};

use crate::InferError;
use crate::network::length;
use lower::{Lowered, lower};
use sfumato_engine::{Output, Plan};

/// One output of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its name in the file.
    pub name: String,
    /// Numbers of a pixel.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Pixels of a row.
    pub width: usize,
}

impl Head {
    /// How many numbers it has.
    pub fn numbers(&self) -> usize {
        self.channels * self.height * self.width
    }
}

/// What one layer costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    /// The layer.
    pub name: String,
    /// The engine's kernel that runs it.
    pub kernel: &'static str,
    /// Multiplications of a run, as one counts them for a network.
    pub multiplications: u64,
}

/// A quantised network ready to run.
#[derive(Clone, Debug)]
pub struct Quantised {
    plan: Plan,
    heads: Vec<Head>,
    /// For each head, by how many bits its numbers are moved up.
    shifts: Vec<u32>,
    costs: Vec<Cost>,
    metadata: Vec<(String, String)>,
    numbers: usize,
    scale: f32,
}

/// More heads than any portrait has; a run makes its list of them without allocating.
const MOST_HEADS: usize = 8;

impl Quantised {
    /// Reads the bytes of a file and makes the plan for these instructions.
    ///
    /// Fails with [`InferError::Baked`], whatever is wrong with the file.
    pub fn load(onnx: &[u8], instructions: Instructions) -> Result<Quantised, InferError> {
        Quantised::new(&Description::read(onnx)?, instructions)
    }

    /// Makes the plan of a description.
    pub fn new(
        description: &Description,
        instructions: Instructions,
    ) -> Result<Quantised, InferError> {
        let tensors = description.check()?;
        let Lowered { plan, shifts } = lower(description, &tensors, instructions)?;
        let heads: Vec<Head> = description
            .layers
            .iter()
            .zip(&tensors[1..])
            .filter_map(|(layer, tensor)| match layer.form() {
                Some(Form::Head { name }) => {
                    let [channels, height, width] = tensor.shape;
                    Some(Head {
                        name: name.clone(),
                        channels,
                        height,
                        width,
                    })
                }
                _ => None,
            })
            .collect();
        if heads.len() > MOST_HEADS {
            let count = heads.len();
            return Err(fault(format!("{count} heads; up to {MOST_HEADS} can be")));
        }
        // The engine makes one step of each layer.
        let kernels = description.layers.iter().zip(plan.kernels());
        let costs = kernels
            .map(|(layer, (kernel, multiplications))| Cost {
                name: layer.name.clone(),
                kernel,
                multiplications,
            })
            .collect();
        Ok(Quantised {
            plan,
            heads,
            shifts,
            costs,
            metadata: description.metadata.clone(),
            numbers: description.input.numbers,
            scale: description.input.scale,
        })
    }

    /// The outputs, in the order [`Quantised::run`] fills them.
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// How many numbers the input has.
    pub fn input_numbers(&self) -> usize {
        self.numbers
    }

    /// The real number that one step of an input number stands for; a power of two.
    pub fn input_scale(&self) -> f32 {
        self.scale
    }

    /// What each layer costs, in the order they run.
    pub fn macs(&self) -> &[Cost] {
        &self.costs
    }

    /// The keys and values that travel with the file.
    pub fn metadata(&self) -> &[(String, String)] {
        &self.metadata
    }

    /// The instructions in use.
    pub fn instructions(&self) -> Instructions {
        self.plan.instructions()
    }

    /// Bytes of memory that tensors share.
    pub fn arena_bytes(&self) -> usize {
        self.plan.arena_bytes()
    }

    /// Runs the network on the caller's thread. Allocates nothing.
    ///
    /// Outputs are in fixed point with [`FRACTION_BITS`] binary places, held within 32 bits, in the engine's
    /// order: row by row, pixel by pixel, all channels of a pixel together. Fails where a slice
    /// has another length than the network says; then nothing has been computed.
    pub fn run(&mut self, input: &[i16], outputs: &mut [&mut [i32]]) -> Result<(), InferError> {
        self.run_on(&OneThread, input, outputs)
    }

    /// As [`Quantised::run`], with the caller's two threads. The numbers are the same.
    pub fn run_on<W: Workers>(
        &mut self,
        workers: &W,
        input: &[i16],
        outputs: &mut [&mut [i32]],
    ) -> Result<(), InferError> {
        self.run_watched(workers, input, outputs, |_| {})
    }

    /// As [`Quantised::run_on`], and calls `done` with the number of each layer after it.
    ///
    /// For measuring: layers are in the order of [`Quantised::macs`].
    pub fn run_watched<W: Workers>(
        &mut self,
        workers: &W,
        input: &[i16],
        outputs: &mut [&mut [i32]],
        done: impl FnMut(usize),
    ) -> Result<(), InferError> {
        length(NAME, "the input", self.numbers, input.len())?;
        length(NAME, "the list of outputs", self.heads.len(), outputs.len())?;
        let mut list: [Output<'_>; MOST_HEADS] = std::array::from_fn(|_| Output::Fixed(&mut []));
        for ((place, output), head) in list.iter_mut().zip(&mut *outputs).zip(&self.heads) {
            length(NAME, "an output", head.numbers(), output.len())?;
            *place = Output::Fixed(output);
        }
        self.plan
            .run_watched(workers, &[input], &mut list[..self.heads.len()], done)
            .map_err(|error| InferError::Failed {
                name: NAME.to_owned(),
                cause: error.to_string(),
            })?;
        for (output, &shift) in outputs.iter_mut().zip(&self.shifts) {
            if shift > 0 {
                for number in output.iter_mut() {
                    let wide = i64::from(*number) << shift;
                    *number = wide.clamp(i32::MIN.into(), i32::MAX.into()) as i32;
                }
            }
        }
        Ok(())
    }
}

impl Description {
    /// Reads the bytes of an ONNX file that the writer has made.
    pub fn read(onnx: &[u8]) -> Result<Description, InferError> {
        reader::read(onnx)
    }
}

/// What messages call a network of this kind.
const NAME: &str = "generator";

fn fault(cause: String) -> InferError {
    InferError::Baked { cause }
}
