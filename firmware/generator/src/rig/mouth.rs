//! The mouth patch: lips that part. What shows between them is the [palette](super::palette)'s.

use super::model::Mouth;
use super::palette::Palette;
use super::surface::{Place, Surface};
use crate::patch;
use sfumato_core::drawing::{Field, MOUTH_NODES, MOUTH_WIDTH, MouthPatch, amount, share};

/// Lips count as parted from this many patch heights on: while they touch, the painted lip
/// line is shown and nothing else.
pub const TOUCHING: f32 = 0.008;

/// The places of the patch's nodes, kept from frame to frame so that none is allocated.
#[derive(Debug, Default)]
pub struct Places(Vec<Place>);

/// Draws the mouth, its middle at `centre`, over a field that is already drawn.
pub fn draw(
    mouth: &Mouth,
    palette: &Palette,
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
    let step = width / MOUTH_WIDTH as f32;
    for (index, place) in places.0.iter().enumerate() {
        let [x, y] = at(index);
        let broad = patch::field_flow(field, [x, y]);
        let fade = patch::fade(index);
        drawn.flow_x[index] = amount(fade * (place.rest[0] - x - broad[0]));
        drawn.flow_y[index] = amount(fade * (place.rest[1] - y - broad[1]));
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
        let edges = [drawn.upper[index], drawn.lower[index]];
        let inside = palette.colour(place.rest[0], edges.map(share));
        for (channel, value) in inside.into_iter().enumerate() {
            drawn.colour[channel][index] = amount(value);
        }
    }
}
