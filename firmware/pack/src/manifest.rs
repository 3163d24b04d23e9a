//! The manifest: what a pack is and what is in it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The format this program writes and reads.
pub const FORMAT: u32 = 1;

/// `manifest.json`, except for what [`crate::Pack`] keeps in the portrait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the pack's own layout.
    pub format: u32,
    /// The work's title, for people.
    pub title: String,
    /// What made the pack, name and version.
    pub made_by: String,
    /// sha256 of the source picture's file, lower-case hexadecimal; empty when unknown.
    pub source_sha256: String,
    /// Version of the rig's layout, for people; the rig checks itself.
    pub rig_format: u32,
    /// sha256 of every other entry by its name, lower-case hexadecimal. Filled in by `write`.
    #[serde(default)]
    pub entries: BTreeMap<String, String>,
}

impl Manifest {
    /// A manifest of the present format.
    pub fn new(title: &str) -> Manifest {
        Manifest {
            format: FORMAT,
            title: title.to_owned(),
            made_by: concat!("sfumato ", env!("CARGO_PKG_VERSION")).to_owned(),
            source_sha256: String::new(),
            rig_format: 1,
            entries: BTreeMap::new(),
        }
    }
}
