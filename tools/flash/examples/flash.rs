//! `atelier flash` without the rest of atelier: small to build, used by the tests that kill it.

use sfumato_flash::command::{Request, at_terminal, records};
use std::process::ExitCode;

fn main() -> ExitCode {
    let mut request = Request {
        records: records(),
        ..Request::default()
    };
    let mut paths = Vec::new();
    for word in std::env::args_os().skip(1) {
        match word.to_str() {
            Some("--yes") => request.yes = true,
            Some("--json") => request.json = true,
            Some("--file") => request.files = true,
            Some("--fresh") => request.fresh = true,
            Some("--no-bmap") => request.reading.no_bmap = true,
            Some("--leave-holes") => request.reading.leave_holes = true,
            _ => paths.push(word.into()),
        }
    }
    if paths.len() < 2 {
        eprintln!(
            "flash [--yes] [--json] [--file] [--fresh] [--no-bmap] [--leave-holes] IMAGE DEVICE…"
        );
        return ExitCode::FAILURE;
    }
    request.image = paths.remove(0);
    request.devices = paths;
    match at_terminal(&request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("flash: {error}");
            ExitCode::FAILURE
        }
    }
}
