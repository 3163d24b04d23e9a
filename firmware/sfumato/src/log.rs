//! What the program says: to standard error, and again to whoever asks over the serial line.
//!
//! The newest lines are kept in memory and nowhere else; journald keeps what goes to standard error, if it
//! is set up so.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Lines that are kept.
const LINES: usize = 500;

/// Characters of a line that are kept.
const WIDTH: usize = 300;

static KEPT: Mutex<VecDeque<String>> = Mutex::new(VecDeque::new());

/// Says something: `say!("the camera is {}", "away")`.
macro_rules! say {
    ($($words:tt)*) => {
        $crate::log::tell(format_args!($($words)*))
    };
}
pub(crate) use say;

/// Says something.
pub fn tell(words: fmt::Arguments<'_>) {
    eprintln!("sfumato: {words}");
    let time = jiff::Timestamp::now();
    let mut line = format!("{time:.0} {words}").replace(['\n', '\r'], " ");
    if let Some((end, _)) = line.char_indices().nth(WIDTH) {
        line.truncate(end);
    }
    let mut kept = kept();
    if kept.len() >= LINES {
        kept.pop_front();
    }
    kept.push_back(line);
}

/// Writes the newest `most` lines, oldest first.
pub fn write(most: usize, out: &mut dyn Write) -> fmt::Result {
    let kept = kept();
    let skipped = kept.len().saturating_sub(most);
    kept.iter()
        .skip(skipped)
        .try_for_each(|line| writeln!(out, "{line}"))
}

fn kept() -> MutexGuard<'static, VecDeque<String>> {
    // Whoever panicked while holding it left whole lines behind.
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_lines_are_kept_each_on_one_line() {
        for number in 0..LINES + 20 {
            say!("line {number}\nof two");
        }
        say!("{}", "ä".repeat(2 * WIDTH));
        let mut all = String::new();
        write(usize::MAX, &mut all).unwrap();
        assert!(all.lines().count() <= LINES);
        let mut newest = String::new();
        write(1, &mut newest).unwrap();
        assert_eq!(newest.trim_end().chars().count(), WIDTH);
        assert!(all.contains(&format!("line {} of two", LINES + 19)));
        assert!(!all.contains("line 3 of"));
    }
}
