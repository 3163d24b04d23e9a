//! One drawing, turned into shown pixels: what the rows are drawn from.

use crate::blend::FULL;
use crate::cubic::{HALF_PHASE, ONE};
use crate::lid::softened;
use crate::nodes::Columns;
use crate::scene::{Scene, Span2, overlap};
use crate::simd::{self, Instructions};
use alloc::boxed::Box;
use alloc::vec;
use core::ops::Range;
use sfumato_core::drawing::{
    Amount, Drawing, EYE_HEIGHT, EYE_NODES, EYE_WIDTH, EyePatch, FIELD_NODES, FIELD_SIDE, Field,
    MOUTH_HEIGHT, MOUTH_NODES, MOUTH_WIDTH, MouthPatch,
};

/// The largest flow in shown positions: 1024 pixels, so that differences still multiply.
const FLOW_LIMIT: (i32, i32) = (-(1 << 20), 1 << 20);
/// The farthest the mouth's middle lies from its region's corner: far more than any screen, so
/// that an enlarged region, wider than any flow, still has its mouth in the right place.
const PLACE_LIMIT: (i32, i32) = (-(1 << 26), 1 << 26);
/// Fractional bits of colours to add and to paint, in grey levels.
pub const COLOUR_BITS: u32 = 7;
const COLOUR_ONE: i32 = 255 << COLOUR_BITS;
/// Fractional bits of distances to an edge, in shown pixels.
pub const EDGE_BITS: u32 = 8;
/// Shown pixels over which an edge goes from nothing to all, of [`EDGE_BITS`].
pub const EDGE_WIDTH: i32 = 320;
/// Displacement over which an eyeball goes from the painting to its layers, shown positions.
const LAYERS_WIDTH: u64 = (ONE + ONE / 2) as u64;

/// The field's rows of nodes, in shown pixels.
#[derive(Debug)]
pub struct FieldFrame {
    pub flow_x: Box<[i32]>,
    pub flow_y: Box<[i32]>,
    pub occlusion: Box<[i32]>,
    pub residual: [Box<[i32]>; 3],
    pub alpha: Box<[i32]>,
    /// The first and last active node of each row.
    active: [Option<(u8, u8)>; FIELD_SIDE],
    /// Rows of nodes in which any occlusion, any residual is not zero.
    pub has_occlusion: [bool; FIELD_SIDE],
    pub has_residual: [bool; FIELD_SIDE],
    /// All columns that any active node touches.
    pub reach: Range<usize>,
}

/// The mouth in shown pixels.
#[derive(Debug)]
pub struct MouthFrame {
    pub span: Span2,
    pub flow_x: Box<[i32]>,
    pub flow_y: Box<[i32]>,
    pub upper: Box<[i32]>,
    pub lower: Box<[i32]>,
    pub colour: [Box<[i32]>; 3],
    /// Shown columns and rows, part of the region; empty when the mouth changes nothing.
    pub columns: Range<i32>,
    pub rows: Range<i32>,
    pub nodes: Columns,
    /// Whether the mouth may be open somewhere between a row of nodes and the next.
    pub open: [bool; MOUTH_HEIGHT],
}

/// One node of an eye patch: flow across and down, distances to the lids' edges, shading, and how much of the skin's
/// paint gives way to its tone.
pub type EyeNode = [i32; 6];

/// An eye in shown pixels.
#[derive(Debug)]
pub struct EyeFrame {
    pub nodes: Box<[EyeNode]>,
    pub gaze: [i32; 2],
    /// How much of the layers shows in place of the painting, because the gaze moved.
    pub layers: i32,
    /// Shown columns and rows from which the field may lead into the eye's rectangle; empty when
    /// the eye changes nothing.
    pub columns: Range<i32>,
    pub rows: Range<i32>,
}

/// A drawing in shown pixels.
#[derive(Debug)]
pub struct Frame {
    pub field: FieldFrame,
    pub mouth: MouthFrame,
    pub eyes: [EyeFrame; 2],
    scratch: Box<[i32]>,
}

fn room(nodes: usize) -> Box<[i32]> {
    vec![0; nodes].into_boxed_slice()
}

impl Frame {
    /// Room for any drawing of the scene.
    pub fn new(scene: &Scene) -> Frame {
        let field = || room(FIELD_NODES);
        let mouth = || room(MOUTH_NODES);
        let eye = || EyeFrame {
            nodes: vec![[0; 6]; EYE_NODES].into_boxed_slice(),
            gaze: [0; 2],
            layers: 0,
            columns: 0..0,
            rows: 0..0,
        };
        Frame {
            field: FieldFrame {
                flow_x: field(),
                flow_y: field(),
                occlusion: field(),
                residual: [field(), field(), field()],
                alpha: field(),
                active: [None; FIELD_SIDE],
                has_occlusion: [false; FIELD_SIDE],
                has_residual: [false; FIELD_SIDE],
                reach: 0..0,
            },
            mouth: MouthFrame {
                span: scene.region,
                flow_x: mouth(),
                flow_y: mouth(),
                upper: mouth(),
                lower: mouth(),
                colour: [mouth(), mouth(), mouth()],
                columns: 0..0,
                rows: 0..0,
                nodes: Columns::with_room(MOUTH_WIDTH, scene.columns.len() + 2),
                open: [false; MOUTH_HEIGHT],
            },
            eyes: [eye(), eye()],
            scratch: room(EYE_NODES),
        }
    }

