//! Where the mouth's patch lies over the field: the same for the rig and the network.

use crate::rig::grid::rise;
use sfumato_core::drawing::{FIELD_SIDE, Field, MOUTH_HEIGHT, MOUTH_WIDTH, share};

/// Nodes over which the patch's own flow fades in from its border.
const FADE: f32 = 5.0;

/// Where node `index` of a patch of this middle and size is shown, region sides.
pub fn shown(index: usize, centre: [f32; 2], size: [f32; 2]) -> [f32; 2] {
    let (row, column) = (index / MOUTH_WIDTH, index % MOUTH_WIDTH);
    [
        centre[0] + size[0] * ((column as f32 + 0.5) / MOUTH_WIDTH as f32 - 0.5),
        centre[1] + size[1] * ((row as f32 + 0.5) / MOUTH_HEIGHT as f32 - 0.5),
    ]
}

/// How much of the patch's own flow counts at node `index`: none at the border.
pub fn fade(index: usize) -> f32 {
    let (row, column) = (index / MOUTH_WIDTH, index % MOUTH_WIDTH);
    let across = column.min(MOUTH_WIDTH - 1 - column);
    let down = row.min(MOUTH_HEIGHT - 1 - row);
    rise(0.0, FADE, across.min(down) as f32)
}

/// The field's flow at a shown position, as the compositor reads it.
pub fn field_flow(field: &Field, [x, y]: [f32; 2]) -> [f32; 2] {
    let limit = (FIELD_SIDE - 1) as f32;
    let u = (x * FIELD_SIDE as f32 - 0.5).max(0.0).min(limit);
    let v = (y * FIELD_SIDE as f32 - 0.5).max(0.0).min(limit);
    let column = (u as usize).min(FIELD_SIDE - 2);
    let row = (v as usize).min(FIELD_SIDE - 2);
    let (right, down) = (u - column as f32, v - row as f32);
    [&field.flow_x, &field.flow_y].map(|plane| {
        let at = |r: usize, c: usize| {
            plane
                .get((row + r) * FIELD_SIDE + column + c)
                .map_or(0.0, |&v| share(v))
        };
        let top = at(0, 0) + (at(0, 1) - at(0, 0)) * right;
        let bottom = at(1, 0) + (at(1, 1) - at(1, 0)) * right;
        top + (bottom - top) * down
    })
}
