//! Lids, iris and the eyeball behind them.
//!
//! The lids' edges come from the mesh. The iris is found as the disc whose rim shows the
//! strongest step from dark to light (Daugman's integro-differential operator, 1993), of a size
//! that fits the eye. From both follow the layers: an eyeball without its iris, and the iris as
//! a whole disc, completed where the lids hide it.

use crate::frame::Frame;
use crate::mouth::smooth;
use crate::plane::{Plane, fill_smoothly};
use sfumato_compositor::{EyeLayers, Picture};
use sfumato_core::geometry::{Point, Rect};
use sfumato_core::pixels::{rgb, xrgb};
use sfumato_generator::rig::model::{CURVE, Eye};

/// Edge of the upper lids, picture left to right, `[subject's right, left]`.
const UPPER: [[usize; 9]; 2] = [
    [33, 246, 161, 160, 159, 158, 157, 173, 133],
    [362, 398, 384, 385, 386, 387, 388, 466, 263],
];
/// Edge of the lower lids, likewise.
const LOWER: [[usize; 9]; 2] = [
    [33, 7, 163, 144, 145, 153, 154, 155, 133],
    [362, 382, 381, 380, 374, 373, 390, 249, 263],
];
/// Lower edge of the brows.
const BROW: [[usize; 5]; 2] = [[46, 53, 52, 65, 55], [285, 295, 282, 283, 276]];

/// Iris radius over half the eye's width: 5.9 mm to 15 mm.
const IRIS: f32 = 0.39;

/// What [`find`] makes of one eye.
#[derive(Debug)]
pub struct Found {
    /// For the rig.
    pub model: Eye,
    /// For the compositor.
    pub layers: EyeLayers,
}

/// Measures one eye: 0 the subject's right, 1 the left.
pub fn find(painting: &Picture, frame: &Frame, side: usize) -> Found {
    let mut model = lids(frame, side);
    let opening = Opening { model: &model };
    let rect = rect(&model, frame, painting);
    let unit = frame.unit();
    let light = Plane::luminance(
        painting,
        i64::from(rect.x),
        i64::from(rect.y),
        rect.width as usize,
        rect.height as usize,
    );
    let local = |point: [f32; 2]| {
        let pixel = frame.pixel(point);
        [pixel[0] - rect.x as f32, pixel[1] - rect.y as f32]
    };
    let place = |x: f32, y: f32| frame.place([x + rect.x as f32, y + rect.y as f32]);
    let shown: Vec<bool> = (0..rect.height as usize * rect.width as usize)
        .map(|index| {
            let (x, y) = (index % rect.width as usize, index / rect.width as usize);
            opening.holds(place(x as f32 + 0.5, y as f32 + 0.5), 0.0)
        })
        .collect();
    let (centre, radius) = iris(&light, &shown, &model, local(model.centre), unit);
    let layers = layers(painting, &rect, &shown, centre, radius);
    let corner = frame.place([rect.x as f32, rect.y as f32]);
    model.rect = [
        corner[0],
        corner[1],
        rect.width as f32 / unit,
        rect.height as f32 / unit,
    ];
    model.iris_centre = place(centre[0], centre[1]);
    model.iris_radius = radius / unit;
    let layers = EyeLayers {
        rect,
        iris_centre: Point {
            x: centre[0] + rect.x as f32,
            y: centre[1] + rect.y as f32,
        },
        iris_radius: radius,
        ..layers
    };
    Found { model, layers }
}

fn lids(frame: &Frame, side: usize) -> Eye {
    let points = |indices: &[usize]| -> Vec<[f32; 2]> {
        indices.iter().map(|&index| frame.point(index)).collect()
    };
    let (upper, lower) = (points(&UPPER[side]), points(&LOWER[side]));
    let (from, to) = (upper[0], upper[upper.len() - 1]);
    let across = [to[0] - from[0], to[1] - from[1]];
    let length = (across[0] * across[0] + across[1] * across[1])
        .sqrt()
        .max(1e-4);
    let axis = across.map(|c| c / length);
    let centre = [0.5 * (from[0] + to[0]), 0.5 * (from[1] + to[1])];
    let half_width = 0.5 * length;
    let local = |p: [f32; 2]| {
        let d = [p[0] - centre[0], p[1] - centre[1]];
        [
            (d[0] * axis[0] + d[1] * axis[1]) / half_width,
            -d[0] * axis[1] + d[1] * axis[0],
        ]
    };
    let sampled = |line: &[[f32; 2]]| -> Vec<f32> {
        let line: Vec<[f32; 2]> = line.iter().map(|&p| local(p)).collect();
        let mut values: Vec<f32> = (0..CURVE)
            .map(|step| {
                let along = 2.0 * step as f32 / (CURVE - 1) as f32 - 1.0;
                let pair = line
                    .windows(2)
                    .find(|pair| along <= pair[1][0])
                    .unwrap_or(&line[line.len() - 2..]);
                let (a, b) = (pair[0], pair[1]);
                let t = ((along - a[0]) / (b[0] - a[0]).max(1e-4)).clamp(0.0, 1.0);
                a[1] + (b[1] - a[1]) * t
            })
            .collect();
        smooth(&mut values);
        smooth(&mut values);
        values
    };
    let (upper, mut lower) = (sampled(&upper), sampled(&lower));
    for (low, high) in lower.iter_mut().zip(&upper) {
        *low = low.max(*high);
    }
    let brow = points(&BROW[side])
        .iter()
        .map(|&p| local(p)[1])
        .sum::<f32>()
        / 5.0;
    let lid_height = (0.85 * (upper[CURVE / 2] - brow)).clamp(0.35 * half_width, 1.2 * half_width);
    Eye {
        centre,
        axis,
        half_width,
        upper,
        lower,
        lid_height,
        iris_centre: centre,
        iris_radius: IRIS * half_width,
        rect: [0.0, 0.0, 0.1, 0.1],
    }
}

