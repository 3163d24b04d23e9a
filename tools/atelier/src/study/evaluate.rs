//! `atelier study --evaluate`: what the answers say.

use super::answers::{Answer, Answers};
use super::attention::{caught, left_out};
use super::key::Key;
use super::question::Question;
use super::statistics::{bootstrap, bradley_terry, sign};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Times that raters are drawn anew for the intervals.
const DRAWS: usize = 2_000;
/// Added to each side of a compared pair, so that one that always wins stays finite.
const PRIOR: f64 = 0.5;

/// Somebody whose answers were given.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rater {
    /// The code.
    pub rater: String,
    /// Answers, catch trials among them.
    pub answers: usize,
    /// Catch trials.
    pub catches: usize,
    /// Of these answered wrongly.
    pub catches_wrong: usize,
    /// Why the answers do not count.
    pub left_out: Option<String>,
}

/// How a condition fared in one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Strength {
    /// The condition.
    pub condition: String,
    /// How often it was chosen.
    pub chosen: u32,
    /// How often it was shown in a pair.
    pub shown: u32,
    /// Logarithm of its strength (Bradley and Terry), mean zero over the conditions.
    pub strength: f64,
    /// The interval of 95 % over raters.
    pub interval: [f64; 2],
}

/// How two conditions fared against each other in one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Duel {
    /// The two conditions.
    pub conditions: [String; 2],
    /// How often each was chosen.
    pub chosen: [u32; 2],
    /// Raters who chose each more often than the other.
    pub raters: [u32; 2],
    /// The sign test over raters: how likely a coin is as uneven.
    pub p: f64,
    /// The same, held against all pairs of the question (Holm).
    pub p_holm: f64,
}

/// What was found in one question.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// Its name.
    pub question: &'static str,
    /// Conditions, most often chosen first.
    pub conditions: Vec<Strength>,
    /// Pairs of conditions.
    pub pairs: Vec<Duel>,
}

/// What the answers say.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The study's code.
    pub study: String,
    /// The seed it was made with.
    pub seed: u64,
    /// Everybody.
    pub raters: Vec<Rater>,
    /// One for each question.
    pub questions: Vec<Finding>,
}

/// Joins answers with the key.
pub fn evaluate(key: &Key, answers: &Answers) -> Outcome {
    let raters: Vec<Rater> = (answers.0.iter())
        .map(|(rater, answers)| {
            let caught = caught(answers, key);
            Rater {
                rater: rater.clone(),
                answers: answers.len(),
                catches: caught.asked,
                catches_wrong: caught.wrong,
                left_out: left_out(answers, key),
            }
        })
        .collect();
    let counted: Vec<&[Answer]> = (answers.0.values().zip(&raters))
        .filter(|(_, rater)| rater.left_out.is_none())
        .map(|(answers, _)| answers.as_slice())
        .collect();
    let questions = Question::OPINIONS.map(|question| find(question, key, &counted));
    Outcome {
        study: key.study.clone(),
        seed: key.seed,
        raters,
        questions: questions.into(),
    }
}

/// One rater's wins: `[a][b]` is how often `a` was chosen before `b`.
type Wins = Vec<Vec<f64>>;

