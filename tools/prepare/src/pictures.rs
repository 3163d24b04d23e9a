//! Pictures of what was found, for a person to judge.

use crate::silhouette::{SIDE as PLACES, Silhouette};
use sfumato_compositor::{Picture, Portrait};
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::{Xrgb, rgb, xrgb};
use sfumato_generator::rig::grid::{Cell, SIDE};
use sfumato_generator::rig::model::{CURVE, Eye, Model};
use sfumato_generator::rig::sitter::{Inside, Sitter};

/// A picture of one step, with a name fit for a file.
#[derive(Clone, Debug)]
pub struct Proof {
    /// Lower case, words joined by hyphens, without ending.
    pub name: String,
    /// The picture.
    pub picture: Picture,
}

/// A picture of every step.
pub fn proofs(portrait: &Portrait, model: &Model, silhouette: &Silhouette) -> Vec<Proof> {
    let region = crop(&portrait.painting, &portrait.region);
    let mut proofs = vec![
        proof("landmarks", landmarks(&region, model)),
        proof("lids-and-lips", lines(&region, model)),
        proof("depth", map(&model.depth)),
        proof("head", map(&model.head)),
        proof("silhouette", sides(&region, silhouette)),
    ];
    for (eye, side) in portrait.eyes.iter().zip(["right", "left"]) {
        proofs.push(proof(
            &format!("eye-{side}-painted"),
            crop(&portrait.painting, &eye.rect),
        ));
        proofs.push(proof(&format!("eye-{side}-sclera"), eye.sclera.clone()));
        proofs.push(proof(&format!("eye-{side}-iris"), eye.iris.clone()));
    }
    if let Some(plate) = &portrait.plate {
        proofs.push(proof("plate", opaque(plate)));
        proofs.push(proof("ground", ground(plate)));
    }
    proofs
}

/// Pictures of what further pictures of the sitter told.
pub fn sitter(sitter: &Sitter) -> Vec<Proof> {
    let mut proofs = Vec::new();
    if let Some(inside) = &sitter.inside {
        let rows = inside.upper.chunks(Inside::COLUMNS);
        // The lower half hangs the other way round: its first row lies at the lip.
        let rows = rows.chain(inside.lower.chunks(Inside::COLUMNS).rev());
        let colours: Vec<[f32; 3]> = rows.flatten().copied().collect();
        proofs.push(proof("sitter-mouth", enlarged(&colours, Inside::COLUMNS)));
    }
    let nodes = sitter.shades.size[0] * sitter.shades.size[1];
    if nodes > 0 {
        let mut sum = vec![[0.0_f32; 3]; nodes];
        for shade in &sitter.shades.causes {
            for (sum, colour) in sum.iter_mut().zip(&shade.colours) {
                for (sum, value) in sum.iter_mut().zip(colour) {
                    *sum = sum.max(4.0 * value.abs());
                }
            }
        }
        proofs.push(proof(
            "sitter-shades",
            enlarged(&sum, sitter.shades.size[0]),
        ));
    }
    proofs
}

/// Colours in [0, 1], each a square of pixels.
fn enlarged(colours: &[[f32; 3]], columns: usize) -> Picture {
    const SQUARE: usize = 12;
    let rows = colours.len() / columns.max(1);
    let mut picture = Picture::new((SQUARE * columns) as u32, (SQUARE * rows) as u32, 0);
    for (index, pixel) in picture.pixels_mut().iter_mut().enumerate() {
        let (x, y) = (index % (SQUARE * columns), index / (SQUARE * columns));
        let colour = colours[(y / SQUARE) * columns + x / SQUARE];
        *pixel = xrgb(colour.map(|c| (255.0 * c.clamp(0.0, 1.0)) as u8));
    }
    picture
}

fn proof(name: &str, picture: Picture) -> Proof {
    Proof {
        name: name.to_owned(),
        picture,
    }
}

/// A part of a picture.
pub fn crop(picture: &Picture, rect: &Rect) -> Picture {
    let mut part = Picture::new(rect.width, rect.height, 0);
    for y in 0..rect.height {
        let row = picture.row((rect.y + y) as usize);
        let from = row
            .get(rect.x as usize..(rect.x + rect.width) as usize)
            .unwrap_or(&[]);
        let start = y as usize * rect.width as usize;
        if let Some(to) = part.pixels_mut().get_mut(start..start + from.len()) {
            to.copy_from_slice(from);
        }
    }
    part
}

