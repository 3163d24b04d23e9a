//! How wrong a part is: what its error does to the composed picture, to first order.
//!
//! A flow that is wrong by `e` shows the paint of a place `e` away. Where the paint is even, nobody
//! sees that; across a brush stroke or along a lid's edge the picture is wrong by the paint's slope
//! times `e`. The squares of that, added up over the picture, are a quadratic form of the flow's
//! error, whose matrix at each place is the paint's structure tensor (Förstner and Gülch 1987). So the error
//! of the composed picture is known at the nodes of the part, with exact slopes, and not a pixel
//! need be drawn. The same holds for light and colour, which add to the picture directly, and for
//! the edge of an opening, which moves over the contrast between what lies on its two sides.
//!
//! All is in squares of full intensity, times the area concerned as a share of the region.

use crate::examples::unit;
use sfumato_generator::network::{Grain, Head, PARTS, Part};
use sfumato_generator::rig::model::Model;

/// Nodes along each side of the map of slopes.
pub const SIDE: usize = 128;

/// The paint's mean squared slopes around each of [`SIDE`] by [`SIDE`] places of the region:
/// right times right, right times down, down times down; full intensity a region side, squared.
#[derive(Clone, Debug)]
pub struct Slopes {
    /// Row by row.
    map: Vec<[f32; 3]>,
    /// Their mean over the region, right and down together.
    mean: f32,
}

impl Slopes {
    /// Measures a region given as `side` by `side` intensities in [0, 1], row by row.
    ///
    /// Slopes over about a pixel of the whole region shown 512 high are what counts: finer strokes
    /// would promise more than an error of a pixel keeps.
    pub fn of(intensities: &[f32], side: usize) -> Slopes {
        let mut map = vec![[0.0; 3]; SIDE * SIDE];
        let mut counts = vec![0.0f32; SIDE * SIDE];
        let at = |x: usize, y: usize| intensities[y.min(side - 1) * side + x.min(side - 1)];
        for y in 1..side.saturating_sub(1) {
            for x in 1..side - 1 {
                let right = 0.5 * (at(x + 1, y) - at(x - 1, y)) * side as f32;
                let down = 0.5 * (at(x, y + 1) - at(x, y - 1)) * side as f32;
                let node = (y * SIDE / side) * SIDE + x * SIDE / side;
                for (sum, value) in
                    map[node]
                        .iter_mut()
                        .zip([right * right, right * down, down * down])
                {
                    *sum += value;
                }
                counts[node] += 1.0;
            }
        }
        for (node, count) in map.iter_mut().zip(&counts) {
            *node = node.map(|sum| sum / count.max(1.0));
        }
        // An error moves an edge into a neighbouring cell as well.
        let map = spread(&map);
        let mean = map.iter().map(|node| node[0] + node[2]).sum::<f32>() / map.len() as f32;
        Slopes { map, mean }
    }

    /// The matrix at a place of the region, with a little of the mean added, so that no place is
    /// free to move.
    fn at(&self, x: f32, y: f32) -> [f32; 3] {
        let cell = |v: f32| ((v * SIDE as f32).max(0.0) as usize).min(SIDE - 1);
        let [xx, xy, yy] = self.map[cell(y) * SIDE + cell(x)];
        let least = 0.1 * self.mean;
        [xx + least, xy, yy + least]
    }
}

fn spread(map: &[[f32; 3]]) -> Vec<[f32; 3]> {
    let at = |x: usize, y: usize, dx: usize, dy: usize| {
        let x = (x + dx).saturating_sub(1).min(SIDE - 1);
        let y = (y + dy).saturating_sub(1).min(SIDE - 1);
        map[y * SIDE + x]
    };
    let mut out = Vec::with_capacity(map.len());
    for y in 0..SIDE {
        for x in 0..SIDE {
            let mut sum = [0.0; 3];
            for near in 0..9 {
                let weight = [1.0, 2.0, 1.0][near / 3] * [1.0, 2.0, 1.0][near % 3] / 16.0;
                for (sum, value) in sum.iter_mut().zip(at(x, y, near % 3, near / 3)) {
                    *sum += weight * value;
                }
            }
            out.push(sum);
        }
    }
    out
}

/// Contrast between an eye or a mouth's inside and the skin beside it, of full intensity.
const CONTRAST: f32 = 0.3;

/// How near an edge its place is seen, in patch heights: two nodes or so.
const NEAR: f32 = 0.05;

/// How far beyond an edge what lies behind it still matters, in patch heights: a node or so.
const BEYOND: f32 = 0.02;

/// What matters of that which is not seen: hardly anything, but nothing may run away.
const UNSEEN: f32 = 0.002;

/// How much the change from node to node of an opening's or light's error counts beside the error
/// itself. An edge that is off as a whole is hardly noticed, a ragged one at once; stripes too.
const RAGGED: f32 = 1.0;

