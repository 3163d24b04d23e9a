//! `atelier bake`: teaches a pack its network.

mod curve;
mod measure;
mod motions;
mod progress;
mod sheet;
mod start;

use crate::preview::write_png;
use anyhow::{Context, Result, bail};
use curve::Curve;
use measure::{Quality, quality};
use progress::Progress;
use serde_json::{Value, json};
use sfumato_bake::bake::{Bake, MOST_MACS, Phase, Settings};
use sfumato_bake::loss::Slopes;
use sfumato_bake::stage::Stage;
use sfumato_faces::{Perception, store};
use sfumato_generator::rig::model::Model;
use sfumato_pack::Pack;
use sha2::{Digest, Sha256};
use start::Start;
use std::cmp::Ordering;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The region is looked at so many pixels wide, for its paint's slopes and for the previews.
const SIDE: u32 = 512;

/// Time between two savings of a bake under way.
const SAVING: Duration = Duration::from_secs(30);

/// Points of the learning curve in a report.
const POINTS: f64 = 24.0;

/// What `atelier bake` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pack to bake; it gets its network in place.
    pub pack: PathBuf,
    /// How long it may take; what can be had in that time is what the pack gets.
    #[arg(long, default_value_t = 50.0, value_name = "MINUTES", value_parser = minutes)]
    pub minutes: f64,
    /// Clips of visitors whose motion is learned from as well: videos or folders of pictures.
    #[arg(long, value_name = "CLIP", num_args = 1..)]
    pub drivers: Vec<PathBuf>,
    /// A network baked before for this painting, instead of baking one.
    #[arg(long, value_name = "FILE.onnx", conflicts_with_all = ["minutes", "drivers", "afresh"])]
    pub network: Option<PathBuf>,
    /// Refuse a network that is not nearer to the pack's rig than this; otherwise, one that is no
    /// nearer than a picture that never moves.
    #[arg(long, value_name = "DECIBELS", requires = "network")]
    pub least: Option<f64>,
    /// What it begins with: `generic`, learned from other paintings, comes with the program; `none`; or a
    /// file of `atelier meta-train`.
    #[arg(
        long,
        value_name = "START",
        default_value_t,
        conflicts_with = "network"
    )]
    pub start: Start,
    /// Begin anew, even if a bake of this pack was broken off.
    #[arg(long)]
    pub afresh: bool,
    /// Examples to learn from that are held in memory at a time, 180 kB each.
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u32).range(120..=100_000))]
    pub examples: u32,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// A picture of what has been learned, renewed while baking: rig above, network below.
    #[arg(long, value_name = "FILE.png")]
    pub preview: Option<PathBuf>,
    /// Where to write the figures of the bake as JSON.
    #[arg(long, value_name = "FILE.json")]
    pub report: Option<PathBuf>,
    /// Where to draw the learning curve.
    #[arg(long, value_name = "FILE.png", conflicts_with = "network")]
    pub curve: Option<PathBuf>,
    /// Reports of other bakes whose curves are drawn beside it.
    #[arg(long, value_name = "FILE.json", num_args = 1.., requires = "curve")]
    pub beside: Vec<PathBuf>,
    /// The folder of the face models instead of the cache, for `--drivers` and to compare the
    /// landmarks of rig and network.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

/// Bytes that a network's file may have: a million and a half of weights, and what belongs to them.
const MOST_BYTES: usize = 4 << 20;

fn minutes(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(minutes) if (0.05..=10_000.0).contains(&minutes) => Ok(minutes),
        _ => Err("a number of minutes from 0.05 to 10000".to_owned()),
    }
}

