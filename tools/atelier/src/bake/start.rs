//! What a bake begins with: the start that comes with the program, another, or nothing.

use anyhow::{Context, Result};
use sfumato_bake::generic::Generic;
use std::fmt;
use std::fs;
use std::path::PathBuf;

/// Learned by `atelier meta-train`; `models/README.md` says from what, and how it is made anew.
const SHIPPED: &[u8] = include_bytes!("../../../../models/starts/generic.start");

/// What a bake begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Start {
    /// The start that comes with the program.
    #[default]
    Shipped,
    /// Nothing: all is learned from this painting.
    Nothing,
    /// A start that somebody learned themselves.
    Own(PathBuf),
}

impl From<&str> for Start {
    fn from(text: &str) -> Start {
        match text {
            "generic" => Start::Shipped,
            "none" => Start::Nothing,
            path => Start::Own(path.into()),
        }
    }
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Start::Shipped => f.write_str("generic"),
            Start::Nothing => f.write_str("none"),
            Start::Own(path) => path.display().fmt(f),
        }
    }
}

impl Start {
    /// Reads it; none where a bake begins with nothing.
    pub fn read(&self) -> Result<Option<Generic>> {
        let bytes = match self {
            Start::Nothing => return Ok(None),
            Start::Shipped => SHIPPED.into(),
            Start::Own(path) => fs::read(path).with_context(|| {
                format!("{self} cannot be read; say a file, `generic` or `none`")
            })?,
        };
        let generic = Generic::decode(&bytes).with_context(|| self.to_string())?;
        Ok(Some(generic))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_that_comes_with_the_program_is_one() {
        let generic = Start::from("generic").read().unwrap().unwrap();
        assert!(generic.progress().0 > 0 && !generic.learned_from().is_empty());
        assert_eq!(Start::from("none").read().unwrap(), None);
    }

    #[test]
    fn a_file_that_is_none_is_told_of() {
        let error = Start::from("no/such.start").read().unwrap_err().to_string();
        assert!(
            error.contains("no/such.start") && error.contains("`none`"),
            "{error}"
        );
    }
}