/// How much more the surroundings of the eyes matter than other places.
const EYES: f32 = 4.0;

/// How bright a lid is, for light that is a share of it.
const SKIN: f32 = 0.5;

/// The quadratic form of one node: flow (right-right, right-down, down-down), then a weight for
/// each further channel.
pub type Weights = [f32; 6];

/// Weighs the errors of one painting's parts.
#[derive(Clone, Debug)]
pub struct Loss {
    slopes: Slopes,
    mouth: [f32; 4],
    eyes: [[f32; 4]; 2],
    /// Distances to the two edges of an opening at rest, patch heights; none where nothing opens.
    openings: [Vec<[f32; 2]>; PARTS],
}

impl Loss {
    /// For the painting with this rig and these slopes; `rest` is what the teacher draws at rest.
    pub fn new(model: &Model, slopes: Slopes, rest: &[Vec<f32>; PARTS]) -> Loss {
        let seam = &model.mouth.seam;
        let middle = seam.get(seam.len() / 2).copied().unwrap_or([0.5; 2]);
        let [width, height] = model.mouth.size;
        Loss {
            slopes,
            // The rest place will do: the head carries the paint along.
            mouth: [
                middle[0] - 0.5 * width,
                middle[1] - 0.5 * height,
                width,
                height,
            ],
            eyes: [model.eyes[0].rect, model.eyes[1].rect],
            openings: Part::ALL.map(|part| {
                let channels = part.shape()[2];
                let nodes = rest[part as usize].chunks_exact(channels);
                nodes
                    .filter_map(|node| node.get(2..)?.first_chunk().copied())
                    .collect()
            }),
        }
    }

    /// How much more a place of the painting matters than another of the same paint: faces are
    /// looked at around the eyes, where brows are; the mouth has a patch of its own.
    fn care(&self, x: f32, y: f32) -> f32 {
        if inside(self.mouth, x, y) {
            return 0.3;
        }
        let brows = self.eyes.map(|[left, top, width, height]| {
            let up = 0.9 * height;
            [left - 0.1 * width, top - up, 1.2 * width, height + up]
        });
        if brows.iter().any(|&rect| inside(rect, x, y)) {
            EYES
        } else {
            1.0
        }
    }

    /// How far a place of an opening lies from its two edges at rest, positive within.
    fn edges(&self, head: Head, row: usize, column: usize) -> [f32; 2] {
        let openings = &self.openings[head.part as usize];
        let length = head.part.shape()[1];
        match head.grain {
            Grain::Fine => openings[row * length + column],
            Grain::Broad => {
                let first = 2 * (row * length + column);
                let four = [first, first + 1, first + length, first + length + 1];
                let mean =
                    |edge: usize| four.map(|node| openings[node][edge]).iter().sum::<f32>() / 4.0;
                [mean(0), mean(1)]
            }
        }
    }

    /// The weights of every node of a head, as if it alone said what its part shall: `wish`.
    pub fn weights(&self, head: Head, wish: &[f32], out: &mut [Weights]) {
        let [_, columns, channels] = head.shape();
        let rows = wish.chunks_exact(columns * channels);
        for (row, (wish, out)) in rows.zip(out.chunks_exact_mut(columns)).enumerate() {
            self.row(head, row, wish, out);
        }
    }

    /// The same of the nodes of one row.
    pub fn row(&self, head: Head, row: usize, wish: &[f32], out: &mut [Weights]) {
        let [rows, columns, channels] = head.shape();
        let part = head.part;
        let rect = match part {
            Part::Turn | Part::Skin => [0.0, 0.0, 1.0, 1.0],
            Part::Mouth => self.mouth,
            Part::EyeRight => self.eyes[0],
            Part::EyeLeft => self.eyes[1],
        };
        let area = rect[2] * rect[3] / (rows * columns) as f32;
        let flow = area / (unit(part, 0) * unit(part, 0));
        let y = rect[1] + rect[3] * (row as f32 + 0.5) / rows as f32;
        for (column, (wish, out)) in wish.chunks_exact(channels).zip(out).enumerate() {
            let x = rect[0] + rect[2] * (column as f32 + 0.5) / columns as f32;
            // Lids take their paint from beside them, everything else from elsewhere.
            let from = match part {
                Part::Turn | Part::Skin | Part::Mouth => {
                    [wish[0] / unit(part, 0), wish[1] / unit(part, 1)]
                }
                Part::EyeRight | Part::EyeLeft => [0.0; 2],
            };
            *out = [0.0; 6];
            for (out, slope) in out.iter_mut().zip(self.slopes.at(x + from[0], y + from[1])) {
                *out = flow * slope;
            }
            match part {
                Part::Turn | Part::Skin => {
                    let care = self.care(x + from[0], y + from[1]);
                    for out in &mut out[..3] {
                        *out *= care;
                    }
                }
                Part::Mouth | Part::EyeRight | Part::EyeLeft => {
                    let rest = self.edges(head, row, column);
                    let edges = [2, 3].map(|edge| rest[edge - 2] + wish[edge] / unit(part, edge));
                    opening(part, area, edges, out);
                }
            }
        }
    }
}

