//! A bake put down and taken up again: one file.
//!
//! A line that says what the file is, a line of JSON, then numbers: 32-bit floating point, little-endian,
//! branch after branch. Examples are not kept; they are drawn anew.

use crate::adam::Adam;
use crate::bake::{Bake, Phase, Point, Settings, State};
use crate::branch::Branch;
use crate::chain::{Chain, Layer};
use crate::learner::{Learner, Score};
use crate::loss::Slopes;
use crate::random::Random;
use crate::shape::reads;
use serde::{Deserialize, Serialize};
use sfumato_generator::network::{Head, Part};
use sfumato_generator::rig::model::Model;

const TITLE: &[u8] = b"sfumato bake 4\n";

/// Parameters that a branch of a file may have at most.
const MOST: usize = 1 << 24;

/// Why a bake cannot be taken up again. The cure is to begin anew: remove the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveError {
    /// The file is no saved bake of this program's version.
    #[error("no bake of this version of the program; remove it to begin anew")]
    Foreign,
    /// The file is damaged or cut short.
    #[error("the saved bake is damaged ({0}); remove it to begin anew")]
    Damaged(String),
    /// The file belongs to another pack.
    #[error(
        "the saved bake is another painting's, or the pack was prepared anew; remove it to begin anew"
    )]
    Other,
}

#[derive(Serialize, Deserialize)]
struct Header {
    /// Whose bake it is.
    rig: String,
    phase: String,
    before: f64,
    elapsed: f64,
    seconds: f64,
    steps: u32,
    unrounded: Option<f64>,
    random: u64,
    curve: Vec<(usize, f64)>,
    branches: Vec<Described>,
    shelf: Vec<Vec<Described>>,
}

#[derive(Serialize, Deserialize)]
struct Described {
    layers: Vec<Layer>,
    taken: i32,
    steps: bool,
}

fn described(learners: &[Learner]) -> Vec<Described> {
    let branches = learners.iter().flat_map(|learner| &learner.branches);
    branches
        .map(|branch| Described {
            layers: branch.chain.layers().to_vec(),
            taken: branch.adam.numbers().2,
            steps: branch.steps.is_some(),
        })
        .collect()
}

impl Bake {
    /// All that is needed to go on later. `rig` names the pack's rig, for instance by its hash.
    pub fn save(&self, rig: &str) -> Vec<u8> {
        let state = &self.state;
        let header = Header {
            rig: rig.to_owned(),
            phase: state.phase.name().to_owned(),
            before: state.before,
            elapsed: state.elapsed,
            seconds: self.time().1,
            steps: state.steps,
            unrounded: state.unrounded.is_finite().then_some(state.unrounded),
            random: self.chance(),
            curve: state.curve.iter().map(|p| (p.macs, p.decibels)).collect(),
            branches: described(&state.learners),
            shelf: state
                .shelf
                .iter()
                .map(|learners| described(learners))
                .collect(),
        };
        let mut bytes = TITLE.to_vec();
        // Plain numbers and names: JSON can hold them all.
        bytes.extend(serde_json::to_vec(&header).unwrap_or_default());
        bytes.push(b'\n');
        let mut put = |numbers: &[f32]| bytes.extend(numbers.iter().flat_map(|n| n.to_le_bytes()));
        for branch in state.learners.iter().flat_map(|learner| &learner.branches) {
            let (mean, square, _) = branch.adam.numbers();
            put(&branch.parameters);
            put(mean);
            put(square);
            put(branch.steps.as_deref().unwrap_or_default());
        }
        let shelf = state.shelf.iter().flatten();
        for branch in shelf.flat_map(|learner| &learner.branches) {
            put(&branch.parameters);
        }
        bytes
    }

