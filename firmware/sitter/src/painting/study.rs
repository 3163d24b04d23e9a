//! The study: what the painter sees, pixel by pixel, in the painter's palette.

use super::landscape::landscape;
use super::plane::blur;
use crate::figure::{Detail, Figure, Stuff};
use crate::head::hair::Fineness;
use crate::light::studio;
use crate::maths::{Vec3, pow, smooth, v};
use crate::performance::Performance;
use crate::raster::View;
use crate::shot::{receive, take};

/// What is to be painted.
#[derive(Clone, Debug)]
pub(super) struct Study {
    pub width: usize,
    pub height: usize,
    /// Colours as they shall look, gamma-encoded.
    pub colour: Vec<Vec3>,
    /// Direction a brush follows (x right, y down), unit or zero.
    pub along: Vec<[f32; 2]>,
    /// How finely to finish, 0 (broad background) to 1 (flesh).
    pub finish: Vec<f32>,
    /// Where the flesh is, for the glazes.
    pub flesh: Vec<f32>,
}

/// Fine pixels per pixel, each way.
const FINER: usize = 2;

/// The pose: turned to the light, the eyes on the viewer, the shadow of a smile.
const POSE: Performance = Performance {
    yaw: -15.0,
    pitch: 4.5,
    roll: 1.5,
    jaw_open: 0.0,
    smile: 0.30,
    pucker: 0.0,
    brow_up: 0.10,
    brow_down: 0.0,
    blink_right: 0.13,
    blink_left: 0.10,
    gaze_yaw: 13.0,
    gaze_pitch: -3.5,
};

pub(super) fn study(width: usize, height: usize, progress: &mut dyn FnMut(f32)) -> Study {
    let fine = height >= 700;
    let mut figure = Figure::new(Detail {
        face: if fine { 3 } else { 2 },
        eye: 72,
        hair: Fineness {
            locks: if fine { 260 } else { 90 },
            length: 60,
            around: 4,
        },
        trunk: if fine { (200, 180) } else { (140, 120) },
    });
    figure.pose(&POSE, -34.0);
    progress(0.1);
    let key = v(-0.74, 0.58, 0.52);
    let colours = [
        v(1.0, 0.90, 0.70) * 7.6,
        v(0.28, 0.30, 0.30) * 0.14,
        v(0.30, 0.19, 0.10) * 0.30,
    ];
    let lamps = studio(if fine { 96 } else { 48 }, key, 0.36, colours);
    let light = receive(&figure, &lamps, if fine { 896 } else { 448 });
    progress(0.6);
    let (wide, high) = (width * FINER, height * FINER);
    let scale = high as f32 / 53.0; // the picture is this many centimetres high
    let distance = 190.0;
    let view = View::Camera {
        eye: v(-0.6, -1.0, distance),
        focal: scale * distance,
        middle: [wide as f32 * 0.5, high as f32 * 0.385],
    };
    let shot = take(&figure, &light, &view, (wide, high), key);
    progress(0.85);
    let mut study = Study {
        width,
        height,
        colour: Vec::with_capacity(width * height),
        along: Vec::with_capacity(width * height),
        finish: Vec::with_capacity(width * height),
        flesh: Vec::with_capacity(width * height),
    };
    let mut brushable = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let u = (x as f32 + 0.5 - width as f32 * 0.5) / height as f32;
            let t = (y as f32 + 0.5) / height as f32;
            let behind = landscape(u, t);
            let (mut sum, mut finish, mut flesh) = (Vec3::ZERO, 0.0, 0.0);
            let mut along = [0.0f32; 2];
            for sub in 0..FINER * FINER {
                let at = (y * FINER + sub / FINER) * wide + x * FINER + sub % FINER;
                let (c, f, skin) = match shot.stuff[at] {
                    None => (behind, 0.45, 0.0),
                    Some(Stuff::Hair) => (shot.colour[at], 0.68, 0.0),
                    Some(Stuff::Trunk) => {
                        let cloth = shot.cloth[at];
                        (shot.colour[at], 0.85 - 0.45 * cloth, 1.0 - cloth)
                    }
                    Some(_) => (shot.colour[at], 1.0, 1.0),
                };
                sum += c;
                finish += f;
                flesh += skin;
                along[0] += shot.along[at][0];
                along[1] += shot.along[at][1];
            }
            let share = 1.0 / (FINER * FINER) as f32;
            // The picture darkens towards the bottom, where nothing should call the eye.
            let dim = (1.0 - 0.52 * smooth(0.48, 0.80, t)) * (1.0 - 0.65 * smooth(0.72, 1.04, t));
            study.colour.push(palette(sum * (share * dim)));
            study.finish.push(finish * share);
            study.flesh.push(flesh * share);
            brushable.push(along);
        }
    }
    soften(&mut study);
    study.along = directions(&study, &brushable);
    progress(1.0);
    study
}

