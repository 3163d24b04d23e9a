//! `atelier evaluate`: does the portrait do what the visitor does?
//!
//! A clip is played to the portrait, frame by frame, with the personality that copies most
//! directly. Each shown frame is then looked at with the same eyes that look at visitors, and
//! what the portrait does is set against what the visitor did.
//! What must stay as it is, whose face it is and that it is still before whoever is, is measured as well (`kept`).
//!
//! With `--self-reenactment` a clip is played back to a portrait made of its own frames instead: see [`reenact`].

mod kept;
mod metrics;
mod pictures;
pub mod reenact;
mod series;
mod turned;

pub(crate) use metrics::noise::Random;
pub use series::{Judgement, Quantity};

use crate::{clip, generator};
use anyhow::{Context, Result, bail};
use kept::{Identity, Points, trembling};
use metrics::noise::taken_again;
use pictures::Moments;
use serde_json::{Map, Value, json};
use series::Series;
use sfumato_camera::Frame;
use sfumato_compositor::{Compositor, Layout, Picture};
use sfumato_core::drawing::Drawing;
use sfumato_core::face::{Face, Faces};
use sfumato_core::pixels::{Pixels, Rgb, rgb};
use sfumato_core::time::{Micros, Moment};
use sfumato_faces::{Choice, Perception, store};
use sfumato_generator::Generator;
use sfumato_motion::measure::Pose;
use sfumato_motion::{Mover, Personality, Placement, measure};
use sfumato_pack::Pack;
use sfumato_personalities::Personalities;
use std::path::{Path, PathBuf};
use std::time::Instant;
use turned::turned;

/// The driver is frozen when a visitor has been seen for so many frames, or as many as there are.
const FROZEN: usize = 30;

/// So often a frozen frame is played and counts, once filters have settled and the portrait has got to know the
/// visitor's face at rest.
const FREEZES: usize = 45;
const SETTLES: Micros = Micros::from_millis(3000);

/// Where chance begins: the camera's noise, and the portrait's own life.
const SEED: u64 = 1;

/// What `atelier evaluate` is told.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The pack to measure.
    #[arg(required_unless_present = "self_reenactment", requires = "driver")]
    pub pack: Option<PathBuf>,
    /// The clip that drives the portrait: a video, a `.y4m`, or a folder of pictures.
    #[arg(long, value_name = "CLIP", requires = "pack")]
    pub driver: Option<PathBuf>,
    /// Play this clip back to a portrait made of its own frames, and judge the others.
    #[arg(long, value_name = "CLIP", conflicts_with_all = ["pack", "driver", "personality", "height"])]
    pub self_reenactment: Option<PathBuf>,
    /// With --self-reenactment: how many frames are given; several numbers are several portraits.
    #[arg(
        long,
        value_name = "K",
        value_delimiter = ',',
        default_value = "1,8,32",
        requires = "self_reenactment",
        conflicts_with = "pack"
    )]
    pub k: Vec<usize>,
    /// With --self-reenactment: judge every Nth of the frames that are not given.
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        requires = "self_reenactment",
        conflicts_with = "pack",
        value_parser = every
    )]
    pub every: usize,
    /// With --self-reenactment: how far heads turn.
    #[arg(
        long,
        value_enum,
        default_value_t,
        requires = "self_reenactment",
        conflicts_with = "pack"
    )]
    pub head: reenact::Head,
    /// With --self-reenactment: print one JSON object instead of a table.
    #[arg(long, requires = "self_reenactment", conflicts_with = "pack")]
    pub json: bool,
    /// Where the metrics (JSON) and the pictures go; made when missing.
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,
    /// How visitor motion becomes portrait motion.
    #[arg(long, default_value = "mirror")]
    pub personality: String,
    /// Height of the shown picture in pixels.
    #[arg(long, default_value_t = 1080, value_parser = clap::value_parser!(u32).range(120..=4320))]
    pub height: u32,
    /// The folder of the face models instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    pub models: Option<PathBuf>,
}

fn every(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "say a whole number from 1".into())
}

/// Runs `atelier evaluate`.
pub fn run(arguments: Arguments) -> Result<()> {
    if let Some(clip) = arguments.self_reenactment {
        return reenact::run(&reenact::Experiment {
            clip,
            counts: arguments.k,
            every: arguments.every,
            head: arguments.head,
            output: arguments.output,
            json: arguments.json,
            models: arguments.models.unwrap_or_else(store::default_folder),
        });
    }
    let (Some(pack), Some(driver)) = (arguments.pack, arguments.driver) else {
        bail!("name a pack and --driver CLIP, or --self-reenactment CLIP");
    };
    let pack = Pack::read(&pack)?;
    let all = Personalities::default();
    let personality = all.by_name(&arguments.personality).with_context(|| {
        let (name, names) = (&arguments.personality, all.names());
        format!("there is no personality `{name}`; there are {names}")
    })?;
    let models = arguments.models.unwrap_or_else(store::default_folder);
    std::fs::create_dir_all(&arguments.output)
        .with_context(|| format!("{} cannot be made", arguments.output.display()))?;

    let mut play = Play::new(&pack, arguments.height, personality, &models)?;
    clip::each_frame(&driver, |frame| play.step(frame))?;
    play.freeze()?;
    if play.frames == 0 {
        bail!("{}: the clip has no frames", driver.display());
    }
    play.finish(&pack, &driver, &arguments.output)
}

