//! From a drawing's nodes to rows of shown pixels.
//!
//! A drawing's numbers are turned into shown pixels once a frame ([`scaled`]). A grid's row of
//! nodes is spread over the columns of the picture once ([`Columns::spread`]) and serves all rows
//! up to the next one; between two rows of nodes a shown row costs one multiplication a value.

use crate::blend::{NODE_BITS, lerp};
use crate::cubic::ONE;
use crate::simd::{self, Instructions};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use sfumato_core::drawing::Amount;

/// Turns amounts into whole numbers: `amount * unit`, rounded, held within `limits`.
#[inline(always)]
pub fn scaled(amounts: &[Amount], unit: i32, limits: (i32, i32), out: &mut [i32]) {
    const HALF: i64 = 1 << (Amount::FRAC_NBITS - 1);
    for (out, amount) in out.iter_mut().zip(amounts) {
        let product = i64::from(amount.to_bits())
            .wrapping_mul(i64::from(unit))
            .wrapping_add(HALF);
        *out = ((product >> Amount::FRAC_NBITS) as i32).clamp(limits.0, limits.1);
    }
}

/// Which node lies before a position along a side of `length`, and how far behind it the
/// position lies, in [`NODE_BITS`]. Both lengths have the same unit.
pub fn node_at(position: i64, length: i64, nodes: usize) -> (usize, i32) {
    let one = 1_i64 << NODE_BITS;
    let last = (nodes as i64 - 1) * one;
    let along =
        ((position * nodes as i64 * one).div_euclid(length.max(1)) - one / 2).clamp(0, last);
    let node = (along >> NODE_BITS).min(nodes as i64 - 2);
    (node as usize, (along - node * one) as i32)
}

/// How the pixels of a row lie among the nodes of a grid's row.
#[derive(Debug, Default)]
pub struct Columns {
    /// For each node but the last, the first pixel at or behind it; then the number of pixels.
    starts: Vec<u32>,
    /// For each pixel how far behind its node it lies.
    weights: Vec<i32>,
}

impl Columns {
    /// Makes room, so that [`Columns::place`] never allocates.
    pub fn with_room(nodes: usize, pixels: usize) -> Columns {
        Columns {
            starts: Vec::with_capacity(nodes),
            weights: Vec::with_capacity(pixels),
        }
    }

    /// Lays `pixels` over a side that starts at `left` and is `length` long, in positions.
    pub fn place(&mut self, left: i32, length: i32, nodes: usize, pixels: Range<i32>) {
        self.starts.clear();
        self.weights.clear();
        for (i, x) in pixels.clone().enumerate() {
            let centre = i64::from(x) * i64::from(ONE) + i64::from(ONE / 2) - i64::from(left);
            let (node, weight) = node_at(centre, i64::from(length), nodes);
            while self.starts.len() <= node {
                self.starts.push(i as u32);
            }
            self.weights.push(weight);
        }
        while self.starts.len() < nodes {
            self.starts.push(pixels.len() as u32);
        }
    }

    /// How many pixels there are.
    pub fn pixels(&self) -> usize {
        self.weights.len()
    }

    /// The pixels that nodes `first..=last` have a say in.
    pub fn reach(&self, first: usize, last: usize) -> Range<usize> {
        let start = |node: usize| self.starts.get(node).map_or(self.pixels(), |&x| x as usize);
        let from = if first == 0 { 0 } else { start(first - 1) };
        let to = if last + 2 >= self.starts.len() {
            self.pixels()
        } else {
            start(last + 1)
        };
        from..to.max(from)
    }

    /// The pixels between a node and the next; the outermost ones' also beyond them.
    pub fn between(&self, node: usize) -> Range<usize> {
        let start = |node: usize| self.starts.get(node).map_or(self.pixels(), |&x| x as usize);
        start(node)..start(node + 1)
    }

    /// Spreads a row of nodes over the pixels of `reach`.
    pub fn spread(&self, nodes: &[i32], reach: Range<usize>, out: &mut [i32]) {
        for ((pair, start), end) in nodes.windows(2).zip(&self.starts).zip(&self.starts[1..]) {
            let start = (*start as usize).max(reach.start);
            let end = (*end as usize).min(reach.end);
            if start >= end {
                continue;
            }
            for (out, &weight) in out[start..end].iter_mut().zip(&self.weights[start..end]) {
                *out = lerp(pair[0], pair[1], weight);
            }
        }
    }
}

/// Two neighbouring rows of nodes, spread; rolls on as the picture is drawn downwards.
#[derive(Debug)]
pub struct Rolling {
    above: Vec<i32>,
    below: Vec<i32>,
    /// The node row that `above` holds.
    row: Option<usize>,
}

