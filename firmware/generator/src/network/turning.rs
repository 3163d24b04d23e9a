//! What moves besides the head's turn is said of the unturned head, and turned with it here.
//!
//! ```text
//! flow(p) = turn(p) + skin(p + turn(p))
//! ```
//!
//! A smile is nearly the same picture however the head is held, as long as it is looked at where
//! the face would be if the head were not turned. Shown on a turned head each of its pictures is
//! another one for every pose. So a network says two flows that have little to do with each other,
//! and they are put together exactly.

use crate::patch::node;
use sfumato_core::drawing::{FIELD_NODES, FIELD_SIDE, Field, share};

/// Flows of the region's nodes, row by row: right and down, region sides.
#[derive(Clone, Debug)]
pub struct Grid(Box<[[f32; 2]]>);

impl Grid {
    /// No flow anywhere.
    pub fn new() -> Grid {
        Grid(vec![[0.0; 2]; FIELD_NODES].into())
    }

    /// A field's.
    pub fn of(field: &Field) -> Grid {
        let flows = field.flow_x.iter().zip(&field.flow_y);
        Grid(flows.map(|(&x, &y)| [x, y].map(share)).collect())
    }

    /// The flows themselves.
    pub fn flows(&self) -> &[[f32; 2]] {
        &self.0
    }

    /// The same, to be written.
    pub fn flows_mut(&mut self) -> &mut [[f32; 2]] {
        &mut self.0
    }

    /// The flow at a place: cubic (Catmull and Rom 1974), so that what is turned and turned back is
    /// hardly blurred; beyond the border that of the nearest place.
    pub fn at(&self, place: [f32; 2]) -> [f32; 2] {
        let [across, down] = place.map(along);
        let mut flow = [0.0; 2];
        for (row, down) in down.nodes.into_iter().zip(down.shares) {
            for (column, across) in across.nodes.into_iter().zip(across.shares) {
                let node = self.0[row * FIELD_SIDE + column];
                flow[0] += down * across * node[0];
                flow[1] += down * across * node[1];
            }
        }
        flow
    }

    /// The flow at node `index` when these flows are turned by `turn`.
    pub fn turned(&self, index: usize, turn: [f32; 2]) -> [f32; 2] {
        let [x, y] = node(index);
        let [right, down] = self.at([x + turn[0], y + turn[1]]);
        [turn[0] + right, turn[1] + down]
    }

    /// Where this turn shows a place of the unturned head. A flow leads the other way, so that the
    /// place is searched for.
    pub fn back(&self, [x, y]: [f32; 2]) -> [f32; 2] {
        let mut shown = [x, y];
        for _ in 0..SEARCHES {
            let turn = self.at(shown);
            let last = core::mem::replace(&mut shown, [x - turn[0], y - turn[1]]);
            if (shown[0] - last[0]).abs().max((shown[1] - last[1]).abs()) < FOUND {
                break;
            }
        }
        shown
    }

    /// What must be said so that, [turned](Grid::turned) by `turn`, it comes out as these flows.
    pub fn unturned(&self, turn: &Grid) -> Grid {
        let mut out = Grid::new();
        for (index, out) in out.0.iter_mut().enumerate() {
            let shown = turn.back(node(index));
            let (all, turn) = (self.at(shown), turn.at(shown));
            *out = [all[0] - turn[0], all[1] - turn[1]];
        }
        out
    }
}

impl Default for Grid {
    fn default() -> Grid {
        Grid::new()
    }
}

/// Steps of a search that comes three times as near with each.
const SEARCHES: usize = 8;

/// A search ends where a step is shorter, region sides: a hundredth of what is taken for no flow.
const FOUND: f32 = 1e-6;

/// Four neighbouring nodes along an axis, and what each counts.
struct Along {
    nodes: [usize; 4],
    shares: [f32; 4],
}

fn along(place: f32) -> Along {
    let last = FIELD_SIDE - 1;
    let at = (place * FIELD_SIDE as f32 - 0.5).max(0.0).min(last as f32);
    let first = (at as usize).min(last - 1);
    let t = at - first as f32;
    let (square, cube) = (t * t, t * t * t);
    Along {
        nodes: [first.max(1) - 1, first, first + 1, (first + 2).min(last)],
        shares: [
            0.5 * (2.0 * square - cube - t),
            0.5 * (3.0 * cube - 5.0 * square + 2.0),
            0.5 * (4.0 * square - 3.0 * cube + t),
            0.5 * (cube - square),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smooth flows that end at the region's border.
    fn flows(size: f32, bends: f32) -> Grid {
        let mut grid = Grid::new();
        for (index, flow) in grid.flows_mut().iter_mut().enumerate() {
            let [x, y] = node(index);
            let inside = libm::powf(16.0 * x * (1.0 - x) * y * (1.0 - y), 2.0);
            *flow = [
                size * inside * libm::sinf(bends * x + 2.0 * y),
                size * inside * libm::cosf(3.0 * x - bends * y),
            ];
        }
        grid
    }

    #[test]
    fn what_is_unturned_and_turned_is_itself_again() {
        let (turn, all) = (flows(0.06, 2.0), flows(0.04, 5.0));
        let skin = all.unturned(&turn);
        for (index, (turn, all)) in turn.flows().iter().zip(all.flows()).enumerate() {
            let back = skin.turned(index, *turn);
            for axis in 0..2 {
                assert!((back[axis] - all[axis]).abs() < 1e-4, "{back:?} {all:?}");
            }
        }
    }

    #[test]
    fn a_place_at_a_node_has_its_flow_and_shares_add_up() {
        let grid = flows(0.1, 4.0);
        for index in [0, 63, 70, 2000, 4095] {
            let [a, b] = [grid.at(node(index)), grid.flows()[index]];
            assert!((a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6);
        }
        for place in [-0.2, 0.0, 0.013, 0.5, 0.777, 1.0, 1.5] {
            let sum: f32 = along(place).shares.iter().sum();
            assert!((sum - 1.0).abs() < 1e-5, "{place}");
        }
    }
}
