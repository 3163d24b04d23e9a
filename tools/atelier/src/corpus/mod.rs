//! `atelier corpus`: from many clips of people talking to a cache that a network learns from.
//!
//! What lies where, and how merging works, is told in [`sfumato_corpus`]; the page is `docs/corpus.md`. Here are the edges:
//! decoding and following faces (`face`), many clips at a time (`crew`), and a person at a terminal (`told`).

mod crew;
pub(crate) mod face;
mod told;

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::json;
use sfumato_corpus::index::Sums;
use sfumato_corpus::recipe::Choice;
use sfumato_corpus::{Cache, CorpusError, Digest, Recipe, Shard, layout};
use sfumato_faces::store::{self, Model};
use sfumato_flash::show;
use std::collections::BTreeMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The exit code of a run that was interrupted, as shells have it for Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Endings of clips that are read without ffmpeg.
const OURS: [&str; 2] = [".y4m", ".mjpeg"];

/// What `atelier corpus` is told.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// Something to do with caches that are there.
    #[command(subcommand)]
    pub action: Option<Action>,
    /// The folder of the clips: idNNNNN/VIDEO/NNNNN.mp4 as in VoxCeleb2, or folders of clips.
    #[arg(required = true)]
    pub root: Option<PathBuf>,
    /// The cache; begun, or gone on with.
    #[arg(short, long, required = true, value_name = "CACHE")]
    pub output: Option<PathBuf>,
    /// Only the part INDEX of COUNT, from 0 to COUNT less one: one for each machine.
    #[arg(long, value_name = "INDEX/COUNT")]
    pub shard: Option<Shard>,
    /// Clips at a time; one for each processor unless told.
    #[arg(long, value_name = "N")]
    pub jobs: Option<NonZeroUsize>,
    /// A crop of every Nth frame; otherwise as many as make at most five a second.
    #[arg(long, value_name = "N")]
    pub every: Option<NonZeroU32>,
    /// Compare clips that are done with their files by SHA-256, not only by size and time.
    #[arg(long)]
    pub verify: bool,
    /// Try skipped clips again.
    #[arg(long)]
    pub retry: bool,
    /// Print what was done as one JSON object.
    #[arg(long)]
    pub json: bool,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

/// Something to do with caches that are there.
#[derive(Debug, Subcommand)]
pub enum Action {
    /// Merge caches, exactly, into one.
    Merge(Merge),
    /// Prove every file of a cache, and its index.
    Check(Check),
}

