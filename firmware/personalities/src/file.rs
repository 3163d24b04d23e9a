//! What a personality's file says, key by key, and how it becomes a [`Personality`].

use serde::Deserialize;
use sfumato_core::motion::{Blendshape, Real};
use sfumato_core::time::Micros;
use sfumato_motion::Personality;
use sfumato_motion::personality::{Cue, Habit, Reply, Sides};
use sfumato_motion::style::{DIRECTIONS, MEASURED, MEASURED_SHAPES, PACES, Together};
use std::collections::BTreeMap;

/// What a file may say; all of it may be left out.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    #[serde(default = "serene")]
    pub like: String,
    /// Of what it was learned, for people to read.
    #[serde(default)]
    #[allow(dead_code)] // read for its place only
    learned_from: String,
    answer_time: Option<f32>,
    engage_time: Option<f32>,
    release_time: Option<f32>,
    mirrored: Option<bool>,
    asymmetry: Option<f32>,
    smile_bias: Option<f32>,
    widest: Option<f32>,
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
    #[serde(default)]
    blink: BlinkTable,
    #[serde(default)]
    sway: SwayTable,
    together: Option<TogetherTable>,
    #[serde(default)]
    always: BTreeMap<String, f32>,
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
    face: Option<f32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HabitTable {
    cue: String,
    reply: String,
    amount: f32,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct BlinkTable {
    closing: Option<f32>,
    shut: Option<f32>,
    opening: Option<f32>,
    spread: Option<f32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SwayTable {
    yaw: Option<[f32; PACES]>,
    pitch: Option<[f32; PACES]>,
    roll: Option<[f32; PACES]>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TogetherTable {
    share: f32,
    #[serde(default)]
    expressions: Vec<ExpressionTable>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpressionTable {
    size: f32,
    beat: f32,
    shapes: BTreeMap<String, f32>,
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
    pub fn over(&self, base: Personality) -> Result<Personality, String> {
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
            ("idle.face", self.idle.face, &mut made.idle.face),
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
        put("widest", self.widest, [0.1, 1.0], &mut made.widest)?;
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
                *slot = micros(seconds);
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
        self.blink(&mut made)?;
        self.sway(&mut made)?;
        for (name, value) in &self.always {
            let mut always = Real::ZERO;
            put(
                &format!("always.{name}"),
                Some(*value),
                [0.0, 0.25],
                &mut always,
            )?;
            made.style.always[place(name)?] = always;
        }
        if let Some(together) = &self.together {
            made.style.together = together.made()?;
        }
        Ok(made)
    }
}

impl File {
    fn blink(&self, made: &mut Personality) -> Result<(), String> {
        let (said, blink) = (&self.blink, &mut made.style.blink);
        for (name, value, [least, most], slot) in [
            (
                "blink.closing",
                said.closing,
                [0.03, 0.3],
                &mut blink.closing,
            ),
            ("blink.shut", said.shut, [0.0, 0.3], &mut blink.shut),
            (
                "blink.opening",
                said.opening,
                [0.05, 0.6],
                &mut blink.opening,
            ),
        ] {
            if let Some(seconds) = checked(name, value, [least, most])? {
                *slot = micros(seconds);
            }
        }
        put("blink.spread", said.spread, [0.0, 0.8], &mut blink.spread)
    }

    fn sway(&self, made: &mut Personality) -> Result<(), String> {
        let (said, sway) = (&self.sway, &mut made.style.sway);
        for (name, values, slots) in [
            ("sway.yaw", said.yaw, &mut sway.yaw),
            ("sway.pitch", said.pitch, &mut sway.pitch),
            ("sway.roll", said.roll, &mut sway.roll),
        ] {
            for (value, slot) in values.iter().flatten().zip(slots) {
                put(name, Some(*value), [0.0, 3.0], slot)?;
            }
        }
        Ok(())
    }
}

impl TogetherTable {
    fn made(&self) -> Result<Together, String> {
        let mut share = Real::ZERO;
        put("together.share", Some(self.share), [0.0, 1.0], &mut share)?;
        if self.expressions.len() > DIRECTIONS {
            let count = self.expressions.len();
            return Err(format!("{count} expressions; there may be {DIRECTIONS}"));
        }
        let mut written = Vec::new();
        for expression in &self.expressions {
            let [size, beat] = [
                ("size", expression.size, [0.0, 2.0]),
                ("beat", expression.beat, [0.1, 10.0]),
            ]
            .map(|(name, value, range)| checked(name, Some(value), range));
            let mut shapes = [0.0; MEASURED];
            for (name, value) in &expression.shapes {
                checked(name, Some(*value), [-1.0, 1.0])?;
                shapes[place(name)?] = *value;
            }
            written.push((shapes, size?.unwrap_or(0.0), micros(beat?.unwrap_or(1.0))));
        }
        Ok(Together::of(share, &written))
    }
}

/// Where the coefficient of that name stands among those that are measured.
fn place(name: &str) -> Result<usize, String> {
    Blendshape::from_name(name)
        .and_then(|shape| MEASURED_SHAPES.iter().position(|one| *one == shape))
        .ok_or_else(|| {
            let names = MEASURED_SHAPES.map(Blendshape::name).join(", ");
            format!("{name}: there are {names}")
        })
}

fn micros(seconds: f32) -> Micros {
    Micros((f64::from(seconds) * 1e6) as u64)
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
