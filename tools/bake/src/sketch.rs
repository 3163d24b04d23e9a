//! The learner of a head that is a sum of pictures: in few numbers instead.
//!
//! The last layer gives [coordinates](crate::components) instead of a picture. Both are linear, so
//! that at any time a sketch can be [folded](Sketch::fold) into the branch that the device will run,
//! and a branch taken up as a sketch. So a saved bake holds the branch alone; taken up again, only the
//! optimiser's means are lost.
//!
//! Such a head is learned in three stages. First with every place weighed as it is on average, which costs
//! next to nothing. Then as each example [weighs it](Weighing::Own): a nose is elsewhere on a turned head.
//! At last with what lies between the layers in bytes; the last layer's weights become whole at the
//! end ([`Sketch::finish`]), all at once.

use crate::adam::Adam;
use crate::branch::{Branch, DECAY};
use crate::chain::backward::Back;
use crate::chain::forward::Run;
use crate::chain::gemm::{View, multiply};
use crate::chain::{Chain, Layer, Map};
use crate::components::{COMPONENTS, Components};
use crate::examples::{BLOCK, Example, TRIPLE, group, groups_in};
use crate::learner::{Score, mixed};
use crate::loss::{Loss, Weights, square};
use crate::moments::Moments;
use crate::quantise::{LARGEST, rounded, widen};
use crate::random::Random;
use crate::whole::whole;
use core::ops::Range;
use rayon::prelude::*;
use sfumato_generator::network::Head;
use sfumato_generator::network::inputs::INPUTS;

/// Groups of examples from which one step learns.
const BATCH: usize = 16;

/// Workers, each with memory of its own: fixed, so that sums come out the same on every machine.
const LANES: usize = 2;

/// Examples whose coordinates are found at a time.
const AT_ONCE: usize = 64;

/// Examples that are remembered: as numbers they are small, and learning from many is what keeps a
/// motion that was never seen as good as those that were. Whole [`BLOCK`]s.
const MOST: usize = 5000 * BLOCK;

/// Of so many rows of a picture, one is looked at in a step with examples' own weights, another each
/// time: neighbours are wrong alike.
const STRIPS: usize = 4;

/// Part of the mean square that least squares add to each: bends are alike.
const DAMPING: f64 = 1e-4;

/// How examples' errors are weighed.
#[derive(Clone, Copy, Debug)]
pub enum Weighing<'a> {
    /// All alike.
    Mean,
    /// Each as the loss does.
    Own(&'a Loss),
}

/// A head as it is learned.
#[derive(Debug)]
pub struct Sketch {
    components: Components,
    known: Known,
    chain: Chain,
    parameters: Vec<f32>,
    adam: Adam,
    lanes: Vec<Lane>,
    /// Steps of the bytes between layers, once there are some, and the parameters with the weights
    /// of all layers but the last rounded.
    steps: Option<Vec<f32>>,
    rounded: Vec<f32>,
}

/// Examples as numbers, in blocks as [`Examples`](crate::examples::Examples) has them.
#[derive(Debug, Default)]
struct Known {
    inputs: Vec<[f32; INPUTS]>,
    wishes: Vec<[f32; COMPONENTS]>,
    oldest: usize,
}

/// One worker's memory.
#[derive(Debug)]
struct Lane {
    run: Run,
    back: Back,
    gradient: Vec<f32>,
    inputs: Vec<f32>,
    /// Coordinates for each sample: what is off, the same with its share in second differences, and
    /// the error's slopes.
    errors: Vec<f32>,
    mixed: Vec<f32>,
    slopes: Vec<f32>,
}

impl Lane {
    fn new(chain: &Chain) -> Lane {
        let samples = BATCH.div_ceil(LANES) * TRIPLE + 1;
        Lane {
            run: Run::new(chain, samples),
            back: Back::new(chain, samples),
            gradient: vec![0.0; chain.parameters()],
            inputs: Vec::new(),
            errors: Vec::new(),
            mixed: Vec::new(),
            slopes: Vec::new(),
        }
    }
}

