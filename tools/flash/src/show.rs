//! How devices, progress and outcomes are shown: to a person, to a log, to a program.

use crate::devices::{Device, Kind};
use crate::failure::Failure;
use crate::meter::Meter;
use crate::writer::{Flashed, Phase, Standing};
use serde_json::{Value, json};
use std::time::Duration;

/// Bytes for people, in the decimal units that makers of cards use: `31.9 GB`.
pub fn bytes(count: u64) -> String {
    let mut value = count as f64;
    for unit in ["B", "kB", "MB", "GB", "TB"] {
        if value < 999.5 || unit == "TB" {
            return match unit {
                "B" => format!("{count} B"),
                _ if value < 9.995 => format!("{value:.2} {unit}"),
                _ if value < 99.95 => format!("{value:.1} {unit}"),
                _ => format!("{value:.0} {unit}"),
            };
        }
        value /= 1000.0;
    }
    format!("{count} B")
}

/// A time for people: `45 s`, `3 min 20 s`, `2 h 05 min`.
pub fn time(time: Duration) -> String {
    let seconds = time.as_secs_f64().round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// What a device is, in one line, and its partitions in one more.
pub fn device(device: &Device) -> String {
    let mut facts = vec![bytes(device.size)];
    if !device.model.is_empty() {
        facts.push(device.model.clone());
    }
    if !device.serial.is_empty() && device.bus != "loop" {
        facts.push(format!("serial {}", device.serial));
    }
    if !device.bus.is_empty() {
        facts.push(device.bus.clone());
    }
    if device.kind == Kind::Disk {
        facts.push(
            if device.removable {
                "removable"
            } else {
                "built in"
            }
            .to_owned(),
        );
    }
    let mut shown = format!("  {}  {}\n", device.path, facts.join(" · "));
    let partitions: Vec<String> = device
        .partitions
        .iter()
        .map(|part| {
            let label = match part.label.is_empty() {
                true => String::new(),
                false => format!(" {:?}", part.label),
            };
            format!("{}{label} {}", part.name, bytes(part.size))
        })
        .collect();
    match (device.kind, partitions.is_empty()) {
        (Kind::File, _) => {}
        (_, true) => shown.push_str("      no partitions that this computer knows\n"),
        (_, false) => shown.push_str(&format!("      on it now: {}\n", partitions.join(", "))),
    }
    shown
}

/// How far one device is, without its name: `writing    42 %  312 MB of 743 MB  38.1 MB/s  11 s left`.
pub fn standing(standing: &Standing, meter: &Meter) -> String {
    let word = match (standing.phase, standing.waits) {
        (Phase::Writing, true) => "waiting",
        (phase, _) => phase.word(),
    };
    let mut line = format!("{word:<9}");
    if matches!(standing.phase, Phase::Done | Phase::Failed) {
        return line.trim_end().to_owned();
    }
    match standing.total {
        Some(total) => {
            let percent = match total {
                0 => 100,
                total => (standing.done.min(total) as u128 * 100 / u128::from(total)) as u64,
            };
            line.push_str(&format!(
                " {percent:>3} %  {} of {}",
                bytes(standing.done),
                bytes(total)
            ));
        }
        None => line.push_str(&format!(" {}", bytes(standing.done))),
    }
    if let Some(rate) = meter.rate() {
        line.push_str(&format!("  {}/s", bytes(rate as u64)));
    }
    if let Some(left) = standing
        .total
        .and_then(|total| meter.left(total.saturating_sub(standing.done)))
    {
        line.push_str(&format!("  {} left", time(left)));
    }
    line
}

/// The outcome of one device, without its name.
pub fn outcome(result: &Result<Flashed, Failure>) -> String {
    match result {
        Ok(flashed) => {
            let mut line = format!(
                "flashed and verified: {}, {}",
                bytes(flashed.verified),
                flashed.bypass.words()
            );
            if flashed.kept > 0 {
                line.push_str(&format!(
                    "; {} were there from an interrupted run",
                    bytes(flashed.kept)
                ));
            }
            for note in &flashed.notes {
                line.push_str(&format!("\n      note: {note}"));
            }
            line
        }
        Err(failure) => format!("FAILED: {failure}"),
    }
}

/// A device's progress for programs: one JSON object.
pub fn standing_json(path: &str, standing: &Standing, meter: &Meter) -> Value {
    let left = standing
        .total
        .and_then(|total| meter.left(total.saturating_sub(standing.done)));
    json!({
        "event": "progress",
        "device": path,
        "phase": standing.phase.word(),
        "done": standing.done,
        "total": standing.total,
        "rate": meter.rate().map(|rate| rate as u64),
        "left": left.map(|left| left.as_secs()),
        "waits": standing.waits,
    })
}

/// A device's outcome for programs: one JSON object.
pub fn outcome_json(path: &str, result: &Result<Flashed, Failure>) -> Value {
    match result {
        Ok(flashed) => json!({
            "event": "outcome",
            "device": path,
            "outcome": "flashed",
            "verified": flashed.verified,
            "kept": flashed.kept,
            "read": flashed.bypass.words(),
            "notes": flashed.notes,
        }),
        Err(failure) => json!({
            "event": "outcome",
            "device": path,
            "outcome": "failed",
            "reason": failure.to_string(),
            "again": failure.can_go_on(),
        }),
    }
}

/// Cuts a line to a terminal's width, in letters.
pub fn fit(line: &str, width: usize) -> String {
    match line.chars().count() > width && width > 0 {
        true => line.chars().take(width - 1).chain(['…']).collect(),
        false => line.to_owned(),
    }
}