/// The space between the painted lids.
struct Opening<'a> {
    model: &'a Eye,
}

impl Opening<'_> {
    /// Whether a place of the region lies between the lids, at least `margin` from them.
    fn holds(&self, point: [f32; 2], margin: f32) -> bool {
        let eye = self.model;
        let d = [point[0] - eye.centre[0], point[1] - eye.centre[1]];
        let along = (d[0] * eye.axis[0] + d[1] * eye.axis[1]) / eye.half_width;
        let down = -d[0] * eye.axis[1] + d[1] * eye.axis[0];
        if along.abs() >= 1.0 {
            return false;
        }
        let t = (along + 1.0) * 0.5 * (CURVE - 1) as f32;
        let index = (t as usize).min(CURVE - 2);
        let part = t - index as f32;
        let at = |line: &[f32]| line[index] + (line[index + 1] - line[index]) * part;
        down - at(&eye.upper) > margin && at(&eye.lower) - down > margin
    }
}

/// The patch's rectangle in painting pixels: all skin that the lids may draw from.
fn rect(eye: &Eye, frame: &Frame, painting: &Picture) -> Rect {
    let above = eye.upper.iter().copied().fold(0.0, f32::min) - 1.08 * eye.lid_height;
    let below = eye.lower.iter().copied().fold(0.0, f32::max) + 0.78 * eye.lid_height;
    let reach = 1.30 * eye.half_width;
    let corners = [
        (-reach, above),
        (reach, above),
        (-reach, below),
        (reach, below),
    ];
    let points = corners.map(|(along, down)| {
        frame.pixel([
            eye.centre[0] + along * eye.axis[0] - down * eye.axis[1],
            eye.centre[1] + along * eye.axis[1] + down * eye.axis[0],
        ])
    });
    let edge = |axis: usize, low: bool, limit: u32| {
        let values = points.map(|p| p[axis]);
        let value = if low {
            values.into_iter().fold(f32::MAX, f32::min).floor()
        } else {
            values.into_iter().fold(f32::MIN, f32::max).ceil()
        };
        value.clamp(0.0, limit as f32) as u32
    };
    let (left, right) = (
        edge(0, true, painting.width() - 1),
        edge(0, false, painting.width()),
    );
    let (top, bottom) = (
        edge(1, true, painting.height() - 1),
        edge(1, false, painting.height()),
    );
    Rect {
        x: left,
        y: top,
        width: (right - left).max(1),
        height: (bottom - top).max(1),
    }
}

/// Middle and radius of the iris, pixels of the rectangle.
fn iris(light: &Plane, shown: &[bool], eye: &Eye, centre: [f32; 2], unit: f32) -> ([f32; 2], f32) {
    let expected = IRIS * eye.half_width * unit;
    let light = light.blurred(0.10 * expected);
    let visible = |x: f32, y: f32| {
        x >= 0.0
            && y >= 0.0
            && (x as usize) < light.width
            && (y as usize) < light.height
            && shown[y as usize * light.width + x as usize]
    };
    // Mean light on the visible part of a rim, its sides only: lids cross its top and bottom.
    let rim = |x: f32, y: f32, radius: f32| {
        let (mut sum, mut count) = (0.0, 0);
        for step in 0..48 {
            let angle = step as f32 / 48.0 * core::f32::consts::TAU;
            if angle.sin().abs() > 0.8 {
                continue;
            }
            let (px, py) = (x + radius * angle.cos(), y + radius * angle.sin());
            if visible(px, py) {
                sum += light.read(px, py);
                count += 1;
            }
        }
        (count >= 6).then(|| (sum / count as f32, count))
    };
    let middle = 0.5 * (eye.upper[CURVE / 2] + eye.lower[CURVE / 2]) * unit;
    let start = [
        centre[0] - middle * eye.axis[1],
        centre[1] + middle * eye.axis[0],
    ];
    let mut best = (f32::MIN, start, expected);
    let steps =
        |reach: f32, count: i32| (-count..=count).map(move |i| reach * i as f32 / count as f32);
    for dx in steps(1.3 * expected, 26) {
        for dy in steps(0.5 * expected, 10) {
            for size in [0.82, 0.88, 0.94, 1.0, 1.06, 1.12, 1.18] {
                let radius = expected * size;
                let (x, y) = (start[0] + dx, start[1] + dy);
                let (Some((outer, seen)), Some((inner, _))) =
                    (rim(x, y, 1.14 * radius), rim(x, y, 0.86 * radius))
                else {
                    continue;
                };
                let core = rim(x, y, 0.45 * radius).map_or(inner, |(value, _)| value);
                let off = (dx / expected).powi(2) + 1.5 * (dy / expected).powi(2);
                // A step outwards, dark inside, much of the rim in sight, near the middle.
                let score = (outer - inner) + 0.5 * (outer - core) + 0.002 * seen as f32
                    - 0.04 * off
                    - 0.15 * (size - 1.0).powi(2);
                if score > best.0 {
                    best = (score, [x, y], radius);
                }
            }
        }
    }
    (best.1, best.2)
}

