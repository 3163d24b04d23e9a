//! `docs/settings.md` is what the registry makes of itself.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use sfumato_settings::text::page;
use std::path::Path;

/// Set to write the page instead of comparing it.
const REWRITE: &str = "SFUMATO_REWRITE";

#[test]
fn the_page_of_all_settings_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    let mut made = String::new();
    page(&mut made).unwrap();
    if std::env::var_os(REWRITE).is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    // Where it was checked out with other line ends, it is still the page.
    let stale = found
        .lines()
        .zip(made.lines())
        .position(|(found, made)| found != made);
    assert!(
        stale.is_none() && found.lines().count() == made.lines().count(),
        "docs/settings.md is not what the registry says, from line {}: run {REWRITE}=1 cargo test \
         -p sfumato-settings --test page, look at the difference, commit it",
        stale.unwrap_or_else(|| found.lines().count().min(made.lines().count())) + 1,
    );
}
