//! The portrait at the size shown: everything that stays the same from frame to frame.

use crate::cubic::ONE;
use crate::grain::{Grain, take_grain};
use crate::ground::Ground;
use crate::layout::{Layout, Placed};
use crate::lid;
use crate::nodes::Columns;
use crate::picture::Picture;
use crate::portrait::{EyeLayers, Portrait};
use crate::scale::{Top, Window, scale};
use crate::source::Source;
use core::ops::Range;
use sfumato_core::drawing::FIELD_SIDE;
use sfumato_core::geometry::Rect;

/// A rectangle in shown positions: pixel edges lie at multiples of [`ONE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span2 {
    pub left: i32,
    pub top: i32,
    pub width: i32,
    pub height: i32,
}

impl Span2 {
    /// Columns and rows of the pixels whose centres lie inside.
    pub fn pixels(&self) -> [Range<i32>; 2] {
        [(self.left, self.width), (self.top, self.height)].map(|(start, length)| {
            let first = |edge: i32| (edge + ONE / 2 - 1).div_euclid(ONE);
            first(start)..first(start + length)
        })
    }
}

/// The part of `pixels` inside `limits`; empty parts lie inside too.
pub fn overlap(pixels: &Range<i32>, limits: &Range<i32>) -> Range<i32> {
    let start = pixels.start.clamp(limits.start, limits.end);
    start..pixels.end.clamp(start, limits.end)
}

/// One eye's layers at the size shown.
#[derive(Debug)]
pub struct Eye {
    /// The patch's rectangle, rest positions.
    pub span: Span2,
    /// The eyeball without iris; top byte: how much of it the painting shows.
    pub sclera: Source,
    /// The iris, colours multiplied by the coverage in the top byte.
    pub iris: Source,
    /// The tone of the skin around, without the eyeball.
    pub skin: Source,
    /// Shown pixel of the layers' top left corner.
    pub corner: [i32; 2],
    /// Whether the sclera's top byte says anything.
    pub has_mask: bool,
}

/// The portrait at the size shown.
#[derive(Debug)]
pub struct Scene {
    pub placed: Placed,
    pub painting: Source,
    /// The region, shown positions.
    pub region: Span2,
    /// Columns and rows of the region that are part of the shown picture.
    pub columns: Range<i32>,
    pub rows: Range<i32>,
    /// The region's columns among the field's nodes.
    pub field_columns: Columns,
    /// The background, over `columns` and `rows`.
    pub ground: Option<Ground>,
    pub eyes: [Option<Eye>; 2],
    /// Width and height of the mouth patch, shown positions.
    pub mouth: [i32; 2],
    pub grain: Grain,
}

impl Scene {
    /// Scales everything. The portrait must have been checked.
    pub fn new(portrait: &Portrait, layout: &Layout) -> Scene {
        let placed = layout.place(
            portrait.painting.width(),
            portrait.painting.height(),
            &portrait.region,
        );
        let painting = scale(
            &portrait.painting,
            &Window {
                scale: placed.scale,
                origin: placed.origin,
                size: placed.size,
            },
            Top::Apart,
        );
        let region = span(&placed, &portrait.region);
        let [columns, rows] = region.pixels();
        let columns = overlap(&columns, &(0..placed.size[0] as i32));
        let rows = overlap(&rows, &(0..placed.size[1] as i32));
        let mut field_columns = Columns::with_room(FIELD_SIDE, columns.len());
        field_columns.place(region.left, region.width, FIELD_SIDE, columns.clone());
        let ground = portrait.plate.as_ref().map(|plate| {
            let corner = [columns.start, rows.start];
            let size = [columns.len() as u32, rows.len() as u32];
            let shown = layer(plate, &placed, &portrait.region, corner, size, Top::Apart);
            Ground::new(&shown, |x, y| {
                let at = [
                    x as u32 + columns.start as u32,
                    y as u32 + rows.start as u32,
                ];
                painting.get(at[0], at[1]).unwrap_or(0)
            })
        });
        let mouth = [0, 1].map(|axis: usize| {
            let side = [region.width, region.height][axis];
            (f64::from(portrait.mouth_size[axis]) * f64::from(side)) as i32
        });
        let grain = match &portrait.grain {
            Some(grain) => scaled_grain(grain, &placed),
            None => scaled_grain(&take_grain(&portrait.painting, portrait.region), &placed),
        };
        let eyes = [0, 1].map(|side: usize| eye(&portrait.eyes[side], &placed, &painting));
        Scene {
            painting: Source::new(&opaque(painting)),
            region,
            columns,
            rows,
            field_columns,
            ground,
            eyes,
            mouth,
            grain,
            placed,
        }
    }
}

