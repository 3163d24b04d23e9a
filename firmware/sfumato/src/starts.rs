//! Why the program was started, and how long it waits before it tries again.
//!
//! A file of one line in the state folder says which boot of the board the program ran in, whether it has ended, and
//! why. What can be concluded from it at the next start is decided by [`Last::judge`], without I/O. Without
//! a state folder nothing is remembered.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file's name in the state folder.
const NAME: &str = "last-run";

/// A run that ends sooner than this was no good one.
const SHORT: Duration = Duration::from_secs(120);

/// Pauses before the next try, by bad runs in a row. systemd waits 90 seconds for a start.
const PAUSES: [u64; 6] = [0, 0, 2, 5, 15, 60];

/// Why the program was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Nothing is known of an earlier run.
    First,
    /// The program ended as it was told to.
    Ended,
    /// It was to be started anew.
    Restart,
    /// It crashed, was killed, or gave itself up.
    Crash,
    /// The board was to be started anew.
    Reboot,
    /// The board was shut down in order.
    ShutDown,
    /// The board's watchdog started it anew.
    Watchdog,
    /// The power was cut, or the system crashed.
    PowerCut,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::First => "for the first time",
            Reason::Ended => "after an orderly end",
            Reason::Restart => "anew, as asked for",
            Reason::Crash => "after a crash of the program",
            Reason::Reboot => "after a reboot that was asked for",
            Reason::ShutDown => "after the board was shut down in order",
            Reason::Watchdog => "after the board's watchdog had started it anew",
            Reason::PowerCut => "after a power cut or a crash of the system",
        })
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Not yet, as far as is known.
    Running,
    /// As it was told to.
    Ended,
    /// To be started anew.
    Restart,
    /// To start the board anew.
    Reboot,
}

const ENDS: [(End, &str); 4] = [
    (End::Running, "running"),
    (End::Ended, "ended"),
    (End::Restart, "restart"),
    (End::Reboot, "reboot"),
];

/// What is known of the last run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last {
    /// Of the kernel's boot.
    boot: String,
    /// When it began, in seconds since then.
    began: u64,
    /// Bad runs in a row before it.
    bad: u32,
    end: End,
}

impl Last {
    /// Reads the file's line; none if it is damaged.
    fn parse(line: &str) -> Option<Last> {
        let mut words = line.split_whitespace();
        let last = Last {
            boot: words.next()?.to_owned(),
            began: words.next()?.parse().ok()?,
            bad: words.next()?.parse().ok()?,
            end: {
                let word = words.next()?;
                ENDS.iter().find(|(_, known)| *known == word)?.0
            },
        };
        words.next().is_none().then_some(last)
    }

    fn line(&self) -> String {
        let end = ENDS.iter().find(|(end, _)| *end == self.end);
        let end = end.map_or("running", |(_, word)| word);
        format!("{} {} {} {end}\n", self.boot, self.began, self.bad)
    }

    /// Why there is a start now, `since_boot` after the boot called `boot`, and how many bad runs there were.
    /// `bitten`: the board's watchdog says that it has started it.
    pub fn judge(
        last: Option<&Last>,
        boot: &str,
        since_boot: Duration,
        bitten: bool,
    ) -> (Reason, u32) {
        let Some(last) = last else {
            return (Reason::First, 0);
        };
        let reason = match (last.boot == boot, last.end) {
            (true, End::Ended) => Reason::Ended,
            (true, End::Restart) => Reason::Restart,
            (true, End::Running | End::Reboot) => Reason::Crash,
            (false, End::Reboot) => Reason::Reboot,
            (false, End::Ended | End::Restart) => Reason::ShutDown,
            (false, End::Running) if bitten => Reason::Watchdog,
            (false, End::Running) => Reason::PowerCut,
        };
        let ran = since_boot.saturating_sub(Duration::from_secs(last.began));
        let bad = if reason == Reason::Crash && ran < SHORT {
            last.bad.saturating_add(1)
        } else {
            0
        };
        (reason, bad)
    }
}

/// How long to wait after so many bad runs in a row.
pub fn pause(bad: u32) -> Duration {
    let index = usize::try_from(bad).unwrap_or(usize::MAX);
    let longest = PAUSES[PAUSES.len() - 1];
    Duration::from_secs(PAUSES.get(index).copied().unwrap_or(longest))
}

