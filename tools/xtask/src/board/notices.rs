//! Whose work is built in, and under which licences: the texts that must go with a program.

use crate::workspace::{Package, Workspace, cargo};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Command;

/// Names that licence texts have.
const TEXTS: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

/// All foreign packages that `program` is built from for `target`, with their licences and the texts they ship; each
/// text once, in an order that depends on the texts alone.
pub fn notices(program: &str, target: &str, features: &str) -> Result<String> {
    let wanted = built_from(program, target, features)?;
    let workspace = Workspace::with_dependencies()?;
    let foreign = workspace.packages.iter().filter(|package| {
        package.source.is_some()
            && wanted.contains(&(package.name.clone(), package.version.clone()))
    });
    let mut list = BTreeSet::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in foreign {
        let name = format!("{} {}", package.name, package.version);
        let licence = package.license.as_deref().unwrap_or("see its text");
        list.insert(format!("{name}: {licence}"));
        for text in texts_of(package)? {
            texts.entry(text).or_default().insert(name.clone());
        }
    }
    let mut page = format!("Built into {program}, besides what is its own:\n\n");
    for line in list {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(page, "{line}");
    }
    for (text, packages) in texts {
        let packages: Vec<String> = packages.into_iter().collect();
        let _ = write!(
            page,
            "\n{}\n{}\n\n{text}",
            "=".repeat(78),
            packages.join(", ")
        );
    }
    Ok(page)
}

/// Names and versions, by Cargo.
fn built_from(program: &str, target: &str, features: &str) -> Result<BTreeSet<(String, String)>> {
    let output = Command::new(cargo())
        .args(["tree", "--locked", "--package", program, "--target", target])
        .args(["--features", features, "--edges", "normal"])
        .args(["--prefix", "none", "--format", "{p}"])
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!(
            "cargo tree failed:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let text = String::from_utf8(output.stdout).context("cargo tree printed no UTF-8")?;
    let lines = text.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let name = words.next()?.to_owned();
        let version = words.next()?.strip_prefix('v')?.to_owned();
        Some((name, version))
    });
    Ok(lines.collect())
}

/// The licence texts beside a package's manifest.
fn texts_of(package: &Package) -> Result<Vec<String>> {
    let Some(folder) = package.manifest_path.parent() else {
        return Ok(Vec::new());
    };
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)
        .with_context(|| format!("cannot look into {}", folder.display()))?
    {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let named = TEXTS
            .iter()
            .any(|text| name.to_uppercase().starts_with(text));
        if named && path.is_file() {
            let bytes = std::fs::read(&path)?;
            let text = String::from_utf8_lossy(&bytes).replace('\r', "");
            texts.push(format!("{}\n", text.trim_end()));
        }
    }
    Ok(texts)
}
