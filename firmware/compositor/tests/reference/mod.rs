//! The contract of `sfumato_core::drawing` in floating point, slow and plain.

use sfumato_compositor::{EyeLayers, Picture, Portrait};
use sfumato_core::drawing::*;
use sfumato_core::pixels::{rgb, xrgb};

/// Values between nodes, nodes at `(i + 0.5) / n`, the nearest node outside.
fn nodes(grid: &[Amount], columns: usize, x: f64, y: f64) -> f64 {
    let rows = grid.len() / columns;
    let along = |at: f64, count: usize| {
        let at = (at * count as f64 - 0.5).clamp(0.0, count as f64 - 1.0);
        let node = (at as usize).min(count - 2);
        (node, at - node as f64)
    };
    let ((column, u), (row, v)) = (along(x, columns), along(y, rows));
    let at = |dx: usize, dy: usize| grid[(row + dy) * columns + column + dx].to_num::<f64>();
    let top = at(0, 0) + (at(1, 0) - at(0, 0)) * u;
    top + (at(0, 1) + (at(1, 1) - at(0, 1)) * u - top) * v
}

/// The Keys kernel that the compositor states, in floating point: red, green, blue, top.
fn read(picture: &Picture, x: f64, y: f64, edge: bool) -> [f64; 4] {
    const SHARPNESS: f64 = 0.75;
    let weights = |t: f64| {
        let a = -SHARPNESS * t * (1.0 - t) * (1.0 - t);
        let b = -SHARPNESS * t * t * (1.0 - t);
        [a, 1.0 - t - 2.0 * a + b, t + a - 2.0 * b, b]
    };
    let (x, y) = (x - 0.5, y - 0.5);
    let (across, down) = (weights(x - x.floor()), weights(y - y.floor()));
    let mut sum = [0.0; 4];
    for (row, down) in down.iter().enumerate() {
        for (column, across) in across.iter().enumerate() {
            let at = |position: f64, tap: usize, side: u32| {
                let whole = position.floor() as i64 + tap as i64 - 1;
                let held = whole.clamp(0, i64::from(side) - 1);
                (held as u32, held == whole)
            };
            let (px, in_x) = at(x, column, picture.width());
            let (py, in_y) = at(y, row, picture.height());
            if edge || (in_x && in_y) {
                let pixel = picture.get(px, py).unwrap();
                let [r, g, b] = rgb(pixel);
                for (sum, byte) in sum.iter_mut().zip([r, g, b, (pixel >> 24) as u8]) {
                    *sum += across * down * f64::from(byte);
                }
            }
        }
    }
    sum.map(|value| value.clamp(0.0, 255.0))
}

fn mix(from: [f64; 3], to: [f64; 3], share: f64) -> [f64; 3] {
    [0, 1, 2].map(|i: usize| from[i] + (to[i] - from[i]) * share)
}

fn colour(value: [f64; 4]) -> [f64; 3] {
    [value[0], value[1], value[2]]
}

/// The skin's tone around an eye: twice the mean of a box, by how little of the eyeball each place shows.
fn tone(portrait: &Portrait, layers: &EyeLayers) -> Picture {
    let rect = layers.rect;
    let (width, height) = (rect.width as i32, rect.height as i32);
    let (across, down) = ((width / 24).max(1), (height / 40).max(1));
    let mut sums: Vec<[f64; 4]> = (0..width * height)
        .map(|i| {
            let (x, y) = ((i % width) as u32, (i / width) as u32);
            let [r, g, b] =
                rgb(portrait.painting.get(rect.x + x, rect.y + y).unwrap()).map(f64::from);
            let weight = 64.0 * f64::from(255 - (layers.sclera.get(x, y).unwrap() >> 24)) + 1.0;
            [r * weight, g * weight, b * weight, weight]
        })
        .collect();
    for _ in 0..2 {
        let around = |i: i32| {
            let mut sum = [0.0; 4];
            for y in (i / width - down).max(0)..(i / width + down + 1).min(height) {
                for x in (i % width - across).max(0)..(i % width + across + 1).min(width) {
                    for (sum, value) in sum.iter_mut().zip(sums[(y * width + x) as usize]) {
                        *sum += value;
                    }
                }
            }
            sum
        };
        sums = (0..width * height).map(around).collect();
    }
    let pixels = sums
        .into_iter()
        .map(|[r, g, b, weight]| xrgb([r, g, b].map(|sum| (sum / weight).round() as u8)));
    Picture::from_pixels(rect.width, rect.height, pixels.collect()).unwrap()
}

/// How much of the paint gives way to the tone at every node: none where skin keeps two thirds of its height, all
/// where it keeps one.
fn drawn_out(patch: &EyePatch, row: f64) -> Vec<Amount> {
    let flow = |node: usize| patch.flow_y.get(node).map(|flow| flow.to_num::<f64>());
    (0..EYE_NODES)
        .map(|node| {
            let above = node.checked_sub(EYE_WIDTH).and_then(flow);
            let steps = [
                above.zip(flow(node)),
                flow(node).zip(flow(node + EYE_WIDTH)),
            ];
            let steps = steps
                .into_iter()
                .flatten()
                .map(|(above, below)| below - above);
            let kept = 1.0 + steps.fold(f64::MAX, f64::min) / row;
            Amount::from_num((2.0 - 3.0 * kept).clamp(0.0, 1.0))
        })
        .collect()
}