/// Weights of what shows in an opening and of where its `edges` lie, so many patch heights away, and
/// less weight for paint that the opening covers.
fn opening(part: Part, area: f32, edges: [f32; 2], out: &mut Weights) {
    let contrast = (CONTRAST / NEAR / unit(part, 2)).powi(2);
    let opening = edges[0].min(edges[1]);
    for (out, own) in out[3..5].iter_mut().zip(edges) {
        let near = 1.0 / (1.0 + (own / NEAR).powi(2));
        // Only the nearer edge is seen.
        let nearer = 1.0 - ((own - opening) / NEAR).min(1.0);
        *out = area * contrast * (nearer * near * near).max(0.01);
    }
    let seen = |from: f32| (1.0 + from / BEYOND).clamp(UNSEEN, 1.0);
    for flow in &mut out[..3] {
        *flow *= seen(-opening);
    }
    if part != Part::Mouth {
        out[5] = area * (SKIN / unit(part, 4)).powi(2) * seen(-opening);
    }
}

/// Adds to `slopes` those of how ragged the error of what is no flow is: the square of its change
/// from each node to the next, right and down, weighed as the error itself.
pub fn smooth(part: Part, errors: &[f32], weights: &[Weights], slopes: &mut [f32]) {
    let [rows, columns, channels] = part.shape();
    let mut between = |a: usize, b: usize| {
        for channel in 2..channels {
            let weight = 0.5 * (weights[a][channel + 1] + weights[b][channel + 1]);
            let [a, b] = [a, b].map(|node| node * channels + channel);
            let slope = 2.0 * RAGGED * weight * (errors[a] - errors[b]);
            slopes[a] += slope;
            slopes[b] -= slope;
        }
    };
    for node in 0..rows * columns {
        if node % columns + 1 < columns {
            between(node, node + 1);
        }
        if node + columns < rows * columns {
            between(node, node + columns);
        }
    }
}

fn inside([left, top, width, height]: [f32; 4], x: f32, y: f32) -> bool {
    (x - left) * (left + width - x) > 0.0 && (y - top) * (top + height - y) > 0.0
}

/// The error's square in the form of `weights`, added up; the slopes by each number in `slopes`.
///
/// `errors` and `slopes` have `channels` numbers a node.
pub fn square(errors: &[f32], weights: &[Weights], channels: usize, slopes: &mut [f32]) -> f64 {
    let mut sum = 0.0;
    let nodes = errors
        .chunks_exact(channels)
        .zip(slopes.chunks_exact_mut(channels));
    for ((error, slope), weights) in nodes.zip(weights) {
        slope[0] = weights[0] * error[0] + weights[1] * error[1];
        slope[1] = weights[1] * error[0] + weights[2] * error[1];
        for channel in 2..channels {
            slope[channel] = weights[channel + 1] * error[channel];
        }
        let node: f32 = error.iter().zip(slope.iter()).map(|(e, s)| e * s).sum();
        sum += f64::from(node);
        for slope in slope {
            *slope *= 2.0;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_hardly_counts() {
        let weights = |from: f32| {
            let mut out = [1.0; 6];
            opening(Part::Mouth, 1.0, [from, from + 0.1], &mut out);
            out
        };
        let (open, shut, edge) = (weights(0.2), weights(-0.2), weights(0.0));
        assert!(open[0] < 0.01 && shut[0] == 1.0 && edge[0] == 1.0);
        // The nearer edge, not the other.
        assert!(edge[3] > 50.0 * open[3] && edge[3] > 50.0 * edge[4]);
    }

    #[test]
    fn an_even_error_is_not_ragged() {
        let weights = vec![[1.0; 6]; Part::EyeLeft.numbers() / 5];
        let mut errors = vec![0.5; Part::EyeLeft.numbers()];
        let mut slopes = vec![0.0; errors.len()];
        smooth(Part::EyeLeft, &errors, &weights, &mut slopes);
        assert!(slopes.iter().all(|&slope| slope == 0.0));
        // One node stands out from its four neighbours.
        let node = 5 * (10 * 64 + 20) + 2;
        errors[node] += 1.0;
        smooth(Part::EyeLeft, &errors, &weights, &mut slopes);
        assert_eq!(slopes[node], 8.0 * RAGGED);
        for beside in [node - 5, node + 5, node - 320, node + 320] {
            assert_eq!(slopes[beside], -2.0 * RAGGED);
        }
        assert_eq!(slopes.iter().sum::<f32>(), 0.0);
    }
}
