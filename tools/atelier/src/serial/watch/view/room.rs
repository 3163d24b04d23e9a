//! The room from above: the painting at the top, visitors as dots, true to scale.

use super::super::answers::Visitor;
use super::super::model::{Link, Model};
use super::Palette;
use super::pen::{heading, put, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Depths that a plan can have, metres: it does not breathe with every step.
const DEPTHS: [f64; 6] = [2.5, 4.0, 6.0, 9.0, 14.0, 20.0];

/// Columns that metre marks take.
const MARKS: u16 = 5;

/// A cell is about twice as high as it is wide.
const TALL: f64 = 2.0;

/// Draws it.
pub fn draw(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let vitals = &model.vitals;
    let answered = vitals
        .visitors
        .iter()
        .filter(|visitor| visitor.answered)
        .count();
    let note = match vitals.visitors.len() {
        0 => "seen from above".to_owned(),
        count => format!("● {answered} answered ○ {} seen", count - answered),
    };
    let area = heading(buffer, area, palette, "Room", &note);
    let plan = Rect {
        x: area.x + MARKS,
        width: area.width.saturating_sub(MARKS),
        ..area
    };
    if plan.height < 3 || plan.width < 8 {
        return;
    }
    let painting = "▀▀▀▀ painting ▀▀▀▀";
    let column = plan.width.saturating_sub(width(painting) as u16) / 2;
    put(buffer, plan, 0, column, painting, palette.strong());
    let scale = Scale::new(model.depth(), plan);
    marks(&scale, palette, area, plan, buffer);
    if vitals.visitors.is_empty() {
        let words = nobody(model);
        let column = plan.width.saturating_sub(width(words) as u16) / 2;
        put(
            buffer,
            plan,
            plan.height / 2,
            column,
            words,
            palette.plain(),
        );
        return;
    }
    people(&vitals.visitors, &scale, palette, plan, buffer);
}

/// Why there is nobody.
fn nobody(model: &Model) -> &'static str {
    let vitals = &model.vitals;
    if matches!(model.link, Link::Away { .. }) {
        " no line: not known "
    } else if model.is_old {
        " not told by this version "
    } else if vitals.camera.as_deref() == Some("away") {
        " no camera: nobody is seen "
    } else if vitals.open == Some(false) {
        " closed "
    } else {
        " nobody "
    }
}

/// Metres to cells.
struct Scale {
    /// Metres a row.
    row: f64,
    rows: u16,
    columns: u16,
}

impl Scale {
    fn new(farthest: f64, plan: Rect) -> Scale {
        let deepest = DEPTHS[DEPTHS.len() - 1];
        let depth = DEPTHS.into_iter().find(|depth| *depth >= farthest + 0.2);
        let rows = plan.height.saturating_sub(1).max(1);
        Scale {
            row: depth.unwrap_or(deepest) / f64::from(rows),
            rows,
            columns: plan.width,
        }
    }

    /// The row at a distance.
    fn row(&self, away: f64) -> u16 {
        (away / self.row).round().clamp(1.0, f64::from(self.rows)) as u16
    }

    /// The column, and whether it is within the plan.
    fn column(&self, right: f64) -> (u16, bool) {
        let middle = f64::from(self.columns.saturating_sub(1)) / 2.0;
        let column = (middle + right / self.row * TALL).round();
        let last = f64::from(self.columns.saturating_sub(1));
        (
            column.clamp(0.0, last) as u16,
            (0.0..=last).contains(&column),
        )
    }
}

/// A dotted line at each metre, or each few.
fn marks(scale: &Scale, palette: Palette, area: Rect, plan: Rect, buffer: &mut Buffer) {
    // No two lines next to each other.
    let every = [1, 2, 5, 10]
        .into_iter()
        .find(|every| f64::from(*every) >= 1.5 * scale.row)
        .unwrap_or(10);
    let mut metres = every;
    while f64::from(metres) <= scale.row * f64::from(scale.rows) + 1e-9 {
        let row = scale.row(f64::from(metres));
        put(
            buffer,
            area,
            row,
            0,
            &format!("{metres:>2} m"),
            palette.plain(),
        );
        for column in (0..plan.width).step_by(4) {
            put(buffer, plan, row, column, "·", palette.quiet());
        }
        metres += every;
    }
}

fn people(visitors: &[Visitor], scale: &Scale, palette: Palette, plan: Rect, buffer: &mut Buffer) {
    // The one who is answered lies on top of others in the same cell.
    let mut sorted: Vec<&Visitor> = visitors.iter().collect();
    sorted.sort_by_key(|visitor| visitor.answered);
    for visitor in &sorted {
        let (row, (column, is_within)) = (scale.row(visitor.away), scale.column(visitor.right));
        let style = match visitor.answered {
            true => palette.answered(),
            false => palette.plain(),
        };
        let dot = match (is_within, visitor.answered) {
            (true, true) => "●",
            (true, false) => "○",
            (false, _) if visitor.right < 0.0 => "◀",
            (false, _) => "▶",
        };
        put(buffer, plan, row, column, dot, style);
    }
    for visitor in sorted.iter().rev() {
        let (row, (column, _)) = (scale.row(visitor.away), scale.column(visitor.right));
        let label = match visitor.answered {
            true => format!("{:.1} m answered", visitor.away),
            false => format!("{:.1} m", visitor.away),
        };
        let style = match visitor.answered {
            true => palette.answered(),
            false => palette.plain(),
        };
        let short = format!("{:.1} m", visitor.away);
        for label in [&label, &short] {
            let length = width(label) as u16 + 1;
            // With a space between it and the dot, to its right or to its left.
            let places = [
                (Some(column + 1), format!(" {label}")),
                (column.checked_sub(length), format!("{label} ")),
            ];
            let free = |start: u16| is_free(buffer, plan, row, start, length);
            let place = places
                .into_iter()
                .find_map(|(start, label)| Some((start.filter(|start| free(*start))?, label)));
            if let Some((start, label)) = place {
                put(buffer, plan, row, start, &label, style);
                break;
            }
        }
    }
}

/// Whether nobody stands there, and nothing is written.
fn is_free(buffer: &Buffer, plan: Rect, row: u16, start: u16, length: u16) -> bool {
    start + length <= plan.width
        && (start..start + length).all(|column| {
            let cell = buffer.cell((plan.x + column, plan.y + row));
            cell.is_some_and(|cell| matches!(cell.symbol(), " " | "·"))
        })
}
