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
}
