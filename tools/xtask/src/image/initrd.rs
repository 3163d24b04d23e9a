//! The initial RAM disk: a shell, dm-verity and the drivers of disks; `board/common/initrd/init` is its program.
//!
//! An own one, of a few megabytes and the same bytes each time, since Debian's would carry the drivers of the
//! building machine, and all it has to do is to find one partition and to prove it.

use super::modules::{self, Modules};
use super::tools::{Tool, clear, set_times};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs taken from the root, with the libraries they load.
const PROGRAMS: [&str; 3] = ["bin/busybox", "sbin/veritysetup", "usr/bin/chattr"];

/// Where programs look for their loader, by the processors' binary interfaces.
const LOADERS: [&str; 2] = ["lib64/ld-linux-x86-64.so.2", "lib/ld-linux-aarch64.so.1"];

/// Builds it from a root's programs and modules. Returns its size in bytes.
///
/// `work` is emptied.
pub fn build(
    root: &Path,
    init: &Path,
    drivers: &Modules,
    epoch: u64,
    work: &Path,
    out: &Path,
) -> Result<u64> {
    clear(work)?;
    for program in PROGRAMS {
        for file in with_libraries(root, Path::new(program))? {
            copy(root, &file, work)?;
        }
    }
    modules::lay_out(root, drivers, work)?;
    std::fs::write(work.join("modules"), drivers.wanted_lines())?;
    std::fs::copy(init, work.join("init")).context("cannot copy the first program")?;
    std::fs::set_permissions(work.join("init"), std::fs::Permissions::from_mode(0o755))?;
    set_times(work, epoch)?;
    pack(work, out)?;
    Ok(std::fs::metadata(out)?.len())
}

/// One archive of everything in name order, without inode numbers and owners of this machine.
fn pack(work: &Path, out: &Path) -> Result<()> {
    let line = "find . -mindepth 1 -print0 | LC_ALL=C sort -z \
        | cpio --quiet -0 -o -H newc --reproducible --owner=0:0 | zstd -q -19 -T1 > \"$OUT\"";
    Tool::new("bash")
        .args(["-o", "pipefail", "-c", line])
        .env("OUT", out)
        .folder(work)
        .run()
}

/// A file of the root and all shared libraries it needs, by their paths within the root.
fn with_libraries(root: &Path, program: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open = vec![program.to_owned()];
    while let Some(file) = open.pop() {
        if !found.insert(file.clone()) {
            continue;
        }
        for needed in needed(&root.join(&file))? {
            open.push(library(root, &needed)?);
        }
    }
    Ok(found)
}

/// What an ELF file asks its loader for, the loader itself included.
fn needed(file: &Path) -> Result<Vec<String>> {
    let out = Command::new("readelf")
        .args(["--wide", "--dynamic", "--program-headers"])
        .arg(file)
        .env("LC_ALL", "C")
        .output()
        .context("cannot run readelf")?;
    if !out.status.success() {
        bail!("readelf cannot read {}", file.display());
    }
    let text = String::from_utf8_lossy(&out.stdout);
    let between = |line: &str, from: &str, to: char| {
        let (_, rest) = line.split_once(from)?;
        rest.split_once(to).map(|(name, _)| name.to_owned())
    };
    Ok(text
        .lines()
        .filter_map(|line| {
            between(line, "Shared library: [", ']').or_else(|| {
                let loader = between(line, "Requesting program interpreter: ", ']')?;
                Some(loader.rsplit('/').next()?.to_owned())
            })
        })
        .collect())
}

/// Where the root keeps a library.
fn library(root: &Path, name: &str) -> Result<PathBuf> {
    for folder in [
        "lib/x86_64-linux-gnu",
        "lib/aarch64-linux-gnu",
        "lib64",
        "lib",
    ] {
        for folder in [folder.to_owned(), format!("usr/{folder}")] {
            let path = Path::new(&folder).join(name);
            if root.join(&path).exists() {
                return Ok(path);
            }
        }
    }
    bail!("the root has no library {name}")
}

/// Copies a file under its own name; what a link points to is copied in its place.
fn copy(root: &Path, file: &Path, work: &Path) -> Result<()> {
    let to = work.join(file);
    let folder = to.parent().context("a file without a folder")?;
    std::fs::create_dir_all(folder)?;
    std::fs::copy(root.join(file), &to)
        .with_context(|| format!("cannot copy {} from the root", file.display()))?;
    // Programs ask for their loader by its old path.
    let old = LOADERS.iter().find(|old| {
        let name = Path::new(old).file_name();
        name == file.file_name()
    });
    if let Some(old) = old {
        let link = work.join(old);
        // It leads nowhere outside the RAM disk, so whether it exists is asked of itself.
        if link.symlink_metadata().is_err() {
            std::fs::create_dir_all(link.parent().context("a file without a folder")?)?;
            symlink(Path::new("/").join(file), link)?;
        }
    }
    Ok(())
}
