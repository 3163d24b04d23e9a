//! A learner: the chain of one part, its parameters, and one step of learning.

use crate::adam::Adam;
use crate::chain::Chain;
use crate::chain::backward::{Back, Importance};
use crate::chain::forward::Run;
use crate::examples::{Example, TRIPLE};
use crate::loss::{Loss, Weights, square};
use crate::quantise;
use rayon::prelude::*;
use sfumato_generator::network::Part;
use sfumato_generator::network::inputs::INPUTS;

/// Weight of the errors' second difference over time against the errors themselves.
const TEMPORAL: f32 = 0.5;

/// Workers, each with memory of its own: fixed, so that sums come out the same on every machine.
const LANES: usize = 4;

/// One worker's memory.
#[derive(Debug)]
struct Worker {
    run: Run,
    back: Back,
    gradient: Vec<f32>,
    wish: Vec<f32>,
    errors: Vec<f32>,
    slopes: Vec<f32>,
    weights: Vec<Weights>,
}

impl Worker {
    fn new(chain: &Chain, part: Part) -> Worker {
        let samples = TRIPLE;
        Worker {
            run: Run::new(chain, samples),
            back: Back::new(chain, samples),
            gradient: vec![0.0; chain.parameters()],
            wish: vec![0.0; part.numbers()],
            errors: vec![0.0; samples * part.numbers()],
            slopes: vec![0.0; part.numbers()],
            weights: vec![[0.0; 7]; samples * part.numbers() / part.shape()[2]],
        }
    }
}

/// One part's network while it learns.
#[derive(Debug)]
pub struct Learner {
    /// What is learned.
    pub part: Part,
    /// The layers.
    pub chain: Chain,
    /// Weights and biases.
    pub parameters: Vec<f32>,
    /// Of the optimiser.
    pub adam: Adam,
    /// Steps of the bytes between layers, once the chain learns as the device will run it: with
    /// rounded weights and bytes.
    pub steps: Option<Vec<f32>>,
    /// The rounded weights.
    rounded: Vec<f32>,
    workers: Vec<Worker>,
}

/// Errors of some examples, in squares of full intensity times area.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// Sum over the examples.
    pub error: f64,
    /// What a face at rest would be wrong by.
    pub still: f64,
}

impl Score {
    /// How much less wrong than a face at rest, decibels.
    pub fn decibels(self) -> f64 {
        10.0 * (self.still / self.error.max(1e-30)).log10()
    }

    /// Both together.
    pub fn and(self, other: Score) -> Score {
        Score {
            error: self.error + other.error,
            still: self.still + other.still,
        }
    }
}

impl Learner {
    /// A learner that knows nothing yet.
    pub fn new(part: Part, chain: Chain, seed: u64) -> Learner {
        let parameters = chain.initial(seed);
        Learner {
            part,
            adam: Adam::new(parameters.len()),
            parameters,
            chain,
            steps: None,
            rounded: Vec::new(),
            workers: Vec::new(),
        }
    }

    /// The same knowledge, without memory for working and of the way there.
    pub fn copy(&self) -> Learner {
        Learner {
            part: self.part,
            chain: self.chain.clone(),
            parameters: self.parameters.clone(),
            adam: Adam::new(self.parameters.len()),
            steps: self.steps.clone(),
            rounded: Vec::new(),
            workers: Vec::new(),
        }
    }

    /// Forgets memory that fits another chain; needed after the chain is changed.
    pub fn reshape(&mut self) {
        self.workers.clear();
    }

    /// Learns from groups of examples; the score is from before.
    pub fn learn(&mut self, groups: &[&[Example]], loss: &Loss, rate: f32) -> Score {
        let score = self.pass(groups, loss, true, false);
        let mut workers = self.workers.iter();
        let Some(first) = workers.next() else {
            return score;
        };
        let mut gradient = first.gradient.clone();
        for worker in workers {
            for (sum, slope) in gradient.iter_mut().zip(&worker.gradient) {
                *sum += slope;
            }
        }
        self.adam.step(&mut self.parameters, &gradient, rate, 1e-4);
        score
    }

    /// Scores groups of examples.
    pub fn score(&mut self, groups: &[&[Example]], loss: &Loss) -> Score {
        self.pass(groups, loss, false, false)
    }

