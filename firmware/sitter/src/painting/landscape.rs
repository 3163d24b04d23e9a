//! The far landscape behind the sitter: hazy crags, a lake, a winding road, dark banks.
//!
//! Layers from the sky forward, each a ridge line; the farther, the bluer and paler (what
//! Leonardo called the perspective of the air). Nothing here is sharp: the brush will see to it.

use crate::maths::{Vec3, bell, fractal2, noise2, sin, smooth, v};

/// The landscape's colour at a place: `u` from the middle, `t` downwards, both in picture heights.
pub(super) fn landscape(u: f32, t: f32) -> Vec3 {
    // Sky: dim green-blue above, warm where it meets the mountains.
    let cloud = fractal2(u * 2.2 + 3.0, t * 6.0, 4, 0.5, 101);
    let mut c = v(0.060, 0.078, 0.070).mix(v(0.27, 0.26, 0.185), smooth(0.02, 0.36, t));
    c = c * (1.0 + 0.22 * cloud);
    c = c.mix(
        v(0.36, 0.33, 0.22),
        0.6 * bell(t - 0.33, 0.09) * bell(u + 0.30, 0.22),
    );
    let haze = v(0.215, 0.225, 0.185);
    for (number, ridge) in RIDGES.iter().enumerate() {
        let seed = 200 + 10 * number as u32;
        let top = ridge.line(u, seed);
        if t <= top - 0.004 {
            continue;
        }
        let body = smooth(top - 0.004, top + 0.004, t);
        let depth = ((t - top) / ridge.fall).clamp(0.0, 1.0);
        // Crags catch the light from the left and dissolve in mist at their feet.
        let crag = fractal2(u * ridge.grain, t * ridge.grain * 0.75, 4, 0.55, seed + 5);
        let slope = ridge.line(u + 0.006, seed) - ridge.line(u - 0.006, seed);
        let light = (0.45 - 16.0 * slope + 1.5 * crag).clamp(-0.3, 1.3);
        let rock = ridge.dark.mix(ridge.light, light);
        let rock = rock.mix(haze, ridge.mist * smooth(0.15, 1.0, depth));
        c = c.mix(rock, body);
    }
    // A lake between the far shore and the near hills, brightest at the far shore.
    let shore = 0.470 + 0.008 * noise2(u * 9.0, 0.0, 301) + 0.012 * u;
    let bank = 0.545 + 0.030 * fractal2(u * 4.0, 1.0, 3, 0.5, 302) + 0.05 * u.abs();
    let water = smooth(shore - 0.003, shore + 0.003, t) * smooth(bank + 0.006, bank - 0.002, t);
    let ripple = 0.10 * noise2(u * 14.0, t * 160.0, 303);
    let mirror = v(0.20, 0.215, 0.175).mix(v(0.085, 0.100, 0.085), smooth(shore, bank, t));
    c = c.mix(mirror * (1.0 + ripple), 0.85 * water);
    // Near hills, warm and dim, one fold of ground behind the other.
    for fold in 0..4u32 {
        let f = fold as f32;
        let top = bank
            + 0.075 * f
            + 0.035 * fractal2(u * (3.2 - 0.4 * f) + 2.7 * f, 5.0, 4, 0.5, 311 + fold)
            - 0.05 * (u.abs() - 0.2).max(0.0) * (f + 1.0);
        if t < top - 0.008 {
            continue;
        }
        let body = smooth(top - 0.006, top + 0.006, t);
        let under = t - top;
        let tuft = fractal2(u * 22.0, t * 26.0, 4, 0.6, 331 + fold);
        let lit = smooth(0.045, 0.0, under) * (0.7 + 0.5 * tuft);
        let earth = v(0.050, 0.044, 0.026).mix(v(0.150, 0.118, 0.062), lit.clamp(0.0, 1.0));
        let earth = earth * (1.0 + 0.35 * tuft) * (1.0 - 0.20 * f);
        c = c.mix(earth, body);
        // Bushes and small trees along the crest, darkest below.
        let grove = fractal2(u * 11.0 + 3.0 * f, f, 4, 0.6, 341 + fold);
        let crown = 0.030 * (grove - 0.05).max(0.0) * (1.0 + 0.5 * noise2(u * 120.0, f, 351));
        let tree =
            smooth(top - crown * 1.1, top - crown * 0.8, t) * smooth(top + 0.020, top + 0.004, t);
        c = c.mix(
            v(0.020, 0.026, 0.015) * (1.0 + 0.5 * tuft),
            0.85 * tree * smooth(0.02, 0.10, grove),
        );
    }
    // The road winds down from the lake, broader the nearer it comes.
    let down = (t - bank).max(0.0);
    let way = -0.255 - 0.34 * down + (0.018 + 0.15 * down) * sin(38.0 * down / (0.35 + 1.6 * down));
    let wide = 0.0025 + 0.034 * down;
    let road = smooth(wide, wide * 0.45, (u - way).abs())
        * smooth(0.0, 0.02, down)
        * smooth(0.34, 0.16, down);
    let dust = 1.0 + 0.25 * fractal2(u * 60.0, t * 60.0, 2, 0.5, 361);
    c = c.mix(v(0.165, 0.132, 0.078) * dust, 0.7 * road);
    c * 1.25
}

struct Ridge {
    base: f32,
    height: f32,
    grain: f32,
    /// How far below the line the mist is complete, in picture heights.
    fall: f32,
    mist: f32,
    dark: Vec3,
    light: Vec3,
    /// Lifts the ridge towards the left (negative) or right.
    lean: f32,
}

impl Ridge {
    fn line(&self, u: f32, seed: u32) -> f32 {
        let rough = fractal2(u * 4.3 + 7.0, 0.0, 5, 0.52, seed);
        let peaks = 1.0 - fractal2(u * 2.4, 3.0, 3, 0.5, seed + 1).abs() * 1.7;
        self.base - self.height * (0.55 * peaks + 0.55 * rough) + self.lean * u
    }
}

const RIDGES: [Ridge; 4] = [
    Ridge {
        base: 0.375,
        height: 0.085,
        grain: 14.0,
        fall: 0.10,
        mist: 0.85,
        lean: -0.04,
        dark: v(0.115, 0.152, 0.152),
        light: v(0.245, 0.255, 0.215),
    },
    Ridge {
        base: 0.420,
        height: 0.110,
        grain: 17.0,
        fall: 0.10,
        mist: 0.80,
        lean: 0.07,
        dark: v(0.050, 0.080, 0.084),
        light: v(0.185, 0.195, 0.155),
    },
    Ridge {
        base: 0.462,
        height: 0.080,
        grain: 20.0,
        fall: 0.06,
        mist: 0.60,
        lean: -0.06,
        dark: v(0.024, 0.042, 0.040),
        light: v(0.140, 0.138, 0.092),
    },
    Ridge {
        base: 0.482,
        height: 0.035,
        grain: 24.0,
        fall: 0.03,
        mist: 0.15,
        lean: 0.02,
        dark: v(0.022, 0.032, 0.026),
        light: v(0.070, 0.066, 0.040),
    },
];
