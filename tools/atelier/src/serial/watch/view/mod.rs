//! The drawing: what is known, into cells. Pure, so that tests can look at it.

mod curves;
mod frame;
mod help;
mod lists;
mod palette;
mod pen;
mod room;
mod sentence;
mod settings;

pub use palette::Palette;

use super::model::{Link, Mode, Model};
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

/// The least that panels need, columns and rows.
const LEAST: (u16, u16) = (72, 18);

/// From here on there are three columns.
const WIDE: (u16, u16) = (108, 32);

/// Rows that notices have at least, so that panels stay where they are.
const NOTICES: u16 = 2;

/// Draws everything.
pub fn draw(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return sentence::draw(model, palette, area, buffer, LEAST);
    }
    let is_wide = area.width >= WIDE.0 && area.height >= WIDE.1;
    let most = if is_wide { 5 } else { 3 };
    let notices = frame::Notices::new(model, area.width, most);
    let rows = notices.rows().clamp(NOTICES, most);
    let [head, said, body, foot] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(rows),
        Constraint::Fill(1),
        Constraint::Length(1),
    ])
    .areas(area);
    frame::head(model, palette, head, buffer);
    notices.draw(palette, said, buffer);
    frame::foot(model, palette, foot, buffer);
    // What was true a while ago.
    let palette = match model.link {
        Link::There => palette,
        Link::Away { .. } => palette.faded(),
    };
    match model.mode {
        Mode::Help => help::draw(palette, body, buffer),
        _ if is_wide => three_columns(model, palette, body, buffer),
        _ => two_columns(model, palette, body, buffer),
    }
}

fn two_columns(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let [left, _, right] = Layout::horizontal([
        Constraint::Length(area.width * 48 / 100),
        Constraint::Length(1),
        Constraint::Fill(1),
    ])
    .areas(area);
    let [curves, board, counters] = Layout::vertical([
        Constraint::Length(5),
        Constraint::Length(if area.height < 16 { 2 } else { 3 }),
        Constraint::Fill(1),
    ])
    .areas(left);
    curves::draw(model, palette, curves, buffer);
    lists::board(model, palette, board, buffer);
    lists::counters(model, palette, counters, buffer);
    let of_room = match model.mode {
        // Somebody who moves the camera in numbers wants to see the visitors move.
        Mode::Edit(_) | Mode::Pin(_) => 6,
        _ => area.height * 45 / 100,
    };
    let [plan, settings] =
        Layout::vertical([Constraint::Length(of_room), Constraint::Fill(1)]).areas(right);
    room::draw(model, palette, plan, buffer);
    settings::draw(model, palette, settings, buffer);
}

fn three_columns(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let [left, _, settings] = Layout::horizontal([
        Constraint::Fill(5),
        Constraint::Length(1),
        Constraint::Fill(3),
    ])
    .areas(area);
    let [curves, below] =
        Layout::vertical([Constraint::Length(8), Constraint::Fill(1)]).areas(left);
    let [left, _, right] = Layout::horizontal([
        Constraint::Fill(1),
        Constraint::Length(1),
        Constraint::Length(39),
    ])
    .areas(below);
    let [plan, people] = Layout::vertical([Constraint::Fill(2), Constraint::Fill(1)]).areas(left);
    let [board, counters] =
        Layout::vertical([Constraint::Length(7), Constraint::Fill(1)]).areas(right);
    curves::draw(model, palette, curves, buffer);
    room::draw(model, palette, plan, buffer);
    lists::visitors(model, palette, people, buffer);
    lists::board(model, palette, board, buffer);
    lists::counters(model, palette, counters, buffer);
    settings::draw(model, palette, settings, buffer);
}
