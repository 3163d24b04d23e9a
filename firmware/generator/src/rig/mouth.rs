//! The mouth patch: lips that part, and the dark, soft inside that the painting never showed.

use super::grid::rise;
use super::model::Mouth;
use super::sitter::Inside;
use super::surface::{Place, Surface};
use crate::patch;
use sfumato_core::drawing::{Amount, Field, MOUTH_NODES, MOUTH_WIDTH, MouthPatch, amount};

/// Lips count as parted from this many patch heights on: while they touch, the painted lip
/// line is shown and nothing else.
const TOUCHING: f32 = 0.008;

/// How far the upper teeth show through the upper lip's shadow at most.
const TEETH: f32 = 0.12;

/// The places of the patch's nodes, kept from frame to frame so that none is allocated.
#[derive(Debug, Default)]
pub struct Places(Vec<Place>);

/// Draws the mouth, its middle at `centre`, over a field that is already drawn.
pub fn draw(
    mouth: &Mouth,
    shown: Option<&Inside>,
    surface: &Surface,
    centre: [f32; 2],
    field: &Field,
    places: &mut Places,
    drawn: &mut MouthPatch,
) {
    drawn.centre = centre.map(amount);
    let [width, height] = mouth.size;
    let at = |index| patch::shown(index, centre, mouth.size);
    places.0.clear();
    for index in 0..MOUTH_NODES {
        let [x, y] = at(index);
        let near = if index % MOUTH_WIDTH > 0 {
            places.0.last()
        } else {
            None
        };
        let place = surface.place(x, y, near);
        places.0.push(place);
    }
    let seam_left = mouth.seam.first().copied().unwrap_or_default();
    let seam_right = mouth.seam.last().copied().unwrap_or_default();
    let middle = 0.5 * (seam_left[0] + seam_right[0]);
    let wide = (seam_right[0] - seam_left[0]).max(1e-4);
    let step = width / MOUTH_WIDTH as f32;
    for (index, place) in places.0.iter().enumerate() {
        let [x, y] = at(index);
        let broad = patch::field_flow(field, [x, y]);
        let share = patch::fade(index);
        drawn.flow_x[index] = amount(share * (place.rest[0] - x - broad[0]));
        drawn.flow_y[index] = amount(share * (place.rest[1] - y - broad[1]));
        // Heights above and below the lips become distances: where an edge is steep, towards the
        // corners, they differ.
        let column = index % MOUTH_WIDTH;
        let left = places.0[index - usize::from(column > 0)];
        let right = places.0[index + usize::from(column + 1 < MOUTH_WIDTH)];
        let distance = |height: fn(&Place) -> f32| {
            let steep = 0.5 * (height(&right) - height(&left)) / step;
            height(place) / libm::sqrtf(1.0 + steep * steep)
        };
        let upper = distance(|place| place.below_upper);
        let lower = distance(|place| place.above_lower);
        drawn.upper[index] = amount(upper / height - TOUCHING);
        drawn.lower[index] = amount(lower / height - TOUCHING);
        let across = (place.rest[0] - middle) / (0.5 * wide);
        let inside = colour(mouth, shown, place, across, upper.min(lower) / wide, wide);
        for (channel, value) in inside.into_iter().enumerate() {
            drawn.colour[channel][index] = amount(value);
        }
    }
}

/// The least and most of each of the inside's colours.
pub fn colours(mouth: &Mouth, inside: Option<&Inside>) -> [[Amount; 2]; 3] {
    core::array::from_fn(|channel| {
        let dark = mouth.cavity[channel];
        let all = [
            dark,
            dark + TEETH * (mouth.teeth[channel] - dark),
            mouth.tongue[channel],
            mouth.lip_line[channel],
        ];
        let told = inside
            .into_iter()
            .flat_map(|inside| inside.upper.iter().chain(&inside.lower));
        let told = told.map(|colour| colour[channel]);
        let held = all
            .into_iter()
            .chain(told)
            .map(|value| amount(value.clamp(0.0, 1.0)));
        let first = [amount(dark.clamp(0.0, 1.0)); 2];
        held.fold(first, |[least, most], value| {
            [least.min(value), most.max(value)]
        })
    })
}

/// The inside's colour: from the painted lip line at the lips' edges into the dark behind the
/// upper lip, lightening to the tongue towards the lower one, with a hint of the upper teeth.
///
/// `across` runs from -1 to 1 between the corners, `distance` to the nearest edge is in mouth
/// widths. All is soft: a painter leaves a mouth's inside in shadow, and a hard line in it is
/// taken for a lip.
fn colour(
    mouth: &Mouth,
    shown: Option<&Inside>,
    place: &Place,
    across: f32,
    distance: f32,
    wide: f32,
) -> [f32; 3] {
    let from_upper = (place.below_upper / wide).max(0.0);
    let from_lower = (place.above_lower / wide).max(0.0);
    let tall = from_upper + from_lower;
    let down = from_upper / tall.max(1e-6);
    let central = (1.0 - across * across).max(0.0);
    // A slit is still in the lips' own shadow; the dark behind it comes with the opening.
    let deep = rise(-0.03, 0.03, distance) * (0.5 + 0.5 * rise(0.0, 0.16, tall));
    // The tongue catches the light that falls into the mouth from above.
    let tongue = rise(0.05, 0.3, tall) * rise(0.45, 1.15, down) * rise(0.0, 0.8, central);
    // The teeth stand in the upper lip's shadow.
    let teeth = TEETH
        * rise(0.15, 0.45, tall)
        * rise(0.0, 0.09, from_upper)
        * (1.0 - rise(0.07, 0.24, from_upper))
        * rise(0.2, 1.0, central);
    if let Some(inside) = shown {
        let told = inside.read(across, from_upper, from_lower);
        return core::array::from_fn(|channel| {
            let line = mouth.lip_line[channel];
            (line + (told[channel] - line) * deep).clamp(0.0, 1.0)
        });
    }
    core::array::from_fn(|channel| {
        let mut value = mouth.cavity[channel];
        value += (mouth.tongue[channel] - value) * tongue;
        value += (mouth.teeth[channel] - value) * teeth;
        let line = mouth.lip_line[channel];
        (line + (value - line) * deep).clamp(0.0, 1.0)
    })
}
