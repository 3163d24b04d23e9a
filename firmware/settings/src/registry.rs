//! The registry: every setting there is, in one table.
//!
//! Whatever lists, explains, checks, keeps or reads settings goes through [`SETTINGS`]; a setting that
//! is added there appears on the serial line, in the config file and in the manual.

mod nearest;
mod table;

pub use nearest::nearest;
pub use table::{COUNT, Id, SETTINGS};

use crate::kind::Kind;
use crate::value::Value;

/// When a new value takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// With the next picture after the commit.
    AtOnce,
    /// When the program starts again; it must be saved before.
    AtStart,
}

/// Who may see a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    /// Anyone who can ask.
    ToAnyone,
    /// Nobody; only whether it is set is told.
    ToNobody,
}

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Which one.
    pub id: Id,
    /// Its name: small letters, with a dot between group and name.
    pub name: &'static str,
    /// What it can be set to.
    pub kind: Kind,
    /// What it is when nobody has set it.
    pub default: Value,
    /// When a new value takes effect.
    pub applies: Applies,
    /// Who may see it.
    pub shown: Shown,
    /// What it does, in one sentence.
    pub help: &'static str,
}

impl Setting {
    /// The group before the dot, and the name within it; the group of undotted names is empty.
    pub fn path(&self) -> (&'static str, &'static str) {
        self.name.split_once('.').unwrap_or(("", self.name))
    }
}

impl Id {
    /// All of them, in the order of the table.
    pub fn all() -> impl Iterator<Item = Id> {
        SETTINGS.iter().map(|setting| setting.id)
    }

    /// The table's row.
    pub fn setting(self) -> &'static Setting {
        &SETTINGS[self as usize]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.setting().name
    }

    /// The setting of that name, in small or capital letters.
    pub fn by_name(name: &str) -> Option<Id> {
        Id::all().find(|id| id.name().eq_ignore_ascii_case(name))
    }
}

/// A set of settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdSet(u64);

impl IdSet {
    /// Adds one.
    pub fn insert(&mut self, id: Id) {
        self.0 |= 1 << id as u32;
    }

    /// Whether it is in.
    pub fn contains(self, id: Id) -> bool {
        self.0 >> id as u32 & 1 == 1
    }

    /// Whether none is in.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are in.
    pub fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Those that are in, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Id> {
        Id::all().filter(move |id| self.contains(*id))
    }
}

// A set has a bit for each setting.
const _: () = assert!(COUNT <= 64);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decimal::Decimal;
    use std::string::ToString;

    #[test]
    fn names_are_distinct_lower_case_and_grouped() {
        let mut groups = std::vec::Vec::new();
        for setting in &SETTINGS {
            assert_eq!(Id::by_name(setting.name), Some(setting.id));
            assert_eq!(Id::by_name(&setting.name.to_uppercase()), Some(setting.id));
            let good = |byte| matches!(byte, b'a'..=b'z' | b'_' | b'.');
            assert!(setting.name.bytes().all(good), "{}", setting.name);
            let (group, name) = setting.path();
            assert!(!name.contains('.') && !name.is_empty(), "{}", setting.name);
            if groups.last() != Some(&group) {
                assert!(!groups.contains(&group), "{group} is in two places");
                groups.push(group);
            }
        }
        assert_eq!(groups[0], "", "names without a group come first");
        assert_eq!(Id::by_name("display"), None);
    }

    #[test]
    fn every_default_is_a_value_of_its_kind_and_survives_printing() {
        for setting in &SETTINGS {
            let printed = setting.default.stored().to_string();
            assert_eq!(
                setting.kind.parse(&printed),
                Ok(setting.default),
                "{}",
                setting.name
            );
        }
    }

    #[test]
    fn every_end_of_every_range_survives_printing() {
        for setting in &SETTINGS {
            let (ends, beyond) = match setting.kind {
                Kind::Whole { min, max, .. } => (
                    [min, max].map(Value::Whole),
                    [min - 1, max + 1].map(Value::Whole),
                ),
                Kind::Decimal {
                    min, max, places, ..
                } => {
                    let value = |scaled| Value::Decimal(Decimal { scaled, places });
                    ([min, max].map(value), [min - 1, max + 1].map(value))
                }
                Kind::Choice(names) => {
                    for name in names {
                        assert_eq!(setting.kind.parse(name), Ok(Value::Choice(name)));
                    }
                    continue;
                }
                _ => continue,
            };
            for end in ends {
                assert_eq!(
                    setting.kind.parse(&end.to_string()),
                    Ok(end),
                    "{}",
                    setting.name
                );
            }
            for beyond in beyond {
                assert!(
                    setting.kind.parse(&beyond.to_string()).is_err(),
                    "{}",
                    setting.name
                );
            }
        }
    }

    #[test]
    fn help_is_one_sentence() {
        for Setting { name, help, .. } in &SETTINGS {
            assert!(
                help.ends_with('.') && help.matches(". ").count() == 0,
                "{name}: {help}"
            );
            assert!(help.len() <= 140, "{name}: {}", help.len());
        }
    }

    #[test]
    fn only_the_pin_is_hidden() {
        for setting in &SETTINGS {
            let hidden = setting.shown == Shown::ToNobody;
            assert_eq!(hidden, setting.kind == Kind::Pin, "{}", setting.name);
        }
    }

    #[test]
    fn sets_hold_what_was_put_in() {
        let mut set = IdSet::default();
        assert!(set.is_empty());
        let (first, last) = (SETTINGS[0].id, SETTINGS[COUNT - 1].id);
        set.insert(last);
        set.insert(first);
        set.insert(first);
        assert_eq!(set.iter().collect::<std::vec::Vec<_>>(), [first, last]);
        assert_eq!(set.len(), 2);
    }
}