    /// Takes in a drawing.
    pub fn prepare(&mut self, scene: &Scene, instructions: Instructions, drawing: &Drawing) {
        self.field.prepare(scene, instructions, &drawing.field);
        self.mouth.prepare(scene, instructions, &drawing.mouth);
        for ((frame, eye), patch) in self.eyes.iter_mut().zip(&scene.eyes).zip(&drawing.eyes) {
            frame.columns = 0..0;
            frame.rows = 0..0;
            if let Some(eye) = eye {
                frame.prepare(scene, &eye.span, instructions, patch, &mut self.scratch);
                frame.find(scene, &eye.span, &self.field);
            }
        }
    }

    /// The columns of the region (counted from its left) that a shown row may change.
    pub fn active_columns(&self, scene: &Scene, y: i32, node_row: usize) -> Range<usize> {
        let mut span: Option<Range<usize>> = None;
        let mut join = |more: Range<usize>| {
            if more.is_empty() {
                return;
            }
            span = Some(match span.take() {
                Some(span) => span.start.min(more.start)..span.end.max(more.end),
                None => more,
            });
        };
        for row in [node_row, node_row + 1] {
            if let Some((first, last)) = self.field.active[row] {
                join(
                    scene
                        .field_columns
                        .reach(usize::from(first), usize::from(last)),
                );
            }
        }
        let patches = [
            (&self.mouth.columns, &self.mouth.rows),
            (&self.eyes[0].columns, &self.eyes[0].rows),
            (&self.eyes[1].columns, &self.eyes[1].rows),
        ];
        for (columns, rows) in patches {
            if rows.contains(&y) {
                let from = |x: i32| (x - scene.columns.start) as usize;
                join(from(columns.start)..from(columns.end));
            }
        }
        span.unwrap_or(0..0)
    }
}

impl FieldFrame {
    fn prepare(&mut self, scene: &Scene, instructions: Instructions, field: &Field) {
        let scaled = |amounts: &[Amount], unit, limits, out: &mut [i32]| {
            simd::scaled(instructions, amounts, unit, limits, out);
        };
        let (width, height) = (scene.region.width, scene.region.height);
        scaled(&field.flow_x, width, FLOW_LIMIT, &mut self.flow_x);
        scaled(&field.flow_y, height, FLOW_LIMIT, &mut self.flow_y);
        scaled(&field.occlusion, FULL, (0, FULL), &mut self.occlusion);
        scaled(&field.alpha, FULL, (0, FULL), &mut self.alpha);
        let limits = (-COLOUR_ONE, COLOUR_ONE);
        for (out, residual) in self.residual.iter_mut().zip(&field.residual) {
            scaled(residual, COLOUR_ONE, limits, out);
        }
        let (mut first, mut last) = (FIELD_SIDE, 0);
        for row in 0..FIELD_SIDE {
            let nodes = row * FIELD_SIDE..(row + 1) * FIELD_SIDE;
            let any = |values: &[i32]| values[nodes.clone()].iter().any(|&value| value != 0);
            self.has_occlusion[row] = any(&self.occlusion);
            self.has_residual[row] = self.residual.iter().any(|values| any(values));
            let colours = self.has_occlusion[row] || self.has_residual[row];
            // A flow that rounds to no step at all moves nothing.
            let is_active = |&node: &usize| {
                let moves = |flow: i32| !(-HALF_PHASE..HALF_PHASE).contains(&flow);
                let coloured = colours
                    && (self.occlusion[node] != 0
                        || self.residual.iter().any(|values| values[node] != 0));
                let at = node;
                self.alpha[at] != 0
                    && (moves(self.flow_x[at]) || moves(self.flow_y[at]) || coloured)
            };
            self.active[row] = nodes.clone().find(is_active).map(|from| {
                let to = nodes.clone().rev().find(is_active).unwrap_or(from);
                ((from % FIELD_SIDE) as u8, (to % FIELD_SIDE) as u8)
            });
            if let Some((from, to)) = self.active[row] {
                first = first.min(usize::from(from));
                last = last.max(usize::from(to));
            }
        }
        self.reach = if first <= last {
            scene.field_columns.reach(first, last)
        } else {
            0..0
        };
    }

