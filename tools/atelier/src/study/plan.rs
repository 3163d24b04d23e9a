//! What is compared with what: conditions, shown things and the pairs of them.
//!
//! Each painting before each clip is a *stage*. On a stage every condition is one film. All
//! conditions are compared with each other, except that another generator is only compared with
//! the same personality drawn by the usual one: otherwise two differences would be mixed.

use super::question::Question;
use crate::evaluate::Random;
use std::collections::BTreeSet;

/// One way to show a portrait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The painting as it hangs: the anchor.
    Still,
    /// A personality, drawn by what a board would use.
    Living(String),
    /// A personality, drawn by the rig although the pack has a network.
    ByRig(String),
}

impl Condition {
    /// The name in the key and in results.
    pub fn name(&self) -> String {
        match self {
            Condition::Still => "still painting".to_owned(),
            Condition::Living(name) => name.clone(),
            Condition::ByRig(name) => format!("{name} by the rig"),
        }
    }

    /// Whether these two are worth comparing.
    fn meets(&self, other: &Condition) -> bool {
        match (self, other) {
            (Condition::ByRig(a), Condition::Living(b))
            | (Condition::Living(a), Condition::ByRig(b)) => a == b,
            (Condition::ByRig(_), _) | (_, Condition::ByRig(_)) => false,
            _ => true,
        }
    }
}

/// The conditions of a study: the anchor, each personality, and for the first of them the rig
/// where some pack has a network.
pub fn conditions(personalities: &[String], some_network: bool) -> Vec<Condition> {
    let living = personalities.iter().cloned().map(Condition::Living);
    let by_rig = personalities.first().filter(|_| some_network);
    std::iter::once(Condition::Still)
        .chain(living)
        .chain(by_rig.cloned().map(Condition::ByRig))
        .collect()
}

/// Something that is shown: a film in one way, under a code that says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Six letters and digits.
    pub code: String,
    /// Which film, by its place.
    pub film: usize,
    /// Only its first picture, for a catch.
    pub held: bool,
    /// Upside down, for a catch.
    pub turned: bool,
}

/// A film to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Film {
    /// Which pack, by its place.
    pub pack: usize,
    /// Which clip, by its place.
    pub driver: usize,
    /// How it is shown.
    pub condition: Condition,
}

/// Two shown things and a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Six letters and digits.
    pub code: String,
    /// What is asked.
    pub question: Question,
    /// Places of the two in [`Plan::shown`]. For a catch the first is the right answer.
    pub shown: [usize; 2],
}

/// All of a study but its pictures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The study's own code, eight letters and digits.
    pub study: String,
    /// Films, in an order that says nothing.
    pub films: Vec<Film>,
    /// What is shown.
    pub shown: Vec<Shown>,
    /// All pairs, catches among them, in an order that says nothing.
    pub pairs: Vec<Pair>,
}

