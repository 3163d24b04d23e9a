//! What a mistyped name may have meant.

use super::{Id, SETTINGS};

/// Longest name that is compared, in bytes.
const LONGEST: usize = 40;

/// The setting whose name is nearest to `name`, if it is near: at most a third of it is different, or
/// it is the same without its group (`brightness` for `display.brightness`).
pub fn nearest(name: &str) -> Option<Id> {
    let within = SETTINGS.iter().find(|setting| setting.path().1 == name);
    if let Some(setting) = within {
        return Some(setting.id);
    }
    let near = |id: &Id| distance(name, id.name());
    let id = Id::all().min_by_key(near)?;
    (near(&id) <= id.name().len() / 3).then_some(id)
}

/// Letters to change, leave out or put in to make one of the other (Levenshtein's distance).
fn distance(one: &str, other: &str) -> usize {
    if one.len() > LONGEST || other.len() > LONGEST {
        return usize::MAX;
    }
    let mut row: [usize; LONGEST + 1] = core::array::from_fn(|index| index);
    for (done, letter) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = done + 1;
        for (index, against) in other.bytes().enumerate() {
            let changed = diagonal + usize::from(letter != against);
            diagonal = row[index + 1];
            row[index + 1] = changed.min(diagonal + 1).min(row[index] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typing_errors_are_understood() {
        for (typed, meant) in [
            ("display.brightnes", Some(Id::Brightness)),
            ("display.brigthness", Some(Id::Brightness)),
            ("brightness", Some(Id::Brightness)),
            ("personalty", Some(Id::Personality)),
            ("opening.hour", Some(Id::OpeningHours)),
            ("volume", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed), meant, "{typed}");
        }
        assert_eq!(nearest(&"x".repeat(500)), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
