//! A network that is ready to run: steps, one arena, nothing else.

use super::builder::Order;
use super::fuse::Network;
use super::instructions::Instructions;
use super::kernels::{Inputs, Kernel, Rows, Target};
use super::layout::Layout;
use super::memory::Aligned;
use super::operators::{Operator, Step};
use crate::arena::{Life, place};
use crate::error::RunError;
use crate::shape::Shape;
use crate::workers::{OneThread, Workers};
use alloc::vec::Vec;
use core::ops::Range;

/// A network with its memory. Made by [`super::Builder::build`].
#[derive(Clone, Debug)]
pub struct Plan {
    steps: Vec<Running>,
    inputs: Vec<Shape>,
    outputs: Vec<Output>,
    arena: Aligned,
    /// For each of two workers.
    scratch: [Aligned; 2],
    instructions: Instructions,
}

/// A tensor's place in the arena, in floats.
#[derive(Clone, Debug)]
struct Slot {
    layout: Layout,
    place: Range<usize>,
}

#[derive(Clone, Debug)]
struct Running {
    kernel: Kernel,
    input: Place,
    /// What is added, if anything is.
    second: Option<Range<usize>>,
    output: Slot,
    multiplications: u64,
}

/// Where a step reads.
#[derive(Clone, Debug)]
enum Place {
    Arena(Range<usize>),
    /// An input of the plan, by its number.
    Input(usize),
}

#[derive(Clone, Debug)]
struct Output {
    parts: Vec<Slot>,
    order: Order,
}

/// Below this many multiplications a step is over before a second worker starts.
const LARGE: u64 = 50_000;

impl Plan {
    pub(crate) fn new(network: Network, instructions: Instructions) -> Plan {
        let layouts = layouts(&network);
        let (places, length) = place(&lives(&network, &layouts));
        let floats = |range: &Range<usize>| range.start / FLOAT..range.end / FLOAT;
        let slot = |&tensor: &usize| Slot {
            layout: layouts[tensor],
            place: floats(&places[tensor]),
        };
        let prepare = |step: &Step| {
            let number = network.inputs.iter().position(|&input| input == step.input);
            let place = |tensor: usize| floats(&places[tensor]);
            let added = step
                .second
                .map(|second| (layouts[second.tensor], second.pooled));
            let (input, output) = (layouts[step.input], layouts[step.output]);
            let processor = instructions.processor();
            Running {
                kernel: Kernel::prepare(processor, step, input, added, output),
                input: number.map_or_else(|| Place::Arena(place(step.input)), Place::Input),
                second: step.second.map(|second| place(second.tensor)),
                output: slot(&step.output),
                multiplications: step.operator.multiplications(output.shape),
            }
        };
        let steps: Vec<Running> = network.steps.iter().map(prepare).collect();
        let scratch = steps.iter().map(|step| step.kernel.scratch()).max();
        let scratch = Aligned::zeroed(scratch.unwrap_or(0));
        let outputs = network.outputs.iter().map(|output| Output {
            parts: output.parts.iter().map(slot).collect(),
            order: output.order,
        });
        Plan {
            steps,
            inputs: network
                .inputs
                .iter()
                .map(|&input| network.shapes[input])
                .collect(),
            outputs: outputs.collect(),
            arena: Aligned::zeroed(length / FLOAT),
            scratch: [scratch.clone(), scratch],
            instructions,
        }
    }

    /// Runs the network on the caller's thread. Allocates nothing and takes no locks.
    ///
    /// Inputs hold channels, rows, columns, in the order of [`super::Builder::input`]; outputs what
    /// [`super::Builder::output`] was told.
    pub fn run(&mut self, inputs: &[&[f32]], outputs: &mut [&mut [f32]]) -> Result<(), RunError> {
        self.run_on(&OneThread, inputs, outputs)
    }

    /// As [`Plan::run`], each large step in two halves that the workers take side by side.
    ///
    /// The bits are the same.
    pub fn run_on<W: Workers>(
        &mut self,
        workers: &W,
        inputs: &[&[f32]],
        outputs: &mut [&mut [f32]],
    ) -> Result<(), RunError> {
        self.run_watched(workers, inputs, outputs, |_| ())
    }

