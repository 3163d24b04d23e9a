//! Kernel modules: of Debian's four thousand, those a board names and what they need.
//!
//! What is not in the image cannot be loaded. No board names a network driver: this is half of the promise
//! that nothing leaves it.

use super::tools::Tool;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Modules of one kernel.
#[derive(Debug)]
pub struct Modules {
    /// The kernel's release, such as `6.1.0-50-amd64`.
    pub release: String,
    /// Those that were named and are not built into the kernel.
    pub wanted: Vec<String>,
    /// Files of those and of what they need, within the root.
    pub files: BTreeSet<PathBuf>,
}

impl Modules {
    /// The wanted ones, one a line.
    pub fn wanted_lines(&self) -> String {
        self.wanted.iter().map(|name| format!("{name}\n")).collect()
    }
}

/// The release of the root's only kernel.
pub fn release(root: &Path) -> Result<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join("lib/modules")).context("the root has no kernel")? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    match names.as_slice() {
        [only] => Ok(only.clone()),
        _ => bail!(
            "the root must have one kernel, and has: {}",
            names.join(", ")
        ),
    }
}

/// Finds modules and what they need.
pub fn find(root: &Path, names: &[String]) -> Result<Modules> {
    let release = release(root)?;
    let mut files = BTreeSet::new();
    let mut wanted = Vec::new();
    for name in names {
        let lines = Tool::new("modprobe")
            .args([
                "--set-version",
                &release,
                "--show-depends",
                "--ignore-install",
            ])
            .arg("--dirname")
            .arg(root)
            .arg(name)
            .output()
            .with_context(|| {
                format!("this kernel has no module {name:?}; take it from the board's list")
            })?;
        let mut loadable = false;
        for line in lines.lines() {
            let Some(path) = line.strip_prefix("insmod ") else {
                continue;
            };
            loadable = true;
            let path = path.split_whitespace().next().unwrap_or_default();
            let within = Path::new(path)
                .strip_prefix(root)
                .with_context(|| format!("modprobe names {path}, outside the root"))?;
            files.insert(within.to_owned());
        }
        if loadable {
            wanted.push(name.clone());
        }
    }
    Ok(Modules {
        release,
        wanted,
        files,
    })
}

/// Copies modules under another root and writes the tables by which they are found.
///
/// Compressed ones are unpacked: the initial RAM disk's modprobe reads plain ones alone.
pub fn lay_out(root: &Path, modules: &Modules, to: &Path) -> Result<()> {
    for file in &modules.files {
        let target = to.join(file);
        std::fs::create_dir_all(target.parent().context("a module without a folder")?)?;
        std::fs::copy(root.join(file), &target)
            .with_context(|| format!("cannot copy {}", file.display()))?;
        if target.extension().is_some_and(|ending| ending == "xz") {
            Tool::new("xz").arg("--decompress").arg(&target).run()?;
        }
    }
    let folder = Path::new("lib/modules").join(&modules.release);
    std::fs::create_dir_all(to.join(&folder))?;
    for table in [
        "modules.builtin",
        "modules.builtin.modinfo",
        "modules.order",
    ] {
        let table = folder.join(table);
        if root.join(&table).exists() {
            std::fs::copy(root.join(&table), to.join(&table))?;
        }
    }
    index(to, &modules.release)
}

/// Takes every other module out of a root.
pub fn keep_only(root: &Path, modules: &Modules) -> Result<()> {
    let folder = root.join("lib/modules").join(&modules.release);
    prune(root, &folder, &modules.files)?;
    index(root, &modules.release)
}

fn prune(root: &Path, folder: &Path, keep: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            prune(root, &path, keep)?;
            // Stays where something is in it.
            let _ = std::fs::remove_dir(&path);
        } else if path.to_string_lossy().contains(".ko") {
            let within = path.strip_prefix(root)?;
            if !keep.contains(within) {
                std::fs::remove_file(&path)?;
            }
        }
    }
    Ok(())
}

fn index(root: &Path, release: &str) -> Result<()> {
    Tool::new("depmod")
        .arg("--basedir")
        .arg(root)
        .arg(release)
        .run()
}
