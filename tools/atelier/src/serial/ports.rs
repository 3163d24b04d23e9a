//! Which ports there are.

use anyhow::{Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// The only serial adapter that is plugged in.
pub fn only() -> Result<PathBuf> {
    pick(adapters(Path::new("/dev")))
}

fn pick(found: Vec<PathBuf>) -> Result<PathBuf> {
    match found.as_slice() {
        [port] => Ok(port.clone()),
        [] => bail!("no serial adapter is plugged in; name the port: atelier serial /dev/… status"),
        several => {
            let names: Vec<String> = several
                .iter()
                .map(|port| port.display().to_string())
                .collect();
            bail!(
                "there are {}; name one: atelier serial PORT status",
                names.join(", ")
            )
        }
    }
}

/// USB adapters, by the names that Linux gives them.
fn adapters(folder: &Path) -> Vec<PathBuf> {
    let is_adapter = |name: &str| name.starts_with("ttyUSB") || name.starts_with("ttyACM");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_adapter))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_taken_and_several_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let here = folder.path();
        assert!(
            pick(adapters(here))
                .unwrap_err()
                .to_string()
                .contains("name the port")
        );
        for name in ["ttyUSB0", "tty0", "ttyS0"] {
            fs::write(here.join(name), "").unwrap();
        }
        assert_eq!(pick(adapters(here)).unwrap(), here.join("ttyUSB0"));
        fs::write(here.join("ttyACM3"), "").unwrap();
        let error = pick(adapters(here)).unwrap_err().to_string();
        assert!(
            error.contains("ttyACM3, ") && error.contains("ttyUSB0"),
            "{error}"
        );
    }
}
