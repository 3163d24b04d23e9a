//! The manifest: what a pack is and what is in it.

use crate::PackError;
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

/// The whole of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    pub manifest: Manifest,
    /// x, y, width, height in painting pixels.
    pub region: [u32; 4],
    /// The subject's right eye, then the left one.
    pub eyes: [EyeGeometry; 2],
    /// Width and height in region sides.
    pub mouth_size: [f32; 2],
}

/// Where an eye lies, in painting pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct EyeGeometry {
    pub rect: [u32; 4],
    pub iris_centre: [f32; 2],
    pub iris_radius: f32,
}

impl Document {
    /// Reads the document; an unknown format is told apart from damage.
    pub fn parse(json: &[u8]) -> Result<Document, PackError> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let damaged = |error: serde_json::Error| PackError::Manifest(error.to_string());
        let Format { format } = serde_json::from_slice(json).map_err(damaged)?;
        if format != FORMAT {
            return Err(PackError::Format {
                found: format,
                expected: FORMAT,
            });
        }
        serde_json::from_slice(json).map_err(damaged)
    }

    /// Writes the document, for people too.
    pub fn to_json(&self) -> Result<Vec<u8>, PackError> {
        let mut json = serde_json::to_vec_pretty(self)
            .map_err(|error| PackError::Manifest(error.to_string()))?;
        json.push(b'\n');
        Ok(json)
    }
}
