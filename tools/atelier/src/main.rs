//! The host tool: prepares, previews and measures living paintings.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match atelier::run(atelier::Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("atelier: {error:#}");
            ExitCode::FAILURE
        }
    }
}
