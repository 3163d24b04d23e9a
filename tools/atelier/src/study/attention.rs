//! Whose answers count: who does not look is left out, with the reason.

use super::answers::Answer;
use super::key::Key;

/// The page takes answers after two seconds. Whose median is hardly more, in milliseconds, has pressed at once and not
/// compared.
const QUICKEST: u64 = 2_200;
/// From so many answers on, all on one side are no accident.
const ONE_SIDED: usize = 12;

/// How somebody answered the questions that have a right answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Caught {
    /// Questions of that kind.
    pub asked: usize,
    /// Answered wrongly.
    pub wrong: usize,
}

/// Counts a rater's catch trials.
pub fn caught(answers: &[Answer], key: &Key) -> Caught {
    let mut caught = Caught::default();
    for answer in answers {
        let right = key.pairs.get(&answer.pair).and_then(|p| p.right.as_ref());
        if let Some(right) = right {
            caught.asked += 1;
            caught.wrong += usize::from(*right != answer.chosen);
        }
    }
    caught
}

/// Why a rater's answers do not count; `None` where they do.
pub fn left_out(answers: &[Answer], key: &Key) -> Option<String> {
    let Caught { asked, wrong } = caught(answers, key);
    if asked == 0 {
        return Some("met no catch trial, so stopped very early".to_owned());
    }
    if wrong * 3 > asked {
        return Some(format!("{wrong} of {asked} catch trials wrong"));
    }
    let left = answers.iter().filter(|answer| answer.left).count();
    if answers.len() >= ONE_SIDED && (left == 0 || left == answers.len()) {
        let side = if left == 0 { "right" } else { "left" };
        return Some(format!("always chose the {side} one"));
    }
    let mut times: Vec<u64> = answers.iter().map(|answer| answer.milliseconds).collect();
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or(0);
    (median < QUICKEST).then(|| format!("answered within {median} ms, too soon to have looked"))
}

#[cfg(test)]
mod tests {
    use super::super::key::Meaning;
    use super::super::question::Question;
    use super::*;

    fn key() -> Key {
        let meaning = |question: Question| Meaning {
            question,
            shown: ["aa", "bb"].map(str::to_owned),
            conditions: ["serene", "curious"].map(str::to_owned),
            stage: ["", ""].map(str::to_owned),
            right: question.is_catch().then(|| "aa".to_owned()),
        };
        let pairs = [("catch", Question::Moves), ("pair", Question::Alive)];
        Key {
            study: "s".to_owned(),
            seed: 1,
            pairs: pairs
                .map(|(code, question)| (code.to_owned(), meaning(question)))
                .into(),
        }
    }

    fn answers(
        catches: &[&str],
        opinions: usize,
        sides: [bool; 2],
        milliseconds: u64,
    ) -> Vec<Answer> {
        let catches = catches.iter().map(|chosen| ("catch", *chosen));
        let all = catches.chain((0..opinions).map(|_| ("pair", "bb")));
        let answer = |(place, (pair, chosen)): (usize, (&str, &str))| Answer {
            pair: pair.to_owned(),
            chosen: chosen.to_owned(),
            left: sides[place % 2],
            milliseconds,
        };
        all.enumerate().map(answer).collect()
    }

    #[test]
    fn who_does_not_look_is_left_out_with_the_reason() {
        let both = [true, false];
        for (answers, reason) in [
            (answers(&["aa", "aa", "bb"], 20, both, 3_000), None),
            (
                answers(&["aa", "bb", "bb", "aa"], 20, both, 3_000),
                Some("2 of 4 catch trials wrong"),
            ),
            (answers(&[], 20, both, 3_000), Some("met no catch trial")),
            (
                answers(&["aa"], 11, [true; 2], 3_000),
                Some("always chose the left one"),
            ),
            (
                answers(&["aa"], 11, [false; 2], 3_000),
                Some("always chose the right one"),
            ),
            (answers(&["aa"], 5, [false; 2], 3_000), None),
            (
                answers(&["aa"], 20, both, 2_050),
                Some("answered within 2050 ms"),
            ),
        ] {
            let found = left_out(&answers, &key());
            assert_eq!(found.is_some(), reason.is_some(), "{found:?}");
            assert!(
                found
                    .unwrap_or_default()
                    .contains(reason.unwrap_or_default())
            );
        }
    }
}
