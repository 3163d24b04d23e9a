//! The table in `docs/architecture.md` holds.

// A test fails by panicking; the lint is for the device.
#![allow(clippy::unwrap_used)]

use xtask::architecture::{breaches, read_table};
use xtask::workspace::Workspace;

#[test]
fn manifests_keep_to_the_table() {
    let workspace = Workspace::members().unwrap();
    let page = workspace.workspace_root.join("docs/architecture.md");
    let rows = read_table(&std::fs::read_to_string(page).unwrap()).unwrap();
    let breaches = breaches(&rows, &workspace);
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}