    /// The least and largest flow across and down around the pixels given, in positions.
    fn bounds(&self, scene: &Scene, columns: &Range<i32>, rows: &Range<i32>) -> [(i32, i32); 2] {
        let nodes = |pixels: &Range<i32>, start: i32, length: i32| {
            let node = |pixel: i32| {
                let along = i64::from(pixel) * i64::from(ONE) - i64::from(start);
                (along * FIELD_SIDE as i64).div_euclid(i64::from(length.max(1)))
            };
            let held = |node: i64| node.clamp(0, FIELD_SIDE as i64 - 1) as usize;
            held(node(pixels.start) - 1)..held(node(pixels.end) + 1) + 1
        };
        let region = &scene.region;
        let across = nodes(columns, region.left, region.width);
        let down = nodes(rows, region.top, region.height);
        let mut bounds = [(0, 0); 2];
        for row in down {
            for node in row * FIELD_SIDE + across.start..row * FIELD_SIDE + across.end {
                for (bound, flow) in bounds
                    .iter_mut()
                    .zip([self.flow_x[node], self.flow_y[node]])
                {
                    *bound = (bound.0.min(flow), bound.1.max(flow));
                }
            }
        }
        bounds
    }
}

impl MouthFrame {
    fn prepare(&mut self, scene: &Scene, instructions: Instructions, patch: &MouthPatch) {
        let scaled = |amounts: &[Amount], unit, limits, out: &mut [i32]| {
            simd::scaled(instructions, amounts, unit, limits, out);
        };
        let region = &scene.region;
        let [width, height] = scene.mouth;
        scaled(&patch.flow_x, region.width, FLOW_LIMIT, &mut self.flow_x);
        scaled(&patch.flow_y, region.height, FLOW_LIMIT, &mut self.flow_y);
        let edge = height >> (10 - EDGE_BITS);
        scaled(&patch.upper, edge, FLOW_LIMIT, &mut self.upper);
        scaled(&patch.lower, edge, FLOW_LIMIT, &mut self.lower);
        for (row, open) in self.open.iter_mut().enumerate() {
            let end = ((row + 2) * MOUTH_WIDTH).min(MOUTH_NODES);
            let nodes = row * MOUTH_WIDTH..end;
            *open = may_be_open(&self.upper[nodes.clone()], &self.lower[nodes]);
        }
        let is_open = self.open.contains(&true);
        if is_open {
            for (out, colour) in self.colour.iter_mut().zip(&patch.colour) {
                scaled(colour, COLOUR_ONE, (0, COLOUR_ONE), out);
            }
        }
        let mut centre = [0; 2];
        scaled(
            &patch.centre[..1],
            region.width,
            PLACE_LIMIT,
            &mut centre[..1],
        );
        scaled(
            &patch.centre[1..],
            region.height,
            PLACE_LIMIT,
            &mut centre[1..],
        );
        self.span = Span2 {
            left: region.left + centre[0] - width / 2,
            top: region.top + centre[1] - height / 2,
            width,
            height,
        };
        let moves = |flows: &[i32]| flows.iter().any(|&flow| flow != 0);
        if is_open || moves(&self.flow_x) || moves(&self.flow_y) {
            let [columns, rows] = self.span.pixels();
            self.columns = overlap(&columns, &scene.columns);
            self.rows = overlap(&rows, &scene.rows);
        } else {
            self.columns = 0..0;
            self.rows = 0..0;
        }
        let columns = self.columns.clone();
        self.nodes
            .place(self.span.left, width, MOUTH_WIDTH, columns);
    }
}

/// Whether both of two rows' distances may be positive in a place between its four nodes.
///
/// Each is largest at a node, and so is their sum: it tells closed lips, whose edges fall together
/// anywhere between nodes, from parted ones.
fn may_be_open(upper: &[i32], lower: &[i32]) -> bool {
    let next = upper.len().saturating_sub(MOUTH_WIDTH);
    let column = |column: usize| {
        let node = |node: usize| [upper[node], lower[node], upper[node] + lower[node]];
        let (here, below) = (node(column), node(column + next));
        [0, 1, 2].map(|which: usize| here[which].max(below[which]))
    };
    let mut before = column(0);
    (1..MOUTH_WIDTH).any(|index| {
        let here = column(index);
        let open = (0..3).all(|which| here[which].max(before[which]) > 0);
        before = here;
        open
    })
}

