//! The contact sheet: many expressions on one picture.

use super::Expression;
use embedded_graphics::geometry::Point;
use embedded_graphics::pixelcolor::{Rgb888, RgbColor};
use sfumato_compositor::overlay::{self, Surface};
use sfumato_compositor::{Compositor, Layout, Picture, Placement, Portrait};
use sfumato_core::drawing::Drawing;
use sfumato_core::geometry::Rect;
use sfumato_core::pixels::xrgb;
use sfumato_generator::Generator;

const GAP: u32 = 6;
/// Rows below each picture, for its name.
const LABEL: u32 = 26;

/// Shows a part of the painting with each expression, `columns` to a row, `side` pixels wide.
pub fn contact_sheet(
    portrait: &Portrait,
    generator: &mut dyn Generator,
    expressions: &[Expression],
    part: Rect,
    side: u32,
    columns: u32,
) -> anyhow::Result<Picture> {
    let layout = Layout {
        placement: Placement::Crop(part),
        ..Layout::fit(side, side)
    };
    let mut compositor = Compositor::new(portrait, layout)?;
    let mut drawing = Box::new(Drawing::REST);
    let mut cell = Picture::new(side, side, 0);
    let columns = columns.min(expressions.len() as u32).max(1);
    let rows = (expressions.len() as u32).div_ceil(columns);
    let (step_x, step_y) = (side + GAP, side + LABEL + GAP);
    let mut sheet = Picture::new(
        columns * step_x + GAP,
        rows * step_y + GAP,
        xrgb([30, 29, 28]),
    );
    for (index, expression) in (0..).zip(expressions) {
        generator.generate(&expression.motion, &mut drawing)?;
        compositor.draw(&drawing, cell.view_mut(), 0)?;
        let left = GAP + index % columns * step_x;
        let top = GAP + index / columns * step_y;
        let width = sheet.width() as usize;
        for y in 0..side {
            let start = (top + y) as usize * width + left as usize;
            if let Some(to) = sheet.pixels_mut().get_mut(start..start + side as usize) {
                to.copy_from_slice(cell.row(y as usize));
            }
        }
        let at = Point::new(left as i32, (top + side) as i32);
        let mut surface = Surface::new(sheet.view_mut());
        overlay::label(&mut surface, at, expression.name, Rgb888::WHITE);
    }
    Ok(sheet)
}