fn dot(picture: &mut Picture, x: f32, y: f32, size: f32, colour: Xrgb) {
    let (width, height) = (picture.width() as i64, picture.height() as i64);
    let reach = size.ceil() as i64;
    for dy in -reach..=reach {
        for dx in -reach..=reach {
            let (px, py) = (x as i64 + dx, y as i64 + dy);
            let inside = (0..width).contains(&px) && (0..height).contains(&py);
            if inside && ((dx * dx + dy * dy) as f32) <= size * size {
                picture.pixels_mut()[(py * width + px) as usize] = colour;
            }
        }
    }
}

fn landmarks(region: &Picture, model: &Model) -> Picture {
    let mut picture = region.clone();
    let unit = region.width() as f32;
    for point in &model.landmarks {
        dot(
            &mut picture,
            point[0] * unit,
            point[1] * unit,
            unit / 500.0,
            xrgb([90, 255, 120]),
        );
    }
    picture
}

fn lines(region: &Picture, model: &Model) -> Picture {
    let mut picture = region.clone();
    let unit = region.width() as f32;
    let fine = unit / 900.0;
    for pair in model.mouth.seam.windows(2) {
        for step in 0..24 {
            let t = step as f32 / 24.0;
            let x = pair[0][0] + (pair[1][0] - pair[0][0]) * t;
            let y = pair[0][1] + (pair[1][1] - pair[0][1]) * t;
            dot(&mut picture, x * unit, y * unit, fine, xrgb([255, 70, 70]));
        }
    }
    for eye in &model.eyes {
        eye_lines(&mut picture, eye, unit, fine);
    }
    picture
}

fn eye_lines(picture: &mut Picture, eye: &Eye, unit: f32, fine: f32) {
    for (line, colour) in [
        (&eye.upper, xrgb([255, 220, 60])),
        (&eye.lower, xrgb([80, 220, 255])),
    ] {
        for (step, down) in line.iter().enumerate() {
            let along = (2.0 * step as f32 / (CURVE - 1) as f32 - 1.0) * eye.half_width;
            let x = eye.centre[0] + along * eye.axis[0] - down * eye.axis[1];
            let y = eye.centre[1] + along * eye.axis[1] + down * eye.axis[0];
            dot(picture, x * unit, y * unit, fine, colour);
        }
    }
    for step in 0..96 {
        let angle = step as f32 / 96.0 * core::f32::consts::TAU;
        let x = eye.iris_centre[0] + eye.iris_radius * angle.cos();
        let y = eye.iris_centre[1] + eye.iris_radius * angle.sin();
        dot(
            picture,
            x * unit,
            y * unit,
            fine * 0.5,
            xrgb([255, 90, 255]),
        );
    }
}

/// The region with the ground in green, as far as it is told from the sitter, else in red.
fn sides(region: &Picture, silhouette: &Silhouette) -> Picture {
    let mut picture = region.clone();
    let (width, height) = (region.width(), region.height());
    for (index, pixel) in picture.pixels_mut().iter_mut().enumerate() {
        let along = |at: u32, side: u32| (at as f32 + 0.5) / side as f32 * PLACES as f32;
        let x = along(index as u32 % width, width);
        let y = along(index as u32 / width, height);
        let ground = 0.5 * silhouette.ground.read(x, y);
        let sure = silhouette.confidence.read(x, y);
        let tint = [255.0 * (1.0 - sure), 255.0 * sure, 60.0];
        let mut channels = rgb(*pixel);
        for (channel, tint) in channels.iter_mut().zip(tint) {
            let value = f32::from(*channel);
            *channel = (value + ground * (tint - value)) as u8;
        }
        *pixel = xrgb(channels);
    }
    picture
}

fn opaque(picture: &Picture) -> Picture {
    let mut picture = picture.clone();
    for pixel in picture.pixels_mut() {
        *pixel = xrgb(rgb(*pixel));
    }
    picture
}

/// The plate's share of ground: white where the painting is ground.
fn ground(plate: &Picture) -> Picture {
    let mut picture = plate.clone();
    for pixel in picture.pixels_mut() {
        *pixel = xrgb([(*pixel >> 24) as u8; 3]);
    }
    picture
}

fn map(values: &[f32]) -> Picture {
    let (low, high) = values
        .iter()
        .fold((f32::MAX, f32::MIN), |(low, high), &value| {
            (low.min(value), high.max(value))
        });
    let size = 4 * SIDE as u32;
    let mut picture = Picture::new(size, size, 0);
    for index in 0..picture.pixels().len() {
        let x = ((index as u32 % size) as f32 + 0.5) / size as f32;
        let y = ((index as u32 / size) as f32 + 0.5) / size as f32;
        let value = (Cell::at(x, y).read(values) - low) / (high - low).max(1e-6);
        let grey = (255.0 * value) as u8;
        picture.pixels_mut()[index] = xrgb(rgb(xrgb([grey; 3])));
    }
    picture
}
