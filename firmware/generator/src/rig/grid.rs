//! Numbers on a square grid over the region, read bilinearly.

/// Nodes along each side of the rig's own maps: twice the field's, so that lips stay smooth.
pub const SIDE: usize = 128;
/// Nodes of a map.
pub const NODES: usize = SIDE * SIDE;

/// Where a position in the region falls among the nodes of a map.
///
/// Nodes lie at `(i + 0.5) / SIDE`; positions beyond the outermost nodes read those.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    index: usize,
    right: f32,
    down: f32,
}

impl Cell {
    /// The cell that holds `(x, y)`, both in region sides.
    pub fn at(x: f32, y: f32) -> Cell {
        let limit = (SIDE - 1) as f32;
        // `max` before `min` also turns a not-a-number into an edge.
        let u = (x * SIDE as f32 - 0.5).max(0.0).min(limit);
        let v = (y * SIDE as f32 - 0.5).max(0.0).min(limit);
        let column = (u as usize).min(SIDE - 2);
        let row = (v as usize).min(SIDE - 2);
        Cell {
            index: row * SIDE + column,
            right: u - column as f32,
            down: v - row as f32,
        }
    }

    /// The value of `map` (of [`NODES`] numbers) here.
    pub fn read(&self, map: &[f32]) -> f32 {
        let value = |offset: usize| map.get(self.index + offset).copied().unwrap_or(0.0);
        let top = value(0) + (value(1) - value(0)) * self.right;
        let bottom = value(SIDE) + (value(SIDE + 1) - value(SIDE)) * self.right;
        top + (bottom - top) * self.down
    }
}

impl Cell {
    /// The nodes around: above left and right, below left and right.
    pub fn nodes(&self) -> [usize; 4] {
        [0, 1, SIDE, SIDE + 1].map(|offset| self.index + offset)
    }

    /// The pair here, when `corners` are those at [`Cell::nodes`].
    pub fn between(&self, corners: [[f32; 2]; 4]) -> [f32; 2] {
        core::array::from_fn(|axis| {
            let [a, b, c, d] = corners.map(|corner| corner[axis]);
            let top = a + (b - a) * self.right;
            let bottom = c + (d - c) * self.right;
            top + (bottom - top) * self.down
        })
    }
}

/// A pair of numbers between the nodes of a map, and how it changes from there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sloped {
    /// The pair itself.
    pub value: [f32; 2],
    /// Change of the pair a region side to the right.
    pub right: [f32; 2],
    /// Change of the pair a region side down.
    pub down: [f32; 2],
}

impl Cell {
    /// The pair of `map` (of [`NODES`] pairs) here, with its slopes within the cell.
    pub fn read_pair(&self, map: &[[f32; 2]]) -> Sloped {
        // One check for all four corners.
        let near = map.get(self.index..).and_then(<[_]>::first_chunk);
        let near: &[[f32; 2]; SIDE + 2] = near.unwrap_or(&[[0.0; 2]; SIDE + 2]);
        let corners = [near[0], near[1], near[SIDE], near[SIDE + 1]];
        let mut sloped = Sloped {
            value: [0.0; 2],
            right: [0.0; 2],
            down: [0.0; 2],
        };
        for axis in 0..2 {
            let [a, b, c, d] = corners.map(|corner| corner[axis]);
            let top = a + (b - a) * self.right;
            let bottom = c + (d - c) * self.right;
            sloped.value[axis] = top + (bottom - top) * self.down;
            sloped.down[axis] = (bottom - top) * SIDE as f32;
            sloped.right[axis] = ((b - a) + ((d - c) - (b - a)) * self.down) * SIDE as f32;
        }
        sloped
    }
}

/// The position of node `index` in region sides.
pub fn node(index: usize) -> (f32, f32) {
    let column = (index % SIDE) as f32;
    let row = (index / SIDE) as f32;
    ((column + 0.5) / SIDE as f32, (row + 0.5) / SIDE as f32)
}

/// 0 below `from`, 1 above `to`, and a smooth rise between them.
pub fn rise(from: f32, to: f32, value: f32) -> f32 {
    let t = ((value - from) / (to - from)).clamp(0.0, 1.0);
    t * t * (3.0 - 2.0 * t)
}

/// 1 at zero, 0 from one on either side, smooth in between.
pub fn bump(value: f32) -> f32 {
    let inside = (1.0 - value * value).max(0.0);
    inside * inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ramp_is_read_exactly_between_nodes() {
        let map: Vec<f32> = (0..NODES).map(|i| node(i).0 + 2.0 * node(i).1).collect();
        for (x, y) in [(0.25, 0.75), (0.5, 0.5), (0.013, 0.97)] {
            assert!((Cell::at(x, y).read(&map) - (x + 2.0 * y)).abs() < 1e-5);
        }
        assert!(Cell::at(f32::NAN, -4.0).read(&map).is_finite());
    }

    #[test]
    fn slopes_are_those_of_the_map() {
        let map: Vec<[f32; 2]> = (0..NODES)
            .map(|i| [3.0 * node(i).0 - node(i).1, 0.5 * node(i).1])
            .collect();
        let read = Cell::at(0.3, 0.6).read_pair(&map);
        let near = |a: [f32; 2], b: [f32; 2]| (a[0] - b[0]).abs() + (a[1] - b[1]).abs() < 1e-3;
        assert!(near(read.value, [0.3, 0.3]), "{read:?}");
        assert!(near(read.right, [3.0, 0.0]), "{read:?}");
        assert!(near(read.down, [-1.0, 0.5]), "{read:?}");
    }
}
