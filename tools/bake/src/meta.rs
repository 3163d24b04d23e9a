//! Learning a [generic start](crate::generic) from many faces.
//!
//! Every face has a last layer of its own, and all share what is before it. At each step a few faces are looked at, as chance
//! has it: each takes a step with its own last layer, and what is shared goes down their slopes together. So a broken-off
//! run needs nothing but what is shared to go on: last layers are found anew by least squares.

use crate::adam::Adam;
use crate::branch::DECAY;
use crate::components::Components;
use crate::examples::Examples;
use crate::generic::{Generic, heads};
use crate::learner::Score;
use crate::loss::{Loss, Slopes};
use crate::random::Random;
use crate::shape::{Width, branches};
use crate::sketch::{Sketch, Weighing};
use crate::teacher::Teacher;
use rayon::prelude::*;
use sfumato_generator::network::{Head, Part};
use sfumato_generator::rig::model::Model;

/// Steps of each head in a round: mouth and skin are most of what is seen.
fn steps(part: Part) -> usize {
    match part {
        Part::Turn => 0,
        Part::Skin | Part::Mouth => 6,
        Part::EyeRight | Part::EyeLeft => 2,
    }
}

/// Faces that are looked at in a step.
const TOGETHER: usize = 4;

/// The largest step of a parameter; falls along a cosine.
const RATE: f32 = 2e-3;

/// Rounds over which the rate rises at the beginning.
const WARM_UP: u32 = 10;

/// Learning under way.
#[derive(Debug)]
pub struct Meta {
    generic: Generic,
    /// Of each head that has a start, in their order.
    optimisers: Vec<Adam>,
    faces: Vec<Vec<Sketch>>,
    random: Random,
    rounds: u32,
    /// Score of the last turns, for progress.
    recent: Score,
}

impl Meta {
    /// Begins with a start that was learned before, or with none that knows anything.
    pub fn new(generic: Generic, seed: u64) -> Meta {
        let rounds = generic.progress().0;
        Meta {
            random: Random::new(seed ^ u64::from(rounds)),
            optimisers: heads()
                .map(|head| Adam::new(generic.of(head).map_or(0, <[f32]>::len)))
                .collect(),
            generic,
            faces: Vec::new(),
            rounds,
            recent: Score::default(),
        }
    }

    /// Takes in a face: draws so many examples of it, which are kept as few numbers.
    pub fn add(&mut self, model: &Model, slopes: Slopes, examples: usize, threads: usize) {
        let mut teachers: Vec<Teacher> = (0..threads.max(1))
            .map(|_| Teacher::new(model.clone()))
            .collect();
        let loss = Loss::new(model, slopes, teachers[0].rest());
        let examples = Examples::new(examples, &mut teachers, &[], &mut self.random);
        let list: Vec<_> = examples.list().iter().collect();
        let mut sketches = Vec::new();
        for head in heads() {
            let all = branches(head.part, Width::Narrow, 1).into_iter();
            for mut branch in all.filter(|branch| branch.head == head) {
                self.generic.begin(&mut branch);
                let mut sketch = Sketch::new(Components::of(head, examples.list(), &loss), &branch);
                sketch.add(&list);
                // Where learning goes on, what is shared is worth more than a last layer of chance.
                if self.rounds > 0 {
                    sketch.settle();
                }
                sketches.push(sketch);
            }
        }
        self.faces.push(sketches);
    }

    /// How many faces there are.
    pub fn faces(&self) -> usize {
        self.faces.len()
    }

    /// Rounds so far.
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// A round of steps; `seconds` of work are behind it, of so many in all.
    pub fn step(&mut self, seconds: [f64; 2]) {
        let over = (seconds[0] / seconds[1].max(1e-9)).clamp(0.0, 1.0) as f32;
        let fallen = 0.5 + 0.5 * (core::f32::consts::PI * over).cos();
        let warm = ((self.rounds + 1) as f32 / WARM_UP as f32).min(1.0);
        let rate = RATE * warm * fallen.max(0.004);
        for (place, head) in heads().enumerate() {
            for _ in 0..steps(head.part) {
                self.learn(place, head, rate);
            }
        }
        self.rounds += 1;
        self.generic.set_progress(self.rounds, seconds);
    }

    /// One step of one head.
    fn learn(&mut self, place: usize, head: Head, rate: f32) {
        let (Some(shared), Some(optimiser)) =
            (self.generic.of_mut(head), self.optimisers.get_mut(place))
        else {
            return;
        };
        let chances = picked(self.faces.len(), &mut self.random);
        let sketches = self.faces.iter_mut().filter_map(|face| face.get_mut(place));
        let looked: Vec<(&mut Sketch, Random)> = (sketches.zip(chances))
            .filter_map(|(sketch, chance)| Some((sketch, chance?)))
            .collect();
        let looked: Vec<(&Sketch, Score)> = looked
            .into_par_iter()
            .map(|(sketch, mut chance)| {
                sketch.take_hidden(shared);
                let score = sketch.learn(&mut chance, rate, Weighing::Mean);
                (&*sketch, score)
            })
            .collect();
        let mut slopes = vec![0.0; shared.len()];
        for (sketch, score) in looked {
            for (sum, slope) in slopes.iter_mut().zip(sketch.hidden_slopes()) {
                *sum += slope;
            }
            self.recent = self.recent.and(score);
        }
        optimiser.step(shared, &slopes, rate, DECAY);
    }

    /// How much less wrong than faces at rest the faces were since this was asked last, decibels.
    pub fn recent(&mut self) -> f64 {
        core::mem::take(&mut self.recent).decibels()
    }

    /// What is shared now.
    pub fn generic(&self) -> &Generic {
        &self.generic
    }
}

/// Which faces are looked at, [`TOGETHER`] of them or all: chance of its own for each that is.
fn picked(faces: usize, random: &mut Random) -> Vec<Option<Random>> {
    let mut chances: Vec<Option<Random>> = vec![None; faces];
    let mut left = TOGETHER.min(faces);
    while left > 0 {
        let chance = &mut chances[random.below(faces)];
        if chance.is_none() {
            *chance = Some(Random::new(random.below(1 << 31) as u64));
            left -= 1;
        }
    }
    chances
}