fn find(question: Question, key: &Key, people: &[&[Answer]]) -> Finding {
    let asked = key.pairs.values().filter(|m| m.question == question);
    let names: BTreeSet<&String> = asked.flat_map(|meaning| &meaning.conditions).collect();
    let names: Vec<&String> = names.into_iter().collect();
    let tables: Vec<Wins> = (people.iter())
        .map(|answers| wins(question, key, &names, answers))
        .collect();
    let sum = |drawn: &[&Wins]| {
        let mut all = vec![vec![0.0; names.len()]; names.len()];
        for table in drawn {
            let rows = all.iter_mut().flatten().zip(table.iter().flatten());
            rows.for_each(|(all, one)| *all += one);
        }
        all
    };
    let all = sum(&tables.iter().collect::<Vec<_>>());
    let strong = bradley_terry::strengths(&all, PRIOR);
    let fit = |drawn: &[&Wins]| bradley_terry::strengths(&sum(drawn), PRIOR);
    let intervals = bootstrap::intervals(&tables, DRAWS, key.seed, fit);
    let cell = |table: &Wins, a: usize, b: usize| -> f64 {
        let row = table.get(a);
        row.and_then(|row| row.get(b)).copied().unwrap_or(0.0)
    };

    let mut conditions: Vec<Strength> = (names.iter().enumerate())
        .map(|(a, name)| {
            let chosen: f64 = (0..names.len()).map(|b| cell(&all, a, b)).sum();
            let passed: f64 = (0..names.len()).map(|b| cell(&all, b, a)).sum();
            Strength {
                condition: (*name).clone(),
                chosen: chosen as u32,
                shown: (chosen + passed) as u32,
                strength: strong.get(a).copied().unwrap_or(0.0),
                interval: intervals
                    .get(a)
                    .copied()
                    .unwrap_or([f64::NEG_INFINITY, f64::INFINITY]),
            }
        })
        .filter(|strength| strength.shown > 0)
        .collect();
    conditions.sort_by(|a, b| b.strength.total_cmp(&a.strength));

    let mut pairs = Vec::new();
    for (a, one) in names.iter().enumerate() {
        for (b, other) in names.iter().enumerate().skip(a + 1) {
            let chosen = [cell(&all, a, b), cell(&all, b, a)];
            if chosen.iter().sum::<f64>() == 0.0 {
                continue;
            }
            let prefer = |a, b| {
                let more = |table: &&Wins| cell(table, a, b) > cell(table, b, a);
                tables.iter().filter(more).count() as u32
            };
            let raters = [prefer(a, b), prefer(b, a)];
            let p = sign::sign_test(raters[0], raters[1]);
            pairs.push(Duel {
                conditions: [(*one).clone(), (*other).clone()],
                chosen: chosen.map(|count| count as u32),
                raters,
                p,
                p_holm: p,
            });
        }
    }
    let together = sign::holm(&pairs.iter().map(|pair| pair.p).collect::<Vec<_>>());
    for (pair, p) in pairs.iter_mut().zip(together) {
        pair.p_holm = p;
    }
    Finding {
        question: question.name(),
        conditions,
        pairs,
    }
}

fn wins(question: Question, key: &Key, names: &[&String], answers: &[Answer]) -> Wins {
    let places: BTreeMap<&String, usize> = names.iter().copied().zip(0..).collect();
    let mut table = vec![vec![0.0; names.len()]; names.len()];
    for answer in answers {
        let Some(meaning) = key.pairs.get(&answer.pair) else {
            continue;
        };
        if meaning.question != question {
            continue;
        }
        let [first, second] = meaning.conditions.each_ref().map(|name| places.get(name));
        let first_won = meaning.shown.first() == Some(&answer.chosen);
        let (won, lost) = if first_won {
            (first, second)
        } else {
            (second, first)
        };
        let cell = won
            .zip(lost)
            .and_then(|(&won, &lost)| table.get_mut(won)?.get_mut(lost));
        if let Some(cell) = cell {
            *cell += 1.0;
        }
    }
    table
}

/// The table for people.
impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = self.raters.iter().filter(|r| r.left_out.is_none()).count();
        let all = self.raters.len();
        writeln!(
            f,
            "study {}, seed {}: {counted} of {all} raters count",
            self.study, self.seed
        )?;
        for rater in &self.raters {
            if let Some(reason) = &rater.left_out {
                writeln!(
                    f,
                    "  left out: {} ({} answers): {reason}",
                    rater.rater, rater.answers
                )?;
            }
        }
        let asked: usize = self.raters.iter().map(|rater| rater.catches).sum();
        let wrong: usize = self.raters.iter().map(|rater| rater.catches_wrong).sum();
        writeln!(
            f,
            "  catch trials answered wrongly: {wrong} of {asked}, by all raters"
        )?;
        for finding in self.questions.iter().filter(|one| !one.pairs.is_empty()) {
            writeln!(f, "\n{}", heading(finding.question))?;
            writeln!(
                f,
                "  {:24} {:>11} {:>9}  95 % over raters",
                "condition", "chosen", "strength"
            )?;
            for one in &finding.conditions {
                let chosen = format!("{} of {}", one.chosen, one.shown);
                let [low, high] = one.interval;
                let name = &one.condition;
                writeln!(
                    f,
                    "  {name:24} {chosen:>11} {:>9.2}  {low:.2} to {high:.2}",
                    one.strength
                )?;
            }
            writeln!(
                f,
                "  {:40} {:>9} {:>9} {:>7} {:>7}",
                "pair", "answers", "raters", "p", "Holm"
            )?;
            for pair in &finding.pairs {
                let name = pair.conditions.join(" : ");
                let [answers, raters] =
                    [pair.chosen, pair.raters].map(|[a, b]| format!("{a} : {b}"));
                let (p, together) = (pair.p, pair.p_holm);
                writeln!(
                    f,
                    "  {name:40} {answers:>9} {raters:>9} {p:>7.3} {together:>7.3}"
                )?;
            }
        }
        Ok(())
    }
}

fn heading(question: &str) -> &str {
    match question {
        "alive" => "Which one seems more alive?",
        "meet" => "Which one would you rather meet?",
        "wrong" => "Which one feels wrong? (more often chosen is worse)",
        other => other,
    }
}
