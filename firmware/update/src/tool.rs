//! Other programs, found on the path.

use crate::Error;
use std::ffi::OsStr;
use std::process::{Command, Stdio};

/// Runs a program to its end, without input.
pub(crate) fn run(name: &str, arguments: &[&OsStr]) -> Result<String, Error> {
    let failed = |reason: String| Error::Tool {
        name: name.to_owned(),
        reason,
    };
    let output = Command::new(name)
        .args(arguments)
        .stdin(Stdio::null())
        .env("LC_ALL", "C")
        .output()
        .map_err(|error| failed(format!("{error}; is it installed?")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(failed(said.trim().to_owned()))
}

/// How often systemd has started the show anew since the board's start; 0 where it cannot be asked, for nothing may be
/// given up on a guess.
pub(crate) fn ends_of_show() -> u32 {
    const QUESTION: [&str; 4] = ["show", "--value", "--property=NRestarts", "sfumato.service"];
    run("systemctl", &QUESTION.map(OsStr::new))
        .ok()
        .and_then(|answer| answer.trim().parse().ok())
        .unwrap_or(0)
}

/// Restarts the board, in order.
pub(crate) fn restart_board() -> Result<(), Error> {
    run("systemctl", &["reboot".as_ref()]).map(drop)
}
