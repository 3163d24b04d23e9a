//! A learner: the branches of one part, and one step of learning.

use crate::branch::{Branch, add_doubled, gather_doubled};
use crate::chain::backward::{Back, Importance};
use crate::chain::forward::Run;
use crate::examples::{Example, TRIPLE};
use crate::loss::{Loss, Weights, smooth, square};
use crate::shape::{Way, way};
use rayon::prelude::*;
use sfumato_generator::network::inputs::INPUTS;
use sfumato_generator::network::{Grain, Head, Part};

/// Weight of the errors' second difference over time against the errors themselves.
const TEMPORAL: f32 = 0.5;

/// Workers, each with memory of its own: fixed, so that sums come out the same on every machine.
const LANES: usize = 4;

/// One worker's memory for a branch.
#[derive(Debug)]
struct Room {
    run: Run,
    back: Back,
    gradient: Vec<f32>,
}

/// One worker's memory.
#[derive(Debug)]
struct Worker {
    rooms: Vec<Room>,
    wish: Vec<f32>,
    errors: Vec<f32>,
    slopes: Vec<f32>,
    /// What one head said, or its slopes.
    said: Vec<f32>,
    weights: Vec<Weights>,
}

impl Worker {
    fn new(branches: &[Branch], part: Part) -> Worker {
        let samples = TRIPLE;
        let room = |branch: &Branch| Room {
            run: Run::new(&branch.chain, samples),
            back: Back::new(&branch.chain, samples),
            gradient: vec![0.0; branch.chain.parameters()],
        };
        Worker {
            rooms: branches.iter().map(room).collect(),
            wish: vec![0.0; part.numbers()],
            errors: vec![0.0; samples * part.numbers()],
            slopes: vec![0.0; part.numbers()],
            said: vec![0.0; part.numbers()],
            weights: vec![[0.0; 6]; samples * part.numbers() / part.shape()[2]],
        }
    }
}

/// One part's network while it learns: the sum of its branches.
#[derive(Debug)]
pub struct Learner {
    /// What is learned.
    pub part: Part,
    /// One for each head of the part.
    pub branches: Vec<Branch>,
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
    /// A learner with these branches.
    pub fn new(part: Part, branches: Vec<Branch>) -> Learner {
        Learner {
            part,
            branches,
            workers: Vec::new(),
        }
    }

    /// The same knowledge, without memory for working and of the way there.
    pub fn copy(&self) -> Learner {
        Learner::new(self.part, self.branches.iter().map(Branch::copy).collect())
    }

    /// Multiplications of all branches.
    pub fn macs(&self) -> usize {
        self.branches.iter().map(|branch| branch.chain.macs()).sum()
    }

    /// Forgets memory that fits other chains; needed after a chain is changed.
    pub fn reshape(&mut self) {
        self.workers.clear();
    }

    /// Learns from groups of examples what is left for convolutions; the score is from before.
    pub fn learn(&mut self, groups: &[&[Example]], loss: &Loss, rate: f32) -> Score {
        let score = self.pass(groups, loss, true, false);
        for (index, branch) in self.branches.iter_mut().enumerate() {
            if way(branch.head) != Way::Descent {
                continue;
            }
            let rooms = self.workers.iter().filter_map(|w| w.rooms.get(index));
            branch.learn(rooms.map(|room| &room.gradient), rate);
        }
        score
    }

    /// Scores groups of examples.
    pub fn score(&mut self, groups: &[&[Example]], loss: &Loss) -> Score {
        self.pass(groups, loss, false, false)
    }

    /// How much each channel between layers matters for these examples, branch by branch.
    pub fn importance(&mut self, groups: &[&[Example]], loss: &Loss) -> Vec<Importance> {
        self.pass(groups, loss, true, true);
        let branches = self.branches.iter().enumerate();
        branches
            .map(|(index, branch)| {
                let mut sum = Importance::new(&branch.chain);
                let rooms = self.workers.iter().filter_map(|w| w.rooms.get(index));
                for seen in rooms.filter_map(|room| room.back.importance.as_ref()) {
                    sum.add(seen);
                }
                sum
            })
            .collect()
    }

    fn pass(&mut self, groups: &[&[Example]], loss: &Loss, slopes: bool, weigh: bool) -> Score {
        let count = groups.len().min(LANES);
        while self.workers.len() < count {
            self.workers.push(Worker::new(&self.branches, self.part));
        }
        self.workers.truncate(count);
        for branch in &mut self.branches {
            branch.round();
        }
        let (part, branches) = (self.part, &self.branches);
        let lesson = Lesson {
            part,
            branches,
            loss,
            weigh,
        };
        let scores: Vec<Score> = self
            .workers
            .par_iter_mut()
            .enumerate()
            .map(|(index, worker)| {
                for (room, branch) in worker.rooms.iter_mut().zip(branches) {
                    room.gradient.fill(0.0);
                    room.back.importance = weigh.then(|| Importance::new(&branch.chain));
                }
                let groups = groups.iter().skip(index).step_by(count);
                groups
                    .map(|group| lesson.take(group, slopes, worker))
                    .fold(Score::default(), Score::and)
            })
            .collect();
        scores.into_iter().fold(Score::default(), Score::and)
    }
}

