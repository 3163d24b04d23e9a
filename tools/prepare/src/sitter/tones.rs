//! The colours of a picture, and what brings them to the painting's light.

use super::Told;
use super::over::Over;
use crate::Prepared;
use sfumato_compositor::Picture;
use sfumato_core::drawing::FIELD_SIDE;
use sfumato_core::pixels::rgb;

/// A picture's light may be so much weaker or stronger than the painting's.
const LIGHTS: [f32; 2] = [0.4, 2.5];

/// The painting's face and those of the further pictures, node by node.
pub struct Tones {
    /// Of the painting; none beside the face.
    pub painted: Vec<Option<[f32; 3]>>,
    /// Of each picture, in the painting's light.
    pub told: Vec<Vec<Option<[f32; 3]>>>,
    /// What each picture's colours are multiplied by.
    pub lights: Vec<[f32; 3]>,
}

impl Tones {
    /// Those of the painting, and of no picture yet.
    pub fn of(prepared: &Prepared, over: &Over) -> Tones {
        let region = prepared.portrait.region;
        let unit = region.width as f32;
        let landmarks = prepared.model.landmarks.iter();
        let own: Vec<[f32; 2]> = landmarks
            .map(|[x, y, _]| [region.x as f32 + x * unit, region.y as f32 + y * unit])
            .collect();
        Tones {
            painted: read(over, &prepared.portrait.painting, &own, unit),
            told: Vec::new(),
            lights: Vec::new(),
        }
    }

    /// Those of a picture, in the painting's light, and what they were multiplied by.
    pub fn read(&self, over: &Over, told: &Told<'_>) -> (Vec<Option<[f32; 3]>>, [f32; 3]) {
        let mut seen = read(over, told.picture, &told.points, told.scale);
        let light = light(&self.painted, &seen);
        for colour in seen.iter_mut().flatten() {
            *colour = lit(*colour, light);
        }
        (seen, light)
    }

    /// Keeps those of the next picture.
    pub fn add(&mut self, seen: Vec<Option<[f32; 3]>>, light: [f32; 3]) {
        self.told.push(seen);
        self.lights.push(light);
    }
}

fn read(over: &Over, picture: &Picture, points: &[[f32; 2]], scale: f32) -> Vec<Option<[f32; 3]>> {
    let wide = scale / FIELD_SIDE as f32;
    (0..over.nodes())
        .map(|node| Some(mean(picture, over.find(node, points, scale)?, wide)))
        .collect()
}

/// A colour in another light.
pub fn lit(colour: [f32; 3], light: [f32; 3]) -> [f32; 3] {
    core::array::from_fn(|channel| colour[channel] * light[channel])
}

/// The middle one of what brings each place's colour to the painting's.
fn light(painted: &[Option<[f32; 3]>], seen: &[Option<[f32; 3]>]) -> [f32; 3] {
    core::array::from_fn(|channel| {
        let pairs = painted.iter().zip(seen);
        let mut all: Vec<f32> = pairs
            .filter_map(|(a, b)| Some((a.as_ref()?[channel], b.as_ref()?[channel])))
            .filter(|(a, b)| a.min(*b) > 0.02)
            .map(|(a, b)| a / b)
            .collect();
        all.sort_by(f32::total_cmp);
        let middle = all.get(all.len() / 2).copied().unwrap_or(1.0);
        middle.clamp(LIGHTS[0], LIGHTS[1])
    })
}

/// The mean colour of a square so wide about a place, `[red, green, blue]` in [0, 1].
pub fn mean(picture: &Picture, [x, y]: [f32; 2], wide: f32) -> [f32; 3] {
    let reach = (0.5 * wide).max(0.5);
    let ends = |at: f32, size: u32| {
        let end = |value: f32| value.max(0.0).min(size.saturating_sub(1) as f32) as u32;
        end((at - reach).round())..end((at + reach).round()).max(end((at - reach).round()) + 1)
    };
    let mut sum = [0.0; 3];
    let mut count = 0.0_f32;
    for row in ends(y, picture.height()) {
        for column in ends(x, picture.width()) {
            if let Some(pixel) = picture.get(column, row) {
                count += 1.0;
                for (sum, value) in sum.iter_mut().zip(rgb(pixel)) {
                    *sum += f32::from(value) / 255.0;
                }
            }
        }
    }
    sum.map(|sum| sum / count.max(1.0))
}
