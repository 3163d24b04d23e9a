//! Which bundles this board takes.

use semver::Version;
use std::cmp::Ordering;

/// What a bundle says of itself; true only after its signature was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// The kind of board it is for.
    pub compatible: String,
    /// Version of the system in it.
    pub version: String,
}

/// What the board says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The kind of board it is.
    pub compatible: String,
    /// Whether an older version may follow a newer one.
    pub allow_downgrade: bool,
}

/// Why a bundle is not taken, with the cure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// For another board.
    #[error("the bundle is for {bundle}, this board is {board}; take the bundle made for {board}")]
    WrongBoard {
        /// What the bundle is for.
        bundle: String,
        /// What the board is.
        board: String,
    },
    /// Not a version.
    #[error(
        "the bundle's version {0} is none that can be compared; versions look like 1.2.3 (semver.org)"
    )]
    NoVersion(String),
    /// Older than what runs.
    #[error(
        "the bundle holds version {bundle}, older than {running}, which runs; a board takes an older one only if \
         its own file says allow_downgrade = true"
    )]
    Older {
        /// Version in the bundle.
        bundle: String,
        /// Version that runs.
        running: String,
    },
}

/// Whether the board takes the bundle while `running` runs. The same version may be installed again.
///
/// Versions are compared by Semantic Versioning: `0.9.0 < 0.10.0-rc.1 < 0.10.0`; what stands behind a `+` does not
/// count. Where the running version is none that can be compared, there is nothing to be older than.
///
/// # Errors
/// [`Refusal`], with the reason.
pub fn judge(bundle: &Bundle, rules: &Rules, running: Option<&str>) -> Result<(), Refusal> {
    if bundle.compatible != rules.compatible {
        return Err(Refusal::WrongBoard {
            bundle: bundle.compatible.clone(),
            board: rules.compatible.clone(),
        });
    }
    let no_version = || Refusal::NoVersion(bundle.version.clone());
    let new = Version::parse(&bundle.version).map_err(|_| no_version())?;
    // It will stand in a boot entry's title.
    if !crate::entry::is_version(&bundle.version) {
        return Err(no_version());
    }
    let old = running.and_then(|version| Version::parse(version).ok());
    match old {
        Some(old) if new.cmp_precedence(&old) == Ordering::Less && !rules.allow_downgrade => {
            Err(Refusal::Older {
                bundle: bundle.version.clone(),
                running: old.to_string(),
            })
        }
        _ => Ok(()),
    }
}

/// Which of two versions is the newer one; what is no version is older than any.
pub fn compare(one: &str, other: &str) -> Ordering {
    match (Version::parse(one).ok(), Version::parse(other).ok()) {
        (Some(one), Some(other)) => one.cmp_precedence(&other),
        (one, other) => one.is_some().cmp(&other.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn judged(version: &str, running: &str, allow_downgrade: bool) -> Result<(), Refusal> {
        let bundle = Bundle {
            compatible: "sfumato-sim".into(),
            version: version.into(),
        };
        let rules = Rules {
            compatible: "sfumato-sim".into(),
            allow_downgrade,
        };
        judge(&bundle, &rules, Some(running))
    }

    #[test]
    fn newer_and_the_same_are_taken() {
        assert_eq!(judged("0.10.0", "0.9.9", false), Ok(()));
        assert_eq!(judged("0.2.0", "0.2.0", false), Ok(()));
        assert_eq!(judged("0.2.0+later", "0.2.0", false), Ok(()));
        assert_eq!(judged("0.2.0", "0.2.0-rc.1", false), Ok(()));
        assert_eq!(judged("0.2.0", "unknown", false), Ok(()));
    }

    #[test]
    fn older_is_refused_unless_the_board_allows_it() {
        for old in ["0.1.9", "0.2.0-rc.1"] {
            let error = judged(old, "0.2.0", false).unwrap_err();
            assert!(error.to_string().contains("older than 0.2.0"), "{error}");
            assert_eq!(judged(old, "0.2.0", true), Ok(()));
        }
    }

    #[test]
    fn another_board_is_refused_in_words() {
        let bundle = Bundle {
            compatible: "sfumato-jetson".into(),
            version: "9.0.0".into(),
        };
        let rules = Rules {
            compatible: "sfumato-sim".into(),
            allow_downgrade: true,
        };
        let error = judge(&bundle, &rules, None).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("take the bundle made for sfumato-sim"),
            "{error}"
        );
    }

    #[test]
    fn what_is_no_version_is_refused() {
        for version in ["", "1", "1.2", "v1.2.3", "1.2.3 x", "1.2.3\nx"] {
            assert!(
                matches!(judged(version, "0.1.0", true), Err(Refusal::NoVersion(_))),
                "{version}"
            );
        }
    }

    proptest! {
        #[test]
        fn of_two_versions_one_may_follow_the_other(a in "[0-3]\\.[0-3]\\.[0-3](-rc\\.[0-3])?", b in "[0-3]\\.[0-3]\\.[0-3](-rc\\.[0-3])?") {
            let (up, down) = (judged(&b, &a, false), judged(&a, &b, false));
            prop_assert_eq!(up.is_ok() && down.is_ok(), compare(&a, &b) == Ordering::Equal);
            prop_assert!(up.is_ok() || down.is_ok());
        }
    }
}