impl Sketch {
    /// Takes up what `branch` knows, in bytes if it has learned so already.
    pub fn new(components: Components, branch: &Branch) -> Sketch {
        Sketch::with(components, Known::default(), branch)
    }

    fn with(components: Components, known: Known, branch: &Branch) -> Sketch {
        let mut layers = branch.chain.layers().to_vec();
        if let Some(last) = layers.last_mut() {
            *last = Layer::Connected(Map::vector(COMPONENTS));
        }
        let chain = Chain::new(INPUTS, &layers);
        let hidden = last(&branch.chain);
        let mut parameters = branch.parameters[..hidden.start].to_vec();
        let pictures = &branch.parameters[hidden.start..];
        parameters.extend(components.coordinates(pictures, hidden.len() + 1));
        Sketch {
            components,
            known,
            adam: Adam::new(parameters.len()),
            lanes: (0..LANES).map(|_| Lane::new(&chain)).collect(),
            steps: branch.steps.clone(),
            rounded: Vec::new(),
            parameters,
            chain,
        }
    }

    /// The same for a branch whose layers have changed.
    pub fn again(self, branch: &Branch) -> Sketch {
        Sketch::with(self.components, self.known, branch)
    }

    /// Whose it is.
    pub fn head(&self) -> Head {
        self.components.head()
    }

    /// How many examples it knows.
    pub fn known(&self) -> usize {
        self.known.inputs.len()
    }

    /// Takes in more examples, whole blocks, in place of the oldest once it knows enough.
    pub fn add(&mut self, examples: &[&Example]) {
        for examples in examples.chunks(AT_ONCE) {
            let found = self.components.wished(examples);
            for (example, wish) in examples.iter().zip(found.as_chunks().0) {
                self.known.add(example.input, *wish);
            }
        }
    }

    /// Learns from a few groups of examples; the score is from before.
    pub fn learn(&mut self, random: &mut Random, rate: f32, weighing: Weighing<'_>) -> Score {
        let blocks = self.known() / BLOCK;
        let groups: Vec<Range<usize>> = (0..BATCH.min(blocks))
            .map(|_| group(random.below(groups_in(blocks))))
            .collect();
        let strip = random.below(STRIPS);
        self.round();
        let lesson = Lesson {
            components: &self.components,
            known: &self.known,
            chain: &self.chain,
            parameters: match &self.steps {
                Some(_) => &self.rounded,
                None => &self.parameters,
            },
            steps: self.steps.as_deref(),
            weighing,
            strip,
        };
        let groups = groups.chunks(BATCH / LANES);
        let scores: Vec<Score> = self
            .lanes
            .par_iter_mut()
            .zip(groups.collect::<Vec<_>>())
            .map(|(lane, groups)| lesson.take(groups, lane))
            .collect();
        let mut lanes = self.lanes.iter_mut().take(scores.len());
        if let Some(first) = lanes.next() {
            for lane in lanes {
                for (sum, slope) in first.gradient.iter_mut().zip(&lane.gradient) {
                    *sum += slope;
                }
            }
            self.adam
                .step(&mut self.parameters, &first.gradient, rate, DECAY);
        }
        scores.into_iter().fold(Score::default(), Score::and)
    }

    /// Makes ready the parameters that count once there are bytes.
    fn round(&mut self) {
        let Some(steps) = &mut self.steps else {
            return;
        };
        widen(&self.chain, &self.parameters, steps);
        rounded(&self.chain, &self.parameters, &mut self.rounded);
        let hidden = self
            .chain
            .slots(self.chain.layers().len() - 1)
            .weights
            .start;
        self.rounded[hidden..].copy_from_slice(&self.parameters[hidden..]);
    }

