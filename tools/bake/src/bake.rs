//! A bake: from nothing to a quantised network within a given time.
//!
//! 1. *Learning*: all parts learn from examples, wide.
//! 2. *Pruning*: sixteen channels at a time go, those that matter least for what they cost, and
//!    the rest makes up for them. The curve of cost against quality is kept, and of its points
//!    the knee.
//! 3. *Rounding*: the parts go on learning as the device will run them, with whole weights and
//!    bytes between the layers.
//!
//! A short bake begins as small as pruning would end. The time is the caller's: a bake is told
//! how long it has been going on, and can be put down and taken up again ([`Bake::save`]).

use crate::examples::{Example, Examples};
use crate::generic::Generic;
use crate::learner::{Learner, Score};
use crate::loss::{Loss, Slopes};
use crate::prune::{Candidate, candidates, remove};
use crate::quantise::{calibrate, describe};
use crate::random::Random;
use crate::shape::{Width, branches};
use crate::sketches::Sketches;
use crate::teacher::Teacher;
use sfumato_core::motion::Motion;
use sfumato_generator::network::{PARTS, Part};
use sfumato_generator::rig::model::Model;
use sfumato_infer::quantised::Description;

/// Groups of examples from which one step learns. Few: many small steps get farther than a few
/// well-founded ones (on the Mona Lisa's field by 4 dB for 3 instead of 16, with as many examples).
const BATCH: usize = 4;

/// The largest step of a parameter.
const RATE: f32 = 4e-3;

/// Steps over which the rate rises at the beginning.
const WARM_UP: u32 = 40;

/// Steps after which a part of the examples is renewed, and how often each is learned from before.
const RENEWAL: u32 = 40;
const REUSE: usize = 2;

/// How many steps each part takes at a time besides its sketch: the eyes alone have more.
const TURNS: [usize; PARTS] = [0, 0, 0, 3, 3];

/// The largest step of a parameter of a sketch. Falls along one cosine over the whole bake.
const SKETCHED: f32 = 2e-3;

/// The same where there was a generic start: what is settled by least squares is spoiled by large steps.
const REFINED: f32 = 1e-3;

/// Share of the learning in which sketches weigh examples alike.
const ALIKE: f64 = 0.7;

/// How often as many examples again as are held are drawn for sketches: once for so many seconds of a
/// bake, and at most so often.
const MORE_EVERY: f64 = 60.0;
const MOST_MORE: usize = 10;

/// By which part of what they know sketches come to know more at a renewal, as long as it is less than that.
const GROWTH: usize = 10;

/// Steps after which branches learn what their sketches have learned.
const FOLDING: u32 = 20;

/// Groups with which channels are judged, and steps are found.
const JUDGES: usize = 36;

/// Examples that are never learned from, at most.
const UNSEEN: usize = 120;

/// Multiplications of all parts that the pruned network may have.
pub const MOST_MACS: usize = 40_000_000;
/// Multiplications at which pruning ends.
const LEAST_MACS: usize = 12_000_000;

/// A smaller network is worth so many decibels, at most.
const KNEE: f64 = 0.3;

/// Bakes longer than this begin wide, seconds.
const LONG: f64 = 20.0 * 60.0;

/// What a bake is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long it may take, seconds.
    pub seconds: f64,
    /// Examples held in memory, 180 kB each.
    pub examples: usize,
    /// Threads that draw examples; learning uses all there are.
    pub threads: usize,
    /// Where chance begins.
    pub seed: u64,
    /// Motions of visitors to learn from besides invented ones.
    pub recorded: Vec<Motion>,
    /// What many faces have learned before; none to begin with nothing.
    pub generic: Option<Generic>,
}

/// What a bake is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Parts learn what the rig draws.
    Learning,
    /// Channels go.
    Pruning,
    /// Parts learn to live with whole numbers.
    Rounding,
    /// Nothing more.
    Done,
}