/// One play of a clip to a portrait.
struct Play {
    visitor_eyes: Perception,
    portrait_eyes: Perception,
    choice: Choice,
    mover: Mover,
    generator: Box<dyn Generator>,
    drawing: Box<Drawing>,
    compositor: Compositor,
    shown: Picture,
    first: Picture,
    changed: Vec<bool>,
    series: Vec<Series>,
    identity: Identity,
    /// How the head was painted; portraits turn from there.
    painted: Pose,
    /// Frames in which a visitor was seen, the last that may be frozen, and the time since the frame before.
    visited: usize,
    frozen: Option<Frame>,
    interval: Micros,
    jitter: Option<f64>,
    moments: Moments,
    frames: usize,
    generating: Vec<u64>,
    composing: Vec<u64>,
}

impl Play {
    fn new(pack: &Pack, height: u32, personality: Personality, models: &Path) -> Result<Play> {
        let painting = &pack.portrait.painting;
        let width = u64::from(painting.width()) * u64::from(height) / u64::from(painting.height());
        let layout = Layout::fit((width as u32).max(16), height);
        let mut compositor = Compositor::new(&pack.portrait, layout)?;
        let mut first = Picture::new(layout.width, layout.height, 0);
        compositor.draw(&Drawing::REST, first.view_mut(), 0)?;
        let mut portrait_eyes = Perception::load(models)?;
        let painted = widest(look(&first, Moment::default(), &mut portrait_eyes)?);
        portrait_eyes.forget();
        Ok(Play {
            visitor_eyes: Perception::load(models)?,
            portrait_eyes,
            painted: painted
                .as_deref()
                .map_or(Pose::default(), |face| measure(face).pose),
            identity: Identity::new(painted),
            visited: 0,
            frozen: None,
            interval: Micros::default(),
            jitter: None,
            choice: Choice::new(),
            mover: Mover::new(personality, Placement::default(), SEED),
            generator: generator::of(pack, generator::Choice::Best)?,
            drawing: Box::new(Drawing::REST),
            compositor,
            shown: first.clone(),
            changed: vec![false; first.pixels().len()],
            first,
            series: Quantity::ALL.into_iter().map(Series::new).collect(),
            moments: Moments::default(),
            frames: 0,
            generating: Vec::new(),
            composing: Vec::new(),
        })
    }

    /// Plays a frame; the faces of the visitor and the portrait, where they are found.
    fn play(&mut self, frame: &Frame) -> Result<[Option<Points>; 2]> {
        let faces = self.visitor_eyes.see(frame.pixels(), frame.captured)?;
        let id = self.choice.choose(faces);
        let face = faces.faces.iter().find(|face| Some(face.track) == id);
        let size = (frame.width() as u32, frame.height() as u32);
        self.mover.observe(face, size, frame.captured);
        let visitor = face.map(points);
        let moved = self.mover.at(frame.captured);

        let start = Instant::now();
        self.generator.generate(&moved.motion, &mut self.drawing)?;
        self.generating.push(start.elapsed().as_micros() as u64);
        let start = Instant::now();
        self.compositor
            .draw(&self.drawing, self.shown.view_mut(), 1)?;
        self.composing.push(start.elapsed().as_micros() as u64);

        let faces = look(&self.shown, frame.captured, &mut self.portrait_eyes)?;
        Ok([visitor, widest(faces)])
    }

    /// Plays a frame of the clip and takes it into account.
    fn step(&mut self, frame: &Frame) -> Result<()> {
        let [visitor, portrait] = self.play(frame)?;
        let pixels = self.shown.pixels().iter().zip(self.first.pixels());
        for (changed, (now, then)) in self.changed.iter_mut().zip(pixels) {
            *changed |= now != then;
        }
        self.identity.push([visitor.as_ref(), portrait.as_ref()]);
        let visitor = visitor.map(|points| measure(&points));
        let mut portrait = portrait.map(|points| measure(&points));
        if let Some(portrait) = &mut portrait {
            portrait.pose = turned(&self.painted, &portrait.pose);
        }
        for series in &mut self.series {
            series.push(visitor.as_ref(), portrait.as_ref());
        }
        self.moments.offer(visitor.as_ref(), frame, &self.shown);
        self.frames += 1;
        if visitor.is_some() && self.visited < FROZEN {
            self.visited += 1;
            if let Some(last) = &self.frozen {
                self.interval = last.captured.until(frame.captured);
            }
            self.frozen = Some(frame.clone());
        }
        Ok(())
    }

