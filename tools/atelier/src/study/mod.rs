//! `atelier study`: a page on which people compare portraits blindly, and what their answers say.
//!
//! What is compared, `plan` says; `film` draws it, `page` puts it into one file, `key` keeps what the codes mean. With
//! `--evaluate`, `answers` are read, `attention` leaves out who did not look, `evaluate` counts, with the pure
//! functions of `statistics`. The page for curators is `docs/study.md`.

mod answers;
mod attention;
mod csv;
mod evaluate;
mod film;
mod key;
mod page;
mod plan;
mod question;
mod statistics;

pub use evaluate::{Duel, Finding, Outcome, Rater, Strength};
pub use page::Language;

use answers::Answers;
use anyhow::{Context, Result, anyhow, bail};
use film::{Acted, GRADES, Grade};
use key::Key;
use page::{Page, Reel};
use plan::{Condition, Plan};
use question::Question;
use sfumato_faces::{Perception, store};
use sfumato_motion::Personality;
use sfumato_pack::Pack;
use sfumato_personalities::Personalities;
use statistics::sign;
use std::path::{Path, PathBuf};

/// Most bytes of a page: what a tablet opens from a stick without trouble.
const LARGEST: usize = 30_000_000;
/// Bytes of pictures at which no better grade is tried; as text they are a third longer.
const PICTURES: usize = 22_000_000;

/// What `atelier study` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The packs to compare on; with --evaluate the answers that the page saved.
    #[arg(required = true, value_name = "PACK")]
    pub files: Vec<PathBuf>,
    /// Clips of visitors that drive the portraits.
    #[arg(long, value_name = "CLIP", num_args = 1.., required_unless_present = "evaluate")]
    pub driver: Vec<PathBuf>,
    /// Where the page and its key go; made when missing.
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        required_unless_present = "evaluate"
    )]
    pub output: Option<PathBuf>,
    /// Personalities to compare, by name or by file.
    #[arg(long, value_name = "NAME", num_args = 1.., default_values = ["serene", "curious", "playful"])]
    pub personality: Vec<String>,
    /// Questions for each rater, those that only check attention among them.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(6..=200))]
    pub trials: u32,
    /// How long each film lasts.
    #[arg(long, value_name = "S", default_value_t = 5.0, value_parser = seconds)]
    pub seconds: f64,
    /// What codes, orders, sides, blinks and glances come from.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Over the page. It must not tell what is compared.
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The language of the page.
    #[arg(long, value_enum, default_value_t)]
    pub lang: Language,
    /// Say what the answers to this study mean.
    #[arg(long, value_name = "FOLDER", conflicts_with_all = ["driver", "output", "title"])]
    pub evaluate: Option<PathBuf>,
    /// With --evaluate: print one JSON object instead of tables.
    #[arg(long, requires = "evaluate")]
    pub json: bool,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

fn seconds(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    let number = number.filter(|number| (2.0..=20.0).contains(number));
    number.ok_or_else(|| "say a number from 2 to 20".into())
}

