//! Learning a [generic start](crate::generic) from many faces.
//!
//! Every face has a last layer of its own, and all share what is before it. They take turns: a few steps each, in an order of
//! chance. From time to time every last layer is found anew by least squares, so that what is shared is judged by
//! the best that can be made of it. So a broken-off run needs nothing but what is shared to go on.

use crate::components::Components;
use crate::examples::Examples;
use crate::generic::{Generic, heads};
use crate::learner::Score;
use crate::loss::{Loss, Slopes};
use crate::random::Random;
use crate::shape::{Width, branches};
use crate::sketch::{Sketch, Weighing};
use crate::teacher::Teacher;
use sfumato_generator::network::Part;
use sfumato_generator::rig::model::Model;

/// Steps of each head at a turn: mouth and skin are most of what is seen.
fn steps(part: Part) -> usize {
    match part {
        Part::Turn => 0,
        Part::Skin | Part::Mouth => 6,
        Part::EyeRight | Part::EyeLeft => 2,
    }
}

/// Rounds after which the last layers are found anew.
const SETTLING: u32 = 25;

/// The largest step of a parameter; falls along a cosine.
const RATE: f32 = 2e-3;

/// Rounds over which the rate rises at the beginning.
const WARM_UP: u32 = 10;

/// Learning under way.
#[derive(Debug)]
pub struct Meta {
    generic: Generic,
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
                sketch.settle();
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

    /// A turn of every face; `seconds` of work are behind it, of so many in all.
    pub fn step(&mut self, seconds: [f64; 2]) {
        let over = (seconds[0] / seconds[1].max(1e-9)).clamp(0.0, 1.0) as f32;
        let fallen = 0.5 + 0.5 * (core::f32::consts::PI * over).cos();
        let warm = ((self.rounds + 1) as f32 / WARM_UP as f32).min(1.0);
        let rate = RATE * warm * fallen.max(0.01);
        let settles = self.rounds.is_multiple_of(SETTLING);
        for _ in 0..self.faces.len() {
            let face = self.random.below(self.faces.len());
            for sketch in &mut self.faces[face] {
                let head = sketch.head();
                let Some(shared) = self.generic.of_mut(head) else {
                    continue;
                };
                sketch.take_hidden(shared);
                if settles {
                    sketch.settle();
                }
                for _ in 0..steps(head.part) {
                    let score = sketch.learn(&mut self.random, rate, Weighing::Mean);
                    self.recent = self.recent.and(score);
                }
                shared.copy_from_slice(sketch.hidden());
            }
        }
        self.rounds += 1;
        self.generic.set_progress(self.rounds, seconds);
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
