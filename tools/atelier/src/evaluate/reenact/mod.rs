//! `atelier evaluate --self-reenactment`: the field's standard experiment.
//!
//! Some frames of a clip are given, the others are reproduced from their motion alone and compared with the truth. What is
//! given and judged, `protocol` says; how the clip becomes truth and motion, `driver`; how pictures become a
//! portrait, `subject`; what stands against it, `warp` and the picture that stays. `film` crops and looks at what is
//! shown, `scores` and `metrics` beside it compare, `report` and `sheet` tell. The page is `docs/quality.md`.

mod driver;
mod film;
mod frozen;
mod protocol;
mod report;
mod scores;
mod sheet;
mod subject;
mod warp;

use anyhow::{Context, Result};
use driver::{Cut, Driver, Given, Seen};
use film::Shown;
use frozen::Frozen;
use protocol::Protocol;
use report::{Method, Report};
use scores::Scores;
use sfumato_core::time::Moment;
use sfumato_faces::Perception;
use sfumato_motion::relative::{Acted, Relative, Rest, Ruler};
use std::path::{Path, PathBuf};
use subject::Subject;
use warp::Warp;

/// The seed of the camera's noise.
const SEED: u64 = 1;

/// How far heads turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Head {
    /// As on the device: copied up to 6 degrees, then softly bounded to 14; the warp's at 12.
    #[default]
    Device,
    /// As far as the rig carries: copied up to 18 degrees, then softly bounded; the warp's at 20.
    Far,
}

impl Head {
    fn name(self) -> &'static str {
        match self {
            Head::Device => "device",
            Head::Far => "far",
        }
    }

    fn ruler(self) -> Ruler {
        match self {
            Head::Device => Ruler::DEVICE,
            Head::Far => Ruler::FAR,
        }
    }

    /// How far the warp's head turns, degrees.
    fn warp(self) -> f32 {
        match self {
            Head::Device => 12.0,
            Head::Far => 20.0,
        }
    }
}

/// What the experiment is told.
#[derive(Debug)]
pub struct Experiment {
    /// The clip.
    pub clip: PathBuf,
    /// Numbers of given pictures.
    pub counts: Vec<usize>,
    /// Every so many of the other frames are judged.
    pub every: usize,
    /// How far heads turn.
    pub head: Head,
    /// Where `reenactment.json` and `reenactment.png` go.
    pub output: PathBuf,
    /// Whether the JSON is printed instead of the table.
    pub json: bool,
    /// The folder of the face models.
    pub models: PathBuf,
}

/// Runs the experiment.
pub fn run(experiment: &Experiment) -> Result<()> {
    let clip = experiment.clip.display().to_string();
    std::fs::create_dir_all(&experiment.output)
        .with_context(|| format!("{} cannot be made", experiment.output.display()))?;
    let mut eyes = Perception::load(&experiment.models)?;
    eprintln!("{clip}: following the face");
    let driver = Driver::look(&experiment.clip, &mut eyes)?;
    let protocol = Protocol::new(&driver.seen(), &experiment.counts, experiment.every)
        .with_context(|| clip.clone())?;
    let frozen = protocol.judged.get(protocol.judged.len() / 2).copied();
    let frozen = frozen.unwrap_or_default();
    let cut = driver.cut_out(&protocol.judged, &protocol.all_given(), frozen, &mut eyes)?;
    let mut play = Play::new(&driver, protocol, cut, frozen, experiment.head, &mut eyes)?;
    let report = play.judge(clip)?;
    let sheet = play.sheet(&report);
    write(&experiment.output, &report, &sheet)?;
    if experiment.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.table());
        println!("{}", experiment.output.join("reenactment.json").display());
    }
    Ok(())
}

fn write(folder: &Path, report: &Report, sheet: &sfumato_compositor::Picture) -> Result<()> {
    let path = folder.join("reenactment.json");
    std::fs::write(&path, format!("{:#}\n", report.json()))
        .with_context(|| format!("{} cannot be written", path.display()))?;
    crate::preview::write_png(&folder.join("reenactment.png"), sheet)
}

