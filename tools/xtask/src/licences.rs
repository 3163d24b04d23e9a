//! Licences of everything the project is built from, held to the list in `deny.toml`.
//!
//! `cargo deny` checks more (advisories, sources) but takes minutes to install; this runs
//! always, on what Cargo knows.

use crate::workspace::Workspace;
use anyhow::{Context, Result};

/// Reads the allowed licences and exceptions out of `deny.toml`'s text.
pub fn read_policy(text: &str) -> Result<Policy> {
    #[derive(serde::Deserialize)]
    struct File {
        licenses: Licenses,
    }
    #[derive(serde::Deserialize)]
    struct Licenses {
        allow: Vec<String>,
    }
    let file: File = toml::from_str(text).context("deny.toml cannot be read")?;
    let mut allow = Vec::new();
    for name in file.licenses.allow {
        allow.push(
            spdx::Licensee::parse(&name)
                .with_context(|| format!("deny.toml: `{name}` is not an SPDX licence"))?,
        );
    }
    Ok(Policy { allow })
}

/// Which licences may be built in.
#[derive(Debug)]
pub struct Policy {
    allow: Vec<spdx::Licensee>,
}

impl Policy {
    /// Why the expression is not acceptable; none when it is.
    pub fn objection(&self, license: Option<&str>) -> Option<String> {
        let Some(text) = license else {
            return Some("states no licence".into());
        };
        match spdx::Expression::parse_mode(text, spdx::ParseMode::LAX) {
            Err(error) => Some(format!("`{text}` cannot be read: {}", error.reason)),
            Ok(expression) => {
                let fine = expression
                    .evaluate(|wanted| self.allow.iter().any(|have| have.satisfies(wanted)));
                (!fine).then(|| format!("`{text}` is not on the list in deny.toml"))
            }
        }
    }

    /// Every foreign package with a licence that is not acceptable, in words.
    pub fn objections(&self, workspace: &Workspace) -> Vec<String> {
        workspace
            .packages
            .iter()
            .filter(|package| package.source.is_some())
            .filter_map(|package| {
                let why = self.objection(package.license.as_deref())?;
                Some(format!("{} {}: {why}", package.name, package.version))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_weighed() {
        let policy = read_policy("[licenses]\nallow = [\"MIT\", \"Apache-2.0\"]").unwrap();
        assert_eq!(policy.objection(Some("MIT OR GPL-3.0-only")), None);
        assert_eq!(policy.objection(Some("MIT/Apache-2.0")), None);
        assert!(policy.objection(Some("MIT AND GPL-3.0-only")).is_some());
        assert!(policy.objection(Some("GPL-3.0-only")).is_some());
        assert!(policy.objection(None).is_some());
        assert!(policy.objection(Some("surely free")).is_some());
        assert!(read_policy("[licenses]\nallow = [\"surely free\"]").is_err());
    }
}
