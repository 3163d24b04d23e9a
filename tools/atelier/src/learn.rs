//! `atelier learn-personality`: from films of one person to a personality.
//!
//! What is learned and how is told in [`sfumato_learn`]; the page is `docs/personalities.md`. No picture leaves this
//! module: of a film, numbers are kept.

use crate::corpus::face;
use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};
use sfumato_core::motion::Blendshape;
use sfumato_core::time::Moment;
use sfumato_corpus::Record;
use sfumato_corpus::record::Frame;
use sfumato_faces::{Perception, store};
use sfumato_learn::{Learned, Series, Statistics};
use sfumato_motion::style::MEASURED_SHAPES;
use sfumato_personalities::Personalities;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// What `atelier learn-personality` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Films of one person, or their records in a corpus (CACHE/clips/….face); the longer the better.
    #[arg(required = true, value_name = "CLIP")]
    pub clips: Vec<PathBuf>,
    /// The personality: at most 24 small letters, digits, - and _, then .toml.
    #[arg(short, long, value_name = "NAME.toml")]
    pub output: PathBuf,
    /// Of whom, from where and under which licence: written into the file for whoever reads it.
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "films whose licence was not said"
    )]
    pub learned_from: String,
    /// Look at the films from this second on.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub from: f64,
    /// Look at the films until this second.
    #[arg(long, value_name = "SECONDS")]
    pub until: Option<f64>,
    /// How much of what is particular to this person is kept: 0 nothing, 1 as measured, 2 a caricature.
    #[arg(long, value_name = "0-3", default_value_t = 1.0)]
    pub strength: f64,
    /// Print what was seen as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

/// Runs `atelier learn-personality`.
pub fn run(arguments: Arguments) -> Result<()> {
    let name = name_of(&arguments.output)?;
    let part = part(arguments.from, arguments.until)?;
    if !(0.0..=3.0).contains(&arguments.strength) {
        bail!("--strength {}: from 0 to 3", arguments.strength);
    }
    let models = arguments.models.unwrap_or_else(store::default_folder);
    let mut perception = Perception::load(&models)?;
    let mut series = Series::default();
    for clip in &arguments.clips {
        if !arguments.json {
            eprintln!("{}: looking", clip.display());
        }
        series.add_clip(&frames(clip, &part, &mut perception)?);
    }
    let learned = Learned::from(&series, arguments.strength).map_err(too_little)?;
    let text = learned.text(&arguments.learned_from);
    // What is written is read again before anybody relies on it.
    Personalities::default()
        .add(&name, &text)
        .map_err(|mistake| anyhow::anyhow!("{}: {mistake}", arguments.output.display()))?;
    std::fs::write(&arguments.output, &text)
        .with_context(|| format!("{} cannot be written", arguments.output.display()))?;
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&told(&learned.seen))?);
    } else {
        eprintln!(
            "{}: learned from {:.1} s. Try it: sfumato run --personality {name}, with the file in the folder \
             `personalities` of the state folder",
            arguments.output.display(),
            learned.seen.seconds
        );
    }
    Ok(())
}

/// The personality's name, from its file's.
fn name_of(output: &Path) -> Result<String> {
    let name = output.file_stem().unwrap_or_default().to_string_lossy();
    if output.extension().is_none_or(|end| end != "toml") {
        bail!("{}: name the file NAME.toml", output.display());
    }
    if Personalities::default().by_name(&name).is_some() {
        bail!(
            "{}: `{name}` is built in; choose another name",
            output.display()
        );
    }
    sfumato_personalities::check_name(&name)
        .map_err(|mistake| anyhow::anyhow!("{}: {mistake}", output.display()))?;
    Ok(name.into_owned())
}

fn part(from: f64, until: Option<f64>) -> Result<Range<Moment>> {
    let moment = |seconds: f64| Moment((seconds * 1e6).round() as u64);
    let until = until.unwrap_or(f64::INFINITY);
    if !(from >= 0.0 && until > from) {
        bail!("--from {from} --until {until}: begin at 0 or later, and end after it");
    }
    Ok(moment(from)..moment(until))
}

/// What the face of one film does, or that of one record.
pub fn frames(
    clip: &Path,
    part: &Range<Moment>,
    perception: &mut Perception,
) -> Result<Vec<Frame>> {
    if clip.extension().is_some_and(|end| end == "face") {
        let name = clip.display();
        let bytes = std::fs::read(clip).with_context(|| format!("{name} cannot be read"))?;
        let (record, _) = Record::decode(&bytes).with_context(|| name.to_string())?;
        let mut frames = record.frames;
        frames.retain(|frame| part.contains(&frame.captured));
        return Ok(frames);
    }
    face::frames(clip, part.clone(), perception)
}

fn too_little(little: sfumato_learn::TooLittle) -> anyhow::Error {
    anyhow::anyhow!(
        "the face is seen for {:.1} s; at least {:.0} are needed, and a minute is better: give more films of the \
         same person",
        little.seconds,
        little.least
    )
}

/// What was seen, for programs.
fn told(seen: &Statistics) -> Value {
    let shapes: Map<String, Value> = MEASURED_SHAPES
        .into_iter()
        .map(Blendshape::name)
        .zip(seen.shapes)
        .map(|(name, range)| {
            let range =
                json!({"mean": range.mean, "deviation": range.deviation, "high": range.high});
            (name.to_owned(), range)
        })
        .collect();
    let axes = |of: &dyn Fn(usize) -> Value| json!({"yaw": of(0), "pitch": of(1), "roll": of(2)});
    json!({
        "seconds": seen.seconds,
        "sway": axes(&|axis| json!(seen.sway[axis])),
        "turn": axes(&|axis| json!(seen.turn[axis])),
        "blinks": {
            "count": seen.blinks.count,
            "seconds": seen.blinks.seconds,
            "length": seen.blinks.length,
            "spread": seen.blinks.spread,
        },
        "glances": {
            "count": seen.glances.count,
            "seconds": seen.glances.seconds,
            "reach": seen.glances.reach,
        },
        "shapes": shapes,
        "explained": seen.explained,
        "expressions": seen.expressions.iter().map(|e| json!({"size": e.size, "beat": e.beat})).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Debug, clap::Parser)]
    struct Line {
        #[command(flatten)]
        arguments: Arguments,
    }

    #[test]
    fn mistakes_are_named_before_anything_is_looked_at() {
        for (line, word) in [
            ("a.mp4 -o serene.toml", "built in"),
            ("a.mp4 -o sunny.toml", "built in"),
            ("a.mp4 -o Anna.toml", "small letters"),
            ("a.mp4 -o anna.txt", "NAME.toml"),
            ("a.mp4 -o anna.toml --from 3 --until 2", "end after"),
            ("a.mp4 -o anna.toml --strength 7", "0 to 3"),
            ("missing.face -o anna.toml", "missing.face cannot be read"),
        ] {
            let words = ["learn"].into_iter().chain(line.split(' '));
            let arguments = Line::try_parse_from(words).unwrap().arguments;
            if line.starts_with("missing") && Perception::load(&store::default_folder()).is_err() {
                println!("skipped: no models");
                continue;
            }
            let mistake = format!("{:#}", run(arguments).unwrap_err());
            assert!(mistake.contains(word), "{line}: {mistake}");
        }
    }
}