/// One clip, played to all methods.
struct Play<'a> {
    driver: &'a Driver,
    protocol: Protocol,
    cut: Cut,
    head: Head,
    eyes: &'a mut Perception,
    times: Vec<Moment>,
    truth: Vec<Shown>,
    frozen: Frozen,
    films: Vec<Vec<Shown>>,
}

impl<'a> Play<'a> {
    fn new(
        driver: &'a Driver,
        protocol: Protocol,
        mut cut: Cut,
        frozen: usize,
        head: Head,
        eyes: &'a mut Perception,
    ) -> Result<Play<'a>> {
        let times: Vec<Moment> = (protocol.judged.iter())
            .filter_map(|&frame| driver.times.get(frame).copied())
            .collect();
        let truth = (protocol.judged.iter()).filter_map(|frame| cut.truth.remove(frame));
        let truth = truth.collect();
        let taken = cut.frozen.take().context("the clip has ended early")?;
        let known = cut.seen.get(frozen).cloned().flatten();
        let known = known.context("the frozen frame has no face")?;
        let frozen = Frozen::new(&taken, &known, driver.interval, eyes, SEED)?;
        Ok(Play {
            driver,
            protocol,
            cut,
            head,
            eyes,
            times,
            truth,
            frozen,
            films: Vec::new(),
        })
    }

    /// What the driver's face does in each judged frame.
    ///
    /// Where the face is lost for a moment, it does what it did last.
    fn judged(&self, first: &Seen) -> Vec<Seen> {
        let mut last = first.clone();
        let mut judged = Vec::with_capacity(self.protocol.judged.len());
        for &frame in &self.protocol.judged {
            if let Some(Some(seen)) = self.cut.seen.get(frame) {
                last = seen.clone();
            }
            judged.push(last.clone());
        }
        judged
    }

    /// What a portrait does in each judged frame; the driver is followed through all frames.
    fn acted(&self, rest: Rest, ruler: Ruler) -> Vec<Acted> {
        let mut relative = Relative::new(rest, ruler);
        let mut acted = None;
        let mut judged = Vec::with_capacity(self.protocol.judged.len());
        let mut wanted = self.protocol.judged.iter().peekable();
        let frames = self.driver.times.iter().zip(&self.cut.seen).enumerate();
        for (frame, (captured, seen)) in frames {
            if let Some(seen) = seen {
                acted = Some(relative.follow(&seen.measured, &seen.look, *captured));
            }
            if wanted.next_if_eq(&&frame).is_some() {
                judged.push(acted.unwrap_or(Acted::REST));
            }
        }
        judged
    }

    fn judge(&mut self, clip: String) -> Result<Report> {
        let first = self.protocol.given.first();
        let first = first.and_then(|(_, frames)| frames.first()).copied();
        let first = first.and_then(|frame| self.cut.given.get(&frame).cloned());
        let first = first.context("no picture was given")?;
        let common = Rest::of(&first.seen.measured, &first.seen.look);

        eprintln!("{clip}: still");
        let film = film::develop(&self.times, self.eyes, |_, out| {
            out.clone_from(&first.wide);
            Ok(())
        })?;
        let still = self.method("still", first.frame, None, &film, &common);
        self.films.push(film);
        let still = self.with_jitter(still, |_, out| {
            out.clone_from(&first.wide);
            Ok(())
        })?;

        eprintln!("{clip}: warp");
        let (warp, bent) = self.warp("warp", &first, &common)?;
        let noisy: Vec<Seen> = (self.frozen.seen.iter())
            .map(|(_, seen)| seen.clone())
            .collect();
        let warp = self.with_jitter(warp, |index, out| {
            bent.draw(noisy.get(index).unwrap_or(&first.seen), &first.seen, out)
        })?;

        let mut ours = Vec::new();
        for (count, frames) in self.protocol.given.clone() {
            eprintln!("{clip}: ours of {count}");
            let given: Vec<_> = (frames.iter())
                .filter_map(|frame| self.cut.given.get(frame))
                .collect();
            let mut subject = Subject::prepare(&given, self.head.ruler(), self.eyes)?;
            let (rest, ruler) = (subject.rest(), subject.ruler);
            let acted = self.acted(rest, ruler);
            let film = film::develop(&self.times, self.eyes, |index, out| {
                let acted = acted.get(index).context("a frame has no motion")?;
                subject.draw(acted, out)
            })?;
            let name = count.to_string();
            let mut method = self.method(&name, subject.frame, Some(ruler), &film, &common);
            method.heard = subject.heard;
            self.films.push(film);
            let source = self.cut.given.get(&subject.frame);
            if let Some(source) = source.filter(|source| source.frame != first.frame).cloned() {
                let (peer, _) = self.warp(report::PEER, &source, &common)?;
                method.peer = Some(Box::new(peer));
            }
            let mut relative = Relative::new(rest, ruler);
            let noisy: Vec<Acted> = (self.frozen.seen.iter())
                .map(|(at, seen)| relative.follow(&seen.measured, &seen.look, *at))
                .collect();
            ours.push(self.with_jitter(method, |index, out| {
                let acted = noisy.get(index).context("a frame has no motion")?;
                subject.draw(acted, out)
            })?);
        }
        Ok(Report {
            clip,
            all: self.driver.times.len(),
            protocol: self.protocol.clone(),
            head: self.head.name(),
            block: self.block(),
            still,
            warp,
            ours,
        })
    }

    fn method(
        &self,
        name: &str,
        source: usize,
        ruler: Option<Ruler>,
        film: &[Shown],
        rest: &Rest,
    ) -> Method {
        Method {
            name: name.to_owned(),
            source,
            heard: 0,
            ruler,
            scores: Scores::new(&self.truth, film, rest),
            peer: None,
        }
    }

    /// The warp of a given picture; shown in the sheet only as the baseline.
    fn warp(&mut self, name: &str, source: &Given, common: &Rest) -> Result<(Method, Warp)> {
        let bent = Warp::new(&source.wide, &source.seen, self.head.warp());
        let bent = bent.context("the landmarks of a given frame are no face")?;
        let judged = self.judged(&source.seen);
        let film = film::develop(&self.times, self.eyes, |index, out| {
            let driver = judged.get(index).unwrap_or(&source.seen);
            bent.draw(driver, &source.seen, out)
        })?;
        let method = self.method(name, source.frame, None, &film, common);
        if name != report::PEER {
            self.films.push(film);
        }
        Ok((method, bent))
    }

    fn with_jitter(
        &mut self,
        mut method: Method,
        draw: impl FnMut(usize, &mut Vec<sfumato_core::pixels::Rgb>) -> Result<()>,
    ) -> Result<Method> {
        method.scores.jitter = self.frozen.jitter(self.eyes, draw)?;
        Ok(method)
    }

    /// Judged frames to a second.
    fn block(&self) -> usize {
        let (Some(first), Some(last)) = (self.times.first(), self.times.last()) else {
            return 1;
        };
        let each = first.until(*last).0 / (self.times.len().max(2) as u64 - 1);
        (1_000_000 / each.max(1)).max(1) as usize
    }

    fn sheet(&self, report: &Report) -> sfumato_compositor::Picture {
        let titles = ["truth".to_owned(), "still".to_owned(), "warp".to_owned()];
        let ours = report
            .ours
            .iter()
            .map(|method| format!("K = {}", method.name));
        let films = [&self.truth].into_iter().chain(&self.films);
        let columns: Vec<(String, &[Shown])> = (titles.into_iter().chain(ours))
            .zip(films.map(Vec::as_slice))
            .collect();
        sheet::sheet(&self.protocol.judged, &columns)
    }
}