impl Phase {
    /// For progress and files.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Learning => "learning",
            Phase::Pruning => "pruning",
            Phase::Rounding => "rounding",
            Phase::Done => "done",
        }
    }

    /// The phase of that name.
    pub fn from_name(name: &str) -> Option<Phase> {
        [
            Phase::Learning,
            Phase::Pruning,
            Phase::Rounding,
            Phase::Done,
        ]
        .into_iter()
        .find(|phase| phase.name() == name)
    }
}

/// A network on the pruning curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Multiplications of all parts.
    pub macs: usize,
    /// How much less wrong than a face at rest the network is on motions never learned from.
    pub decibels: f64,
}

/// A bake under way.
#[derive(Debug)]
pub struct Bake {
    settings: Settings,
    loss: Loss,
    teachers: Vec<Teacher>,
    examples: Examples,
    unseen: Examples,
    random: Random,
    /// Begun when they are needed.
    sketches: Option<Sketches>,
    pub(crate) state: State,
}

/// All that has to be kept to go on later.
#[derive(Debug)]
pub(crate) struct State {
    pub phase: Phase,
    /// Seconds of work before and in this phase.
    pub before: f64,
    pub elapsed: f64,
    pub steps: u32,
    pub learners: Vec<Learner>,
    pub curve: Vec<Point>,
    /// Score of what was learned at last, in floating point, decibels.
    pub unrounded: f64,
    /// The learners of each point of the curve, to go back to.
    pub shelf: Vec<Vec<Learner>>,
    /// Scores of the last steps, for progress.
    pub recent: Score,
}

impl Bake {
    /// Begins. Draws the examples, which takes some seconds.
    pub fn new(settings: Settings, model: &Model, slopes: Slopes) -> Bake {
        let width = if settings.seconds > LONG {
            Width::Wide
        } else {
            Width::Narrow
        };
        let learner = |part| {
            let mut branches = branches(part, width, settings.seed);
            for branch in &mut branches {
                if let Some(generic) = &settings.generic {
                    generic.begin(branch);
                }
            }
            Learner::new(part, branches)
        };
        let learners = Part::ALL.map(learner).into();
        Bake::with(settings, model, slopes, learners)
    }

    pub(crate) fn with(
        settings: Settings,
        model: &Model,
        slopes: Slopes,
        learners: Vec<Learner>,
    ) -> Bake {
        let threads = settings.threads.max(1);
        let mut teachers: Vec<Teacher> =
            (0..threads).map(|_| Teacher::new(model.clone())).collect();
        let loss = Loss::new(model, slopes, teachers[0].rest());
        let mut random = Random::new(settings.seed);
        let unseen = Examples::new(
            (settings.examples / 25).clamp(24, UNSEEN),
            &mut teachers,
            &settings.recorded,
            &mut Random::new(settings.seed ^ 0xFACE),
        );
        let examples = Examples::new(
            settings.examples,
            &mut teachers,
            &settings.recorded,
            &mut random,
        );
        Bake {
            settings,
            loss,
            teachers,
            examples,
            unseen,
            random,
            sketches: None,
            state: State {
                phase: Phase::Learning,
                before: 0.0,
                elapsed: 0.0,
                steps: 0,
                learners,
                curve: Vec::new(),
                unrounded: f64::NAN,
                shelf: Vec::new(),
                recent: Score::default(),
            },
        }
    }

    /// The state of chance.
    pub(crate) fn chance(&self) -> u64 {
        self.random.state()
    }

    pub(crate) fn set_chance(&mut self, random: Random) {
        self.random = random;
    }

    /// What is being done.
    pub fn phase(&self) -> Phase {
        self.state.phase
    }

    /// Seconds of work so far, and in all.
    pub fn time(&self) -> (f64, f64) {
        (self.state.elapsed, self.settings.seconds)
    }

    /// What the parts have learned so far.
    pub fn learners(&self) -> &[Learner] {
        &self.state.learners
    }

    /// The curve of pruning, the largest network first.
    pub fn curve(&self) -> &[Point] {
        &self.state.curve
    }

    /// How much less wrong than a face at rest the network is in floating point, with the weights from which
    /// the whole ones were made, decibels. No number before the end.
    pub fn unrounded(&self) -> f64 {
        self.state.unrounded
    }