    /// Slopes of the error that was learned from last, by each of the parameters before the last layer.
    pub fn hidden_slopes(&self) -> &[f32] {
        let hidden = last(&self.chain).start;
        let first = self.lanes.first();
        first.map_or(&[], |lane| &lane.gradient[..hidden])
    }

    /// Bends the motion otherwise from now on: all parameters before the last layer.
    pub fn take_hidden(&mut self, hidden: &[f32]) {
        let start = last(&self.chain).start;
        self.parameters[..start].copy_from_slice(hidden);
    }

    /// Finds the last layer that is best behind the others, by least squares over all examples that are known.
    ///
    /// Once there are bytes between the layers, what they lose counts.
    pub fn settle(&mut self) {
        self.round();
        let hidden = last(&self.chain);
        let units = hidden.len();
        let layer = self.chain.layers().len() - 1;
        let rest = self.at_rest();
        let mut run = Run::new(&self.chain, AT_ONCE);
        let mut moments = Moments::new(units);
        let mut products = vec![0.0f64; units * COMPONENTS];
        let mut room = vec![0.0f32; units * COMPONENTS];
        let wishes = self.known.wishes.chunks(AT_ONCE);
        for (inputs, wishes) in self.known.inputs.chunks(AT_ONCE).zip(wishes) {
            let inputs = inputs.as_flattened();
            let steps = self.steps.as_deref();
            self.chain.forward(self.used(), steps, inputs, &mut run);
            let said = &mut run.maps[layer][..wishes.len() * units];
            // Only what differs from rest is shown.
            for (index, said) in said.iter_mut().enumerate() {
                *said -= rest[index % units];
            }
            moments.add(said);
            multiply(
                [units, wishes.len(), COMPONENTS],
                View::rows(said, units).transposed(),
                View::rows(wishes.as_flattened(), COMPONENTS),
                &mut room,
                true,
            );
            for (sum, product) in products.iter_mut().zip(&room) {
                *sum += f64::from(*product);
            }
        }
        let weights = moments.nearest(DAMPING, products);
        let (own, bias) = self.parameters[hidden.start..].split_at_mut(weights.len());
        own.copy_from_slice(&weights);
        silence(&rest, own, bias);
        self.adam = Adam::new(self.parameters.len());
    }

    /// Gives `branch`, from which the sketch was taken up, what was learned since. It says nothing at rest.
    pub fn fold(&self, branch: &mut Branch) {
        let hidden = last(&branch.chain);
        branch.parameters[..hidden.start].copy_from_slice(&self.parameters[..hidden.start]);
        branch.steps.clone_from(&self.steps);
        let mut coordinates = self.parameters[hidden.start..].to_vec();
        let (weights, bias) = coordinates.split_at_mut(hidden.len() * COMPONENTS);
        silence(&self.at_rest(), weights, bias);
        let out = &mut branch.parameters[hidden.start..];
        self.components
            .pictures(&coordinates, hidden.len() + 1, out);
    }

    /// The parameters as they count now.
    fn used(&self) -> &[f32] {
        match &self.steps {
            Some(_) => &self.rounded,
            None => &self.parameters,
        }
    }

    /// What comes into the last layer at rest.
    fn at_rest(&self) -> Vec<f32> {
        let mut run = Run::new(&self.chain, 1);
        let steps = self.steps.as_deref();
        // A sketch taken up from a file has not rounded yet.
        let used = if self.rounded.is_empty() {
            &self.parameters
        } else {
            self.used()
        };
        self.chain.forward(used, steps, &[0.0; INPUTS], &mut run);
        run.maps.swap_remove(self.chain.layers().len() - 1)
    }

