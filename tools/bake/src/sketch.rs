//! The field's learner until weights become whole numbers: in few numbers instead of pictures.
//!
//! The last layer gives [coordinates](crate::components) instead of a picture. Both are linear, so
//! that at any time a sketch can be [folded](Sketch::fold) into the branch that the device will run,
//! and a branch taken up as a sketch. So a saved bake holds the branch alone; taken up again, only the
//! optimiser's means are lost.

use crate::adam::Adam;
use crate::branch::{Branch, DECAY};
use crate::chain::backward::Back;
use crate::chain::forward::Run;
use crate::chain::{Chain, Layer, Map};
use crate::components::{COMPONENTS, Components};
use crate::examples::{BLOCK, Example, TRIPLE, group, groups_in};
use crate::learner::{Score, mixed};
use crate::random::Random;
use core::ops::Range;
use sfumato_generator::network::Part;
use sfumato_generator::network::inputs::INPUTS;

/// Groups of examples from which one step learns.
const BATCH: usize = 16;

/// Examples whose coordinates are found at a time.
const AT_ONCE: usize = 64;

/// Examples that are remembered: as numbers they are small, and learning from many is what keeps a
/// field that was never seen as good as those that were. Whole [`BLOCK`]s.
const MOST: usize = 5000 * BLOCK;

/// The field as it is learned.
#[derive(Debug)]
pub struct Sketch {
    components: Components,
    known: Known,
    chain: Chain,
    parameters: Vec<f32>,
    adam: Adam,
    run: Run,
    back: Back,
    gradient: Vec<f32>,
}

/// Examples as numbers, in blocks as [`Examples`](crate::examples::Examples) has them.
#[derive(Debug, Default)]
struct Known {
    inputs: Vec<[f32; INPUTS]>,
    wishes: Vec<[f32; COMPONENTS]>,
    oldest: usize,
}

impl Sketch {
    /// Takes up what `branch` knows.
    pub fn new(components: Components, branch: &Branch) -> Sketch {
        Sketch::with(components, Known::default(), branch)
    }

    fn with(components: Components, known: Known, branch: &Branch) -> Sketch {
        let mut layers = branch.chain.layers().to_vec();
        if let Some(last) = layers.last_mut() {
            *last = Layer::Connected(Map::vector(COMPONENTS));
        }
        let chain = Chain::new(INPUTS, &layers);
        let last = layers.len() - 1;
        let hidden = branch.chain.slots(last).weights.start;
        let mut parameters = branch.parameters[..hidden].to_vec();
        let count = chain.maps()[last].numbers() + 1;
        parameters.extend(components.coordinates(&branch.parameters[hidden..], count));
        let samples = BATCH * TRIPLE;
        Sketch {
            components,
            known,
            adam: Adam::new(parameters.len()),
            run: Run::new(&chain, samples),
            back: Back::new(&chain, samples),
            gradient: vec![0.0; parameters.len()],
            parameters,
            chain,
        }
    }

    /// The same for a branch whose layers have changed.
    pub fn again(self, branch: &Branch) -> Sketch {
        Sketch::with(self.components, self.known, branch)
    }

    /// How many examples it knows.
    pub fn known(&self) -> usize {
        self.known.inputs.len()
    }

    /// Takes in more examples, whole blocks, in place of the oldest once it knows enough.
    pub fn add<'a>(&mut self, examples: impl Iterator<Item = &'a Example>) {
        let length = Part::Field.numbers();
        let examples: Vec<&Example> = examples.collect();
        let mut fields = vec![0.0; AT_ONCE * length];
        for examples in examples.chunks(AT_ONCE) {
            for (example, field) in examples.iter().zip(fields.chunks_exact_mut(length)) {
                example.wish(Part::Field, field);
            }
            let found = self.components.coordinates(&fields, examples.len());
            for (example, wish) in examples.iter().zip(found.as_chunks().0) {
                self.known.add(example.input, *wish);
            }
        }
    }

    /// Learns from a few groups of examples; the score is from before.
    pub fn learn(&mut self, random: &mut Random, rate: f32) -> Score {
        let blocks = self.known() / BLOCK;
        let groups: Vec<Range<usize>> = (0..BATCH.min(blocks))
            .map(|_| group(random.below(groups_in(blocks))))
            .collect();
        let samples: usize = groups.iter().map(ExactSizeIterator::len).sum();
        let inputs: Vec<f32> = groups
            .iter()
            .flat_map(|group| self.known.inputs[group.clone()].as_flattened())
            .copied()
            .collect();
        self.chain
            .forward(&self.parameters, None, &inputs, &mut self.run);
        let (mut wrong, mut still) = (0.0, 0.0);
        let mut sample = 0;
        for group in groups {
            let wishes = self.known.wishes[group.clone()].as_flattened();
            let mut errors = vec![0.0; wishes.len()];
            for (index, error) in errors.chunks_exact_mut(COMPONENTS).enumerate() {
                self.run.output(&self.chain, sample + index, error);
            }
            for (error, wish) in errors.iter_mut().zip(wishes) {
                *error -= wish;
                wrong += f64::from(*error * *error);
                still += f64::from(wish * wish);
            }
            for index in 0..group.len() {
                let slopes = mixed(&errors, COMPONENTS, index);
                self.back.set(&self.chain, sample + index, &slopes);
            }
            sample += group.len();
        }
        self.gradient.fill(0.0);
        self.chain.backward(
            &self.parameters,
            None,
            samples,
            &self.run,
            &mut self.back,
            &mut self.gradient,
        );
        self.adam
            .step(&mut self.parameters, &self.gradient, rate, DECAY);
        Score {
            error: self.components.error(wrong),
            still: self.components.error(still),
        }
    }

    /// Gives `branch`, from which the sketch was taken up, what was learned since.
    pub fn fold(&self, branch: &mut Branch) {
        let last = self.chain.layers().len() - 1;
        let hidden = self.chain.slots(last).weights.start;
        branch.parameters[..hidden].copy_from_slice(&self.parameters[..hidden]);
        let count = (self.parameters.len() - hidden) / COMPONENTS;
        let out = &mut branch.parameters[hidden..];
        self.components
            .fields(&self.parameters[hidden..], count, out);
    }
}

impl Known {
    fn add(&mut self, input: [f32; INPUTS], wish: [f32; COMPONENTS]) {
        if self.inputs.len() < MOST {
            self.inputs.push(input);
            self.wishes.push(wish);
            return;
        }
        self.inputs[self.oldest] = input;
        self.wishes[self.oldest] = wish;
        self.oldest = (self.oldest + 1) % MOST;
    }
}
