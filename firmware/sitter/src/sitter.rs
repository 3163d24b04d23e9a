//! The sitter before a webcam: draws a performance, fast enough to be a live camera.

use crate::figure::{Detail, Figure, Stuff, eye_colour, trunk_colour};
use crate::head::hair::{Fineness, single_hairs};
use crate::light::Lamp;
use crate::maths::{Rotation, Vec3, fractal2, mix, pow, smooth, v};
use crate::performance::Performance;
use crate::raster::{NOTHING, Projected, Raster, View, weights};
use crate::transfer::{Answer, answers, lit, surroundings};
use sfumato_core::pixels::{PixelsMut, Rgb};

/// How much finer than the picture the figure is drawn, each way, to smooth its edges.
const FINER: usize = 2;
/// How far the jaw is open in the second set of answers.
const AJAR: f32 = 0.8;

/// The built-in visitor. Make one, then draw as many pictures as you like; drawing allocates nothing.
#[derive(Debug)]
pub struct Sitter {
    width: usize,
    height: usize,
    figure: Figure,
    view: View,
    lamps: Vec<Lamp>,
    /// How every point answers light at rest, and with the jaw open and the eyes shut.
    rest: Vec<Vec<Answer>>,
    moved: Vec<Vec<Answer>>,
    raster: Raster,
    projected: Vec<Vec<Projected>>,
    colours: Vec<Vec<Vec3>>,
    /// First label of each layer.
    firsts: Vec<u32>,
    room: Vec<Vec3>,
    /// sRGB byte of a linear value in 1/4096.
    bytes: Vec<u8>,
}

impl Sitter {
    /// A sitter for pictures of `width` by `height` pixels. Takes about a second.
    pub fn new(width: usize, height: usize) -> Self {
        let (width, height) = (width.max(1), height.max(1));
        let mut figure = Figure::new(Detail {
            face: 2,
            eye: 28,
            hair: Fineness {
                locks: 60,
                length: 24,
                around: 4,
            },
            trunk: (80, 70),
        });
        let rest = answers(&figure, 72, 448);
        let extreme = Performance {
            jaw_open: AJAR,
            blink_right: 1.0,
            blink_left: 1.0,
            ..Default::default()
        };
        figure.pose(&extreme, 0.0);
        let moved = answers(&figure, 72, 448);
        for layer in &mut figure.layers {
            for (colour, &strand) in layer.colour.iter_mut().zip(&layer.strand) {
                *colour = *colour * single_hairs(strand);
            }
        }
        // A face width of about 0.3 picture widths at 4:3, as before a laptop.
        let distance = 72.0;
        let scale = (height as f32 * 4.0 / 3.0).min(width as f32 * 1.2) * 0.0215 * FINER as f32;
        let view = View::Camera {
            eye: v(0.0, 1.0, distance),
            focal: scale * distance,
            middle: [
                (width * FINER) as f32 * 0.5,
                (height * FINER) as f32 * 0.5 - 3.2 * scale,
            ],
        };
        let firsts = figure
            .layers
            .iter()
            .scan(0, |next, layer| {
                let first = *next;
                *next += layer.triangles.len() as u32;
                Some(first)
            })
            .collect();
        Sitter {
            width,
            height,
            view,
            lamps: office(),
            rest,
            moved,
            raster: Raster::new(width * FINER, height * FINER),
            projected: figure
                .layers
                .iter()
                .map(|l| vec![[0.0; 3]; l.points.len()])
                .collect(),
            colours: figure
                .layers
                .iter()
                .map(|l| vec![Vec3::ZERO; l.points.len()])
                .collect(),
            firsts,
            room: room(width, height),
            bytes: (0..=4096)
                .map(|i| (pow(i as f32 / 4096.0, 1.0 / 2.2) * 255.0 + 0.5) as u8)
                .collect(),
            figure,
        }
    }

    /// Columns of the pictures.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows of the pictures.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Draws the sitter doing `performance` into the top left of `out`.
    pub fn render(&mut self, performance: &Performance, mut out: PixelsMut<'_, Rgb>) {
        let act = performance.bounded();
        self.figure.pose(&act, 0.0);
        self.illuminate(&act);
        self.raster.clear();
        for ((layer, points), &first) in self
            .figure
            .layers
            .iter()
            .zip(&mut self.projected)
            .zip(&self.firsts)
        {
            for (to, &p) in points.iter_mut().zip(&layer.points) {
                *to = self.view.project(p);
            }
            self.raster
                .draw(points, &layer.triangles, first, layer.stuff != Stuff::Lash);
        }
        for y in 0..self.height.min(out.height()) {
            for x in 0..self.width.min(out.width()) {
                let c = develop(self.pixel(x, y));
                let byte = |k: f32| self.bytes[(k.clamp(0.0, 1.0) * 4096.0) as usize];
                if let Some(pixel) = out.row_mut(y).get_mut(x) {
                    *pixel = [byte(c.x), byte(c.y), byte(c.z)];
                }
            }
        }
    }

