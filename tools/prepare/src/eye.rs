//! Lids, iris and the eyeball behind them.
//!
//! The mesh knows roughly where the eye is; the paint knows exactly. First the iris is found as
//! the disc whose sides show the strongest step from dark to light (Daugman's
//! integro-differential operator, 1993), of a size that fits the head. A resting lid covers the
//! iris' top and touches its bottom, which says where the lids must be; each lid's edge is then
//! the best path along the painted edge near there (see [`crate::lid`]). From all this follow the
//! layers: an eyeball without its iris, and the iris as a whole disc, completed where the lids
//! hide it.

use crate::frame::Frame;
use crate::lid;
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

/// Radius of a human iris in centimetres.
const IRIS: f32 = 0.59;

/// What [`find`] makes of one eye.
#[derive(Debug)]
pub struct Found {
    /// For the rig.
    pub model: Eye,
    /// For the compositor.
    pub layers: EyeLayers,
}

/// Measures both eyes, `[right, left]` of the subject.
pub fn find(painting: &Picture, frame: &Frame) -> [Found; 2] {
    let mesh = [0, 1].map(|side| lids(frame, side));
    // A generous rectangle each, in which the iris and the lids are looked for.
    let lights = [0, 1]
        .map(|side: usize| Light::around(painting, frame, &rect(&mesh[side], frame, painting)));
    let expected = IRIS * frame.pose.scale;
    let places = [0, 1].map(|side: usize| iris_place(&lights[side], &mesh[side], expected, 0.0));
    // Both irises have one size; the clearer eye tells it.
    let mut size = (f32::MIN, 1.0);
    for step in 0..25 {
        let ratio = 0.72 + 0.02 * step as f32;
        let rims: f32 = (0..2)
            .map(|side| {
                rim_step(
                    &lights[side],
                    &mesh[side],
                    places[side],
                    ratio * expected,
                    expected,
                )
            })
            .sum();
        let score = rims - 3.0 * (ratio - 0.95).powi(2);
        if score > size.0 {
            size = (score, ratio);
        }
    }
    let [right, left] = mesh;
    let mut side = 0;
    [right, left].map(|mesh| {
        let found = measure(
            painting,
            frame,
            mesh,
            &lights[side],
            places[side],
            size.1 * expected,
        );
        side += 1;
        found
    })
}

fn measure(
    painting: &Picture,
    frame: &Frame,
    mut model: Eye,
    light: &Light,
    centre: [f32; 2],
    radius: f32,
) -> Found {
    let unit = frame.unit();
    model.iris_centre = centre;
    model.iris_radius = radius;
    lid::follow_the_paint(&mut model, light);
    // The lids are surer than the mesh's: where do they allow the iris to be?
    let centre = iris_place(light, &model, radius, 1.0);
    model.iris_centre = centre;
    let rect = rect(&model, frame, painting);
    let opening = Opening { model: &model };
    let place = |x: f32, y: f32| frame.place([x + rect.x as f32, y + rect.y as f32]);
    let depths: Vec<[f32; 2]> = (0..rect.height as usize * rect.width as usize)
        .map(|index| {
            let (x, y) = (index % rect.width as usize, index / rect.width as usize);
            opening
                .depth(place(x as f32 + 0.5, y as f32 + 0.5))
                .map(|depth| depth / radius)
        })
        .collect();
    let iris_pixel = frame.pixel(centre);
    let local = [iris_pixel[0] - rect.x as f32, iris_pixel[1] - rect.y as f32];
    let layers = layers(painting, &rect, &depths, local, radius * unit);
    let corner = frame.place([rect.x as f32, rect.y as f32]);
    model.rect = [
        corner[0],
        corner[1],
        rect.width as f32 / unit,
        rect.height as f32 / unit,
    ];
    let layers = EyeLayers {
        rect,
        iris_centre: Point {
            x: iris_pixel[0],
            y: iris_pixel[1],
        },
        iris_radius: radius * unit,
        ..layers
    };
    Found { model, layers }
}

/// The colours of the painting around an eye, read in region coordinates.
#[derive(Debug)]
pub struct Light {
    planes: [Plane; 3],
    corner: [f32; 2],
    unit: f32,
}

impl Light {
    fn around(painting: &Picture, frame: &Frame, rect: &Rect) -> Light {
        let (width, height) = (rect.width as usize, rect.height as usize);
        let planes = [0, 1, 2].map(|channel| {
            let mut plane = Plane::new(width, height, 0.0);
            for (index, value) in plane.values.iter_mut().enumerate() {
                let (x, y) = ((index % width) as u32, (index / width) as u32);
                let colour = rgb(painting.get(rect.x + x, rect.y + y).unwrap_or(0));
                *value = f32::from(colour[channel]) / 255.0;
            }
            plane
        });
        Light {
            planes,
            corner: frame.place([rect.x as f32, rect.y as f32]),
            unit: frame.unit(),
        }
    }

