//! Draws rows of the region: the contract of `sfumato_core::drawing`, step by step.

use crate::blend::{FULL, mix_pixel};
use crate::cubic::{ONE, POSITION_BITS, sample};
use crate::frame::{COLOUR_BITS, EDGE_BITS, EDGE_WIDTH, Frame, layers_share};
use crate::ground::{Band, Ground, Kind, Run};
use crate::nodes::{Rolling, add, node_at};
use crate::scene::{Eye, Scene};
use crate::simd::{self, Instructions};
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;
use sfumato_core::drawing::{FIELD_SIDE, MOUTH_HEIGHT, MOUTH_WIDTH};
use sfumato_core::pixels::{Xrgb, rgb, xrgb};

/// A shown pixel inside an eye.
#[derive(Clone, Copy, Debug)]
struct Hit {
    /// Column of the region.
    column: u32,
    eye: u8,
    /// Rest position, whole numbers at pixel centres.
    at: [i32; 2],
    /// How much of the eyeball shows, of [`FULL`].
    cover: i32,
    /// How much of the eyeball is layers because the lids moved, of [`FULL`].
    lids: i32,
    shading: i32,
    /// How much of the lid's paint gives way to its tone, of [`FULL`], and how far above the lid's edge it lies.
    soft: i32,
    above: i32,
}

/// Everything that drawing a run of rows writes to besides the picture.
#[derive(Debug)]
pub struct Scratch {
    field: [Rolling; 7],
    mouth: [Rolling; 7],
    flow_x: Vec<i32>,
    flow_y: Vec<i32>,
    /// Up to three channels at a time, spread over the row.
    values: [Vec<i32>; 3],
    upper: Vec<i32>,
    lower: Vec<i32>,
    hits: Vec<Hit>,
    line: Vec<Xrgb>,
    /// A finished row of the region, before its tone is set.
    pub toned: Vec<Xrgb>,
    /// The plate where each pixel was painted.
    there: Vec<Xrgb>,
    share: Vec<i32>,
    /// How the rows between the upper row of nodes `band` and the next are split.
    runs: Vec<Run>,
    band: Option<usize>,
}

const FLOW_X: usize = 0;
const FLOW_Y: usize = 1;
const ALPHA: usize = 2;
const OCCLUSION: usize = 3;
const RESIDUAL: usize = 4;
const UPPER: usize = 2;
const LOWER: usize = 3;
const COLOUR: usize = 4;

impl Scratch {
    /// Room for rows of the scene's region.
    pub fn new(scene: &Scene) -> Scratch {
        let width = scene.columns.len();
        let row = || vec![0; width];
        Scratch {
            field: core::array::from_fn(|_| Rolling::new(width)),
            mouth: core::array::from_fn(|_| Rolling::new(width)),
            flow_x: row(),
            flow_y: row(),
            values: [row(), row(), row()],
            upper: row(),
            lower: row(),
            // Rectangles may overlap: each pixel can be in both eyes.
            hits: Vec::with_capacity(2 * width),
            line: vec![0; width],
            toned: vec![0; width],
            there: vec![0; width],
            share: row(),
            runs: Vec::with_capacity(FIELD_SIDE),
            band: None,
        }
    }

    /// A new frame begins.
    pub fn forget(&mut self) {
        self.band = None;
        self.field
            .iter_mut()
            .chain(&mut self.mouth)
            .for_each(Rolling::forget);
    }
}

/// What rows are drawn from.
#[derive(Clone, Copy, Debug)]
pub struct Painter<'a> {
    pub scene: &'a Scene,
    pub frame: &'a Frame,
    pub instructions: Instructions,
}