struct Lesson<'a> {
    part: Part,
    branches: &'a [Branch],
    loss: &'a Loss,
    /// Every branch's slopes are asked for, however it learns.
    weigh: bool,
}

impl Lesson<'_> {
    fn take(&self, examples: &[Example], slopes: bool, worker: &mut Worker) -> Score {
        let mut inputs = Vec::with_capacity(examples.len() * INPUTS);
        for example in examples {
            inputs.extend_from_slice(&example.input);
        }
        for (branch, room) in self.branches.iter().zip(&mut worker.rooms) {
            let steps = branch.steps.as_deref();
            let inputs = branch.reads(&inputs);
            branch
                .chain
                .forward(branch.used(), steps, &inputs, &mut room.run);
        }
        let length = self.part.numbers();
        let channels = self.part.shape()[2];
        let nodes = length / channels;
        let mut score = Score::default();
        for (sample, example) in examples.iter().enumerate() {
            let weights = &mut worker.weights[sample * nodes..(sample + 1) * nodes];
            example.wish(self.part, &mut worker.wish);
            self.loss
                .weights(Head::new(self.part, Grain::Fine), &worker.wish, weights);
            score.still += square(&worker.wish, weights, channels, &mut worker.slopes);
            self.errors(sample, worker);
            let weights = &worker.weights[sample * nodes..(sample + 1) * nodes];
            let errors = &worker.errors[sample * length..(sample + 1) * length];
            score.error += square(errors, weights, channels, &mut worker.slopes);
        }
        if !slopes {
            return score;
        }
        for sample in 0..examples.len() {
            let weights = &worker.weights[sample * nodes..(sample + 1) * nodes];
            let mixed = mixed(&worker.errors[..examples.len() * length], length, sample);
            square(&mixed, weights, channels, &mut worker.slopes);
            if channels > 2 {
                smooth(self.part, &mixed, weights, &mut worker.slopes);
            }
            for (branch, room) in self.branches.iter().zip(&mut worker.rooms) {
                if !self.learns(branch) {
                    continue;
                }
                match branch.head.grain {
                    Grain::Fine => room.back.set(&branch.chain, sample, &worker.slopes),
                    Grain::Broad => {
                        let said = &mut worker.said[..branch.head.numbers()];
                        gather_doubled(&worker.slopes, self.part.shape(), said);
                        room.back.set(&branch.chain, sample, said);
                    }
                }
            }
        }
        for (branch, room) in self.branches.iter().zip(&mut worker.rooms) {
            if !self.learns(branch) {
                continue;
            }
            branch.chain.backward(
                branch.used(),
                branch.steps.as_deref(),
                examples.len(),
                &room.run,
                &mut room.back,
                &mut room.gradient,
            );
        }
        score
    }

    /// Whether a branch's slopes are needed.
    fn learns(&self, branch: &Branch) -> bool {
        self.weigh || way(branch.head) == Way::Descent
    }

    /// What the branches said together, less the worker's wish.
    fn errors(&self, sample: usize, worker: &mut Worker) {
        let length = self.part.numbers();
        let errors = &mut worker.errors[sample * length..(sample + 1) * length];
        for (error, wish) in errors.iter_mut().zip(&worker.wish) {
            *error = -wish;
        }
        for (branch, room) in self.branches.iter().zip(&worker.rooms) {
            add_said(branch, &room.run, sample, &mut worker.said, errors);
        }
    }
}

/// Adds what a branch gave for a sample to `out`, its part's numbers. `said` is room for as many.
pub fn add_said(branch: &Branch, run: &Run, sample: usize, said: &mut [f32], out: &mut [f32]) {
    let said = &mut said[..branch.head.numbers()];
    run.output(&branch.chain, sample, said);
    match branch.head.grain {
        Grain::Broad => add_doubled(said, branch.head.part.shape(), out),
        Grain::Fine => {
            for (out, said) in out.iter_mut().zip(said) {
                *out += *said;
            }
        }
    }
}

/// The error of one example plus its share in the second difference over a triple, whose slopes are
/// (1, -2, 1) times it.
pub fn mixed(errors: &[f32], length: usize, sample: usize) -> Vec<f32> {
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
