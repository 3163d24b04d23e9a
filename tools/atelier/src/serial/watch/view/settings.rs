//! Settings: a list, one of which is chosen, and edited in its place.

use super::super::answers::{Setting, unsaved};
use super::super::field::Field;
use super::super::model::{Asking, Editor, Mode, Model};
use super::Palette;
use super::pen::{cut, heading, put, put_right, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

/// Rows of the list that stay in sight while something is edited.
const KEPT: u16 = 3;

/// Draws them.
pub fn draw(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let title = match model.settings.len() {
        0 => "Settings".to_owned(),
        count => format!("Settings {}/{count}", model.chosen + 1),
    };
    let note = match unsaved(&model.status) {
        Some(0) | None => "* is not default".to_owned(),
        Some(count) => format!("{count} not saved: s"),
    };
    let area = heading(buffer, area, palette, &title, &note);
    if model.settings.is_empty() {
        put(buffer, area, 0, 1, "not told yet", palette.quiet());
        return;
    }
    let most = usize::from(area.height.saturating_sub(KEPT));
    let below: Vec<(String, Style)> = match &model.mode {
        Mode::Edit(editor) => about_editing(editor, palette, area.width, most),
        Mode::Pin(asking) => about_pin(asking, palette, area.width, most),
        _ => about_chosen(model, palette, area.width),
    };
    let [list, words] = split(area, below.len() as u16);
    for (row, (line, style)) in below.iter().enumerate() {
        put(buffer, words, row as u16, 1, line, *style);
        if line.starts_with("! ") {
            put(buffer, words, row as u16, 0, " !", palette.alarm());
        }
    }
    if let Mode::Pin(asking) = &model.mode {
        let hidden = "•".repeat(asking.field.text().chars().count());
        typed(buffer, words, 1, 6, &Field::new(&hidden), palette);
    }
    rows(model, palette, list, buffer);
}

fn split(area: Rect, below: u16) -> [Rect; 2] {
    let below = below.min(area.height);
    let list = Rect {
        height: area.height - below,
        ..area
    };
    let words = Rect {
        y: list.y + list.height,
        height: below,
        ..area
    };
    [list, words]
}

/// The list, with the chosen one about in the middle.
///
/// While it is edited, its value has a row of its own.
fn rows(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let editor = match &model.mode {
        Mode::Edit(editor) => Some(editor),
        _ => None,
    };
    let extra = u16::from(editor.is_some());
    let fit = usize::from(area.height.saturating_sub(extra));
    let count = model.settings.len();
    let first = model
        .chosen
        .saturating_sub(fit / 2)
        .min(count.saturating_sub(fit));
    let names = model.settings.iter().map(|setting| width(&setting.name));
    let names = names.max().unwrap_or_default();
    let names = names.min(usize::from(area.width) * 6 / 10);
    let mut row = 0;
    for (index, setting) in model.settings.iter().enumerate().skip(first).take(fit) {
        let is_chosen = index == model.chosen;
        let style = if is_chosen {
            put(
                buffer,
                area,
                row,
                0,
                &" ".repeat(area.width.into()),
                palette.chosen(),
            );
            put(buffer, area, row, 0, "▶", palette.chosen());
            palette.chosen()
        } else {
            palette.plain()
        };
        put(buffer, area, row, 2, &cut(&setting.name, names), style);
        row += 1;
        match editor.filter(|_| is_chosen) {
            Some(editor) => {
                typed(buffer, area, row, 3, &editor.field, palette);
                row += 1;
            }
            None => value(buffer, area, row - 1, names as u16 + 3, setting, style),
        }
    }
}

/// A setting's value, and its mark.
fn value(buffer: &mut Buffer, area: Rect, row: u16, column: u16, setting: &Setting, style: Style) {
    let room = usize::from(area.width.saturating_sub(column + 2));
    put(buffer, area, row, column, &cut(&setting.value, room), style);
    if setting.changed {
        put_right(buffer, area, row, "*", style.add_modifier(Modifier::BOLD));
    }
}

/// What is typed, with the cursor in sight.
fn typed(buffer: &mut Buffer, area: Rect, row: u16, column: u16, field: &Field, palette: Palette) {
    let room = usize::from(area.width.saturating_sub(column + 2));
    let (before, after) = field.halves();
    // Of a long text the end before the cursor is shown.
    let mut from = before.as_str();
    while width(from) > room {
        let mut characters = from.chars();
        characters.next();
        from = characters.as_str();
    }
    let place = Rect {
        width: area.width.saturating_sub(1),
        ..area
    };
    let blank = " ".repeat(room + 1);
    put(buffer, place, row, column, &blank, palette.typed());
    let column = put(buffer, place, row, column, from, palette.typed());
    let mut rest = after.chars();
    let under = rest.next().unwrap_or(' ').to_string();
    let column = put(buffer, place, row, column, &under, palette.cursor());
    put(buffer, place, row, column, rest.as_str(), palette.typed());
}

/// The whole value, where the list has no room for it.
fn about_chosen(model: &Model, palette: Palette, columns: u16) -> Vec<(String, Style)> {
    let Some(setting) = model.settings.get(model.chosen) else {
        return Vec::new();
    };
    let lines = wrap(&setting.value, usize::from(columns).saturating_sub(2), 3);
    let needs_room = width(&setting.value) + width(&setting.name) + 8 > usize::from(columns);
    if !needs_room {
        return Vec::new();
    }
    lines
        .into_iter()
        .map(|line| (line, palette.quiet()))
        .collect()
}

fn about_editing(
    editor: &Editor,
    palette: Palette,
    columns: u16,
    most: usize,
) -> Vec<(String, Style)> {
    let columns = usize::from(columns).saturating_sub(2);
    let mut error = Vec::new();
    if let Some(words) = &editor.error {
        error = wrap(&format!("! {words}"), columns, most.min(3));
    }
    let range = match (&editor.range, editor.is_sent) {
        (_, true) => "sent; waiting for the board",
        (Some(range), _) => range,
        (None, _) => "asking what it can be set to",
    };
    let range = wrap(range, columns, most.saturating_sub(error.len()));
    let error = error.into_iter().map(|line| (line, palette.strong()));
    error
        .chain(range.into_iter().map(|line| (line, palette.plain())))
        .collect()
}

fn about_pin(asking: &Asking, palette: Palette, columns: u16, most: usize) -> Vec<(String, Style)> {
    let columns = usize::from(columns).saturating_sub(2);
    let first = match asking.is_sent {
        true => "unlocking the board",
        false => "The board is locked by a PIN.",
    };
    let mut lines = vec![
        (first.to_owned(), palette.strong()),
        ("PIN".to_owned(), palette.strong()),
    ];
    if let Some(words) = &asking.error {
        let error = wrap(
            &format!("! {words}"),
            columns,
            most.saturating_sub(2).max(1),
        );
        lines.extend(error.into_iter().map(|line| (line, palette.strong())));
    }
    lines
}
