//! A careful picture of the figure, before any brush touches it.
//!
//! Light is computed for every point of the surfaces and carried across the triangles; in skin it
//! spreads beneath the surface, red furthest, which warms the edge of each shadow.

use crate::figure::{Figure, Stuff, eye_colour, trunk_colour};
use crate::head::hair::single_hairs;
use crate::head::inner::tooth;
use crate::light::{Lamp, survey};
use crate::maths::{Vec3, pow, smooth, v};
use crate::mesh::neighbours;
use crate::raster::{NOTHING, Projected, Raster, View, weights};

/// What a camera sees of the figure, pixel by pixel.
#[derive(Clone, Debug)]
pub(crate) struct Shot {
    /// Linear light.
    pub colour: Vec<Vec3>,
    /// What is there; `None` where the figure is not.
    pub stuff: Vec<Option<Stuff>>,
    /// Share of cloth, for the trunk.
    pub cloth: Vec<f32>,
    /// Direction a brush would follow, in the picture, y down; zero where nothing suggests one.
    pub along: Vec<[f32; 2]>,
}

/// Light that reaches every point of every layer.
pub(crate) fn receive(figure: &Figure, lamps: &[Lamp], side: usize) -> Vec<Vec<Vec3>> {
    let directions: Vec<Vec3> = lamps.iter().map(|l| l.toward).collect();
    let cover = (v(0.0, -9.0, -3.0), 31.0, side);
    // A fixed number of shares, so that the sums are the same whatever the number of processors.
    const SHARES: usize = 2;
    let share = directions.len().div_ceil(SHARES);
    let blank = || -> Vec<Vec<Vec3>> {
        figure
            .layers
            .iter()
            .map(|l| vec![Vec3::ZERO; l.points.len()])
            .collect()
    };
    let parts: Vec<Vec<Vec<Vec3>>> = std::thread::scope(|scope| {
        let hands: Vec<_> = directions
            .chunks(share)
            .zip(lamps.chunks(share))
            .map(|(directions, lamps)| {
                scope.spawn(move || {
                    let mut got = blank();
                    survey(figure, directions, cover, |n, l, i, answer| {
                        got[l][i] += lamps[n].strength * answer;
                    });
                    got
                })
            })
            .collect();
        hands
            .into_iter()
            .map(|hand| hand.join().unwrap_or_else(|_| blank()))
            .collect()
    });
    let mut sum = blank();
    for part in parts {
        for (to, from) in sum.iter_mut().zip(part) {
            for (to, from) in to.iter_mut().zip(from) {
                *to += from;
            }
        }
    }
    for (layer, light) in figure.layers.iter().zip(&mut sum) {
        match layer.stuff {
            Stuff::Skin => scatter(light, &layer.triangles, [17, 7, 4]),
            Stuff::Trunk => scatter(light, &layer.triangles, [2, 1, 1]),
            _ => {}
        }
    }
    sum
}

/// Spreads light over a surface, so many rounds for red, green and blue.
pub(crate) fn scatter(light: &mut [Vec3], triangles: &[[u32; 3]], rounds: [usize; 3]) {
    let around = neighbours(light.len(), triangles);
    let mut next = light.to_vec();
    for round in 0..rounds[0] {
        for (i, near) in around.iter().enumerate() {
            let mut mean = light[i];
            for &j in near {
                mean += light[j as usize];
            }
            mean = mean / (near.len() + 1) as f32;
            let own = light[i];
            next[i] = v(
                mean.x,
                if round < rounds[1] { mean.y } else { own.y },
                if round < rounds[2] { mean.z } else { own.z },
            );
        }
        light.copy_from_slice(&next);
    }
}

