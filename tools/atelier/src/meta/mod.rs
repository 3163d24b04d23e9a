//! `atelier meta-train`: learns a generic start from many faces, so that a new painting is baked in minutes.
//!
//! Paintings are prepared as `atelier prepare` does it, as they are and bent by chance (`vary`). What is shared by all of them is
//! written again and again; broken off, the same command goes on.

mod vary;

use crate::picture::Picture as Decoded;
use crate::prepare::search;
use anyhow::{Context, Result, bail};
use sfumato_bake::generic::Generic;
use sfumato_bake::loss::Slopes;
use sfumato_bake::meta::Meta;
use sfumato_bake::random::Random;
use sfumato_bake::stage::Stage;
use sfumato_compositor::Picture;
use sfumato_core::pixels::{Pixels, Rgb, rgb};
use sfumato_faces::{Perception, store};
use sfumato_pack::Pack;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// The region is looked at so many pixels wide, for its paint's slopes.
const SIDE: u32 = 256;

/// Time between two savings, and two lines of progress.
const SAVING: Duration = Duration::from_secs(30);

/// What `atelier meta-train` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Pictures of paintings, or packs, to learn from. Only such as the start may be given away with.
    #[arg(required = true, value_name = "PAINTING")]
    pub paintings: Vec<PathBuf>,
    /// The start that is learned; gone on with if it is there.
    #[arg(short, long, value_name = "FILE.start")]
    pub output: PathBuf,
    /// How long to learn, besides preparing.
    #[arg(long, default_value_t = 30.0, value_name = "MINUTES")]
    pub minutes: f64,
    /// Faces made of each painting by bending it, besides the painting itself.
    #[arg(long, default_value_t = 7, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=64))]
    pub varied: u32,
    /// Examples of each face.
    #[arg(long, default_value_t = 1800, value_parser = clap::value_parser!(u32).range(120..=20_000))]
    pub examples: u32,
    /// Begin anew, even if the start is there.
    #[arg(long)]
    pub afresh: bool,
    /// Where chance begins.
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

/// Runs `atelier meta-train`.
pub fn run(arguments: Arguments) -> Result<()> {
    if !(0.05..=10_000.0).contains(&arguments.minutes) {
        bail!("--minutes {}: from 0.05 to 10000", arguments.minutes);
    }
    let mut from: Vec<String> = arguments.paintings.iter().map(|path| name(path)).collect();
    from.push(format!(
        "each as it is and bent in {} ways",
        arguments.varied
    ));
    let generic = match std::fs::read(&arguments.output) {
        Ok(bytes) if !arguments.afresh => {
            let generic = Generic::decode(&bytes)
                .with_context(|| format!("{} (or say --afresh)", arguments.output.display()))?;
            if generic.learned_from() != from {
                bail!(
                    "{} was learned from something else ({}); say --afresh to begin anew",
                    arguments.output.display(),
                    generic.learned_from().join(", ")
                );
            }
            println!("going on with {}", arguments.output.display());
            generic
        }
        _ => Generic::new(arguments.seed, from),
    };
    let before = generic.progress().1[0];
    let mut meta = Meta::new(generic, arguments.seed);
    gather(&arguments, &mut meta)?;
    let whole = 60.0 * arguments.minutes;
    let started = Instant::now();
    let mut told = Instant::now();
    loop {
        let seconds = before + started.elapsed().as_secs_f64();
        if seconds >= whole {
            break;
        }
        meta.step([seconds, whole]);
        if told.elapsed() > SAVING {
            told = Instant::now();
            save(&arguments.output, meta.generic())?;
            println!(
                "{:3.0} %  round {}  {:.1} dB",
                100.0 * seconds / whole,
                meta.rounds(),
                meta.recent()
            );
        }
    }
    save(&arguments.output, meta.generic())?;
    println!(
        "{}: {} rounds over {} faces, {:.1} dB",
        arguments.output.display(),
        meta.rounds(),
        meta.faces(),
        meta.recent()
    );
    Ok(())
}

/// Prepares all faces and lets them be drawn.
fn gather(arguments: &Arguments, meta: &mut Meta) -> Result<()> {
    let folder = arguments
        .models
        .clone()
        .unwrap_or_else(store::default_folder);
    let mut perception = Perception::load(&folder)?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut random = Random::new(arguments.seed);
    for path in &arguments.paintings {
        let name = path.display();
        let painting = painting(path)?;
        let seen: Vec<Rgb> = painting.pixels().iter().map(|&pixel| rgb(pixel)).collect();
        let [width, height] = [painting.width(), painting.height()].map(|side| side as usize);
        let seen = Pixels::new(&seen, width, height, width)?;
        let faces = search::faces(seen, &mut perception)?;
        let Some(face) = faces.first() else {
            bail!("{name}: no face found; leave it out");
        };
        let mut made = 0;
        for index in 0..=arguments.varied {
            let bend = (index > 0).then_some(&mut random);
            let (picture, landmarks) = vary::vary(&painting, &face.landmarks, bend);
            let prepared = match sfumato_prepare::prepare(picture, &landmarks) {
                Ok(prepared) => prepared,
                // Not every bend leaves a face that can be prepared.
                Err(error) if index > 0 => {
                    eprintln!("{name}: a bend was left out: {error}");
                    continue;
                }
                Err(error) => return Err(error).with_context(|| format!("{name}")),
            };
            let stage = Stage::new(&prepared.portrait, SIDE)?;
            let slopes = Slopes::of(&stage.intensities(), SIDE as usize);
            meta.add(
                &prepared.model,
                slopes,
                arguments.examples as usize,
                threads,
            );
            made += 1;
        }
        println!("{name}: {made} faces");
    }
    Ok(())
}

/// A painting, from a picture or a pack.
fn painting(path: &Path) -> Result<Picture> {
    if path.extension().is_some_and(|end| end == "pack") {
        return Ok(Pack::read(path)?.portrait.painting);
    }
    Decoded::read(path)?.painting()
}

/// A painting's name for people: its file's.
fn name(path: &Path) -> String {
    path.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Writes beside the file and puts it in its place, so that a power cut leaves the old one.
fn save(path: &Path, generic: &Generic) -> Result<()> {
    let beside = path.with_extension("start-new");
    std::fs::write(&beside, generic.encode())
        .and_then(|()| std::fs::rename(&beside, path))
        .with_context(|| format!("{} cannot be written", path.display()))
}
