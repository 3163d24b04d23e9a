//! Progress of a bake, one line that is written over.

use sfumato_bake::bake::Bake;
use std::io::{IsTerminal, Write, stdout};
use std::time::{Duration, Instant};

/// Tells how a bake goes on.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    next: Instant,
}

impl Progress {
    /// For the standard output: a terminal gets a line every second, a file one a minute.
    pub fn new() -> Progress {
        Progress {
            terminal: stdout().is_terminal(),
            next: Instant::now() + Duration::from_secs(2),
        }
    }

    /// Tells, when it is time.
    pub fn tell(&mut self, bake: &mut Bake) {
        if Instant::now() < self.next {
            return;
        }
        let pause = if self.terminal { 1 } else { 60 };
        self.next = Instant::now() + Duration::from_secs(pause);
        let line = line(bake);
        let mut out = stdout().lock();
        // Progress that cannot be shown is no reason to stop.
        let _ = if self.terminal {
            write!(out, "\r\x1b[K{line}")
        } else {
            writeln!(out, "{line}")
        };
        let _ = out.flush();
    }

    /// Leaves the line.
    pub fn end(&self) {
        if self.terminal {
            println!();
        }
    }
}

fn line(bake: &mut Bake) -> String {
    let (elapsed, whole) = bake.time();
    let left = (whole - elapsed).max(0.0);
    format!(
        "{:3.0} %  {:<8}  {:2}:{:02} left  step {}  {:.0} million multiplications  {:.1} dB",
        (100.0 * elapsed / whole).min(100.0),
        bake.phase().name(),
        left as u64 / 60,
        left as u64 % 60,
        bake.steps(),
        bake.macs() as f64 / 1e6,
        bake.recent(),
    )
}
