//! The board's temperatures, the counters, the visitors in words.

use super::super::counters::Counter;
use super::super::model::Model;
use super::super::notices::HOT;
use super::Palette;
use super::pen::{cut, heading, put, put_right, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Temperatures, memory, and what else it tells.
pub fn board(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let area = heading(buffer, area, palette, "Board", "");
    let vitals = &model.vitals;
    let mut facts: Vec<(String, String, Style)> = Vec::new();
    for (sensor, degrees) in &vitals.temperatures {
        let is_hot = *degrees >= HOT;
        let mark = if is_hot { "! " } else { "" };
        let style = if is_hot {
            palette.alarm()
        } else {
            palette.strong()
        };
        facts.push((sensor.clone(), format!("{mark}{degrees:.0} °C"), style));
    }
    if let Some(memory) = vitals.memory {
        facts.push((
            "memory".to_owned(),
            format!("{memory:.0} MB"),
            palette.strong(),
        ));
    }
    if let Some(percent) = vitals.brightness {
        facts.push((
            "brightness".to_owned(),
            format!("{percent:.0} %"),
            palette.strong(),
        ));
    }
    for (name, value) in &vitals.more {
        facts.push((name.clone(), value.clone(), palette.strong()));
    }
    if facts.is_empty() {
        put(buffer, area, 0, 1, "nothing is told", palette.quiet());
        return;
    }
    let (mut row, mut column) = (0, 1);
    let width_of =
        |(name, value, _): &(String, String, Style)| (width(name) + 1 + width(value)) as u16;
    for (index, fact) in facts.iter().enumerate() {
        if column > 1 && column + width_of(fact) > area.width {
            (row, column) = (row + 1, 1);
        }
        if row >= area.height {
            let more = format!(" +{}", facts.len() - index);
            put_right(
                buffer,
                area,
                area.height.saturating_sub(1),
                &more,
                palette.strong(),
            );
            return;
        }
        let (name, value, style) = fact;
        column = put(buffer, area, row, column, name, palette.plain()) + 1;
        let room = usize::from(area.width.saturating_sub(column));
        column = put(buffer, area, row, column, &cut(value, room), *style) + 2;
    }
}

/// Counters; faults that rise come first.
pub fn counters(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let area = heading(buffer, area, palette, "Counters", "change a minute");
    let all = model.counters.all();
    let (rising, steady): (Vec<&Counter>, Vec<&Counter>) =
        all.iter().partition(|counter| counter.is_alarming());
    let (moved, still): (Vec<&Counter>, Vec<&Counter>) =
        steady.into_iter().partition(|counter| counter.count() > 0);
    let rows: Vec<&Counter> = rising.into_iter().chain(moved).chain(still).collect();
    let fit = usize::from(area.height);
    let shown = if rows.len() > fit {
        fit.saturating_sub(1)
    } else {
        rows.len()
    };
    for (row, counter) in rows.iter().take(shown).enumerate() {
        counted(buffer, area, row as u16, palette, counter);
    }
    let left_out: Vec<_> = rows.iter().skip(shown).collect();
    if !left_out.is_empty() {
        let all_zero = left_out.iter().all(|counter| counter.count() == 0);
        let words = if all_zero { ", all 0" } else { "" };
        let words = format!("… {} more{words}", left_out.len());
        put(buffer, area, shown as u16, 1, &words, palette.quiet());
    }
}

fn counted(buffer: &mut Buffer, area: Rect, row: u16, palette: Palette, counter: &Counter) {
    let change = match counter.per_minute() {
        Some(0) | None => String::new(),
        Some(change) => format!("+{change}"),
    };
    let count = format!("{:>8} {change:>6}", counter.count());
    let room = usize::from(area.width).saturating_sub(width(&count) + 2);
    let name = cut(&counter.name, room);
    let style = if counter.is_alarming() {
        put(buffer, area, row, 0, "!", palette.alarm());
        palette.strong()
    } else {
        palette.plain()
    };
    put(buffer, area, row, 1, &name, style);
    put_right(buffer, area, row, &count, style);
    if counter.is_alarming() {
        put_right(buffer, area, row, &change, palette.alarm());
    }
}

/// Where visitors stand, in words.
pub fn visitors(model: &Model, palette: Palette, area: Rect, buffer: &mut Buffer) {
    let area = heading(buffer, area, palette, "Visitors", "from painted eyes");
    let visitors = &model.vitals.visitors;
    for (row, visitor) in visitors.iter().take(area.height.into()).enumerate() {
        let (mark, style) = match visitor.answered {
            true => ("●", palette.answered()),
            false => ("○", palette.plain()),
        };
        let side = if visitor.right < 0.0 { "left" } else { "right" };
        let height = if visitor.above < 0.0 {
            "below"
        } else {
            "above"
        };
        let words = format!(
            "{mark} {:.1} m  {:.1} m {side}  {:.0} cm {height}",
            visitor.away,
            visitor.right.abs(),
            visitor.above.abs() * 100.0,
        );
        put(buffer, area, row as u16, 1, &words, style);
    }
    if visitors.is_empty() {
        put(buffer, area, 0, 1, "nobody", palette.quiet());
    }
}