    /// The colour at a place of the region.
    pub fn colour(&self, point: [f32; 2]) -> [f32; 3] {
        let x = (point[0] - self.corner[0]) * self.unit;
        let y = (point[1] - self.corner[1]) * self.unit;
        [0, 1, 2].map(|channel: usize| self.planes[channel].read(x, y))
    }

    /// Two numbers for every pixel, from its place in the region and its colour, in place of red and
    /// green.
    pub fn mapped(&self, numbers: impl Fn([f32; 2], [f32; 3]) -> [f32; 2]) -> Light {
        let mut planes = self.planes.clone();
        let width = planes[0].width;
        for index in 0..planes[0].values.len() {
            let (x, y) = ((index % width) as f32 + 0.5, (index / width) as f32 + 0.5);
            let place = [
                self.corner[0] + x / self.unit,
                self.corner[1] + y / self.unit,
            ];
            let colour = [0, 1, 2].map(|c: usize| self.planes[c].values[index]);
            for (plane, number) in planes.iter_mut().zip(numbers(place, colour)) {
                plane.values[index] = number;
            }
        }
        Light { planes, ..*self }
    }

    /// The light at a place of the region.
    pub fn at(&self, point: [f32; 2]) -> f32 {
        let [r, g, b] = self.colour(point);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// The same light, blurred by a length in region sides.
    pub fn blurred(&self, length: f32) -> Light {
        let planes = [0, 1, 2].map(|c: usize| self.planes[c].blurred(length * self.unit));
        Light { planes, ..*self }
    }

    /// How much the light varies: its standard deviation.
    pub fn contrast(&self) -> f32 {
        let values = &self.planes[1].values;
        let count = values.len().max(1) as f32;
        let mean = values.iter().sum::<f32>() / count;
        (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f32>() / count)
            .sqrt()
            .max(0.01)
    }
}

/// The region coordinates of a place in the eye's own frame.
pub fn from_eye(eye: &Eye, along: f32, down: f32) -> [f32; 2] {
    let along = along * eye.half_width;
    [
        eye.centre[0] + along * eye.axis[0] - down * eye.axis[1],
        eye.centre[1] + along * eye.axis[1] + down * eye.axis[0],
    ]
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
        iris_radius: 0.39 * half_width,
        rect: [0.0, 0.0, 0.1, 0.1],
    }
}

/// The space between the painted lids.
struct Opening<'a> {
    model: &'a Eye,
}

