//! The bar at the top, what there is to say below it, and the keys at the bottom.

use super::super::model::{Link, Mode, Model};
use super::super::notices::{Weight, doing, notices};
use super::Palette;
use super::pen::{cut, put, put_right, width, wrap};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Columns of a notice's mark, and the space behind it.
const MARK: usize = 4;

/// Who it is, and what it does.
pub fn head(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let bar = palette.bar();
    put(buffer, area, 0, 0, &" ".repeat(area.width.into()), bar);
    let up = match (&model.link, model.vitals.uptime) {
        (Link::There, Some(seconds)) => format!("up {} ", duration(seconds)),
        (Link::There, None) => String::new(),
        (Link::Away { .. }, _) => "no line ".to_owned(),
    };
    let who = format!(" {} · {}", model.name().unwrap_or("Sfumato"), model.port);
    let room = usize::from(area.width).saturating_sub(width(&up) + 2);
    put(buffer, area, 0, 0, &cut(&who, room), bar);
    put_right(buffer, area, 0, &up, bar);

    let vitals = &model.vitals;
    let (words, palette) = match &model.link {
        Link::There => (doing(vitals), palette),
        Link::Away {
            was_there: true, ..
        } => (format!("before: {}", doing(vitals)), palette.faded()),
        Link::Away { .. } => ("not found yet".to_owned(), palette.faded()),
    };
    let column = put(buffer, area, 1, 1, &words, palette.strong());
    let mut facts: Vec<String> = Vec::new();
    facts.extend(vitals.personality.clone());
    facts.extend(
        vitals
            .display
            .as_ref()
            .map(|word| format!("display {word}")),
    );
    facts.extend(vitals.camera.as_ref().map(|word| format!("camera {word}")));
    let room = usize::from(area.width.saturating_sub(column + 3));
    let facts = format!("{} ", cut(&facts.join(" · "), room));
    put_right(buffer, area, 1, &facts, palette.plain());
}

/// What a technician should know first, in lines as long as the screen is wide.
pub struct Notices {
    lines: Vec<Line>,
    /// Notices for which there is no room.
    left_out: usize,
}

struct Line {
    weight: Weight,
    /// A notice's first line has its mark.
    is_first: bool,
    words: String,
}

impl Notices {
    /// In at most so many rows.
    pub fn new(model: &Model, columns: u16, most: u16) -> Notices {
        let all = notices(model);
        let room = usize::from(columns).saturating_sub(MARK + 1);
        let mut lines: Vec<Line> = Vec::new();
        let mut left_out = 0;
        for (index, notice) in all.iter().enumerate() {
            // Each of the others gets a line at least, as far as there are any.
            let free = usize::from(most).saturating_sub(lines.len());
            let others = all.len() - index - 1;
            if free == 0 {
                left_out = others + 1;
                break;
            }
            let rows = free.saturating_sub(others).max(1);
            for (row, words) in wrap(&notice.words, room, rows).into_iter().enumerate() {
                lines.push(Line {
                    weight: notice.weight,
                    is_first: row == 0,
                    words,
                });
            }
        }
        Notices { lines, left_out }
    }

    /// Rows that they take.
    pub fn rows(&self) -> u16 {
        self.lines.len() as u16
    }

    /// Draws them.
    pub fn draw(&self, palette: Palette, area: Rect, buffer: &mut Buffer) {
        if self.lines.is_empty() {
            put(buffer, area, 0, 1, "✓  nothing to report", palette.plain());
        }
        for (row, line) in self.lines.iter().enumerate() {
            let (mark, marked, style) = match line.weight {
                Weight::Alarm => (" ! ", palette.alarm(), palette.strong()),
                Weight::Note => (" · ", palette.plain(), palette.plain()),
            };
            if line.is_first {
                put(buffer, area, row as u16, 0, mark, marked);
            }
            put(buffer, area, row as u16, MARK as u16, &line.words, style);
        }
        if self.left_out > 0 {
            let more = format!(" and {} more ", self.left_out);
            let last = area.height.saturating_sub(1);
            put_right(buffer, area, last, &more, palette.alarm());
        }
    }
}

/// What keys do just now.
pub fn foot(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let keys: &[(&str, &str)] = match &model.mode {
        Mode::Watch => &[
            ("↑↓", "choose"),
            ("Enter", "edit"),
            ("s", "save"),
            ("?", "help"),
            ("q", "leave"),
        ],
        Mode::Edit(editor) if editor.is_sent => &[("Esc", "do not wait")],
        Mode::Edit(_) => &[
            ("Enter", "put into force"),
            ("Esc", "leave as it is"),
            ("Ctrl-U", "clear"),
        ],
        Mode::Pin(_) => &[("Enter", "unlock"), ("Esc", "do without")],
        Mode::Help => &[("any key", "back"), ("q", "leave")],
    };
    let mut column = 1;
    for (key, does) in keys {
        column = put(buffer, area, 0, column, key, palette.strong()) + 1;
        column = put(buffer, area, 0, column, does, palette.plain()) + 3;
    }
}

/// Seconds in the two units that matter.
fn duration(seconds: f64) -> String {
    let seconds = seconds.max(0.0) as u64;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_short() {
        let told = [5.0, 65.0, 3661.0, 86_400.0, 1e9, -1.0].map(duration);
        assert_eq!(
            told,
            [
                "5 s",
                "1 min 5 s",
                "1 h 1 min",
                "1 d 0 h",
                "11574 d 1 h",
                "0 s"
            ]
        );
    }
}