    /// How much each channel between layers matters for these examples.
    pub fn importance(&mut self, groups: &[&[Example]], loss: &Loss) -> Importance {
        self.pass(groups, loss, true, true);
        let mut sum = Importance::new(&self.chain);
        for worker in &self.workers {
            if let Some(seen) = &worker.back.importance {
                sum.add(seen);
            }
        }
        sum
    }

    fn pass(&mut self, groups: &[&[Example]], loss: &Loss, slopes: bool, weigh: bool) -> Score {
        let count = groups.len().min(LANES);
        while self.workers.len() < count {
            self.workers.push(Worker::new(&self.chain, self.part));
        }
        self.workers.truncate(count);
        let (part, chain) = (self.part, &self.chain);
        let steps = self.steps.as_deref();
        let mut parameters = &self.parameters;
        if steps.is_some() {
            quantise::rounded(chain, parameters, &mut self.rounded);
            parameters = &self.rounded;
        }
        let scores: Vec<Score> = self
            .workers
            .par_iter_mut()
            .enumerate()
            .map(|(index, worker)| {
                worker.gradient.fill(0.0);
                worker.back.importance = weigh.then(|| Importance::new(chain));
                let mut score = Score::default();
                for group in groups.iter().skip(index).step_by(count) {
                    let lesson = Lesson {
                        part,
                        chain,
                        parameters,
                        steps,
                        loss,
                    };
                    score = score.and(lesson.take(group, slopes, worker));
                }
                score
            })
            .collect();
        scores.into_iter().fold(Score::default(), Score::and)
    }
}

struct Lesson<'a> {
    part: Part,
    chain: &'a Chain,
    parameters: &'a [f32],
    steps: Option<&'a [f32]>,
    loss: &'a Loss,
}

impl Lesson<'_> {
    fn take(&self, examples: &[Example], slopes: bool, worker: &mut Worker) -> Score {
        let mut inputs = Vec::with_capacity(examples.len() * INPUTS);
        for example in examples {
            inputs.extend_from_slice(&example.input);
        }
        self.chain
            .forward(self.parameters, self.steps, &inputs, &mut worker.run);
        let length = self.part.numbers();
        let channels = self.part.shape()[2];
        let nodes = length / channels;
        let mut score = Score::default();
        for (sample, example) in examples.iter().enumerate() {
            let errors = &mut worker.errors[sample * length..(sample + 1) * length];
            let weights = &mut worker.weights[sample * nodes..(sample + 1) * nodes];
            example.wish(self.part, &mut worker.wish);
            self.loss.weights(self.part, &worker.wish, weights);
            score.still += square(&worker.wish, weights, channels, &mut worker.slopes);
            worker.run.output(self.chain, sample, errors);
            for (error, wish) in errors.iter_mut().zip(&worker.wish) {
                *error -= wish;
            }
            score.error += square(errors, weights, channels, &mut worker.slopes);
        }
        if !slopes {
            return score;
        }
        for sample in 0..examples.len() {
            let (errors, weights) = (&mut worker.errors, &worker.weights);
            let weights = &weights[sample * nodes..(sample + 1) * nodes];
            let mixed = mixed(&errors[..examples.len() * length], length, sample);
            square(&mixed, weights, channels, &mut worker.slopes);
            worker.back.set(self.chain, sample, &worker.slopes);
        }
        self.chain.backward(
            self.parameters,
            self.steps,
            examples.len(),
            &worker.run,
            &mut worker.back,
            &mut worker.gradient,
        );
        score
    }
}

/// The error of one example plus its share in the second difference over a triple, whose slopes are
/// (1, -2, 1) times it.
fn mixed(errors: &[f32], length: usize, sample: usize) -> Vec<f32> {
    let mut mixed = errors[sample * length..(sample + 1) * length].to_vec();
    if errors.len() == TRIPLE * length {
        let share = TEMPORAL * [1.0, -2.0, 1.0][sample] / 6.0;
        let (before, rest) = errors.split_at(length);
        let (middle, after) = rest.split_at(length);
        for (index, mixed) in mixed.iter_mut().enumerate() {
            *mixed += share * (before[index] - 2.0 * middle[index] + after[index]);
        }
    }
    mixed
}