    /// Takes up what [`Bake::save`] wrote. Of `settings` all but the seed may have changed; with
    /// another time, what is left of each phase changes in proportion.
    pub fn resume(
        bytes: &[u8],
        rig: &str,
        settings: Settings,
        model: &Model,
        slopes: Slopes,
    ) -> Result<Bake, SaveError> {
        let damaged = |what: &str| SaveError::Damaged(what.to_owned());
        let rest = bytes.strip_prefix(TITLE).ok_or(SaveError::Foreign)?;
        let end = rest.iter().position(|&byte| byte == b'\n');
        let end = end.ok_or_else(|| damaged("it ends early"))?;
        let header: Header = serde_json::from_slice(&rest[..end])
            .map_err(|error| SaveError::Damaged(error.to_string()))?;
        if header.rig != rig {
            return Err(SaveError::Other);
        }
        let mut numbers = Numbers(&rest[end + 1..]);
        let phase = Phase::from_name(&header.phase).ok_or_else(|| damaged("its phase"))?;
        let stretch = settings.seconds / header.seconds.max(1e-9);
        let learners = numbers.learners(&header.branches, settings.seed, true)?;
        let mut shelf = Vec::new();
        for point in &header.shelf {
            shelf.push(numbers.learners(point, settings.seed, false)?);
        }
        if !numbers.0.is_empty() || shelf.len() > header.curve.len() {
            return Err(damaged("its parts do not fit together"));
        }
        let times = [header.before, header.elapsed, stretch];
        if !times.iter().all(|time| time.is_finite() && *time >= 0.0) {
            return Err(damaged("its times"));
        }
        let point = |&(macs, decibels): &(usize, f64)| Point { macs, decibels };
        let mut bake = Bake::with(settings, model, slopes, learners);
        bake.set_chance(Random::resume(header.random));
        bake.state = State {
            phase,
            before: header.before * stretch,
            elapsed: header.elapsed * stretch,
            steps: header.steps,
            learners: core::mem::take(&mut bake.state.learners),
            curve: header.curve.iter().map(point).collect(),
            unrounded: header.unrounded.unwrap_or(f64::NAN),
            shelf,
            recent: Score::default(),
        };
        Ok(bake)
    }
}

struct Numbers<'a>(&'a [u8]);

impl Numbers<'_> {
    fn take(&mut self, count: usize) -> Result<Vec<f32>, SaveError> {
        let damaged = |what: &str| SaveError::Damaged(what.to_owned());
        let (head, rest) = self
            .0
            .split_at_checked(4 * count)
            .ok_or_else(|| damaged("it ends early"))?;
        self.0 = rest;
        let number = |bytes: &[u8]| bytes.try_into().map(f32::from_le_bytes).unwrap_or(f32::NAN);
        let numbers: Vec<f32> = head.chunks_exact(4).map(number).collect();
        if numbers.iter().all(|number| number.is_finite()) {
            Ok(numbers)
        } else {
            Err(damaged("a number that is none"))
        }
    }

    fn learners(
        &mut self,
        list: &[Described],
        seed: u64,
        whole: bool,
    ) -> Result<Vec<Learner>, SaveError> {
        let damaged = |what: &str| SaveError::Damaged(what.to_owned());
        if list.len() != Head::ALL.len() {
            return Err(damaged("its branches are not seven"));
        }
        let mut learners = Part::ALL.map(|part| Learner::new(part, Vec::new()));
        for (head, described) in Head::ALL.into_iter().zip(list) {
            let chain = Chain::checked(reads(head), &described.layers, MOST)
                .filter(|chain| chain.output_is(head))
                .ok_or_else(|| damaged("its layers"))?;
            let count = chain.parameters();
            let layers = chain.layers().len();
            let mut branch = Branch::new(head, chain, seed);
            branch.parameters = self.take(count)?;
            if whole {
                let (mean, square) = (self.take(count)?, self.take(count)?);
                branch.adam = Adam::with(mean, square, described.taken);
                if described.steps {
                    branch.steps = Some(self.take(layers)?);
                }
            }
            learners[head.part as usize].branches.push(branch);
        }
        Ok(learners.into())
    }
}