impl Painter<'_> {
    /// Draws shown row `y` of the region into `out`, from the region's column `cut` on.
    ///
    /// Pixels that nothing changes are copied from the painting.
    pub fn draw_row(&self, scratch: &mut Scratch, y: i32, cut: usize, out: &mut [Xrgb]) {
        let (scene, frame) = (self.scene, self.frame);
        let first = scene.columns.start as usize;
        let painted = &scene.painting.row(y as usize)[first..first + scene.columns.len()];
        out.copy_from_slice(&painted[cut..cut + out.len()]);
        let down = i64::from(y) * i64::from(ONE) + i64::from(ONE / 2) - i64::from(scene.region.top);
        let (node_row, weight) = node_at(down, i64::from(scene.region.height), FIELD_SIDE);
        let span = frame.active_columns(scene, y, node_row);
        if span.is_empty() {
            return;
        }

        let field = &frame.field;
        let mut reach = field.reach.clone();
        if reach.is_empty() {
            reach = span.clone();
        }
        let reach = reach.start.min(span.start)..reach.end.max(span.end);
        let read = |channel: usize, rolling: &mut [Rolling; 7], grid: &[i32], out: &mut [i32]| {
            let rolling = &mut rolling[channel];
            rolling.seek(node_row, &scene.field_columns, grid, FIELD_SIDE, &reach);
            rolling.read(self.instructions, weight, span.clone(), out);
        };

        // Where each pixel was painted.
        read(
            FLOW_X,
            &mut scratch.field,
            &field.flow_x,
            &mut scratch.flow_x,
        );
        read(
            FLOW_Y,
            &mut scratch.field,
            &field.flow_y,
            &mut scratch.flow_y,
        );
        let stays = field.has_occlusion[node_row] || field.has_occlusion[node_row + 1];
        let ground = scene.ground.as_ref().filter(|_| stays);
        if let Some(ground) = ground {
            let occlusion = &field.occlusion;
            read(OCCLUSION, &mut scratch.field, occlusion, &mut scratch.share);
            if scratch.band != Some(node_row) {
                let band = self.band(y, node_row);
                ground.split(&band, &scene.field_columns, &mut scratch.runs);
                scratch.band = Some(node_row);
            }
            self.grounds(scratch, y, &span, ground);
        }
        scratch.hits.clear();
        for (side, eye) in scene.eyes.iter().enumerate() {
            if let Some(eye) = eye
                && frame.eyes[side].rows.contains(&y)
            {
                self.lids(scratch, y, side, eye);
            }
        }
        let mouth = frame.mouth.rows.contains(&y);
        let mouth_open = mouth && self.lips(scratch, y);

        // The paint there.
        match ground {
            Some(ground) => {
                self.paint(scratch, y, &span, ground, painted);
            }
            None => simd::warp_row(
                self.instructions,
                &scene.painting,
                (first + span.start) as i32,
                y,
                &scratch.flow_x[span.clone()],
                &scratch.flow_y[span.clone()],
                &mut scratch.line[span.clone()],
            ),
        }

        // What the painting does not show.
        self.eyeballs(scratch, y);
        if mouth_open {
            self.mouth(scratch, y);
        }
        if field.has_residual[node_row] || field.has_residual[node_row + 1] {
            for (channel, values) in scratch.values.iter_mut().enumerate() {
                let grid = &field.residual[channel];
                read(RESIDUAL + channel, &mut scratch.field, grid, values);
            }
            let [red, green, blue] = &scratch.values;
            let residual = [red, green, blue].map(|values| &values[span.clone()]);
            simd::add_residual(self.instructions, residual, &mut scratch.line[span.clone()]);
        }
        if let Some(ground) = ground {
            self.outline(scratch, y, &span, ground);
        }
        let [share, _, _] = &mut scratch.values;
        read(ALPHA, &mut scratch.field, &field.alpha, share);
        let visible = span.start.max(cut)..span.end.min(cut + out.len());
        if visible.is_empty() {
            return;
        }
        simd::mix(
            self.instructions,
            &scratch.line[visible.clone()],
            &share[visible.clone()],
            &mut out[visible.start - cut..visible.end - cut],
        );
    }

    /// What lies between the same two rows of nodes as row `y`, from there on.
    fn band(&self, y: i32, node_row: usize) -> Band<'_> {
        let (scene, frame) = (self.scene, self.frame);
        let row_of = |y: i32| {
            let down = i64::from(y) * i64::from(ONE) + i64::from(ONE / 2);
            let down = down - i64::from(scene.region.top);
            node_at(down, i64::from(scene.region.height), FIELD_SIDE).0
        };
        let mut end = y + 1;
        while end < scene.rows.end && row_of(end) == node_row {
            end += 1;
        }
        let [right, left] = &frame.eyes;
        let patches = [
            (&frame.mouth.columns, &frame.mouth.rows),
            (&right.columns, &right.rows),
            (&left.columns, &left.rows),
        ];
        let local = |range: &Range<i32>, start: i32| range.start - start..range.end - start;
        Band {
            node_row,
            rows: local(&(y..end), scene.rows.start),
            flow: [&frame.field.flow_x, &frame.field.flow_y],
            share: &frame.field.occlusion,
            patches: patches.map(|(columns, rows)| {
                [
                    local(columns, scene.columns.start),
                    local(rows, scene.rows.start),
                ]
            }),
        }
    }

    /// The paint where each pixel was painted; ground that stays is taken as it is.
    fn paint(
        &self,
        scratch: &mut Scratch,
        y: i32,
        span: &Range<usize>,
        ground: &Ground,
        painted: &[Xrgb],
    ) {
        let here = ground.plate.row((y - self.scene.rows.start) as usize);
        for (run, kind) in within(&scratch.runs, span) {
            let line = &mut scratch.line[run.clone()];
            match kind {
                Kind::Stays => line.copy_from_slice(&here[run]),
                Kind::Rests => line.copy_from_slice(&painted[run]),
                Kind::Moves | Kind::Settles | Kind::Parts => {
                    simd::warp_row(
                        self.instructions,
                        &self.scene.painting,
                        self.scene.columns.start + run.start as i32,
                        y,
                        &scratch.flow_x[run.clone()],
                        &scratch.flow_y[run.clone()],
                        line,
                    );
                    if kind == Kind::Settles {
                        let share = &scratch.share[run.clone()];
                        simd::mix(self.instructions, &here[run], share, line);
                    }
                }
            }
        }
    }

    /// The plate where each pixel along the sitter's outline was painted.
    fn grounds(&self, scratch: &mut Scratch, y: i32, span: &Range<usize>, ground: &Ground) {
        for (run, kind) in within(&scratch.runs, span) {
            if kind == Kind::Parts {
                simd::warp_row(
                    self.instructions,
                    &ground.plate,
                    run.start as i32,
                    y - self.scene.rows.start,
                    &scratch.flow_x[run.clone()],
                    &scratch.flow_y[run.clone()],
                    &mut scratch.there[run],
                );
            }
        }
    }

    /// Takes back what the field did to the ground along the sitter's outline.
    fn outline(&self, scratch: &mut Scratch, y: i32, span: &Range<usize>, ground: &Ground) {
        let here = ground.plate.row((y - self.scene.rows.start) as usize);
        for (run, kind) in within(&scratch.runs, span) {
            if kind == Kind::Parts {
                simd::stay_behind(
                    self.instructions,
                    &here[run.clone()],
                    &scratch.there[run.clone()],
                    &scratch.share[run.clone()],
                    &mut scratch.line[run],
                );
            }
        }
    }

    /// Adds the lids' flow and notes what else the eye does to this row.
    fn lids(&self, scratch: &mut Scratch, y: i32, side: usize, eye: &Eye) {
        let frame = &self.frame.eyes[side];
        let rectangle = &eye.span;
        for x in frame.columns.clone() {
            let column = (x - self.scene.columns.start) as usize;
            let flow_x = &mut scratch.flow_x[column];
            let flow_y = &mut scratch.flow_y[column];
            let at = [
                (x << POSITION_BITS) + *flow_x,
                (y << POSITION_BITS) + *flow_y,
            ];
            // Rest position with pixel edges, not centres, at whole numbers.
            let (across, down) = (at[0] + ONE / 2, at[1] + ONE / 2);
            let inside = (0..rectangle.width).contains(&(across - rectangle.left))
                && (0..rectangle.height).contains(&(down - rectangle.top));
            if !inside {
                continue;
            }
            let [lid_x, lid_y, upper, lower, shading, soft] = frame.at(rectangle, across, down);
            let opening = upper.min(lower);
            *flow_x += lid_x;
            *flow_y += lid_y;
            // The edge lies in the middle of its ramp.
            let cover = ((opening + EDGE_WIDTH / 2).clamp(0, EDGE_WIDTH) * FULL) / EDGE_WIDTH;
            if (cover > 0 || shading != 0 || soft != 0)
                && scratch.hits.len() < scratch.hits.capacity()
            {
                scratch.hits.push(Hit {
                    column: column as u32,
                    eye: side as u8,
                    at,
                    cover,
                    lids: layers_share(lid_x, lid_y),
                    shading,
                    soft,
                    above: -upper >> EDGE_BITS,
                });
            }
        }
    }

    /// Gives drawn-out lids their tone, puts the eyeballs over them, and shades both.
    fn eyeballs(&self, scratch: &mut Scratch, y: i32) {
        for hit in &scratch.hits {
            let side = usize::from(hit.eye);
            let Some(eye) = &self.scene.eyes[side] else {
                continue;
            };
            let column = hit.column as usize;
            let pixel = &mut scratch.line[column];
            // Under a whole eyeball no lid is seen.
            if hit.soft > 0 && hit.cover < FULL {
                let from = [scratch.flow_x[column], scratch.flow_y[column]];
                *pixel = mix_pixel(*pixel, self.lid(eye, hit, y, from), hit.soft);
            }
            if hit.cover > 0 {
                let eyeball = self.eyeball(side, eye, hit);
                *pixel = mix_pixel(*pixel, eyeball, hit.cover);
            }
            if hit.shading != 0 {
                *pixel = shaded(*pixel, hit.shading);
            }
        }
    }

    /// A drawn-out lid's colour: the skin's tone where its paint comes `from`, with the paint's grain on it.
    fn lid(&self, eye: &Eye, hit: &Hit, y: i32, from: [i32; 2]) -> Xrgb {
        let x = self.scene.columns.start + hit.column as i32;
        let [across, down] = [x - eye.corner[0], y - eye.corner[1]].map(|at| at << POSITION_BITS);
        let tone = sample(&eye.skin, across + from[0], down + from[1]);
        // Grain belongs to the lid: it moves with its edge.
        let along = (hit.at[0] >> POSITION_BITS) - eye.corner[0];
        let grain = self.scene.grain.at(along, -hit.above);
        grained(rgb(tone).map(|byte| i32::from(byte) << COLOUR_BITS), grain)
    }

    /// The eyeball's colour: the painting's own while nothing moved, else the layers.
    fn eyeball(&self, side: usize, eye: &Eye, hit: &Hit) -> Xrgb {
        let frame = &self.frame.eyes[side];
        let [x, y] = hit.at;
        let painted = sample(&self.scene.painting, x, y);
        if frame.layers == 0 && hit.lids == 0 {
            return painted;
        }
        let local = [
            x - (eye.corner[0] << POSITION_BITS),
            y - (eye.corner[1] << POSITION_BITS),
        ];
        let sclera = sample(&eye.sclera, local[0], local[1]);
        // Where the painting shows skin, opened lids uncover what only the layers show.
        let bare = if eye.has_mask {
            255 - (sclera >> 24) as i32
        } else {
            255
        };
        let share = frame.layers.max(hit.lids * bare / 255);
        if share == 0 {
            return painted;
        }
        let [gaze_x, gaze_y] = frame.gaze;
        let iris = sample(&eye.iris, local[0] - gaze_x, local[1] - gaze_y);
        mix_pixel(painted, over(iris, sclera), share)
    }

    /// Adds the lips' flow; whether the mouth may be open in this row.
    fn lips(&self, scratch: &mut Scratch, y: i32) -> bool {
        let mouth = &self.frame.mouth;
        let (row, weight) = self.mouth_row(y);
        let from = (mouth.columns.start - self.scene.columns.start) as usize;
        let width = mouth.columns.len();
        let all = 0..width;
        let [more, _, _] = &mut scratch.values;
        let flows = [
            (FLOW_X, &mouth.flow_x, &mut scratch.flow_x),
            (FLOW_Y, &mouth.flow_y, &mut scratch.flow_y),
        ];
        for (channel, grid, flow) in flows {
            let rolling = &mut scratch.mouth[channel];
            rolling.seek(row, &mouth.nodes, grid, MOUTH_WIDTH, &all);
            rolling.read(self.instructions, weight, all.clone(), more);
            add(&mut flow[from..from + width], &more[all.clone()]);
        }
        mouth.open[row]
    }

    /// Paints the inside of the mouth where the lips part.
    fn mouth(&self, scratch: &mut Scratch, y: i32) {
        let mouth = &self.frame.mouth;
        let (row, weight) = self.mouth_row(y);
        let from = (mouth.columns.start - self.scene.columns.start) as usize;
        let all = 0..mouth.columns.len();
        let mut read = |channel: usize, grid: &[i32], out: &mut [i32]| {
            let rolling = &mut scratch.mouth[channel];
            rolling.seek(row, &mouth.nodes, grid, MOUTH_WIDTH, &all);
            rolling.read(self.instructions, weight, all.clone(), out);
        };
        read(UPPER, &mouth.upper, &mut scratch.upper);
        read(LOWER, &mouth.lower, &mut scratch.lower);
        for (channel, out) in scratch.values.iter_mut().enumerate() {
            read(COLOUR + channel, &mouth.colour[channel], out);
        }
        // Grain belongs to the mouth: it moves with it.
        let corner = [mouth.span.left / ONE, mouth.span.top / ONE];
        for i in all {
            // Nothing of the inside shows while the lips touch: the ramp starts at the edge.
            let opening = scratch.upper[i].min(scratch.lower[i]);
            let cover = opening.clamp(0, EDGE_WIDTH) * FULL / EDGE_WIDTH;
            if cover == 0 {
                continue;
            }
            let [red, green, blue] = [0, 1, 2].map(|channel: usize| scratch.values[channel][i]);
            let x = mouth.columns.start + i as i32;
            let grain = self.scene.grain.at(x - corner[0], y - corner[1]);
            let inside = grained([red, green, blue], grain);
            let pixel = &mut scratch.line[from + i];
            *pixel = mix_pixel(*pixel, inside, cover);
        }
    }

    fn mouth_row(&self, y: i32) -> (usize, i32) {
        let span = &self.frame.mouth.span;
        let down = i64::from(y) * i64::from(ONE) + i64::from(ONE / 2) - i64::from(span.top);
        node_at(down, i64::from(span.height), MOUTH_HEIGHT)
    }
}