impl EyeFrame {
    fn prepare(
        &mut self,
        scene: &Scene,
        span: &Span2,
        instructions: Instructions,
        patch: &EyePatch,
        scratch: &mut [i32],
    ) {
        let region = &scene.region;
        let edge = span.height >> (10 - EDGE_BITS);
        let channels: [(&[Amount], i32, (i32, i32)); 5] = [
            (&patch.flow_x, region.width, FLOW_LIMIT),
            (&patch.flow_y, region.height, FLOW_LIMIT),
            (&patch.upper, edge, FLOW_LIMIT),
            (&patch.lower, edge, FLOW_LIMIT),
            (&patch.shading, FULL, (-FULL, FULL)),
        ];
        for (channel, (amounts, unit, limits)) in channels.into_iter().enumerate() {
            simd::scaled(instructions, amounts, unit, limits, scratch);
            for (node, &value) in self.nodes.iter_mut().zip(scratch.iter()) {
                node[channel] = value;
            }
        }
        let row = span.height / EYE_HEIGHT as i32;
        for node in 0..EYE_NODES {
            let flow = |node: usize| self.nodes.get(node).map(|node| node[1]);
            let above = node.checked_sub(EYE_WIDTH).and_then(flow);
            let steps = [
                above.zip(flow(node)),
                flow(node).zip(flow(node + EYE_WIDTH)),
            ];
            let steps = steps
                .into_iter()
                .flatten()
                .map(|(above, below)| below - above);
            self.nodes[node][5] = softened(steps.min().unwrap_or(0), row);
        }
        simd::scaled(
            instructions,
            &patch.gaze[..1],
            region.width,
            FLOW_LIMIT,
            &mut self.gaze[..1],
        );
        simd::scaled(
            instructions,
            &patch.gaze[1..],
            region.height,
            FLOW_LIMIT,
            &mut self.gaze[1..],
        );
        self.layers = layers_share(self.gaze[0], self.gaze[1]);
    }

    /// Finds the shown pixels that may lie in the eye's rectangle once the field is undone.
    fn find(&mut self, scene: &Scene, span: &Span2, field: &FieldFrame) {
        let changes = |node: &EyeNode| node[0] != 0 || node[1] != 0 || node[4] != 0;
        if self.gaze == [0; 2] && !self.nodes.iter().any(changes) {
            return;
        }
        let [columns, rows] = span.pixels();
        // Twice: the flow of the whole region bounds the place, the flow of the place is less.
        let (mut shown_columns, mut shown_rows) = (scene.columns.clone(), scene.rows.clone());
        for _ in 0..3 {
            let [(left, right), (up, down)] = field.bounds(scene, &shown_columns, &shown_rows);
            let widen = |pixels: &Range<i32>, least: i32, most: i32| {
                pixels.start - most.div_euclid(ONE) - 1..pixels.end - least.div_euclid(ONE) + 1
            };
            shown_columns = overlap(&widen(&columns, left, right), &scene.columns);
            shown_rows = overlap(&widen(&rows, up, down), &scene.rows);
        }
        self.columns = shown_columns;
        self.rows = shown_rows;
    }

    /// The patch's numbers at a rest position inside its rectangle.
    pub fn at(&self, span: &Span2, x: i32, y: i32) -> EyeNode {
        let along = |at: i32, start: i32, length: i32, nodes| {
            crate::nodes::node_at(i64::from(at - start), i64::from(length), nodes)
        };
        let (column, across) = along(x, span.left, span.width, EYE_WIDTH);
        let (row, down) = along(y, span.top, span.height, EYE_HEIGHT);
        let first = row * EYE_WIDTH + column;
        let (above, below) = (&self.nodes[first..], &self.nodes[first + EYE_WIDTH..]);
        let mut values = [0; 6];
        for (channel, value) in values.iter_mut().enumerate() {
            let lerp = crate::blend::lerp;
            let upper = lerp(above[0][channel], above[1][channel], across);
            let lower = lerp(below[0][channel], below[1][channel], across);
            *value = lerp(upper, lower, down);
        }
        values
    }
}

/// How much of an eyeball's layers shows for a displacement in shown positions, of [`FULL`].
pub fn layers_share(x: i32, y: i32) -> i32 {
    let squared = (i64::from(x).pow(2) + i64::from(y).pow(2)) as u64;
    (squared.isqrt().min(LAYERS_WIDTH) * FULL as u64 / LAYERS_WIDTH) as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slit_between_two_rows_of_nodes_is_open() {
        // The lips' edges lie so far below and above the first of two rows that are 100 apart.
        let open = |upper_edge: i32, lower_edge: i32| {
            let rows = |of: &dyn Fn(i32) -> i32| [[of(0); MOUTH_WIDTH], [of(100); MOUTH_WIDTH]];
            let upper = rows(&|y| y - upper_edge);
            let lower = rows(&|y| lower_edge - y);
            may_be_open(upper.as_flattened(), lower.as_flattened())
        };
        assert!(open(40, 60) && open(-50, 50) && open(-50, 150));
        // Lips that touch, overlap, or part elsewhere.
        assert!(!open(50, 50) && !open(60, 40) && !open(110, 140));
    }
}