/// Runs `atelier study`.
pub fn run(arguments: Arguments) -> Result<()> {
    if let Some(folder) = &arguments.evaluate {
        return tell(folder, &arguments.files, arguments.json);
    }
    let output = arguments
        .output
        .as_deref()
        .context("name a folder with -o")?;
    let personalities = named(&arguments.personality)?;
    let packs: Vec<Pack> = (arguments.files.iter())
        .map(|path| Pack::read(path).with_context(|| format!("{}", path.display())))
        .collect::<Result<_>>()?;
    let stages = Stages {
        networks: packs.iter().map(|pack| pack.network.is_some()).collect(),
        paintings: packs
            .iter()
            .map(|pack| pack.manifest.title.clone())
            .collect(),
        drivers: arguments
            .driver
            .iter()
            .map(|path| file_name(path))
            .collect(),
    };
    let models = arguments.models.unwrap_or_else(store::default_folder);
    let mut perception = Perception::load(&models)?;
    let mut acted = Vec::new();
    for driver in &arguments.driver {
        eprintln!("{}: watching", driver.display());
        let (seconds, seed) = (arguments.seconds, arguments.seed);
        acted.push(film::act(
            driver,
            &personalities,
            seconds,
            seed,
            &mut perception,
        )?);
    }
    let names: Vec<String> = personalities
        .iter()
        .map(|one| one.name.to_owned())
        .collect();
    let conditions = plan::conditions(&names, stages.networks.contains(&true));
    // All that makes another study is said, so that answers to another one are known by their code.
    let said = format!(
        "{:?} {:?} {names:?} {} {} {:?} {:?}",
        packs.iter().map(|pack| &pack.manifest).collect::<Vec<_>>(),
        stages.drivers,
        arguments.trials,
        arguments.seconds,
        arguments.lang,
        acted,
    );
    let count = stages.drivers.len();
    let plan = plan::plan(&conditions, &stages.networks, count, arguments.seed, &said);
    let (grade, reels) = shoot(&plan, &packs, &acted, &names)?;
    let page = Page {
        plan: &plan,
        reels: &reels,
        side: grade.side,
        trials: arguments.trials as usize,
        seconds: arguments.seconds,
        seed: arguments.seed,
        title: arguments.title.as_deref(),
        language: arguments.lang,
    };
    let html = page.html()?;
    let key = Key::of(&plan, arguments.seed, &stages.paintings, &stages.drivers);
    std::fs::create_dir_all(output)
        .with_context(|| format!("{} cannot be made", output.display()))?;
    write(&output.join("index.html"), &html)?;
    write(&output.join("key.csv"), &key.to_string())?;
    let megabytes = html.len() as f64 / 1e6;
    println!(
        "{}: {megabytes:.1} MB, {} films of {} x {} pixels, {:.1} pictures a second",
        output.join("index.html").display(),
        reels.len(),
        grade.side,
        grade.side,
        acted
            .first()
            .map_or(0.0, |acted| acted.rate / grade.every as f64),
    );
    println!(
        "{}: keep it where raters do not see it",
        output.join("key.csv").display()
    );
    println!("{}", forecast(&key, arguments.trials as usize));
    Ok(())
}

/// What the study can find out, for whoever decides how many people to ask.
fn forecast(key: &Key, trials: usize) -> String {
    const RATERS: u32 = 20;
    /// How much two answers of one person to one comparison are correlated; a common guess.
    const ALIKE: f64 = 0.1;
    let alive = key.pairs.values().filter(|m| m.question == Question::Alive);
    let mut duels: Vec<[&String; 2]> = alive.map(|meaning| meaning.conditions.each_ref()).collect();
    duels.iter_mut().for_each(|two| two.sort());
    duels.sort();
    duels.dedup();
    let comparisons = duels.len() * Question::OPINIONS.len();
    let opinions = trials - plan::catches(trials);
    let each = opinions as f64 / comparisons.max(1) as f64;
    let answers = sign::worth(RATERS, each, ALIKE);
    let percent = |share| 100.0 * sign::power(answers, share, 0.05);
    format!(
        "{comparisons} comparisons ({} pairs of conditions, three questions); {RATERS} raters are worth about {answers} \
         answers to each, which tell 65 % from 50 % with a power of {:.0} %, 80 % with {:.0} %",
        duels.len(),
        percent(0.65),
        percent(0.8),
    )
}

/// What is the same for all films: titles, clips, who has a network.
struct Stages {
    networks: Vec<bool>,
    paintings: Vec<String>,
    drivers: Vec<String>,
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

/// The personalities of these names; a name that ends in `.toml` is a file.
fn named(wanted: &[String]) -> Result<Vec<Personality>> {
    let mut all = Personalities::default();
    let mut found: Vec<Personality> = Vec::new();
    for wish in wanted {
        let path = Path::new(wish);
        let name = if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            let text = std::fs::read_to_string(path).with_context(|| wish.clone())?;
            all.add(&name, &text)
                .map_err(|mistake| anyhow!("{wish}: {mistake}"))?;
            name.into_owned()
        } else {
            wish.clone()
        };
        if found.iter().any(|one| one.name == name) {
            bail!("personality `{name}` is named twice; name each once");
        }
        found.push(all.by_name(&name).with_context(|| {
            format!(
                "there is no personality `{name}`; there are {}",
                all.names()
            )
        })?);
    }
    Ok(found)
}

