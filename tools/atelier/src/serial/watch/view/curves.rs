//! Rates and latency, with their last two minutes as curves.

use super::super::model::Model;
use super::super::trace::Trace;
use super::Palette;
use super::pen::{cut, heading, put, put_right, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Heights of a cell, in eighths.
const BARS: [&str; 9] = [" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Columns before a curve, and behind it.
const BEFORE: u16 = 18;
const BEHIND: u16 = 9;

/// Draws them; for boards that do not tell rates, what they say instead.
pub fn draw(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    if model.is_old {
        return status(model, palette, area, buffer);
    }
    let area = heading(buffer, area, palette, "Picture", "last 2 minutes");
    let vitals = &model.vitals;
    let rows = [
        (
            "pictures",
            vitals.picture_rate,
            "/s",
            &model.pictures,
            "low",
        ),
        ("camera", vitals.camera_rate, "/s", &model.frames, "low"),
        ("latency", vitals.latency, "ms", &model.latency, "high"),
    ];
    let height = (area.height.saturating_sub(1) / 3).max(1);
    for (index, (name, value, unit, trace, worst)) in rows.into_iter().enumerate() {
        let top = index as u16 * height;
        let row = top + height - 1;
        measured(buffer, area, row, palette, name, value, unit);
        if let Some(value) = trace.worst() {
            let words = format!("{worst} {value:.0}");
            put_right(buffer, area, row, &words, palette.quiet());
        }
        let place = Rect {
            x: area.x + BEFORE,
            y: area.y + top,
            width: area.width.saturating_sub(BEFORE + BEHIND),
            height,
        };
        let place = place.intersection(area);
        curve(buffer, place, palette, trace, model.now);
    }
    let row = 3 * height;
    measured(buffer, area, row, palette, "", vitals.latency_p95, "ms");
    put(
        buffer,
        area,
        row,
        BEFORE,
        "95 in 100 are faster",
        palette.quiet(),
    );
}

fn measured(
    buffer: &mut Buffer,
    area: Rect,
    row: u16,
    palette: Palette,
    name: &str,
    value: Option<f64>,
    unit: &str,
) {
    put(buffer, area, row, 1, name, palette.plain());
    let told = value.map_or("–".to_owned(), |value| format!("{value:.1}"));
    let column = 14u16.saturating_sub(width(&told) as u16);
    put(buffer, area, row, column, &told, palette.strong());
    put(buffer, area, row, 15, unit, palette.quiet());
}

/// A curve from zero to the highest; where nothing was heard, nothing.
fn curve(
    buffer: &mut Buffer,
    area: Rect,
    palette: Palette,
    trace: &Trace,
    now: std::time::Duration,
) {
    let highest = trace.highest().unwrap_or_default().max(1.0);
    // A little air above, so that curves do not grow together.
    let steps = f64::from(area.height) * 8.0 - 2.0;
    for (column, value) in trace
        .columns(area.width.into(), now)
        .into_iter()
        .enumerate()
    {
        let Some(value) = value else { continue };
        // What is none is seen to be none, not to be unknown.
        let eighths = (value / highest * steps).round().clamp(1.0, steps) as usize;
        for row in 0..usize::from(area.height) {
            let below = (usize::from(area.height) - 1 - row) * 8;
            let bar = BARS[eighths.saturating_sub(below).min(8)];
            put(
                buffer,
                area,
                row as u16,
                column as u16,
                bar,
                palette.curve(),
            );
        }
    }
}

fn status(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let area = heading(buffer, area, palette, "Status", "in its own words");
    for (row, (name, value)) in model.status.iter().take(area.height.into()).enumerate() {
        let row = row as u16;
        let column = put(buffer, area, row, 1, &format!("{name}: "), palette.plain());
        let room = usize::from(area.width.saturating_sub(column));
        put(
            buffer,
            area,
            row,
            column,
            &cut(value, room),
            palette.strong(),
        );
    }
}