/// An eye's colour over `skin` at a rest position in painting pixels, if inside its rectangle.
fn eye(
    portrait: &Portrait,
    layers: &EyeLayers,
    patch: &EyePatch,
    rest: [f64; 2],
) -> Option<[f64; 3]> {
    let side = f64::from(portrait.region.width);
    let rect = layers.rect;
    let local = [rest[0] - f64::from(rect.x), rest[1] - f64::from(rect.y)];
    let (width, height) = (f64::from(rect.width), f64::from(rect.height));
    let (u, v) = (local[0] / width, local[1] / height);
    if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
        return None;
    }
    let at = |grid: &[Amount]| nodes(grid, EYE_WIDTH, u, v);
    let lid = [at(&patch.flow_x) * side, at(&patch.flow_y) * side];
    let skin = colour(read(
        &portrait.painting,
        rest[0] + lid[0],
        rest[1] + lid[1],
        true,
    ));
    let soft = at(&drawn_out(patch, height / EYE_HEIGHT as f64 / side));
    let tone = read(
        &tone(portrait, layers),
        local[0] + lid[0],
        local[1] + lid[1],
        true,
    );
    let skin = mix(skin, colour(tone), soft);
    let gaze = patch.gaze.map(|amount| amount.to_num::<f64>() * side);
    let painted = colour(read(&portrait.painting, rest[0], rest[1], true));
    let sclera = read(&layers.sclera, local[0], local[1], true);
    let mut premultiplied = layers.iris.clone();
    for pixel in premultiplied.pixels_mut() {
        let top = *pixel >> 24;
        let part = |shift: u32| (((*pixel >> shift & 255) * top + 127) / 255) << shift;
        *pixel = top << 24 | part(16) | part(8) | part(0);
    }
    let iris = read(
        &premultiplied,
        local[0] - gaze[0],
        local[1] - gaze[1],
        false,
    );
    let cover = iris[3] / 255.0;
    let layered = [0, 1, 2].map(|i: usize| iris[i] + sclera[i] * (1.0 - cover));
    let share = |v: [f64; 2]| (v[0].hypot(v[1]) / 1.5).min(1.0);
    let bare = 1.0 - sclera[3] / 255.0;
    let eyeball = mix(painted, layered, share(gaze).max(share(lid) * bare));
    let opening = at(&patch.upper).min(at(&patch.lower));
    let open = (opening * height / 1.25 + 0.5).clamp(0.0, 1.0);
    let shading = 1.0 + at(&patch.shading);
    Some(mix(skin, eyeball, open).map(|value| value * shading))
}

/// The whole picture, one painting pixel to one shown pixel, without grain.
pub fn draw(portrait: &Portrait, drawing: &Drawing) -> Vec<[f64; 3]> {
    let region = portrait.region;
    let side = f64::from(region.width);
    let corner = [f64::from(region.x), f64::from(region.y)];
    let mut out = Vec::new();
    for y in 0..portrait.painting.height() {
        for x in 0..portrait.painting.width() {
            let painted = rgb(portrait.painting.get(x, y).unwrap()).map(f64::from);
            if !region.contains(x, y) {
                out.push(painted);
                continue;
            }
            let shown = [f64::from(x) + 0.5, f64::from(y) + 0.5];
            let p = [0, 1].map(|i: usize| (shown[i] - corner[i]) / side);
            let field = |grid: &[Amount]| nodes(grid, FIELD_SIDE, p[0], p[1]);
            let rest = [
                shown[0] + field(&drawing.field.flow_x) * side,
                shown[1] + field(&drawing.field.flow_y) * side,
            ];
            let mut result = None;
            for (layers, patch) in portrait.eyes.iter().zip(&drawing.eyes) {
                result = result.or_else(|| eye(portrait, layers, patch, rest));
            }
            let mut result = result.unwrap_or_else(|| {
                let centre = drawing.mouth.centre.map(|amount| amount.to_num::<f64>());
                let size = portrait.mouth_size.map(f64::from);
                let [u, v] = [0, 1].map(|i: usize| (p[i] - centre[i]) / size[i] + 0.5);
                if !(0.0..1.0).contains(&u) || !(0.0..1.0).contains(&v) {
                    return colour(read(&portrait.painting, rest[0], rest[1], true));
                }
                let at = |grid: &[Amount]| nodes(grid, MOUTH_WIDTH, u, v);
                let flow = [at(&drawing.mouth.flow_x), at(&drawing.mouth.flow_y)];
                let skin = colour(read(
                    &portrait.painting,
                    rest[0] + flow[0] * side,
                    rest[1] + flow[1] * side,
                    true,
                ));
                let inside = [0, 1, 2].map(|i: usize| at(&drawing.mouth.colour[i]) * 255.0);
                let opening = at(&drawing.mouth.upper).min(at(&drawing.mouth.lower));
                let open = (opening * size[1] * side / 1.25).clamp(0.0, 1.0);
                mix(skin, inside, open)
            });
            for (value, residual) in result.iter_mut().zip(&drawing.field.residual) {
                *value = (*value + 255.0 * field(residual)).clamp(0.0, 255.0);
            }
            if let Some(plate) = &portrait.plate {
                let here = plate.get(x - region.x, y - region.y).unwrap();
                let there = read(plate, rest[0] - corner[0], rest[1] - corner[1], true);
                let share = field(&drawing.field.occlusion) * there[3] / 255.0;
                for (i, value) in result.iter_mut().enumerate() {
                    let way = f64::from(rgb(here)[i]) - there[i];
                    *value = (*value + share * way).clamp(0.0, 255.0);
                }
            }
            out.push(mix(painted, result, field(&drawing.field.alpha)));
        }
    }
    out
}