/// This run, as it is remembered.
#[derive(Debug)]
pub struct Run {
    path: PathBuf,
    this: Last,
    /// Why it was started.
    pub reason: Reason,
    /// How long to wait before anything is opened.
    pub pause: Duration,
}

impl Run {
    /// Judges the last run and remembers that this one has begun.
    pub fn begin(state: &Path, bitten: bool) -> Run {
        let path = state.join(NAME);
        let last = fs::read_to_string(&path).ok();
        let last = last.and_then(|line| Last::parse(&line));
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let boot = match boot.trim() {
            "" => "unknown".to_owned(),
            boot => boot.to_owned(),
        };
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let since_boot = Duration::from_secs(now.tv_sec.unsigned_abs());
        let (reason, bad) = Last::judge(last.as_ref(), &boot, since_boot, bitten);
        let run = Run {
            path,
            this: Last {
                boot,
                began: since_boot.as_secs(),
                bad,
                end: End::Running,
            },
            reason,
            pause: pause(bad),
        };
        run.remember();
        run
    }

    /// Remembers how it ends.
    pub fn end(mut self, end: End) {
        self.this.end = end;
        self.remember();
    }

    /// A state folder that is not there, or is full, is somebody else's news.
    fn remember(&self) {
        let _ = write(&self.path, &self.this.line());
    }
}

/// Replaces the file in one step, where its folder is. In place where only the file itself may be written: a board that
/// has lost its data partition remembers for this start alone.
fn write(path: &Path, line: &str) -> io::Result<()> {
    let beside = path.with_extension("new");
    match fs::write(&beside, line) {
        Ok(()) => fs::rename(&beside, path),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied && path.exists() => {
            fs::write(path, line)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last(boot: &str, end: End) -> Last {
        Last {
            boot: boot.to_owned(),
            began: 100,
            bad: 2,
            end,
        }
    }

    #[test]
    fn every_end_leads_to_its_reason() {
        for (boot, end, bitten, reason) in [
            ("b", End::Running, false, Reason::Crash),
            ("b", End::Running, true, Reason::Crash),
            ("b", End::Ended, false, Reason::Ended),
            ("b", End::Restart, false, Reason::Restart),
            ("a", End::Running, false, Reason::PowerCut),
            ("a", End::Running, true, Reason::Watchdog),
            ("a", End::Ended, true, Reason::ShutDown),
            ("a", End::Reboot, false, Reason::Reboot),
        ] {
            let last = last(boot, end);
            assert_eq!(Last::parse(&last.line()), Some(last.clone()));
            let (found, _) = Last::judge(Some(&last), "b", Duration::from_secs(150), bitten);
            assert_eq!(found, reason, "{boot} {end:?}");
        }
        let first = Last::judge(None, "b", Duration::ZERO, true);
        assert_eq!(first, (Reason::First, 0));
    }

    #[test]
    fn bad_runs_in_a_row_make_it_wait_and_a_long_one_ends_the_row() {
        let crashed = last("b", End::Running);
        let after = |seconds: u64| {
            let at = Duration::from_secs(100 + seconds);
            Last::judge(Some(&crashed), "b", at, false).1
        };
        assert_eq!((after(10), after(119), after(120)), (3, 3, 0));
        assert_eq!(pause(0), Duration::ZERO);
        assert_eq!(pause(3), Duration::from_secs(5));
        assert_eq!(pause(u32::MAX), Duration::from_secs(60));
    }

    #[test]
    fn runs_are_remembered_where_there_is_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let begin = || Run::begin(folder.path(), false);
        assert_eq!(begin().reason, Reason::First);
        // Nothing was said of its end.
        let second = begin();
        assert_eq!((second.reason, second.pause), (Reason::Crash, pause(1)));
        second.end(End::Restart);
        let third = begin();
        assert_eq!(
            (third.reason, third.pause),
            (Reason::Restart, Duration::ZERO)
        );
        third.end(End::Ended);
        fs::write(folder.path().join(NAME), "noise").unwrap();
        assert_eq!(begin().reason, Reason::First);
        let nowhere = folder.path().join("nowhere");
        Run::begin(&nowhere, false).end(End::Ended);
        assert!(!nowhere.exists());
    }

    #[test]
    fn noise_is_no_run() {
        for line in [
            "",
            "a",
            "a b c d",
            "a 1 2 slept",
            "a 1 2 ended more",
            "a -1 2 ended",
        ] {
            assert_eq!(Last::parse(line), None, "{line}");
        }
    }
}
