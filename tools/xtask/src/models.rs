//! The face models: fetched, checked and converted by the program that knows them.

use crate::programs::Programs;
use crate::steps::{command, step};
use anyhow::{Context, Result};
use std::path::Path;
use xtask::prerequisites;

/// Checks what is needed, then fetches or takes the wheel.
pub fn run(wheel: Option<&Path>) -> Result<()> {
    if wheel.is_some() {
        prerequisites::ensure(&[prerequisites::BUILD])?;
    } else {
        prerequisites::ensure(&[prerequisites::BUILD, prerequisites::MODELS])?;
    }
    fetch(&Programs::build()?, wheel)
}

/// Fetches the models; quick when they are there already.
pub fn fetch(programs: &Programs, wheel: Option<&Path>) -> Result<()> {
    step("face models", || {
        let mut arguments = Vec::new();
        if let Some(wheel) = wheel {
            let wheel = wheel.to_str().context("the wheel's path is not UTF-8")?;
            arguments.extend(["--wheel", wheel]);
        }
        command(&programs.models, &arguments)
    })
}
