//! Who may depend on whom: the table in `docs/architecture.md`, read and compared.
//!
//! The table is the rule and Cargo's manifests are the fact. Ordinary and build dependencies
//! are held to it; test dependencies may reach further, except to the device binary.

use crate::workspace::Workspace;
use anyhow::{Result, bail};
use std::collections::{BTreeMap, BTreeSet};

/// One row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The package.
    pub package: String,
    /// Packages of this workspace that it may use.
    pub may_use: BTreeSet<String>,
    /// Foreign packages that only packages naming them here may use; `tract-*` is a prefix.
    pub keeps: BTreeSet<String>,
    /// Whether it must build for bare metal.
    pub bare_metal: bool,
}

const HEADING: &str = "| package | may use | keeps to itself | bare metal |";

/// Reads the table out of the page's text.
pub fn read_table(page: &str) -> Result<Vec<Row>> {
    let mut lines = page.lines().skip_while(|line| line.trim() != HEADING);
    if lines.next().is_none() {
        bail!("docs/architecture.md has no table that starts with `{HEADING}`");
    }
    let mut rows = Vec::new();
    for line in lines.skip(1).take_while(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [package, may_use, keeps, bare_metal] = cells[..] else {
            bail!("docs/architecture.md: this row has not four cells: {line}");
        };
        let package = names(package);
        let Some(package) = package.first().cloned() else {
            bail!("docs/architecture.md: this row names no `package`: {line}");
        };
        rows.push(Row {
            package,
            may_use: names(may_use),
            keeps: names(keeps),
            bare_metal: bare_metal == "yes",
        });
    }
    Ok(rows)
}

/// Everything between back-ticks.
fn names(cell: &str) -> BTreeSet<String> {
    cell.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => pattern == name,
    }
}

/// Compares the table with the manifests; each answer is one breach, in words.
pub fn breaches(rows: &[Row], workspace: &Workspace) -> Vec<String> {
    let table: BTreeMap<&str, &Row> = rows.iter().map(|r| (r.package.as_str(), r)).collect();
    let own: BTreeSet<&str> = workspace.own().map(|p| p.name.as_str()).collect();
    let mut breaches = Vec::new();
    for row in rows {
        if !own.contains(row.package.as_str()) {
            breaches.push(format!(
                "{} is in the table but not in the workspace",
                row.package
            ));
        }
    }
    for package in workspace.own() {
        let Some(row) = table.get(package.name.as_str()) else {
            breaches.push(format!(
                "{} is in the workspace but not in the table",
                package.name
            ));
            continue;
        };
        for dependency in &package.dependencies {
            let name = dependency.name.as_str();
            let test_only = dependency.kind.as_deref() == Some("dev");
            if own.contains(name) && !test_only && !row.may_use.contains(name) {
                breaches.push(format!("{} may not use {name}", package.name));
            }
            let keepers: Vec<&Row> = rows
                .iter()
                .filter(|r| r.keeps.iter().any(|pattern| matches(pattern, name)))
                .collect();
            if !keepers.is_empty() && !keepers.iter().any(|r| r.package == package.name) {
                breaches.push(format!(
                    "{} may not name {name}: that is for {} alone",
                    package.name, keepers[0].package
                ));
            }
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "\
# Page

| package | may use | keeps to itself | bare metal |
|---|---|---|---|
| `a` | nothing | | yes |
| `b` | `a` | `tract-*` | |

| another | table |
";

    fn workspace(json: &str) -> Workspace {
        let text =
            format!(r#"{{"workspace_root":"/","target_directory":"/target","packages":[{json}]}}"#);
        serde_json::from_str(&text).unwrap()
    }

    fn package(name: &str, dependencies: &[(&str, &str)]) -> String {
        let list: Vec<String> = dependencies
            .iter()
            .map(|(name, kind)| format!(r#"{{"name":"{name}","kind":{kind}}}"#))
            .collect();
        format!(
            r#"{{"name":"{name}","version":"1.0.0","license":null,"license_file":null,"source":null,"dependencies":[{}]}}"#,
            list.join(",")
        )
    }

    #[test]
    fn table_is_read_up_to_its_end() {
        let rows = read_table(PAGE).unwrap();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].bare_metal && rows[0].may_use.is_empty());
        assert!(rows[1].may_use.contains("a") && rows[1].keeps.contains("tract-*"));
        assert!(read_table("nothing here").is_err());
    }

    #[test]
    fn every_kind_of_breach_is_told() {
        let rows = read_table(PAGE).unwrap();
        let good = [package("a", &[]), package("b", &[("a", "null")])].join(",");
        assert_eq!(breaches(&rows, &workspace(&good)), Vec::<String>::new());

        let upward = [package("a", &[("b", "null")]), package("b", &[])].join(",");
        assert_eq!(breaches(&rows, &workspace(&upward)), ["a may not use b"]);

        let in_a_test = [package("a", &[("b", "\"dev\"")]), package("b", &[])].join(",");
        assert!(breaches(&rows, &workspace(&in_a_test)).is_empty());

        let foreign = [
            package("a", &[("tract-onnx", "\"dev\"")]),
            package("b", &[("tract-onnx", "null")]),
        ]
        .join(",");
        assert_eq!(
            breaches(&rows, &workspace(&foreign)),
            ["a may not name tract-onnx: that is for b alone"]
        );

        let missing = package("a", &[]);
        assert_eq!(
            breaches(&rows, &workspace(&missing)),
            ["b is in the table but not in the workspace"]
        );
        let unknown = [package("a", &[]), package("b", &[]), package("c", &[])].join(",");
        assert_eq!(
            breaches(&rows, &workspace(&unknown)),
            ["c is in the workspace but not in the table"]
        );
    }
}
