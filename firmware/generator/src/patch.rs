//! Where the field's nodes lie and the mouth's patch over them: the same for the rig and the network.

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

/// What a patch of this size has `off` from node `index`, region sides: linear between its nodes,
/// that of the nearest one beyond its border.
pub fn near<const CHANNELS: usize>(
    nodes: &[[f32; CHANNELS]],
    index: usize,
    off: [f32; 2],
    size: [f32; 2],
) -> [f32; CHANNELS] {
    let (row, column) = (index / MOUTH_WIDTH, index % MOUTH_WIDTH);
    let along = |at: usize, off: f32, nodes: usize| {
        let at = (at as f32 + off * nodes as f32)
            .max(0.0)
            .min((nodes - 1) as f32);
        let first = (at as usize).min(nodes - 2);
        (first, at - first as f32)
    };
    let (column, right) = along(column, off[0] / size[0], MOUTH_WIDTH);
    let (row, down) = along(row, off[1] / size[1], MOUTH_HEIGHT);
    let first = row * MOUTH_WIDTH + column;
    let below = first + MOUTH_WIDTH;
    core::array::from_fn(|channel| {
        let [a, b, c, d] = [first, first + 1, below, below + 1].map(|node| nodes[node][channel]);
        let (top, bottom) = (a + (b - a) * right, c + (d - c) * right);
        top + (bottom - top) * down
    })
}

/// How much of the patch's own flow counts at node `index`: none at the border.
pub fn fade(index: usize) -> f32 {
    let (row, column) = (index / MOUTH_WIDTH, index % MOUTH_WIDTH);
    let across = column.min(MOUTH_WIDTH - 1 - column);
    let down = row.min(MOUTH_HEIGHT - 1 - row);
    rise(0.0, FADE, across.min(down) as f32)
}

/// Where node `index` of the field lies, region sides.
pub fn node(index: usize) -> [f32; 2] {
    [index % FIELD_SIDE, index / FIELD_SIDE].map(|at| (at as f32 + 0.5) / FIELD_SIDE as f32)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_a_node_lies_what_its_neighbours_make_of_it() {
        let nodes: Vec<[f32; 2]> = (0..MOUTH_WIDTH * MOUTH_HEIGHT)
            .map(|index| [(index % MOUTH_WIDTH) as f32, (index / MOUTH_WIDTH) as f32])
            .collect();
        let size = [0.3, 0.2];
        let step = [size[0] / MOUTH_WIDTH as f32, size[1] / MOUTH_HEIGHT as f32];
        let at = |index, right: f32, down: f32| {
            near(&nodes, index, [right * step[0], down * step[1]], size)
        };
        let index = 10 * MOUTH_WIDTH + 20;
        assert_eq!(at(index, 0.0, 0.0), [20.0, 10.0]);
        let [x, y] = at(index, 1.5, -3.25);
        assert!((x - 21.5).abs() < 1e-3 && (y - 6.75).abs() < 1e-3);
        // Beyond the border lies what lies on it.
        assert_eq!(at(index, -50.0, 200.0), [0.0, 63.0]);
        assert_eq!(at(nodes.len() - 1, 0.0, 0.0), [95.0, 63.0]);
    }
}
