//! Putting words into cells: cut, wrapped, and never outside their place.

use super::Palette;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::Span;

/// Cells that a text takes.
pub fn width(text: &str) -> usize {
    Span::raw(text).width()
}

/// Writes from a column on, as far as the area goes; the column behind it.
pub fn put(
    buffer: &mut Buffer,
    area: Rect,
    row: u16,
    column: u16,
    text: &str,
    style: Style,
) -> u16 {
    let area = area.intersection(buffer.area);
    if row >= area.height || column >= area.width {
        return column;
    }
    let room = usize::from(area.width - column);
    // Nothing of what was in the cells before shines through.
    let style = Style {
        fg: style.fg.or(Some(Color::Reset)),
        bg: style.bg.or(Some(Color::Reset)),
        sub_modifier: Modifier::all().difference(style.add_modifier),
        ..style
    };
    let (x, _) = buffer.set_stringn(area.x + column, area.y + row, text, room, style);
    x - area.x
}

/// Writes so that the text ends with the row.
pub fn put_right(buffer: &mut Buffer, area: Rect, row: u16, text: &str, style: Style) {
    let column = usize::from(area.width).saturating_sub(width(text));
    put(buffer, area, row, column as u16, text, style);
}

/// The text, or its beginning and three dots in one cell.
pub fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += width(character.encode_utf8(&mut [0; 4]));
        if taken > most {
            break;
        }
        short.push(character);
    }
    if most > 0 {
        short.push('…');
    }
    short
}

/// Lines no wider than `most`, broken at spaces where there are any.
///
/// The last one is cut where more than `lines` would be needed.
pub fn wrap(text: &str, most: usize, lines: usize) -> Vec<String> {
    let mut wrapped: Vec<String> = Vec::new();
    let mut line = String::new();
    for mut word in text.split_whitespace() {
        if !line.is_empty() && width(&line) + 1 + width(word) > most {
            wrapped.push(std::mem::take(&mut line));
        }
        while width(word) > most && most > 0 {
            let fits = word
                .char_indices()
                .map(|(index, character)| index + character.len_utf8())
                .take_while(|end| width(&word[..*end]) <= most)
                .last();
            let Some(fits) = fits else { break };
            wrapped.push(word[..fits].to_owned());
            word = &word[fits..];
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        wrapped.push(line);
    }
    if wrapped.len() > lines {
        wrapped.truncate(lines);
        if let Some(last) = wrapped.last_mut() {
            *last = cut(&format!("{last} …"), most);
        }
    }
    wrapped
}

/// A panel's heading, with a note at the right; the area below it.
pub fn heading(buffer: &mut Buffer, area: Rect, palette: Palette, title: &str, note: &str) -> Rect {
    let rule = "─".repeat(area.width.into());
    put(buffer, area, 0, 0, &rule, palette.quiet());
    put(buffer, area, 0, 1, &format!(" {title} "), palette.title());
    let room = usize::from(area.width).saturating_sub(width(title) + 6);
    let note = cut(note, room.saturating_sub(3));
    if !note.is_empty() {
        let column = usize::from(area.width).saturating_sub(width(&note) + 3);
        put(
            buffer,
            area,
            0,
            column as u16,
            &format!(" {note} "),
            palette.plain(),
        );
    }
    Rect {
        y: area.y.saturating_add(1),
        height: area.height.saturating_sub(1),
        ..area
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_are_wrapped_and_long_ones_broken() {
        assert_eq!(
            wrap("0 to 100 %, default", 8, 9),
            ["0 to 100", "%,", "default"]
        );
        assert_eq!(wrap("abcdefghij kl", 4, 9), ["abcd", "efgh", "ij", "kl"]);
        assert_eq!(wrap("one two three", 5, 2), ["one", "two …"]);
        assert_eq!(cut("brightness", 6), "brigh…");
        assert_eq!(cut("名前", 3), "名…");
        assert!(wrap("", 8, 9).is_empty());
    }

    proptest! {
        /// Whatever a board says, in whatever width, nothing is wider than its place.
        #[test]
        fn nothing_is_too_wide(text in "\\PC{0,60}", most in 0usize..20, lines in 0usize..5) {
            prop_assert!(width(&cut(&text, most)) <= most);
            let wrapped = wrap(&text, most, lines);
            prop_assert!(wrapped.len() <= lines);
            if most > 1 {
                prop_assert!(wrapped.iter().all(|line| width(line) <= most), "{:?}", wrapped);
            }
        }
    }
}