/// The painting's rectangle in shown positions.
fn span(placed: &Placed, rect: &Rect) -> Span2 {
    let edge = |axis: usize, at: u32| {
        let shown = (f64::from(at) - placed.origin[axis]) * placed.scale[axis];
        libm::round(shown * f64::from(ONE)) as i32
    };
    let (left, top) = (edge(0, rect.x), edge(1, rect.y));
    Span2 {
        left,
        top,
        width: edge(0, rect.right()) - left,
        height: edge(1, rect.bottom()) - top,
    }
}

/// Scales a layer that covers `rect` of the painting to shown pixels from `corner` on.
fn layer(
    picture: &Picture,
    placed: &Placed,
    rect: &Rect,
    corner: [i32; 2],
    size: [u32; 2],
    top: Top,
) -> Picture {
    let origin = [0, 1].map(|axis: usize| {
        let at = f64::from(corner[axis]) / placed.scale[axis] + placed.origin[axis];
        at - f64::from([rect.x, rect.y][axis])
    });
    let window = Window {
        scale: placed.scale,
        origin,
        size,
    };
    scale(picture, &window, top)
}

fn eye(layers: &EyeLayers, placed: &Placed, painting: &Picture) -> Option<Eye> {
    if layers.rect.width == 0 || layers.rect.height == 0 {
        return None;
    }
    let span = span(placed, &layers.rect);
    let [columns, rows] = span.pixels();
    let corner = [columns.start, rows.start];
    let size = [columns.len() as u32, rows.len() as u32];
    if size.contains(&0) {
        return None;
    }
    let shown = |picture, top| layer(picture, placed, &layers.rect, corner, size, top);
    let sclera = shown(&layers.sclera, Top::Apart);
    let around = (0..size[1]).flat_map(|y| (0..size[0]).map(move |x| [x, y]));
    let around = around.map(|[x, y]| {
        let at = [corner[0] + x as i32, corner[1] + y as i32].map(|at| at.max(0) as u32);
        painting.get(at[0], at[1]).unwrap_or(0)
    });
    let around = Picture::from_pixels(size[0], size[1], around.collect()).unwrap_or_default();
    Some(Eye {
        span,
        has_mask: layers
            .sclera
            .pixels()
            .iter()
            .any(|&pixel| pixel >> 24 != 255),
        skin: Source::new(&lid::tone(&around, &sclera)),
        sclera: Source::new(&sclera),
        iris: Source::layer(&shown(&layers.iris, Top::Coverage)),
        corner,
    })
}

fn scaled_grain(tile: &Picture, placed: &Placed) -> Grain {
    let side = |side: u32, scale: f64| (f64::from(side) * scale).clamp(1.0, 256.0) as u32;
    let window = Window {
        scale: placed.scale,
        origin: [0.0; 2],
        size: [
            side(tile.width(), placed.scale[0]),
            side(tile.height(), placed.scale[1]),
        ],
    };
    Grain::new(&scale(tile, &window, Top::Apart))
}

/// The same picture with every top byte full, so that equal colours are equal words.
fn opaque(mut picture: Picture) -> Picture {
    for pixel in picture.pixels_mut() {
        *pixel |= 0xff00_0000;
    }
    picture
}
