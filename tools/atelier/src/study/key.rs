//! `key.csv`: what the codes of a study mean. Whoever answers must not see it.

use super::csv;
use super::plan::Plan;
use super::question::Question;
use std::collections::BTreeMap;
use std::fmt;

/// First line of the file.
pub const HEADER: [&str; 11] = [
    "study",
    "seed",
    "pair",
    "question",
    "first",
    "second",
    "painting",
    "driver",
    "first_condition",
    "second_condition",
    "right",
];

/// What one pair's code means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// What is asked.
    pub question: Question,
    /// Codes of the two that are shown.
    pub shown: [String; 2],
    /// Names of their conditions.
    pub conditions: [String; 2],
    /// Title of the painting, name of the clip.
    pub stage: [String; 2],
    /// For a catch: the code of the right answer.
    pub right: Option<String>,
}

/// The meaning of a study's codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The study's code.
    pub study: String,
    /// The seed it was made with.
    pub seed: u64,
    /// Pairs by their code.
    pub pairs: BTreeMap<String, Meaning>,
}

impl Key {
    /// The key of a plan with these names.
    pub fn of(plan: &Plan, seed: u64, paintings: &[String], drivers: &[String]) -> Key {
        let name = |names: &[String], at: usize| names.get(at).cloned().unwrap_or_default();
        let mut pairs = BTreeMap::new();
        for pair in &plan.pairs {
            let [Some(first), Some(second)] = pair.shown.map(|place| plan.shown.get(place)) else {
                continue;
            };
            let (Some(one), Some(two)) = (plan.films.get(first.film), plan.films.get(second.film))
            else {
                continue;
            };
            let meaning = Meaning {
                question: pair.question,
                shown: [first, second].map(|shown| shown.code.clone()),
                conditions: [one, two].map(|film| film.condition.name()),
                stage: [name(paintings, one.pack), name(drivers, one.driver)],
                right: pair.question.is_catch().then(|| first.code.clone()),
            };
            pairs.insert(pair.code.clone(), meaning);
        }
        Key {
            study: plan.study.clone(),
            seed,
            pairs,
        }
    }

    /// Reads the text of a `key.csv`.
    ///
    /// # Errors
    /// What is wrong where, with the cure.
    pub fn read(text: &str) -> Result<Key, String> {
        const CURE: &str = "take the key.csv that was written with the page, unchanged";
        let wrong = |line: usize, what: &str| format!("line {line}: {what}; {CURE}");
        let mut rows = csv::rows(text)?.into_iter();
        if rows.next().is_none_or(|(_, header)| header != HEADER) {
            return Err(wrong(1, "this is not the key of a study"));
        }
        let mut key: Option<Key> = None;
        for (line, row) in rows {
            let Ok(
                [
                    study,
                    seed,
                    code,
                    question,
                    a,
                    b,
                    painting,
                    driver,
                    one,
                    two,
                    right,
                ],
            ) = <[String; 11]>::try_from(row)
            else {
                return Err(wrong(line, "it has not eleven cells"));
            };
            let seed = seed.parse().map_err(|_| wrong(line, "no seed"))?;
            let question =
                Question::by_name(&question).ok_or_else(|| wrong(line, "no such question"))?;
            let right = Some(right).filter(|right| !right.is_empty());
            if right.is_some() != question.is_catch()
                || right
                    .as_ref()
                    .is_some_and(|right| ![&a, &b].contains(&right))
            {
                return Err(wrong(line, "its right answer does not fit"));
            }
            let key = key.get_or_insert_with(|| Key {
                study: study.clone(),
                seed,
                pairs: BTreeMap::new(),
            });
            if key.study != study {
                return Err(wrong(line, "two studies in one key"));
            }
            let meaning = Meaning {
                question,
                shown: [a, b],
                conditions: [one, two],
                stage: [painting, driver],
                right,
            };
            if key.pairs.insert(code, meaning).is_some() {
                return Err(wrong(line, "this pair is there twice"));
            }
        }
        key.ok_or_else(|| wrong(2, "there are no pairs"))
    }
}

/// The text of the file.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&csv::line(&HEADER))?;
        let seed = self.seed.to_string();
        for (code, meaning) in &self.pairs {
            let [first, second] = &meaning.shown;
            let [painting, driver] = &meaning.stage;
            let [one, two] = &meaning.conditions;
            let right = meaning.right.as_deref().unwrap_or_default();
            f.write_str(&csv::line(&[
                &self.study,
                &seed,
                code,
                meaning.question.name(),
                first,
                second,
                painting,
                driver,
                one,
                two,
                right,
            ]))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::{conditions, plan};
    use super::*;

    #[test]
    fn a_key_is_read_back_and_a_damaged_one_is_refused() {
        let names = ["serene".to_owned(), "curious".to_owned()];
        let plan = plan(&conditions(&names, false), &[false], 1, 9, "");
        let key = Key::of(&plan, 9, &["A, \"B\"".to_owned()], &["c.mp4".to_owned()]);
        assert_eq!(key.pairs.len(), 9 + 4);
        let text = key.to_string();
        assert_eq!(Key::read(&text).unwrap(), key);
        for (from, to) in [
            ("study,", "stuff,"),
            (",9,", ",nine,"),
            (",alive,", ",asleep,"),
            ("c.mp4,", "c.mp4,more,"),
            (",moves,", ",alive,"),
        ] {
            let error = Key::read(&text.replacen(from, to, 1)).unwrap_err();
            assert!(error.contains("written with the page"), "{error}");
        }
        assert!(Key::read("").is_err());
    }
}