impl Opening<'_> {
    /// How far below the upper and above the lower lid's edge a place lies; both positive between
    /// the lids, both -1 beyond the corners.
    fn depth(&self, point: [f32; 2]) -> [f32; 2] {
        let eye = self.model;
        let [along, down] = eye.place(point[0], point[1]);
        if along.abs() >= 1.0 {
            return [-1.0; 2];
        }
        let t = (along + 1.0) * 0.5 * (CURVE - 1) as f32;
        let index = (t as usize).min(CURVE - 2);
        let part = t - index as f32;
        let at = |line: &[f32]| line[index] + (line[index + 1] - line[index]) * part;
        [down - at(&eye.upper), at(&eye.lower) - down]
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
    let points =
        corners.map(|(along, down)| frame.pixel(from_eye(eye, along / eye.half_width, down)));
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

/// Angles of the rim's sides that resting lids leave free, radians from the eye's axis.
const SIDES: [f32; 7] = [-0.6, -0.4, -0.2, 0.0, 0.25, 0.5, 0.75];

/// Mean light on one side of a rim: `sign` is 1 for the picture's right.
fn side(light: &Light, eye: &Eye, centre: [f32; 2], radius: f32, sign: f32) -> f32 {
    let across = [-eye.axis[1], eye.axis[0]];
    let sum: f32 = SIDES
        .iter()
        .map(|angle| {
            let (a, d) = (sign * radius * angle.cos(), radius * angle.sin());
            light.at([
                centre[0] + a * eye.axis[0] + d * across[0],
                centre[1] + a * eye.axis[1] + d * across[1],
            ])
        })
        .sum();
    sum / SIDES.len() as f32
}

/// How strongly the light steps up across a rim, in units of the contrast; the weaker side
/// counts only while it is not shadow against shadow.
fn rim_step(light: &Light, eye: &Eye, centre: [f32; 2], radius: f32, expected: f32) -> f32 {
    let sharp = light.blurred(0.06 * expected);
    let contrast = light.contrast();
    let step = |sign: f32| {
        let outer = side(&sharp, eye, centre, 1.12 * radius, sign);
        (outer - side(&sharp, eye, centre, 0.88 * radius, sign)) / contrast
    };
    let (left, right) = (step(-1.0), step(1.0));
    left.max(right) + 0.5 * left.min(right).max(0.0)
}

/// Middle of the iris, region coordinates; `trust` in [0, 1] is how sure the eye's lids are.
fn iris_place(light: &Light, eye: &Eye, expected: f32, trust: f32) -> [f32; 2] {
    let light = light.blurred(0.10 * expected);
    let contrast = light.contrast();
    let middle = 0.5 * (eye.upper[CURVE / 2] + eye.lower[CURVE / 2]);
    let mut best = (f32::MIN, from_eye(eye, 0.0, middle));
    let steps =
        |reach: f32, count: i32| (-count..=count).map(move |i| reach * i as f32 / count as f32);
    for along in steps(0.70, 30) {
        for down in steps(1.2 * expected, 20) {
            let centre = from_eye(eye, along, middle + down);
            for size in [0.76, 0.82, 0.88, 0.94, 1.0, 1.06, 1.12] {
                let radius = expected * size;
                let at = |share: f32| {
                    [-1.0, 1.0].map(|sign| side(&light, eye, centre, share * radius, sign))
                };
                let (inner, rim, outer, around) = (at(0.4), at(0.84), at(1.16), at(1.3));
                let (left, right) = (outer[0] - rim[0], outer[1] - rim[1]);
                let inside = 0.5 * (inner[0] + inner[1]);
                let around = 0.5 * (around[0] + around[1]);
                // A side must step, better both, the inside must be dark, the place plausible.
                let steps = left.max(right) + left.min(right).clamp(0.0, 0.7 * contrast);
                let off = 0.5 * along * along + 0.25 * (down / expected).powi(2);
                let lids = if trust > 0.0 {
                    lid::against_an_iris(eye, centre, radius)
                } else {
                    0.0
                };
                let score = (steps + 0.8 * (around - inside)) / contrast
                    - 0.8 * off
                    - 4.0 * trust * lids
                    - 2.0 * (size - 0.95).powi(2);
                if score > best.0 {
                    best = (score, centre);
                }
            }
        }
    }
    best.1
}

/// Least depths below the upper and above the lower lid, in iris radii, at which the white is the
/// eyeball's own colour: nearer, the lid's line bleeds into it. Its shadow may stay: under a
/// lid there is one wherever the lid is.
const WHITE: [f32; 2] = [0.14, 0.10];

/// The same for the iris, which is completed from below and must not carry the shadow along.
const IRIS_SEEN: [f32; 2] = [0.30, 0.10];

/// Depth in iris radii over which the painted eyeball, with the lashes' shadow on it, gives way to
/// the layers when a lid is raised.
const LASHES: f32 = 0.30;

/// Eyeball and iris layers over the rectangle. `depths` says for every pixel how far inside the
/// upper and the lower lid's edge it lies, in iris radii.
fn layers(
    painting: &Picture,
    rect: &Rect,
    depths: &[[f32; 2]],
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
    let deeper = |index: usize, least: [f32; 2]| {
        // At least a pixel, however small the eye.
        let [upper, lower] = least.map(|depth| depth.max(1.0 / radius));
        depths[index][0] > upper && depths[index][1] > lower
    };
    // The rim of the iris bleeds into the white.
    let white: Vec<bool> = (0..depths.len())
        .map(|i| deeper(i, WHITE) && from_iris(i).2 > 1.18 * radius)
        .collect();
    let inner: Vec<bool> = (0..depths.len()).map(|i| deeper(i, IRIS_SEEN)).collect();
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
        let [upper, lower] = depths[index];
        let cover = if lower > 0.0 {
            let t = (upper / LASHES).clamp(0.0, 1.0);
            t * t * (3.0 - 2.0 * t)
        } else {
            0.0
        };
        *pixel = xrgb(filled) & 0x00ff_ffff | ((255.0 * cover) as u32) << 24;
    }
    // The iris: what is seen of it, the rest mirrored top to bottom, else its ring's colour.
    let ring = |distance: f32| {
        let (mut sum, mut count) = ([0.0f32; 3], 0.0f32);
        for (index, &usable) in inner.iter().enumerate() {
            if usable && (from_iris(index).2 - distance).abs() < 0.12 * radius {
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
    for index in 0..depths.len() {
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
