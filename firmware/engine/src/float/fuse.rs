//! Puts operators together to steps, so that fewer numbers travel through memory. The bits stay.
//!
//! - An activation becomes the end of the step before it.
//! - An addition becomes the end of the step that makes one of its two terms; the other term's
//!   padding and pooling are done while it is read.
//! - A depthwise convolution becomes the beginning of the 1x1 convolution after it.
//!
//! All of them only where nobody else reads what then no longer exists.

use super::builder::{Builder, Operation, Output};
use super::operators::{Dense, Function, Operator, Second, Step};
use crate::shape::{Geometry, Shape};
use alloc::vec::Vec;

/// A network as steps.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    pub shapes: Vec<Shape>,
    pub steps: Vec<Step>,
    pub inputs: Vec<usize>,
    pub outputs: Vec<Output>,
}

/// A picture of more channels is not read plane by plane.
const MOST_PLANES: usize = 4;

/// The steps of a network.
pub(crate) fn fuse(builder: Builder) -> Network {
    let mut readers = alloc::vec![0; builder.shapes.len()];
    let parts = builder.outputs.iter().flat_map(|output| &output.parts);
    for &tensor in builder
        .work
        .iter()
        .flat_map(|work| &work.inputs)
        .chain(parts)
    {
        readers[tensor] += 1;
    }
    let mut fusing = Fusing {
        makers: alloc::vec![None; builder.shapes.len()],
        steps: Vec::new(),
        readers,
    };
    for work in builder.work {
        match (work.operation, work.inputs.as_slice()) {
            (Operation::Step(operator), &[input, ..]) => {
                fusing.step(operator, input, work.output);
            }
            (Operation::Function(function), &[input, ..]) => {
                fusing.function(function, input, work.output);
            }
            (Operation::Add, &[first, second]) => fusing.add([first, second], work.output),
            // `Builder` gives every operator its inputs.
            _ => debug_assert!(false, "an operator without inputs"),
        }
    }
    let mut network = Network {
        shapes: builder.shapes,
        steps: fusing.steps.into_iter().flatten().collect(),
        inputs: builder.inputs,
        outputs: builder.outputs,
    };
    interleave(&mut network);
    network
}

struct Fusing {
    /// Steps that have been taken up by others are gone.
    steps: Vec<Option<Step>>,
    /// Which step makes a tensor.
    makers: Vec<Option<usize>>,
    readers: Vec<usize>,
}

impl Fusing {
    fn push(&mut self, step: Step) {
        self.makers[step.output] = Some(self.steps.len());
        self.steps.push(Some(step));
    }

    /// The step that makes a tensor for a single reader.
    fn only_for_me(&self, tensor: usize) -> Option<&Step> {
        if self.readers[tensor] != 1 {
            return None;
        }
        self.steps.get(self.makers[tensor]?)?.as_ref()
    }

    fn take(&mut self, tensor: usize) -> Option<Step> {
        self.steps.get_mut(self.makers[tensor]?)?.take()
    }

    fn step(&mut self, mut operator: Operator, mut input: usize, output: usize) {
        if let Operator::Dense(dense) = &mut operator
            && dense.geometry == Geometry::POINT
            && self.only_for_me(input).is_some_and(|step| {
                matches!(step.operator, Operator::Depthwise(_)) && step.second.is_none()
            })
            && let Some(step) = self.take(input)
        {
            input = step.input;
            if let Operator::Depthwise(mut depthwise) = step.operator {
                depthwise.function = step.function;
                dense.before = Some(depthwise);
            }
        }
        self.push(Step {
            operator,
            input,
            second: None,
            function: Function::Linear,
            output,
        });
    }

    fn function(&mut self, function: Function, input: usize, output: usize) {
        let fits = |step: &Step| step.function == Function::Linear && step.operator.has_end();
        if self.only_for_me(input).is_some_and(fits)
            && let Some(mut step) = self.take(input)
        {
            step.function = function;
            step.output = output;
            return self.push(step);
        }
        self.push(Step {
            operator: Operator::Copy,
            input,
            second: None,
            function,
            output,
        });
    }

    fn add(&mut self, terms: [usize; 2], output: usize) {
        let fits = |step: &Step| {
            step.function == Function::Linear
                && step.second.is_none()
                && matches!(
                    step.operator,
                    Operator::Dense(_) | Operator::Depthwise(_) | Operator::Upsample
                )
        };
        // The later one, whose other term exists by then.
        let [first, second] = terms;
        let candidates = if self.makers[first] > self.makers[second] {
            [(first, second), (second, first)]
        } else {
            [(second, first), (first, second)]
        };
        for (term, other) in candidates {
            if term != other
                && self.only_for_me(term).is_some_and(fits)
                && let Some(mut step) = self.take(term)
            {
                step.second = Some(self.second(other));
                step.output = output;
                return self.push(step);
            }
        }
        let second = self.second(second);
        self.push(Step {
            operator: Operator::Copy,
            input: first,
            second: Some(second),
            function: Function::Linear,
            output,
        });
    }

    /// A term of an addition, without steps that can be done while it is read.
    fn second(&mut self, mut tensor: usize) -> Second {
        let plain = |step: &Step, operator: fn(&Operator) -> bool| {
            operator(&step.operator) && step.second.is_none() && step.function == Function::Linear
        };
        let copies = |step: &Step| plain(step, |operator| matches!(operator, Operator::Copy));
        if self.only_for_me(tensor).is_some_and(copies)
            && let Some(step) = self.take(tensor)
        {
            tensor = step.input;
        }
        let pools = |step: &Step| plain(step, |operator| matches!(operator, Operator::MaxPool));
        let mut pooled = false;
        if self.only_for_me(tensor).is_some_and(pools)
            && let Some(step) = self.take(tensor)
        {
            tensor = step.input;
            pooled = true;
        }
        Second { tensor, pooled }
    }
}

/// Gives readers that cannot read planes a copy of the input with its channels together.
fn interleave(network: &mut Network) {
    for index in 0..network.inputs.len() {
        let input = network.inputs[index];
        let few = network.shapes[input].channels <= MOST_PLANES;
        let reads_planes = |step: &Step| {
            few && matches!(&step.operator, Operator::Dense(Dense { before: None, .. }))
        };
        let copy = network.shapes.len();
        let mut used = false;
        for step in &mut network.steps {
            if step.input == input && !reads_planes(step) {
                (step.input, used) = (copy, true);
            }
            if let Some(second) = &mut step.second
                && second.tensor == input
            {
                (second.tensor, used) = (copy, true);
            }
        }
        for part in network
            .outputs
            .iter_mut()
            .flat_map(|output| &mut output.parts)
        {
            if *part == input {
                (*part, used) = (copy, true);
            }
        }
        if used {
            network.shapes.push(network.shapes[input]);
            let step = Step {
                operator: Operator::Interleave,
                input,
                second: None,
                function: Function::Linear,
                output: copy,
            };
            network.steps.insert(0, step);
        }
    }
}