    /// As [`Plan::run_on`]; calls `after` with the index of every step when it is done, for measuring.
    pub fn run_watched<W: Workers>(
        &mut self,
        workers: &W,
        inputs: &[&[f32]],
        outputs: &mut [&mut [f32]],
        mut after: impl FnMut(usize),
    ) -> Result<(), RunError> {
        self.check(inputs, outputs)?;
        let arena = self.arena.get_mut();
        for (index, step) in self.steps.iter().enumerate() {
            step.run(workers, inputs, arena, &mut self.scratch);
            after(index);
        }
        for (output, out) in self.outputs.iter().zip(outputs) {
            let mut rest = &mut **out;
            for slot in &output.parts {
                let (out, others) = rest.split_at_mut(slot.layout.shape.len());
                take(slot.layout, output.order, &arena[slot.place.clone()], out);
                rest = others;
            }
        }
        Ok(())
    }

    /// The sizes of the inputs.
    pub fn inputs(&self) -> impl Iterator<Item = Shape> {
        self.inputs.iter().copied()
    }

    /// How many numbers each output has.
    pub fn outputs(&self) -> impl Iterator<Item = usize> {
        self.outputs.iter().map(Output::len)
    }

    /// How many multiplications a run takes, as one counts them for a network.
    pub fn multiplications(&self) -> u64 {
        self.steps.iter().map(|step| step.multiplications).sum()
    }

    /// Each step: the name of its kernel, what it makes, its multiplications.
    pub fn steps(&self) -> impl Iterator<Item = (&'static str, Shape, u64)> {
        self.steps.iter().map(|step| {
            let shape = step.output.layout.shape;
            (step.kernel.name(), shape, step.multiplications)
        })
    }

    /// Bytes of memory that tensors share.
    pub fn arena_bytes(&self) -> usize {
        self.arena.get().len() * FLOAT
    }

    /// The instructions it was built for.
    pub fn instructions(&self) -> Instructions {
        self.instructions
    }

    fn check(&self, inputs: &[&[f32]], outputs: &[&mut [f32]]) -> Result<(), RunError> {
        count("inputs", self.inputs.len(), inputs.len())?;
        count("outputs", self.outputs.len(), outputs.len())?;
        for (index, (shape, input)) in self.inputs.iter().zip(inputs).enumerate() {
            fits("input", index, shape.len(), input.len())?;
        }
        for (index, (output, out)) in self.outputs.iter().zip(outputs).enumerate() {
            fits("output", index, output.len(), out.len())?;
        }
        Ok(())
    }
}

impl Output {
    fn len(&self) -> usize {
        self.parts.iter().map(|slot| slot.layout.shape.len()).sum()
    }
}

impl Running {
    fn run<W: Workers>(
        &self,
        workers: &W,
        inputs: &[&[f32]],
        arena: &mut [f32],
        scratch: &mut [Aligned; 2],
    ) {
        // The arena's plan keeps what a step reads apart from what it writes.
        let output = self.output.place.clone();
        match (&self.input, &self.second) {
            (Place::Arena(input), Some(second)) if input != second => {
                let places = [input.clone(), second.clone(), output];
                if let Ok([first, second, out]) = arena.get_disjoint_mut(places) {
                    self.rows(workers, Inputs { first, second }, out, scratch);
                }
            }
            (Place::Arena(input), second) => {
                if let Ok([first, out]) = arena.get_disjoint_mut([input.clone(), output]) {
                    let second = if second.is_some() { &*first } else { &[] };
                    self.rows(workers, Inputs { first, second }, out, scratch);
                }
            }
            (&Place::Input(number), Some(second)) => {
                if let Ok([second, out]) = arena.get_disjoint_mut([second.clone(), output]) {
                    let first = inputs[number];
                    self.rows(workers, Inputs { first, second }, out, scratch);
                }
            }
            (&Place::Input(number), None) => {
                let (first, second) = (inputs[number], &[][..]);
                self.rows(
                    workers,
                    Inputs { first, second },
                    &mut arena[output],
                    scratch,
                );
            }
        }
    }

