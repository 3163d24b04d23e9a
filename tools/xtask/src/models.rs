//! The face models: fetched, checked and converted by the package that knows them.

use crate::steps::{self, cargo, step};
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
    fetch(wheel)
}

/// Fetches the models; quick when they are there already.
pub fn fetch(wheel: Option<&Path>) -> Result<()> {
    step("face models", || {
        let mut arguments = vec!["run", "--quiet", "--package", "sfumato-models", "--"];
        if let Some(wheel) = wheel {
            arguments.extend(["--wheel", wheel.to_str().context("the wheel's path is not UTF-8")?]);
        }
        cargo(&arguments)
    })?;
    let _ = steps::root;
    Ok(())
}