    /// Plays one frame again and again, with a camera's noise and without, and tells how much the portrait trembles.
    fn freeze(&mut self) -> Result<()> {
        let Some(frozen) = self.frozen.take() else {
            return Ok(());
        };
        // What takes how long is told of the clip alone.
        let clip = self.generating.len();
        let noisy = self.shown_of(&frozen, Some(Random::new(SEED)))?;
        let quiet = self.shown_of(&frozen, None)?;
        self.generating.truncate(clip);
        self.composing.truncate(clip);
        if noisy.len() == FREEZES && quiet.len() == FREEZES {
            self.jitter = trembling(&noisy, &quiet);
        }
        Ok(())
    }

    /// The portrait's face before a frozen visitor, once filters have settled.
    fn shown_of(&mut self, frozen: &Frame, mut noise: Option<Random>) -> Result<Vec<Points>> {
        self.visitor_eyes.forget();
        self.portrait_eyes.forget();
        self.choice = Choice::new();
        let personality = *self.mover.personality();
        self.mover = Mover::new(personality, Placement::default(), SEED);
        let step = self.interval.0.max(1);
        let settled = (SETTLES.0 / step) as usize + 1;
        let mut frame = frozen.clone();
        let mut shown = Vec::new();
        for index in 0..settled + FREEZES {
            frame.captured = Moment((index as u64 + 1) * step);
            if let Some(noise) = &mut noise {
                let pixels = taken_again(frozen.pixels().data(), noise);
                frame.bytes_mut().copy_from_slice(pixels.as_flattened());
            }
            let [_, portrait] = self.play(&frame)?;
            if index >= settled {
                shown.extend(portrait);
            }
        }
        Ok(shown)
    }

    fn finish(self, pack: &Pack, driver: &Path, folder: &Path) -> Result<()> {
        let region = self.compositor.region();
        let width = self.shown.width();
        let outside = (0_u32..)
            .zip(&self.changed)
            .filter(|(index, changed)| **changed && !region.contains(index % width, index / width));
        let unchanged = self.changed.iter().filter(|changed| !**changed).count();
        let mut quantities = Map::new();
        for series in &self.series {
            let judgement = series.judge();
            println!("{judgement}");
            quantities.insert(series.quantity.name().to_owned(), judgement.json());
        }
        println!("{}", self.identity);
        match self.jitter {
            Some(jitter) => println!("jitter {jitter:.3} pixels at 256 before a frozen visitor"),
            None => println!("jitter not judged: a face was not found"),
        }
        let seen = |side: usize| {
            let count = self.series.first().map_or(0, |series| series.seen(side));
            count as f64 / self.frames as f64
        };
        let metrics = json!({
            "title": pack.manifest.title,
            "driver": driver.display().to_string(),
            "personality": self.mover.personality().name,
            "frames": self.frames,
            "visitor_seen": seen(0),
            "portrait_seen": seen(1),
            "quantities": Value::Object(quantities),
            "identity": self.identity.json(),
            "jitter_pixels": self.jitter,
            "pixels_never_changed": unchanged as f64 / self.changed.len() as f64,
            "pixels_changed_outside_region": outside.count(),
            "generate_microseconds": spread(self.generating),
            "compose_microseconds": spread(self.composing),
        });
        let path = folder.join("metrics.json");
        std::fs::write(&path, format!("{metrics:#}\n"))
            .with_context(|| format!("{} cannot be written", path.display()))?;
        crate::preview::write_png(&folder.join("tracks.png"), &pictures::tracks(&self.series))?;
        crate::preview::write_png(&folder.join("moments.png"), &self.moments.picture(&region))?;
        println!("{}", path.display());
        Ok(())
    }
}

/// What faces are seen in a shown picture.
fn look<'a>(shown: &Picture, captured: Moment, eyes: &'a mut Perception) -> Result<&'a Faces> {
    let pixels: Vec<Rgb> = shown.pixels().iter().map(|&pixel| rgb(pixel)).collect();
    let (width, height) = (shown.width() as usize, shown.height() as usize);
    Ok(eyes.see(Pixels::new(&pixels, width, height, width)?, captured)?)
}

fn points(face: &Face) -> Points {
    Box::new(face.landmarks)
}

fn widest(faces: &Faces) -> Option<Points> {
    faces.faces.first().map(points)
}

/// Median, 95th percentile and largest.
fn spread(mut values: Vec<u64>) -> Value {
    values.sort_unstable();
    let at = |share: usize| values.get((values.len().max(1) - 1) * share / 100).copied();
    json!({ "median": at(50), "p95": at(95), "max": at(100) })
}
