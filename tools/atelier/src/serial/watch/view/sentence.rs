//! For terminals too small for panels: a sentence instead of a broken picture.

use super::super::model::{Link, Mode, Model};
use super::super::notices::{Weight, doing, notices};
use super::Palette;
use super::pen::{put, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Draws it; `least` is what panels need.
pub fn draw(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer, least: (u16, u16)) {
    let mut words = match &model.mode {
        Mode::Watch | Mode::Help => about(model),
        Mode::Edit(editor) => format!(
            "{} = {}_ (Enter puts it into force, Esc leaves it). {}",
            editor.name,
            editor.field.text(),
            editor.error.as_deref().unwrap_or_default(),
        ),
        Mode::Pin(asking) => format!(
            "PIN {}_ (Enter unlocks, Esc does without). {}",
            "•".repeat(asking.field.text().chars().count()),
            asking.error.as_deref().unwrap_or_default(),
        ),
    };
    words.push_str(&format!(
        " From {} x {} cells on there is more to see; here are {} x {}. q leaves.",
        least.0, least.1, area.width, area.height
    ));
    for (row, line) in wrap(&words, area.width.into(), area.height.into())
        .iter()
        .enumerate()
    {
        put(buffer, area, row as u16, 0, line, palette.plain());
    }
}

fn about(model: &Model) -> String {
    let name = model.name().unwrap_or("The portrait");
    let alarms: Vec<String> = notices(model)
        .into_iter()
        .filter(|notice| notice.weight == Weight::Alarm)
        .map(|notice| notice.words)
        .collect();
    let report = match alarms.is_empty() {
        true => "nothing to report".to_owned(),
        false => format!("! {}", alarms.join("; ")),
    };
    if model.link != Link::There {
        return format!("{name}: {report}.");
    }
    let vitals = &model.vitals;
    let rate = vitals.picture_rate.map_or(String::new(), |rate| {
        format!("{rate:.0} pictures a second, ")
    });
    let visitors = match vitals.visitors.len() {
        0 => "nobody is seen".to_owned(),
        1 => "1 visitor".to_owned(),
        count => format!("{count} visitors"),
    };
    format!("{name}: {}; {rate}{visitors}; {report}.", doing(vitals))
}
