//! Fetches, checks and converts the face models; see the library.

use clap::Parser;
use sfumato_models::{Options, default_folder, ensure};
use std::path::PathBuf;
use std::process::ExitCode;

/// Fetches the face models, checks and converts them into the cache.
#[derive(Parser)]
#[command(name = "sfumato-models")]
struct Arguments {
    /// Take them out of this wheel of mediapipe 0.10.14 instead of fetching it.
    #[arg(long, value_name = "FILE")]
    wheel: Option<PathBuf>,
    /// Where they go instead of the cache.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Make them again even if they are there.
    #[arg(long)]
    again: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let options = Options {
        wheel: arguments.wheel,
        folder: arguments.folder.unwrap_or_else(default_folder),
        again: arguments.again,
    };
    match ensure(&options, &mut |step| eprintln!("models: {step}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("models: {error}");
            ExitCode::FAILURE
        }
    }
}
