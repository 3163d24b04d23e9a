//! A contact sheet: telling moments below one another, the truth and every method side by side.

use super::film::Shown;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use sfumato_compositor::Picture;
use sfumato_compositor::overlay::{self, Surface};
use sfumato_core::pixels::{Rgb, xrgb};
use sfumato_corpus::align::SIDE;
use sfumato_motion::Measurement;

const GAP: usize = 4;
const LABEL: usize = 26;

/// Something that a face does, as a number.
type Feature = fn(&Measurement) -> f32;

/// What a moment may be told by, and whether its most or its least counts.
const TELLING: [(&str, Feature, bool); 7] = [
    ("mouth most open", |m| m.features.mouth_opening, true),
    ("eyes most shut", |m| m.features.eye_opening, false),
    ("widest mouth", |m| m.features.mouth_width, true),
    ("narrowest mouth", |m| m.features.mouth_width, false),
    ("turned to the left", |m| m.pose.yaw, false),
    ("turned to the right", |m| m.pose.yaw, true),
    ("most bowed", |m| m.pose.pitch, true),
];

/// Draws the sheet; `judged` are the frames' numbers, the first column is the truth.
pub fn sheet(judged: &[usize], columns: &[(String, &[Shown])]) -> Picture {
    let truth = columns.first().map_or(&[][..], |(_, film)| film);
    let moments = moments(truth);
    let (step_x, step_y) = (SIDE + GAP, SIDE + LABEL + GAP);
    let mut sheet = Picture::new(
        (columns.len() * step_x + GAP) as u32,
        (moments.len() * step_y + LABEL + GAP) as u32,
        xrgb([30, 29, 28]),
    );
    for (column, (title, film)) in columns.iter().enumerate() {
        let left = GAP + column * step_x;
        let mut surface = Surface::new(sheet.view_mut());
        overlay::label(
            &mut surface,
            Point::new(left as i32, 0),
            title,
            Rgb888::WHITE,
        );
        for (row, (index, _)) in moments.iter().enumerate() {
            if let Some(shown) = film.get(*index) {
                paste(&mut sheet, left, LABEL + row * step_y, &shown.crop);
            }
        }
    }
    for (row, (index, name)) in moments.iter().enumerate() {
        let frame = judged.get(*index).copied().unwrap_or_default();
        let at = Point::new(GAP as i32, (LABEL + row * step_y + SIDE) as i32);
        let mut surface = Surface::new(sheet.view_mut());
        overlay::label(
            &mut surface,
            at,
            &format!("frame {frame}: {name}"),
            Rgb888::WHITE,
        );
    }
    sheet
}

/// The most telling judged frames and why, each once.
fn moments(truth: &[Shown]) -> Vec<(usize, String)> {
    let mut moments: Vec<(usize, String)> = Vec::new();
    let measured = || {
        let frames = truth.iter().enumerate();
        frames.filter_map(|(index, shown)| Some((index, &shown.seen.as_ref()?.measured)))
    };
    for (name, feature, most) in TELLING {
        let sign = if most { 1.0 } else { -1.0 };
        let best = measured().max_by(|a, b| {
            let value = |(_, m): &(usize, &Measurement)| sign * feature(m);
            value(a).total_cmp(&value(b))
        });
        let Some((index, _)) = best else { continue };
        match moments.iter_mut().find(|(known, _)| *known == index) {
            Some((_, names)) => names.push_str(&format!(", {name}")),
            None => moments.push((index, name.to_owned())),
        }
    }
    moments.sort_by_key(|(index, _)| *index);
    moments
}

fn paste(sheet: &mut Picture, left: usize, top: usize, crop: &[Rgb]) {
    let stride = sheet.width() as usize;
    for (row, line) in crop.chunks_exact(SIDE).enumerate() {
        let start = (top + row) * stride + left;
        if let Some(to) = sheet.pixels_mut().get_mut(start..start + SIDE) {
            for (slot, &pixel) in to.iter_mut().zip(line) {
                *slot = xrgb(pixel);
            }
        }
    }
}
