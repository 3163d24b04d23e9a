//! Time: light on the paint's relief, yellow varnish, and craquelure.

use super::brush::Canvas;
use super::study::Study;
use crate::maths::{Vec3, fractal2, hash, noise2, smooth, v};

pub(super) fn age(canvas: &mut Canvas, study: &Study) {
    let (width, height) = (canvas.width, canvas.height);
    let unit = height as f32 / 1600.0;
    // Everything that has a height: paint, weave, and cracks as grooves with raised lips.
    let mut relief = canvas.body.clone();
    let mut crack = vec![0.0f32; width * height];
    for y in 0..height {
        for x in 0..width {
            let at = y * width + x;
            let (px, py) = (x as f32 / unit, y as f32 / unit);
            let light = canvas.colour[at].luma();
            let depth = craquelure(px, py, unit) * smooth(0.10, 0.45, light).max(0.35);
            crack[at] = depth;
            let flesh = study.flesh[at];
            relief[at] = relief[at] * 0.55 + weave(px, py) * (0.10 - 0.05 * flesh)
                - (0.5 - 0.2 * flesh) * depth;
        }
    }
    let mut aged = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let at = y * width + x;
            let low = |x: isize, y: isize| {
                let x = x.clamp(0, width as isize - 1) as usize;
                let y = y.clamp(0, height as isize - 1) as usize;
                relief[y * width + x]
            };
            let (ix, iy) = (x as isize, y as isize);
            // Light from the upper left rakes over the relief.
            let slope = (low(ix + 1, iy) - low(ix - 1, iy)) + (low(ix, iy + 1) - low(ix, iy - 1));
            let flesh = study.flesh[at];
            let rake = (slope * (0.20 - 0.09 * flesh)).clamp(-0.16, 0.16);
            let mut c = canvas.colour[at] * (1.0 - (0.40 - 0.16 * flesh) * crack[at]);
            c = c * (1.0 + rake) + v(0.05, 0.045, 0.03) * rake.max(0.0);
            aged.push(varnish(
                c,
                x as f32 / width as f32,
                y as f32 / height as f32,
            ));
        }
    }
    canvas.colour = aged;
}

/// Old varnish: yellow, uneven, darker towards the frame.
fn varnish(c: Vec3, u: f32, t: f32) -> Vec3 {
    let patch = fractal2(u * 3.0, t * 4.0, 3, 0.5, 501);
    let yellow = v(1.0, 0.955, 0.80).mix(v(0.98, 0.91, 0.70), 0.5 + 0.5 * patch);
    let (du, dt) = (u - 0.5, t - 0.46);
    let frame = 1.0 - 0.42 * smooth(0.18, 0.62, du * du + dt * dt * 0.8);
    let c = c.times(yellow) * frame;
    // A film over the darks: varnish never lets them be black.
    c * 0.975 + v(0.020, 0.016, 0.009)
}

/// Threads of a fine canvas under the ground.
fn weave(x: f32, y: f32) -> f32 {
    let warp = crate::maths::sin(x * 1.75 + 0.6 * noise2(x * 0.05, y * 0.02, 511));
    let weft = crate::maths::sin(y * 1.60 + 0.6 * noise2(x * 0.02, y * 0.05, 512));
    0.5 * (warp * warp + weft * weft) - 0.5
}

/// How deep a crack is at a place (in pixels of a picture 1600 high), 0 to 1.
fn craquelure(x: f32, y: f32, unit: f32) -> f32 {
    // Cracks wander, run denser in patches, and are longer across the grain of the panel.
    let wx = x + 7.0 * noise2(x / 23.0, y / 23.0, 521) + 2.0 * noise2(x / 7.0, y / 7.0, 522);
    let wy = y + 7.0 * noise2(x / 23.0, y / 23.0, 523) + 2.0 * noise2(x / 7.0, y / 7.0, 524);
    let patch = fractal2(x / 260.0, y / 260.0, 3, 0.5, 525);
    let wide = 0.68 / unit.clamp(0.5, 1.5);
    let coarse = crack_cells(wx / 34.0, wy / 25.0, 531) * 29.0;
    let fine = crack_cells(wx / 17.0, wy / 13.0, 532) * 15.0;
    let strength = 0.55 + 0.45 * noise2(x / 31.0, y / 31.0, 533);
    let first = smooth(wide, wide * 0.25, coarse) * smooth(-0.45, 0.15, patch) * strength;
    let second = smooth(wide * 0.8, wide * 0.2, fine) * smooth(0.0, 0.45, patch) * strength * 0.7;
    first.max(second).clamp(0.0, 1.0)
}

/// Distance to the nearest border between cells around scattered points, in cells.
fn crack_cells(x: f32, y: f32, seed: u32) -> f32 {
    let (fx, fy) = (x.floor(), y.floor());
    let (mut nearest, mut second) = ((f32::MAX, [0.0; 2]), (f32::MAX, [0.0; 2]));
    for j in -1..=1 {
        for i in -1..=1 {
            let (cx, cy) = (fx as i32 + i, fy as i32 + j);
            let h = hash((cx as u32) ^ hash((cy as u32) ^ hash(seed)));
            let px = cx as f32 + 0.1 + 0.8 * ((h & 0xffff) as f32 / 65535.0);
            let py = cy as f32 + 0.1 + 0.8 * ((h >> 16) as f32 / 65535.0);
            let d = (x - px) * (x - px) + (y - py) * (y - py);
            if d < nearest.0 {
                second = nearest;
                nearest = (d, [px, py]);
            } else if d < second.0 {
                second = (d, [px, py]);
            }
        }
    }
    let (a, b) = (nearest.1, second.1);
    let apart = ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt();
    (second.0 - nearest.0) / (2.0 * apart.max(1e-3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cracks_are_thin_and_there() {
        let mut cracked = 0;
        for y in 0..400 {
            for x in 0..400 {
                if craquelure(x as f32, y as f32, 1.0) > 0.3 {
                    cracked += 1;
                }
            }
        }
        let share = cracked as f32 / 160_000.0;
        assert!(share > 0.002 && share < 0.15, "{share}");
    }
}
