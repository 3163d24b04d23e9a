//! The device binary.

use clap::Parser;
use sfumato::counting::CountingAllocator;
use sfumato::options::{Command, CommandLine};
use signal_hook::consts::{SIGINT, SIGTERM};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

fn main() -> ExitCode {
    let line = CommandLine::parse();
    match line.command {
        Command::Check(devices) => {
            let findings = sfumato::check::check(&devices);
            print!("{}", findings.table());
            if findings.all_work() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Command::Run(options) => {
            let result = stop_on_signals().and_then(|stop| sfumato::run::run(&options, &stop));
            match result {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => {
                    eprintln!("sfumato: {error:#}");
                    ExitCode::FAILURE
                }
            }
        }
    }
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
