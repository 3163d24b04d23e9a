//! How well a pack's network draws what its rig draws.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sfumato_bake::motions;
use sfumato_bake::random::Random;
use sfumato_bake::stage::{Likeness, Stage};
use sfumato_compositor::Picture;
use sfumato_core::drawing::Drawing;
use sfumato_core::face::Face;
use sfumato_core::motion::{Motion, Real};
use sfumato_core::pixels::{Pixels, Rgb, rgb, xrgb};
use sfumato_faces::Perception;
use sfumato_generator::{Generator, Network, Rig};
use sfumato_infer::quantised::{Instructions, Quantised};
use sfumato_pack::Pack;
use std::fmt;

/// Pixels of the side of the pictures that are compared.
const SIDE: u32 = 720;
/// Motions that are drawn by both.
const MOTIONS: usize = 96;
/// Frames of the smooth motion in which flicker is looked for.
const FRAMES: usize = 90;
/// Where the chance begins that no bake begins with by itself.
const SEED: u64 = 0x5EED_0FF5;

/// How like the rig's pictures the network's are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// Signal-to-noise ratio over the pixels that move, over all motions, decibels.
    pub all: f64,
    /// The same of a picture that never moves: what a network has to be better than.
    pub still: f64,
    /// That of the worst tenth of the motions begins here.
    pub poorest: f64,
    /// Second difference over a smooth motion: the network's over the rig's.
    pub flicker: f64,
    /// Where the face models find the face; none where there are no models.
    pub landmarks: Option<Landmarks>,
    /// Multiplications of a frame.
    pub macs: u64,
}

impl Quality {
    /// For a report.
    pub fn json(&self) -> Value {
        json!({
            "psnr": self.all,
            "psnr_at_rest": self.still,
            "psnr_poorest_tenth": self.poorest,
            "flicker": self.flicker,
            "landmarks": self.landmarks.map(|landmarks| landmarks.json()),
            "macs": self.macs,
        })
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:.1} million multiplications, {:.2} dB from the rig where it moves (poorest tenth \
             from {:.2} dB down), flicker {:.2} of the rig's",
            self.macs as f64 / 1e6,
            self.all,
            self.poorest,
            self.flicker
        )?;
        match &self.landmarks {
            Some(landmarks) => write!(f, "; {landmarks}"),
            None => Ok(()),
        }
    }
}

/// How far the landmarks found in the network's pictures lie from those found in the rig's.
///
/// Distances are means over the mesh, in widths of the rig's face.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Landmarks {
    /// Over all motions.
    pub all: f64,
    /// The same of a picture that never moves.
    pub still: f64,
    /// The same of the rig's own picture with noise that nobody sees, of one in 255: finding is not exact.
    pub noise: f64,
    /// The worst tenth of the motions begins here.
    pub poorest: f64,
    /// Motions of which only one of the two pictures showed a face.
    pub lost: usize,
}

impl Landmarks {
    fn json(&self) -> Value {
        json!({
            "mean": self.all,
            "mean_at_rest": self.still,
            "mean_of_noise": self.noise,
            "poorest_tenth": self.poorest,
            "lost": self.lost,
        })
    }
}

impl fmt::Display for Landmarks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "landmarks {:.2} % of the face's width off (poorest tenth from {:.2} % up, a picture \
             that never moves {:.2} %, invisible noise {:.2} %), {} faces lost",
            100.0 * self.all,
            100.0 * self.poorest,
            100.0 * self.still,
            100.0 * self.noise,
            self.lost
        )
    }
}

/// Compares a pack's network with its rig, on motions that no bake learns from; and the faces that `perception`
/// finds in their pictures.
pub fn quality(pack: &Pack, perception: Option<&mut Perception>) -> Result<Quality> {
    let mut finder = perception.map(Finder::new);
    let onnx = pack.network.as_ref().context("the pack has no network")?;
    let engine = Quantised::load(onnx, Instructions::best())?;
    let macs = engine.macs().iter().map(|cost| cost.multiplications).sum();
    let network = Network::new(Box::new(engine), Rig::decode(&pack.rig)?)?;
    let mut pair = Pair::new(pack, Box::new(network))?;
    let mut random = Random::new(SEED);
    let mut all = Likeness::default();
    let mut still = Likeness::default();
    let mut each = Vec::new();
    for index in 0..MOTIONS {
        let motion = if index % 3 == 2 {
            motions::extreme(&mut random)
        } else {
            motions::lively(&mut random)
        };
        let [rig, network] = pair.draw(&motion)?;
        let painted = pair.stages[0].still();
        all.add(painted, &rig, &network);
        still.add(painted, &rig, painted);
        let mut one = Likeness::default();
        one.add(painted, &rig, &network);
        if one.decibels().is_finite() {
            each.push(one.decibels());
        }
        if let Some(finder) = &mut finder {
            finder.compare(pair.stages[0].still(), &rig, &network)?;
        }
    }
    each.sort_by(f64::total_cmp);
    Ok(Quality {
        all: all.decibels(),
        still: still.decibels(),
        poorest: each.get(each.len() / 10).copied().unwrap_or(f64::NAN),
        flicker: pair.flicker(&mut random)?,
        landmarks: finder.map(Finder::landmarks),
        macs,
    })
}

/// Finds the face in pictures of one motion and adds up how far they lie apart.
struct Finder<'a> {
    perception: &'a mut Perception,
    /// The face as it was painted; outer `None`: not looked for yet.
    painted: Option<Option<Face>>,
    /// For each motion: how far off the network's picture is, one that never moves, and the rig's with noise.
    off: Vec<[f64; 3]>,
    lost: usize,
    random: Random,
}