/// The parts of the runs within `span`.
fn within(runs: &[Run], span: &Range<usize>) -> impl Iterator<Item = Run> {
    runs.iter().filter_map(move |(run, kind)| {
        let part = run.start.max(span.start)..run.end.min(span.end);
        (!part.is_empty()).then_some((part, *kind))
    })
}

/// A premultiplied layer over a colour.
fn over(layer: Xrgb, under: Xrgb) -> Xrgb {
    let rest = 255 - (layer >> 24);
    let channel = |shift: u32| {
        let sum = (layer >> shift & 255) + ((under >> shift & 255) * rest + 127) / 255;
        sum.min(255) << shift
    };
    0xff00_0000 | channel(16) | channel(8) | channel(0)
}

/// Lighter or darker by a share of [`FULL`] of the colour.
fn shaded(pixel: Xrgb, shading: i32) -> Xrgb {
    xrgb(rgb(pixel).map(|byte| {
        let byte = i32::from(byte);
        (byte + ((byte * shading + FULL / 2) >> 15)).clamp(0, 255) as u8
    }))
}

/// A painted tone with the grain on it; in the dark grain shows less, as on real paint.
fn grained(colour: [i32; 3], grain: i32) -> Xrgb {
    let light = (54 * colour[0] + 183 * colour[1] + 19 * colour[2]) >> (8 + COLOUR_BITS);
    // Grain was taken from well-lit paint: its strength follows the light, but never dies.
    let strength = (32 + light).min(256);
    let add = (grain * strength) >> (8 - COLOUR_BITS);
    xrgb(
        colour.map(|value| {
            ((value + add + (1 << (COLOUR_BITS - 1))) >> COLOUR_BITS).clamp(0, 255) as u8
        }),
    )
}