/// Eyeball and iris layers over the rectangle.
fn layers(
    painting: &Picture,
    rect: &Rect,
    shown: &[bool],
    centre: [f32; 2],
    radius: f32,
) -> EyeLayers {
    let (width, height) = (rect.width as usize, rect.height as usize);
    let colour = |x: usize, y: usize| {
        rgb(painting
            .get(rect.x + x as u32, rect.y + y as u32)
            .unwrap_or(0))
        .map(f32::from)
    };
    let from_iris = |index: usize| {
        let dx = (index % width) as f32 + 0.5 - centre[0];
        let dy = (index / width) as f32 + 0.5 - centre[1];
        (dx, dy, (dx * dx + dy * dy).sqrt())
    };
    // The rim of the iris bleeds into the white, the lid's line into both.
    let inner = eroded(shown, width, height, (0.10 * radius).max(1.0) as usize);
    let white: Vec<bool> = (0..shown.len())
        .map(|i| inner[i] && from_iris(i).2 > 1.18 * radius)
        .collect();
    let mut planes = [0, 1, 2].map(|channel| {
        let mut plane = Plane::new(width, height, 0.0);
        for (index, value) in plane.values.iter_mut().enumerate() {
            *value = colour(index % width, index / width)[channel];
        }
        plane
    });
    let enough = white.iter().filter(|&&w| w).count() >= 12;
    if enough {
        for plane in &mut planes {
            fill_smoothly(plane, &white);
        }
    }
    let mut sclera = Picture::new(rect.width, rect.height, 0);
    for (index, pixel) in sclera.pixels_mut().iter_mut().enumerate() {
        let filled = [0, 1, 2].map(|c| planes[c].values[index].clamp(0.0, 255.0) as u8);
        let cover = if shown[index] { 255 } else { 0 };
        *pixel = xrgb(filled) & 0x00ff_ffff | cover << 24;
    }
    // The iris: what is seen of it, the rest mirrored top to bottom, else its ring's colour.
    let ring = |distance: f32| {
        let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
        for index in 0..shown.len() {
            if inner[index] && (from_iris(index).2 - distance).abs() < 0.12 * radius {
                let c = colour(index % width, index / width);
                (0..3).for_each(|k| sum[k] += c[k]);
                count += 1.0;
            }
        }
        (count > 0.0).then(|| sum.map(|s| s / count))
    };
    let rings: Vec<Option<[f32; 3]>> = (0..=12)
        .map(|step| ring(step as f32 / 10.0 * radius))
        .collect();
    let mut iris = Picture::new(rect.width, rect.height, 0);
    for index in 0..shown.len() {
        let (dx, dy, distance) = from_iris(index);
        if distance > 1.2 * radius {
            continue;
        }
        let mirrored = {
            let y = (centre[1] - dy).max(0.0) as usize;
            let x = (centre[0] + dx).max(0.0) as usize;
            (x < width && y < height && inner[y * width + x]).then(|| colour(x, y))
        };
        let step = ((distance / radius * 10.0) as usize).min(12);
        let known = if inner[index] {
            colour(index % width, index / width)
        } else if let Some(c) = mirrored.or(rings[step]) {
            c
        } else if let Some(c) = rings.iter().flatten().next() {
            *c
        } else {
            colour(index % width, index / width)
        };
        // A soft rim, as painted.
        let cover = ((1.10 * radius - distance) / (0.16 * radius)).clamp(0.0, 1.0);
        let cover = cover * cover * (3.0 - 2.0 * cover);
        iris.pixels_mut()[index] =
            xrgb(known.map(|v| v as u8)) & 0x00ff_ffff | ((255.0 * cover) as u32) << 24;
    }
    EyeLayers {
        sclera,
        iris,
        ..EyeLayers::default()
    }
}

/// Shrinks a mask by so many pixels.
fn eroded(mask: &[bool], width: usize, height: usize, by: usize) -> Vec<bool> {
    let mut now = mask.to_vec();
    for _ in 0..by {
        let before = now.clone();
        for index in 0..now.len() {
            let (x, y) = (index % width, index / width);
            now[index] = before[index]
                && x > 0
                && y > 0
                && x + 1 < width
                && y + 1 < height
                && before[index - 1]
                && before[index + 1]
                && before[index - width]
                && before[index + width];
        }
    }
    now
}
