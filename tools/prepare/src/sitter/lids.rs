//! How this sitter's shut lids look: their light against that of the lids which the rig makes up.

use super::Told;
use super::tones::{Tones, lit, mean};
use crate::Prepared;
use sfumato_compositor::{Compositor, Layout, Picture, Placement};
use sfumato_core::drawing::{Drawing, EYE_HEIGHT, EYE_NODES, EYE_WIDTH};
use sfumato_core::motion::{Motion, Real};
use sfumato_generator::rig::grid::rise;
use sfumato_generator::rig::model::Eye;
use sfumato_generator::{Generator as _, Rig};

/// Eyes opened wider than this share of the painted ones are not shut.
const SHUT: f32 = 0.3;

/// Corners of the eyes from the picture's left to its right, `[right, left]` of the subject.
const CORNERS: [[usize; 2]; 2] = [[33, 133], [362, 263]];

/// The most light that is given or taken, as a share.
const MOST: f32 = 0.6;

/// One picture alone is believed by half.
const DOUBT: f32 = 1.0;

/// Learns them, for each eye's patch; nothing where no picture shows an eye shut.
pub fn learn(prepared: &Prepared, tones: &Tones, told: &[Told<'_>]) -> [Vec<f32>; 2] {
    let Some(drawn) = shut(prepared) else {
        return [Vec::new(), Vec::new()];
    };
    [0, 1].map(|side| {
        let eye = &prepared.model.eyes[side];
        let mut sum = vec![0.0; EYE_NODES];
        let mut weights = 0.0;
        for (told, light) in told.iter().zip(&tones.lights) {
            let open: f32 = told.motion.eye_openness[side].to_num();
            if open > SHUT {
                continue;
            }
            weights += told.weight;
            for (index, sum) in sum.iter_mut().enumerate() {
                *sum += told.weight * differs(prepared, eye, side, index, &drawn, told, *light);
            }
        }
        if weights == 0.0 {
            return Vec::new();
        }
        let light = sum.iter().enumerate().map(|(index, sum)| {
            let light = (sum / (weights + DOUBT)).clamp(-MOST, MOST) * within(eye, index);
            super::short(f64::from(light))
        });
        light.collect()
    })
}

/// The region with eyes shut as the rig shuts them, in the painting's own pixels.
fn shut(prepared: &Prepared) -> Option<Picture> {
    let portrait = &prepared.portrait;
    let (width, height) = (portrait.painting.width(), portrait.painting.height());
    let layout = Layout {
        placement: Placement::Exact,
        ..Layout::fit(width, height)
    };
    let mut rig = Rig::new(prepared.model.clone());
    let mut drawing = Box::new(Drawing::REST);
    let mut motion = Motion::REST;
    motion.eye_openness = [Real::ZERO; 2];
    rig.generate(&motion, &mut drawing).ok()?;
    let mut shown = Picture::new(width, height, 0);
    let mut compositor = Compositor::new(portrait, layout).ok()?;
    compositor.draw(&drawing, shown.view_mut(), 1).ok()?;
    Some(shown)
}

/// A node's place in the region.
fn place(eye: &Eye, index: usize) -> [f32; 2] {
    let (column, row) = ((index % EYE_WIDTH) as f32, (index / EYE_WIDTH) as f32);
    [
        eye.rect[0] + eye.rect[2] * (column + 0.5) / EYE_WIDTH as f32,
        eye.rect[1] + eye.rect[3] * (row + 0.5) / EYE_HEIGHT as f32,
    ]
}

/// How much lighter, as a share, a node is in a picture than the rig makes it.
fn differs(
    prepared: &Prepared,
    eye: &Eye,
    side: usize,
    index: usize,
    drawn: &Picture,
    told: &Told<'_>,
    light: [f32; 3],
) -> f32 {
    let [x, y] = place(eye, index);
    let [along, down] = eye.place(x, y);
    let [from, to] = CORNERS[side].map(|corner| told.points[corner]);
    let axis = [0.5 * (to[0] - from[0]), 0.5 * (to[1] - from[1])];
    let across = down / eye.half_width;
    let seen = [
        0.5 * (from[0] + to[0]) + along * axis[0] - across * axis[1],
        0.5 * (from[1] + to[1]) + along * axis[1] + across * axis[0],
    ];
    let region = prepared.portrait.region;
    let unit = region.width as f32;
    let own = [region.x as f32 + x * unit, region.y as f32 + y * unit];
    // Two nodes wide: a lid's light, not its lashes.
    let wide = 2.0 * eye.rect[2] / EYE_WIDTH as f32;
    let luma = |[r, g, b]: [f32; 3]| 0.2126 * r + 0.7152 * g + 0.0722 * b;
    let told = luma(lit(mean(told.picture, seen, wide * told.scale), light));
    let drawn = luma(mean(drawn, own, wide * unit));
    ((told + 0.02) / (drawn + 0.02) - 1.0).clamp(-MOST, MOST)
}

/// 1 on the lids, falling to 0 towards the patch's border.
fn within(eye: &Eye, index: usize) -> f32 {
    let [x, y] = place(eye, index);
    let [along, down] = eye.place(x, y);
    let high = (down.abs() / (0.9 * eye.half_width)).max(along.abs() / 1.15);
    let column = index % EYE_WIDTH;
    let row = index / EYE_WIDTH;
    let edge = column
        .min(EYE_WIDTH - 1 - column)
        .min(row)
        .min(EYE_HEIGHT - 1 - row);
    (1.0 - rise(0.6, 1.0, high)) * rise(0.0, 4.0, edge as f32)
}