    /// Steps of learning so far.
    pub fn steps(&self) -> u32 {
        self.state.steps
    }

    /// Multiplications of all parts.
    pub fn macs(&self) -> usize {
        macs(&self.state.learners)
    }

    /// The quantised network as it is now.
    pub fn description(&self) -> Description {
        describe(&self.state.learners, self.judges())
    }

    /// How much less wrong than a face at rest the parts were together since this was asked last,
    /// decibels.
    pub fn recent(&mut self) -> f64 {
        core::mem::take(&mut self.state.recent).decibels()
    }

    /// How each part does on motions it never learns from.
    pub fn scores(&mut self) -> Vec<(Part, Score)> {
        let groups = self.unseen.groups();
        let learners = self.state.learners.iter_mut();
        learners
            .map(|learner| (learner.part, learner.score(&groups, &self.loss)))
            .collect()
    }

    /// How all do together, decibels less wrong than a face at rest.
    pub fn score(&mut self) -> f64 {
        let scores = self.scores().into_iter().map(|(_, score)| score);
        scores.fold(Score::default(), Score::and).decibels()
    }

    /// As [`Bake::score`], without bytes and whole weights.
    fn score_in_floats(&mut self) -> f64 {
        let groups = self.unseen.groups();
        let scores = self.state.learners.iter().map(|learner| {
            let mut floats = learner.copy();
            for branch in &mut floats.branches {
                branch.steps = None;
            }
            floats.score(&groups, &self.loss)
        });
        scores.fold(Score::default(), Score::and).decibels()
    }

    /// Examples for judging and measuring.
    fn judges(&self) -> &[Example] {
        &self.unseen.list()[..JUDGES.min(self.unseen.list().len())]
    }

    /// The share of a phase that is over, and its length in seconds.
    fn share(&self) -> (f64, f64) {
        let wide = self.settings.seconds > LONG;
        let part = match self.state.phase {
            Phase::Learning if wide => 0.45,
            Phase::Learning => 0.72,
            Phase::Pruning if wide => 0.30,
            Phase::Pruning => 0.0,
            Phase::Rounding if wide => 0.25,
            Phase::Rounding => 0.28,
            Phase::Done => 0.0,
        };
        let length = (part * self.settings.seconds).max(1e-9);
        let share = (self.state.elapsed - self.state.before) / length;
        (share.min(1.0), length)
    }

    /// What steps are held back to at the beginning.
    fn warm(&self) -> f32 {
        (self.state.steps as f32 / WARM_UP as f32).min(1.0)
    }

    /// The size of a step: falls along a cosine in each phase.
    fn rate(&self) -> f32 {
        let (share, _) = self.share();
        let wide = self.settings.seconds > LONG;
        let (from, to) = match self.state.phase {
            Phase::Learning if wide => (1.0, 0.3),
            Phase::Learning => (1.0, 0.05),
            Phase::Pruning => (0.3, 0.1),
            _ => (0.15, 0.002),
        };
        let fallen = 0.5 + 0.5 * (core::f32::consts::PI * share as f32).cos();
        RATE * self.warm() * (to + (from - to) * fallen)
    }

    /// Works a little, one step of every part; `elapsed` seconds of work are behind it.
    pub fn step(&mut self, elapsed: f64) {
        self.state.elapsed = elapsed;
        if self.share().0 >= 1.0 {
            self.next_phase();
        }
        if self.state.phase == Phase::Done {
            return;
        }
        if self.state.phase == Phase::Pruning {
            self.prune();
        }
        self.sketch();
        let rate = self.rate();
        let groups = self.examples.groups();
        for (learner, turns) in self.state.learners.iter_mut().zip(TURNS) {
            for _ in 0..turns {
                let picked: Vec<&[Example]> = (0..BATCH)
                    .map(|_| groups[self.random.below(groups.len())])
                    .collect();
                let score = learner.learn(&picked, &self.loss, rate);
                self.state.recent = self.state.recent.and(score);
            }
        }
        self.state.steps += 1;
        if self.state.steps.is_multiple_of(RENEWAL) {
            self.renew();
        }
    }

