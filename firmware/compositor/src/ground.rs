//! The ground behind the sitter at the size shown, and where it needs which work.
//!
//! Most of the region is either far inside the sitter, where the plate says nothing, or ground
//! and nothing else, where the plate is the painting. Only along the outline do painting and
//! plate both have to be read where the paint came from. Tiles of the plate say which is which.

use crate::blend::FULL;
use crate::cubic::{HALF_PHASE, ONE, POSITION_BITS};
use crate::nodes::Columns;
use crate::picture::Picture;
use crate::source::Source;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use sfumato_core::drawing::FIELD_SIDE;
use sfumato_core::pixels::{Xrgb, rgb};

/// Pixels of a tile's side.
const TILE: usize = 4;
/// Some of the tile is ground.
const GROUND: u8 = 1;
/// Some of the tile is not ground alone.
const SITTER: u8 = 2;

/// The background plate.
#[derive(Debug)]
pub struct Ground {
    /// Colour, and in the top byte how much of the painting is ground.
    pub plate: Source,
    tiles: Vec<u8>,
    columns: usize,
}

/// What a run of shown pixels takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing moves: the painting as it is.
    Rests,
    /// The plate takes no part.
    Moves,
    /// Ground alone, which stays: the plate as it is.
    Stays,
    /// Ground alone, which stays in part: towards the plate.
    Settles,
    /// Along the outline: by the rule.
    Parts,
}

/// Pixels of a row, counted from the region's left, and what they take.
pub type Run = (Range<usize>, Kind);

/// Rows between the same two rows of nodes, and what is drawn there.
#[derive(Debug)]
pub struct Band<'a> {
    /// The upper row of nodes.
    pub node_row: usize,
    /// Shown rows, counted from the plate's top.
    pub rows: Range<i32>,
    /// The field's flow and how far the ground stays, by node.
    pub flow: [&'a [i32]; 2],
    pub share: &'a [i32],
    /// Columns and rows, counted from the plate's corner, where more than the field moves.
    pub patches: [[Range<i32>; 2]; 3],
}

impl Ground {
    /// From the plate at the size shown and the same part of the painting.
    pub fn new(plate: &Picture, painted: impl Fn(usize, usize) -> Xrgb) -> Ground {
        let (width, height) = (plate.width() as usize, plate.height() as usize);
        let columns = width.div_ceil(TILE).max(1);
        let mut tiles = vec![0; columns * height.div_ceil(TILE).max(1)];
        for y in 0..height {
            for (x, &pixel) in plate.row(y).iter().enumerate() {
                let tile = &mut tiles[y / TILE * columns + x / TILE];
                // Scaling may round the two pictures apart by one grey level.
                let apart = |(a, b): (u8, u8)| a.abs_diff(b) > 1;
                let mut both = rgb(pixel).into_iter().zip(rgb(painted(x, y)));
                if pixel >> 24 != 0 {
                    *tile |= GROUND;
                }
                if pixel >> 24 != 255 || both.any(apart) {
                    *tile |= SITTER;
                }
            }
        }
        Ground {
            plate: Source::new(plate),
            tiles,
            columns,
        }
    }

    /// Splits rows between two rows of nodes by what they take, from left to right.
    pub fn split(&self, band: &Band, columns: &Columns, runs: &mut Vec<Run>) {
        runs.clear();
        for node in 0..FIELD_SIDE - 1 {
            let part = columns.between(node);
            if part.is_empty() {
                continue;
            }
            let kind = self.kind(band, node, &part);
            match runs.last_mut() {
                Some((run, last)) if *last == kind => run.end = part.end,
                _ => runs.push((part, kind)),
            }
        }
    }

    fn kind(&self, band: &Band, node: usize, part: &Range<usize>) -> Kind {
        // What is shown between four nodes lies between their values.
        let bounds = |grid: &[i32]| {
            let first = band.node_row * FIELD_SIDE + node;
            let corners = [0, 1, FIELD_SIDE, FIELD_SIDE + 1].map(|i| grid[first + i]);
            let least = corners.into_iter().fold(i32::MAX, i32::min);
            (least, corners.into_iter().fold(i32::MIN, i32::max))
        };
        let (least, most) = bounds(band.share);
        if most <= 0 {
            return Kind::Moves;
        }
        let meets = |patch: &[Range<i32>; 2]| {
            patch[0].start < part.end as i32
                && patch[0].end > part.start as i32
                && patch[1].start < band.rows.end
                && patch[1].end > band.rows.start
        };
        if band.patches.iter().any(meets) {
            // Lids and lips move further than the nodes say.
            return Kind::Parts;
        }
        let [across, down] = band.flow.map(bounds);
        let still = |flow: (i32, i32)| flow.0 >= -HALF_PHASE && flow.1 < HALF_PHASE;
        if still(across) && still(down) {
            return Kind::Rests;
        }
        let rows = self.tiles.len() / self.columns;
        let tiles = |first: i32, last: i32, flow: (i32, i32), count: usize| {
            // The kernel reads one pixel before and two after.
            let low = first.saturating_add((flow.0 - HALF_PHASE).div_euclid(ONE) - 1);
            let high = last.saturating_add((flow.1 + HALF_PHASE + ONE) >> POSITION_BITS) + 2;
            let held = |at: i32| (at.max(0) as usize / TILE).min(count - 1);
            held(low)..held(high) + 1
        };
        let columns = tiles(part.start as i32, part.end as i32 - 1, across, self.columns);
        let mut seen = 0;
        for row in tiles(band.rows.start, band.rows.end - 1, down, rows) {
            for column in columns.clone() {
                seen |= self.tiles[row * self.columns + column];
            }
        }
        match seen {
            GROUND if least >= FULL => Kind::Stays,
            GROUND => Kind::Settles,
            seen if seen & GROUND == 0 => Kind::Moves,
            _ => Kind::Parts,
        }
    }
}