/// Takes the picture. `key` is where the main light comes from, for the glint in the eyes.
pub(crate) fn take(
    figure: &Figure,
    light: &[Vec<Vec3>],
    view: &View,
    (width, height): (usize, usize),
    key: Vec3,
) -> Shot {
    let mut raster = Raster::new(width, height);
    let mut projected: Vec<Vec<Projected>> = Vec::new();
    let mut firsts = Vec::new();
    let mut first = 0u32;
    for layer in &figure.layers {
        let points: Vec<Projected> = layer.points.iter().map(|&p| view.project(p)).collect();
        raster.draw(&points, &layer.triangles, first, layer.stuff == Stuff::Skin);
        projected.push(points);
        firsts.push(first);
        first += layer.triangles.len() as u32;
    }
    let toward_viewer = v(0.0, 0.0, 1.0);
    let key = key.unit();
    let half = (key + toward_viewer).unit();
    let mut shot = Shot {
        colour: vec![Vec3::ZERO; width * height],
        stuff: vec![None; width * height],
        cloth: vec![0.0; width * height],
        along: vec![[0.0; 2]; width * height],
    };
    for y in 0..height {
        for x in 0..width {
            let at = y * width + x;
            let label = raster.label[at];
            if label == NOTHING {
                continue;
            }
            let l = firsts.partition_point(|&f| f <= label) - 1;
            let layer = &figure.layers[l];
            let t = layer.triangles[(label - firsts[l]) as usize].map(|i| i as usize);
            let w = weights(t.map(|i| projected[l][i]), x as f32 + 0.5, y as f32 + 0.5);
            let blend =
                |values: &[Vec3]| values[t[0]] * w[0] + values[t[1]] * w[1] + values[t[2]] * w[2];
            let p = blend(&layer.points);
            let mut n = blend(&layer.normals).unit();
            if n.z < 0.0 && layer.stuff == Stuff::Hair {
                n = -n;
            }
            let got = blend(&light[l]);
            let mut colour = blend(&layer.colour);
            let mut shine = Vec3::ZERO;
            match layer.stuff {
                Stuff::Skin => {
                    let gloss = pow(n.dot(half).max(0.0), 14.0);
                    shine = got * (0.055 * gloss);
                }
                Stuff::Eye => {
                    let side = usize::from(figure.unplace(p).x > 0.0);
                    let d = figure.turn.undo(p - figure.eye(side)).unit();
                    let d = figure.gaze[side].undo(d);
                    let (tint, _) = eye_colour(d);
                    colour = tint;
                    // The cornea bulges: its glint sits where its own little sphere faces the light.
                    let look = figure.turn.apply(figure.gaze[side].apply(v(0.0, 0.0, 1.0)));
                    let glint = figure.eye(side) + look * 0.62 + half * 0.74;
                    let off = p - glint;
                    let off = (off.x * off.x + off.y * off.y).sqrt();
                    shine = Vec3::ONE * (1.1 * smooth(0.125, 0.06, off));
                    let film = pow(n.dot(half).max(0.0), 40.0);
                    shine += got * (0.10 * film);
                }
                Stuff::Hair => {
                    let along = (figure.along(layer, t[0])).unit();
                    let across = |d: Vec3| (1.0 - along.dot(d) * along.dot(d)).max(0.0).sqrt();
                    let hairs = single_hairs(blend(&layer.strand));
                    colour = colour * hairs;
                    let gloss = pow(across(half), 24.0) * hairs;
                    shine = v(0.075, 0.046, 0.026).times(got) * gloss;
                    let a = [along.x, -along.y];
                    shot.along[at] = a;
                }
                Stuff::Tooth => {
                    let q = figure.unplace(p);
                    let turn = libm::atan2f(q.x / 2.45, (q.z - 2.05).max(0.01) / 2.55) / 1.35;
                    colour = colour * (0.45 + 0.55 * tooth(turn));
                }
                Stuff::Trunk => {
                    (colour, shot.cloth[at]) = trunk_colour(blend(&layer.rest));
                    let gloss = pow(n.dot(half).max(0.0), 10.0);
                    shine = got * (0.05 * gloss);
                }
                Stuff::Mouth | Stuff::Lash => {}
            }
            shot.colour[at] = colour.times(got) + shine;
            shot.stuff[at] = Some(layer.stuff);
        }
    }
    shot
}
