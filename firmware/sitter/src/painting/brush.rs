//! The brush: layers of strokes from broad to fine, with body that catches the light.
//!
//! After Hertzmann's painterly rendering: each layer compares the canvas with the study blurred
//! to the brush's size and lays a curved stroke where they differ. A stroke is not a flat
//! ribbon. Its bristles carry more or less paint, leave furrows, and run dry towards its end.

use super::plane::blur;
use super::study::Study;
use crate::maths::{Random, Vec3, fractal2, noise2, smooth, v};

/// Paint on a panel.
#[derive(Clone, Debug)]
pub(super) struct Canvas {
    pub width: usize,
    pub height: usize,
    /// Gamma-encoded colour.
    pub colour: Vec<Vec3>,
    /// Height of the paint, about 0 to 1.
    pub body: Vec<f32>,
    /// Number of the last stroke at each pixel.
    last: Vec<u32>,
    strokes: u32,
}

/// One pass over the picture with one brush.
struct Layer {
    /// Half the brush's width in pixels of a picture 1600 high.
    radius: f32,
    /// Difference that calls for a stroke.
    tolerance: f32,
    /// Most steps of one stroke, each a radius long.
    steps: usize,
    /// How much the paint covers.
    cover: f32,
    /// Only where the finish is at least this.
    from_finish: f32,
}

const LAYERS: [Layer; 7] = [
    Layer {
        radius: 52.0,
        tolerance: 0.0,
        steps: 7,
        cover: 0.85,
        from_finish: 0.0,
    },
    Layer {
        radius: 26.0,
        tolerance: 0.02,
        steps: 8,
        cover: 0.85,
        from_finish: 0.0,
    },
    Layer {
        radius: 13.0,
        tolerance: 0.022,
        steps: 9,
        cover: 0.85,
        from_finish: 0.0,
    },
    Layer {
        radius: 7.0,
        tolerance: 0.022,
        steps: 10,
        cover: 0.85,
        from_finish: 0.0,
    },
    Layer {
        radius: 4.0,
        tolerance: 0.022,
        steps: 12,
        cover: 0.85,
        from_finish: 0.0,
    },
    Layer {
        radius: 2.4,
        tolerance: 0.020,
        steps: 12,
        cover: 0.85,
        from_finish: 0.3,
    },
    Layer {
        radius: 1.5,
        tolerance: 0.018,
        steps: 10,
        cover: 0.80,
        from_finish: 0.5,
    },
];

pub(super) fn paint(study: &Study, progress: &mut dyn FnMut(f32)) -> Canvas {
    let (width, height) = (study.width, study.height);
    let unit = height as f32 / 1600.0;
    let mut canvas = Canvas {
        width,
        height,
        // A ground toned with umber, unevenly rubbed.
        colour: (0..width * height)
            .map(|i| {
                let (x, y) = ((i % width) as f32 / unit, (i / width) as f32 / unit);
                let rub = fractal2(x / 90.0, y / 60.0, 4, 0.5, 401);
                v(0.36, 0.27, 0.17) * (1.0 + 0.10 * rub)
            })
            .collect(),
        body: vec![0.2; width * height],
        last: vec![0; width * height],
        strokes: 0,
    };
    let mut random = Random::new(1503);
    for (number, layer) in LAYERS.iter().enumerate() {
        let radius = layer.radius * unit;
        if radius < 0.7 && number > 0 {
            continue;
        }
        let reference = blur(&study.colour, width, height, radius * 0.45);
        pass(
            &mut canvas,
            study,
            &reference,
            layer,
            radius.max(1.0),
            &mut random,
        );
        progress((number + 1) as f32 / LAYERS.len() as f32);
    }
    glaze(&mut canvas, study);
    canvas
}

fn pass(
    canvas: &mut Canvas,
    study: &Study,
    reference: &[Vec3],
    layer: &Layer,
    radius: f32,
    random: &mut Random,
) {
    let (width, height) = (canvas.width, canvas.height);
    let step = (radius * 1.1).max(1.5);
    let (columns, rows) = (
        (width as f32 / step) as usize + 1,
        (height as f32 / step) as usize + 1,
    );
    // Strokes go down in no particular order.
    let mut cells: Vec<u32> = (0..(columns * rows) as u32).collect();
    for i in (1..cells.len()).rev() {
        cells.swap(i, (random.bits() as usize) % (i + 1));
    }
    for cell in cells {
        let (cx, cy) = (cell as usize % columns, cell as usize / columns);
        let x = (cx as f32 + 0.5 + 0.5 * random.signed()) * step;
        let y = (cy as f32 + 0.5 + 0.5 * random.signed()) * step;
        let (ix, iy) = ((x as usize).min(width - 1), (y as usize).min(height - 1));
        let at = iy * width + ix;
        let finish = study.finish[at];
        if finish < layer.from_finish {
            continue;
        }
        let gap = (reference[at] - canvas.colour[at]).map(f32::abs);
        let gap = gap.x + gap.y + gap.z;
        if gap < layer.tolerance * 3.0 * (1.6 - 0.8 * finish) {
            continue;
        }
        let path = trace(study, reference, at, radius, layer.steps, random);
        // Broken colour where the painting is loose; flesh stays even.
        let loose = 1.0 - finish;
        let jitter = 0.008 + 0.045 * loose;
        let value = random.normal() * jitter;
        let tint = v(random.normal(), random.normal(), random.normal()) * (0.35 * jitter);
        let colour = reference[at] * (1.0 + value) + tint * 0.5;
        canvas.stroke(
            &path,
            radius * (0.8 + 0.35 * random.unit()),
            colour,
            layer.cover,
            random,
        );
    }
}

