//! Light: how much of it reaches each point of the figure.
//!
//! A soft light is many small ones. For each direction a depth map is drawn as the light sees
//! the figure; what is hidden in the map is in shadow. Summed over a hundred directions this gives soft
//! shadows, the darkness of folds and corners, and the slow turning of form into shade that
//! sfumato is about, all at once.

use crate::figure::{Figure, Stuff};
use crate::maths::{Vec3, smooth, v};
use crate::raster::{Projected, Raster, View};

/// A small far light: direction towards it and its strength (linear red, green, blue).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lamp {
    pub toward: Vec3,
    pub strength: Vec3,
}

/// Evenly spread directions over the whole sphere.
pub(crate) fn directions(count: usize) -> Vec<Vec3> {
    (0..count)
        .map(|i| {
            let y = 1.0 - (2.0 * i as f32 + 1.0) / count as f32;
            let r = (1.0 - y * y).max(0.0).sqrt();
            let (s, c) = crate::maths::sin_cos(i as f32 * 2.399_963_2);
            v(r * c, y, r * s)
        })
        .collect()
}

/// How a stuff answers light from `toward`, before shadow: cosine, softened for hair and skin.
fn response(stuff: Stuff, normal: Vec3, toward: Vec3) -> f32 {
    let cosine = normal.dot(toward);
    match stuff {
        Stuff::Hair => (0.35 + 0.65 * cosine).max(0.0),
        Stuff::Skin => ((cosine + 0.10) / 1.10).max(0.0),
        _ => cosine.max(0.0),
    }
}

/// Tells, direction by direction, how much each point receives: `each(direction, layer, point, share)`.
///
/// `side` is the depth maps' size in pixels, `centre` and `radius` the ball they cover.
pub(crate) fn survey(
    figure: &Figure,
    directions: &[Vec3],
    (centre, radius, side): (Vec3, f32, usize),
    mut each: impl FnMut(usize, usize, usize, f32),
) {
    let mut map = Raster::new(side, side);
    let mut projected: Vec<Projected> = Vec::new();
    let texel = 2.0 * radius / side as f32;
    for (number, &toward) in directions.iter().enumerate() {
        let view = View::from_light(toward, centre, radius, side);
        map.clear();
        for layer in &figure.layers {
            projected.clear();
            projected.extend(layer.points.iter().map(|&p| view.project(p)));
            map.draw(&projected, &layer.triangles, 0, false);
        }
        for (l, layer) in figure.layers.iter().enumerate() {
            for (i, (&p, &n)) in layer.points.iter().zip(&layer.normals).enumerate() {
                let answer = response(layer.stuff, n, toward);
                if answer <= 0.0 {
                    continue;
                }
                let lift = if layer.stuff == Stuff::Hair {
                    0.35
                } else {
                    1.3 * texel
                };
                let [x, y, near] = view.project(p + n * lift);
                let light = lit(&map, x, y, near + 0.6 * texel);
                if light > 0.0 {
                    each(number, l, i, answer * light);
                }
            }
        }
    }
}

/// Share of the four nearest depth samples that do not hide a point.
fn lit(map: &Raster, x: f32, y: f32, near: f32) -> f32 {
    let (fx, fy) = ((x - 0.5).floor(), (y - 0.5).floor());
    if fx < 0.0 || fy < 0.0 || fx as usize + 1 >= map.width || fy as usize + 1 >= map.height {
        return 1.0;
    }
    let (tx, ty) = (x - 0.5 - fx, y - 0.5 - fy);
    let at = fy as usize * map.width + fx as usize;
    let clear = |i: usize| if map.near[i] > near { 0.0 } else { 1.0 };
    let top = clear(at) * (1.0 - tx) + clear(at + 1) * tx;
    let bottom = clear(at + map.width) * (1.0 - tx) + clear(at + map.width + 1) * tx;
    top * (1.0 - ty) + bottom * ty
}

/// A painter's window: soft, from one side and above, in a dim room with a warm floor.
///
/// `spread` is how far the window reaches around `key`, as one minus a cosine. Half of `count`
/// goes to the window, where shadows have edges, the rest to the room all around.
pub(crate) fn studio(count: usize, key: Vec3, spread: f32, colours: [Vec3; 3]) -> Vec<Lamp> {
    let key = key.unit();
    let [window, room, bounce] = colours;
    let mut lamps = Vec::new();
    let dense = (count as f32 / spread) as usize;
    for toward in directions(dense) {
        let lobe = smooth(1.0 - spread, 1.0, toward.dot(key));
        if lobe > 0.0 {
            lamps.push(Lamp {
                toward,
                strength: window * (lobe * 4.0 / dense as f32),
            });
        }
    }
    let sparse = count / 2;
    for toward in directions(sparse) {
        let up = smooth(-0.4, 0.9, toward.y);
        let strength = room * (0.25 + 0.75 * up) + bounce * smooth(0.1, -0.8, toward.y);
        lamps.push(Lamp {
            toward,
            strength: strength * (4.0 / sparse as f32),
        });
    }
    lamps
}
