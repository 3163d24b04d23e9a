//! The project's front door: `cargo xtask demo`, `cargo xtask test`, `cargo xtask models`.

use anyhow::{Context, Result, bail};
use lexopt::prelude::*;
use std::path::PathBuf;
use std::process::ExitCode;
use xtask::HELP;

mod arm64;
mod clients;
mod demo;
mod fuzz;
mod image;
mod instructions;
mod kiosk;
mod models;
mod package;
mod programs;
mod runtime;
mod steps;
mod test;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut arguments = lexopt::Parser::from_env();
    let Some(first) = arguments.next()? else {
        print!("{HELP}");
        return Ok(());
    };
    let root = steps::root()?;
    std::env::set_current_dir(&root).context("cannot enter the project's folder")?;
    match first {
        Value(name) => match name.string()?.as_str() {
            "demo" => {
                let mut options = demo::Options::default();
                while let Some(argument) = arguments.next()? {
                    match argument {
                        Long("painting") => {
                            options.painting = Some(from_here(arguments.value()?.into())?);
                        }
                        Long("camera") => options.camera = Some(arguments.value()?.string()?),
                        Long("personality") => {
                            options.personality = Some(arguments.value()?.string()?);
                        }
                        Long("clip") => options.clip = true,
                        Long("help") | Short('h') => return help(),
                        other => return Err(other.unexpected().into()),
                    }
                }
                demo::run(&options)
            }
            "test" => {
                let mut steps = Vec::new();
                while let Some(argument) = arguments.next()? {
                    match argument {
                        Value(step) => steps.push(step.string()?),
                        Long("help") | Short('h') => return help(),
                        other => return Err(other.unexpected().into()),
                    }
                }
                test::run(&steps)
            }
            "models" => {
                let mut wheel = None;
                while let Some(argument) = arguments.next()? {
                    match argument {
                        Long("wheel") => wheel = Some(from_here(arguments.value()?.into())?),
                        Long("help") | Short('h') => return help(),
                        other => return Err(other.unexpected().into()),
                    }
                }
                models::run(wheel.as_deref())
            }
            "image" => {
                let mut options = image::Options::default();
                while let Some(argument) = arguments.next()? {
                    match argument {
                        Long("board") => options.board = Some(arguments.value()?.string()?),
                        Long("version") => options.version = Some(arguments.value()?.string()?),
                        Long("packages") => {
                            options.packages = Some(from_here(arguments.value()?.into())?);
                        }
                        Long("certificate") => {
                            options.certificate = Some(from_here(arguments.value()?.into())?);
                        }
                        Long("key") => options.key = Some(from_here(arguments.value()?.into())?),
                        Long("help") | Short('h') => return help(),
                        other => return Err(other.unexpected().into()),
                    }
                }
                image::run(&options)
            }
            "kiosk-test" => {
                let mut options = kiosk::Options::default();
                while let Some(argument) = arguments.next()? {
                    match argument {
                        Value(check) => options.names.push(check.string()?),
                        Long("board") => options.board = arguments.value()?.string()?,
                        Long("cuts") => options.cuts = arguments.value()?.parse()?,
                        Long("seed") => options.seed = arguments.value()?.parse()?,
                        Long("record") => options.record = true,
                        Long("packages") => {
                            options.packages = Some(from_here(arguments.value()?.into())?);
                        }
                        Long("help") | Short('h') => return help(),
                        other => return Err(other.unexpected().into()),
                    }
                }
                kiosk::run(&options)
            }
            "package" => {
                let mut options = package::Options::default();
                while let Some(argument) = arguments.next()? {
                    match argument {
                        Long("board") => options.board = Some(arguments.value()?.string()?),
                        Long("profile") => options.profile = Some(arguments.value()?.string()?),
                        Long("programs") => {
                            options.programs = Some(from_here(arguments.value()?.into())?);
                        }
                        Long("pack") => options.pack = Some(from_here(arguments.value()?.into())?),
                        Long("network") => {
                            options.network = Some(from_here(arguments.value()?.into())?);
                        }
                        Long("help") | Short('h') => return help(),
                        other => return Err(other.unexpected().into()),
                    }
                }
                package::make(&options).map(drop)
            }
            "licences" => test::licences(),
            "pictures" => demo::pictures(),
            "instructions" => instructions::record(),
            "help" => help(),
            other => bail!("there is no `{other}`\n\n{HELP}"),
        },
        Long("help") | Short('h') => help(),
        other => Err(other.unexpected().into()),
    }
}

fn help() -> Result<()> {
    print!("{HELP}");
    Ok(())
}

/// A path the user gave, who may stand in another folder than the project's.
fn from_here(path: PathBuf) -> Result<PathBuf> {
    let started_in = std::env::var_os("PWD").map(PathBuf::from);
    let path = match started_in {
        Some(folder) if path.is_relative() => folder.join(path),
        _ => path,
    };
    if !path.exists() {
        bail!("there is no file {}", path.display());
    }
    Ok(path)
}