impl<'a> Finder<'a> {
    fn new(perception: &'a mut Perception) -> Finder<'a> {
        Finder {
            perception,
            painted: None,
            off: Vec::new(),
            lost: 0,
            random: Random::new(SEED),
        }
    }

    fn find(&mut self, picture: &Picture) -> Result<Option<Face>> {
        let pixels: Vec<Rgb> = picture.pixels().iter().map(|&pixel| rgb(pixel)).collect();
        let side = SIDE as usize;
        let faces = self
            .perception
            .look(Pixels::new(&pixels, side, side, side)?)?;
        Ok(faces.faces.first().cloned())
    }

    fn compare(&mut self, painted: &Picture, rig: &Picture, network: &Picture) -> Result<()> {
        let painted = match self.painted.take() {
            Some(found) => found,
            None => self.find(painted)?,
        };
        let mut noisy = rig.clone();
        for pixel in noisy.pixels_mut() {
            let noise = |level: u8| (f32::from(level) + self.random.normal()).round() as u8;
            *pixel = xrgb(rgb(*pixel).map(noise));
        }
        let noisy = self.find(&noisy)?;
        match (self.find(rig)?, self.find(network)?) {
            (Some(rig), Some(network)) => {
                let to = |face: Option<&Face>| face.map_or(f64::NAN, |face| apart(&rig, face));
                let (still, noisy) = (to(painted.as_ref()), to(noisy.as_ref()));
                self.off.push([apart(&rig, &network), still, noisy]);
            }
            (None, None) => {}
            _ => self.lost += 1,
        }
        self.painted = Some(painted);
        Ok(())
    }

    fn landmarks(self) -> Landmarks {
        let mean = |which: usize| {
            let found = self.off.iter().map(|off| off[which]);
            let found: Vec<f64> = found.filter(|off| off.is_finite()).collect();
            found.iter().sum::<f64>() / found.len() as f64
        };
        let mut each: Vec<f64> = self.off.iter().map(|off| off[0]).collect();
        each.sort_by(f64::total_cmp);
        Landmarks {
            all: mean(0),
            still: mean(1),
            noise: mean(2),
            poorest: each.get(each.len() * 9 / 10).copied().unwrap_or(f64::NAN),
            lost: self.lost,
        }
    }
}

/// The mean distance of two faces' landmarks, in widths of the first.
fn apart(face: &Face, other: &Face) -> f64 {
    let pairs = face.landmarks.iter().zip(&other.landmarks);
    let sum: f64 = pairs
        .map(|(a, b)| f64::from((a.x - b.x).hypot(a.y - b.y)))
        .sum();
    sum / face.landmarks.len() as f64 / f64::from(face.bounds.width())
}

/// Both generators, each with a stage of its own.
struct Pair {
    generators: [Box<dyn Generator>; 2],
    stages: [Stage; 2],
    drawing: Box<Drawing>,
}

impl Pair {
    fn new(pack: &Pack, network: Box<dyn Generator>) -> Result<Pair> {
        Ok(Pair {
            generators: [Box::new(Rig::decode(&pack.rig)?), network],
            stages: [
                Stage::new(&pack.portrait, SIDE)?,
                Stage::new(&pack.portrait, SIDE)?,
            ],
            drawing: Box::new(Drawing::REST),
        })
    }

    fn draw(&mut self, motion: &Motion) -> Result<[Picture; 2]> {
        let mut pictures = Vec::new();
        for (generator, stage) in self.generators.iter_mut().zip(&mut self.stages) {
            generator.generate(motion, &mut self.drawing)?;
            pictures.push(stage.draw(&self.drawing)?.clone());
        }
        <[Picture; 2]>::try_from(pictures).map_err(|_| anyhow::anyhow!("a picture is missing"))
    }

    /// The mean square of the second difference over time, on the way between some motions.
    fn flicker(&mut self, random: &mut Random) -> Result<f64> {
        let stops: Vec<Motion> = (0..4).map(|_| motions::lively(random)).collect();
        let mut sums = [0.0f64; 2];
        let mut before: Vec<[Picture; 2]> = Vec::new();
        for frame in 0..FRAMES {
            let way = frame as f32 / FRAMES as f32 * (stops.len() - 1) as f32;
            let leg = (way as usize).min(stops.len() - 2);
            let share = way - leg as f32;
            let eased = share * share * (3.0 - 2.0 * share);
            let motion = stops[leg].between(&stops[leg + 1], Real::from_num(eased));
            let now = self.draw(&motion)?;
            if let [first, second] = before.as_slice() {
                for (which, sum) in sums.iter_mut().enumerate() {
                    *sum += second_difference(&first[which], &second[which], &now[which]);
                }
                before.remove(0);
            }
            before.push(now);
        }
        Ok((sums[1] / sums[0].max(1e-9)).sqrt())
    }
}

fn second_difference(before: &Picture, now: &Picture, after: &Picture) -> f64 {
    let pixels = before.pixels().iter().zip(now.pixels()).zip(after.pixels());
    pixels
        .map(|((&before, &now), &after)| {
            let [before, now, after] = [before, now, after].map(|pixel| rgb(pixel).map(i32::from));
            let off = |c: usize| f64::from(before[c] - 2 * now[c] + after[c]).powi(2);
            (0..3).map(off).sum::<f64>()
        })
        .sum()
}
