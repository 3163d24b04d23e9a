//! A network that is ready to run: steps, one arena, nothing else.

use crate::arena::{Life, place};
use crate::builder::{Builder, Node, Numbers, Source, Target, Tensor};
use crate::error::RunError;
use crate::input::Input;
use crate::operators::{Destination, Operator};
use crate::scratch::{Needs, Scratch};
use crate::shape::{Layout, Shape};
use crate::simd::{Instructions, Kernel};
use crate::workers::{OneThread, Workers};
use alloc::vec::Vec;
use core::ops::Range;

/// Where the numbers of an output go; rows, columns, channels.
#[derive(Debug)]
pub enum Output<'a> {
    /// Of a tensor of bytes.
    Bytes(&'a mut [u8]),
    /// Of a head in fixed point.
    Fixed(&'a mut [i32]),
}

/// A tensor's place in the arena.
#[derive(Clone, Debug)]
struct Slot {
    layout: Layout,
    numbers: Numbers,
    place: Range<usize>,
}

#[derive(Clone, Debug)]
struct Step {
    operator: Operator,
    kernel: Kernel,
    inputs: [Range<usize>; 2],
    target: Place,
    /// Whether it is worth two workers.
    large: bool,
}

#[derive(Clone, Debug)]
enum Place {
    Arena(Range<usize>),
    Output(usize),
}

#[derive(Clone, Debug)]
enum Kind {
    Tensor(Slot),
    Fixed(Shape),
}

/// A network with its memory. Made by [`Builder::build`].
#[derive(Clone, Debug)]
pub struct Plan {
    steps: Vec<Step>,
    inputs: Vec<Slot>,
    outputs: Vec<Kind>,
    arena: Vec<u8>,
    /// For each of two workers.
    scratch: [Scratch; 2],
    instructions: Instructions,
}

/// Below this many multiplications (or bytes moved) a step is over before a second worker starts.
const LARGE: u64 = 100_000;

impl Plan {
    pub(crate) fn new(network: Builder, instructions: Instructions) -> Plan {
        let lives = lives(&network);
        let (places, length) = place(&lives);
        let slot = |tensor: Tensor| Slot {
            layout: network.nodes[tensor.0].layout,
            numbers: network.nodes[tensor.0].numbers,
            place: places[tensor.0].clone(),
        };
        let inputs = network.inputs.iter().map(|&tensor| slot(tensor)).collect();
        let outputs = network
            .outputs
            .iter()
            .map(|&source| match source {
                Source::Tensor(tensor) => Kind::Tensor(slot(tensor)),
                Source::Fixed(shape) => Kind::Fixed(shape),
            })
            .collect();
        let mut needs = Needs::default();
        let steps = network
            .work
            .into_iter()
            .map(|work| {
                let kernel = Kernel::prepare(instructions, &work.operator);
                needs = needs.or(kernel.needs());
                let size = work.operator.output().len() as u64;
                Step {
                    kernel,
                    inputs: work.inputs.map(|tensor| places[tensor.0].clone()),
                    target: match work.output {
                        Target::Tensor(tensor) => Place::Arena(places[tensor.0].clone()),
                        Target::Output(number) => Place::Output(number),
                    },
                    large: work.operator.multiplications().max(size) >= LARGE,
                    operator: work.operator,
                }
            })
            .collect();
        Plan {
            steps,
            inputs,
            outputs,
            arena: alloc::vec![0; length],
            scratch: [Scratch::new(needs), Scratch::new(needs)],
            instructions,
        }
    }

    /// Runs the network on the caller's thread. Allocates nothing and takes no locks.
    ///
    /// Inputs, bytes or words ([`Input`]), hold rows, columns, channels, in the order in which [`Builder`]
    /// was told of them; outputs likewise.
    pub fn run<'a, I>(&mut self, inputs: &[I], outputs: &mut [Output<'_>]) -> Result<(), RunError>
    where
        I: Into<Input<'a>> + Copy,
    {
        self.run_on(&OneThread, inputs, outputs)
    }

    /// As [`Plan::run`], each large step in two halves that the workers take side by side.
    ///
    /// The bytes are the same.
    pub fn run_on<'a, W, I>(
        &mut self,
        workers: &W,
        inputs: &[I],
        outputs: &mut [Output<'_>],
    ) -> Result<(), RunError>
    where
        W: Workers,
        I: Into<Input<'a>> + Copy,
    {
        self.run_watched(workers, inputs, outputs, |_| {})
    }

    /// As [`Plan::run_on`], and calls `done` with the number of each step after it.
    ///
    /// For measuring: steps are in the order of [`Plan::kernels`].
    pub fn run_watched<'a, W, I>(
        &mut self,
        workers: &W,
        inputs: &[I],
        outputs: &mut [Output<'_>],
        mut done: impl FnMut(usize),
    ) -> Result<(), RunError>
    where
        W: Workers,
        I: Into<Input<'a>> + Copy,
    {
        self.check(inputs, outputs)?;
        for (slot, &input) in self.inputs.iter().zip(inputs) {
            input
                .into()
                .store(slot.layout, &mut self.arena[slot.place.clone()]);
        }
        for (number, step) in self.steps.iter().enumerate() {
            step.run(workers, &mut self.arena, &mut self.scratch, outputs);
            done(number);
        }
        for (result, output) in self.outputs.iter().zip(outputs) {
            if let (Kind::Tensor(slot), Output::Bytes(out)) = (result, output) {
                take(slot.layout, &self.arena[slot.place.clone()], out);
            }
        }
        Ok(())
    }

    /// The sizes of the inputs.
    pub fn inputs(&self) -> impl Iterator<Item = Shape> {
        self.inputs.iter().map(|slot| slot.layout.shape)
    }

    /// The sizes of the outputs.
    pub fn outputs(&self) -> impl Iterator<Item = Shape> {
        self.outputs.iter().map(Kind::shape)
    }

    /// How many multiplications a run takes, as one counts them for a network.
    pub fn multiplications(&self) -> u64 {
        let count = |step: &Step| step.operator.multiplications();
        self.steps.iter().map(count).sum()
    }

    /// Each step's kernel by name, and its multiplications.
    pub fn kernels(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let name = |step: &Step| (step.kernel.name(), step.operator.multiplications());
        self.steps.iter().map(name)
    }

    /// Bytes of memory that tensors share.
    pub fn arena_bytes(&self) -> usize {
        self.arena.len()
    }

    /// The instructions it was built for.
    pub fn instructions(&self) -> Instructions {
        self.instructions
    }

    fn check<'a, I>(&self, inputs: &[I], outputs: &[Output<'_>]) -> Result<(), RunError>
    where
        I: Into<Input<'a>> + Copy,
    {
        count("inputs", self.inputs.len(), inputs.len())?;
        count("outputs", self.outputs.len(), outputs.len())?;
        for (index, (slot, &input)) in self.inputs.iter().zip(inputs).enumerate() {
            let found = match (slot.numbers, input.into()) {
                (Numbers::Bytes, Input::Bytes(bytes)) => bytes.len(),
                (Numbers::Words, Input::Words(words)) => words.len(),
                _ => return Err(RunError::InputKind(index)),
            };
            fits("input", index, slot.layout.shape, found)?;
        }
        for (index, (result, output)) in self.outputs.iter().zip(outputs).enumerate() {
            let found = match (result, output) {
                (Kind::Tensor(_), Output::Bytes(out)) => out.len(),
                (Kind::Fixed(_), Output::Fixed(out)) => out.len(),
                _ => return Err(RunError::Kind(index)),
            };
            fits("output", index, result.shape(), found)?;
        }
        Ok(())
    }
}