/// Brings light into the range of paint: deep warm shadows, ivory lights; gamma-encoded.
fn palette(c: Vec3) -> Vec3 {
    let luma = c.luma().max(1e-5);
    // A shoulder that keeps the modelling of the lights.
    let mapped = 1.12 * luma * (1.0 + 0.12 * luma) / (1.0 + 0.50 * luma);
    let mut c = c * (mapped / luma);
    // Shadows are glazes of umber; lights lean to ivory.
    let shadow = smooth(0.16, 0.0, mapped);
    c = c.mix(v(1.25, 0.95, 0.62) * mapped, 0.45 * shadow);
    let lights = smooth(0.35, 0.85, mapped);
    c = c.mix(v(1.10, 0.99, 0.78) * mapped, 0.35 * lights);
    (c + v(0.006, 0.0045, 0.003)).map(|k| pow(k.clamp(0.0, 1.0), 1.0 / 2.2))
}

/// Sfumato: edges dissolve, least where the flesh is finished.
fn soften(study: &mut Study) {
    let (w, h) = (study.width, study.height);
    let unit = h as f32 / 1600.0;
    let fine = blur(&study.colour, w, h, 1.2 * unit);
    let broad = blur(&study.colour, w, h, 3.0 * unit);
    for i in 0..study.colour.len() {
        let loose = 0.6 * smooth(0.9, 0.3, study.finish[i]);
        study.colour[i] = fine[i].mix(broad[i], loose);
    }
}

/// Brush directions: with the hair, else along lines of equal light.
fn directions(study: &Study, given: &[[f32; 2]]) -> Vec<[f32; 2]> {
    let (w, h) = (study.width, study.height);
    let unit = h as f32 / 1600.0;
    let smooth_picture = blur(&study.colour, w, h, (5.0 * unit).max(1.0));
    // The structure of the neighbourhood: gradients as double angles, so that they average.
    let mut doubled = vec![Vec3::ZERO; w * h];
    for y in 0..h {
        for x in 0..w {
            let at = |x: usize, y: usize| smooth_picture[y * w + x].luma();
            let gx = at((x + 1).min(w - 1), y) - at(x.saturating_sub(1), y);
            let gy = at(x, (y + 1).min(h - 1)) - at(x, y.saturating_sub(1));
            doubled[y * w + x] = v(gx * gx - gy * gy, 2.0 * gx * gy, 0.0);
        }
    }
    let doubled = blur(&doubled, w, h, (9.0 * unit).max(1.0));
    doubled
        .iter()
        .zip(given)
        .map(|(d, g)| {
            let length = (g[0] * g[0] + g[1] * g[1]).sqrt();
            if length > 1e-3 {
                return [g[0] / length, g[1] / length];
            }
            if d.x * d.x + d.y * d.y < 1e-16 {
                return [1.0, 0.0];
            }
            // Across the gradient.
            let angle = 0.5 * libm::atan2f(d.y, d.x) + core::f32::consts::FRAC_PI_2;
            let (s, c) = crate::maths::sin_cos(angle);
            [c, s]
        })
        .collect()
}