    /// Draws new examples in place of the oldest. Sketches need more than can be held as pictures; these are
    /// drawn as learning goes on, so that it need not wait for them.
    fn renew(&mut self) {
        let held = self.examples.list().len();
        let more = (self.settings.seconds / MORE_EVERY) as usize;
        let enough = held * (1 + more.clamp(1, MOST_MORE));
        let known = self.sketches.as_ref().map_or(enough, Sketches::known);
        let used = RENEWAL as usize * BATCH / REUSE;
        let count = if known < enough {
            used.max(known / GROWTH)
        } else {
            used
        };
        let renewed = self.examples.renew(
            count,
            &mut self.teachers,
            &self.settings.recorded,
            &mut self.random,
        );
        if let Some(sketches) = &mut self.sketches {
            let list = self.examples.list();
            sketches.add(&renewed.iter().map(|&at| &list[at]).collect::<Vec<_>>());
        }
    }

    /// Learns what is learned in sketches.
    fn sketch(&mut self) {
        let alike = self.state.phase == Phase::Learning && self.share().0 < ALIKE;
        let over = (self.state.elapsed / self.settings.seconds.max(1e-9)).min(1.0) as f32;
        let fallen = 0.5 + 0.5 * (core::f32::consts::PI * over).cos();
        let most = match self.settings.generic {
            Some(_) => REFINED,
            None => SKETCHED,
        };
        let rate = most * self.warm() * fallen.max(0.004);
        let mut sketches = self.sketched();
        let loss = (!alike).then_some(&self.loss);
        let score = sketches.learn(&mut self.random, rate, loss);
        self.state.recent = self.state.recent.and(score);
        if self.state.steps.is_multiple_of(FOLDING) {
            sketches.fold(&mut self.state.learners);
        }
        self.sketches = Some(sketches);
    }

    /// The sketches, to be put back; taken up from the branches where there are none yet.
    fn sketched(&mut self) -> Sketches {
        if let Some(sketches) = self.sketches.take() {
            return sketches;
        }
        let list = self.examples.list();
        let mut sketches = Sketches::new(&self.state.learners, list, &self.loss);
        sketches.add(&list.iter().collect::<Vec<_>>());
        if self.settings.generic.is_some() && self.state.steps == 0 {
            sketches.settle();
        }
        sketches
    }

    /// Gives the branches all that sketches have learned.
    fn fold(&mut self) {
        if let Some(sketches) = &self.sketches {
            sketches.fold(&mut self.state.learners);
        }
    }

    fn next_phase(&mut self) {
        let length = self.share().1;
        self.state.before += length;
        self.fold();
        self.state.phase = match self.state.phase {
            Phase::Learning if self.settings.seconds > LONG => {
                self.shelve();
                Phase::Pruning
            }
            Phase::Learning | Phase::Pruning => {
                self.take_the_knee();
                self.begin_rounding();
                Phase::Rounding
            }
            Phase::Rounding => {
                self.state.unrounded = self.score_in_floats();
                self.sketched().finish(&mut self.state.learners);
                Phase::Done
            }
            Phase::Done => Phase::Done,
        };
    }

    /// Removes channels when the time has come: evenly over the phase.
    fn prune(&mut self) {
        let first = self.state.curve.first().map_or(0, |point| point.macs);
        let (share, _) = self.share();
        // At the end of the phase the rest has some time to make up.
        let due = first as f64 + (LEAST_MACS as f64 - first as f64) * (share / 0.92).min(1.0);
        if self.macs() as f64 <= due.max(LEAST_MACS as f64) {
            return;
        }
        self.fold();
        self.shelve();
        let Some(([part, branch], candidate)) = self.least() else {
            return;
        };
        if let Some(learner) = self.state.learners.get_mut(part) {
            remove(&mut learner.branches[branch], &candidate);
            learner.reshape();
            let head = learner.branches[branch].head;
            if let Some(sketches) = self.sketches.take() {
                self.sketches = Some(sketches.again(&mut self.state.learners, Some(head)));
            }
        }
    }

