//! How well a pack's network draws what its rig draws.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use sfumato_bake::motions;
use sfumato_bake::random::Random;
use sfumato_bake::stage::{Likeness, Stage};
use sfumato_compositor::Picture;
use sfumato_core::drawing::Drawing;
use sfumato_core::motion::{Motion, Real};
use sfumato_core::pixels::rgb;
use sfumato_generator::{Generator, Network, Rig};
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
        )
    }
}

/// Compares a pack's network with its rig, on motions that no bake learns from.
pub fn quality(pack: &Pack) -> Result<Quality> {
    let onnx = pack.network.as_ref().context("the pack has no network")?;
    let network = Network::load(onnx, Rig::decode(&pack.rig)?)?;
    let macs = network
        .engine()
        .macs()
        .iter()
        .map(|cost| cost.multiplications)
        .sum();
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
    }
    each.sort_by(f64::total_cmp);
    Ok(Quality {
        all: all.decibels(),
        still: still.decibels(),
        poorest: each.get(each.len() / 10).copied().unwrap_or(f64::NAN),
        flicker: pair.flicker(&mut random)?,
        macs,
    })
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