    /// Lights every point.
    fn illuminate(&mut self, act: &Performance) {
        let open = (act.jaw_open / AJAR).min(1.0);
        let blinks = [act.blink_right, act.blink_left];
        let head = surroundings(&self.lamps, &self.figure.turn);
        let trunk = surroundings(&self.lamps, &Rotation::from_degrees(0.0, 0.0, 0.0));
        for (l, layer) in self.figure.layers.iter().enumerate() {
            let around = if layer.stuff == Stuff::Trunk {
                &trunk
            } else {
                &head
            };
            for (i, to) in self.colours[l].iter_mut().enumerate() {
                let p = layer.rest[i];
                let share = match layer.stuff {
                    Stuff::Hair | Stuff::Lash => 0.0,
                    Stuff::Eye => blinks[usize::from(p.x > 0.0)],
                    Stuff::Skin if self.figure.face.lid(i) > 0.0 => {
                        blinks[usize::from(p.x > 0.0)] * self.figure.face.lid(i)
                    }
                    Stuff::Skin if p.y > -1.0 => 0.0,
                    _ => open,
                };
                let mut light = lit(&self.rest[l][i], around);
                if share > 0.0 {
                    // A stretched lid is smoother and paler than the folded one.
                    let gain = match layer.stuff {
                        Stuff::Skin => 1.0 + 0.25 * self.figure.face.lid(i),
                        _ => 1.0,
                    };
                    light = light.mix(lit(&self.moved[l][i], around) * gain, share);
                }
                *to = match layer.stuff {
                    // Iris and neckline are coloured pixel by pixel.
                    Stuff::Eye | Stuff::Trunk => light,
                    Stuff::Skin => {
                        let n = layer.normals[i];
                        let half = v(-0.25, 0.35, 0.9);
                        let gloss = pow(n.dot(half).max(0.0), 12.0);
                        layer.colour[i].times(light) + light * (0.035 * gloss)
                    }
                    _ => layer.colour[i].times(light),
                };
            }
        }
    }

    /// The linear colour of one pixel: one sample within a surface, all of them at an edge.
    fn pixel(&self, x: usize, y: usize) -> Vec3 {
        let room = self.room[y * self.width + x];
        let at = y * FINER * self.raster.width + x * FINER;
        let layer_of = |at: usize| match self.raster.label[at] {
            NOTHING => usize::MAX,
            label => self.firsts.partition_point(|&first| first <= label),
        };
        let first = layer_of(at);
        let near = self.raster.near[at];
        let even = (1..FINER * FINER).all(|sub| {
            let at = at + sub % FINER + sub / FINER * self.raster.width;
            // Half a centimetre of depth at the sitter's distance.
            layer_of(at) == first && (self.raster.near[at] - near).abs() < 1.0e-4
        });
        let eye = self
            .figure
            .layers
            .get(first.wrapping_sub(1))
            .is_some_and(|l| l.stuff == Stuff::Eye);
        if even && !eye {
            return self.sample(x * FINER, y * FINER).unwrap_or(room);
        }
        let mut sum = Vec3::ZERO;
        for sub in 0..FINER * FINER {
            sum += self
                .sample(x * FINER + sub % FINER, y * FINER + sub / FINER)
                .unwrap_or(room);
        }
        sum * (1.0 / (FINER * FINER) as f32)
    }