impl Rolling {
    /// Room for rows of so many pixels.
    pub fn new(pixels: usize) -> Rolling {
        Rolling {
            above: vec![0; pixels],
            below: vec![0; pixels],
            row: None,
        }
    }

    /// Forgets what it holds: the next frame has other nodes.
    pub fn forget(&mut self) {
        self.row = None;
    }

    /// Makes node rows `row` and `row + 1` available.
    pub fn seek(
        &mut self,
        row: usize,
        columns: &Columns,
        grid: &[i32],
        nodes: usize,
        reach: &Range<usize>,
    ) {
        if self.row == Some(row) {
            return;
        }
        let nodes_of = |row: usize| &grid[row * nodes..(row + 1) * nodes];
        if row > 0 && self.row == Some(row - 1) {
            core::mem::swap(&mut self.above, &mut self.below);
        } else {
            columns.spread(nodes_of(row), reach.clone(), &mut self.above);
        }
        columns.spread(nodes_of(row + 1), reach.clone(), &mut self.below);
        self.row = Some(row);
    }

    /// The values of a shown row, `weight` behind the node row that was sought.
    pub fn read(
        &self,
        instructions: Instructions,
        weight: i32,
        span: Range<usize>,
        out: &mut [i32],
    ) {
        simd::between(
            instructions,
            &self.above[span.clone()],
            &self.below[span.clone()],
            weight,
            &mut out[span],
        );
    }
}

/// Adds a row to another.
pub fn add(out: &mut [i32], more: &[i32]) {
    for (out, &more) in out.iter_mut().zip(more) {
        *out = out.wrapping_add(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against the definition, in floating point.
        #[test]
        fn nodes_lie_where_the_contract_says(
            left in -5000..5000_i32,
            length in 20_000..400_000_i32,
            nodes in 2..97_usize,
        ) {
            let pixels = (left / ONE - 2)..((left + length) / ONE + 3);
            let mut columns = Columns::default();
            columns.place(left, length, nodes, pixels.clone());
            let values: Vec<i32> = (0..nodes as i32).map(|i| (i * 7919) % 4001 * 100).collect();
            let mut out = vec![0; pixels.len()];
            columns.spread(&values, 0..pixels.len(), &mut out);
            for (x, &value) in pixels.zip(&out) {
                let share = (f64::from(x) + 0.5 - f64::from(left) / 1024.0)
                    / (f64::from(length) / 1024.0);
                let along = (share * nodes as f64 - 0.5).clamp(0.0, nodes as f64 - 1.0);
                let node = (along as usize).min(nodes - 2);
                let part = along - node as f64;
                let pair = (f64::from(values[node]), f64::from(values[node + 1]));
                let expected = pair.0 + (pair.1 - pair.0) * part;
                // Positions are cut to 1/256 of a node.
                let tolerance = 2.0 + (pair.1 - pair.0).abs() / 256.0;
                prop_assert!((f64::from(value) - expected).abs() <= tolerance);
            }
        }

        #[test]
        fn reach_holds_all_that_a_node_touches(first in 0..20_usize, more in 0..20_usize) {
            let nodes = 20;
            let last = (first + more).min(nodes - 1);
            let mut columns = Columns::default();
            columns.place(300, 100_000, nodes, 0..110);
            let mut values = vec![0; nodes];
            values[first..=last].fill(1000);
            let mut out = vec![0; 110];
            columns.spread(&values, 0..110, &mut out);
            let reach = columns.reach(first, last);
            for (x, value) in out.iter().enumerate() {
                prop_assert!(*value == 0 || reach.contains(&x), "{x} {value} {reach:?}");
            }
        }

        #[test]
        fn rolling_down_equals_jumping(rows in proptest::collection::vec(0..7_usize, 1..12)) {
            let grid: Vec<i32> = (0..8 * 5).map(|i| i * i).collect();
            let mut columns = Columns::default();
            columns.place(0, 40_000, 5, 0..39);
            let mut rolling = Rolling::new(39);
            for row in rows {
                rolling.seek(row, &columns, &grid, 5, &(0..39));
                let mut fresh = Rolling::new(39);
                fresh.seek(row, &columns, &grid, 5, &(0..39));
                let (mut a, mut b) = (vec![0; 39], vec![0; 39]);
                rolling.read(Instructions::PLAIN, 77, 0..39, &mut a);
                fresh.read(Instructions::best(), 77, 0..39, &mut b);
                prop_assert_eq!(a, b);
            }
        }
    }
}
