//! Who has a device open already: a login prompt on the portrait's port is the commonest trap.

use std::fs;
use std::path::Path;

/// Who holds a device, and what would help; none if nobody is seen to. Of other users' programs only root
/// sees anything.
pub fn of(path: &Path) -> Option<String> {
    let device = fs::canonicalize(path).ok()?;
    let own = std::process::id();
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let Some(number) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok())
        else {
            continue;
        };
        if number == own {
            continue;
        }
        let Ok(descriptors) = fs::read_dir(entry.path().join("fd")) else {
            continue;
        };
        let holds = descriptors
            .flatten()
            .any(|fd| fs::read_link(fd.path()).is_ok_and(|target| target == device));
        if holds {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            return Some(told(name.trim(), number, &device));
        }
    }
    None
}

fn told(name: &str, number: u32, device: &Path) -> String {
    let short = device.file_name().unwrap_or_default().to_string_lossy();
    if name.contains("getty") || name == "login" {
        return format!(
            "a login prompt ({name}, process {number}): systemctl mask --now serial-getty@{short}.service"
        );
    }
    format!("{name}, process {number}: end it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_prompt_is_named_with_the_cure() {
        let told = told("agetty", 12, Path::new("/dev/ttyTHS1"));
        assert!(
            told.contains("mask --now serial-getty@ttyTHS1.service"),
            "{told}"
        );
        // What this test itself has open is no reason to refuse.
        assert_eq!(of(Path::new("/dev/null-that-is-not-there")), None);
    }
}