    /// The linear colour of one fine pixel; none where the room shows.
    fn sample(&self, x: usize, y: usize) -> Option<Vec3> {
        let label = self.raster.label[y * self.raster.width + x];
        if label == NOTHING {
            return None;
        }
        let l = self.firsts.partition_point(|&first| first <= label) - 1;
        let layer = &self.figure.layers[l];
        let t = layer.triangles[(label - self.firsts[l]) as usize].map(|i| i as usize);
        let w = weights(
            t.map(|i| self.projected[l][i]),
            x as f32 + 0.5,
            y as f32 + 0.5,
        );
        let blend = |of: &[Vec3]| of[t[0]] * w[0] + of[t[1]] * w[1] + of[t[2]] * w[2];
        let colour = blend(&self.colours[l]);
        match layer.stuff {
            Stuff::Eye => {}
            Stuff::Trunk => return Some(trunk_colour(blend(&layer.rest)).0.times(colour)),
            _ => return Some(colour),
        }
        let p = blend(&layer.points);
        let side = usize::from(self.figure.unplace(p).x > 0.0);
        let d = self.figure.turn.undo(p - self.figure.eye(side)).unit();
        let (tint, _) = eye_colour(self.figure.gaze[side].undo(d));
        let look = self
            .figure
            .turn
            .apply(self.figure.gaze[side].apply(v(0.0, 0.0, 1.0)));
        let glint = self.figure.eye(side) + look * 0.66 + v(-0.22, 0.34, 0.62);
        let off = p - glint;
        let off = (off.x * off.x + off.y * off.y).sqrt();
        Some(tint.times(colour) + Vec3::ONE * (0.7 * smooth(0.15, 0.06, off)))
    }
}

/// A camera's response: a shoulder for the lights, a little toe for the darks.
fn develop(c: Vec3) -> Vec3 {
    c.map(|k| k * (1.0 + 0.3 * k) / (1.0 + 0.62 * k))
}

/// A room with a window to the left, a lamp to the right and bright walls.
fn office() -> Vec<Lamp> {
    [
        (v(-0.75, 0.08, 0.5), v(1.0, 0.96, 0.92) * 0.70),
        (v(-0.15, 0.75, 0.65), v(1.0, 0.96, 0.92) * 0.03),
        (v(0.75, 0.25, 0.55), v(1.0, 0.86, 0.70) * 0.25),
        (v(-0.1, -0.33, 0.95), v(0.97, 0.98, 1.0) * 1.0),
        (v(0.0, 1.0, 0.0), v(0.9, 0.95, 1.0) * 0.05),
        (v(-0.9, 0.1, -0.3), v(0.9, 0.95, 1.0) * 0.25),
        (v(0.9, 0.1, -0.3), v(1.0, 0.9, 0.8) * 0.22),
        (v(0.0, -1.0, 0.2), v(1.0, 0.85, 0.7) * 0.10),
    ]
    .map(|(toward, strength): (Vec3, Vec3)| Lamp {
        toward: toward.unit(),
        strength,
    })
    .to_vec()
}