    /// From now on there are bytes between the layers.
    ///
    /// Every unit is made to use its bytes' whole range, which changes nothing else (cross-layer equalization,
    /// Nagel et al. 2019).
    pub fn begin_rounding(&mut self) {
        let layers = self.chain.layers().len();
        for layer in 0..layers - 1 {
            let units = self.chain.maps()[layer + 1].numbers();
            let mut most = vec![0.0f32; units];
            for inputs in self.known.inputs.chunks(BATCH / LANES * TRIPLE) {
                let run = &mut self.lanes[0].run;
                let inputs = inputs.as_flattened();
                self.chain.forward(&self.parameters, None, inputs, run);
                let samples = inputs.len() / INPUTS;
                for row in run.maps[layer + 1][..samples * units].chunks_exact(units) {
                    for (most, value) in most.iter_mut().zip(row) {
                        *most = most.max(*value);
                    }
                }
            }
            // A unit that never says anything stays as it is.
            let factors: Vec<f32> = most
                .iter()
                .map(|&most| if most > 1e-6 { 1.0 / most } else { 1.0 })
                .collect();
            let [slots, after] = [layer, layer + 1].map(|layer| self.chain.slots(layer).clone());
            for rows in [slots.weights, slots.bias] {
                for row in self.parameters[rows].chunks_exact_mut(units) {
                    for (number, factor) in row.iter_mut().zip(&factors) {
                        *number *= factor;
                    }
                }
            }
            let outputs = after.bias.len();
            let rows = self.parameters[after.weights].chunks_exact_mut(outputs);
            for (row, factor) in rows.zip(&factors) {
                for number in row {
                    *number /= factor;
                }
            }
        }
        self.adam = Adam::new(self.parameters.len());
        let mut steps = vec![1.0 / 255.0; layers];
        steps[layers - 1] = 0.0;
        self.steps = Some(steps);
    }

    /// Gives `branch` what was learned with the last layer's weights whole, each chosen so that it makes
    /// up for those before it.
    pub fn finish(&mut self, branch: &mut Branch) {
        self.round();
        self.fold(branch);
        let hidden = last(&branch.chain);
        let units = hidden.len();
        let last = self.chain.layers().len() - 1;
        let rest = self.at_rest();
        let mut run = Run::new(&self.chain, AT_ONCE);
        let mut moments = Moments::new(units);
        for inputs in self.known.inputs.chunks(AT_ONCE) {
            let steps = self.steps.as_deref();
            let inputs = inputs.as_flattened();
            self.chain.forward(self.used(), steps, inputs, &mut run);
            let said = &mut run.maps[last][..inputs.len() / INPUTS * units];
            // Only what differs from rest is shown.
            for (index, said) in said.iter_mut().enumerate() {
                *said -= rest[index % units];
            }
            moments.add(said);
        }
        let numbers = branch.head.numbers();
        let (weights, bias) = branch.parameters[hidden.start..].split_at_mut(units * numbers);
        whole(&moments, LARGEST, weights, numbers);
        silence(&rest, weights, bias);
    }
}

/// Sets the bias of a layer (weights input by output) so that nothing comes out for `input`.
fn silence(input: &[f32], weights: &[f32], bias: &mut [f32]) {
    bias.fill(0.0);
    for (input, row) in input.iter().zip(weights.chunks_exact(bias.len())) {
        for (bias, weight) in bias.iter_mut().zip(row) {
            *bias -= input * weight;
        }
    }
}

/// Where a chain's last weights begin, and as many numbers as come into its last layer.
fn last(chain: &Chain) -> Range<usize> {
    let layer = chain.layers().len() - 1;
    let start = chain.slots(layer).weights.start;
    start..start + chain.maps()[layer].numbers()
}

struct Lesson<'a> {
    components: &'a Components,
    known: &'a Known,
    chain: &'a Chain,
    parameters: &'a [f32],
    steps: Option<&'a [f32]>,
    weighing: Weighing<'a>,
    strip: usize,
}

