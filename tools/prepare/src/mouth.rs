//! The line where the painted lips meet, and the colours inside a mouth.
//!
//! The mesh's inner lips do not lie on the painted lip line. The line is dark and runs from
//! corner to corner: it is found as the cheapest path between the lips (dynamic programming over
//! columns), staying near the mesh where the paint says nothing.

use crate::frame::Frame;
use crate::plane::Plane;
use sfumato_compositor::Picture;
use sfumato_core::pixels::rgb;
use sfumato_generator::rig::model::{CURVE, Mouth};

/// Inner edge of the upper lip, picture left to right.
pub const INNER_UPPER: [usize; 11] = [78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308];
/// Inner edge of the lower lip, picture left to right.
pub const INNER_LOWER: [usize; 11] = [78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308];
/// Outer edge of the upper lip, picture left to right.
const OUTER_UPPER: [usize; 11] = [61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291];
/// Outer edge of the lower lip, picture left to right.
const OUTER_LOWER: [usize; 11] = [61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291];

/// Inner lips farther apart than this share of the mouth's width are painted apart.
const PARTED: f32 = 0.05;

/// Measures the painted mouth.
pub fn find(painting: &Picture, frame: &Frame) -> Mouth {
    let seam = seam(painting, frame);
    let wide = seam[CURVE - 1][0] - seam[0][0];
    let colours = colours(painting, frame, &seam);
    Mouth {
        seam,
        size: [1.75 * wide, 1.65 * wide],
        ..colours
    }
}

fn height(line: &[[f32; 2]], x: f32) -> f32 {
    let pair = line
        .windows(2)
        .find(|pair| x <= pair[1][0])
        .unwrap_or(&line[line.len() - 2..]);
    let (a, b) = (pair[0], pair[1]);
    a[1] + (b[1] - a[1]) * ((x - a[0]) / (b[0] - a[0]).max(1e-6)).clamp(0.0, 1.0)
}

/// A polyline of landmarks made to run strictly left to right.
fn line(frame: &Frame, indices: &[usize]) -> Vec<[f32; 2]> {
    let mut points: Vec<[f32; 2]> = indices.iter().map(|&index| frame.point(index)).collect();
    for index in 1..points.len() {
        points[index][0] = points[index][0].max(points[index - 1][0] + 1e-4);
    }
    points
}

fn seam(painting: &Picture, frame: &Frame) -> Vec<[f32; 2]> {
    let (upper, lower) = (line(frame, &INNER_UPPER), line(frame, &INNER_LOWER));
    let (outer_upper, outer_lower) = (line(frame, &OUTER_UPPER), line(frame, &OUTER_LOWER));
    let middle = |inner: usize, outer: usize| {
        let (a, b) = (frame.point(inner), frame.point(outer));
        [a[0] + 0.25 * (b[0] - a[0]), a[1] + 0.25 * (b[1] - a[1])]
    };
    let (left, right) = (middle(78, 61), middle(308, 291));
    let wide = (right[0] - left[0]).max(1e-3);
    let at = |column: usize| left[0] + wide * column as f32 / (CURVE - 1) as f32;
    let middle_x = 0.5 * (left[0] + right[0]);
    let parted = height(&lower, middle_x) - height(&upper, middle_x) > PARTED * wide;
    // What is painted between parted lips are teeth: they stay with the upper lip.
    let inner_part = if parted { 0.85 } else { 0.5 };
    let believed: Vec<f32> = (0..CURVE)
        .map(|column| {
            let x = at(column);
            let inner = height(&upper, x) + inner_part * (height(&lower, x) - height(&upper, x));
            // Towards the corners the inner lips end; the line runs on to the corner itself.
            let t = column as f32 / (CURVE - 1) as f32;
            let chord = left[1] + (right[1] - left[1]) * t;
            let near_corner = (1.0 - t.min(1.0 - t) / 0.08).clamp(0.0, 1.0);
            inner + (chord - inner) * near_corner
        })
        .collect();
    if parted {
        return (0..CURVE)
            .map(|column| [at(column), believed[column]])
            .collect();
    }
    // Search half way into either lip.
    const STEPS: usize = 41;
    let unit = frame.unit();
    let top = (outer_upper.iter().map(|p| p[1]).fold(f32::MAX, f32::min) * unit) as i64 - 8;
    let bottom = (outer_lower.iter().map(|p| p[1]).fold(f32::MIN, f32::max) * unit) as i64 + 8;
    let first = (left[0] * unit) as i64 - 8;
    let last = (right[0] * unit) as i64 + 8;
    let (region_x, region_y) = (i64::from(frame.region.x), i64::from(frame.region.y));
    let light = Plane::luminance(
        painting,
        region_x + first,
        region_y + top,
        (last - first).max(1) as usize,
        (bottom - top).max(1) as usize,
    )
    .blurred(0.006 * wide * unit);
    let candidate = |column: usize, step: usize| {
        let x = at(column);
        let reach_up = 0.6 * (believed[column] - height(&outer_upper, x)).max(0.02 * wide);
        let reach_down = 0.6 * (height(&outer_lower, x) - believed[column]).max(0.02 * wide);
        let t = 2.0 * step as f32 / (STEPS - 1) as f32 - 1.0;
        believed[column]
            + if t < 0.0 {
                t * reach_up
            } else {
                t * reach_down
            }
    };
    let darkness =
        |column: usize, y: f32| light.read(at(column) * unit - first as f32, y * unit - top as f32);
    let cost = |column: usize, step: usize| {
        let away = 2.0 * step as f32 / (STEPS - 1) as f32 - 1.0;
        let t = column as f32 / (CURVE - 1) as f32;
        let near_corner = (1.0 - t.min(1.0 - t) / 0.10).max(0.0);
        darkness(column, candidate(column, step)) + (0.03 + 0.4 * near_corner) * away * away
    };
    let mut best: Vec<[f32; STEPS]> = vec![[0.0; STEPS]; CURVE];
    let mut from: Vec<[usize; STEPS]> = vec![[0; STEPS]; CURVE];
    for (step, start) in best[0].iter_mut().enumerate() {
        *start = cost(0, step);
    }
    for column in 1..CURVE {
        for step in 0..STEPS {
            let here = candidate(column, step) - believed[column];
            let (previous, total) = (0..STEPS)
                .map(|p| {
                    let bend = here - (candidate(column - 1, p) - believed[column - 1]);
                    (
                        p,
                        best[column - 1][p] + 60.0 * (bend / wide).powi(2) * CURVE as f32,
                    )
                })
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((0, 0.0));
            from[column][step] = previous;
            best[column][step] = total + cost(column, step);
        }
    }
    let mut step = (0..STEPS)
        .min_by(|&a, &b| best[CURVE - 1][a].total_cmp(&best[CURVE - 1][b]))
        .unwrap_or(STEPS / 2);
    let mut heights = vec![0.0; CURVE];
    for column in (0..CURVE).rev() {
        heights[column] = candidate(column, step);
        step = from[column][step];
    }
    smooth(&mut heights);
    (0..CURVE)
        .map(|column| [at(column), heights[column]])
        .collect()
}

