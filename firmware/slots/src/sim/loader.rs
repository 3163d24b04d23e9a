//! systemd-boot, as far as it matters: which entry it starts, and how it counts.
//!
//! Written after systemd 252's `src/boot/efi/boot.c`, apart from the reading that updates themselves do, so that a
//! mistake there is not made here too. `default sfumato-*`, `timeout 0`.

use crate::esp::{Esp, EspError};
use std::cmp::Ordering;

/// What was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The entry's file, as it is called after counting.
    pub file: String,
    /// The kernel.
    pub kernel: Vec<u8>,
    /// The initial RAM disk.
    pub initrd: Vec<u8>,
    /// Words for the kernel.
    pub options: String,
}

#[derive(Default)]
struct Line {
    file: String,
    stem: String,
    left: Option<u32>,
    done: u32,
    sort_key: String,
    version: String,
    linux: String,
    initrd: String,
    options: String,
}

/// Starts the board: the chosen entry is counted, then its files are read. None where there is nothing to start.
///
/// # Errors
/// [`EspError`]: the disk fails, or the power is cut while it counts.
pub fn start(esp: &mut dyn Esp) -> Result<Option<Started>, EspError> {
    let mut lines = Vec::new();
    for file in esp.list("loader/entries")? {
        if let Some(line) = read(esp, &file) {
            lines.push(line);
        }
    }
    lines.sort_by(compare);
    let Some(mut line) = lines
        .into_iter()
        .find(|line| line.stem.starts_with("sfumato-"))
    else {
        return Ok(None);
    };
    if let Some(left) = line.left.filter(|left| *left > 0) {
        let counted = format!("{}+{}-{}.conf", line.stem, left - 1, line.done + 1);
        let path = |file: &str| format!("loader/entries/{file}");
        match esp.rename(&path(&line.file), &path(&counted)) {
            Ok(()) => {
                esp.sync()?;
                line.file = counted;
            }
            // Started all the same.
            Err(EspError::Exists(_) | EspError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let file = |esp: &mut dyn Esp, path: &str| {
        esp.read(path.trim_start_matches('/'), usize::MAX)
            .unwrap_or_default()
    };
    Ok(Some(Started {
        kernel: file(esp, &line.linux),
        initrd: file(esp, &line.initrd),
        options: line.options,
        file: line.file,
    }))
}

fn read(esp: &mut dyn Esp, file: &str) -> Option<Line> {
    let name = file.strip_suffix(".conf")?;
    let text = esp
        .read(&format!("loader/entries/{file}"), usize::MAX)
        .ok()?;
    let text = String::from_utf8(text).ok()?;
    let mut line = Line {
        file: file.to_owned(),
        stem: name.to_owned(),
        ..Line::default()
    };
    if let Some((stem, counter)) = name.rsplit_once('+') {
        let (left, done) = counter.split_once('-').unwrap_or((counter, "0"));
        if let (Ok(left), Ok(done)) = (left.parse(), done.parse()) {
            line.stem = stem.to_owned();
            line.left = Some(left);
            line.done = done;
        }
    }
    for words in text.lines() {
        let (key, value) = words.split_once([' ', '\t']).unwrap_or((words, ""));
        let place = match key {
            "sort-key" => &mut line.sort_key,
            "version" => &mut line.version,
            "linux" => &mut line.linux,
            "initrd" => &mut line.initrd,
            "options" => &mut line.options,
            _ => continue,
        };
        value.trim().clone_into(place);
    }
    // An entry whose kernel is not there is none.
    let there = esp
        .read(line.linux.trim_start_matches('/'), usize::MAX)
        .is_ok();
    (!line.linux.is_empty() && there).then_some(line)
}

fn compare(a: &Line, b: &Line) -> Ordering {
    let number = |line: &Line| line.version.parse::<u64>().unwrap_or(0);
    let bad = |line: &Line| line.left == Some(0);
    bad(a)
        .cmp(&bad(b))
        .then(a.sort_key.is_empty().cmp(&b.sort_key.is_empty()))
        .then(a.sort_key.cmp(&b.sort_key))
        .then(number(b).cmp(&number(a)))
        .then(b.stem.cmp(&a.stem))
        .then(match (a.left, b.left) {
            (Some(one), Some(other)) => other.cmp(&one).then(a.done.cmp(&b.done)),
            _ => Ordering::Equal,
        })
}
