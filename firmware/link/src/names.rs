//! Names of settings as people and programs write them.

use heapless::String;
use sfumato_settings::Id;

/// Longest name that is looked at, in bytes.
const LONGEST: usize = 48;

/// The name with dots: SMP's clients are used to slashes.
pub fn dotted(name: &str) -> Option<String<LONGEST>> {
    let mut own = String::new();
    for letter in name.trim().chars() {
        own.push(if letter == '/' { '.' } else { letter }).ok()?;
    }
    Some(own)
}

/// The setting of that name, which may leave out the group where only one setting has it.
pub fn find(name: &str) -> Option<Id> {
    let name = dotted(name)?;
    Id::by_name(&name).or_else(|| {
        let mut short = Id::all().filter(|id| id.setting().path().1.eq_ignore_ascii_case(&name));
        let found = short.next()?;
        short.next().is_none().then_some(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_short_and_with_slashes() {
        for (name, id) in [
            ("display.brightness", Some(Id::Brightness)),
            ("display/brightness", Some(Id::Brightness)),
            ("brightness", Some(Id::Brightness)),
            ("BRIGHTNESS", Some(Id::Brightness)),
            ("hours", Some(Id::OpeningHours)),
            ("name", Some(Id::Name)),
            ("volume", None),
            ("", None),
        ] {
            assert_eq!(find(name), id, "{name}");
        }
        assert_eq!(find(&"x".repeat(500)), None);
    }
}
