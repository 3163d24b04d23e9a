//! The steps, made ready for some instructions.
//!
//! Everything is written once over [`Lanes`]; this is where a step gets its type of vectors.

mod dense;
mod depthwise;
mod elementwise;
mod finish;
mod panel;
mod planar;
mod rows;
mod scatter;
mod tile;

pub(crate) use rows::{Rows, Target};

use super::instructions::Processor;
use super::lanes::Lanes as _;
use super::layout::Layout;
use super::operators::{Operator, Step};
use alloc::boxed::Box;
use dense::Dense;
use depthwise::Depthwise;
use elementwise::{Elementwise, Kind};
use scatter::Scatter;

/// A step, made ready.
#[derive(Clone, Debug)]
pub(crate) struct Kernel {
    processor: Processor,
    work: Prepared,
}

#[derive(Clone, Debug)]
enum Prepared {
    Dense(Box<Dense>),
    /// With the width of its output.
    Depthwise(Depthwise, usize),
    Elementwise(Elementwise),
    Scatter(Scatter),
}

/// What a step reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Inputs<'a> {
    pub first: &'a [f32],
    /// What is added; empty where nothing is.
    pub second: &'a [f32],
}

/// Calls `$call` with the processor's lanes.
macro_rules! on {
    ($processor:expr, $lanes:ident => $call:expr) => {
        match $processor {
            Processor::Plain($lanes) => $call,
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Processor::Avx2($lanes) => $call,
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Processor::Avx512($lanes) => $call,
            #[cfg(all(target_arch = "x86_64", feature = "std"))]
            Processor::Halves($lanes) => $call,
        }
    };
}

impl Kernel {
    /// `second` has the layout of what is added and says whether it is pooled.
    pub fn prepare(
        processor: Processor,
        step: &Step,
        input: Layout,
        second: Option<(Layout, bool)>,
        output: Layout,
    ) -> Kernel {
        let wide = |layout: Layout| layout.planar || layout.stride().is_multiple_of(16);
        let all = wide(input) && wide(output) && second.is_none_or(|(second, _)| wide(second));
        let processor = processor.for_channels(all);
        let elementwise = |kind| {
            Prepared::Elementwise(Elementwise {
                kind,
                input,
                output,
                finish: finish::Finish::new(&step.function, second),
            })
        };
        let work = match &step.operator {
            Operator::Dense(dense) => on!(processor, lanes => Prepared::Dense(Box::new(Dense::new(
                lanes,
                dense,
                input,
                output.shape,
                second,
                &step.function,
            )))),
            Operator::Depthwise(depthwise) => {
                let mut depthwise = depthwise.clone();
                depthwise.function = step.function.clone();
                Prepared::Depthwise(
                    Depthwise::new(&depthwise, input, second),
                    output.shape.width,
                )
            }
            Operator::Copy => elementwise(Kind::Copy),
            Operator::MaxPool => elementwise(Kind::MaxPool),
            Operator::Upsample => elementwise(Kind::Upsample),
            Operator::DepthToSpace(block) => {
                Prepared::Scatter(Scatter::depth_to_space(*block, input, output))
            }
            Operator::Interleave => Prepared::Scatter(Scatter::interleave(input, output)),
        };
        Kernel { processor, work }
    }

    /// The name for reports.
    pub fn name(&self) -> &'static str {
        match &self.work {
            Prepared::Dense(dense) => dense.name(),
            Prepared::Depthwise(..) => "depthwise",
            Prepared::Elementwise(step) => match step.kind {
                Kind::Copy => "copy",
                Kind::MaxPool => "max-pool",
                Kind::Upsample => "upsample",
            },
            Prepared::Scatter(_) => "scatter",
        }
    }

    /// Floats of scratch memory that a worker needs.
    pub fn scratch(&self) -> usize {
        match &self.work {
            Prepared::Dense(dense) => dense.scratch(),
            Prepared::Depthwise(kernel, width) => kernel.scratch(*width),
            _ => 0,
        }
    }

    /// Makes rows of the output.
    pub fn run(&self, inputs: Inputs<'_>, rows: Rows<'_>, scratch: &mut [f32]) {
        let Inputs { first, second } = inputs;
        match &self.work {
            Prepared::Dense(dense) => {
                on!(self.processor, lanes => dense.work(lanes, first, second, rows, scratch));
            }
            Prepared::Depthwise(kernel, _) => {
                on!(self.processor, lanes => lanes.vectorise(depthwise::Alone {
                    lanes,
                    kernel,
                    input: first,
                    second,
                    rows,
                    scratch,
                }));
            }
            Prepared::Elementwise(step) => {
                on!(self.processor, lanes => lanes.vectorise(elementwise::Run {
                    lanes,
                    step,
                    input: first,
                    second,
                    rows,
                }));
            }
            Prepared::Scatter(scatter) => scatter.run(first, rows),
        }
    }
}