impl Lesson<'_> {
    fn take(&self, groups: &[Range<usize>], lane: &mut Lane) -> Score {
        lane.inputs.clear();
        lane.errors.clear();
        for group in groups {
            let inputs = &self.known.inputs[group.clone()];
            lane.inputs.extend_from_slice(inputs.as_flattened());
        }
        let samples = lane.inputs.len() / INPUTS;
        // What is said at rest counts too: the device takes it off what is said ever after.
        lane.inputs.extend([0.0; INPUTS]);
        self.chain
            .forward(self.parameters, self.steps, &lane.inputs, &mut lane.run);
        let mut rest = [0.0; COMPONENTS];
        lane.run.output(self.chain, samples, &mut rest);
        lane.errors.resize(samples * COMPONENTS, 0.0);
        lane.mixed.clear();
        let mut wishes = Vec::with_capacity(samples * COMPONENTS);
        let mut first = 0;
        for group in groups {
            let wish = self.known.wishes[group.clone()].as_flattened();
            let errors = &mut lane.errors[first * COMPONENTS..][..wish.len()];
            for (index, error) in errors.chunks_exact_mut(COMPONENTS).enumerate() {
                lane.run.output(self.chain, first + index, error);
            }
            for (index, (error, wish)) in errors.iter_mut().zip(wish).enumerate() {
                *error -= wish + rest[index % COMPONENTS];
            }
            for index in 0..group.len() {
                lane.mixed.extend(mixed(errors, COMPONENTS, index));
            }
            wishes.extend_from_slice(wish);
            first += group.len();
        }
        let score = match self.weighing {
            Weighing::Mean => {
                lane.slopes.clone_from(&lane.mixed);
                let squares = |list: &[f32]| list.iter().map(|n| f64::from(n * n)).sum();
                Score {
                    error: self.components.error(squares(&lane.errors)),
                    still: self.components.error(squares(&wishes)),
                }
            }
            Weighing::Own(loss) => self.own(loss, &wishes, lane),
        };
        rest.fill(0.0);
        for (sample, slopes) in lane.slopes.chunks_exact(COMPONENTS).enumerate() {
            lane.back.set(self.chain, sample, slopes);
            for (rest, slope) in rest.iter_mut().zip(slopes) {
                *rest -= slope;
            }
        }
        lane.back.set(self.chain, samples, &rest);
        lane.gradient.fill(0.0);
        self.chain.backward(
            self.parameters,
            self.steps,
            samples + 1,
            &lane.run,
            &mut lane.back,
            &mut lane.gradient,
        );
        score
    }

    /// Slopes and score of some rows of the picture, each place weighed as the sample weighs it.
    fn own(&self, loss: &Loss, wishes: &[f32], lane: &mut Lane) -> Score {
        let head = self.components.head();
        let [rows, columns, channels] = head.shape();
        let length = columns * channels;
        let samples = wishes.len() / COMPONENTS;
        let room = || vec![0.0; samples * length];
        let [mut wished, mut wrong, mut slopes] = [room(), room(), room()];
        let mut weights: Vec<Weights> = vec![[0.0; 6]; columns];
        let mut score = Score::default();
        lane.slopes.clear();
        lane.slopes.resize(samples * COMPONENTS, 0.0);
        for row in (self.strip..rows).step_by(STRIPS) {
            self.components.row(row, wishes, &mut wished);
            self.components.row(row, &lane.mixed, &mut wrong);
            let sample = wished.chunks_exact(length).zip(wrong.chunks_exact(length));
            for ((wished, wrong), slopes) in sample.zip(slopes.chunks_exact_mut(length)) {
                loss.row(head, row, wished, &mut weights);
                score.still += square(wished, &weights, channels, slopes);
                score.error += square(wrong, &weights, channels, slopes);
            }
            self.components.slopes(row, &slopes, &mut lane.slopes);
        }
        // Of a size with those of coordinates' squares, where every row counts.
        let scale = (0.5 * STRIPS as f64 / self.components.error(1.0)) as f32;
        for slope in &mut lane.slopes {
            *slope *= scale;
        }
        score
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
