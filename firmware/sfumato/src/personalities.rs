//! Personalities that an author has written: one TOML file each, beside the built-in ones.
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

use serde::Deserialize;
use sfumato_core::motion::Real;
use sfumato_core::time::Micros;
use sfumato_motion::Personality;
use sfumato_motion::personality::{Cue, Habit, Reply, Sides};
use std::fs;
use std::path::Path;

/// Most letters of a name: as the setting takes it.
const LONGEST: usize = 24;

/// The personalities that there are.
#[derive(Clone, Debug)]
pub struct Personalities(Vec<Personality>);

impl Default for Personalities {
    fn default() -> Personalities {
        Personalities(Personality::BUILT_IN.to_vec())
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

    fn add(&mut self, name: &str, text: &str) -> Result<(), String> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c);
        if name.is_empty() || name.len() > LONGEST || !name.chars().all(plain) {
            return Err(format!(
                "name the file with at most {LONGEST} small letters, digits, - and _"
            ));
        }
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

/// What a file may say; all of it may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default = "serene")]
    like: String,
    answer_time: Option<f32>,
    engage_time: Option<f32>,
    release_time: Option<f32>,
    mirrored: Option<bool>,
    asymmetry: Option<f32>,
    smile_bias: Option<f32>,
    company: Option<f32>,
    others: Option<u16>,
    regard: Option<f32>,
    farewell: Option<f32>,
    shyness: Option<f32>,
    drowsy_after: Option<f32>,
    #[serde(default)]
    gains: GainsTable,
    #[serde(default)]
    idle: IdleTable,
    habits: Option<Vec<HabitTable>>,
}