/// Binomial smoothing that keeps both ends.
pub fn smooth(values: &mut [f32]) {
    for _ in 0..2 {
        let before = values.to_vec();
        for (index, triple) in before.windows(3).enumerate() {
            values[index + 1] = 0.25 * triple[0] + 0.5 * triple[1] + 0.25 * triple[2];
        }
    }
}

/// The inside's colours, from the painting's own darks, lips and lights.
fn colours(painting: &Picture, frame: &Frame, seam: &[[f32; 2]]) -> Mouth {
    let sample = |point: [f32; 2]| {
        let pixel = frame.pixel(point);
        rgb(painting.get(pixel[0] as u32, pixel[1] as u32).unwrap_or(0))
            .map(|c| f32::from(c) / 255.0)
    };
    let mean = |points: &[[f32; 2]]| -> [f32; 3] {
        let mut sum = [0.0f32; 3];
        for &point in points {
            let colour = sample(point);
            for channel in 0..3 {
                sum[channel] += colour[channel] / points.len().max(1) as f32;
            }
        }
        sum
    };
    // The line itself is thin: its darkest points speak for it.
    let mut points: Vec<[f32; 2]> = seam[CURVE / 5..4 * CURVE / 5].to_vec();
    points.sort_by(|a, b| sample(*a)[1].total_cmp(&sample(*b)[1]));
    let dark = mean(&points[..points.len() / 2]);
    let lower = line(frame, &OUTER_LOWER);
    let lip: Vec<[f32; 2]> = seam[CURVE / 4..3 * CURVE / 4]
        .iter()
        .map(|p| [p[0], p[1] + 0.5 * (height(&lower, p[0]) - p[1])])
        .collect();
    let lip = mean(&lip);
    let skin: Vec<[f32; 2]> = [50, 280, 205, 425]
        .iter()
        .map(|&i| frame.point(i))
        .collect();
    let skin = mean(&skin);
    let light = |c: [f32; 3]| 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
    // The inside is the lips' own colour in shadow, as a painter would mix it: a fifth of its light in the depth, a half on the
    // tongue. Six photographed mouths had a third and two thirds; blacker than this a mouth is a hole.
    let shadow = |share: f32, most: f32, warm: [f32; 3]| -> [f32; 3] {
        let light_here = (share * light(lip)).min(most * light(dark));
        let mixed: [f32; 3] = core::array::from_fn(|channel| warm[channel] * lip[channel]);
        mixed.map(|c| c * light_here / light(mixed).max(0.02))
    };
    // Teeth: the skin's light, a little drained of its colour, in the lips' shade.
    let pale = light(skin);
    Mouth {
        seam: Vec::new(),
        size: [0.0; 2],
        lip_line: dark,
        cavity: shadow(0.20, 0.60, [1.25, 0.9, 0.8]),
        teeth: skin.map(|c| 0.55 * (0.85 * c + 0.15 * pale)),
        tongue: shadow(0.48, 1.2, [1.4, 0.8, 0.8]),
    }
}