/// Follows the form from a place, as long as the colour stays near.
fn trace(
    study: &Study,
    reference: &[Vec3],
    start: usize,
    radius: f32,
    steps: usize,
    random: &mut Random,
) -> Vec<[f32; 2]> {
    let (width, height) = (study.width, study.height);
    let (mut x, mut y) = ((start % width) as f32 + 0.5, (start / width) as f32 + 0.5);
    let colour = reference[start];
    let wander = 0.35 * (1.0 - study.finish[start]) * random.normal();
    let mut before = {
        let d = study.along[start];
        let flip = if random.bits() & 1 == 0 { 1.0 } else { -1.0 };
        [d[0] * flip, d[1] * flip]
    };
    let mut path = vec![[x, y]];
    let wanted = 2 + (random.bits() as usize) % steps.max(1);
    for _ in 0..wanted {
        let at = (y as usize).min(height - 1) * width + (x as usize).min(width - 1);
        if path.len() > 2 {
            let gap = (reference[at] - colour).map(f32::abs);
            if gap.x + gap.y + gap.z > 0.10 {
                break;
            }
        }
        let mut d = study.along[at];
        if d[0] * before[0] + d[1] * before[1] < 0.0 {
            d = [-d[0], -d[1]];
        }
        let turned = [d[0] - d[1] * wander, d[1] + d[0] * wander];
        let mixed = [
            0.6 * turned[0] + 0.4 * before[0],
            0.6 * turned[1] + 0.4 * before[1],
        ];
        let length = (mixed[0] * mixed[0] + mixed[1] * mixed[1]).sqrt().max(1e-4);
        before = [mixed[0] / length, mixed[1] / length];
        x += before[0] * radius;
        y += before[1] * radius;
        if x < -radius || y < -radius || x > width as f32 + radius || y > height as f32 + radius {
            break;
        }
        x = x.clamp(0.0, width as f32 - 1.0);
        y = y.clamp(0.0, height as f32 - 1.0);
        path.push([x, y]);
    }
    path
}

impl Canvas {
    /// Lays one stroke along a path.
    fn stroke(
        &mut self,
        path: &[[f32; 2]],
        radius: f32,
        colour: Vec3,
        cover: f32,
        random: &mut Random,
    ) {
        self.strokes += 1;
        let number = self.strokes;
        let seed = random.bits();
        let load = 0.55 + 0.45 * random.unit();
        let segments = path.len().saturating_sub(1).max(1);
        for (i, pair) in path.windows(2).enumerate() {
            let ([ax, ay], [bx, by]) = (pair[0], pair[1]);
            let (dx, dy) = (bx - ax, by - ay);
            let square = (dx * dx + dy * dy).max(1e-6);
            let length = square.sqrt();
            let left = (ax.min(bx) - radius).max(0.0) as usize;
            let top = (ay.min(by) - radius).max(0.0) as usize;
            let right = ((ax.max(bx) + radius) as usize + 1).min(self.width);
            let bottom = ((ay.max(by) + radius) as usize + 1).min(self.height);
            for y in top..bottom {
                for x in left..right {
                    let (px, py) = (x as f32 + 0.5 - ax, y as f32 + 0.5 - ay);
                    let t = ((px * dx + py * dy) / square).clamp(0.0, 1.0);
                    let (ox, oy) = (px - t * dx, py - t * dy);
                    let off = (ox * ox + oy * oy).sqrt();
                    let at = y * self.width + x;
                    if off >= radius || self.last[at] == number {
                        continue;
                    }
                    let across = (dx * py - dy * px) / (length * radius);
                    let share = (i as f32 + t) / segments as f32;
                    // Bristles: furrows along the stroke.
                    let bristle =
                        noise2(across * (2.0 + radius * 0.45).min(9.0), share * 2.5, seed);
                    let dry = smooth(0.35, 1.0, share) * 0.8 * (0.5 + 0.5 * bristle);
                    let edge = smooth(1.0, 0.72, off / radius + 0.16 * bristle);
                    let alpha = (cover * edge * (1.0 - dry)).clamp(0.0, 1.0);
                    if alpha <= 0.004 {
                        continue;
                    }
                    self.last[at] = number;
                    let tone = 1.0 + 0.025 * bristle * (radius * 0.2).min(1.0);
                    self.colour[at] = self.colour[at].mix(colour * tone, alpha);
                    let ridge = 0.45 + 0.35 * bristle + 0.25 * smooth(0.5, 0.9, off / radius);
                    let body = ridge * load * (radius / (radius + 4.0));
                    self.body[at] += (body - self.body[at]) * alpha * 0.8;
                }
            }
        }
    }
}

/// Melts the strokes of the flesh into the study's transitions, thin layer upon thin layer.
fn glaze(canvas: &mut Canvas, study: &Study) {
    for i in 0..canvas.colour.len() {
        let flesh = study.flesh[i] * study.finish[i];
        let veil = 0.18 * study.finish[i] + 0.50 * flesh;
        canvas.colour[i] = canvas.colour[i].mix(study.colour[i], veil);
        canvas.body[i] *= 1.0 - 0.55 * flesh;
    }
}
