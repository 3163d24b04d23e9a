//! The answers that a page has saved, read and checked against the key.

use super::csv;
use super::key::Key;
use std::collections::{BTreeMap, BTreeSet};

/// First line of the file, as `page.js` writes it.
pub const HEADER: [&str; 8] = [
    "study",
    "rater",
    "trial",
    "pair",
    "left",
    "right",
    "answer",
    "milliseconds",
];

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Code of the pair.
    pub pair: String,
    /// Code of what was chosen.
    pub chosen: String,
    /// Whether it was on the left.
    pub left: bool,
    /// Time from the first picture to the answer.
    pub milliseconds: u64,
}

/// All answers by rater, in the order of their trials.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers(pub BTreeMap<String, Vec<Answer>>);

impl Answers {
    /// Adds the answers of one file.
    ///
    /// # Errors
    /// What is wrong where, with the cure. Then nothing of this file counts.
    pub fn add(&mut self, text: &str, key: &Key) -> Result<(), String> {
        const CURE: &str = "take the file as the page saved it, unchanged";
        let wrong = |line: usize, what: &str| format!("line {line}: {what}; {CURE}");
        let mut rows = csv::rows(text)?.into_iter();
        if rows.next().is_none_or(|(_, header)| header != HEADER) {
            return Err(wrong(1, "these are not the answers of a study"));
        }
        let mut new: BTreeMap<String, Vec<(u64, Answer)>> = BTreeMap::new();
        let mut trials = BTreeSet::new();
        for (line, row) in rows {
            let Ok([study, rater, trial, pair, left, right, answer, milliseconds]) =
                <[String; 8]>::try_from(row)
            else {
                return Err(wrong(line, "it has not eight cells"));
            };
            if study != key.study {
                return Err(format!(
                    "line {line}: these are answers of the study {study}, the key is of {}; \
                     name the folder of that study, or leave this file out",
                    key.study
                ));
            }
            let Some(meaning) = key.pairs.get(&pair) else {
                return Err(wrong(line, &format!("the key has no pair {pair}")));
            };
            let [first, second] = &meaning.shown;
            let fits = (&left, &right) == (first, second) || (&left, &right) == (second, first);
            if !fits {
                return Err(wrong(line, "what was shown is not this pair"));
            }
            let chosen = match answer.as_str() {
                "left" => left,
                "right" => right,
                _ => return Err(wrong(line, "the answer is neither left nor right")),
            };
            let number = |text: &str| text.parse::<u64>().ok();
            let (Some(trial), Some(milliseconds)) = (number(&trial), number(&milliseconds)) else {
                return Err(wrong(line, "trial or milliseconds is no whole number"));
            };
            if rater.is_empty() {
                return Err(wrong(line, "it has no rater"));
            }
            if self.0.contains_key(&rater) {
                return Err(format!(
                    "line {line}: the answers of {rater} were in another file already; name each \
                     file once, and of files saved one after the other on one device only the last"
                ));
            }
            if !trials.insert((rater.clone(), trial)) {
                return Err(wrong(
                    line,
                    &format!("trial {trial} of {rater} is there twice"),
                ));
            }
            let answer = Answer {
                pair,
                chosen,
                left: answer == "left",
                milliseconds,
            };
            new.entry(rater).or_default().push((trial, answer));
        }
        if new.is_empty() {
            return Err("nobody has answered; leave this file out".to_owned());
        }
        for (rater, mut answers) in new {
            answers.sort_by_key(|(trial, _)| *trial);
            let answers = answers.into_iter().map(|(_, answer)| answer).collect();
            self.0.insert(rater, answers);
        }
        Ok(())
    }
}
