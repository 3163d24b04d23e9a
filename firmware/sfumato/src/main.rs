//! The device binary.

use clap::Parser;
use sfumato::counting::CountingAllocator;
use sfumato::options::{self, CommandLine, Installation};
use sfumato::privacy::Statement;
use sfumato_link::Restart;
use signal_hook::consts::{SIGINT, SIGTERM};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    match line.command {
        options::Command::Check(devices) => {
            let findings = sfumato::check::check(&devices);
            print!("{}", findings.table());
            if findings.all_work() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        options::Command::Privacy(devices) => match Installation::read(&devices) {
            Ok(installation) => {
                println!("{}", Statement(&installation));
                ExitCode::SUCCESS
            }
            Err(error) => {
                eprintln!("sfumato: {error}");
                ExitCode::FAILURE
            }
        },
        options::Command::Config => {
            print!("{}", options::config_file());
            ExitCode::SUCCESS
        }
        options::Command::Run(options) => {
            let result = stop_on_signals().and_then(|stop| sfumato::run::run(&options, &stop));
            match result {
                Ok(None) => ExitCode::SUCCESS,
                Ok(Some(what)) => start_anew(what),
                Err(error) => {
                    eprintln!("sfumato: {error:#}");
                    ExitCode::FAILURE
                }
            }
        }
    }
}

/// Starts the program or the board anew; comes back only if that fails.
fn start_anew(what: Restart) -> ExitCode {
    let error = match what {
        Restart::Program => {
            let program = std::env::current_exe().unwrap_or_else(|_| "sfumato".into());
            eprintln!("sfumato: starting anew, as asked over the serial line");
            // In place of this one, so that whoever watches over the process sees it go on.
            Command::new(program)
                .args(std::env::args_os().skip(1))
                .exec()
        }
        Restart::Board => {
            eprintln!("sfumato: the board starts anew, as asked over the serial line");
            match Command::new("systemctl").arg("reboot").status() {
                Ok(status) if status.success() => return ExitCode::SUCCESS,
                Ok(status) => std::io::Error::other(format!("systemctl reboot: {status}")),
                Err(error) => error,
            }
        }
    };
    eprintln!("sfumato: cannot start anew: {error}");
    ExitCode::FAILURE
}

/// The first signal asks for an orderly end, the second one ends at once.
fn stop_on_signals() -> anyhow::Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        signal_hook::flag::register_conditional_shutdown(signal, 1, Arc::clone(&stop))?;
        signal_hook::flag::register(signal, Arc::clone(&stop))?;
    }
    Ok(stop)
}
