//! The personalities that there are: those built in, those learned from people, those an author wrote.
//!
//! The last two are TOML files:
//!
//! ```toml
//! like = "serene"          # what is not said here is as there
//! answer_time = 0.2        # seconds
//!
//! [gains]
//! smile = 1.2
//!
//! [[habits]]
//! cue = "smile"
//! reply = "roll"
//! amount = 2.0             # degrees
//! ```
//!
//! The file's name is the personality's. Files are read when the program starts; each mistake is named with its file,
//! and a file with one is left out.

mod file;

use file::File;
use sfumato_motion::Personality;
use std::fs;
use std::path::Path;

/// Most letters of a name: as the setting takes it.
const LONGEST: usize = 24;

/// Those that are learned from people and come with the program: name and file. Where each comes from, and under which
/// licence, stands in the file.
pub const LEARNED: [(&str, &str); 3] = [
    ("sunny", include_str!("../shipped/sunny.toml")),
    ("hearty", include_str!("../shipped/hearty.toml")),
    ("earnest", include_str!("../shipped/earnest.toml")),
];

/// The personalities that there are.
#[derive(Clone, Debug)]
pub struct Personalities(Vec<Personality>);

impl Default for Personalities {
    fn default() -> Personalities {
        let mut all = Personalities(Personality::BUILT_IN.to_vec());
        for (name, text) in LEARNED {
            // A test reads them; on the device one that cannot be read would be missing, and nothing else.
            let _ = all.add(name, text);
        }
        all
    }
}

impl Personalities {
    /// The built-in ones and those of a folder; what is wrong with files that are left out. A folder that is not
    /// there has none.
    pub fn read(folder: &Path) -> (Personalities, Vec<String>) {
        let (mut all, mut mistakes) = (Personalities::default(), Vec::new());
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut files: Vec<_> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|end| end == "toml"))
            .collect();
        files.sort();
        for file in files {
            let name = file.file_stem().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(&file).map_err(|error| error.to_string());
            let read = text.and_then(|text| all.add(&name, &text));
            if let Err(mistake) = read {
                mistakes.push(format!("personality {}: {mistake}", file.display()));
            }
        }
        (all, mistakes)
    }

    /// The one of that name.
    pub fn by_name(&self, name: &str) -> Option<Personality> {
        self.0.iter().find(|one| one.name == name).copied()
    }

    /// All names, with commas between them.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|one| one.name).collect();
        names.join(", ")
    }

    /// Adds the personality that a file of this name and text is.
    ///
    /// # Errors
    /// What is wrong with name or text, and what may stand there.
    pub fn add(&mut self, name: &str, text: &str) -> Result<(), String> {
        check_name(name)?;
        if self.by_name(name).is_some() {
            return Err("there is one of this name already; name the file otherwise".to_owned());
        }
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let base = self
            .by_name(&file.like)
            .ok_or_else(|| format!("like = {:?}: there are {}", file.like, self.names()))?;
        let mut made = file.over(base)?;
        // Kept for as long as the program runs, as the built-in ones' names are.
        made.name = Box::leak(name.to_owned().into_boxed_str());
        self.0.push(made);
        Ok(())
    }
}