    /// The channels that matter least for what they cost, and of which part and branch they are.
    fn least(&mut self) -> Option<([usize; 2], Candidate)> {
        let groups = self.unseen.groups();
        let groups = &groups[..JUDGES.min(groups.len())];
        let mut found = Vec::new();
        for (part, learner) in self.state.learners.iter_mut().enumerate() {
            let importance = learner.importance(groups, &self.loss);
            // Beside what the part does at all: a mouth is small, and looked at.
            let scale = learner.score(groups, &self.loss).still.max(1e-30).powi(2);
            for (index, branch) in learner.branches.iter().enumerate() {
                let list = candidates(&branch.chain, &importance[index]);
                found.extend(list.into_iter().map(|mut found| {
                    found.importance /= scale;
                    ([part, index], found)
                }));
            }
        }
        let price = |candidate: &Candidate| candidate.importance / candidate.saved.max(1) as f64;
        found
            .into_iter()
            .min_by(|(_, a), (_, b)| price(a).total_cmp(&price(b)))
    }

    /// Puts the present network on the curve.
    fn shelve(&mut self) {
        let point = Point {
            macs: self.macs(),
            decibels: self.score(),
        };
        if self
            .state
            .curve
            .last()
            .is_some_and(|last| last.macs == point.macs)
        {
            self.state.curve.pop();
            self.state.shelf.pop();
        }
        self.state.curve.push(point);
        let copies = self.state.learners.iter().map(Learner::copy).collect();
        self.state.shelf.push(copies);
    }

    /// Goes back to the smallest network that is nearly as good as the best allowed one.
    fn take_the_knee(&mut self) {
        self.shelve();
        if let Some(at) = knee(&self.state.curve) {
            self.state.learners = self.state.shelf.swap_remove(at);
        }
        self.state.shelf.clear();
    }

    fn begin_rounding(&mut self) {
        let judges: Vec<Example> = self.judges().to_vec();
        let mut sketches = self.sketched().again(&mut self.state.learners, None);
        sketches.begin_rounding(&mut self.state.learners);
        self.sketches = Some(sketches);
        let learners = self.state.learners.iter_mut();
        for branch in learners.flat_map(|learner| &mut learner.branches) {
            if branch.steps.is_none() {
                branch.steps = Some(calibrate(branch, &judges));
            }
        }
    }
}

fn macs(learners: &[Learner]) -> usize {
    learners.iter().map(Learner::macs).sum()
}

/// Which point of a curve to keep: of those small enough the smallest whose quality is within
/// [`KNEE`] of their best; where none is small enough, the smallest of all.
fn knee(curve: &[Point]) -> Option<usize> {
    let allowed = |point: &&Point| point.macs <= MOST_MACS;
    let best = curve
        .iter()
        .filter(allowed)
        .map(|point| point.decibels)
        .fold(f64::NEG_INFINITY, f64::max);
    let enough = |point: &Point| point.macs <= MOST_MACS && point.decibels >= best - KNEE;
    let smallest = |indices: &mut dyn Iterator<Item = usize>| {
        indices.min_by_key(|&index| curve.get(index).map_or(usize::MAX, |point| point.macs))
    };
    smallest(&mut (0..curve.len()).filter(|&index| enough(&curve[index])))
        .or_else(|| smallest(&mut (0..curve.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_knee_is_small_and_good() {
        let curve = |points: &[(usize, f64)]| -> Vec<Point> {
            // Sizes in hundredths of what is allowed.
            let point = |&(size, decibels)| Point {
                macs: size * (MOST_MACS / 100),
                decibels,
            };
            points.iter().map(point).collect()
        };
        let falls = curve(&[(160, 25.0), (99, 24.5), (85, 24.4), (70, 24.25), (60, 22.0)]);
        assert_eq!(knee(&falls), Some(3));
        // Going on learning may make smaller ones better.
        let rises = curve(&[(160, 20.0), (90, 23.0), (70, 24.0)]);
        assert_eq!(knee(&rises), Some(2));
        assert_eq!(knee(&curve(&[(160, 20.0), (130, 19.0)])), Some(1));
        assert_eq!(knee(&[]), None);
    }
}