fn serene() -> String {
    Personality::SERENE.name.to_owned()
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct GainsTable {
    yaw: Option<f32>,
    pitch: Option<f32>,
    roll: Option<f32>,
    jaw: Option<f32>,
    smile: Option<f32>,
    mouth: Option<f32>,
    brows: Option<f32>,
    gaze: Option<f32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct IdleTable {
    breath: Option<f32>,
    blinks: Option<u16>,
    glances: Option<u16>,
    glance_reach: Option<f32>,
    head_share: Option<f32>,
    micro_saccades: Option<f32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HabitTable {
    cue: String,
    reply: String,
    amount: f32,
}

/// Words of a habit.
const CUES: [(&str, Cue); 5] = [
    ("smile", Cue::Smile),
    ("jaw", Cue::Jaw),
    ("brows", Cue::Brows),
    ("arrival", Cue::Arrival),
    ("nearness", Cue::Nearness),
];
/// The same, with how much of it there may be.
const REPLIES: [(&str, Reply, f32); 7] = [
    ("roll", Reply::Roll, 10.0),
    ("pitch", Reply::Pitch, 10.0),
    ("smile", Reply::Smile, 1.0),
    ("brows_up", Reply::BrowsUp, 1.0),
    ("brow_inner_up", Reply::BrowInnerUp, 1.0),
    ("cheek_squint", Reply::CheekSquint, 1.0),
    ("eyes_open", Reply::EyesOpen, 0.5),
];

impl File {
    /// The personality that says this and is otherwise as `base`.
    fn over(&self, base: Personality) -> Result<Personality, String> {
        let mut made = base;
        for (name, value, slot) in [
            ("gains.yaw", self.gains.yaw, &mut made.gains.yaw),
            ("gains.pitch", self.gains.pitch, &mut made.gains.pitch),
            ("gains.roll", self.gains.roll, &mut made.gains.roll),
            ("gains.jaw", self.gains.jaw, &mut made.gains.jaw),
            ("gains.smile", self.gains.smile, &mut made.gains.smile),
            ("gains.mouth", self.gains.mouth, &mut made.gains.mouth),
            ("gains.brows", self.gains.brows, &mut made.gains.brows),
            ("idle.breath", self.idle.breath, &mut made.idle.breath),
            (
                "idle.micro_saccades",
                self.idle.micro_saccades,
                &mut made.idle.micro_saccades,
            ),
        ] {
            put(name, value, [0.0, 2.0], slot)?;
        }
        for (name, value, slot) in [
            ("gains.gaze", self.gains.gaze, &mut made.gains.gaze),
            (
                "idle.head_share",
                self.idle.head_share,
                &mut made.idle.head_share,
            ),
            ("company", self.company, &mut made.company),
            ("regard", self.regard, &mut made.regard),
            ("farewell", self.farewell, &mut made.farewell),
            ("shyness", self.shyness, &mut made.shyness),
        ] {
            put(name, value, [0.0, 1.0], slot)?;
        }
        put(
            "asymmetry",
            self.asymmetry,
            [-0.5, 0.5],
            &mut made.asymmetry,
        )?;
        put(
            "smile_bias",
            self.smile_bias,
            [0.0, 0.3],
            &mut made.smile_bias,
        )?;
        put(
            "idle.glance_reach",
            self.idle.glance_reach,
            [0.0, 25.0],
            &mut made.idle.glance_reach,
        )?;
        for (name, value, most, slot) in [
            ("answer_time", self.answer_time, 2.0, &mut made.answer_time),
            ("engage_time", self.engage_time, 5.0, &mut made.engage_time),
            (
                "release_time",
                self.release_time,
                5.0,
                &mut made.release_time,
            ),
            (
                "drowsy_after",
                self.drowsy_after,
                86_400.0,
                &mut made.drowsy_after,
            ),
        ] {
            if let Some(seconds) = checked(name, value, [0.0, most])? {
                *slot = Micros((f64::from(seconds) * 1e6) as u64);
            }
        }
        for (name, value, slot) in [
            ("idle.blinks", self.idle.blinks, &mut made.idle.blinks),
            ("idle.glances", self.idle.glances, &mut made.idle.glances),
            ("others", self.others, &mut made.others),
        ] {
            if let Some(count) = checked(name, value.map(f32::from), [0.0, 60.0])? {
                *slot = count as u16;
            }
        }
        if let Some(mirrored) = self.mirrored {
            made.sides = if mirrored {
                Sides::Mirrored
            } else {
                Sides::Anatomical
            };
        }
        if let Some(habits) = &self.habits {
            made.habits = habits_of(habits)?;
        }
        Ok(made)
    }
}

fn habits_of(tables: &[HabitTable]) -> Result<[Option<Habit>; 4], String> {
    let mut habits = [None; 4];
    if tables.len() > habits.len() {
        return Err(format!(
            "{} habits; there may be {}",
            tables.len(),
            habits.len()
        ));
    }
    for (slot, table) in habits.iter_mut().zip(tables) {
        let cue = CUES.iter().find(|(name, _)| *name == table.cue);
        let reply = REPLIES.iter().find(|(name, ..)| *name == table.reply);
        let cues: Vec<&str> = CUES.iter().map(|(name, _)| *name).collect();
        let replies: Vec<&str> = REPLIES.iter().map(|(name, ..)| *name).collect();
        let (_, cue) =
            cue.ok_or_else(|| format!("cue = {:?}: there are {}", table.cue, cues.join(", ")))?;
        let (_, reply, most) = reply.ok_or_else(|| {
            format!(
                "reply = {:?}: there are {}",
                table.reply,
                replies.join(", ")
            )
        })?;
        let mut amount = Real::ZERO;
        put("amount", Some(table.amount), [-most, *most], &mut amount)?;
        *slot = Some(Habit {
            cue: *cue,
            reply: *reply,
            amount,
        });
    }
    Ok(habits)
}

/// Puts a number in, if there is one.
fn put(name: &str, value: Option<f32>, range: [f32; 2], slot: &mut Real) -> Result<(), String> {
    if let Some(value) = checked(name, value, range)? {
        *slot = Real::from_num(value);
    }
    Ok(())
}

fn checked(name: &str, value: Option<f32>, [least, most]: [f32; 2]) -> Result<Option<f32>, String> {
    match value {
        Some(value) if !(least..=most).contains(&value) => {
            Err(format!("{name} = {value}: {least} to {most}"))
        }
        value => Ok(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
            all.names().ends_with("mirror, calm, calmer"),
            "{}",
            all.names()
        );
        let calmer = all.by_name("calmer").unwrap();
        assert_eq!(calmer.gains.yaw, Real::from_num(0.3));
        assert_eq!(mistakes.len(), 1);
        assert!(mistakes[0].contains("wild.toml") && mistakes[0].contains("gains.yaw"));
        let (none, mistakes) = Personalities::read(&folder.path().join("missing"));
        assert!(none.names().ends_with("mirror") && mistakes.is_empty());
    }
}
