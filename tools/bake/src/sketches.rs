//! The heads that are not learned layer by layer, and how much each learns at a time.
//!
//! Heads that are sums of pictures are learned [in few numbers](crate::sketch), a
//! [polynomial](crate::polynomial) at once. What is finer learns beside them what they leave.

use crate::branch::Branch;
use crate::components::Components;
use crate::examples::Example;
use crate::learner::{Learner, Score};
use crate::loss::Loss;
use crate::polynomial::Polynomial;
use crate::random::Random;
use crate::shape::{Way, way};
use crate::sketch::{Sketch, Weighing};
use sfumato_generator::network::{Head, Part};

/// Steps of a part's sketch at a time: with places weighed alike, and as each example does. Both kinds
/// take about as long.
fn turns(part: Part) -> [usize; 2] {
    match part {
        // No sketch.
        Part::Turn => [0, 0],
        Part::Skin => [30, 9],
        Part::Mouth => [30, 5],
        Part::EyeRight | Part::EyeLeft => [10, 3],
    }
}

/// The sketches and polynomials of one bake.
#[derive(Debug)]
pub struct Sketches {
    list: Vec<Sketch>,
    polynomials: Vec<Polynomial>,
}

impl Sketches {
    /// Takes up what `learners` know; the components are those of `examples`.
    pub fn new(learners: &[Learner], examples: &[Example], loss: &Loss) -> Sketches {
        let of = |wanted: Way| {
            let branches = learners.iter().flat_map(|learner| &learner.branches);
            branches.filter(move |branch| way(branch.head) == wanted)
        };
        let sketch = |branch: &Branch| {
            let components = Components::of(branch.head, examples, loss);
            Sketch::new(components, branch)
        };
        Sketches {
            list: of(Way::Sum).map(sketch).collect(),
            polynomials: of(Way::Polynomial)
                .map(|branch| Polynomial::new(branch.head))
                .collect(),
        }
    }

    /// Finds every sketch's last layer anew by least squares, where what is before it was learned elsewhere.
    pub fn settle(&mut self) {
        for sketch in &mut self.list {
            sketch.settle();
        }
    }

    /// How many examples each knows.
    pub fn known(&self) -> usize {
        self.list.first().map_or(0, Sketch::known)
    }

    /// Takes in more examples, whole blocks.
    pub fn add(&mut self, examples: &[&Example]) {
        for sketch in &mut self.list {
            sketch.add(examples);
        }
        for polynomial in &mut self.polynomials {
            polynomial.add(examples);
        }
    }

    /// Learns a little; the score is from before. Without `loss` all examples are weighed alike.
    pub fn learn(&mut self, random: &mut Random, rate: f32, loss: Option<&Loss>) -> Score {
        let mut score = Score::default();
        for sketch in &mut self.list {
            let [alike, own] = turns(sketch.head().part);
            let (weighing, steps) = match loss {
                None => (Weighing::Mean, alike),
                Some(loss) => (Weighing::Own(loss), own),
            };
            for _ in 0..steps {
                score = score.and(sketch.learn(random, rate, weighing));
            }
        }
        score
    }

    /// Gives the branches what was learned since.
    pub fn fold(&self, learners: &mut [Learner]) {
        for sketch in &self.list {
            if let Some(branch) = branch(learners, sketch.head()) {
                sketch.fold(branch);
            }
        }
        for polynomial in &self.polynomials {
            if let Some(branch) = branch(learners, polynomial.head()) {
                polynomial.fold(branch);
            }
        }
    }

    /// Takes up branches anew that have changed: one head's, or all.
    pub fn again(self, learners: &mut [Learner], changed: Option<Head>) -> Sketches {
        let again = |sketch: Sketch| {
            let kept = changed.is_some_and(|head| head != sketch.head());
            match branch(learners, sketch.head()) {
                Some(branch) if !kept => sketch.again(branch),
                _ => sketch,
            }
        };
        Sketches {
            list: self.list.into_iter().map(again).collect(),
            polynomials: self.polynomials,
        }
    }

    /// From now on there are bytes between the layers, in the branches too.
    pub fn begin_rounding(&mut self, learners: &mut [Learner]) {
        for sketch in &mut self.list {
            sketch.begin_rounding();
        }
        self.fold(learners);
    }

    /// Gives the branches what was learned, with whole weights.
    pub fn finish(mut self, learners: &mut [Learner]) {
        self.fold(learners);
        for sketch in &mut self.list {
            if let Some(branch) = branch(learners, sketch.head()) {
                sketch.finish(branch);
            }
        }
    }
}

fn branch(learners: &mut [Learner], head: Head) -> Option<&mut Branch> {
    let mut branches = learners
        .iter_mut()
        .flat_map(|learner| &mut learner.branches);
    branches.find(|branch| branch.head == head)
}
