//! Whose answers count: who does not look is left out, with the reason.

use super::answers::Answer;
use super::key::Key;

/// Nobody has compared two films in less time, in the middle of all answers.
const QUICKEST: u64 = 700;
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