impl Kind {
    fn shape(&self) -> Shape {
        match self {
            Kind::Tensor(slot) => slot.layout.shape,
            Kind::Fixed(shape) => *shape,
        }
    }
}

impl Step {
    fn run<W: Workers>(
        &self,
        workers: &W,
        arena: &mut [u8],
        scratch: &mut [Scratch; 2],
        outputs: &mut [Output<'_>],
    ) {
        let [first, second] = self.inputs.clone();
        match &self.target {
            Place::Arena(place) if first == second => {
                // The arena's plan keeps what a step reads apart from what it writes.
                if let Ok([input, out]) = arena.get_disjoint_mut([first, place.clone()]) {
                    self.rows(workers, [input, input], Destination::Bytes(out), scratch);
                }
            }
            Place::Arena(place) => {
                let places = [first, second, place.clone()];
                if let Ok([first, second, out]) = arena.get_disjoint_mut(places) {
                    self.rows(workers, [first, second], Destination::Bytes(out), scratch);
                }
            }
            Place::Output(number) => {
                if let Some(Output::Fixed(out)) = outputs.get_mut(*number) {
                    let inputs = [&arena[first], &arena[second]];
                    self.rows(workers, inputs, Destination::Fixed(out), scratch);
                }
            }
        }
    }

    fn rows<W: Workers>(
        &self,
        workers: &W,
        inputs: [&[u8]; 2],
        out: Destination<'_>,
        [here, there]: &mut [Scratch; 2],
    ) {
        let output = self.operator.output();
        let run = |rows: Range<usize>, out: Destination<'_>, scratch: &mut Scratch| {
            self.kernel.run(&self.operator, inputs, rows, out, scratch);
        };
        if W::COUNT < 2 || !self.large || output.height < 2 {
            return run(0..output.height, out, here);
        }
        // An even number of rows, for kernels that make two at a time.
        let half = (output.height / 2).next_multiple_of(2).min(output.height);
        let (top, bottom) = out.split(output, half);
        workers.join(
            || run(0..half, top, here),
            || run(half..output.height, bottom, there),
        );
    }
}

/// When each tensor is alive. Moment 0 is before the first step, the last is after all of them.
fn lives(network: &Builder) -> Vec<Life> {
    let mut lives: Vec<Life> = network
        .nodes
        .iter()
        .map(|node: &Node| Life {
            birth: 0,
            death: 0,
            bytes: node.layout.bytes(),
        })
        .collect();
    for (index, work) in network.work.iter().enumerate() {
        let moment = index + 1;
        if let Target::Tensor(Tensor(output)) = work.output {
            lives[output].birth = moment;
            lives[output].death = moment;
        }
        for Tensor(input) in work.inputs {
            lives[input].death = moment;
        }
    }
    for source in &network.outputs {
        if let Source::Tensor(Tensor(tensor)) = source {
            lives[*tensor].death = network.work.len() + 1;
        }
    }
    lives
}

fn take(layout: Layout, place: &[u8], out: &mut [u8]) {
    let pixels = out.chunks_exact_mut(layout.shape.channels);
    for (to, from) in pixels.zip(place.chunks_exact(layout.stride)) {
        to.copy_from_slice(&from[..layout.shape.channels]);
    }
}

fn count(what: &'static str, expected: usize, found: usize) -> Result<(), RunError> {
    if expected == found {
        return Ok(());
    }
    Err(RunError::Count {
        what,
        expected,
        found,
    })
}

fn fits(what: &'static str, index: usize, shape: Shape, found: usize) -> Result<(), RunError> {
    if shape.len() == found {
        return Ok(());
    }
    Err(RunError::Length {
        what,
        index,
        expected: shape.len(),
        found,
    })
}
