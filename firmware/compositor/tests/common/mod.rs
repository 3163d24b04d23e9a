//! Portraits and drawings made up for tests: the same bits on every machine.

#![allow(dead_code)] // each test file uses its part

use sfumato_compositor::{EyeLayers, Picture, Portrait};
use sfumato_core::drawing::*;
use sfumato_core::geometry::{Point, Rect};
use sfumato_core::pixels::xrgb;

pub const WIDTH: u32 = 300;
pub const HEIGHT: u32 = 340;

/// A textured, painting-like picture: slow tones with fine strokes over them.
pub fn painted(width: u32, height: u32, seed: u32) -> Picture {
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (fx, fy) = (f64::from(x), f64::from(y));
            let slow = libm::sin(fx / 37.0) * 40.0 + libm::cos(fy / 29.0) * 40.0;
            let stroke = (libm::sin(fx * 0.7 + fy * 1.1 + f64::from(seed)) * 15.0).round();
            let noise = f64::from((x * 31 + y * 17 + seed).wrapping_mul(2_654_435_761) >> 28) - 8.0;
            let value =
                |offset: f64| (128.0 + offset + slow + stroke + noise).clamp(0.0, 255.0) as u8;
            pixels.push(xrgb([value(20.0), value(0.0), value(-30.0)]));
        }
    }
    Picture::from_pixels(width, height, pixels).unwrap()
}

fn eye(x: u32, y: u32) -> EyeLayers {
    let rect = Rect {
        x,
        y,
        width: 44,
        height: 33,
    };
    let centre = Point {
        x: x as f32 + 22.0,
        y: y as f32 + 17.0,
    };
    let radius = 9.0;
    let mut sclera = Picture::new(44, 33, 0);
    let mut iris = Picture::new(44, 33, 0);
    for row in 0..33_u32 {
        for column in 0..44_u32 {
            let (dx, dy) = (column as f32 + 0.5 - 22.0, row as f32 + 0.5 - 17.0);
            let at = (row * 44 + column) as usize;
            let between_lids = (dx / 20.0).powi(2) + (dy / 9.0).powi(2) < 1.0;
            let mask = if between_lids { 255 } else { 0 };
            sclera.pixels_mut()[at] =
                xrgb([200, 190 + (row % 5) as u8, 170]) & 0xff_ffff | mask << 24;
            let cover =
                ((radius - (dx * dx + dy * dy).sqrt() + 0.5).clamp(0.0, 1.0) * 255.0) as u32;
            iris.pixels_mut()[at] =
                xrgb([70, 50 + (column % 7) as u8, 30]) & 0xff_ffff | cover << 24;
        }
    }
    EyeLayers {
        rect,
        sclera,
        iris,
        iris_centre: centre,
        iris_radius: radius,
    }
}

/// A background whose share of ground falls from all to none across it.
fn plate() -> Picture {
    let mut plate = painted(230, 230, 99);
    for (i, pixel) in plate.pixels_mut().iter_mut().enumerate() {
        *pixel = (*pixel & 0x00ff_ffff) | (255 - (i as u32 % 230).min(120) * 2) << 24;
    }
    plate
}

pub fn portrait() -> Portrait {
    Portrait {
        painting: painted(WIDTH, HEIGHT, 1),
        region: Rect {
            x: 31,
            y: 40,
            width: 230,
            height: 230,
        },
        plate: Some(plate()),
        eyes: [eye(80, 110), eye(160, 112)],
        mouth_size: [0.4, 0.27],
        grain: Some(Picture::new(8, 8, xrgb([128; 3]))),
    }
}

fn amount(value: f64) -> Amount {
    Amount::from_num(value)
}

/// Fills a grid by position in [0, 1] x [0, 1].
pub fn fill(grid: &mut [Amount], columns: usize, value: impl Fn(f64, f64) -> f64) {
    let rows = grid.len() / columns;
    for (index, node) in grid.iter_mut().enumerate() {
        let x = ((index % columns) as f64 + 0.5) / columns as f64;
        let y = ((index / columns) as f64 + 0.5) / rows as f64;
        *node = amount(value(x, y));
    }
}

/// 1 in the middle, falling to 0 at the border.
pub fn window(x: f64, y: f64) -> f64 {
    let edge = x.min(1.0 - x).min(y).min(1.0 - y);
    (edge * 8.0).clamp(0.0, 1.0)
}

/// Everything moves: a turning head, an open mouth, one eye half closed and looking aside.
pub fn lively(strength: f64) -> Box<Drawing> {
    let mut drawing = Box::new(Drawing::REST);
    let field = &mut drawing.field;
    let side = FIELD_SIDE;
    let turn = 0.06 * strength;
    fill(&mut field.flow_x, side, |x, y| {
        turn * (y - 0.5) * window(x, y) + 0.01 * strength * libm::sin(9.0 * y)
    });
    fill(&mut field.flow_y, side, |x, y| {
        -turn * (x - 0.5) * window(x, y) + 0.01 * strength * libm::sin(7.0 * x)
    });
    fill(&mut field.alpha, side, window);
    fill(&mut field.occlusion, side, |x, y| {
        strength
            * if libm::hypot(x - 0.15, y - 0.4) < 0.12 {
                0.8
            } else {
                0.0
            }
    });
    for (channel, residual) in field.residual.iter_mut().enumerate() {
        fill(residual, side, |x, y| {
            strength * 0.08 * libm::sin(6.0 * x + 2.0 * y + channel as f64)
        });
    }
    let mouth = &mut drawing.mouth;
    mouth.centre = [amount(0.5), amount(0.72)];
    // Two lips that meet in two corners.
    let arch = |x: f64| 0.25 * strength - 1.9 * (x - 0.5) * (x - 0.5);
    fill(&mut mouth.upper, MOUTH_WIDTH, |x, y| arch(x) + (y - 0.5));
    fill(&mut mouth.lower, MOUTH_WIDTH, |x, y| arch(x) - (y - 0.5));
    fill(&mut mouth.flow_y, MOUTH_WIDTH, |x, y| {
        -0.05 * strength * (y - 0.5) * window(x, y)
    });
    fill(&mut mouth.flow_x, MOUTH_WIDTH, |x, y| {
        0.01 * strength * window(x, y)
    });
    for (channel, colour) in mouth.colour.iter_mut().enumerate() {
        fill(colour, MOUTH_WIDTH, |x, y| {
            0.2 + 0.1 * x + 0.05 * y - 0.05 * channel as f64
        });
    }
    for (side, eye) in drawing.eyes.iter_mut().enumerate() {
        let closed = 0.3 + 0.2 * side as f64;
        eye.gaze = [amount(0.012 * strength), amount(-0.006 * strength)];
        let arch = |x: f64| 0.27 * (1.0 - closed * strength) - (x - 0.5) * (x - 0.5);
        fill(&mut eye.upper, EYE_WIDTH, |x, y| arch(x) + (y - 0.51));
        fill(&mut eye.lower, EYE_WIDTH, |x, y| arch(x) - (y - 0.51));
        fill(&mut eye.flow_y, EYE_WIDTH, |x, y| {
            -0.02 * strength * window(x, y)
        });
        fill(&mut eye.shading, EYE_WIDTH, |x, y| {
            -0.3 * strength * window(x, y) * (1.0 - y)
        });
    }
    drawing
}