/// What `atelier corpus merge` is told.
#[derive(Debug, clap::Args)]
pub struct Merge {
    /// Finished caches.
    #[arg(required = true, value_name = "CACHE")]
    pub caches: Vec<PathBuf>,
    /// The merged cache; begun, or gone on with.
    #[arg(short, long, value_name = "CACHE")]
    pub output: PathBuf,
    /// Print what is in it as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// What `atelier corpus check` is told.
#[derive(Debug, clap::Args)]
pub struct Check {
    /// The cache.
    pub cache: PathBuf,
    /// Make the index anew from what is there, for instance after somebody was removed.
    #[arg(long)]
    pub index: bool,
    /// Print what is in it as one JSON object.
    #[arg(long)]
    pub json: bool,
}

/// Runs `atelier corpus`.
///
/// Clips that are skipped are named, and no error. A run that is interrupted ends the process with 130.
pub fn run(arguments: Arguments) -> Result<()> {
    match arguments.action {
        Some(Action::Merge(merge)) => {
            let mut line = told::Line::new();
            let merged = sfumato_corpus::merge(&merge.caches, &merge.output, |done, all| {
                line.tell(|| format!("{done} of {all} clips"));
            });
            line.end();
            let merged = merged?;
            tell(&merged.sums, merge.json);
            Ok(())
        }
        Some(Action::Check(check)) => {
            let checked = sfumato_corpus::check(&check.cache, check.index)?;
            tell(&checked.sums, check.json);
            Ok(())
        }
        None => make(&arguments),
    }
}

fn tell(sums: &Sums, as_json: bool) {
    if as_json {
        println!("{}", json!(sums));
        return;
    }
    println!(
        "{} clips, {} frames, {}; {} skipped",
        sums.clips,
        sums.frames,
        show::bytes(sums.bytes),
        sums.skipped
    );
}

/// Makes a cache, or goes on with it.
fn make(arguments: &Arguments) -> Result<()> {
    let (Some(root), Some(output)) = (&arguments.root, &arguments.output) else {
        bail!("name the folder of the clips and, after -o, the cache");
    };
    let found = layout::find(root)?;
    for path in &found.nameless {
        eprintln!("passed over: {}: its name is no UTF-8", path.display());
    }
    let shard = arguments.shard.unwrap_or(Shard::ALL);
    let clips: Vec<layout::Clip> = found.clips;
    let all = clips.len();
    let clips: Vec<layout::Clip> = clips
        .into_iter()
        .filter(|clip| shard.has(&clip.path))
        .collect();
    if clips.iter().any(|clip| {
        !OURS
            .iter()
            .any(|ending| clip.path.to_ascii_lowercase().ends_with(ending))
    }) {
        for program in ["ffmpeg", "ffprobe"] {
            installed(program)?;
        }
    }
    let models = (arguments.models.clone()).unwrap_or_else(store::default_folder);
    let recipe = recipe(&models, arguments.every)?;
    apart(root, output)?;
    let cache = Cache::create(output, recipe)?;
    cache.begin()?;
    let jobs = (arguments.jobs).or_else(|| std::thread::available_parallelism().ok());
    let work = crew::Work {
        clips: &clips,
        cache: &cache,
        models: &models,
        jobs: jobs.map_or(1, NonZeroUsize::get).min(clips.len().max(1)),
        hash: arguments.verify,
        retry: arguments.retry,
    };
    let Some(tally) = crew::run(&work)? else {
        eprintln!("interrupted; run the same command again: it goes on from there");
        std::process::exit(INTERRUPTED);
    };
    let (sums, others) = cache.finish()?;
    if let Some(first) = others.first() {
        eprintln!(
            "{} files of clips that are not below {} any more were made by another version or with other options, {first} \
             for one; they are not in the index: remove them",
            others.len(),
            root.display()
        );
    }
    if arguments.json {
        println!("{}", tally.json(all, &sums));
    } else {
        println!("{tally}");
        tell(&sums, false);
    }
    Ok(())
}

/// Fails where a program that decodes clips is missing.
fn installed(program: &str) -> Result<()> {
    let quiet = Command::new(program)
        .arg("-version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match quiet {
        Ok(status) if status.success() => Ok(()),
        _ => bail!(
            "{program} is not installed, and clips are decoded by it; install it: apt install ffmpeg"
        ),
    }
}

/// How a cache is made by this program, its networks and these options.
fn recipe(models: &Path, every: Option<NonZeroU32>) -> Result<Recipe> {
    let mut hashes = BTreeMap::new();
    for model in Model::ALL {
        let bytes = store::read(models, model)?;
        hashes.insert(model.name().to_owned(), Digest::of(&bytes));
    }
    let program = format!("atelier {}", env!("CARGO_PKG_VERSION"));
    let crops = every.map_or(Choice::PerSecond(5), |every| Choice::Every(every.get()));
    Ok(Recipe::new(program, hashes, crops))
}

/// Fails where a cache would lie among the clips.
fn apart(root: &Path, output: &Path) -> Result<()> {
    let root = root.canonicalize()?;
    // The nearest folder above it that is there.
    let above = std::path::absolute(output)?;
    let above = above
        .ancestors()
        .find_map(|folder| folder.canonicalize().ok());
    if above.is_some_and(|above| above.starts_with(&root)) {
        return Err(CorpusError::Inside {
            cache: output.to_owned(),
            root,
        }
        .into());
    }
    Ok(())
}