/// Whether a personality may have this name; what it may be, if not.
pub fn check_name(name: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
    if name.is_empty() || name.len() > LONGEST || !name.chars().all(plain) {
        return Err(format!(
            "name the file with at most {LONGEST} small letters, digits, - and _"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sfumato_core::motion::Real;
    use sfumato_core::time::Micros;
    use sfumato_motion::personality::{Cue, Habit, Reply};

    fn added(name: &str, text: &str) -> Result<Personality, String> {
        let mut all = Personalities::default();
        all.add(name, text)?;
        Ok(all.by_name(name).unwrap())
    }

    #[test]
    fn what_is_not_said_is_as_the_base_has_it() {
        let shy = added(
            "shy",
            "like = \"curious\"\nshyness = 1.0\nanswer_time = 0.25\n[gains]\nsmile = 0.5",
        )
        .unwrap();
        assert_eq!(shy.name, "shy");
        assert_eq!(shy.shyness, Real::ONE);
        assert_eq!(shy.answer_time, Micros::from_millis(250));
        assert_eq!(shy.gains.smile, Real::from_num(0.5));
        let base = Personality::CURIOUS;
        assert_eq!(
            Personality {
                name: base.name,
                shyness: base.shyness,
                answer_time: base.answer_time,
                gains: base.gains,
                ..shy
            },
            base
        );
        // Nothing said at all is the usual one.
        let plain = added("plain", "").unwrap();
        assert_eq!(
            Personality {
                name: "serene",
                ..plain
            },
            Personality::SERENE
        );
    }

    #[test]
    fn those_that_come_with_the_program_are_there_with_their_origin() {
        let all = Personalities::default();
        assert_eq!(
            all.names(),
            "serene, curious, playful, mirror, sunny, hearty, earnest"
        );
        for (name, text) in LEARNED {
            let style = all.by_name(name).unwrap().style;
            assert!(style.together.share > 0, "{name}");
            assert!(text.contains("\nlearned_from = \""), "{name}");
        }
    }

    #[test]
    fn habits_take_the_place_of_the_bases() {
        let text =
            "like = \"playful\"\n[[habits]]\ncue = \"arrival\"\nreply = \"brows_up\"\namount = 0.5";
        let habits = added("brows", text).unwrap().habits;
        assert_eq!(
            habits,
            [
                Some(Habit {
                    cue: Cue::Arrival,
                    reply: Reply::BrowsUp,
                    amount: Real::from_num(0.5)
                }),
                None,
                None,
                None
            ]
        );
        assert_eq!(added("none", "habits = []").unwrap().habits, [None; 4]);
    }

    #[test]
    fn mistakes_are_named() {
        for (name, text, word) in [
            ("shy", "shynes = 1.0", "shynes"),
            ("shy", "shyness = 2.0", "0 to 1"),
            ("shy", "like = \"grumpy\"", "serene, curious"),
            (
                "shy",
                "[[habits]]\ncue = \"sneeze\"\nreply = \"roll\"\namount = 1.0",
                "arrival",
            ),
            (
                "shy",
                "[[habits]]\ncue = \"smile\"\nreply = \"wink\"\namount = 1.0",
                "cheek_squint",
            ),
            (
                "shy",
                "[[habits]]\ncue = \"smile\"\nreply = \"roll\"\namount = 40.0",
                "-10 to 10",
            ),
            ("shy", "drowsy_after = nan", "drowsy_after"),
            ("serene", "", "already"),
            ("Shy One", "", "small letters"),
        ] {
            let mistake = added(name, text).unwrap_err();
            assert!(mistake.contains(word), "{name}: {text}: {mistake}");
        }
    }

    #[test]
    fn a_folder_with_a_mistake_still_has_the_others() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("calm.toml"), "[gains]\nyaw = 0.3").unwrap();
        fs::write(
            folder.path().join("calmer.toml"),
            "like = \"calm\"\nsmile_bias = 0.1",
        )
        .unwrap();
        fs::write(folder.path().join("wild.toml"), "[gains]\nyaw = 30.0").unwrap();
        fs::write(folder.path().join("notes.txt"), "not one").unwrap();
        let (all, mistakes) = Personalities::read(folder.path());
        assert!(
            all.names().ends_with("earnest, calm, calmer"),
            "{}",
            all.names()
        );
        let calmer = all.by_name("calmer").unwrap();
        assert_eq!(calmer.gains.yaw, Real::from_num(0.3));
        assert_eq!(mistakes.len(), 1);
        assert!(mistakes[0].contains("wild.toml") && mistakes[0].contains("gains.yaw"));
        let (none, mistakes) = Personalities::read(&folder.path().join("missing"));
        assert!(none.names().ends_with("earnest") && mistakes.is_empty());
    }
}
