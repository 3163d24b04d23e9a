//! A generic start: what many faces have learned together.
//!
//! All faces bend alike: how a jaw, a lid or a brow comes into play is much the same for each, and only what it looks like
//! is one painting's own. In a network the first layers are the bends and the last one is the looks. A generic start holds
//! the first layers; what fits a painting behind them is found at once, by least squares (`Sketch::settle`), and both go on
//! learning together.
//!
//! Multi-task learning of a shared representation: R. Caruana, "Multitask learning", 1997; that so learned features need only a new
//! last layer: A. Raghu et al., "Rapid learning or feature reuse?", 2020.

use crate::branch::Branch;
use crate::chain::Chain;
use crate::shape::{Way, Width, branches, way};
use serde::{Deserialize, Serialize};
use sfumato_generator::network::{Head, Part};

const TITLE: &[u8] = b"sfumato start 2\n";

/// Why a generic start cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenericError {
    /// The file is none of this program's version.
    #[error(
        "no generic start of this version of the program; make it anew with `atelier meta-train`"
    )]
    Foreign,
    /// The file is damaged, cut short, or for other layers.
    #[error("the generic start is damaged ({0}); make it anew with `atelier meta-train`")]
    Damaged(&'static str),
}

/// What many faces have learned together.
#[derive(Clone, Debug, PartialEq)]
pub struct Generic {
    header: Header,
    /// For each head that is a sum of pictures, in [`Head::ALL`]'s order, all parameters before its last layer.
    hidden: Vec<Vec<f32>>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Header {
    /// The data it was learned from, for people to read.
    learned_from: Vec<String>,
    /// Rounds of learning so far.
    rounds: u32,
    /// Seconds so far, and planned.
    seconds: [f64; 2],
}

/// The heads that have a generic start.
pub(crate) fn heads() -> impl Iterator<Item = Head> {
    Head::ALL.into_iter().filter(|head| way(*head) == Way::Sum)
}

/// How many parameters a chain has before its last layer.
pub(crate) fn hidden(chain: &Chain) -> usize {
    chain.slots(chain.layers().len() - 1).weights.start
}

/// The branches that learning begins with where there is nothing yet.
fn fresh(seed: u64) -> impl Iterator<Item = Branch> {
    let parts = Part::ALL.into_iter();
    let all = parts.flat_map(move |part| branches(part, Width::Narrow, seed));
    all.filter(|branch| way(branch.head) == Way::Sum)
}

impl Generic {
    /// Nothing learned yet; chance begins at `seed`.
    pub fn new(seed: u64, learned_from: Vec<String>) -> Generic {
        let hidden = heads().map(|head| {
            let branch = fresh(seed).find(|branch| branch.head == head);
            branch.map_or_else(Vec::new, |branch| {
                branch.parameters[..hidden(&branch.chain)].to_vec()
            })
        });
        Generic {
            hidden: hidden.collect(),
            header: Header {
                learned_from,
                ..Header::default()
            },
        }
    }

    /// The data it was learned from, for people to read.
    pub fn learned_from(&self) -> &[String] {
        &self.header.learned_from
    }

    /// Rounds of learning, seconds of it, and how many were planned.
    pub fn progress(&self) -> (u32, [f64; 2]) {
        (self.header.rounds, self.header.seconds)
    }

    pub(crate) fn set_progress(&mut self, rounds: u32, seconds: [f64; 2]) {
        (self.header.rounds, self.header.seconds) = (rounds, seconds);
    }

    /// What a head begins with; none if it has no generic start.
    pub fn of(&self, head: Head) -> Option<&[f32]> {
        let place = heads().position(|one| one == head)?;
        self.hidden.get(place).map(Vec::as_slice)
    }

    pub(crate) fn of_mut(&mut self, head: Head) -> Option<&mut Vec<f32>> {
        let place = heads().position(|one| one == head)?;
        self.hidden.get_mut(place)
    }

    /// Begins a branch with it, if the branch has such layers.
    pub(crate) fn begin(&self, branch: &mut Branch) -> bool {
        let length = hidden(&branch.chain);
        match self.of(branch.head) {
            Some(start) if start.len() == length => {
                branch.parameters[..length].copy_from_slice(start);
                true
            }
            _ => false,
        }
    }

    /// As a file: a title, a line of JSON, 32-bit floating point numbers, little-endian.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = TITLE.to_vec();
        bytes.extend(serde_json::to_vec(&self.header).unwrap_or_default());
        bytes.push(b'\n');
        let numbers = self.hidden.iter().flatten();
        bytes.extend(numbers.flat_map(|number| number.to_le_bytes()));
        bytes
    }

    /// Reads what [`Generic::encode`] wrote.
    pub fn decode(bytes: &[u8]) -> Result<Generic, GenericError> {
        let rest = bytes.strip_prefix(TITLE).ok_or(GenericError::Foreign)?;
        let end = rest.iter().position(|&byte| byte == b'\n');
        let end = end.ok_or(GenericError::Damaged("it ends early"))?;
        let (line, numbers) = (&rest[..end], &rest[end + 1..]);
        let header: Header =
            serde_json::from_slice(line).map_err(|_| GenericError::Damaged("its first line"))?;
        let mut generic = Generic::new(0, Vec::new());
        let wanted: usize = generic.hidden.iter().map(Vec::len).sum();
        let (numbers, rest) = numbers.as_chunks::<4>();
        if numbers.len() != wanted || !rest.is_empty() {
            return Err(GenericError::Damaged("its length"));
        }
        let all = generic.hidden.iter_mut().flatten();
        for (number, bytes) in all.zip(numbers) {
            *number = f32::from_le_bytes(*bytes);
            if !number.is_finite() {
                return Err(GenericError::Damaged("a number that is none"));
            }
        }
        generic.header = header;
        Ok(generic)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read() {
        let mut generic = Generic::new(7, vec!["a drawn face".to_owned()]);
        generic.set_progress(12, [3.5, 60.0]);
        let bytes = generic.encode();
        assert_eq!(Generic::decode(&bytes), Ok(generic));
        assert_eq!(Generic::decode(&bytes[1..]), Err(GenericError::Foreign));
        for cut in [TITLE.len(), TITLE.len() + 10, bytes.len() - 1] {
            let read = Generic::decode(&bytes[..cut]);
            assert!(
                matches!(read, Err(GenericError::Damaged(_))),
                "{cut}: {read:?}"
            );
        }
        let mut broken = bytes.clone();
        let end = broken.len();
        broken[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        assert!(Generic::decode(&broken).is_err());
    }

    #[test]
    fn sums_of_pictures_begin_with_it_and_nothing_else() {
        let generic = Generic::new(7, Vec::new());
        let mut begun = 0;
        for part in Part::ALL {
            for mut branch in branches(part, Width::Narrow, 1) {
                let before = branch.parameters.clone();
                let is_sum = way(branch.head) == Way::Sum;
                assert_eq!(generic.begin(&mut branch), is_sum);
                assert_eq!(branch.parameters != before, is_sum);
                begun += usize::from(is_sum);
            }
        }
        assert_eq!(begun, heads().count());
        assert!(begun >= 4);
    }
}