    fn rows<W: Workers>(
        &self,
        workers: &W,
        inputs: Inputs<'_>,
        out: &mut [f32],
        [here, there]: &mut [Aligned; 2],
    ) {
        let layout = self.output.layout;
        layout.clear_border(out);
        let [top, ..] = layout.border;
        let height = layout.shape.height;
        let (row, out) = (layout.row(), &mut out[top * layout.row()..]);
        let run = |range: Range<usize>, out: &mut [f32], scratch: &mut Aligned| {
            let rows = Rows {
                target: Target::new(layout, range.start),
                range,
                out,
            };
            self.kernel.run(inputs, rows, scratch.get_mut());
        };
        if W::COUNT < 2 || height < 2 || self.multiplications < LARGE {
            return run(0..height, out, here);
        }
        let half = height / 2;
        let (upper, lower) = out.split_at_mut(half * row);
        workers.join(
            || run(0..half, upper, here),
            || run(half..height, lower, there),
        );
    }
}

/// Bytes of a number.
const FLOAT: usize = size_of::<f32>();

/// Every tensor with the border that its readers need.
fn layouts(network: &Network) -> Vec<Layout> {
    let mut layouts: Vec<Layout> = network
        .shapes
        .iter()
        .enumerate()
        .map(|(tensor, &shape)| Layout::new(shape, network.inputs.contains(&tensor)))
        .collect();
    for step in &network.steps {
        if let Operator::Dense(_) | Operator::Depthwise(_) = step.operator {
            let Shape { height, width, .. } = network.shapes[step.output];
            layouts[step.input].reach(step.operator.geometry(), height, width);
        }
    }
    layouts
}

/// When each tensor is alive. Steps count from 1; outputs live beyond the last.
fn lives(network: &Network, layouts: &[Layout]) -> Vec<Life> {
    let life = |layout: &Layout| Life {
        birth: 0,
        death: 0,
        bytes: FLOAT * layout.len(),
    };
    let mut lives: Vec<Life> = layouts.iter().map(life).collect();
    let mut used = alloc::vec![false; lives.len()];
    for (index, step) in network.steps.iter().enumerate() {
        let moment = index + 1;
        lives[step.output].birth = moment;
        let read = [Some(step.input), step.second.map(|second| second.tensor)];
        for tensor in read.into_iter().flatten().chain([step.output]) {
            lives[tensor].death = moment;
            used[tensor] = true;
        }
    }
    let parts = network.outputs.iter().flat_map(|output| &output.parts);
    for &tensor in parts {
        lives[tensor].death = network.steps.len() + 1;
        used[tensor] = true;
    }
    // Tensors that steps have taken up take no place, and inputs are the caller's.
    for &tensor in &network.inputs {
        used[tensor] = false;
    }
    for (life, used) in lives.iter_mut().zip(used) {
        if !used {
            life.bytes = 0;
        }
    }
    lives
}

/// Copies a tensor out of the arena.
fn take(layout: Layout, order: Order, place: &[f32], out: &mut [f32]) {
    let Shape {
        height,
        width,
        channels,
    } = layout.shape;
    let rows = place[layout.origin()..].chunks(layout.row());
    let pixels = rows
        .take(height)
        .flat_map(|row| row.chunks(layout.stride()).take(width));
    for (index, pixel) in pixels.enumerate() {
        match order {
            Order::Pixels => {
                out[index * channels..][..channels].copy_from_slice(&pixel[..channels]);
            }
            Order::Planes => {
                for (channel, number) in pixel[..channels].iter().enumerate() {
                    out[channel * height * width + index] = *number;
                }
            }
        }
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

fn fits(what: &'static str, index: usize, expected: usize, found: usize) -> Result<(), RunError> {
    if expected == found {
        return Ok(());
    }
    Err(RunError::Length {
        what,
        index,
        expected,
        found,
    })
}
