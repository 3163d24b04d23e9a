//! What shows between parted lips: the dark, soft inside that the painting never showed.
//!
//! Its colours follow from where the lips' edges lie. So no network learns them: whatever says the edges, rig or network, gets
//! the same inside, as fine as the patch.

use super::grid::rise;
use super::model::Model;
use super::mouth::TOUCHING;
use super::sitter::Inside;

/// How far the upper teeth show through the upper lip's shadow at most.
const TEETH: f32 = 0.5;

/// So far beyond a lip's edge, in patch heights, nothing of the inside is ever seen.
const HIDDEN: f32 = 0.08;

/// The colours of one mouth's inside.
#[derive(Clone, Debug)]
pub struct Palette {
    lip_line: [f32; 3],
    cavity: [f32; 3],
    teeth: [f32; 3],
    tongue: [f32; 3],
    /// What further pictures showed; none where there were none.
    inside: Option<Inside>,
    /// Middle and width of the lip line at rest, region sides.
    middle: f32,
    wide: f32,
    /// Height of the mouth's patch, region sides.
    height: f32,
}

impl Palette {
    /// Of a painted face.
    pub fn new(model: &Model) -> Palette {
        let mouth = &model.mouth;
        let end = |point: Option<&[f32; 2]>| point.map_or(0.5, |point| point[0]);
        let (left, right) = (end(mouth.seam.first()), end(mouth.seam.last()));
        Palette {
            lip_line: mouth.lip_line,
            cavity: mouth.cavity,
            teeth: mouth.teeth,
            tongue: mouth.tongue,
            inside: (model.sitter.as_ref()).and_then(|sitter| sitter.inside.clone()),
            middle: 0.5 * (left + right),
            wide: (right - left).max(1e-4),
            height: mouth.size[1],
        }
    }

    /// The colour of a place, `[red, green, blue]` in [0, 1].
    ///
    /// `rest` is where along the region's width the skin or lip line shown there lies at rest, `edges` how far the place lies
    /// within the upper and the lower lip's edge, patch heights, as [`MouthPatch`](sfumato_core::drawing::MouthPatch) has them.
    ///
    /// From the painted lip line at the lips' edges into the dark behind the upper lip, lightening to the tongue towards the
    /// lower one, with a hint of the upper teeth. All is soft: a painter leaves a mouth's inside in shadow, and a hard line in it
    /// is taken for a lip.
    pub fn colour(&self, rest: f32, edges: [f32; 2]) -> [f32; 3] {
        if edges[0].min(edges[1]) < -HIDDEN {
            return self.lip_line;
        }
        let [from_upper, from_lower] =
            edges.map(|edge| (edge + TOUCHING) * self.height / self.wide);
        let distance = from_upper.min(from_lower);
        let (from_upper, from_lower) = (from_upper.max(0.0), from_lower.max(0.0));
        let across = (rest - self.middle) / (0.5 * self.wide);
        let tall = from_upper + from_lower;
        // A slit is still in the lips' own shadow; the dark behind it comes with the opening.
        let deep = rise(-0.03, 0.03, distance) * (0.5 + 0.5 * rise(0.0, 0.16, tall));
        let inside = match &self.inside {
            Some(inside) => inside.read(across, from_upper, from_lower),
            None => self.made_up(across, from_upper, tall),
        };
        core::array::from_fn(|channel| {
            let line = self.lip_line[channel];
            (line + (inside[channel] - line) * deep).clamp(0.0, 1.0)
        })
    }

    fn made_up(&self, across: f32, from_upper: f32, tall: f32) -> [f32; 3] {
        let down = from_upper / tall.max(1e-6);
        let central = (1.0 - across * across).max(0.0);
        // The tongue catches the light that falls into the mouth from above.
        let tongue = rise(0.05, 0.3, tall) * rise(0.45, 1.15, down) * rise(0.0, 0.8, central);
        // The teeth stand in the upper lip's shadow.
        let teeth = TEETH
            * rise(0.08, 0.32, tall)
            * rise(0.0, 0.09, from_upper)
            * (1.0 - rise(0.07, 0.24, from_upper))
            * rise(0.2, 1.0, central);
        core::array::from_fn(|channel| {
            let mut value = self.cavity[channel];
            value += (self.tongue[channel] - value) * tongue;
            value + (self.teeth[channel] - value) * teeth
        })
    }
}
