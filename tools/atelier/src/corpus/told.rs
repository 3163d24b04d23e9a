//! What a person at a terminal, or a log, is told.

use super::crew::Done;
use serde_json::{Value, json};
use sfumato_corpus::Reason;
use sfumato_corpus::index::Sums;
use sfumato_flash::{meter::Meter, show};
use std::collections::BTreeMap;
use std::fmt;
use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// One line of progress on the standard error, which a terminal writes over.
#[derive(Debug)]
pub struct Line {
    terminal: bool,
    next: Instant,
    shown: bool,
}

impl Line {
    /// A terminal gets a line every half second, a log one every half minute.
    pub fn new() -> Line {
        Line {
            terminal: stderr().is_terminal(),
            next: Instant::now() + Duration::from_secs(1),
            shown: false,
        }
    }

    /// Tells, when it is time.
    pub fn tell(&mut self, line: impl FnOnce() -> String) {
        if Instant::now() < self.next {
            return;
        }
        let pause = if self.terminal { 500 } else { 30_000 };
        self.next = Instant::now() + Duration::from_millis(pause);
        let line = line();
        let mut out = stderr().lock();
        // Progress that cannot be shown is no reason to stop.
        let _ = if self.terminal {
            write!(out, "\r\x1b[K{line}")
        } else {
            writeln!(out, "{line}")
        };
        let _ = out.flush();
        self.shown = true;
    }

    /// Something that is to stay, above the line.
    pub fn say(&mut self, what: &str) {
        self.end();
        let _ = writeln!(stderr().lock(), "{what}");
    }

    /// Leaves the line.
    pub fn end(&mut self) {
        if std::mem::take(&mut self.shown) && self.terminal {
            let _ = write!(stderr().lock(), "\r\x1b[K");
        }
    }
}

/// What a run has done.
#[derive(Debug, Default)]
pub struct Tally {
    /// Clips of this run.
    pub clips: u64,
    made: u64,
    kept: u64,
    reasons: BTreeMap<Reason, u64>,
    frames: u64,
    video: Duration,
    written: u64,
    /// Bytes of clips done, and of all.
    source: [u64; 2],
    took: Duration,
    meter: Meter,
}

impl Tally {
    /// For so many clips of so many bytes.
    pub fn new(clips: u64, bytes: u64) -> Tally {
        Tally {
            clips,
            source: [0, bytes],
            ..Tally::default()
        }
    }

    /// Counts a clip, so long after the start.
    pub fn count(&mut self, done: &Done, bytes: u64, now: Duration) {
        match done {
            Done::Made {
                frames,
                video,
                written,
            } => {
                self.made += 1;
                self.frames += frames;
                self.video += *video;
                self.written += written;
            }
            Done::Kept => self.kept += 1,
            Done::Skipped { skip, .. } => *self.reasons.entry(skip.reason).or_default() += 1,
        }
        self.source[0] += bytes;
        self.took = now;
        self.meter.note(now, self.source[0]);
    }

    fn skipped(&self) -> u64 {
        self.reasons.values().sum()
    }

    /// How it goes on.
    pub fn line(&self) -> String {
        let done = self.made + self.kept + self.skipped();
        let [source, all] = self.source;
        let mut line = format!(
            "{done} of {} clips, {} of {}",
            self.clips,
            show::bytes(source),
            show::bytes(all)
        );
        if let Some(rate) = self.meter.rate() {
            line += &format!(", {}/s", show::bytes(rate as u64));
        }
        if let Some(left) = self.meter.left(all.saturating_sub(source)) {
            line += &format!(", {} left", show::time(left));
        }
        line + &format!("; {} skipped", self.skipped())
    }

    /// For programs; `all` is the number of clips below ROOT, of all shards.
    pub fn json(&self, all: usize, sums: &Sums) -> Value {
        let reasons: BTreeMap<String, u64> = (self.reasons.iter())
            .map(|(reason, count)| (reason.to_string(), *count))
            .collect();
        json!({
            "below_root": all,
            "clips": self.clips,
            "made": self.made,
            "kept": self.kept,
            "skipped": self.skipped(),
            "reasons": reasons,
            "frames": self.frames,
            "video_seconds": self.video.as_secs_f64(),
            "bytes": self.written,
            "seconds": self.took.as_secs_f64(),
            "cache": sums,
        })
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} clips: {} made ({} frames, {} of video, {}) in {}, {} kept, {} skipped",
            self.clips,
            self.made,
            self.frames,
            show::time(self.video),
            show::bytes(self.written),
            show::time(self.took),
            self.kept,
            self.skipped()
        )?;
        for (index, (reason, count)) in self.reasons.iter().enumerate() {
            let before = if index == 0 { ": " } else { ", " };
            write!(out, "{before}{count} {reason}")?;
        }
        Ok(())
    }
}