/// Draws all films as well as the page's size allows.
fn shoot(
    plan: &Plan,
    packs: &[Pack],
    acted: &[Acted],
    names: &[String],
) -> Result<(Grade, Vec<Reel>)> {
    for grade in GRADES {
        if let Some(reels) = shoot_at(grade, plan, packs, acted, names)? {
            return Ok((grade, reels));
        }
        eprintln!(
            "{} pixels at quality {}: too large, trying less",
            grade.side, grade.quality
        );
    }
    bail!(
        "{} films are more than a page of {} MB holds; compare fewer personalities, paintings or clips, or take fewer --seconds",
        plan.films.len(),
        LARGEST / 1_000_000,
    )
}

/// The same at one grade; `None` as soon as it is clear that they are too large.
fn shoot_at(
    grade: Grade,
    plan: &Plan,
    packs: &[Pack],
    acted: &[Acted],
    names: &[String],
) -> Result<Option<Vec<Reel>>> {
    let mut reels: Vec<Reel> = Vec::new();
    let (mut bytes, mut moving) = (0, 0);
    let all = plan
        .films
        .iter()
        .filter(|film| film.condition != Condition::Still)
        .count();
    for film in &plan.films {
        let (Some(pack), Some(acted)) = (packs.get(film.pack), acted.get(film.driver)) else {
            continue;
        };
        let place = match &film.condition {
            Condition::Still => None,
            Condition::Living(name) | Condition::ByRig(name) => {
                names.iter().position(|one| one == name)
            }
        };
        let motions = place.and_then(|place| acted.motions.get(place));
        let motions = motions.map(Vec::as_slice).unwrap_or_default();
        let pictures = film::draw(pack, &film.condition, motions, grade)?;
        let size: usize = pictures.iter().map(Vec::len).sum();
        bytes += size;
        moving += usize::from(film.condition != Condition::Still);
        reels.push(Reel {
            rate: (acted.rate / grade.every as f64 * 1e3).round() / 1e3,
            pictures,
        });
        // Films are much alike in size: after a quarter it is clear where this leads.
        let sure = moving * 4 >= all && moving > 0;
        let expected = bytes as f64 * all as f64 / moving.max(1) as f64;
        if bytes > PICTURES || (sure && expected > 1.1 * PICTURES as f64) {
            return Ok(None);
        }
        eprintln!(
            "film {} of {}: {:.1} MB",
            reels.len(),
            plan.films.len(),
            size as f64 / 1e6
        );
    }
    Ok(Some(reels))
}

fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
}

/// Says what answers mean.
fn tell(folder: &Path, files: &[PathBuf], json: bool) -> Result<()> {
    let outcome = outcome(folder, files)?;
    if json {
        println!("{}", serde_json::to_string_pretty(&outcome)?);
    } else {
        print!("{outcome}");
    }
    Ok(())
}

/// What the answers in `files` to the study of a folder mean.
///
/// # Errors
/// Files that cannot be read, are damaged, doubled or of another study, each by name with the cure.
pub fn outcome(folder: &Path, files: &[PathBuf]) -> Result<Outcome> {
    let read = |path: &Path| {
        let text = std::fs::read_to_string(path);
        text.with_context(|| format!("{} cannot be read", path.display()))
    };
    let named = |path: &Path, what: String| anyhow!("{}: {what}", path.display());
    let path = folder.join("key.csv");
    let key = Key::read(&read(&path)?).map_err(|what| named(&path, what))?;
    let mut answers = Answers::default();
    for path in files {
        let added = answers.add(&read(path)?, &key);
        added.map_err(|what| named(path, what))?;
    }
    Ok(evaluate::evaluate(&key, &answers))
}