/// Makes the plan of a study; `networks[pack]` is whether that pack has one.
///
/// `said` is all that decides the study's code besides the seed, as text.
pub fn plan(
    conditions: &[Condition],
    networks: &[bool],
    drivers: usize,
    seed: u64,
    said: &str,
) -> Plan {
    use sha2::{Digest as _, Sha256};
    let digest = Sha256::digest(format!("{seed} {said}"));
    let start = digest.iter().take(8);
    let start = start.fold(0_u64, |all, &byte| (all << 8) | u64::from(byte));
    let mut codes = Codes(Random::new(start), BTreeSet::new());
    let study = codes.next(8);

    let mut films = Vec::new();
    for (pack, &network) in networks.iter().enumerate() {
        for driver in 0..drivers {
            for condition in conditions {
                // Without a network this is the usual film.
                if !matches!(condition, Condition::ByRig(_)) || network {
                    films.push(Film {
                        pack,
                        driver,
                        condition: condition.clone(),
                    });
                }
            }
        }
    }
    codes.shuffle(&mut films);

    let mut shown: Vec<Shown> = (0..films.len())
        .map(|film| codes.shown(film, false, false))
        .collect();
    let mut pairs = Vec::new();
    for (a, one) in films.iter().enumerate() {
        for (b, other) in films.iter().enumerate().skip(a + 1) {
            let same_stage = (one.pack, one.driver) == (other.pack, other.driver);
            if same_stage && one.condition.meets(&other.condition) {
                for question in Question::OPINIONS {
                    pairs.push(Pair {
                        code: codes.next(6),
                        question,
                        shown: [a, b],
                    });
                }
            }
        }
    }
    for (film, made) in films.iter().enumerate() {
        if matches!(made.condition, Condition::Living(_)) {
            for question in Question::CATCHES {
                let (held, turned) = (question == Question::Moves, question == Question::Turned);
                let other = shown.len();
                shown.push(codes.shown(film, held, turned));
                let right = if held { [film, other] } else { [other, film] };
                pairs.push(Pair {
                    code: codes.next(6),
                    question,
                    shown: right,
                });
            }
        }
    }
    codes.shuffle(&mut pairs);
    Plan {
        study,
        films,
        shown,
        pairs,
    }
}

/// How many of so many trials are catches: one in six, at least two.
pub fn catches(trials: usize) -> usize {
    trials.div_ceil(6).max(2)
}

/// Codes that say nothing, each once.
struct Codes(Random, BTreeSet<String>);

impl Codes {
    fn next(&mut self, letters: usize) -> String {
        // Neither vowels, so that no word appears, nor what is easily confused.
        const LETTERS: &[u8] = b"23456789bcdfghjkmnpqrstvwxz";
        loop {
            let letter = |random: &mut Random| random.below(LETTERS.len() as u64) as usize;
            let code: String = (0..letters)
                .filter_map(|_| LETTERS.get(letter(&mut self.0)))
                .map(|&letter| char::from(letter))
                .collect();
            if self.1.insert(code.clone()) {
                return code;
            }
        }
    }

    fn shown(&mut self, film: usize, held: bool, turned: bool) -> Shown {
        Shown {
            code: self.next(6),
            film,
            held,
            turned,
        }
    }

    fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            things.swap(last, self.0.below(last as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(seed: u64) -> Plan {
        let names = ["serene", "curious"].map(str::to_owned);
        plan(&conditions(&names, true), &[true, false], 2, seed, "x")
    }

    #[test]
    fn every_worthwhile_pair_is_there_with_every_question_once() {
        let plan = example(1);
        // Stages of the first pack have four films and four pairs, of the second three and three.
        assert_eq!(plan.films.len(), 2 * (4 + 3));
        let catches = plan.pairs.iter().filter(|pair| pair.question.is_catch());
        assert_eq!(catches.count(), 2 * 4 * 2);
        assert_eq!(plan.pairs.len(), 3 * 2 * (4 + 3) + 16);
        let mut codes: Vec<&str> = plan.pairs.iter().map(|pair| &*pair.code).collect();
        codes.extend(plan.shown.iter().map(|shown| &*shown.code));
        codes.push(&plan.study);
        let count = codes.len();
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), count);
        for pair in &plan.pairs {
            let [a, b] = pair.shown.map(|place| &plan.shown[place]);
            let [one, other] = [a, b].map(|shown| &plan.films[shown.film]);
            assert_eq!((one.pack, one.driver), (other.pack, other.driver));
            assert_eq!(pair.question.is_catch(), one == other);
            match pair.question {
                Question::Moves => assert!(!a.held && b.held),
                Question::Turned => assert!(a.turned && !b.turned),
                _ => assert!(one.condition.meets(&other.condition)),
            }
        }
    }

    #[test]
    fn the_same_seed_is_the_same_study() {
        assert_eq!(example(1), example(1));
        assert_ne!(example(1).study, example(2).study);
    }
}