/// The room behind the sitter, out of focus.
fn room(width: usize, height: usize) -> Vec<Vec3> {
    let aspect = width as f32 / height as f32;
    let mut pixels = Vec::with_capacity(width * height);
    for y in 0..height {
        for x in 0..width {
            let u = ((x as f32 + 0.5) / width as f32 - 0.5) * aspect;
            let t = (y as f32 + 0.5) / height as f32;
            let wall =
                v(0.36, 0.34, 0.30) * mix(1.05, 0.75, t) * mix(1.12, 0.80, smooth(-0.7, 0.7, u));
            let mut c = wall * (1.0 + 0.03 * fractal2(u * 3.0, t * 3.0, 3, 0.5, 41));
            // A shelf with books, a picture and a door, all soft.
            let soft = 0.035;
            let boxed = |u0: f32, u1: f32, t0: f32, t1: f32| {
                smooth(u0 - soft, u0 + soft, u)
                    * smooth(u1 + soft, u1 - soft, u)
                    * smooth(t0 - soft, t0 + soft, t)
                    * smooth(t1 + soft, t1 - soft, t)
            };
            c = c.mix(v(0.16, 0.11, 0.075), 0.85 * boxed(0.33, 0.62, 0.16, 1.2));
            for book in 0..6 {
                let left = 0.35 + 0.042 * book as f32;
                let hue = [
                    v(0.25, 0.08, 0.06),
                    v(0.07, 0.14, 0.20),
                    v(0.30, 0.26, 0.18),
                ][book % 3];
                c = c.mix(hue, 0.5 * boxed(left, left + 0.03, 0.24, 0.42));
            }
            c = c.mix(v(0.50, 0.55, 0.60), 0.8 * boxed(-0.72, -0.42, 0.02, 0.50));
            c = c.mix(
                v(0.20, 0.25, 0.16),
                0.55 * smooth(
                    0.22,
                    0.05,
                    ((u + 0.52) * (u + 0.52) + (t - 0.88) * (t - 0.88)).sqrt(),
                ),
            );
            pixels.push(c);
        }
    }
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::{Mutex, OnceLock, PoisonError};

    const WIDTH: usize = 96;
    const HEIGHT: usize = 72;

    /// One sitter for all tests: making one casts thousands of shadows.
    fn draw(act: &Performance) -> Vec<Rgb> {
        static SITTER: OnceLock<Mutex<Sitter>> = OnceLock::new();
        let sitter = SITTER.get_or_init(|| Mutex::new(Sitter::new(WIDTH, HEIGHT)));
        let mut pixels = vec![[0; 3]; WIDTH * HEIGHT];
        let out = PixelsMut::new(&mut pixels, WIDTH, HEIGHT, WIDTH).unwrap();
        sitter
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .render(act, out);
        pixels
    }

    /// Mean position of the pixels in which two pictures differ by more than a trifle.
    fn where_differ(a: &[Rgb], b: &[Rgb]) -> Option<(f32, f32)> {
        let differ: Vec<usize> = (0..a.len())
            .filter(|&i| a[i].iter().zip(b[i]).any(|(&p, q)| p.abs_diff(q) > 24))
            .collect();
        let n = differ.len() as f32;
        let sum = differ.iter().fold((0.0, 0.0), |(x, y), &i| {
            (x + (i % WIDTH) as f32, y + (i / WIDTH) as f32)
        });
        (!differ.is_empty()).then(|| (sum.0 / n, sum.1 / n))
    }

    #[test]
    fn what_was_drawn_before_leaves_no_trace() {
        let rest = draw(&Performance::default());
        let turned = draw(&Performance {
            yaw: 20.0,
            jaw_open: 1.0,
            ..Default::default()
        });
        assert!(where_differ(&rest, &turned).is_some());
        assert_eq!(rest, draw(&Performance::default()));
    }

    #[test]
    fn sides_are_the_sitters_own() {
        let rest = draw(&Performance::default());
        let right = draw(&Performance {
            blink_right: 1.0,
            ..Default::default()
        });
        let left = draw(&Performance {
            blink_left: 1.0,
            ..Default::default()
        });
        let middle = WIDTH as f32 / 2.0;
        let (right_x, eyes_y) = where_differ(&rest, &right).unwrap();
        let (left_x, _) = where_differ(&rest, &left).unwrap();
        assert!(right_x < middle - 2.0 && left_x > middle + 2.0);
        let jaw = draw(&Performance {
            jaw_open: 1.0,
            ..Default::default()
        });
        let (_, mouth_y) = where_differ(&rest, &jaw).unwrap();
        assert!(
            mouth_y > eyes_y + 5.0,
            "mouth at {mouth_y}, eyes at {eyes_y}"
        );
    }

    #[test]
    fn pictures_of_other_sizes_are_filled_as_far_as_they_go() {
        let mut sitter = Sitter::new(24, 16);
        let act = Performance::default();
        for (width, height) in [(10, 40), (40, 10), (1, 1), (24, 16)] {
            let mut pixels = vec![[1, 2, 3]; width * height];
            sitter.render(
                &act,
                PixelsMut::new(&mut pixels, width, height, width).unwrap(),
            );
            assert_ne!(pixels[0], [1, 2, 3]);
            if width > 24 {
                assert_eq!(pixels[24], [1, 2, 3]);
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn no_performance_is_too_much(bits in proptest::array::uniform12(any::<u32>())) {
            let [yaw, pitch, roll, jaw_open, smile, pucker, brow_up, brow_down, blink_right,
                blink_left, gaze_yaw, gaze_pitch] = bits.map(f32::from_bits);
            draw(&Performance {
                yaw, pitch, roll, jaw_open, smile, pucker, brow_up, brow_down,
                blink_right, blink_left, gaze_yaw, gaze_pitch,
            });
        }

        #[test]
        fn every_extreme_at_once_is_drawn(signs in proptest::array::uniform12(-1.0f32..=1.0)) {
            let s = signs.map(|s| s * 100.0);
            draw(&Performance {
                yaw: s[0], pitch: s[1], roll: s[2], jaw_open: s[3], smile: s[4], pucker: s[5],
                brow_up: s[6], brow_down: s[7], blink_right: s[8], blink_left: s[9],
                gaze_yaw: s[10], gaze_pitch: s[11],
            });
        }
    }
}
