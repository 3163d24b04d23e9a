//! What the keys do and the marks mean.

use super::Palette;
use super::pen::{heading, put};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

const LINES: [(&str, &str); 15] = [
    (
        "↑ ↓",
        "choose a setting; page keys go faster, Home and End to the ends",
    ),
    (
        "Enter",
        "edit it; Enter again puts the value into force at once",
    ),
    ("s", "save: keep what is in force over a restart"),
    ("Esc", "leave what was begun; nothing is sent"),
    (
        "q, Ctrl-C",
        "leave; a board that was unlocked here is locked again",
    ),
    ("", ""),
    (
        "!",
        "wants a hand: something is away, hot, or rises that should not",
    ),
    ("*", "is not at its default"),
    ("● ○", "a visitor who is answered, and one who is only seen"),
    ("◀ ▶", "a visitor who stands beside the plan"),
    ("low, high", "the worst of the last two minutes"),
    (
        "▁▄█",
        "the curve, from zero to the highest; a gap: nothing was heard",
    ),
    (
        "living",
        "all works; idle: nobody is followed; rig-only: without the network;",
    ),
    ("", "still: only the painting"),
    ("", "A counter's change is that of the last minute."),
];

/// Draws it.
pub fn draw(palette: Palette, area: Rect, buffer: &mut Buffer) {
    let area = heading(buffer, area, palette, "Help", "any key goes back");
    for (row, (what, means)) in LINES.iter().enumerate() {
        put(buffer, area, row as u16, 2, what, palette.strong());
        put(buffer, area, row as u16, 13, means, palette.plain());
    }
}