/// Runs `atelier bake`.
pub fn run(arguments: Arguments) -> Result<()> {
    let mut pack = Pack::read(&arguments.pack)?;
    let model = Model::decode(&pack.rig)?;
    if let Some(path) = &arguments.network {
        let onnx = fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?;
        pack.network = Some(onnx);
        let quality = quality(&pack, perception(arguments.models.as_deref()).as_mut())?;
        let least = arguments.least.unwrap_or(quality.still);
        if quality.all.partial_cmp(&least) != Some(Ordering::Greater) {
            bail!(
                "{} draws another painting, or this one as it was prepared before: it comes within \
                 {:.1} dB of this pack's rig, where more than {least:.1} dB is wanted; bake the pack \
                 without --network",
                path.display(),
                quality.all
            );
        }
        pack.write(&arguments.pack)?;
        println!("{}: {quality}", arguments.pack.display());
        return Ok(());
    }
    let beside = arguments.beside.iter().map(|path| Curve::read(path));
    let beside = beside.collect::<Result<Vec<_>>>()?;
    let recorded = motions::recorded(&arguments.drivers, arguments.models.as_deref())?;
    let slopes = Slopes::of(
        &Stage::new(&pack.portrait, SIDE)?.intensities(),
        SIDE as usize,
    );
    let settings = Settings {
        seconds: 60.0 * arguments.minutes,
        examples: arguments.examples as usize,
        threads: std::thread::available_parallelism().map_or(1, usize::from),
        seed: arguments.seed,
        recorded,
        generic: arguments.start.read()?,
    };
    let saved = saved_path(&arguments.pack);
    let rig = format!("{:x}", Sha256::digest(&pack.rig));
    let started = Instant::now();
    let mut bake = match fs::read(&saved) {
        Ok(bytes) if !arguments.afresh => {
            let bake = Bake::resume(&bytes, &rig, settings, &model, slopes)
                .with_context(|| format!("{} (or say --afresh)", saved.display()))?;
            println!("going on with {}", saved.display());
            bake
        }
        _ => {
            if let Some(generic) = &settings.generic {
                let from = generic.learned_from().join(", ");
                println!("beginning with what was learned from {from}");
            }
            Bake::new(settings, &model, slopes)
        }
    };
    let learning = work(&arguments, &pack, &model, &mut bake, started, &rig, &saved)?;
    let report = finish(&arguments, &mut pack, &mut bake, started, learning)?;
    if let Some(path) = &arguments.curve {
        let mut curves: Vec<Curve> = Curve::of(&report).into_iter().collect();
        curves.extend(beside);
        write_png(path, &curve::picture(&curves))?;
    }
    // Only what can be had no more is kept: the pack holds the network now.
    fs::remove_file(&saved).or_else(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    Ok(())
}

/// What finds faces, to compare landmarks with; a bake is worth its time without.
fn perception(models: Option<&Path>) -> Option<Perception> {
    let folder = models.map_or_else(store::default_folder, Path::to_path_buf);
    Perception::load(&folder)
        .inspect_err(|error| eprintln!("landmarks are not compared: {error}"))
        .ok()
}

fn saved_path(pack: &Path) -> PathBuf {
    let mut name = pack.as_os_str().to_owned();
    name.push(".bake");
    PathBuf::from(name)
}

fn work(
    arguments: &Arguments,
    pack: &Pack,
    model: &Model,
    bake: &mut Bake,
    started: Instant,
    rig: &str,
    saved: &Path,
) -> Result<Vec<Value>> {
    // Work before a break counts too, drawing the first examples as well.
    let before = bake.time().0;
    let mut progress = Progress::new();
    let mut preview = match &arguments.preview {
        Some(path) => Some(sheet::Preview::new(path, pack, model)?),
        None => None,
    };
    let mut last_saved = Instant::now();
    let (mut learning, mut next) = (Vec::new(), 0.0);
    while bake.phase() != Phase::Done {
        bake.step(before + started.elapsed().as_secs_f64());
        progress.tell(bake);
        let (elapsed, whole) = bake.time();
        if elapsed >= next {
            next = elapsed + whole / POINTS;
            learning.push(moment(bake));
        }
        if let Some(preview) = &mut preview {
            preview.renew(bake)?;
        }
        if last_saved.elapsed() > SAVING {
            save(saved, &bake.save(rig))?;
            last_saved = Instant::now();
        }
    }
    learning.push(moment(bake));
    progress.end();
    Ok(learning)
}

/// A moment of the learning curve.
fn moment(bake: &mut Bake) -> Value {
    json!({
        "steps": bake.steps(),
        "seconds": bake.time().0,
        "phase": bake.phase().name(),
        "decibels": bake.score(),
    })
}

/// Writes beside the file and puts it in its place, so that a power cut leaves the old one.
fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_extension("bake-new");
    fs::write(&beside, bytes)
        .and_then(|()| fs::rename(&beside, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}

fn finish(
    arguments: &Arguments,
    pack: &mut Pack,
    bake: &mut Bake,
    started: Instant,
    learning: Vec<Value>,
) -> Result<Value> {
    let description = bake.description();
    let onnx = sfumato_models::quantised::write(&description)?;
    if onnx.len() > MOST_BYTES {
        bail!(
            "the network has {} bytes, more than a pack takes",
            onnx.len()
        );
    }
    let size = onnx.len();
    pack.network = Some(onnx);
    let quality = quality(pack, perception(arguments.models.as_deref()).as_mut())?;
    pack.write(&arguments.pack)?;
    for point in bake.curve() {
        let mark = if point.macs <= MOST_MACS { ' ' } else { '>' };
        println!(
            "pruning {mark} {:6.1} million multiplications: {:.2} dB",
            point.macs as f64 / 1e6,
            point.decibels
        );
    }
    let each: Vec<String> = bake
        .scores()
        .into_iter()
        .map(|(part, score)| format!("{} {:.1}", part.name(), score.decibels()))
        .collect();
    println!(
        "in floating point {:.2} dB, as the device runs it {:.2} dB (parts, against a face at \
         rest: {})",
        bake.unrounded(),
        bake.score(),
        each.join(", ")
    );
    println!(
        "{}: {size} bytes of network; {quality}",
        arguments.pack.display()
    );
    let memory = peak_memory();
    println!(
        "{} steps in {:.1} minutes, {} MB of memory at most",
        bake.steps(),
        started.elapsed().as_secs_f64() / 60.0,
        memory.map_or("?".to_owned(), |bytes| (bytes / 1_000_000).to_string())
    );
    let mut report = report(bake, &quality, size, memory, started);
    let name = arguments.pack.file_stem().unwrap_or_default();
    report["name"] = Value::from(format!(
        "{}, start {}",
        name.to_string_lossy(),
        arguments.start
    ));
    report["learning"] = Value::from(learning);
    if let Some(path) = &arguments.report {
        fs::write(path, format!("{report:#}\n"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(report)
}

fn report(
    bake: &mut Bake,
    quality: &Quality,
    size: usize,
    memory: Option<u64>,
    started: Instant,
) -> Value {
    let curve: Vec<Value> = bake
        .curve()
        .iter()
        .map(|point| json!({"macs": point.macs, "decibels": point.decibels}))
        .collect();
    json!({
        "minutes": started.elapsed().as_secs_f64() / 60.0,
        "steps": bake.steps(),
        "macs": bake.macs(),
        "bytes": size,
        "peak_resident_bytes": memory,
        "curve": curve,
        "parts": {"unrounded": bake.unrounded(), "rounded": bake.score()},
        "quality": quality.json(),
    })
}

/// The most memory that this process has held, bytes.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kilobytes * 1024)
}
